"""The words that illustrations understand."""

from enum import StrEnum

from ttv_illustrations.palette import NAMED, Hour


class Place(StrEnum):
    """Where a scene plays; each has its painter."""

    MOUNTAINS = "mountains"
    FOREST = "forest"
    SEA = "sea"
    LAKE = "lake"
    DESERT = "desert"
    FIELD = "field"
    AERIAL = "aerial"
    CITY = "city"
    STREET = "street"
    ROOM = "room"
    PARTY = "party"
    LAB = "lab"
    TRAIN = "train"
    SPACE = "space"
    UNDERWATER = "underwater"
    STILL_LIFE = "still life"
    SET = "set"


class Near(StrEnum):
    """How near the camera is."""

    CLOSE = "close"
    MEDIUM = "medium"
    WIDE = "wide"


PLACES: tuple[tuple[Place, str], ...] = (
    (
        Place.AERIAL,
        r"aerial|birds? eye|(?<!\w )flying over|camera flying over|we fly over|top down view"
        "|satellite view|drone (?:shot|footage|view|flight)|archipelago",
    ),
    (Place.UNDERWATER, "underwater|coral|reef|seabed|ocean floor|aquarium|submarine|scuba|jellyfish|deep sea"),
    (
        Place.SPACE,
        "space|galaxy|planet|nebula|astronaut|spaceship|starship|spacecraft|moon surface|lunar|mars"
        "|cosmos|cosmic|orbit|asteroid|interstellar|alien world",
    ),
    (Place.DESERT, "desert|dunes?|sahara|oasis|canyon|badlands|mesa|arid|wasteland"),
    (
        Place.SEA,
        "sea|ocean|beach|coast|coastline|seaside|coastal|waves?|surf|surfer|surfing|harbou?r|island|bay"
        "|cliffs of|lagoon|shoreline|pier",
    ),
    (Place.LAKE, "lake|river|pond|stream|waterfall|riverbank|fjord|creek|swamp|canal|boat"),
    (
        Place.MOUNTAINS,
        "mountains?|mountainous|mountaintop|peaks?|alps|alpine|cliff|summit|hiker|hiking|ridge|volcano"
        "|glacier|himalayas?|valley|hilltop",
    ),
    (
        Place.PARTY,
        "party|parties|club|nightclub|disco|concert|stage|festival|ballroom|wedding|theat(?:er|re)|bar"
        "|pub|circus|carnival",
    ),
    (
        Place.LAB,
        "lab|laboratory|control room|server room|cockpit|bridge of|spaceship interior|factory|hangar"
        "|data ?cent(?:er|re)|workshop",
    ),
    (Place.TRAIN, "train|subway|metro|tram|bus interior|inside a bus|carriage|locomotive|railway|train station"),
    (
        Place.STREET,
        "street|streets|alley|market|marketplace|bazaar|sidewalk|downtown|boulevard|crosswalk|food stall"
        "|old town|village|town",
    ),
    (
        Place.CITY,
        "city|skyline|skyscrapers?|rooftops?|cityscape|metropolis|urban|manhattan|tokyo|new york|paris"
        "|london|shanghai|hong kong|buildings",
    ),
    (
        Place.STILL_LIFE,
        "bowl|lemons?|fruits?|still life|plate of|vase|bouquet|cup of|mug|tabletop|dessert|cake|pizza"
        "|burger|sushi|teapot|candle|product shot|perfume|wristwatch|chess",
    ),
    (
        Place.ROOM,
        "kitchen|room|house|home|bedroom|living room|classroom|office|gym|library|studio|cafe|restaurant"
        "|hallway|corridor|museum|hospital|indoors?|interior|apartment|bathroom|school|church|bakery|shop"
        "|store|sofa|couch|fireplace|chalkboard|garage|castle hall",
    ),
    (Place.FOREST, "forest|woods|woodland|jungle|rainforest|grove|redwoods?|bamboo"),
    (
        Place.FIELD,
        "field|fields|meadow|farm|farmland|savannah?|prairie|grassland|plains?|park|garden|countryside"
        "|pasture|vineyard|orchard|sunflowers?|lawn|hills?|playground|golf",
    ),
)
"""Words that name a place; the first in the prompt counts."""

HINTS: tuple[tuple[Place, str], ...] = (
    (Place.AERIAL, "clouds|planes?|airplanes?|airliner|aircraft|jets?|hot air balloons?|airship"),
    (Place.FOREST, "trees?|pines?|leaves|fox|wolf|wolves|deer|bear|mushrooms?|fairy"),
    (
        Place.FIELD,
        "grass|flowers?|horses?|cows?|sheep|barn|tractor|butterfly|lion|elephant|giraffe|zebra|picnic|dog"
        "|rabbit|bunny|road|highway|cars?|truck|windmill",
    ),
    (Place.SEA, "boats?|ship|sailboat|sailing|dolphins?|whales?|seagulls?|pirates?|lighthouse|sand"),
    (Place.MOUNTAINS, "snow|snowy|eagle|dragon|castle|climber|skier|skiing|snowboarder|dragons?"),
    (Place.STREET, "traffic|taxi|motorcycle|bus|shops?|umbrellas?"),
    (Place.CITY, "cyberpunk|neon|futuristic"),
    (Place.LAB, "robots?|android|machine|hologram|holographic|computer"),
    (Place.ROOM, "table|window|wine|cats?|kittens?|mouse|cooking|cooks?|chef|bed|desk|lamp|noodles|coffee|piano"),
    (Place.PARTY, "dancing|dances?|singer|singing|band|dj|guitar"),
)
"""Words that suggest a place where none is named."""

HOURS: tuple[tuple[Hour, str], ...] = (
    (Hour.NEON, "neon|cyberpunk|synthwave|vaporwave|blade runner|nightclub|disco"),
    (Hour.STORM, "storms?|stormy|thunder|thunderstorm|lightning|hurricane|tornado|apocalyptic"),
    (Hour.SUNSET, "sunsets?|sun sets|setting sun|golden hour|golden light|evening sun|late afternoon|fiery"),
    (Hour.DAWN, "dawn|sunrise|morning|daybreak|early light"),
    (Hour.DUSK, "dusk|twilight|blue hour|evening|nightfall"),
    (
        Hour.NIGHT,
        "night|nights|midnight|moonlit|moonlight|moon|starry|stars|nighttime|dimly lit|darkness"
        "|in the dark|dark (?:room|sky|forest|street|alley|sci fi|night|cave|castle)|eerie|campfire"
        "|fireflies|spooky|haunted|candlelight",
    ),
    (
        Hour.OVERCAST,
        "overcast|cloudy|mist|misty|fog|foggy|rain|rainy|raining|gr[ae]y sky|gloomy|drizzle|haze|hazy|bleak",
    ),
    (
        Hour.DAY,
        "sunny|daylight|noon|midday|day|afternoon|bright|blue sky|clear sky|summer|natural light|natural lighting",
    ),
)
"""Words that name an hour or its light."""

UNTOLD_HOURS = (Hour.DAY, Hour.DAY, Hour.DAWN, Hour.SUNSET, Hour.DUSK, Hour.OVERCAST)
"""What the seed chooses from where the prompt names no hour."""

SUBJECTS: tuple[tuple[str, str], ...] = (
    ("couple", "couple|lovers|a man and a woman|man and woman|bride|newlyweds|two people|pair of"),
    (
        "crowd",
        "friends|crowd|people|group of|family|children|kids|dancers|soldiers|team|musicians|villagers|students|band",
    ),
    ("cyclist", "cyclist|bicycle|bike|biking|cycling|bmx"),
    ("rider", "rider|horseback|cowboy|jockey|rides a horse|riding a horse|knight"),
    ("robot", "robots?|android|humanoid|cyborg|mech|droid"),
    ("astronaut", "astronauts?|cosmonaut|spaceman"),
    ("cat", "cats?|kittens?|tabby"),
    ("mouse", "mouse|mice|rat|hamster|squirrel"),
    ("wolf", "wol(?:f|ves)|husky|coyote"),
    ("dog", "dogs?|pupp(?:y|ies)|retriever|corgi|terrier|poodle|dachshund|labrador"),
    ("fox", "fox|foxes|lynx|red panda"),
    ("raccoon", "raccoons?|badgers?|otters?"),
    ("lion", "lions?"),
    ("tiger", "tigers?|lioness|leopards?|panthers?|cheetahs?|jaguars?"),
    ("horse", "horses?|ponies|pony|unicorns?|stallion|donkey"),
    ("zebra", "zebras?"),
    ("deer", "deer|stag|moose|elk|antelope|gazelle|giraffes?"),
    ("elephant", "elephants?|mammoth|rhino|hippo"),
    ("bear", "bears?|panda|gorilla"),
    ("cow", "cows?|bulls?|cattle|sheep|goats?|buffalo|bison"),
    ("rabbit", "rabbits?|bunny|bunnies|hare"),
    ("bird", "birds?|eagles?|hawk|owl|seagulls?|flock|crane|ravens?|crows?|parrot|pigeons?|dragon"),
    ("fish", "fish|fishes|sharks?|whales?|dolphins?|goldfish|turtles?"),
    ("truck", "trucks?|vans?|bus|buses|lorry|tractor"),
    ("car", "cars?|suv|suvs|taxi|vehicle|vehicles|automobile|jeep|convertible|sedan|race car"),
    ("plane", "planes?|airplanes?|aircraft|jets?|airliner"),
    ("rocket", "rockets?|spaceships?|starships?|spacecraft|space shuttle"),
    ("balloon", "hot air balloons?|balloons?|airship|zeppelin"),
    ("boat", "boats?|sailboats?|ships?|yacht|canoe|kayak|ferry|sailing"),
    (
        "person",
        "man|woman|men|women|girl|boy|person|lady|gentleman|hiker|child|kid|dancer|musician|saxophonist"
        "|chef|king|queen|princess|warrior|samurai|detective|farmer|surfer|skier|climber|runner|player"
        "|singer|teacher|student|artist|he|she|his|her|him|they|wizard|witch|monk|soldier|skateboarder"
        "|scientist|doctor|athlete|guy|figure|silhouette|traveler|traveller|wanderer|worker|fisherman"
        "|explorer|pirate|ninja|barista|painter|grandmother|grandfather|mother|father|smith|dj|conductor"
        "|driver|pilot|drummer|pianist|waiter|bartender|nurse|officer|policeman|boxer|gymnast|ballerina"
        "|skateboards?|skateboarding|holding|smiles|laughs|writes|slips|high fiving|jogs|sings|meditates|skater"
        "|swimmer|diver|businessman|model|actor|actress|baby|toddler|teenager|viking|priest",
    ),
)
"""Words for who and what is seen, by the kind that is painted."""

WITH_PEOPLE = {"couple", "crowd", "cyclist", "rider"}
"""Kinds that are people already."""

PEOPLE = {*WITH_PEOPLE, "robot", "astronaut", "person"}
"""Kinds of which a scene shows one."""

NUMBERS = {
    "two": 2,
    "pair of": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "several": 4,
    "many": 5,
    "herd of": 5,
    "flock of": 7,
}
"""How many a word before a subject means."""

CLOSE = (
    "close ?ups?|macro|portrait|extreme close|face|headshot|eyes wide|detailed view|chews"
    r"|wearing \w+ sunglasses"
)
WIDE = (
    "wide|aerial|establishing|vast|panoramic|panorama|lone|landscape|horizon|distant|epic|far away"
    "|tiny|expansive|majestic"
)
"""Words for how near the camera is; neither means medium."""

COLOR = "|".join(NAMED)
"""Any color word."""

CLOTHES = (
    "(?:shirt|t shirt|dress|jacket|coat|shorts|blazer|suit|sweater|hoodie|gown|robe|cloak|uniform|top|jersey|scarf"
    "|jumper|vest|cape)"
)
"""What people wear in a color."""

BACKDROPS = "background|backdrop|sky|skies|wall|walls"
"""What lies behind everything."""

"""What a prompt shows: place, hour, weather, who is in it and how near. Read from its words, else from the seed."""

import re
from dataclasses import dataclass
from enum import StrEnum

from ttv_dagster.engines.card.palette import NAMED, Colour, Hour
from ttv_dagster.engines.words import dice, plain_words


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


@dataclass(frozen=True, slots=True)
class Subject:
    """Someone or something in the scene: its kind (``person``, ``dog``, ``car``) and how many."""

    kind: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """What a prompt shows.

    Attributes:
        words: The words of the prompt, as `plain_words` gives them.
        place: Where it is.
        hour: When it is.
        near: How near the camera is.
        subjects: Who and what is in it, the most important first.
        colours: The colours that the prompt names, in its order.
        backdrop: The colour that it names for the sky, the wall or the background.
    """

    words: str
    place: Place
    hour: Hour
    near: Near
    subjects: tuple[Subject, ...]
    colours: tuple[Colour, ...]
    backdrop: Colour | None

    def says(self, *words: str) -> bool:
        """Whether the prompt has one of these words or phrases."""
        return any(f" {word} " in self.words for word in words)


_PLACES: tuple[tuple[Place, str], ...] = (
    (Place.AERIAL, "aerial|birds eye|flying over|top down view|satellite view|drone (?:shot|footage|view|flight)|archipelago"),
    (Place.UNDERWATER, "underwater|coral|reef|seabed|ocean floor|aquarium|submarine|scuba|jellyfish|deep sea"),
    (Place.SPACE, "space|galaxy|planet|nebula|astronaut|spaceship|starship|spacecraft|moon surface|lunar|mars|cosmos"
                  "|cosmic|orbit|asteroid|interstellar|alien world"),
    (Place.DESERT, "desert|dunes?|sahara|oasis|canyon|badlands|mesa|arid|wasteland"),
    (Place.SEA, "sea|ocean|beach|coast|coastline|seaside|waves?|surf|surfer|surfing|harbou?r|island|bay|cliffs of|lagoon|shoreline|pier"),
    (Place.LAKE, "lake|river|pond|stream|waterfall|riverbank|fjord|creek|swamp|canal|boat"),
    (Place.MOUNTAINS, "mountains?|mountainous|mountaintop|peaks?|alps|alpine|cliff|summit|hiker|hiking|ridge|volcano|glacier|himalayas?|valley|hilltop"),
    (Place.PARTY, "party|parties|club|nightclub|disco|concert|stage|festival|ballroom|wedding|theat(?:er|re)|bar|pub|circus|carnival"),
    (Place.LAB, "lab|laboratory|control room|server room|cockpit|bridge of|spaceship interior|factory|hangar|data ?cent(?:er|re)|workshop"),
    (Place.TRAIN, "train|subway|metro|tram|bus interior|inside a bus|carriage|locomotive|railway|train station"),
    (Place.STREET, "street|streets|alley|market|marketplace|bazaar|sidewalk|downtown|boulevard|crosswalk|food stall|old town|village|town"),
    (Place.CITY, "city|skyline|skyscrapers?|rooftops?|cityscape|metropolis|urban|manhattan|tokyo|new york|paris|london|shanghai|hong kong|buildings"),
    (Place.STILL_LIFE, "bowl|lemons?|fruits?|still life|plate of|vase|bouquet|cup of|mug|tabletop|dessert|cake|pizza|burger|sushi|teapot"
                       "|candle|product shot|perfume|wristwatch|chess"),
    (Place.ROOM, "kitchen|room|house|home|bedroom|living room|classroom|office|gym|library|studio|cafe|restaurant"
                 "|hallway|corridor|museum|hospital|indoors?|interior|apartment|bathroom|school|church|bakery|shop|store"
                 "|sofa|couch|fireplace|chalkboard|garage|castle hall"),
    (Place.FOREST, "forest|woods|woodland|jungle|rainforest|grove|redwoods?|bamboo"),
    (Place.FIELD, "field|fields|meadow|farm|farmland|savannah?|prairie|grassland|plains?|park|garden|countryside|pasture"
                  "|vineyard|orchard|sunflowers?|lawn|hills?|playground|golf"),
)  # fmt: skip

_HINTS: tuple[tuple[Place, str], ...] = (
    (Place.FOREST, "trees?|pines?|leaves|fox|deer|bear|mushrooms?|fairy"),
    (Place.FIELD, "grass|flowers?|horses?|cows?|sheep|barn|tractor|butterfly|lion|elephant|giraffe|zebra|picnic|dog|rabbit|bunny"),
    (Place.SEA, "boats?|ship|sailboat|sailing|dolphins?|whales?|seagulls?|pirates?|lighthouse|sand"),
    (Place.MOUNTAINS, "snow|snowy|eagle|dragon|castle|climber|skier|skiing|snowboarder"),
    (Place.STREET, "cars?|road|highway|traffic|taxi|motorcycle|bus|shops?|umbrella"),
    (Place.CITY, "cyberpunk|neon|futuristic"),
    (Place.LAB, "robots?|android|machine|hologram|holographic|computer"),
    (Place.ROOM, "table|window|wine|cooking|cooks?|chef|bed|desk|lamp|noodles|coffee|piano"),
    (Place.PARTY, "dancing|dances?|singer|singing|band|dj|guitar"),
)  # fmt: skip

_HOURS: tuple[tuple[Hour, str], ...] = (
    (Hour.NEON, "neon|cyberpunk|synthwave|vaporwave|blade runner|nightclub|disco"),
    (Hour.STORM, "storms?|stormy|thunder|thunderstorm|lightning|hurricane|tornado|apocalyptic"),
    (Hour.SUNSET, "sunsets?|sun sets|setting sun|golden hour|golden light|evening sun|late afternoon|fiery"),
    (Hour.DAWN, "dawn|sunrise|morning|daybreak|early light"),
    (Hour.DUSK, "dusk|twilight|blue hour|evening|nightfall"),
    (Hour.NIGHT, "night|nights|midnight|moonlit|moonlight|moon|starry|stars|nighttime|dimly lit|darkness|in the dark|dark (?:room|sky|forest|street|alley|sci fi|night|cave|castle)|eerie|campfire"
                 "|fireflies|spooky|haunted|candlelight"),
    (Hour.OVERCAST, "overcast|cloudy|mist|misty|fog|foggy|rain|rainy|raining|gr[ae]y sky|gloomy|drizzle|haze|hazy|bleak"),
    (Hour.DAY, "sunny|daylight|noon|midday|day|afternoon|bright|blue sky|clear sky|summer|natural light|natural lighting"),
)  # fmt: skip

_UNTOLD_HOURS = (Hour.DAY, Hour.DAY, Hour.DAWN, Hour.SUNSET, Hour.DUSK, Hour.OVERCAST)

_SUBJECTS: tuple[tuple[str, str], ...] = (
    ("couple", "couple|lovers|a man and a woman|man and woman|bride|newlyweds|two people|pair of"),
    ("crowd", "friends|crowd|people|group of|family|children|kids|dancers|soldiers|team|musicians|villagers|students|band"),
    ("cyclist", "cyclist|bicycle|bike|biking|cycling|bmx"),
    ("rider", "rider|horseback|cowboy|jockey|rides a horse|riding a horse|knight"),
    ("robot", "robots?|android|humanoid|cyborg|mech|droid"),
    ("astronaut", "astronauts?|cosmonaut|spaceman"),
    ("cat", "cats?|kittens?|tabby|milo"),
    ("mouse", "mouse|mice|rat|hamster|pip|squirrel"),
    ("dog", "dogs?|pupp(?:y|ies)|wol(?:f|ves)|husky|retriever|corgi"),
    ("fox", "fox|foxes|raccoon|red panda|lynx"),
    ("lion", "lions?|lioness|tigers?|leopard|panther|cheetah"),
    ("horse", "horses?|ponies|pony|unicorn|stallion|zebras?|donkey"),
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
    ("person", "man|woman|men|women|girl|boy|person|lady|gentleman|hiker|child|kid|dancer|musician|saxophonist|chef|king|queen"
               "|princess|warrior|samurai|detective|farmer|surfer|skier|climber|runner|player|singer|teacher|student|artist"
               "|he|she|his|her|him|they|wizard|witch|monk|soldier|skateboarder|scientist|doctor|athlete|guy|figure|silhouette"
               "|traveler|traveller|wanderer|worker|fisherman|explorer|pirate|ninja|barista|painter|grandmother|grandfather|smith"),
)  # fmt: skip

_WITH_PEOPLE = {"couple", "crowd", "cyclist", "rider"}
_PEOPLE = {*_WITH_PEOPLE, "robot", "astronaut", "person"}

_NUMBERS = {"two": 2, "pair of": 2, "three": 3, "four": 4, "five": 5, "several": 4, "many": 5, "herd of": 5, "flock of": 7}

_CLOSE = "close ?ups?|macro|portrait|extreme close|face|headshot|eyes wide|detailed view|chews|wearing \\w+ sunglasses"
_WIDE = "wide|aerial|establishing|vast|panoramic|panorama|lone|landscape|horizon|distant|epic|far away|tiny|expansive|majestic"
_BACKDROPS = "background|backdrop|sky|skies|wall|walls"


def _first(words: str, table: tuple[tuple[str, str], ...]) -> list[str]:
    """The keys of a table whose words occur, the one that occurs first first."""
    found = [
        (match.start(), key) for key, pattern in table if (match := re.search(rf" (?:{pattern})(?= )", words))
    ]
    return [key for _, key in sorted(found)]


def _subjects(words: str) -> tuple[Subject, ...]:
    kinds = _first(words, _SUBJECTS)
    if set(kinds) & _WITH_PEOPLE:
        kinds = [kind for kind in kinds if kind != "person"]
    if "rider" in kinds:
        kinds = [kind for kind in kinds if kind != "horse"]
    people = [kind for kind in kinds if kind in _PEOPLE]
    chosen = [kind for kind in kinds if kind == people[:1] or kind not in people][:2]
    if people and people[0] not in chosen:
        chosen = [people[0], *chosen[:1]]
    patterns = dict(_SUBJECTS)
    return tuple(Subject(kind, _count(words, patterns[kind])) for kind in chosen)


def _count(words: str, pattern: str) -> int:
    """How many of a subject there are: the number word shortly before it, else one."""
    found = re.search(rf" ({'|'.join(_NUMBERS)})(?: \\w+){{0,2}} (?:{pattern})(?= )", words)
    return _NUMBERS[found[1]] if found else 1


def read_scene(prompt: str, seed: int) -> Scene:
    """What the prompt shows; what its words leave open follows from the seed."""
    words = plain_words(prompt)
    random = dice(seed, prompt, "scene")
    subjects = _subjects(words)
    places = _first(words, _PLACES) or _first(words, _HINTS)
    hours = _first(words, _HOURS)
    untold = _UNTOLD_HOURS[int(random.integers(len(_UNTOLD_HOURS)))]
    if re.search(rf" (?:{_CLOSE})(?= )", words):
        near = Near.CLOSE
    else:
        near = Near.WIDE if re.search(rf" (?:{_WIDE})(?= )", words) else Near.MEDIUM
    backdrop = re.search(rf" ({'|'.join(NAMED)})(?: colou?red)?(?: \w+)? (?:{_BACKDROPS})(?= )", words)
    return Scene(
        words=words,
        place=Place(places[0]) if places else Place.SET,
        hour=Hour(hours[0]) if hours else untold,
        near=near,
        subjects=subjects,
        colours=tuple(NAMED[word] for word in words.split() if word in NAMED),
        backdrop=NAMED[backdrop[1]] if backdrop else None,
    )

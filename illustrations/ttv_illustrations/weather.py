"""What is in the air, in front of everything."""

from ttv_illustrations.canvas import Canvas
from ttv_illustrations.palette import Light, mix
from ttv_illustrations.scene import Scene
from ttv_illustrations.vocabulary import Place

_INDOORS = {Place.ROOM, Place.PARTY, Place.LAB, Place.TRAIN, Place.STILL_LIFE, Place.SPACE, Place.UNDERWATER}


def weather(c: Canvas, scene: Scene, light: Light) -> None:
    """Snow, rain, mist and sparks, where the prompt speaks of them."""
    if scene.place in _INDOORS:
        return
    if scene.says("mist|misty|fog|foggy|haze|hazy|steam"):
        for level in (0.52, 0.66, 0.8):
            for _ in range(3):
                c.glow(
                    c.between(0, c.w),
                    level * c.h,
                    c.u * c.between(0.5, 1.0),
                    mix(light.sky[2], (255, 255, 255), 0.2),
                    0.6,
                    0.2,
                )
    if scene.says("snow|snowy|snowing|snowfall|blizzard|winter|wintry"):
        for _ in range(150):
            near = c.between(0, 1) ** 3
            c.disc(
                c.between(0, c.w),
                c.between(0, c.h),
                c.u * (0.0022 + 0.008 * near),
                (255, 255, 255),
                alpha=0.5 + 0.4 * near,
            )
    if scene.says("rain|raining|rainy|storm|stormy|downpour|drizzle|thunderstorm"):
        for _ in range(150):
            x, y, long = c.between(-0.1, 1.05) * c.w, c.between(-0.1, 1) * c.h, c.u * c.between(0.04, 0.11)
            wide = c.u * 0.0018
            c.polygon(
                [(x, y), (x + wide, y), (x - long * 0.22 + wide, y + long), (x - long * 0.22, y + long)],
                mix(light.sky[2], (255, 255, 255), 0.5),
                alpha=0.42,
            )
    if scene.says("fireflies|magical|magic|fairy|enchanted|sparks|embers|glowing|lanterns"):
        for _ in range(46):
            x, y, size = c.between(0, c.w), c.between(0.25, 0.95) * c.h, c.u * c.between(0.002, 0.005)
            c.glow(x, y, size * 7, (255, 216, 120), 0.6)
            c.disc(x, y, size, (255, 246, 206))

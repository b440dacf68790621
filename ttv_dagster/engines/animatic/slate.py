"""The slate: the strip below the image that says what is seen, and when in the shot."""

from fractions import Fraction

from anyascii import anyascii
from PIL import Image, ImageDraw, ImageFont

_SHARE = 0.075
_MIN_SIDE = 160
"""A frame with a shorter side has no slate: it could not be read."""

_ONE_ROW = 16
"""Widths of the slate's height from which everything stands in one row."""

_GROUND = (14, 14, 15)
_TRACK = (58, 58, 60)
_LINE = (240, 236, 228)
_TEXT = (236, 233, 226)
_QUIET = (142, 141, 138)

_MAX_TICKS = 120
_MAX_CHARACTERS = 400
"""More of a prompt than this fits no slate."""


def slate_height(width: int, height: int) -> int:
    """Pixels that the slate takes from the bottom of a frame; 0 where the frame is too small for one."""
    if min(width, height) < _MIN_SIDE:
        return 0
    return 2 * round(_SHARE * height / 2)


def timecode(frame: int, fps: Fraction) -> str:
    """Minutes, seconds and frames of the second, from the start of the shot: ``00:03:12``."""
    second = frame // fps
    within = frame - -(-second * fps // 1)
    return f"{second // 60:02d}:{second % 60:02d}:{within:02d}"


class Slate:
    """The slate of one clip."""

    def __init__(
        self, *, prompt: str, labels: tuple[str, str, str], frames: int, fps: Fraction, size: tuple[int, int]
    ) -> None:
        """Lay the slate out.

        Args:
            prompt: Any text; as much of it is shown as fits, in ASCII.
            labels: The engine, the camera move and the seed.
            frames: Frames of the clip.
            fps: Frames per second.
            size: Width and height of the slate, in pixels.
        """
        self._frames, self._fps = frames, fps
        self._width, height = size
        self._line = max(2, height // 18)
        one_row = self._width >= _ONE_ROW * height
        text = 0.40 * height if one_row else min(0.27 * height, self._width / 22)
        self._font = ImageFont.load_default(max(text, 6))
        self._small = ImageFont.load_default(max(0.74 * text, 6))
        self._spacing = 0.09 * max(0.74 * text, 6)
        self._edge = round(0.9 * text)
        gap = 1.6 * text
        open_rows = height - self._line
        first = self._line + open_rows * (0.5 if one_row else 0.33)
        second = first if one_row else self._line + open_rows * 0.70

        self._still = Image.new("RGB", size, _GROUND)
        draw = ImageDraw.Draw(self._still)
        self._clock = (self._width - self._edge, round(second))
        right = self._width - self._edge - self._font.getlength(timecode(frames - 1, fps)) - gap
        engine, move, seed = (label.upper() for label in labels)
        if one_row:
            left = self._edge + self._caps(draw, (self._edge, first), engine) + gap
            for label in (seed, move):
                right -= self._caps(None, (0, 0), label)
                self._caps(draw, (right, second), label)
                right -= gap
        else:
            at = float(self._edge)
            for label in (engine, move, seed):
                if at + self._caps(None, (0, 0), label) < right:
                    at += self._caps(draw, (at, second), label) + gap
            left, right = self._edge, self._width - self._edge
        shown = self._fitting(prompt, right - left)
        draw.text((left, first), shown, font=self._font, fill=_TEXT, anchor="lm")
        self._ruler(draw, 1.0, _TRACK)

    def draw(self, frame: int) -> Image.Image:
        """The slate at a frame, an RGB image."""
        slate = self._still.copy()
        draw = ImageDraw.Draw(slate)
        draw.text(self._clock, timecode(frame, self._fps), font=self._font, fill=_TEXT, anchor="rm")
        self._ruler(draw, frame / (self._frames - 1) if self._frames > 1 else 1.0, _LINE)
        return slate

    def _ruler(self, draw: ImageDraw.ImageDraw, until: float, color: tuple[int, int, int]) -> None:
        """The line along the top edge that grows with the shot, notched at every second."""
        end = round(until * self._width)
        if end:
            draw.rectangle((0, 0, end - 1, self._line - 1), fill=color)
        seconds = int(self._frames / self._fps)
        if seconds <= _MAX_TICKS:
            for second in range(1, seconds + 1):
                x = round(second * self._fps / self._frames * self._width)
                draw.rectangle((x - 1, 0, x, self._line - 1), fill=_GROUND)

    def _caps(self, draw: ImageDraw.ImageDraw | None, at: tuple[float, float], label: str) -> float:
        """Write spaced capitals from `at` (left, middle), if there is something to draw on; how wide they are."""
        x = at[0]
        for letter in label:
            if draw is not None:
                draw.text((x, at[1]), letter, font=self._small, fill=_QUIET, anchor="lm")
            x += self._small.getlength(letter) + self._spacing
        return x - at[0]

    def _fitting(self, prompt: str, width: float) -> str:
        """As much of the prompt as `width` holds, in the letters that the font has."""
        text = anyascii(prompt[:_MAX_CHARACTERS])
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MAX_CHARACTERS]
        if len(prompt) <= _MAX_CHARACTERS and self._font.getlength(text) <= width:
            return text
        fits = 0
        for step in (256, 128, 64, 32, 16, 8, 4, 2, 1):
            if self._font.getlength(text[: fits + step] + "\N{HORIZONTAL ELLIPSIS}") <= width:
                fits += step
        return f"{text[:fits].rstrip(' ,.;:')}\N{HORIZONTAL ELLIPSIS}" if fits else ""

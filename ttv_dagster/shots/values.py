"""One value read as it was meant, whether it came from a spreadsheet, an editor or a program.

Each reader takes what a file has (text, a number, a boolean, nothing) and returns the value of a field, or raises
what `refuse` makes. Reading what a reader gave gives it again, so a shot survives every way of writing it down.
"""

import math
import re
import sys
import unicodedata
from collections.abc import Callable
from fractions import Fraction

from pydantic_core import PydanticCustomError

from ttv_dagster.shots.names import NAME_RULE, is_shot_id, slug
from ttv_dagster.shots.problems import shown

Scalar = str | int | float | bool | None

LONGEST_PROMPT = 10_000
LONGEST_PATH = 4_096
LONGEST_LABEL = 200
MAX_PARAMS = 32
FASTEST_RATE = 240
PARAM_NAME_RULE = "letters, digits and '_', not starting with a digit, at most 100 of them"

_WHOLE = re.compile(r"([+-]?\d{1,18})(?:\.0*)?", re.ASCII)
_RATE = re.compile(r"(\d{1,9})(?:\.(\d{1,20})|\s*/\s*(\d{1,9}))?", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:\d{1,18}\.\d{0,30}|\.\d{1,30}|\d{1,18}(?=[eE]))(?:[eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,18})", re.ASCII)
_PARAM = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TRUTHS = {
    "true": True, "yes": True, "y": True, "on": True, "1": True,
    "false": False, "no": False, "n": False, "off": False, "0": False,
}  # fmt: skip
_NTSC = tuple(Fraction(nominal * 1000, 1001) for nominal in (24, 30, 48, 60, 120))
_FINEST_RATE = 1_000_000
_EXACT_FLOAT = 2**53
_RATE_RULE = f"frames per second above 0 and at most {FASTEST_RATE}, such as 24, 23.976 or 24000/1001"
_TRUTH_RULE = "true or false"
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def refuse(message: str, hint: str) -> PydanticCustomError:
    """Return the error for an invalid value, in the words of a `Problem`."""
    return PydanticCustomError("problem", "{message}; {hint}", {"message": message, "hint": hint})


def is_blank(value: object) -> bool:
    """Return whether a value is missing: no value, or only white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def _whole_of(value: object) -> int | None:
    """Return the whole number that `value` is; None if it is not one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    match = _WHOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match[1]) if match else None


def whole(minimum: int, maximum: int) -> Callable[[object], int | None]:
    """Return a reader of whole numbers in those bounds: `24`, `24.0` and `"24.0"` are 24, nothing is None."""
    hint = f"a whole number from {minimum} to {maximum}"

    def read(value: object) -> int | None:
        if is_blank(value):
            return None
        number = _whole_of(value)
        if number is None or not minimum <= number <= maximum:
            raise refuse(f"is {shown(value)}", hint)
        return number

    return read


def rate(value: object) -> Fraction | None:
    """Return exact frames per second. A rounded NTSC rate (23.976, 23.98, 29.97, 59.94) is its fraction."""
    if is_blank(value):
        return None
    number = _rate_of(value)
    if number is None or not 0 < number <= FASTEST_RATE:
        raise refuse(f"is {shown(value)}", _RATE_RULE)
    if number.denominator > _FINEST_RATE:
        raise refuse(f"is {shown(value)}, too fine a rate", "at most six decimals, or a fraction such as 24000/1001")
    return number


def _rate_of(value: object) -> Fraction | None:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    match = _RATE.fullmatch(str(value).strip()) if isinstance(value, str | float) else None
    if match is None:
        return None
    above, decimals, below = match.groups()
    if below is not None:
        return Fraction(int(above), int(below)) if int(below) else None
    decimals = (decimals or "").rstrip("0")
    number = Fraction(f"{above}.{decimals}") if decimals else Fraction(int(above))
    # Beyond nine decimals a float is noise.
    places = min(len(decimals), 9)
    meant = (ntsc for ntsc in _NTSC if places >= 2 and round(ntsc, places) == round(number, places))
    return next(meant, number)


def truth(value: object) -> bool:
    """Return true or false as people write it: `TRUE`, `yes`, `1`; nothing is false."""
    if isinstance(value, bool):
        return value
    if is_blank(value):
        return False
    if isinstance(value, str) and (meant := _TRUTHS.get(value.strip().lower())) is not None:
        return meant
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    raise refuse(f"is {shown(value)}", _TRUTH_RULE)


def _text(value: object, longest: int) -> str:
    """Return plain text without white space around it. A whole number becomes its digits."""
    if isinstance(value, str):
        return _sound(value.strip(), longest)
    number = _whole_of(value)
    if number is None or number.bit_length() > 64:
        raise refuse(f"is {shown(value)}", "text")
    return str(number)


def _sound(text: str, longest: int) -> str:
    if len(text) > longest:
        raise refuse(f"has {len(text):,} characters", f"at most {longest:,} characters")
    if not text.isascii() and _SURROGATE.search(text):
        raise refuse("contains half of a character (a lone surrogate)", "whole characters")
    if "\0" in text:
        raise refuse("contains a NUL character", "text without it")
    return text


def optional_prompt(value: object) -> str:
    """Return a prompt that may be empty; the end of a line is one character, whichever system wrote it."""
    if is_blank(value):
        return ""
    text = _text(value, LONGEST_PROMPT)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def prompt(value: object) -> str:
    """Return a prompt: plain text, kept as it is whatever it looks like, and not empty."""
    text = optional_prompt(value)
    if not text[:1].isalnum() and all(unicodedata.category(char) in _UNSEEN for char in text):
        raise refuse("is empty", "say what the shot shows")
    return text


def shot_id(value: object) -> str:
    """Return the id of a shot."""
    text = "" if value is None else _text(value, LONGEST_PROMPT)
    if is_shot_id(text):
        return text
    near = slug(text)
    raise refuse(f"is {shown(text)}", f"{NAME_RULE}, such as {near}" if near else NAME_RULE)


def label(value: object) -> str | None:
    """Return one short line, such as the name of an engine; nothing is None."""
    if is_blank(value):
        return None
    text = _text(value, LONGEST_LABEL)
    if not text.isprintable():
        raise refuse(f"is {shown(text)}", "one line of plain characters")
    return text


def path(value: object) -> str | None:
    """Return the path of a file, as written; nothing is None."""
    if is_blank(value):
        return None
    if not isinstance(value, str):
        raise refuse(f"is {shown(value)}", "the path of an image")
    text = _text(value, LONGEST_PATH)
    if _CONTROL.search(text):
        raise refuse(f"is {shown(text)}", "the path of an image, in one line")
    return text


def params(value: object) -> object:
    """Return the mapping of an engine's own parameters; nothing is an empty one."""
    if is_blank(value):
        return {}
    if not isinstance(value, dict):
        raise refuse(f"is {shown(value)}", "a mapping of the engine's parameters, such as {steps: 30}")
    if len(value) > MAX_PARAMS:
        raise refuse(f"has {len(value):,} parameters", f"at most {MAX_PARAMS}")
    return value


def is_param_name(text: str) -> bool:
    """Return whether `text` can name an engine's parameter."""
    return _PARAM.fullmatch(text) is not None


def param_name(value: object) -> str:
    """Return the name of an engine's parameter."""
    if isinstance(value, str) and is_param_name(value):
        # The same few names come with every shot of a set.
        return sys.intern(str(value))
    raise refuse("is not a valid parameter name", PARAM_NAME_RULE)


def param(value: object) -> Scalar:
    """Return the value of an engine's parameter: text, a number, a boolean or nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _sound(value, LONGEST_PROMPT)
    if isinstance(value, float) and math.isfinite(value):
        # 5.0 and 5 are one number, and must give one render key.
        return int(value) if value.is_integer() and abs(value) < _EXACT_FLOAT else value
    if isinstance(value, int) and value.bit_length() < 64:
        return value
    raise refuse(f"is {shown(value)}", "text, a number, true or false")


def untyped(text: str) -> Scalar:
    """Return what bare text in a cell or an unquoted YAML value stands for: nothing, a boolean, a number, or itself."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text) and (integer := int(text)).bit_length() < 64:
        return integer
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text

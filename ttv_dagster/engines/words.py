"""What the words of a prompt and its seed decide, the same on every machine and in every process."""

import hashlib
import re

import numpy as np
from anyascii import anyascii

MAX_CHARACTERS = 10_000
"""Words further into a prompt than this decide nothing."""

_APOSTROPHES = re.compile(r"['`]")
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


def plain_words(prompt: str) -> str:
    """The words of a prompt in lower-case ASCII, one space before, between and after: ``" a birds eye view "``."""
    ascii_text = anyascii(prompt[:MAX_CHARACTERS]).lower()
    return f" {_NOT_WORDS.sub(' ', _APOSTROPHES.sub('', ascii_text)).strip()} "


def seeded_rng(seed: int, prompt: str, purpose: str) -> np.random.Generator:
    """Random numbers that follow from the seed, the prompt and what they are for."""
    digest = hashlib.sha256(f"{purpose}\n{seed}\n{prompt}".encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))

"""Letters and digits in one width, so that patterns need one form; punctuation stays as it is printed and quoted."""

from __future__ import annotations

import re

_HALF = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_HALF |= dict.fromkeys((0x00A0, 0x3000, 0x2002, 0x2003), 0x20)
_HALF |= dict.fromkeys((0x200B, 0xFEFF))
_ANY = re.compile("[" + "".join(map(chr, _HALF)) + "]")
"""Most texts hold none of them, and translating is slow."""


def half(text: str) -> str:
    """`text` with half-width letters, digits and blanks, invisible characters gone."""
    return text.translate(_HALF) if _ANY.search(text) else text


_BLANK = re.compile(r"\s+")


def line(text: str) -> str:
    """`half` on one line without outer blanks."""
    return _BLANK.sub(" ", half(text)).strip()

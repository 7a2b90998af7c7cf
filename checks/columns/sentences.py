"""How much of two texts is the same, told by their sentences."""

from __future__ import annotations

import re
import zlib
from collections import Counter

SKETCH = 6

_END = re.compile(r"[。！？；]")
_SHORTEST = 10


def sentences(text: str) -> list[str]:
    """The sentences of running text, without blanks; menus, titles and cut-off previews have none."""
    return [
        sentence
        for line in text.splitlines()
        if "。" in line and not line.endswith(("...", "…"))
        for part in _END.split(line)
        if len(sentence := "".join(part.split())) >= _SHORTEST
    ]


def sketch(parts: list[str]) -> tuple[int, ...]:
    """A few sentences that stand for the text: texts that share most sentences share most of these."""
    return tuple(sorted({zlib.crc32(part.encode("utf-8", "replace")) for part in parts})[:SKETCH])


def alike(one: list[str], other: list[str]) -> float:
    """The share of characters, 0..1, that stand in sentences of both."""
    a, b = Counter(one), Counter(other)
    whole = sum(map(len, one)) + sum(map(len, other))
    return 2 * sum(len(part) * count for part, count in (a & b).items()) / whole if whole else 0.0


def same_years(one: str, other: str) -> bool:
    """Whether two texts name the same years: the notice of last year with this year's dates is a new notice."""
    return set(_YEAR.findall(one)) == set(_YEAR.findall(other))


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

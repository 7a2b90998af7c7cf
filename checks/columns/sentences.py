"""How much of two texts is the same, told by their sentences."""

from __future__ import annotations

import re
from collections import Counter

from isal import isal_zlib

SKETCH = 6

_END = "。"
_OTHER_ENDS = "！？；"
_SHORTEST = 10


def sentences(text: str) -> list[str]:
    """The sentences of running text, without blanks; menus, titles and cut-off previews have none."""
    prose = [line for line in text.splitlines() if _END in line and not line.endswith(("...", "…"))]
    running = "".join(_END.join(prose).split())
    for mark in _OTHER_ENDS:
        running = running.replace(mark, _END)
    return [sentence for sentence in running.split(_END) if len(sentence) >= _SHORTEST]


def sketch(parts: list[str]) -> tuple[int, ...]:
    """A few sentences that stand for the text: texts that share most sentences share most of these."""
    if not parts:
        return ()
    # A sentence has no blanks: all are encoded at once.
    written = "\n".join(parts).encode("utf-8", "replace").split(b"\n")
    return tuple(sorted(set(map(isal_zlib.crc32, written)))[:SKETCH])


def alike(one: list[str], other: list[str]) -> float:
    """The share of characters, 0..1, that stand in sentences of both."""
    a, b = Counter(one), Counter(other)
    whole = sum(map(len, one)) + sum(map(len, other))
    return 2 * sum(len(part) * count for part, count in (a & b).items()) / whole if whole else 0.0


def same_years(one: str, other: str) -> bool:
    """Whether two texts name the same years: the notice of last year with this year's dates is a new notice."""
    return set(_YEAR.findall(one)) == set(_YEAR.findall(other))


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

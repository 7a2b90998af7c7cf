"""How alike two characters are, by sound and by shape."""

from __future__ import annotations

import os
from functools import cache

from checks.wording.lexicon import rows

SHAPE_ALIKE = 0.6


@cache
def sounds(char: str) -> frozenset[str]:
    """Every reading of a character without tones; empty when it has none."""
    # Its phrases take 40 MB and 0.4 s to load, and single characters do not need them.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")
    from pypinyin import Style, pinyin

    readings = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    return frozenset(readings[0] if readings else ())


@cache
def _shapes() -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for row in rows("similar-shapes.tsv"):
        table[row["char"]] = {pair[0]: float(pair[1:]) for pair in row["similar"].split()}
    return table


def shape_likeness(one: str, other: str) -> float:
    """Likeness of two printed characters, 0..1; 0 below the table's floor of 0.55."""
    table = _shapes()
    return max(table.get(one, {}).get(other, 0.0), table.get(other, {}).get(one, 0.0))


@cache
def alike(one: str, other: str) -> bool:
    """Whether one is easily written for the other: same or near sound, or like shape."""
    if shape_likeness(one, other) >= SHAPE_ALIKE:
        return True
    return any(_near(a, b) for a in sounds(one) for b in sounds(other))


def _near(one: str, other: str) -> bool:
    """Same syllable, or differing only in what southern speakers merge: zh/z, ch/c, sh/s, n/l, -ng/-n."""
    return merged(one) == merged(other)


@cache
def merged(sound: str) -> str:
    for pair, single in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if sound.startswith(pair):
            sound = single + sound[2:]
    if sound.startswith("l"):
        sound = "n" + sound[1:]
    return sound[:-1] if sound.endswith("ng") else sound

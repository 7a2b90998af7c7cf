"""Derives checks/vocabulary/formula-contexts.tsv from the n-gram counts: python -m bench.wording.derive_formula_contexts

For every place of a formula it lists the characters that official text itself writes there often: a formula
with such a character put in, or put in place of another, is another phrase and no slip. Run it again
whenever formulas.tsv or ngrams-official.npz changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import rjieba

from checks.wording.formulas import Formula, listed_formulas
from checks.wording.lexicon import VOCABULARY

EVERYTHING_FITS = 12
OFTEN = 300


class Counts:
    """The n-grams of the table: which characters come between, before and after others."""

    def __init__(self) -> None:
        table = np.load(VOCABULARY / "ngrams-official.npz")
        self.chars = str(table["vocab"])
        self.ids = {char: number for number, char in enumerate(self.chars, 1)}
        self.keys = {n: np.cumsum(table[f"gap{n}"].astype(np.int64)) for n in range(1, 6)}
        self.logs = {n: table[f"log{n}"] for n in range(1, 6)}

    def key(self, text: str) -> int:
        key = 0
        for char in text:
            key = key << 12 | self.ids.get(char, 0)
        return key

    def seen(self, text: str) -> bool:
        keys, key = self.keys[len(text)], self.key(text)
        at = int(np.searchsorted(keys, key))
        return at < len(keys) and int(keys[at]) == key

    def often(self, text: str) -> bool:
        keys, key = self.keys[len(text)], self.key(text)
        at = int(np.searchsorted(keys, key))
        return at < len(keys) and int(keys[at]) == key and 2 ** (int(self.logs[len(text)][at]) / 8) >= OFTEN

    def after(self, text: str) -> set[str]:
        keys, key = self.keys[len(text) + 1], self.key(text) << 12
        first, last = np.searchsorted(keys, [key, key + 4096])
        return {self.chars[int(k & 4095) - 1] for k in keys[first:last] if k & 4095}

    def before(self, text: str) -> set[str]:
        keys, bits = self.keys[len(text) + 1], 12 * len(text)
        found = keys[(keys & ((1 << bits) - 1)) == self.key(text)] >> bits
        return {self.chars[int(k) - 1] for k in found if k}

    def between(self, left: str, right: str) -> set[str]:
        first, last = np.searchsorted(self.keys[3], [self.key(left) << 24, (self.key(left) + 1) << 24])
        keys = self.keys[3][first:last]
        found = (keys[(keys & 4095) == self.key(right)] >> 12) & 4095
        return {self.chars[int(k) - 1] for k in found if k}


def is_han(char: str) -> bool:
    return "一" <= char <= "鿿"


def stands_alone(formula: Formula, rest: str, edge: int) -> bool:
    """Whether a formula without its first or last character is still a phrase (安全生产责任, 发展理念)."""
    parts = rjieba.cut(rest, hmm=False)
    if formula.strict:
        return all(len(part) > 1 for part in parts)
    return len(parts[edge]) > 1 or len(formula.text) < 5


def contexts(formula: Formula, counts: Counts) -> Iterator[tuple[str, int, str]]:
    """Yield (edit, place, characters that are right there); "*" when nearly everything fits."""
    text, last = formula.text, len(formula.text) - 1

    def line(edit: str, place: int, chars: set[str], own: str) -> tuple[str, int, str]:
        chars = {char for char in chars if char not in own and char.strip()}
        if edit in ("before", "after"):
            first = edit == "before"
            always = formula.strict and not chars and counts.often(text[:5] if first else text[-5:])
            alone = not always and stands_alone(formula, text[1:] if first else text[:-1], 0 if first else -1)
            return edit, place, "*" * (alone or len(chars) > EVERYTHING_FITS) + "".join(sorted(chars))
        return edit, place, "".join(sorted(char for char in chars if is_han(char)))

    yield line("before", 0, counts.before(text[1:5]), text[0])
    yield line("after", last, counts.after(text[-5:-1]), text[-1])
    for at in range(1, last):
        if is_han(text[at]):
            yield line("replace", at, counts.between(text[at - 1], text[at + 1]), text[at])
            short = text[:at] + text[at + 1 :]
            first = max(0, min(at - 2, len(short) - 5))
            if counts.seen(short[first : first + 5]):
                yield "drop", at, "*"
    for at in range(1, last + 1):
        yield line("add", at, counts.between(text[at - 1], text[at]), "")
    for at in range(last):
        joint = text[max(0, at - 1) : at] + text[at + 1] + text[at] + text[at + 2 : at + 3]
        if len(joint) == 4 and counts.seen(joint):
            yield "swap", at, "*"
    if counts.seen(text[0] + text[:2]):
        yield "double", 0, "*"
    if counts.seen(text[-2:] + text[-1]):
        yield "double", last, "*"


def main() -> None:
    counts = Counts()
    with (VOCABULARY / "formula-contexts.tsv").open("w", encoding="utf-8") as out:
        out.write("id\tedit\tplace\tchars\n")
        for formula in listed_formulas():
            for edit, place, chars in contexts(formula, counts):
                if chars:
                    out.write(f"{formula.id}\t{edit}\t{place}\t{chars}\n")


if __name__ == "__main__":
    main()

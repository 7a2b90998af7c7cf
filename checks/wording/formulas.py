"""Layer "formula": fixed names and phrases written with exactly one slip.

A slip is one character added, dropped or replaced, or two neighbours swapped. Dropped and swapped
forms are a finite list. A replaced or added character leaves one half of the phrase whole: the half
is found, the rest is compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.lexicon import rows, words
from checks.wording.likeness import alike
from checks.wording.passage import Hit, Passage

_NUMERALS = frozenset("一二三四五六七八九十两")
_SOFT = frozenset("的和与及等新大最更总了")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A standard wording. `strict`: any slip is reported, else a replaced character must be look- or sound-alike."""

    id: str
    text: str
    category: str
    severity: Severity
    strict: bool


def listed_formulas() -> list[Formula]:
    """The rows of formulas.tsv."""
    return [
        Formula(
            id=row["id"],
            text=row["text"],
            category=row["category"],
            severity=Severity(row["severity"]),
            strict=row["mode"] == "any",
        )
        for row in rows("formulas.tsv")
    ]


class Formulas:
    """Finds near misses of the listed formulas."""

    def __init__(self, formulas: list[Formula]) -> None:
        self._formulas = formulas
        self._standard = AhoCorasick([formula.text for formula in formulas])
        self._lookalikes = list(words("formula-lookalikes.txt"))
        known = set(self._lookalikes) | {formula.text for formula in formulas}
        self._known = AhoCorasick([word for word in known])
        self._slips: dict[str, tuple[int, str]] = {}
        pieces: dict[str, list[tuple[int, int]]] = {}
        for index, formula in enumerate(formulas):
            text = formula.text
            for at in range(1, len(text) - 1):
                if not _is_han(text[at]):
                    continue
                self._slips.setdefault(text[:at] + text[at + 1 :], (index, "drop"))
            for at in range(len(text) - 1):
                if text[at] != text[at + 1] and _is_han(text[at]) and _is_han(text[at + 1]):
                    self._slips.setdefault(
                        text[:at] + text[at + 1] + text[at] + text[at + 2 :], (index, "swap")
                    )
            half = len(text) // 2
            pieces.setdefault(text[:half], []).append((index, 0))
            pieces.setdefault(text[half:], []).append((index, half))
        for word in known:
            self._slips.pop(word, None)
        self._slip_words = list(self._slips)
        self._slip_automaton = AhoCorasick(self._slip_words)
        self._pieces = list(pieces.values())
        self._piece_automaton = AhoCorasick(list(pieces))

    def hits(self, passage: Passage) -> list[Hit]:
        text = passage.text
        found: list[tuple[int, int, int, str]] = []
        for number, start, end in self._slip_automaton.find_matches_as_indexes(text, overlapping=True):
            index, edit = self._slips[self._slip_words[number]]
            found.append((start, end, index, edit))
        for piece, start, end in self._piece_automaton.find_matches_as_indexes(text, overlapping=True):
            for index, offset in self._pieces[piece]:
                span = self._replaced_or_added(text, self._formulas[index].text, start, end, offset)
                if span:
                    found.append((*span, index, "change"))
        return self._told(passage, found) if found else []

    def _replaced_or_added(
        self, text: str, formula: str, start: int, end: int, offset: int
    ) -> tuple[int, int] | None:
        size = len(formula)
        if offset == 0:
            rest, written = formula[end - start :], text[end : start + size + 1]
            if written.startswith(rest) or len(written) < len(rest):
                return None
            if written[-1] == rest[-1] and len(written) > len(rest) and _added(rest, written):
                return start, start + size + 1
            if written[len(rest) - 1] == rest[-1] and _replaced(rest, written[: len(rest)]):
                return start, start + size
            return None
        rest = formula[:offset]
        written = text[max(0, start - offset - 1) : start]
        if written.endswith(rest) or len(written) < len(rest):
            return None
        if len(written) > len(rest) and written[0] == rest[0] and _added(rest, written):
            return start - offset - 1, end
        tail = written[-len(rest) :]
        if tail[0] == rest[0] and _replaced(rest, tail):
            return start - offset, end
        return None

    def _told(self, passage: Passage, found: list[tuple[int, int, int, str]]) -> list[Hit]:
        text = passage.text
        standard = [(s, e) for _, s, e in self._known.find_matches_as_indexes(text, overlapping=True)]
        covers: dict[int, int] = {}
        for start, end in standard:
            covers[start] = max(end, covers.get(start, 0))
        hits: list[Hit] = []
        for start, end, index, edit in sorted(set(found), key=lambda item: (item[0] - item[1], item[0])):
            formula = self._formulas[index]
            if any(
                covers.get(at, 0) >= end or (at == start and covers.get(at, 0) > end - 2)
                for at in range(max(0, start - 24), start + 1)
            ):
                continue
            if any(hit.start < end and start < hit.end for hit in hits[-50:]):
                continue
            grade = self._grade(formula, text[start:end], edit)
            if grade is None or passage.is_about_wording(start, end):
                continue
            hits.append(
                Hit(
                    start=start,
                    end=end,
                    text=text[start:end],
                    suggestion=formula.text,
                    category=formula.category,
                    severity=formula.severity,
                    grade=grade,
                    rule=formula.id,
                    reason=f"与规范表述“{formula.text}”差一处",
                    layer="formula",
                )
            )
        return hits

    def _grade(self, formula: Formula, written: str, edit: str) -> Grade | None:
        if edit in ("drop", "swap"):
            return Grade.REVIEW
        if len(written) == len(formula.text):
            at = next(i for i, (a, b) in enumerate(zip(written, formula.text, strict=True)) if a != b)
            if not _is_han(written[at]) or not _is_han(formula.text[at]):
                return None
            if written[at] in _NUMERALS and formula.text[at] in _NUMERALS:
                return None
            near = alike(written[at], formula.text[at])
            if near and formula.strict:
                return Grade.FAIL
            return Grade.REVIEW if near or formula.strict else None
        at = next(
            (i for i, (a, b) in enumerate(zip(written, formula.text, strict=False)) if a != b),
            len(formula.text),
        )
        extra = written[at]
        if not _is_han(extra) or extra in _SOFT:
            return None
        return Grade.REVIEW if formula.strict or extra in written[at - 1] + written[at + 1] else None


def _is_han(char: str) -> bool:
    return "一" <= char <= "鿿"


def _replaced(right: str, written: str) -> bool:
    return sum(a != b for a, b in zip(right, written, strict=True)) == 1


def _added(right: str, written: str) -> bool:
    at = 0
    while at < len(right) and right[at] == written[at]:
        at += 1
    return at < len(right) and right[at:] == written[at + 1 :]

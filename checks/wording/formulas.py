"""Layer "formula": fixed names and phrases written with exactly one slip.

A slip is one character added, dropped or replaced, or two neighbours swapped. Dropped and swapped
forms are a finite list. A replaced or added character leaves one half of the phrase whole: the half
is found, the rest is compared. What official text itself writes in such a place is no slip: the table
formula-contexts.tsv says so, counted from published documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.lexicon import rows, words
from checks.wording.likeness import alike
from checks.wording.passage import Hit, Passage

_SOFT = frozenset("的和与及等新大最更总了")
_LINKS = frozenset("的和与及")
_NUMERALS = frozenset("一二三四五六七八九十两")
_LONGEST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A standard wording. `strict`: a name no other phrase comes near, so any slip is reported."""

    id: str
    text: str
    category: str
    severity: Severity
    strict: bool


@dataclass(slots=True)
class _Fits:
    """What official text writes in place of, or between, the characters of one formula."""

    before: str = ""
    after: str = ""
    replace: dict[int, str] = field(default_factory=dict)
    add: dict[int, str] = field(default_factory=dict)
    drop: set[int] = field(default_factory=set)
    swap: set[int] = field(default_factory=set)
    double: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Slip:
    """A suspicion: the written span, the formula, the edit, the changed character and its place."""

    start: int
    end: int
    formula: int
    edit: str
    char: str = ""
    meant: str = ""


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


def _listed_fits() -> dict[str, _Fits]:
    fits: dict[str, _Fits] = {}
    for row in rows("formula-contexts.tsv"):
        fit = fits.setdefault(row["id"], _Fits())
        place = int(row["place"])
        match row["edit"]:
            case "before":
                fit.before = row["chars"]
            case "after":
                fit.after = row["chars"]
            case "replace":
                fit.replace[place] = row["chars"]
            case "add":
                fit.add[place] = row["chars"]
            case "drop":
                fit.drop.add(place)
            case "swap":
                fit.swap.add(place)
            case "double":
                fit.double.add(place)
    return fits


class Formulas:
    """Finds near misses of the listed formulas."""

    def __init__(self, formulas: list[Formula]) -> None:
        self._formulas = formulas
        fits = _listed_fits()
        self._fits = [fits.get(formula.id, _Fits()) for formula in formulas]
        known = {*words("formula-lookalikes.txt"), *(formula.text for formula in formulas)}
        self._known = AhoCorasick(list(known))
        self._forms: list[tuple[int, str, int]] = []
        slips: dict[str, int] = {}
        pieces: dict[str, list[tuple[int, int]]] = {}
        for index, formula in enumerate(formulas):
            for form, edit, place in self._finite_slips(index):
                if form not in known and form not in slips:
                    slips[form] = len(self._forms)
                    self._forms.append((index, edit, place))
            half = len(formula.text) // 2
            pieces.setdefault(formula.text[:half], []).append((index, 0))
            pieces.setdefault(formula.text[half:], []).append((index, half))
        self._slip_automaton = AhoCorasick(list(slips))
        self._pieces = list(pieces.values())
        self._piece_automaton = AhoCorasick(list(pieces))

    def _finite_slips(self, index: int) -> Iterator[tuple[str, str, int]]:
        text, fits = self._formulas[index].text, self._fits[index]
        last = len(text) - 1
        for at in range(1, last):
            soft = text[at] in (_LINKS if self._formulas[index].strict else _SOFT)
            if _is_han(text[at]) and at not in fits.drop and not soft:
                yield text[:at] + text[at + 1 :], "drop", at
        for at in range(last):
            one, two = text[at], text[at + 1]
            if one != two and _is_han(one) and _is_han(two) and at not in fits.swap:
                yield text[:at] + two + one + text[at + 2 :], "swap", at
        for at in (0, last):
            if _is_han(text[at]) and at not in fits.double:
                yield text[: at + 1] + text[at:], "doubled", at
        if _is_han(text[0]):
            yield text[1:], "first", 0
        if _is_han(text[last]):
            yield text[:last], "last", last

    def hits(self, passage: Passage) -> list[Hit]:
        text = passage.text
        found: list[_Slip] = []
        for number, start, end in passage.found(self._slip_automaton):
            index, edit, place = self._forms[number]
            if edit == "first":
                if text[start - 1 : start] != self._formulas[index].text[0] or not start:
                    found.extend(self._without_first(passage, index, start, end))
            elif edit == "last":
                if text[end : end + 1] != self._formulas[index].text[place]:
                    found.extend(self._without_last(passage, index, start, end))
            else:
                found.append(_Slip(start, end, index, edit))
        for piece, start, end in passage.found(self._piece_automaton):
            for index, offset in self._pieces[piece]:
                slip = self._replaced_or_added(text, index, start, end, offset)
                if slip:
                    found.append(slip)
        return self._told(passage, found) if found else []

    def _without_first(self, passage: Passage, index: int, start: int, end: int) -> Iterator[_Slip]:
        meant, fits = self._formulas[index].text[0], self._fits[index].before
        text, before = passage.text, passage.before(start, 3).rstrip()[-1:]
        if before == meant:
            return
        if _is_han(before) and before == text[start - 1] and before not in fits and alike(before, meant):
            yield _Slip(start - 1, end, index, "replace", before, meant)
        elif "*" not in fits and ((start and before not in fits) or (passage.apart and not before)):
            yield _Slip(start, end, index, "first")

    def _without_last(self, passage: Passage, index: int, start: int, end: int) -> Iterator[_Slip]:
        meant, fits = self._formulas[index].text[-1], self._fits[index].after
        text, after = passage.text, passage.after(end, 3).lstrip()[:1]
        if after == meant:
            return
        if _is_han(after) and after == text[end] and after not in fits and alike(after, meant):
            yield _Slip(start, end + 1, index, "replace", after, meant)
        elif "*" not in fits and (after not in fits or (passage.apart and not after)):
            yield _Slip(start, end, index, "last")

    def _replaced_or_added(self, text: str, index: int, start: int, end: int, offset: int) -> _Slip | None:
        formula = self._formulas[index].text
        size = len(formula)
        if offset == 0:
            rest, written = formula[end - start :], text[end : start + size + 1]
            if written.startswith(rest) or len(written) < len(rest):
                return None
            if len(written) > len(rest) and written[-1] == rest[-1]:
                at = _added(rest, written)
                if at is not None:
                    return self._added_slip(text, index, start, start + size + 1, end - start + at)
            if written[len(rest) - 1] == rest[-1]:
                at = _replaced(rest, written)
                if at is not None:
                    return self._replaced_slip(text, index, start, end - start + at)
            return None
        rest, written = formula[:offset], text[max(0, start - offset - 1) : start]
        if written.endswith(rest) or len(written) < len(rest):
            return None
        if len(written) > len(rest) and written[0] == rest[0]:
            at = _added(rest, written)
            if at is None and written[:-1] == rest:
                at = offset
            if at is not None:
                return self._added_slip(text, index, start - offset - 1, end, at)
        tail = written[-offset:]
        if tail[0] == rest[0]:
            at = _replaced(rest, tail)
            if at is not None:
                return self._replaced_slip(text, index, start - offset, at)
        return None

    def _replaced_slip(self, text: str, index: int, start: int, at: int) -> _Slip | None:
        formula = self._formulas[index].text
        char, meant = text[start + at], formula[at]
        if not _is_han(char) or not _is_han(meant) or char in self._fits[index].replace.get(at, ""):
            return None
        if char in _NUMERALS and meant in _NUMERALS:
            return None
        return _Slip(start, start + len(formula), index, "replace", char, meant)

    def _added_slip(self, text: str, index: int, start: int, end: int, at: int) -> _Slip | None:
        char = text[start + at]
        doubled = char in (text[start + at - 1], text[start + at + 1])
        if not _is_han(char) or char in self._fits[index].add.get(at, "") or (char in _SOFT and not doubled):
            return None
        return _Slip(start, end, index, "double" if doubled else "add", char)

    def _told(self, passage: Passage, found: list[_Slip]) -> list[Hit]:
        text = passage.text
        covers: dict[int, int] = {}
        for _, start, end in passage.found(self._known):
            covers[start] = max(end, covers.get(start, 0))
        taken = bytearray(len(text))
        hits: list[Hit] = []
        for slip in sorted(set(found), key=lambda slip: (slip.start - slip.end, slip.start, slip.formula)):
            if taken.find(1, slip.start, slip.end) >= 0 or self._is_known(slip, covers):
                continue
            formula = self._formulas[slip.formula]
            grade = self._grade(formula, slip, passage)
            if grade is None or passage.is_about_wording(slip.start, slip.end):
                continue
            taken[slip.start : slip.end] = b"\x01" * (slip.end - slip.start)
            hits.append(
                Hit(
                    start=slip.start,
                    end=slip.end,
                    text=text[slip.start : slip.end],
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

    def _is_known(self, slip: _Slip, covers: dict[int, int]) -> bool:
        """Whether a standard form, or a phrase that only looks like one, stands there."""
        size = len(self._formulas[slip.formula].text)
        for at in range(max(0, slip.start - _LONGEST), slip.start + 2):
            end = covers.get(at, 0)
            if end >= slip.end and at <= slip.start:
                return True
            if slip.edit != "doubled" and end >= slip.end - 1 and end - at >= size:
                return True
        return False

    def _grade(self, formula: Formula, slip: _Slip, passage: Passage) -> Grade | None:
        if passage.crosses_word(slip.start, slip.end):
            return None
        if slip.edit == "doubled" and _is_han(passage.text[slip.end : slip.end + 1]):
            following = passage.text[slip.end]
            if following not in _SOFT and passage.text[slip.end - 2] == passage.text[slip.end - 1]:
                return None
        if slip.edit == "replace":
            near = alike(slip.char, slip.meant)
            if near:
                inside = (
                    passage.text[slip.start] == formula.text[0]
                    and passage.text[slip.end - 1] == formula.text[-1]
                )
                return Grade.FAIL if formula.strict and inside else Grade.REVIEW
        if slip.edit in ("replace", "add") and not formula.strict and self._makes_a_word(slip, passage):
            return None
        return Grade.REVIEW

    def _makes_a_word(self, slip: _Slip, passage: Passage) -> bool:
        """Whether the changed character belongs to a word of its own: another phrase, not a slip."""
        import rjieba

        return any(
            len(word) > 1 and slip.char in word
            for word in rjieba.cut(passage.text[slip.start : slip.end], hmm=False)
        )


def _is_han(char: str) -> bool:
    return "一" <= char <= "鿿"


def _replaced(right: str, written: str) -> int | None:
    """Place of the one character that differs."""
    places = [at for at, char in enumerate(right) if char != written[at]]
    return places[0] if len(places) == 1 else None


def _added(right: str, written: str) -> int | None:
    """Place of the one character that is too much."""
    at = 0
    while at < len(right) and right[at] == written[at]:
        at += 1
    return at if at < len(right) and right[at:] == written[at + 1 :] else None

"""Layer "confusion": wrong forms from the list, with context and word borders."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.lexicon import rows
from checks.wording.passage import Hit, Passage

_LEFT_REACH = 6
_RIGHT_REACH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """A wrong form and what is meant. Contexts are patterns on the text right before and after it."""

    id: str
    wrong: str
    right: str
    category: str = "word"
    severity: Severity = Severity.MAJOR
    grade: str = "fail"
    not_before: str = ""
    not_after: str = ""
    only_before: str = ""
    only_after: str = ""
    guard: bool = True
    since: dt.date | None = None
    reason: str = ""
    source: str = ""
    bad: str = ""
    good: str = ""

    def examples(self) -> tuple[str, str]:
        """A sentence with the wrong form and the same with the right form."""
        bad = self.bad or f"本页写道：{self.wrong}。"
        return bad, self.good or f"本页写道：{self.right}。"


def listed_confusions() -> Iterable[Confusion]:
    """The rows of confusions.tsv."""
    for row in rows("confusions.tsv"):
        yield Confusion(
            id=row["id"],
            wrong=row["wrong"],
            right=row["right"],
            category=row["category"],
            severity=Severity(row["severity"]),
            grade=row["grade"],
            not_before=row["not_before"],
            not_after=row["not_after"],
            only_before=row["only_before"],
            only_after=row["only_after"],
            guard=row["guard"] == "1",
            since=dt.date.fromisoformat(row["since"]) if row["since"] else None,
            reason=row["reason"],
            source=row["source"],
            bad=row["bad"],
            good=row["good"],
        )


class Confusions:
    """Finds listed wrong forms; the longest of overlapping ones wins."""

    def __init__(self, confusions: Iterable[Confusion]) -> None:
        by_wrong: dict[str, Confusion] = {}
        for confusion in confusions:
            by_wrong[confusion.wrong] = confusion
        self._confusions = list(by_wrong.values())
        self._inside = [_places_inside(confusion.wrong, confusion.right) for confusion in self._confusions]
        self._automaton = AhoCorasick([confusion.wrong for confusion in self._confusions])

    def hits(self, passage: Passage) -> list[Hit]:
        text = passage.text
        found = passage.found(self._automaton)
        if not found:
            return []
        found.sort(key=lambda match: (match[1] - match[2], match[1]))
        taken = bytearray(len(text))
        hits: list[Hit] = []
        for index, start, end in found:
            if taken.find(1, start, end) >= 0 or not self._applies(index, passage, start, end):
                continue
            taken[start:end] = b"\x01" * (end - start)
            confusion = self._confusions[index]
            hits.append(
                Hit(
                    start=start,
                    end=end,
                    text=confusion.wrong,
                    suggestion=confusion.right,
                    category=confusion.category,
                    severity=confusion.severity,
                    grade=Grade(confusion.grade),
                    rule=confusion.id,
                    reason=confusion.reason or f"应为“{confusion.right}”",
                    layer="confusion",
                )
            )
        return hits

    def _applies(self, index: int, passage: Passage, start: int, end: int) -> bool:
        confusion = self._confusions[index]
        text = passage.text
        for offset, length in self._inside[index]:
            if text.startswith(confusion.right, start - offset) and start - offset + length >= end:
                return False
        if confusion.since and not (passage.dated and passage.dated >= confusion.since):
            return False
        before, after = passage.before(start, _LEFT_REACH), passage.after(end, _RIGHT_REACH)
        if confusion.not_before and re.search(f"(?:{confusion.not_before})$", before):
            return False
        if confusion.only_before and not re.search(f"(?:{confusion.only_before})$", before):
            return False
        if confusion.not_after and re.match(confusion.not_after, after):
            return False
        if confusion.only_after and not re.match(confusion.only_after, after):
            return False
        if confusion.category != "official" and passage.is_quoted_alone(start, end):
            return False
        if passage.is_about_wording(start, end):
            return False
        return not (confusion.guard and passage.crosses_word(start, end))


def _places_inside(wrong: str, right: str) -> list[tuple[int, int]]:
    """Offsets of the wrong form inside the right one (习近平总书 in 习近平总书记): no fault there."""
    places = []
    at = right.find(wrong)
    while at >= 0:
        places.append((at, len(right)))
        at = right.find(wrong, at + 1)
    return places

"""One pass over the texts of a run for all checks that ask something of single lines.

To unpack the texts costs more than most of what is asked of them, and sites repeat themselves: a line is looked at
once, and a check looks only into the texts that hold a line of its kind.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from checks.read_before import ReadBefore
from crawler.evidence.reader import Evidence, TextBlock

_SHORT_TEXT = 30
_AT_ONCE, _CHARACTERS_AT_ONCE = 1000, 100_000
"""Texts, and characters of lines that are new, handed over in one go."""
_MOST_MET = 100_000
"""Lines remembered as met; beyond that some are looked at again."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """Some texts, and by their scope the lines in them that no text before them had.

    `anew`: what was met before is forgotten from here on, and may come again as new. By the place of a text in
    `blocks`: `is_read` whether an earlier judging read it and found nothing, so that it has no line here, and
    `answers` the questions answered with yes, a bit each.
    """

    anew: bool = False
    blocks: list[TextBlock] = field(default_factory=list)
    is_read: list[bool] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    fresh: dict[str, list[str]] = field(default_factory=lambda: {"title": [], "text": []})


class Question:
    """What a check asks of every line of texts in some roles.

    Made when the check's module is loaded, so that one pass answers all.
    """

    def __init__(self, ask: Callable[[str], bool], roles: Collection[str]) -> None:
        self._ask = ask
        self._roles = roles
        self._lines: set[str] = set()
        _QUESTIONS.append(self)

    def texts(self, evidence: Evidence) -> Iterator[TextBlock]:
        """The texts that hold such a line."""
        for block in evidence.texts(tuple(self._found(evidence))):
            if self.is_yes(evidence, block):
                yield block

    def is_yes(self, evidence: Evidence, block: TextBlock) -> bool:
        """Whether a line of the text is of the kind asked for."""
        ids = self._found(evidence).get(block.role, ())
        at = bisect_left(ids, block.id)
        return at < len(ids) and ids[at] == block.id

    def _found(self, evidence: Evidence) -> Mapping[str, array[int]]:
        if self not in _ANSWERS.get(evidence, {}):
            for _ in batches(evidence):
                pass
        return _ANSWERS[evidence][self]

    @property
    def name(self) -> str:
        """What is asked, by where the code of it stands."""
        return f"{self._ask.__module__}.{self._ask.__qualname__} {sorted(self._roles)}"

    def look(self, batch: Batch, bit: int) -> None:
        """Note the texts that hold such a line."""
        if batch.anew:
            self._lines.clear()
        for lines in batch.fresh.values():
            self._lines.update(filter(self._ask, lines))
        if self._lines:
            for at, block in enumerate(batch.blocks):
                if (
                    block.role in self._roles
                    and not batch.is_read[at]
                    and not self._lines.isdisjoint(block.lines)
                ):
                    batch.answers[at] |= bit


_Answers = dict[Question, dict[str, "array[int]"]]
_QUESTIONS: list[Question] = []
_ANSWERS: WeakKeyDictionary[Evidence, _Answers] = WeakKeyDictionary()
"""By question and role, in rising order, the ids of the texts that hold a line of its kind."""


def asked() -> list[str]:
    """What is asked of every line, in the order of the bits."""
    return [question.name for question in _QUESTIONS]


def batches(evidence: Evidence, before: ReadBefore | None = None) -> Iterator[Batch]:
    """Every text of a run; who goes through to the end has all questions answered."""
    answers: _Answers = {question: {} for question in _QUESTIONS}
    for batch in _batches(evidence, before):
        for number, question in enumerate(answers):
            question.look(batch, 1 << number)
        for block, bits in zip(batch.blocks, batch.answers, strict=True):
            for number, found in enumerate(answers.values()) if bits else ():
                if bits >> number & 1:
                    found.setdefault(block.role, array("q")).append(block.id)
        yield batch
    _ANSWERS[evidence] = answers


def _batches(evidence: Evidence, before: ReadBefore | None) -> Iterator[Batch]:
    met: dict[str, set[int]] = {"title": set(), "text": set()}
    batch = Batch(anew=True)
    size = 0
    for block in evidence.texts():
        told = before and before.answers(block)
        batch.blocks.append(block)
        batch.is_read.append(told is not None)
        batch.answers.append(told or 0)
        if told is None:
            of = scope(block)
            known = met[of]
            marks = list(map(hash, block.lines))
            new = [line for line, mark in zip(block.lines, marks, strict=True) if mark not in known]
            known.update(marks)
            batch.fresh[of] += new
            size += sum(map(len, new))
        if len(batch.blocks) >= _AT_ONCE or size >= _CHARACTERS_AT_ONCE:
            yield batch
            batch = Batch(anew=sum(map(len, met.values())) > _MOST_MET)
            size = 0
            if batch.anew:
                met = {"title": set(), "text": set()}
    yield batch


def scope(block: TextBlock) -> str:
    """A title, or what is as short as one, and running text have faults of different kinds."""
    if block.role == "title":
        return "title"
    if any(len(line) > _SHORT_TEXT and len(line.strip()) > _SHORT_TEXT for line in block.lines):
        return "text"
    return "title" if len(block.text.strip()) <= _SHORT_TEXT else "text"

"""What the walk noticed besides what it read: hosts left out, mazes, pauses, pages that are gone."""

from __future__ import annotations

from dataclasses import dataclass

from checks.privacy.personal_data import mask
from crawler.evidence.reader import Evidence

MOST = 100
"""Notes of one kind that are kept with the findings; the evidence has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One thing noticed, in words, and the address it was noticed at."""

    detail: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Everything noticed of one kind: how many, and the first of them in the order of the walk."""

    kind: str
    count: int
    sights: tuple[Sight, ...]


def noticed(evidence: Evidence) -> tuple[Noticed, ...]:
    """The notes of a run by kind, in the order of the kinds' names."""
    kinds: dict[str, list[Sight]] = {}
    for note in evidence.notes():
        kinds.setdefault(note.kind, []).append(Sight(detail=mask(note.detail), url=note.url))
    return tuple(
        Noticed(kind=kind, count=len(sights), sights=tuple(sights[:MOST]))
        for kind, sights in sorted(kinds.items())
    )

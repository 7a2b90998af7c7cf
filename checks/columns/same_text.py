"""Articles whose text stood on the site before under an older date, word for word or nearly so."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from checks.columns.articles import Articles
from checks.columns.sentences import alike, same_years, sentences, sketch
from crawler.evidence.reader import Evidence

NEARLY = 0.9
"""Share of two texts that must be the same for one to be the other retold."""

SHARED = 3
"""Sentences of the sketches that two texts share before they are compared whole."""

_BEGINNING = 3_000
"""Characters of a text that choose what it is compared with; then the whole is."""

COMMON = 8
"""A sentence that stands in more texts than this is a form of words."""

_PARTS = 256
"""Numbers are put in order a part at a time: as Python's own they take five times the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """An article whose text `older` had before; both by page id. `alike` how much of the text (0..1)."""

    page: int
    older: int
    alike: float


@dataclass(slots=True)
class _Sketches:
    """What is kept of the texts that stand under one date, about 70 bytes each.

    By the text's number: places of the oldest and the newest article that bear it, and how many sentences its
    sketch has. `marks` are sentence << 32 | text, cut in parts by the sentence.
    """

    first: array[int] = field(default_factory=lambda: array("l"))
    last: array[int] = field(default_factory=lambda: array("l"))
    length: array[int] = field(default_factory=lambda: array("B"))
    marks: list[array[int]] = field(default_factory=lambda: [array("Q") for _ in range(_PARTS)])

    def add(self, first: int, last: int, marks: Sequence[int]) -> None:
        number = len(self.first)
        self.first.append(first)
        self.last.append(last)
        self.length.append(len(marks))
        for mark in marks:
            self.marks[mark % _PARTS].append(mark << 32 | number)

    def candidates(self, days: Sequence[int], days_apart: int) -> Iterator[tuple[int, int]]:
        """(text, older text) that share sentences few others have, each text with its older ones in order."""
        pairs = [array("Q") for _ in range(_PARTS)]
        width = len(self.first) // _PARTS + 1
        for part in self.marks:
            ordered = sorted(part)
            # Most sentences stand in one text only: those that do not are found by their neighbours.
            again = {one >> 32 for one, other in pairwise(ordered) if one >> 32 == other >> 32}
            for _, held in groupby((one for one in ordered if one >> 32 in again), lambda one: one >> 32):
                holders = [one & 0xFFFFFFFF for one in held]
                for number in holders if len(holders) <= COMMON else ():
                    latest = days[self.last[number]] - days_apart
                    pairs[number // width].extend(
                        number << 32 | other
                        for other in holders
                        if other != number and days[self.first[other]] <= latest
                    )
        for part in pairs:
            for pair, same in groupby(sorted(part)):
                number = pair >> 32
                if sum(1 for _ in same) >= min(SHARED, self.length[number]):
                    yield number, pair & 0xFFFFFFFF


def retold(
    evidence: Evidence, articles: Articles, text_at_least: int, days_apart: int
) -> Iterator[Retold | str]:
    """The articles that are the newest with a text of at least so many characters of prose.

    First those with an older text, then the addresses of the others.
    """
    looked_at = bytearray(len(articles))
    sketches = _Sketches()
    for block in evidence.texts(("main",)):
        dated = [place for number in block.pages if (place := articles.place(number)) is not None]
        if not dated:
            continue
        parts = sentences(block.text[:_BEGINNING])
        if sum(map(len, parts)) < text_at_least:
            continue
        if len(dated) > 1:
            dated.sort(key=lambda place: (articles.days[place], articles.address(place)))
        first, last = dated[0], dated[-1]
        if articles.days[last] - articles.days[first] >= days_apart:
            yield Retold(page=articles.ids[last], older=articles.ids[first], alike=1.0)
            continue
        sketches.add(first, last, sketch(parts))
        looked_at[last] = True
    told = -1
    for number, other in sketches.candidates(articles.days, days_apart):
        if number == told:
            continue
        page, older = articles.ids[sketches.last[number]], articles.ids[sketches.first[other]]
        share = _share(evidence, page, older)
        if share >= NEARLY:
            told = number
            looked_at[sketches.last[number]] = False
            yield Retold(page=page, older=older, alike=min(share, 0.99))
    del sketches
    yield from (page.url for page, is_good in zip(articles, looked_at, strict=True) if is_good)


def _share(evidence: Evidence, page: int, older: int) -> float:
    """How much of two pages' texts is the same; 0 where they name different years."""
    if not same_years(evidence.page(page).title, evidence.page(older).title):
        return 0.0
    one, two = sentences(evidence.text(page)), sentences(evidence.text(older))
    share = alike(one, two)
    return share if share >= NEARLY and same_years("".join(one), "".join(two)) else 0.0

"""Articles whose text stood on the site before under an older date, word for word or nearly so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checks.columns.articles import Article
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """A text, by the newest article that bears it; `older` the article it repeats, `alike` how much of it (0..1)."""

    page: Article
    older: Article | None = None
    alike: float = 0.0


def retold(
    evidence: Evidence, articles: Sequence[Article], text_at_least: int, days_apart: int
) -> Iterator[Retold]:
    """One row per text of at least so many characters of prose that stands on a dated article."""
    by_id = {page.id: page for page in articles}
    newest: list[tuple[Article, Article]] = []
    holders: dict[int, list[int]] = {}
    sketches: list[tuple[int, ...]] = []
    for block in evidence.texts(("main",)):
        dated = sorted(
            (page for number in block.pages if (page := by_id.get(number))), key=lambda p: (p.day, p.url)
        )
        if not dated:
            continue
        parts = sentences(block.text[:_BEGINNING])
        if sum(map(len, parts)) < text_at_least:
            continue
        first, last = dated[0], dated[-1]
        if (last.day - first.day).days >= days_apart:
            yield Retold(page=last, older=first, alike=1.0)
            continue
        for mark in (marks := sketch(parts)):
            holders.setdefault(mark, []).append(len(newest))
        newest.append((first, last))
        sketches.append(marks)
    for number, (_, page) in enumerate(newest):
        yield _nearly(evidence, page, number, newest, holders, sketches[number], days_apart)


def _nearly(
    evidence: Evidence,
    page: Article,
    number: int,
    newest: Sequence[tuple[Article, Article]],
    holders: dict[int, list[int]],
    marks: tuple[int, ...],
    days_apart: int,
) -> Retold:
    shared: dict[int, int] = {}
    for mark in marks:
        if 1 < len(holders[mark]) <= COMMON:
            for other in holders[mark]:
                shared[other] = shared.get(other, 0) + 1
    for other in sorted(shared):
        older = newest[other][0]
        if (
            other == number
            or shared[other] < min(SHARED, len(marks))
            or (page.day - older.day).days < days_apart
            or not same_years(evidence.page(page.id).title, evidence.page(older.id).title)
        ):
            continue
        one, two = evidence.text(page.id), evidence.text(older.id)
        share = alike(sentences(one), sentences(two))
        if share >= NEARLY and same_years("".join(sentences(one)), "".join(sentences(two))):
            return Retold(page=page, older=older, alike=min(share, 0.99))
    return Retold(page=page)

"""What earlier runs of a site saw: pages whose date was changed since, and pages put in late under old dates.

A site that was moved or rebuilt changes dates and addresses by the hundred. Then nothing is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.columns.articles import Article, Articles
from checks.columns.sentences import alike, sentences
from crawler.evidence.reader import Evidence, FirstSight

FEW = 3
"""Changes up to this many may be any share of a small site."""

WHOLE_SITE = 0.3
"""Above this share of the site's articles a change is a move, a rebuild or an import, not a trick."""

SAME_TEXT = 0.8
GRACE = dt.timedelta(days=7)
"""Time within which an article is put on the site after the day it bears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePages:
    """Pages of one column that a complete run of the day `seen` did not find, though they are dated before it."""

    column_id: int
    seen: dt.date
    pages: tuple[Article, ...]


def changed_dates(
    evidence: Evidence, articles: Articles, sights: Mapping[int, FirstSight], days_apart: int
) -> Iterator[tuple[Article, FirstSight]]:
    """Articles of the same text that show a later date than when they were first met, and what they said then."""
    known, moved = 0, []
    for page in articles:
        first = sights.get(page.id)
        if first is None or first.published is None:
            continue
        known += 1
        days = (page.day - first.published.date).days
        if days >= days_apart and page.source == first.published.source:
            moved.append((page, first))
    if len(moved) > max(FEW, WHOLE_SITE * known):
        return
    for page, first in moved:
        if first.text_id is None:
            continue
        before, now = sentences(evidence.text_of(first.text_id)), sentences(evidence.text(page.id))
        if before and alike(before, now) >= SAME_TEXT:
            yield page, first


def late_pages(
    articles: Articles,
    sights: Mapping[int, FirstSight],
    runs: Mapping[dt.date, bool],
    as_of: dt.date,
    *,
    at_least: int,
    days_spread: int,
) -> Iterator[LatePages]:
    """Columns into which articles of many past months were put at once, between articles that stood there already."""
    complete = sorted(day for day, whole in runs.items() if whole)
    first_met = {page.id: sights[page.id].as_of if page.id in sights else as_of for page in articles}
    by_column: dict[int, list[Article]] = {}
    for page in articles:
        if page.column_id is not None:
            by_column.setdefault(page.column_id, []).append(page)
    for met in sorted({*first_met.values()}):
        seen = max((day for day in complete if day < met), default=None)
        new = sum(1 for day in first_met.values() if day == met)
        if seen is None or new > WHOLE_SITE * len(articles):
            continue
        for column_id, pages in by_column.items():
            there = [page.day for page in pages if first_met[page.id] <= seen]
            late = [
                page
                for page in pages
                if first_met[page.id] == met and there and min(there) < page.day <= seen - GRACE
            ]
            days = [page.day for page in late]
            months = {(day.year, day.month) for day in days}
            if (
                len(there) >= FEW
                and len(late) >= at_least
                and len(months) >= 3
                and (max(days) - min(days)).days >= days_spread
            ):
                yield LatePages(
                    column_id=column_id, seen=seen, pages=tuple(sorted(late, key=lambda p: (p.day, p.url)))
                )

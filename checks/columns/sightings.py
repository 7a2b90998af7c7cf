"""What earlier runs of a site saw: pages whose date was changed since, and pages put in late under old dates.

A site that was moved or rebuilt changes dates and addresses by the hundred. Then nothing is said.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from checks.columns.articles import Articles
from checks.columns.sentences import alike, sentences
from crawler.evidence.reader import Evidence, FirstSight

FEW = 3
"""Changes up to this many may be any share of a small site."""

WHOLE_SITE = 0.3
"""Above this share of the site's articles a change is a move, a rebuild or an import, not a trick."""

SAME_TEXT = 0.8
GRACE = 7
"""Days within which an article is put on the site after the day it bears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePages:
    """Pages of one column, by id, oldest first, that a complete run of the day `seen` did not find, though they are
    dated before it.
    """

    column_id: int
    seen: dt.date
    oldest: dt.date
    newest: dt.date
    pages: tuple[int, ...]


def changed_dates(evidence: Evidence, days_apart: int) -> Iterator[tuple[int, FirstSight]]:
    """Articles, by id, of the same text that show a later date than when first met, and what they said then."""
    most = int(max(FEW, WHOLE_SITE * evidence.dated_before()))
    moved = list(islice(evidence.redated(days_apart), most + 1))
    if len(moved) > most:
        return
    for page_id, first in moved:
        if first.text_id is None:
            continue
        before, now = sentences(evidence.text_of(first.text_id)), sentences(evidence.text(page_id))
        if before and alike(before, now) >= SAME_TEXT:
            yield page_id, first


def late_pages(
    evidence: Evidence,
    articles: Articles,
    runs: Mapping[dt.date, bool],
    as_of: dt.date,
    *,
    at_least: int,
    days_spread: int,
) -> Iterator[LatePages]:
    """Columns into which articles of many past months were put at once, between articles that stood there already.

    A site may have a million articles: they are kept as places in `articles`, days as ordinals.
    """
    complete = [day.toordinal() for day, whole in runs.items() if whole]
    met_on = _met_on(evidence, articles, as_of)
    columns = array("q", (-1 if page.column_id is None else page.column_id for page in articles))
    waiting = sorted(met_on)
    there: dict[int, tuple[int, int]] = {}
    """Of each column: how many of its articles stood there when the site was last seen, and the oldest day."""
    for met in sorted(met_on):
        seen = max((day for day in complete if day < met), default=None)
        if seen is None:
            continue
        while waiting and waiting[0] <= seen:
            for place in met_on[waiting.pop(0)]:
                count, oldest = there.get(columns[place], (0, articles.days[place]))
                there[columns[place]] = count + 1, min(oldest, articles.days[place])
        if len(met_on[met]) > WHOLE_SITE * len(articles):
            continue
        late: dict[int, list[int]] = {}
        for place in met_on[met]:
            count, oldest = there.get(columns[place], (0, 0))
            if count >= FEW and columns[place] >= 0 and oldest < articles.days[place] <= seen - GRACE:
                late.setdefault(columns[place], []).append(place)
        for column_id, places in late.items():
            days = [dt.date.fromordinal(articles.days[place]) for place in places]
            months = {(day.year, day.month) for day in days}
            if len(places) >= at_least and len(months) >= 3 and (max(days) - min(days)).days >= days_spread:
                places.sort(key=lambda place: (articles.days[place], articles.address(place)))
                yield LatePages(
                    column_id=column_id,
                    seen=dt.date.fromordinal(seen),
                    oldest=min(days),
                    newest=max(days),
                    pages=tuple(articles.ids[place] for place in places),
                )


def _met_on(evidence: Evidence, articles: Articles, as_of: dt.date) -> dict[int, array[int]]:
    """The places of the articles by the monitoring point of the run that met them first."""
    first = array("l", [as_of.toordinal()]) * len(articles)
    for number, day in evidence.first_met():
        place = articles.place(number)
        if place is not None:
            first[place] = dt.date.fromisoformat(day).toordinal()
    places: dict[int, array[int]] = {}
    for place, met in enumerate(first):
        places.setdefault(met, array("l")).append(place)
    return places

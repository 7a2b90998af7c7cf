"""Dated articles, as little of each as comparing their dates takes: a large site has a million of them."""

from __future__ import annotations

import datetime as dt
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from crawler.evidence.reader import Evidence


class Article(NamedTuple):
    """`source` tells by what its date was read; the rest of the page is asked for where something is said of it."""

    id: int
    url: str
    day: dt.date
    column_id: int | None
    source: str


class Articles:
    """Every article with a publication date, in page order; ids and days are kept, all else is read anew each time."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.ids = array("q")
        self.days = array("l")
        """Ordinals, at the same places as `ids`."""
        known: dict[str, int] = {}
        for number, _, day, _, _ in evidence.dated_articles():
            ordinal = known.get(day)
            if ordinal is None:
                ordinal = known[day] = dt.date.fromisoformat(day).toordinal()
            self.ids.append(number)
            self.days.append(ordinal)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Article]:
        known: dict[str, dt.date] = {}
        for number, url, written, column_id, source in self._evidence.dated_articles():
            day = known.get(written)
            if day is None:
                day = known[written] = dt.date.fromisoformat(written)
            yield Article(number, url, day, column_id, sys.intern(source))

    def place(self, page_id: int) -> int | None:
        """Where a page stands among the articles; None when it is no dated one."""
        place = bisect_left(self.ids, page_id)
        return place if place < len(self.ids) and self.ids[place] == page_id else None

    def address(self, place: int) -> str:
        return self._evidence.address(self.ids[place])

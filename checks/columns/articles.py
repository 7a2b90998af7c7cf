"""Dated articles, as little of each as comparing their dates takes: a large site has a million of them."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import NamedTuple

from crawler.evidence.reader import Evidence
from crawler.evidence.records import PageKind


class Article(NamedTuple):
    """`source` tells by what its date was read; the rest of the page is asked for where something is said of it."""

    id: int
    url: str
    day: dt.date
    column_id: int | None
    source: str


def dated_articles(evidence: Evidence) -> Iterator[Article]:
    """Every article with a publication date, in page order."""
    days: dict[dt.date, dt.date] = {}
    for page in evidence.pages(kind=PageKind.ARTICLE):
        if page.published is not None:
            day = days.setdefault(page.published.date, page.published.date)
            yield Article(page.id, page.url, day, page.column_id, sys.intern(page.published.source))

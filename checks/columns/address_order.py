"""Dates against the order in which articles were put on the site, as the running numbers of their addresses tell it."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.columns.articles import Article

FEWEST = 40
"""Numbered articles from which an order can be told at all."""

IN_ORDER = 0.93
"""Share of articles whose dates must rise with their numbers: on a site whose texts were moved they do not."""

_LAST_NUMBER = re.compile(r"(\d{3,12})(?=\D*$)")
_HEX = re.compile(r"[0-9a-f]{16,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfOrder:
    """An article numbered before `neighbour` but dated `days` after it."""

    page: Article
    neighbour: Article
    days: int


def renumbered(pages: Iterable[Article], days_apart: int) -> Iterator[OutOfOrder]:
    """Articles dated long after others that were numbered after them."""
    families: dict[str, list[tuple[int, dt.date, str, Article]]] = {}
    for page in pages:
        numbered = _number(page.url)
        if numbered:
            families.setdefault(numbered[0], []).append((numbered[1], page.day, page.url, page))
    for rows in families.values():
        rows.sort(key=lambda row: row[:3])
        kept = _rising([row[1] for row in rows])
        if len(rows) < FEWEST or len(kept) < IN_ORDER * len(rows):
            continue
        inside = set(kept)
        following: int | None = None
        found = []
        for place in range(len(rows) - 1, -1, -1):
            if place in inside:
                following = place
            elif following is not None:
                days = (rows[place][1] - rows[following][1]).days
                if days >= days_apart:
                    found.append(OutOfOrder(page=rows[place][3], neighbour=rows[following][3], days=days))
        yield from reversed(found)


def _number(url: str) -> tuple[str, int] | None:
    """(the address without its folder and last number, that number); None where there is no running number."""
    parts = urlsplit(url)
    last = parts.path.rsplit("/", 1)[-1] + ("?" + parts.query if parts.query else "")
    found = _LAST_NUMBER.search(last)
    if found is None or _HEX.search(last):
        return None
    shape = re.sub(r"\d+", "#", last[: found.start()]) + "#" + last[found.end() :]
    return f"{parts.netloc.lower()} {shape}", int(found.group())


def _rising(days: list[dt.date]) -> list[int]:
    """Places of a longest run of days that never fall."""
    tails: list[dt.date] = []
    at: list[int] = []
    before: list[int] = []
    for place, day in enumerate(days):
        slot = bisect_right(tails, day)
        before.append(at[slot - 1] if slot else -1)
        if slot == len(tails):
            tails.append(day)
            at.append(place)
        else:
            tails[slot], at[slot] = day, place
    kept = []
    place = at[-1] if at else -1
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]

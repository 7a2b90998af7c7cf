"""Dates against the order in which articles were put on the site, as the running numbers of their addresses tell it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from checks.columns.articles import Articles

FEWEST = 40
"""Numbered articles from which an order can be told at all."""

IN_ORDER = 0.93
"""Share of articles whose dates must rise with their numbers: on a site whose texts were moved they do not."""

_LAST_NUMBER = re.compile(r"(\d{3,12})(?=\D*$)")
_HEX = re.compile(r"[0-9a-f]{16,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfOrder:
    """An article numbered before `neighbour` but dated `days` after it; both by page id."""

    page: int
    neighbour: int
    days: int


def renumbered(articles: Articles, days_apart: int) -> Iterator[OutOfOrder]:
    """Articles dated long after others that were numbered after them."""
    families: dict[str, tuple[array[int], array[int]]] = {}
    for at, page in enumerate(articles):
        numbered = _number(page.url)
        if numbered:
            numbers, places = families.setdefault(numbered[0], (array("q"), array("l")))
            numbers.append(numbered[1])
            places.append(at)
    for numbers, places in families.values():
        if len(places) < FEWEST:
            continue
        rows = _in_order(articles, numbers, places)
        days = array("l", (articles.days[at] for at in rows))
        kept = _rising(days)
        if len(kept) < IN_ORDER * len(rows):
            continue
        inside = set(kept)
        following: int | None = None
        found = []
        for place in range(len(rows) - 1, -1, -1):
            if place in inside:
                following = place
            elif following is not None:
                apart = days[place] - days[following]
                if apart >= days_apart:
                    page_id, neighbour = articles.ids[rows[place]], articles.ids[rows[following]]
                    found.append(OutOfOrder(page=page_id, neighbour=neighbour, days=apart))
        yield from reversed(found)


def _in_order(articles: Articles, numbers: array[int], places: array[int]) -> array[int]:
    """The places by number, day and address."""
    by_number = sorted(range(len(places)), key=lambda row: (numbers[row], articles.days[places[row]]))
    ordered = array("l")
    # Hardly ever do two share number and day: only then their addresses are asked for.
    for _, alike in groupby(by_number, lambda row: (numbers[row], articles.days[places[row]])):
        same = [places[row] for row in alike]
        ordered.extend(sorted(same, key=articles.address) if len(same) > 1 else same)
    return ordered


def _number(url: str) -> tuple[str, int] | None:
    """(the address without its folder and last number, that number); None where there is no running number."""
    parts = urlsplit(url)
    last = parts.path.rsplit("/", 1)[-1] + ("?" + parts.query if parts.query else "")
    found = _LAST_NUMBER.search(last)
    if found is None or _HEX.search(last):
        return None
    shape = re.sub(r"\d+", "#", last[: found.start()]) + "#" + last[found.end() :]
    return f"{parts.netloc.lower()} {shape}", int(found.group())


def _rising(days: Sequence[int]) -> list[int]:
    """Places of a longest run of days that never fall."""
    tails: list[int] = []
    at: list[int] = []
    before = array("q")
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

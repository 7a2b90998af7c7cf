"""What a body must publish in the weeks after the monitoring point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from checks.mandated.items import DisclosureItem, Holding, holdings_of, walked
from crawler.evidence.reader import Evidence

DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSoon:
    """The work of `year` on one item, due on `day`.

    `sure` False when the date is recalled or derived, not read in the rule. `always` False when only bodies
    that have such matters must publish it. `there` None when the evidence cannot tell. `url` is where it
    stands already.
    """

    item: str
    name: str
    year: int
    day: dt.date
    basis: str
    sure: bool
    always: bool
    there: bool | None
    url: str | None = None


def due_soon(evidence: Evidence, days: int = DAYS) -> tuple[DueSoon, ...]:
    """Yearly items of the body's profile due from the monitoring point to `days` days later, earliest first."""
    as_of = evidence.run.as_of
    until = as_of + dt.timedelta(days=days)
    holdings = holdings_of(evidence)
    partial = not walked(evidence)
    found = []
    for item in holdings.items:
        ahead = [row for row in _dates(item, as_of) if as_of <= row[0] <= until]
        if not ahead:
            continue
        holding = holdings.of(item)
        for day, year, sure in ahead:
            page = holding.years.get(year)
            found.append(
                DueSoon(
                    item=item.id,
                    name=item.name,
                    year=year,
                    day=day,
                    basis=item.rule(day).text,
                    sure=sure,
                    always=item.always,
                    there=True if page else None if partial or _unread(holding) else False,
                    url=page.url if page else None,
                )
            )
    return tuple(sorted(found, key=lambda row: (row.day, row.item, row.year)))


def _dates(item: DisclosureItem, as_of: dt.date) -> Iterator[tuple[dt.date, int, bool]]:
    """(day, year of the work, sure) this year and next, by the rule in force on the day: a newer rule ends an older one."""
    for due in item.due:
        for turn in (as_of.year, as_of.year + 1):
            day = dt.date(turn, due.month, due.day)
            in_force = max((one.since for one in item.due if one.since <= day), default=None)
            if due.since == in_force:
                yield day, turn - due.after, due.sure


def _unread(holding: Holding) -> bool:
    """Whether something of the item's name is there whose years could not be read."""
    return not holding.years and bool(holding.hits or holding.columns or holding.links)

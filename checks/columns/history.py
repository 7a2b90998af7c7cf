"""When each column was fed, month by month, read from the evidence of several runs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.evidence.reader import Evidence

MONTHS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Items of one column, its child columns included, per month: (first day of the month, items), oldest first."""

    path: tuple[str, ...]
    months: tuple[tuple[dt.date, int], ...]


def histories(runs: Iterable[Evidence], months: int = MONTHS) -> tuple[History, ...]:
    """The columns of the latest run, static ones left out, over the `months` up to its monitoring point; `runs` oldest first.

    An item counts in the month of the date it bore when first seen: renewing a date adds nothing, and what was
    taken down since still counts.
    """
    dates: dict[tuple[str, ...], dict[str, dt.date]] = {}
    latest: Evidence | None = None
    for evidence in runs:
        latest = evidence
        _gather(evidence, dates)
    if latest is None:
        return ()
    last = latest.run.as_of.year * 12 + latest.run.as_of.month - 1
    return tuple(
        History(path=path, months=_months(dates, path, last, months, latest.run.as_of))
        for path in dict.fromkeys(c.path for c in latest.columns() if c.column_class != "static")
    )


def _gather(evidence: Evidence, dates: dict[tuple[str, ...], dict[str, dt.date]]) -> None:
    paths = {column.id: column.path for column in evidence.columns()}
    for column_id, url, day in evidence.dated():
        if column_id in paths:
            dates.setdefault(paths[column_id], {}).setdefault(url, day)


def _months(
    dates: dict[tuple[str, ...], dict[str, dt.date]],
    path: tuple[str, ...],
    last: int,
    months: int,
    as_of: dt.date,
) -> tuple[tuple[dt.date, int], ...]:
    merged: dict[str, dt.date] = {}
    for other, mine in dates.items():
        if other[: len(path)] == path:
            for url, day in mine.items():
                merged.setdefault(url, day)
    counted = Counter(day.year * 12 + day.month - 1 for day in merged.values() if day <= as_of)
    return tuple(
        (dt.date(number // 12, number % 12 + 1, 1), counted[number])
        for number in range(last - months + 1, last + 1)
    )

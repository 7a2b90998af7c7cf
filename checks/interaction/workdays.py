"""Working days by the Chinese calendar: statutory holidays off, make-up Saturdays and Sundays on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import chinese_calendar
from chinese_calendar.constants import holidays

FIRST = min(holidays).year
LAST = max(holidays).year


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Working days after the first day up to and including the last. `exact` False outside the calendar's years."""

    days: int
    exact: bool

    @property
    def words(self) -> str:
        return f"{self.days} 个工作日" + ("" if self.exact else "（未计法定节假日）")


def between(start: dt.date, end: dt.date) -> Span:
    """Working days from `start` (not counted) to `end` (counted); 0 when `end` is not later. Bounded to ten years."""
    exact = start.year >= FIRST and end.year <= LAST
    days = 0
    for offset in range(1, min((end - start).days, 3_660) + 1):
        days += _works(start + dt.timedelta(days=offset))
    return Span(days=days, exact=exact)


def after(start: dt.date, days: int) -> tuple[dt.date, bool]:
    """The day `days` working days after `start` (not counted), and whether holidays of its years are known."""
    day, left = start, days
    while left > 0 and day < dt.date.max:
        day += dt.timedelta(days=1)
        left -= _works(day)
    return day, start.year >= FIRST and day.year <= LAST


def _works(day: dt.date) -> bool:
    if FIRST <= day.year <= LAST:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5

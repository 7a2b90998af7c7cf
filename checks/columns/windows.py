"""Windows of time as the tables give them: "14d", "6m" (calendar months), "1y"."""

from __future__ import annotations

import calendar
import datetime as dt


def back(day: dt.date, window: str) -> dt.date:
    """The first day of the window that ends on `day`."""
    return _shift(day, window, -1)


def forward(day: dt.date, window: str) -> dt.date:
    """The last day on which something of `day` is still inside the window."""
    return _shift(day, window, 1)


def words(window: str) -> str:
    """A window as a reader says it."""
    return f"{window[:-1]} " + {"d": "天", "m": "个月", "y": "年"}[window[-1]]


def _shift(day: dt.date, window: str, sign: int) -> dt.date:
    count, unit = sign * int(window[:-1]), window[-1]
    if unit == "d":
        return day + dt.timedelta(days=count)
    months = day.year * 12 + day.month - 1 + count * {"m": 1, "y": 12}[unit]
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

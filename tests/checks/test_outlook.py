"""The day a veto line is crossed, and the fewest columns that prevent it."""

import datetime as dt

from checks.check import Subject
from checks.outlook import Crossing, countdown
from checks.registry import CHECKS
from checks.standard import load

AS_OF = dt.date(2018, 4, 16)
CLAUSE = load("census-2015", CHECKS).clause("C15-V03a")


def crossings(*days: int) -> list[Crossing]:
    return [
        Crossing(day=AS_OF + dt.timedelta(days=n), subject=Subject(kind="column", key=f"栏目{i}"))
        for i, n in enumerate(days)
    ]


def test_the_fifth_column_crosses_the_line() -> None:
    row = countdown(CLAUSE, 3, crossings(-9, -5, -1, 4, 12, 60), AS_OF)
    assert row is not None
    assert (row.failing, row.line, row.crosses_on) == (3, 5, AS_OF + dt.timedelta(days=12))
    assert [c.subject.key for c in row.update] == ["栏目0"]


def test_a_crossed_line_needs_enough_columns_to_come_back_below_it() -> None:
    row = countdown(CLAUSE, 6, crossings(-9, -8, -7, -6, -5, -4, 3), AS_OF)
    assert row is not None
    assert row.crosses_on == AS_OF
    assert [c.subject.key for c in row.update] == ["栏目0", "栏目1", "栏目2"]


def test_too_few_columns_never_cross() -> None:
    row = countdown(CLAUSE, 0, crossings(3, 4), AS_OF)
    assert row is not None
    assert (row.crosses_on, row.update) == (None, ())


def test_nothing_that_ages_has_no_countdown() -> None:
    assert countdown(CLAUSE, 2, [], AS_OF) is None

"""Three public expenses as a document states them, per year and kind, from its prose and its tables.

Pure readers of text. A figure is taken only where its label, kind and year can be told; what cannot be
told is left out, since a wrong reading here would accuse a bureau of a wrong sum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from checks.money.amounts import unit_of
from checks.money.grid import read_table
from checks.money.labels import is_region, title_year_kind
from checks.money.prose import read_prose
from checks.money.statement import Group, Rows, Statement

_WORTH = re.compile(r"三公|公务接待|公务用?车|出国|出境")


def three_public(text: str, tables: Sequence[Rows] = (), *, title: str = "") -> Statement | None:
    """The statement of a page or document, None when it says nothing of three public expenses.

    `text` prose with table rows as lines with tabs; `tables` rows of cells with merged cells filled.
    """
    if not _WORTH.search(text) and not any(
        _WORTH.search("".join(row)) for rows in tables for row in rows[:60]
    ):
        return None
    return _three_public(text, tuple(tuple(tuple(row) for row in rows) for rows in tables), title)


@lru_cache(maxsize=128)
def _three_public(text: str, tables: tuple[tuple[tuple[str, ...], ...], ...], title: str) -> Statement | None:
    year, kind = title_year_kind(title)
    if year is None or kind is None:
        head = next((line for line in text[:600].splitlines() if re.search("预算|决算|三公", line)), "")
        head_year, head_kind = title_year_kind(head)
        year, kind = year or head_year, kind or head_kind
    unit = unit_of(text)
    groups: list[Group] = []
    found = 0
    for number, rows in enumerate(tables, 1):
        read = read_table(rows, f"第{number}张表", unit, year, kind)
        found += bool(read)
        groups.extend(read)
    prose, changes = read_prose(text, year, kind)
    groups.extend(prose)
    if not groups:
        return None
    return Statement(
        title=title, year=year, kind=kind, region=is_region(title), groups=tuple(groups),
        changes=tuple(changes), tables=found,
    )  # fmt: skip

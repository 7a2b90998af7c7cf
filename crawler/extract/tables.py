"""Tables of a page as rows of cell strings, merged cells filled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.evidence.records import Fact
from crawler.extract.signs import any_in

if TYPE_CHECKING:
    from crawler.extract.webpage import WebPage

Table = tuple[tuple[str, ...], ...]

_WORTH = {
    "元": ("万元", "亿元"),
    "费": ("经费",),
    "算": ("决算", "预算"),
    "权": ("权责", "职权"),
    "单": ("清单",),
    "果": ("办理结果",),
    "量": ("申请数量",),
    "计": ("合计", "总计"),
}
"""A page without any of these holds no table that a check of figures reads."""

_SPACE = re.compile(r"\s+")
_TABLES = 80
_ROWS = 2000
_CELLS = 60_000
_COLUMNS = 60
_CELL = 4000


def facts(page: WebPage) -> tuple[Fact, ...]:
    """The page's data tables as facts of kind "table": `{"rows": ((cell, ...), ...)}`. Most pages give none."""
    if page.words.isdisjoint(("<table", "<TABLE")):
        return ()
    if not any_in(page.html, _WORTH):
        return ()
    return tuple(
        Fact(kind="table", data={"rows": table}) for table in tables_of(page.tree) if worth_keeping(table)
    )


def worth_keeping(table: Table) -> bool:
    """Whether a table holds figures: at least two rows and two columns, with a number in some cell."""
    return len(table) > 1 and len(table[0]) > 1 and any(cell[:1].isdigit() for row in table for cell in row)


def tables_of(tree: LexborHTMLParser) -> tuple[Table, ...]:
    """Every innermost table of the tree: tables that hold tables only lay the page out."""
    found: list[Table] = []
    left = _CELLS
    for node in tree.css("table")[: _TABLES * 4]:
        if len(node.css("table")) > 1:
            continue
        table = _grid(node, left)
        left -= sum(map(len, table))
        if table:
            found.append(table)
        if left <= 0 or len(found) >= _TABLES:
            break
    return tuple(found)


def _rows(node: LexborNode) -> Iterable[LexborNode]:
    return node.css("tr")[:_ROWS]


def _grid(node: LexborNode, left: int) -> Table:
    """The table's cells with rowspan and colspan spread out, short rows filled with blanks."""
    grid: list[list[str]] = []
    pending: dict[int, tuple[int, str]] = {}
    """Column -> (rows still to cover, text) of cells that reach down from above."""
    for line in _rows(node):
        row: list[str] = []
        cells = [child for child in line.iter() if child.tag in ("td", "th")]
        for child in cells:
            _reach(row, pending)
            text = _SPACE.sub(" ", child.text().replace("\u3000", " ")).strip()[:_CELL]
            wide = _span(child.attributes.get("colspan"), _COLUMNS)
            tall = _span(child.attributes.get("rowspan"), _ROWS)
            for _ in range(min(wide, _COLUMNS - len(row))):
                if tall > 1:
                    pending[len(row)] = (tall - 1, text)
                row.append(text)
        _reach(row, pending)
        left -= len(row)
        if left < 0:
            break
        if row:
            grid.append(row)
    width = max(map(len, grid), default=0)
    return tuple(tuple(row + [""] * (width - len(row))) for row in grid if any(row))


def _reach(row: list[str], pending: dict[int, tuple[int, str]]) -> None:
    while len(row) in pending:
        rows, text = pending[len(row)]
        if rows > 1:
            pending[len(row)] = (rows - 1, text)
        else:
            del pending[len(row)]
        row.append(text)


def _span(value: str | None, most: int) -> int:
    digits = (value or "").strip()
    return max(1, min(int(digits), most)) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 1

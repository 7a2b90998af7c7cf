"""XLS, XLSX, ET: every sheet a table, merged cells filled, by calamine."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import python_calamine as calamine

from crawler.documents.characters import cell, first_line, row_line
from crawler.documents.packages import Package, opened
from crawler.documents.record import DocumentText, Limits, Table, Unreadable

_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def read(data: bytes, kind: str, limits: Limits) -> DocumentText:
    """A workbook's sheets. `kind` xlsx, xls or et. Raises `Unreadable`."""
    try:
        return _read(data, kind, limits)
    except BaseException as error:
        # A panic inside calamine on a damaged file arrives as a class that only Rust can name.
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable("broken") from None


def _read(data: bytes, kind: str, limits: Limits) -> DocumentText:
    links: tuple[str, ...] = ()
    pictures = False
    if kind == "xlsx":
        with opened(data, limits) as package:
            _guard(package, limits)
            links = _links(package)
            pictures = any(name.startswith("xl/media/") for name in package.names())
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names[:200]
    except calamine.CalamineError as error:
        raise Unreadable(
            "encrypted" if "assword" in str(error) or "ncrypt" in str(error) else "broken"
        ) from error
    tables: list[Table] = []
    lines: list[str] = []
    left = limits.cells
    cut = False
    for name in names:
        try:
            table = _sheet(book.get_sheet_by_name(name), limits, left)
        except (calamine.CalamineError, ValueError, IndexError) as error:
            if len(names) == 1:
                raise Unreadable("broken") from error
            continue
        if table is None:
            cut = True
            continue
        left -= sum(map(len, table))
        if table:
            tables.append(table)
            lines.append(cell(name, 100))
            lines.extend(row_line(row) for row in table)
    text = "\n".join(line for line in lines if line.strip())
    if not tables:
        raise Unreadable("too-large" if cut else "scanned" if pictures else "empty")
    heading = next((value for row in tables[0] for value in row if value), "")
    return DocumentText(
        kind=kind, text=text[: limits.text], tables=tuple(tables), title=heading[:80] or first_line(text), links=links,
        cut=cut or len(text) > limits.text,
    )  # fmt: skip


def _guard(package: Package, limits: Limits) -> None:
    """Refuse sheets whose far-apart cells would be spread out into a grid of billions."""
    for name in package.names():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            columns, rows = 0, 0
            for match in _CELL.finditer(package.read(name)):
                rows = max(rows, int(match[2]))
                columns = max(columns, len(match[1]) * 100 + match[1][0])
            width = {1: 26, 2: 702, 3: 16384}.get(columns // 100 if columns else 1, 16384)
            if rows * width > 60_000_000 or (rows > 1_048_576):
                raise Unreadable("bomb")
        elif name.endswith((".xml", ".rels")):
            package.read(name)


def _sheet(sheet: calamine.CalamineSheet, limits: Limits, left: int) -> Table | None:
    """The rows of one sheet without empty edges, None when it has more than `left` cells."""
    if sheet.total_height * sheet.total_width > max(left, 0) * 20:
        return None
    rows: list[list[str]] = []
    count = 0
    for values in sheet.to_python(skip_empty_area=False):
        row = [_shown(value, limits) for value in values]
        while row and not row[-1]:
            row.pop()
        count += len(row)
        if count > left:
            return None
        rows.append(row)
    _spread(rows, sheet.merged_cell_ranges or [], left - count)
    kept = [row for row in rows if any(row)]
    width = max(map(len, kept), default=0)
    return tuple(tuple(row + [""] * (width - len(row))) for row in kept)


def _spread(rows: list[list[str]], ranges: list[tuple[tuple[int, int], tuple[int, int]]], left: int) -> None:
    """Write a merged cell's text into all cells it covers."""
    for (top, first), (bottom, last) in ranges[:5000]:
        bottom = min(bottom, len(rows) - 1)
        left -= max(0, bottom - top + 1) * (last - first + 1)
        if left < 0:
            return
        if top >= len(rows) or first >= len(rows[top]) or not rows[top][first]:
            continue
        text = rows[top][first]
        for row in rows[top : bottom + 1]:
            row.extend([""] * (last + 1 - len(row)))
            row[first : last + 1] = [text] * (last - first + 1)


def _shown(value: Any, limits: Limits) -> str:
    """A cell as a person sees it; a number without the noise of binary fractions."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        text = format(value, ".15g")
        if "e" in text:
            text = format(value, ".2f") if abs(value) < 1e18 else text
        return text.removesuffix(".0")
    if isinstance(value, dt.datetime):
        return (
            value.date().isoformat()
            if (value.hour, value.minute) == (0, 0)
            else value.isoformat(" ", "minutes")
        )
    return cell(str(value), limits.cell)


def _links(package: Package) -> tuple[str, ...]:
    found: list[str] = []
    for name in package.names():
        if name.startswith("xl/worksheets/_rels/"):
            relations = package.xml(name)
            if relations is not None:
                found += [
                    relation.get("Target", "").strip()
                    for relation in relations.iter(_REL)
                    if relation.get("Type", "").endswith("/hyperlink")
                ]
    return tuple(dict.fromkeys(filter(None, found)))[:2000]

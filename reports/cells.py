"""The cells of a workbook someone sends back, read as hostile: bounded, formulas told apart, nothing followed."""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from reports.errors import ReportError

MOST_FILE_BYTES = 50_000_000
MOST_UNPACKED_BYTES = 600_000_000
MOST_ROWS = 200_000
MOST_COLUMNS = 200

_REF = re.compile("[A-Z]{1,3}[1-9][0-9]{0,6}")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"

Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One sheet: rows of cells from A1 on; `formulas` are (row, column) of cells that compute."""

    name: str
    rows: list[list[Cell]]
    formulas: frozenset[tuple[int, int]]

    def ref(self, row: int, column: int) -> str:
        """The cell as people name it: 整改台账!T7."""
        return f"{self.name}!{xl_rowcol_to_cell(row, column)}"


def grids_of(path: Path) -> dict[str, Grid]:
    """The sheets of an .xlsx file by name. Raises ReportError, OSError."""
    if path.stat().st_size > MOST_FILE_BYTES:
        raise ReportError(f"{path.name}：文件超过 {MOST_FILE_BYTES // 1_000_000} MB")
    return grids(path.read_bytes(), path.name)


def grids(data: bytes, file: str) -> dict[str, Grid]:
    """The sheets of a workbook by name. Raises ReportError when it is none, or beyond all measure."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED_BYTES:
                raise ReportError(f"{file}：解开后太大")
            formulas = {name: _formulas(package, part, file) for name, part in _sheets(package)}
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            name: Grid(
                name=name,
                rows=book.get_sheet_by_name(name).to_python(skip_empty_area=False),
                formulas=formulas[name],
            )
            for name in book.sheet_names
            if name in formulas
        }
    except (zipfile.BadZipFile, KeyError, NotImplementedError, etree.XMLSyntaxError, CalamineError) as error:
        raise ReportError(f"{file}：不是能读的 .xlsx 文件，请另存为 .xlsx 再读") from error


def _sheets(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of every worksheet."""
    targets = {
        one.get("Id"): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lstrip("/")
        for one in _tree(package, "xl/_rels/workbook.xml.rels").iter(f"{_PACKAGE}Relationship")
        if one.get("Type", "").endswith("/worksheet")
    }
    for one in _tree(package, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        part = targets.get(one.get(f"{_REL}id"))
        if part:
            yield one.get("name", ""), part


def _tree(package: zipfile.ZipFile, part: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(package.read(part), parser)


def _formulas(package: zipfile.ZipFile, part: str, file: str) -> frozenset[tuple[int, int]]:
    """Cells that compute. Read before the values, so that a cell far out cannot ask for a huge grid."""
    found = set()
    with package.open(part) as stream:
        walk = etree.iterparse(
            stream, tag=(f"{_MAIN}c", f"{_MAIN}row"), resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, element in walk:
            if element.tag == f"{_MAIN}row":
                element.clear()
                continue
            ref = element.get("r", "")
            if not _REF.fullmatch(ref):
                raise ReportError(f"{file}：有的格子没有编号，请用 Excel 或 WPS 打开后另存为 .xlsx 再读")
            row, column = xl_cell_to_rowcol(ref)
            if row >= MOST_ROWS or column >= MOST_COLUMNS:
                raise ReportError(f"{file}：{ref} 处也有内容，表太大；请删掉台账以外的行和列")
            if element.find(f"{_MAIN}f") is not None:
                found.add((row, column))
    return frozenset(found)

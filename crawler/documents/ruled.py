"""Tables of PDF pages that are drawn with lines, by pdfplumber's search over what pdfium says is drawn."""

from __future__ import annotations

import io
import logging
from contextlib import suppress

import pypdfium2 as pdfium
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.pdf import PDF
from pdfplumber.table import Table as DrawnTable
from pdfplumber.table import TableFinder
from pdfplumber.utils.text import extract_text

from crawler.documents.characters import cell
from crawler.documents.drawn import MOST_CHARS, MOST_EDGES, Object, chars, sheet
from crawler.documents.record import Limits, Table

_FAULTS = (
    PDFException, PSException, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError, RecursionError,
)  # fmt: skip
"""What pdfplumber and pdfminer raise on damaged pages."""
logging.getLogger("pdfminer").setLevel(logging.ERROR)

Rows = list[list[str | None]]
Found = tuple[float, list[tuple[DrawnTable, Rows]]]
"""The height of a page and its tables."""


class RuledTables:
    """The tables of a document's pages, read in their order; one that goes on over the page is put together."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._plumber: PDF | None = None
        self._tables: list[Table] = []
        self._cells = 0
        self._open_page = -2
        """The page whose last table reaches its foot: the next page may go on with it."""

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(table for table in self._tables if len(table) > 1)

    def read(self, index: int, page: pdfium.PdfPage, layer: pdfium.PdfTextPage) -> None:
        """Add the tables of a page; one that cannot be read gives none."""
        if self._cells > self._limits.cells:
            return
        with suppress(*_FAULTS):
            self._add(index, *(_drawn(page, layer) or self._plumbed(index)))

    def _plumbed(self, index: int) -> Found:
        """What pdfminer sees on the page."""
        if self._plumber is None:
            self._plumber = PDF.open(io.BytesIO(self._data))
        page = self._plumber.pages[index]
        try:
            if len(page.objects.get("char", ())) > MOST_CHARS or len(page.edges) > MOST_EDGES:
                return float(page.height), []
            return float(page.height), [(table, table.extract()) for table in page.find_tables()]
        finally:
            page.close()

    def _add(self, index: int, height: float, found: list[tuple[DrawnTable, Rows]]) -> None:
        tables = self._tables
        for place, (drawn, rows) in enumerate(found):
            table = _filled(rows, self._limits)
            self._cells += sum(map(len, table))
            if self._cells > self._limits.cells:
                return
            top_of_page = place == 0 and self._open_page == index - 1 and drawn.bbox[1] < 0.25 * height
            if top_of_page and tables and table and len(table[0]) == len(tables[-1][0]):
                tables[-1] += table[1:] if table[0] == tables[-1][0] else table
            elif table and len(table[0]) > 1:
                tables.append(table)
        at_foot = bool(found) and found[-1][0].bbox[3] > 0.8 * height
        self._open_page = index if at_foot else -2


def _drawn(page: pdfium.PdfPage, layer: pdfium.PdfTextPage) -> Found | None:
    """What pdfium sees on the page; None when pdfminer has to be asked."""
    whole = sheet(page)
    if whole is None:
        return None
    found = TableFinder(whole).tables  # type: ignore[arg-type]
    letters = chars(page, layer) if found else []
    if letters is None:
        return None
    readable = len(letters) <= MOST_CHARS
    return whole.bbox[3], [(table, _rows(table, letters)) for table in found] if readable else []


def _rows(table: DrawnTable, letters: list[Object]) -> Rows:
    """The words of each cell: a character stands where its middle is. None where a merged cell covers another."""
    placed = [
        ((letter["x0"] + letter["x1"]) / 2, (letter["top"] + letter["bottom"]) / 2, letter)
        for letter in letters
    ]
    rows: Rows = []
    for row in table.rows:
        left, top, right, bottom = row.bbox
        inside = [entry for entry in placed if top <= entry[1] < bottom and left <= entry[0] < right]
        rows.append(
            [
                None
                if box is None
                else extract_text(
                    [letter for x, y, letter in inside if box[0] <= x < box[2] and box[1] <= y < box[3]]
                )
                for box in row.cells
            ]
        )
    return rows


def _filled(rows: Rows, limits: Limits) -> Table:
    """Cells as strings; a cell covered by a merged one (None) takes its text from the left, else from above."""
    out: list[list[str]] = []
    for row in rows:
        line: list[str] = []
        for column, value in enumerate(row):
            if value is not None:
                line.append(cell(value.replace("\n", ""), limits.cell))
            elif (line and row[column - 1] is not None) or (line and not (out and out[-1][column])):
                line.append(line[-1])
            else:
                line.append(out[-1][column] if out and column < len(out[-1]) else "")
        out.append(line)
    return tuple(tuple(row) for row in out)

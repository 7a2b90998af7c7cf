"""Tables of PDF pages that are drawn with lines, by pdfplumber."""

from __future__ import annotations

import io
import logging

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException

from crawler.documents.characters import cell
from crawler.documents.record import Limits, Table

_FAULTS = (
    PDFException, PSException, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError, RecursionError,
)  # fmt: skip
"""What pdfplumber and pdfminer raise on damaged pages."""
logging.getLogger("pdfminer").setLevel(logging.ERROR)


def ruled_tables(data: bytes, pages: list[int], limits: Limits) -> tuple[Table, ...]:
    """The tables of `pages`, one that goes on over the page put together; a page pdfplumber cannot read gives none."""
    tables: list[Table] = []
    cells = 0
    open_page = -2
    """The page whose last table reaches its foot: the next page may go on with it."""
    try:
        with pdfplumber.open(io.BytesIO(data), pages=[page + 1 for page in pages]) as document:
            for index, page in zip(pages, document.pages, strict=True):
                if len(page.objects.get("char", ())) > 20_000 or len(page.edges) > 5_000:
                    continue
                found = page.find_tables()
                for place, drawn in enumerate(found):
                    table = _filled(drawn.extract(), limits)
                    cells += sum(map(len, table))
                    if cells > limits.cells:
                        return tuple(tables)
                    top_of_page = (
                        place == 0 and open_page == index - 1 and drawn.bbox[1] < 0.25 * float(page.height)
                    )
                    if top_of_page and tables and table and len(table[0]) == len(tables[-1][0]):
                        tables[-1] += table[1:] if table[0] == tables[-1][0] else table
                    elif table and len(table[0]) > 1:
                        tables.append(table)
                at_foot = bool(found) and found[-1].bbox[3] > 0.8 * float(page.height)
                open_page = index if at_foot else -2
                page.close()
    except _FAULTS:
        pass
    return tuple(table for table in tables if len(table) > 1)


def _filled(rows: list[list[str | None]], limits: Limits) -> Table:
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

"""Sheets besides the ledger: 评分表, 人工核查表 to fill in, 栏目更新台账. Text from a site is never a formula or a link."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from checks.answers import AnswerError, Result
from checks.columns.ledger import Line
from reports.cells import grids
from reports.columns import HEADINGS, cells
from reports.errors import ReportError
from reports.language import heard
from reports.rectification import Rectification, clean
from reports.workbook import across, header, opened, scores, tall

CHECKLIST = "人工核查表"
ASKED: tuple[tuple[str, int, str], ...] = (
    ("条款编号", 12, "clause"),
    ("评分表", 24, ""),
    ("条款", 34, ""),
    ("怎么核查", 56, ""),
    ("结果", 12, "result"),
    ("处数", 8, "count"),
    ("核查人", 12, "by"),
    ("核查日期", 13, "on"),
    ("说明", 40, "note"),
    ("已有结果", 36, ""),
)
COLUMN_WIDTHS = (36, 46, 14, 14, 30, 10, 30, 14)


def score_book(view: Rectification) -> bytes:
    """评分表 as a workbook of one sheet."""
    out = io.BytesIO()
    book, looks = opened(out, f"{view.site_name} 评分表", view.seal)
    scores(book.add_worksheet("评分表"), view, looks)
    book.close()
    return out.getvalue()


def checklist_book(view: Rectification) -> bytes:
    """人工核查表 as a workbook that read_checklist reads back."""
    out = io.BytesIO()
    book, looks = opened(out, f"{view.site_name} {CHECKLIST}", view.seal)
    sheet = book.add_worksheet(CHECKLIST)
    header(sheet, [(name, width) for name, width, _ in ASKED], looks.head)
    row = 0
    for table in view.tables:
        for asked in table.to_answer:
            row += 1
            shown = (asked.clause.id, table.title, asked.clause.title, asked.how)
            tall(sheet, row, [(name, width) for name, width, _ in ASKED], shown)
            for column, value in enumerate(shown):
                sheet.write_string(row, column, value, looks.text)
            for column in range(len(shown), len(ASKED) - 1):
                sheet.write_blank(row, column, None, looks.day if ASKED[column][2] == "on" else looks.fill)
            sheet.write_string(row, len(ASKED) - 1, asked.given, looks.text)
            sheet.data_validation(
                row,
                4,
                row,
                4,
                {
                    "validate": "list",
                    "source": list(asked.choices),
                    "error_title": "结果",
                    "error_message": f"请从列表中选择：{'、'.join(asked.choices)}",
                },
            )
    book.close()
    return out.getvalue()


def read_checklist(content: bytes, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The filled rows of a 人工核查表, each with its place. Raises AnswerError when it is none."""
    try:
        sheets = grids(content, name)
    except ReportError as error:
        raise AnswerError(f"{name}：不是一份人工核查表（{error}）") from error
    if CHECKLIST not in sheets:
        raise AnswerError(f"{name}：不是一份人工核查表")
    rows = sheets[CHECKLIST].rows
    heads = [str(one).strip() for one in rows[0]] if rows else []
    missing = [title for title, _, key in ASKED if key and title not in heads]
    if missing:
        raise AnswerError(f"{name}：缺少列 {'、'.join(missing)}")
    found: list[tuple[str, Mapping[str, Any]]] = []
    for number, row in enumerate(rows[1:], 2):
        given = {key: row[heads.index(title)] for title, _, key in ASKED if key}
        given["result"] = heard(str(given["result"]).strip(), Result) or given["result"]
        if any(str(value).strip() for key, value in given.items() if key != "clause"):
            found.append((f"{name} 第 {number} 行", given))
    return found


def columns_book(
    site_name: str, as_of: str, standard: str, lines: Sequence[Line], seal: dt.datetime
) -> bytes:
    """栏目更新台账 as a workbook."""
    out = io.BytesIO()
    book, looks = opened(out, f"{clean(site_name, 60)} 栏目更新台账", seal)
    sheet = book.add_worksheet("栏目更新台账")
    columns = list(zip(HEADINGS, COLUMN_WIDTHS, strict=True))
    header(sheet, columns, looks.head)
    for row, line in enumerate(lines, 1):
        tall(sheet, row, columns, cells(line))
        for column, value in enumerate(cells(line)):
            if column == 5 and line.age_days is not None:
                sheet.write_number(row, column, line.age_days, looks.number)
            else:
                sheet.write_string(row, column, value, looks.text)
    sheet.autofilter(0, 0, max(len(lines), 1), len(HEADINGS) - 1)
    notes = book.add_worksheet("说明")
    across(notes)
    notes.set_column(0, 0, 16)
    notes.set_column(1, 1, 90)
    for row, (title, value) in enumerate(
        (("网站名称", clean(site_name, 60)), ("监测时间点", as_of), ("更新期限依据", standard))
    ):
        notes.write_string(row, 0, title, looks.text)
        notes.write_string(row, 1, value, looks.text)
    book.close()
    return out.getvalue()

"""整改台账: the list staff fill in, as a workbook. Every cell from a site is text, never a formula or a link."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.ahead import ahead
from reports.documents import score_rows
from reports.language import say
from reports.ledger.entry import Answer, Entry, State
from reports.plain import UNOFFICIAL, changes_words
from reports.problems import Problem, problems
from reports.rectification import Rectification, clean

LIST_SHEET = "整改台账"
NOTES_SHEET = "说明"
STAMP = "导出印记"
STATES = tuple(say(state.value) for state in State)
RECHECKS = tuple(say(answer.value) for answer in Answer)
COLUMNS: tuple[tuple[str, int], ...] = (
    ("序号", 6),
    ("问题编号", 18),
    ("网站名称", 11),
    ("标识码", 12),
    ("主办单位", 11),
    ("指标（一级/二级）", 13),
    ("问题类型", 11),
    ("级别", 7),
    ("所在栏目", 13),
    ("问题页面（标题+网址）", 32),
    ("问题描述", 48),
    ("建议修改", 28),
    ("快照", 11),
    ("首次发现", 11),
    ("扣分", 6),
    ("责任科室", 10),
    ("责任人", 9),
    ("整改措施", 20),
    ("整改时限", 11),
    ("整改状态", 11),
    ("复查时间", 11),
    ("复查结果", 12),
    ("销号日期", 11),
    ("备注", 14),
)
NAMES = tuple(name for name, _ in COLUMNS)
TO_FILL = NAMES.index("责任科室")
# The columns people fill in, by field of the ledger's entry.
FIELDS = {
    "责任科室": "office",
    "责任人": "person",
    "整改措施": "measure",
    "整改时限": "deadline",
    "整改状态": "state",
    "复查时间": "recheck_at",
    "复查结果": "recheck_answer",
    "销号日期": "closed_on",
    "备注": "remark",
}
DAYS = ("整改时限", "复查时间", "销号日期")
PLACE_COLUMNS = (
    ("问题编号", 24),
    ("位置", 6),
    ("页面标题", 36),
    ("网址", 70),
    ("所在区域", 16),
    ("原文", 60),
    ("看到的时间", 18),
)
SCORE_COLUMNS = (
    ("一级指标", 14),
    ("二级指标", 18),
    ("考察点", 30),
    ("扣分细则", 56),
    ("存在的问题", 60),
    ("扣分", 10),
)
MOST_ROWS = 1_000_000
LINE_POINTS = 13.5
MOST_POINTS = 400.0
"""A row of Excel cannot be higher than 409 points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The cell formats of a workbook: text, numbers, dates to fill in, cells to fill in, heads, row numbers."""

    text: Format
    number: Format
    day: Format
    fill: Format
    head: Format
    order: Format


def as_xlsx(view: Rectification) -> bytes:
    """The workbook: 整改台账, 位置, 评分表 (where a table gives points), 说明.

    What the ledger keeps is filled in, its problems that this run did not list are added, and the workbook is stamped
    so that it can be read back.
    """
    out = io.BytesIO()
    book, looks = opened(out, f"{view.site_name} 整改台账", view.seal)
    listed = problems(view)
    _ledger(book.add_worksheet(LIST_SHEET), listed, looks)
    _places(book.add_worksheet("位置"), listed, looks)
    if view.scored:
        scores(book.add_worksheet("评分表"), view, looks)
    if blocks := ahead(view):
        _ahead(book.add_worksheet("预警"), blocks, looks.text, looks.head)
    _notes(book.add_worksheet(NOTES_SHEET), view, looks.text)
    book.close()
    return out.getvalue()


def opened(out: io.BytesIO, title: str, seal: dt.datetime) -> tuple[xlsxwriter.Workbook, Looks]:
    """A workbook in which text from a site stays text, and its formats."""
    book = xlsxwriter.Workbook(
        out,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "in_memory": True,
        },
    )
    created = seal.astimezone(dt.UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "author": "巡查", "created": created})
    font = {"font_name": "宋体", "font_size": 10, "valign": "top", "border": 1, "border_color": "#B8C2CC"}
    fill = {"bg_color": "#FFFBEA", "locked": False}
    wide = {"align": "center", "valign": "vcenter", "text_wrap": True}
    return book, Looks(
        text=book.add_format({**font, "text_wrap": True}),
        number=book.add_format({**font, "num_format": "0.##"}),
        day=book.add_format({**font, **fill, "num_format": "yyyy-mm-dd", "align": "left"}),
        fill=book.add_format({**font, **fill, "text_wrap": True}),
        head=book.add_format({**font, **wide, "bold": True, "bg_color": "#DCE6F1"}),
        order=book.add_format({**font, "align": "center"}),
    )


def header(sheet: Worksheet, columns: Sequence[tuple[str, int]], head: Format) -> None:
    """Head row, widths, frozen panes, and A3 across for print."""
    for column, (name, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    across(sheet, paper=8)


def across(sheet: Worksheet, *, paper: int = 9) -> None:
    """Print landscape, as wide as the page: A4, or 8 for A3."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def tall(sheet: Worksheet, row: int, columns: Sequence[tuple[str, int]], cells: Iterable[str]) -> None:
    """Make a row as high as its longest cell: LibreOffice shows one line of a row that has no height."""
    lines = max(
        (_lines(text, width) for (_, width), text in zip(columns, cells, strict=False) if text), default=1
    )
    sheet.set_row(row, min(lines * LINE_POINTS + 3, MOST_POINTS))


def _lines(text: str, width: int) -> int:
    """Lines of a text in a column `width` digits wide; a Chinese character is two, as its bytes are here."""
    parts = text.split("\n")
    return sum(max(1, math.ceil(len(one.encode("gb18030", "replace")) / (width - 0.5))) for one in parts)


def _ledger(sheet: Worksheet, listed: Sequence[Problem], looks: Looks) -> None:
    header(sheet, COLUMNS, looks.head)
    last = max(len(listed), 1)
    marks = NAMES.index("扣分")
    for row, problem in enumerate(listed, 1):
        filled = [_filled(problem.entry, name) for name in NAMES[TO_FILL:]]
        tall(sheet, row, COLUMNS, ("", *problem.cells, "", *map(str, filled)))
        sheet.write_number(row, 0, row, looks.order)
        for column, value in enumerate(problem.cells, 1):
            sheet.write_string(row, column, value, looks.text)
        if problem.marks is None:
            sheet.write_string(row, marks, "", looks.text)
        else:
            sheet.write_number(row, marks, float(problem.marks), looks.number)
        for column, cell in enumerate(filled, TO_FILL):
            if isinstance(cell, dt.date):
                sheet.write_datetime(row, column, cell, looks.day)
            elif cell:
                sheet.write_string(row, column, cell, looks.fill)
            else:
                sheet.write_blank(row, column, None, looks.day if NAMES[column] in DAYS else looks.fill)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    for name, choices in (("整改状态", STATES), ("复查结果", RECHECKS)):
        column = NAMES.index(name)
        sheet.data_validation(
            1,
            column,
            last,
            column,
            {
                "validate": "list",
                "source": list(choices),
                "error_title": name,
                "error_message": f"请从列表中选择：{'、'.join(choices)}",
            },
        )
    for name in DAYS:
        column = NAMES.index(name)
        sheet.data_validation(
            1,
            column,
            last,
            column,
            {
                "validate": "date",
                "criteria": ">=",
                "value": dt.date(2000, 1, 1),
                "error_title": name,
                "error_message": "请填写日期，如 2026-04-16",
            },
        )


def _filled(entry: Entry | None, name: str) -> str | dt.date:
    """What stands in a cell that people fill in."""
    if entry is None:
        return say(State.TO_ISSUE.value) if name == "整改状态" else ""
    value = getattr(entry, FIELDS[name])
    if isinstance(value, State | Answer):
        return say(value)
    return value if isinstance(value, dt.date) else clean(value or "", 2_000)


def _places(sheet: Worksheet, listed: Sequence[Problem], looks: Looks) -> None:
    header(sheet, PLACE_COLUMNS, looks.head)
    row = 0
    for problem in listed:
        for order, place in enumerate(problem.places, 1):
            row += 1
            if row > MOST_ROWS:
                return
            cells = (place.title, place.url, place.where, place.quote, place.seen)
            tall(sheet, row, PLACE_COLUMNS, (problem.id, "", *cells))
            sheet.write_string(row, 0, problem.id, looks.text)
            sheet.write_number(row, 1, order, looks.number)
            for column, value in enumerate(cells, 2):
                sheet.write_string(row, column, value, looks.text)


def scores(sheet: Worksheet, view: Rectification, looks: Looks) -> None:
    """评分表: every table in the official six columns."""
    header(sheet, SCORE_COLUMNS, looks.head)
    row = 0
    for table in view.tables:
        row += 1
        sheet.merge_range(row, 0, row, 5, table.title + ("" if table.official else UNOFFICIAL), looks.head)
        for cells in score_rows(table):
            row += 1
            tall(sheet, row, SCORE_COLUMNS, cells)
            for column, value in enumerate(cells[:-1]):
                sheet.write_string(row, column, value, looks.text)
            try:
                sheet.write_number(row, 5, float(cells[-1]), looks.number)
            except ValueError:
                sheet.write_string(row, 5, cells[-1], looks.text)


def _ahead(sheet: Worksheet, blocks: Sequence[Mapping[str, Any]], text: Format, head: Format) -> None:
    across(sheet)
    columns = [("", width) for width in (40, 36, 36, 60)]
    for column, (_, width) in enumerate(columns):
        sheet.set_column(column, column, width)
    row = 0
    for block in blocks:
        sheet.merge_range(row, 0, row, 3, f"{block['title']}　{block['lead']}".strip(), head)
        for cells in (block["heads"], *block["rows"]):
            row += 1
            tall(sheet, row, columns, cells)
            for column, value in enumerate(cells):
                sheet.write_string(row, column, value, head if cells is block["heads"] else text)
        row += 2


def _notes(sheet: Worksheet, view: Rectification, text: Format) -> None:
    across(sheet)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    rows = [
        ("网站名称", view.site_name),
        ("监测时间点", view.as_of),
        ("报告编号", view.run_id),
        ("问题", str(view.totals.certain)),
        ("待人工核实", str(view.totals.doubtful)),
        ("位置", str(view.totals.places)),
        *((table.title, f"{table.standing_words}。{table.conclusion}{table.basis}") for table in view.tables),
        *(
            (f"采集：{one.kind}", "　".join(part for part in (one.state, one.counts, one.why) if part))
            for one in view.coverage
        ),
        ("与上次相比", changes_words(view) or "没有上次的结果"),
        ("怎么填", "黄色各列由责任科室填写，整改状态和复查结果从下拉列表中选择；不要改动问题编号。"),
        (
            "无需整改",
            "写明三项：备注写理由，责任人写决定人，整改时限写到期日。到期后问题还在的，重新列为待整改。",
        ),
        ("申诉", "整改状态选“申诉中”，理由写在备注里。"),
        *(
            [(STAMP, view.kept.stamp), (f"{STAMP}的用处", "读回时据此认出改动过的格子，请保留这一页。")]
            if view.kept
            else []
        ),
    ]
    for row, (name, value) in enumerate(rows):
        tall(sheet, row, (("", 18), ("", 100)), (name, value))
        sheet.write_string(row, 0, name, text)
        sheet.write_string(row, 1, value, text)

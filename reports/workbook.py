"""整改台账: the list staff fill in, as a workbook. Every cell from a site is text, never a formula or a link."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.ahead import ahead
from reports.documents import score_rows
from reports.plain import UNOFFICIAL, changes_words
from reports.rectification import Issue, Rectification

STATES = ("待下发", "待整改", "整改中", "已整改待复查", "复查未通过", "已销号", "无需整改", "申诉中")
RECHECKS = ("已整改", "未整改", "部分整改", "页面不可访问", "原文已变更无法比对", "受阻未能复查")
COLUMNS: tuple[tuple[str, int], ...] = (
    ("序号", 6),
    ("问题编号", 24),
    ("网站名称", 18),
    ("标识码", 13),
    ("主办单位", 18),
    ("指标（一级/二级）", 20),
    ("问题类型", 16),
    ("级别", 8),
    ("所在栏目", 20),
    ("问题页面（标题+网址）", 42),
    ("问题描述", 48),
    ("建议修改", 40),
    ("快照", 17),
    ("首次发现", 14),
    ("扣分", 8),
    ("责任科室", 13),
    ("责任人", 10),
    ("整改措施", 26),
    ("整改时限", 12),
    ("整改状态", 13),
    ("复查时间", 12),
    ("复查结果", 16),
    ("销号日期", 12),
    ("备注", 18),
)
NAMES = tuple(name for name, _ in COLUMNS)
TO_FILL = NAMES.index("责任科室")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The cell formats of a workbook: text, numbers, dates to fill in, cells to fill in, heads."""

    text: Format
    number: Format
    day: Format
    fill: Format
    head: Format


def as_xlsx(view: Rectification) -> bytes:
    """The workbook: 整改台账, 位置, 评分表 (where a table gives points), 说明."""
    out = io.BytesIO()
    book, looks = opened(out, f"{view.site_name} 整改台账", view.seal)
    text, number, head = looks.text, looks.number, looks.head
    _ledger(book.add_worksheet("整改台账"), view, text, number, looks.day, looks.fill, head)
    _places(book.add_worksheet("位置"), view.issues, text, number, head)
    if view.scored:
        scores(book.add_worksheet("评分表"), view, looks)
    if blocks := ahead(view):
        _ahead(book.add_worksheet("预警"), blocks, text, head)
    _notes(book.add_worksheet("说明"), view, text)
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
    wide = {"align": "center", "valign": "vcenter", "text_wrap": True}
    return book, Looks(
        text=book.add_format({**font, "text_wrap": True}),
        number=book.add_format({**font, "num_format": "0.##"}),
        day=book.add_format({**font, "num_format": "yyyy-mm-dd"}),
        fill=book.add_format({**font, "text_wrap": True, "bg_color": "#FFFBEA", "locked": False}),
        head=book.add_format({**font, **wide, "bold": True, "bg_color": "#DCE6F1"}),
    )


def header(sheet: Worksheet, columns: Sequence[tuple[str, int]], head: Format) -> None:
    """Head row, widths, frozen panes, and A3 across for print."""
    for column, (name, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _ledger(
    sheet: Worksheet,
    view: Rectification,
    text: Format,
    number: Format,
    day: Format,
    fill: Format,
    head: Format,
) -> None:
    header(sheet, COLUMNS, head)
    last = max(len(view.issues), 1)
    for row, issue in enumerate(view.issues, 1):
        sheet.write_number(row, 0, issue.number, number)
        for column, value in enumerate(_cells(issue, view), 1):
            sheet.write_string(row, column, value, text)
        marks = NAMES.index("扣分")
        if issue.marks is None:
            sheet.write_string(row, marks, "", text)
        else:
            sheet.write_number(row, marks, float(issue.marks), number)
        for column in range(TO_FILL, len(COLUMNS)):
            state = "待整改" if issue.certain else "待下发"
            if NAMES[column] == "整改状态":
                sheet.write_string(row, column, state, fill)
            else:
                sheet.write_blank(
                    row, column, None, day if NAMES[column] in ("整改时限", "复查时间", "销号日期") else fill
                )
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
    for name in ("整改时限", "复查时间", "销号日期"):
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


def _cells(issue: Issue, view: Rectification) -> list[str]:
    page = "\n".join(part for part in (issue.title, issue.url) if part)
    where = "全站公共部分" if issue.everywhere else ""
    described = "\n".join(
        part
        for part in (
            issue.message,
            f"原文：{issue.quote}" if issue.quote else "",
            f"共 {issue.places_total} 处，见“位置”表" if issue.places_total > 1 else "",
            where,
        )
        if part
    )
    seen = next((place.seen for place in issue.places if place.seen), view.started)
    return [
        issue.id,
        view.site_name,
        view.site_code,
        view.sponsor,
        "/".join(part for part in (issue.clause.group, issue.clause.indicator) if part),
        issue.check_title,
        issue.severity if issue.certain else "待核实",
        issue.column,
        page,
        described,
        issue.fix,
        f"存档 {seen}",
        issue.first_seen,
    ]


def _places(sheet: Worksheet, issues: Sequence[Issue], text: Format, number: Format, head: Format) -> None:
    header(sheet, PLACE_COLUMNS, head)
    row = 0
    for issue in issues:
        for order, place in enumerate(issue.places, 1):
            row += 1
            if row > MOST_ROWS:
                return
            sheet.write_string(row, 0, issue.id, text)
            sheet.write_number(row, 1, order, number)
            for column, value in enumerate((place.title, place.url, place.where, place.quote, place.seen), 2):
                sheet.write_string(row, column, value, text)


def scores(sheet: Worksheet, view: Rectification, looks: Looks) -> None:
    """评分表: every table in the official six columns."""
    header(sheet, SCORE_COLUMNS, looks.head)
    row = 0
    for table in view.tables:
        row += 1
        sheet.merge_range(row, 0, row, 5, table.title + ("" if table.official else UNOFFICIAL), looks.head)
        for cells in score_rows(table):
            row += 1
            for column, value in enumerate(cells[:-1]):
                sheet.write_string(row, column, value, looks.text)
            try:
                sheet.write_number(row, 5, float(cells[-1]), looks.number)
            except ValueError:
                sheet.write_string(row, 5, cells[-1], looks.text)


def _ahead(sheet: Worksheet, blocks: Sequence[Mapping[str, Any]], text: Format, head: Format) -> None:
    for column, width in enumerate((40, 36, 36, 60)):
        sheet.set_column(column, column, width)
    row = 0
    for block in blocks:
        sheet.merge_range(row, 0, row, 3, f"{block['title']}　{block['lead']}".strip(), head)
        for cells in (block["heads"], *block["rows"]):
            row += 1
            for column, value in enumerate(cells):
                sheet.write_string(row, column, value, head if cells is block["heads"] else text)
        row += 2


def _notes(sheet: Worksheet, view: Rectification, text: Format) -> None:
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
    ]
    for row, (name, value) in enumerate(rows):
        sheet.write_string(row, 0, name, text)
        sheet.write_string(row, 1, value, text)

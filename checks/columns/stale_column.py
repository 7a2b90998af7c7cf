"""A column that was not fed in time.

What it finds: columns whose newest credible item is older than the window of their kind, counted back from the
monitoring point in calendar time. Pinned and future-dated rows do not count as new; child columns count for
their parent.

Why it matters: 栏目不更新 is a veto in the national tables once enough columns are affected.

Known problems: the kind of a column is read from its name and content; name or exempt it in site.toml where
that is wrong. A list that could not be read is shown for review, never as stale. A list without any
date that could be read is shown for review too.

Good: 工作动态, newest item 2018-04-12, monitoring point 2018-04-16.
Bad: 工作动态, newest item 2018-03-20, monitoring point 2018-04-16: 27 days, allowed are 14.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column

CHECK = Check(
    id="stale-column",
    title="栏目更新不及时",
    severity=Severity.MAJOR,
    needs=("columns",),
    limits={
        "windows": {
            "news": "14d",
            "notice": "6m",
            "policy": "6m",
            "interpretation": "6m",
            "personnel": "1y",
            "plan": "1y",
            "statistics": "1y",
        },
        "first_level_only": [],
    },
    message="栏目“{column}”已 {age_days} 天没有更新：最新一条是 {newest}（{basis}），这类栏目应在{window}内更新。",
    fix="请发布这个栏目应有的新内容；确实没有内容可发的，合并或归档栏目，并在网站配置里注明理由。",
    variants={
        "undated": (
            "栏目“{column}”的条目都没有读到发布日期，无法判断是否按时更新（没有日期的条目按未更新计）。",
            "请给列表和文章标上发布日期；再核实这个栏目最近一次更新的时间。",
        ),
        "unreadable": (
            "栏目“{column}”的列表由脚本生成，程序没有读到内容，无法判断是否按时更新。",
            "请用浏览器打开栏目，核实最近一次更新的时间。",
        ),
    },
)

CLASS_WORDS = {
    "news": "动态要闻类",
    "notice": "通知公告类",
    "policy": "政策文件类",
    "interpretation": "政策解读类",
    "personnel": "人事类",
    "plan": "规划计划类",
    "statistics": "统计类",
    "service": "办事类",
    "interaction": "互动类",
    "other": "其他应更新类",
    "static": "静态",
    "archived": "已归档",
}


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per column of a kind that has a window and holds items."""
    as_of = evidence.run.as_of
    for column in evidence.columns():
        window = limits["windows"].get(column.column_class)
        if window is None or (column.column_class in limits["first_level_only"] and not column.first_level):
            continue
        verdict = judge(column, window, as_of)
        if verdict is not None:
            yield verdict


def judge(column: Column, window: str, as_of: dt.date) -> Verdict | None:
    """The verdict on one column, or None when it holds nothing (the business of blank-column)."""
    subject = Subject(
        kind="column",
        key="/".join(column.path),
        url=column.url,
        title=column.name,
        column=" > ".join(column.path),
    )
    facts: dict[str, Any] = {
        "column": column.name,
        "column_class": column.column_class,
        "class_words": CLASS_WORDS.get(column.column_class, column.column_class),
        "window": window_words(window),
    }
    if column.exempt:
        return Verdict(grade=Grade.OK, subject=subject, facts={**facts, "exempt": column.exempt})
    if not column.readable:
        return Verdict(
            grade=Grade.REVIEW, subject=subject, facts=facts, variant="unreadable", severity=Severity.MINOR
        )
    if not column.items:
        return None
    if column.newest is None:
        return Verdict(
            grade=Grade.REVIEW, subject=subject, facts=facts, variant="undated", severity=Severity.MINOR
        )
    newest = column.newest
    age = (as_of - newest.date).days
    fresh = newest.date >= back(as_of, window)
    return Verdict(
        grade=Grade.OK if fresh else Grade.FAIL,
        subject=subject,
        facts={
            **facts,
            "newest": newest.date.isoformat(),
            "age_days": age,
            "basis": newest.quote or newest.source,
            "crosses_on": (forward(newest.date, window) + dt.timedelta(days=1)).isoformat(),
        },
        citations=()
        if fresh
        else (
            Citation(
                url=column.url,
                quote=f"{column.newest_title or ''} {newest.date}".strip(),
                where="最新条目",
                title=column.name,
            ),
        ),
    )


def back(day: dt.date, window: str) -> dt.date:
    """The first day of the window that ends on `day`; windows are "14d", "6m" or "1y"."""
    return _shift(day, window, -1)


def forward(day: dt.date, window: str) -> dt.date:
    """The last day on which an item of `day` still keeps a column fresh."""
    return _shift(day, window, 1)


def _shift(day: dt.date, window: str, sign: int) -> dt.date:
    count, unit = sign * int(window[:-1]), window[-1]
    if unit == "d":
        return day + dt.timedelta(days=count)
    months = day.year * 12 + day.month - 1 + count * {"m": 1, "y": 12}[unit]
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def window_words(window: str) -> str:
    """A window as a reader says it."""
    return f"{window[:-1]} " + {"d": "天", "m": "个月", "y": "年"}[window[-1]]

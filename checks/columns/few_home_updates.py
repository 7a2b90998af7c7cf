"""A home page with little news.

What it finds: 监测时间点前两周内，首页各栏目更新的信息总共不到 10 条（一条也没有的，归“首页长期不更新”）。
首页上列出的、首页栏目列表里的、首页直接链接到的文章都算，同一篇只算一次。

Why it matters: 首页两周内更新不足 10 条，普查扣 5 分。

Known problems: 首页栏目的列表读不出来、读不到日期，或者网站没有看全的，只请人核实。没有日期的信息按未更新计。

Good: 2018-04-02 至 2018-04-16，首页各栏目更新 12 条。
Bad: 2018-04-02 至 2018-04-16，首页各栏目只更新 3 条。
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.columns.windows import back
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column

CHECK = Check(
    id="few-home-updates",
    title="首页更新量少",
    severity=Severity.MAJOR,
    needs=("pages", "columns"),
    limits={"window": "14d", "fewest": 10, "shown": 10},
    message="{first} 至 {as_of}，首页各栏目共更新 {count} 条，少于 {fewest} 条。",
    fix="请加大首页各栏目的发布量；首页栏目应直接列出最新信息和日期。",
    variants={
        "unclear": (
            "{first} 至 {as_of}，在首页各栏目读到的更新只有 {count} 条，少于 {fewest} 条；{why}，请核实。",
            "请打开首页和各栏目核实两周内的更新条数。",
        )
    },
)

_UNFED = ("static", "archived", "service", "interaction")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict on the home page, none when nothing at all is new on it."""
    home = evidence.home()
    if home is None:
        return
    as_of = evidence.run.as_of
    first = back(as_of, limits["window"])
    shown = [column for column in evidence.columns() if column.on_home and column.column_class not in _UNFED]
    own = {home.url, *(column.url for column in shown)}
    new = _new(evidence, home.id, frozenset(column.id for column in shown), own, first, as_of)
    if not new:
        return
    few = len(new) < limits["fewest"]
    why = _unsure(evidence, shown) if few else ""
    if few and not why and any(day for _, day in new):
        why = "有的列表由脚本打开各条内容，条数数不准"
    newest = sorted(
        ((url, day) for (url, _), day in new.items()), key=lambda row: (row[1], row[0]), reverse=True
    )
    yield Verdict(
        grade=Grade.OK if not few else Grade.REVIEW if why else Grade.FAIL,
        subject=Subject(kind="page", key=home.url, url=home.url, title=home.title),
        facts={
            "first": first.isoformat(),
            "as_of": as_of.isoformat(),
            "count": len(new),
            "fewest": limits["fewest"],
            "why": why,
            "places": 1,
        },
        citations=tuple(
            Citation(url=url, quote=day.isoformat(), where="首页栏目的更新")
            for url, day in newest[: limits["shown"]]
        )
        if few
        else (),
        variant="unclear" if why else None,
    )


def _new(
    evidence: Evidence, home_id: int, columns: frozenset[int], own: set[str], first: dt.date, as_of: dt.date
) -> dict[tuple[str, dt.date | None], dt.date]:
    """What is dated inside the window: on the home page, behind its links, in the columns it shows.

    One address counts once; rows that a script opens lead to one of the `own` list pages and count once a day.
    """
    dated = chain(
        ((item.url, item.date) for item in evidence.items(home_id) if item.date),
        (
            (page.url, page.published.date)
            for page in evidence.linked_pages(home_id)
            if page.kind == "article" and page.published
        ),
        ((url, day) for column_id, url, day in evidence.dated() if column_id in columns),
    )
    return {(url, day if url in own else None): day for url, day in dated if first <= day <= as_of}


def _unsure(evidence: Evidence, shown: list[Column]) -> str:
    """Why more may be new than was read; "" when nothing speaks for that."""
    kinds = (evidence.run.coverage.get(kind) for kind in CHECK.needs)
    if any(kind is None or kind.state != "complete" for kind in kinds):
        return "网站没有看全"
    for column in shown:
        if not column.readable or column.listing == "unreadable":
            return f"栏目“{column.name}”的列表没有读到"
        if column.items and not column.dated:
            return f"栏目“{column.name}”的列表没有读到日期"
    if not any(column.items for column in shown):
        return "没有读到首页栏目的列表"
    return ""

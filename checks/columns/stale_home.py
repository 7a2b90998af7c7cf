"""A home page without news.

What it finds: 监测时间点前两周内，首页各栏目没有任何新内容。首页上列出的、首页直接链接到的、首页栏目列表里的都算。
首页只是导航入口、自己不列文章的，改看从首页直接点到的页面。

Why it matters: 首页两周不更新，单项否决。

Known problems: 只认读得到日期的内容；首页或首页栏目的列表由脚本生成又读不出来的、只读到一两条带日期内容的、
首页列表不带日期而网站又没有看全的，只请人核实。日期在未来的条目不算更新。

Good: 首页最新一条 2018-04-12，监测时间点 2018-04-16。
Bad: 首页最新一条 2018-03-20，监测时间点 2018-04-16。
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.columns.windows import back, forward, words
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column, Page

CHECK = Check(
    id="stale-home",
    title="首页长期不更新",
    severity=Severity.VETO,
    needs=("pages",),
    limits={"window": "14d", "navigation_only_below": 3},
    message="首页已 {age_days} 天没有新内容：最新一条是 {newest}《{title}》，应在 {window}内更新。",
    fix="请尽快在首页栏目发布新内容，并检查发布流程。",
    variants={
        "undated": (
            "在首页没有读到任何带日期的内容，无法判断是否按时更新。",
            "请给首页列表标上日期，并用浏览器核实首页最近一次更新的时间。",
        ),
        "unclear": (
            "首页读到的最新一条是 {newest}《{title}》，已 {age_days} 天；{why}，不能断定没有更新（应在 {window}内更新）。",
            "请用浏览器打开首页和各栏目，核实最近一次更新的时间。",
        ),
    },
)

_NEWS = ("news", "notice", "policy", "interpretation")
_UNFED = ("static", "archived", "service", "interaction")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict on the home page."""
    home = evidence.home()
    if home is None:
        return
    as_of = evidence.run.as_of
    dated = _dated(evidence, home, as_of)
    shown = [c for c in evidence.columns() if c.on_home and c.column_class not in _UNFED]
    if len(dated) < limits["navigation_only_below"]:
        for page in evidence.linked_pages(home.id):
            if page.depth == 1:
                dated |= _dated(evidence, page, as_of)
    for column in shown:
        if column.newest and column.newest_url and column.newest.date <= as_of:
            dated.setdefault(column.newest_url, (column.newest.date, column.newest_title or column.name))
    subject = Subject(kind="page", key=home.url, url=home.url, title=home.title)
    if not dated:
        yield Verdict(grade=Grade.REVIEW, subject=subject, variant="undated", severity=Severity.MINOR)
        return
    first = back(as_of, limits["window"])
    url, (newest, title) = max(dated.items(), key=lambda row: (row[1][0], row[0]))
    fresh = newest >= first
    why = "" if fresh else _unsure(evidence, home, shown, len(dated), limits["navigation_only_below"])
    yield Verdict(
        grade=Grade.OK if fresh else Grade.REVIEW if why else Grade.FAIL,
        subject=subject,
        variant="unclear" if why else None,
        severity=Severity.MAJOR if why else None,
        facts={
            "newest": newest.isoformat(),
            "title": title,
            "age_days": (as_of - newest).days,
            "window": words(limits["window"]),
            "why": why,
            "crosses_on": (forward(newest, limits["window"]) + dt.timedelta(days=1)).isoformat(),
            "new_items": sum(first <= day for day, _ in dated.values()),
        },
        citations=()
        if fresh
        else (Citation(url=url, quote=f"{title} {newest}", where="首页最新一条", title=title),),
    )


def _unsure(evidence: Evidence, home: Page, shown: Sequence[Column], dated: int, fewest: int) -> str:
    """Why something newer may have been missed; "" when nothing speaks for that."""
    if home.listing == "unreadable":
        return "首页的列表由脚本生成，没有读到"
    unread = next((c.name for c in shown if c.listing == "unreadable" and c.column_class in _NEWS), None)
    if unread is not None:
        return f"首页栏目“{unread}”的列表由脚本生成，没有读到"
    if dated < fewest:
        return "首页上带日期的内容太少"
    pages = evidence.run.coverage.get("pages")
    rows = sum(item.date is not None for item in evidence.items(home.id))
    if rows < fewest and (pages is None or pages.state != "complete"):
        return "首页列表没有日期，网站又没有看全"
    return ""


def _dated(evidence: Evidence, page: Page, as_of: dt.date) -> dict[str, tuple[dt.date, str]]:
    """What a page lists or links to, by address, with credible dates."""
    found = {
        linked.url: (linked.published.date, linked.title)
        for linked in evidence.linked_pages(page.id)
        if linked.published and linked.kind == "article"
    }
    found |= {item.url: (item.date, item.title) for item in evidence.items(page.id) if item.date}
    return {url: row for url, row in found.items() if row[0] <= as_of}

"""A column that was not fed in time.

What it finds: 最新一条内容早于规定期限的栏目。期限按栏目类别定，从监测时间点往回按日历推算。置顶的旧文和日期在未来的
条目不算更新；子栏目的更新算在父栏目名下。

Why it matters: 栏目不更新达到一定个数，整个网站单项否决。

Known problems: 不在首页和导航里的栏目可能属于已结束的专题，只请人核实。类别看不出来的栏目（“其他”）按一年算，只请人判断它是否属于应更新栏目；办事、互动、静态类不按时间判断。栏目类别按名称和内容判断，判错了可在 site.toml 里指定，或注明理由免检。列表读不出来、一条日期都读不到的，
只请人核实，不算未更新。没有读到列表页、只见过几篇文章的栏目，也只请人核实；下面还有子栏目的，按子栏目判断。

Good: 工作动态，最新一条 2018-04-12，监测时间点 2018-04-16。
Bad: 工作动态，最新一条 2018-03-20，监测时间点 2018-04-16：已 27 天，期限是 14 天。
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.columns.windows import back, forward, words
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column, PageKind

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
            "other": "1y",
        },
        "doubtful": ["other"],
        "fewest_dated": 3,
        "unbound": {
            "static": "不设期限",
            "archived": "不设期限",
            "service": "不按时间判断",
            "interaction": "按互动指标判断",
        },
    },
    message="栏目“{column}”已 {age_days} 天没有更新：最新一条是 {newest}（{basis}），这类栏目应在 {window}内更新。",
    fix="请发布这个栏目应有的新内容；确实没有内容可发的，合并或归档栏目，并在网站配置里注明理由。",
    variants={
        "unclear": (
            "栏目“{column}”已 {age_days} 天没有更新：最新一条是 {newest}（{basis}）。看不出它属于哪一类，请判断是不是应更新栏目"
            "（应更新的应在 {window}内更新）。",
            "属于应更新栏目的，请更新；不需要更新的，在网站配置里注明类别或免检理由。",
        ),
        "aside": (
            "栏目“{column}”已 {age_days} 天没有更新：最新一条是 {newest}（{basis}），这类栏目应在 {window}内更新。"
            "首页和导航里没有这个栏目，请判断它是不是已结束的专题。",
            "仍在使用的栏目请更新；已结束的专题请归档，或在网站配置里注明。",
        ),
        "undated": (
            "栏目“{column}”的条目都没有读到发布日期，无法判断是否按时更新（没有日期的条目按未更新计）。",
            "请给列表和文章标上发布日期；再核实这个栏目最近一次更新的时间。",
        ),
        "partly": (
            "栏目“{column}”读到日期的最新一条是 {newest}（{basis}），已 {age_days} 天；但多数条目没有读到发布日期，"
            "不能断定没有更新（这类栏目应在 {window}内更新）。",
            "请给列表和文章标上发布日期；再核实这个栏目最近一次更新的时间。",
        ),
        "unreadable": (
            "栏目“{column}”的列表由脚本生成，程序没有读到内容，无法判断是否按时更新。",
            "请用浏览器打开栏目，核实最近一次更新的时间。",
        ),
        "unseen": (
            "没有读到栏目“{column}”的列表，无法判断是否按时更新{known}。",
            "请用浏览器打开栏目，核实能否打开、最近一次更新的时间。",
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
    columns = evidence.columns()
    parents = {column.path[:depth] for column in columns for depth in range(1, len(column.path))}
    addresses = {column.url for column in columns}
    linked = {url for _, url in evidence.linked_urls() if url in addresses}
    hidden = aside(columns)
    for column in columns:
        window = limits["windows"].get(column.column_class)
        doubtful = column.column_class in limits["doubtful"]
        if window is None or (doubtful and not _is_fed(column, limits["fewest_dated"])):
            continue
        elsewhere = column.path in parents or column.url not in linked
        if column.listing is None and elsewhere and not (column.declared or column.exempt):
            continue
        verdict = judge(column, window, as_of, doubtful=doubtful)
        if verdict is not None and column.path in hidden:
            verdict = _softened(verdict, "aside")
        elif verdict is not None and verdict.grade is Grade.FAIL and _mostly_undated(evidence, column):
            verdict = _softened(verdict, "partly")
        if verdict is not None:
            yield verdict


def aside(columns: Sequence[Column]) -> frozenset[tuple[str, ...]]:
    """Paths of the columns to which, as to those above them, neither the home page nor a menu leads."""
    shown = {column.path for column in columns if column.on_home or column.first_level or column.declared}
    if not shown:
        return frozenset()
    return frozenset(
        column.path
        for column in columns
        if not any(column.path[:depth] in shown for depth in range(1, len(column.path) + 1))
    )


def _mostly_undated(evidence: Evidence, column: Column) -> bool:
    """Whether most rows of a column show no date, nor do the articles they lead to."""
    rows: dict[str, bool] = {}
    articles: set[str] = set()
    for page in evidence.pages(column_id=column.id):
        if page.kind is PageKind.ARTICLE:
            if page.published:
                articles.add(page.url)
        else:
            rows |= {
                item.url: rows.get(item.url, False) or item.date is not None
                for item in evidence.items(page.id)
            }
    undated = sum(not dated and url not in articles for url, dated in rows.items())
    return undated * 2 > len(rows)


def _softened(verdict: Verdict, variant: str) -> Verdict:
    """A verdict on a column that may have been fed or need not be: no certain fault, nothing to count down to."""
    facts = {name: value for name, value in verdict.facts.items() if name != "crosses_on"}
    if verdict.grade is not Grade.FAIL:
        return replace(verdict, facts=facts)
    return replace(verdict, grade=Grade.REVIEW, facts=facts, variant=variant, severity=Severity.MINOR)


def _is_fed(column: Column, fewest: int) -> bool:
    """Whether a column of no known kind plainly is one of news: in the menu or on the home page, a list with dates."""
    return column.exempt is not None or (
        column.on_home and not _unlisted(column) and column.dated >= max(fewest, column.items / 2)
    )


def _unlisted(column: Column) -> bool:
    """Whether no list was read that would show the newest item: single articles prove no silence."""
    return column.listing not in ("static", "script")


def judge(column: Column, window: str, as_of: dt.date, *, doubtful: bool = False) -> Verdict | None:
    """The verdict on one column, or None when it holds nothing (the business of blank-column).

    `doubtful` when it is not certain that the column must be fed at all.
    """
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
        "first_level": column.first_level,
        "class_words": CLASS_WORDS.get(column.column_class, column.column_class),
        "window": words(window),
    }
    if column.exempt:
        return Verdict(grade=Grade.OK, subject=subject, facts={**facts, "exempt": column.exempt})
    if not column.items and column.readable:
        return None
    if _unlisted(column) and (column.newest is None or column.newest.date < back(as_of, window)):
        known = f"（读到的文章里最新一条是 {column.newest.date}）" if column.newest else ""
        return Verdict(
            grade=Grade.REVIEW,
            subject=subject,
            facts={**facts, "known": known},
            variant="unreadable" if column.listing == "unreadable" else "unseen",
            severity=Severity.MINOR,
        )
    if column.newest is None:
        return Verdict(
            grade=Grade.REVIEW, subject=subject, facts=facts, variant="undated", severity=Severity.MINOR
        )
    newest = column.newest
    age = (as_of - newest.date).days
    fresh = newest.date >= back(as_of, window)
    crosses_on = (forward(newest.date, window) + dt.timedelta(days=1)).isoformat()
    return Verdict(
        grade=Grade.OK if fresh else Grade.REVIEW if doubtful else Grade.FAIL,
        subject=subject,
        facts={
            **facts,
            "newest": newest.date.isoformat(),
            "age_days": age,
            "basis": column.newest_title or newest.quote or newest.source,
            **({} if doubtful else {"crosses_on": crosses_on}),
        },
        variant="unclear" if doubtful and not fresh else None,
        severity=Severity.MINOR if doubtful else None,
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

"""Dates that do not go with what else is known of an article.

What it finds: 五种对不上的情况，都列出两处依据，由人判断：同一篇正文（或改动很少的正文）以相差较大的两个日期出现在两个地址；
同一个网页的正文没变，日期却比上次检查时看到的晚；上次检查时还没有、这次一批补进来、日期却写成以前各月的文章；
文章编号在前、日期却晚得多；服务器上的文件早于页面写的发布日期就已生成。

Why it matters: 伪造发稿日期属于弄虚作假，单项否决。

Known problems: 同一通知每年重发、文章在两个栏目各发一次（日期相近）、补录历史文件、先存草稿后发布，都可能是正常的；因此只请人核实，
从不直接算作问题。网站搬迁、改版会成批改动日期和网址，遇到这种情况就不作判断。

Good: 同一篇文章在“要闻”和“工作动态”各发一次，日期相同。
Bad: 2015 年的文章原文在 2018 年 4 月又发了一次，日期写成 2018-04-10。
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.columns.address_order import renumbered
from checks.columns.articles import Articles
from checks.columns.same_text import Retold, retold
from checks.columns.sightings import LatePages, changed_dates, late_pages
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column, Page

CHECK = Check(
    id="suspect-date",
    title="发布日期可疑",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={
        "days_apart": 60,
        "text_at_least": 120,
        "late_at_least": 6,
        "order_days": 180,
        "file_days": 30,
        "shown": 20,
    },
    message="《{title}》的正文与 {older} 发布的旧文完全相同，日期却是 {newer}，相差 {days} 天。",
    fix="请核实：确属重发旧稿的，恢复原来的发布日期；属于正常转载的，注明原发布日期。",
    variants={
        "near": (
            "《{title}》的正文与 {older} 发布的旧文有 {alike}% 相同，日期却是 {newer}，相差 {days} 天。",
            "请核实：确属重发旧稿的，恢复原来的发布日期；属于正常转载的，注明原发布日期。",
        ),
        "changed": (
            "《{title}》的正文没有变，发布日期却由 {older} 改成了 {newer}（{seen} 检查时看到的还是原来的日期）。",
            "请核实为什么改日期；没有正当理由的，恢复原来的发布日期。",
        ),
        "late": (
            "栏目“{column}”在 {seen} 检查之后补进 {count} 篇文章，日期却写成 {older} 至 {newer}，当时网站上没有这些文章。",
            "请核实：补录以前的文件应注明补录；为应付检查补写日期的，改成实际发布日期。",
        ),
        "order": (
            "《{title}》的编号排在 {older} 发布的文章之前，日期却是 {newer}，晚了 {days} 天。",
            "请核实这篇文章实际的发布日期；先存稿后发布的可以不改。",
        ),
        "file": (
            "《{title}》写的发布日期是 {newer}，服务器上的文件 {older} 就已生成，早了 {days} 天。",
            "请核实这篇文章实际的发布日期。",
        ),
    },
)

_FED = frozenset(("news", "notice"))
"""Classes of columns in which a date stands for an act of publishing; elsewhere pages are renewed in their place."""


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per dated article with a text of substance, and one per column that was filled late."""
    articles = Articles(evidence)
    suspects = {
        verdict.subject.key: verdict
        for verdict in (
            *_by_address(evidence, articles, limits),
            *_by_file(evidence, articles, limits),
            *_by_earlier_runs(evidence, articles, limits),
        )
    }
    for found in retold(evidence, articles, limits["text_at_least"], limits["days_apart"]):
        if isinstance(found, Retold):
            verdict = _retold(evidence, found)
            suspects[verdict.subject.key] = verdict
        elif found not in suspects:
            yield Verdict(grade=Grade.OK, subject=Subject(kind="page", key=found, url=found))
    yield from suspects.values()


def _retold(evidence: Evidence, found: Retold) -> Verdict:
    share = round(found.alike * 100)
    older = evidence.page(found.older)
    return _verdict(
        evidence.page(found.page),
        _day(older),
        _cite(older),
        variant=None if share == 100 else "near",
        alike=share,
    )


def _by_earlier_runs(evidence: Evidence, articles: Articles, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    runs = evidence.earlier_runs()
    if not runs:
        return
    columns = {column.id: column for column in evidence.columns()}
    for late in late_pages(
        evidence,
        articles,
        runs,
        evidence.run.as_of,
        at_least=limits["late_at_least"],
        days_spread=limits["days_apart"],
    ):
        column = columns.get(late.column_id)
        if column is not None and column.column_class in _FED:
            yield _late(evidence, column, late, limits["shown"])
    for page_id, first in changed_dates(evidence, limits["days_apart"]):
        if first.published is not None:
            page = evidence.page(page_id)
            before = Citation(
                url=page.url,
                quote=first.published.quote,
                title=page.title,
                where=f"{first.as_of} 检查时",
            )
            yield _verdict(
                page, first.published.date, before, variant="changed", seen=first.as_of.isoformat()
            )


def _late(evidence: Evidence, column: Column, late: LatePages, shown: int) -> Verdict:
    path = "/".join(column.path)
    return Verdict(
        grade=Grade.REVIEW,
        subject=Subject(
            kind="column", key=path, url=column.url, title=column.name, column=" > ".join(column.path)
        ),
        facts={
            "column": column.name,
            "seen": late.seen.isoformat(),
            "count": len(late.pages),
            "older": late.oldest.isoformat(),
            "newer": late.newest.isoformat(),
            "places": len(late.pages),
        },
        citations=tuple(_cite(evidence.page(page_id)) for page_id in late.pages[:shown]),
        variant="late",
    )


def _by_address(evidence: Evidence, articles: Articles, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    fed = {column.id for column in evidence.columns() if column.column_class in _FED}
    for found in renumbered(articles, limits["order_days"]):
        page = evidence.page(found.page)
        if page.column_id in fed:
            neighbour = evidence.page(found.neighbour)
            yield _verdict(page, _day(neighbour), _cite(neighbour), variant="order")


def _by_file(evidence: Evidence, articles: Articles, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Pages whose file is older than the day they bear, on a server whose other files are not."""
    dated = 0
    days: set[dt.date] = set()
    early: list[tuple[int, dt.date, str]] = []
    for number, said in evidence.modified_days():
        place = articles.place(number)
        day = _server_day(said) if place is not None else None
        if place is None or day is None:
            continue
        dated += 1
        days.add(day)
        if articles.days[place] - day.toordinal() >= limits["file_days"]:
            early.append((number, day, said))
            if len(early) > len(articles) / 20:
                return
    if len(days) < 5 or len(early) > dated / 20:
        return
    for number, day, said in early:
        page = evidence.page(number)
        said_so = Citation(url=page.url, seen_at=page.seen_at, quote=f"Last-Modified: {said}", where="服务器应答")  # fmt: skip
        yield _verdict(page, day, said_so, variant="file")


def _server_day(value: str) -> dt.date | None:
    """The day of an HTTP date in the site's time; None when it is none."""
    if usual := _HTTP_DATE.fullmatch(value):
        day, month, year, hour = usual.groups()
        return _hour_day(f"{day} {month} {year} {hour}:00:00 GMT")
    return _parsed_day(value)


@lru_cache(maxsize=4096)
def _hour_day(value: str) -> dt.date | None:
    return _parsed_day(value)


def _parsed_day(value: str) -> dt.date | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment.astimezone(_CHINA) if moment.tzinfo else moment).date()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


_HTTP_DATE = re.compile(
    r"[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9] GMT"
)
_CHINA = dt.timezone(dt.timedelta(hours=8))


def _verdict(page: Page, older: dt.date, before: Citation, *, variant: str | None, **facts: Any) -> Verdict:
    newer = _day(page)
    return Verdict(
        grade=Grade.REVIEW,
        subject=_subject(page),
        facts={
            "title": page.title,
            "older": older.isoformat(),
            "newer": newer.isoformat(),
            "days": (newer - older).days,
            **facts,
        },
        citations=(before, _cite(page)),
        variant=variant,
    )


def _day(page: Page) -> dt.date:
    assert page.published is not None
    return page.published.date


def _subject(page: Page) -> Subject:
    return Subject(
        kind="page", key=page.url, url=page.url, title=page.title, column=" > ".join(page.column_path)
    )


def _cite(page: Page) -> Citation:
    return Citation(
        url=page.url,
        seen_at=page.seen_at,
        quote=page.published.quote if page.published else "",
        title=page.title,
    )

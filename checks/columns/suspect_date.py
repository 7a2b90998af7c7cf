"""Old texts under new dates.

What it finds: 同一篇正文以相差较大的两个发布日期出现在两个地址，像是把旧稿换个日期重发。两处都列出来，由人判断。

Why it matters: 伪造发稿日期属于弄虚作假，单项否决。

Known problems: 同一通知每年重发、文章在两个栏目各发一次（日期相近）都是正常的；因此只请人核实，从不直接算作问题。

Good: 同一篇文章在“要闻”和“工作动态”各发一次，日期相同。
Bad: 2015 年的文章原文在 2018 年 4 月又发了一次，日期写成 2018-04-10。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence
from crawler.evidence.records import PageKind

CHECK = Check(
    id="suspect-date",
    title="疑似旧稿换日期重发",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={"days_apart": 60, "text_at_least": 120},
    message="《{title}》的正文与 {older} 发布的旧文完全相同，日期却是 {newer}，相差 {days} 天。",
    fix="请核实：确属重发旧稿的，恢复原来的发布日期；属于正常转载的，注明原发布日期。",
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per text of substance that stands on a dated article."""
    for block in evidence.texts(("main",)):
        if _prose(block.text) < limits["text_at_least"]:
            continue
        pages = [page for number in block.pages if (page := evidence.page(number)).kind is PageKind.ARTICLE]
        dated = sorted((page.published.date, page.url, page) for page in pages if page.published)
        if not dated:
            continue
        (older, _, first), (newer, _, last) = dated[0], dated[-1]
        days = (newer - older).days
        suspect = days >= limits["days_apart"]
        yield Verdict(
            grade=Grade.REVIEW if suspect else Grade.OK,
            subject=Subject(kind="page", key=last.url, url=last.url, title=last.title),
            facts={"title": last.title, "older": older.isoformat(), "newer": newer.isoformat(), "days": days},
            citations=tuple(
                Citation(
                    url=p.url,
                    seen_at=p.seen_at,
                    quote=p.published.quote if p.published else "",
                    title=p.title,
                )
                for p in (first, last)
            )
            if suspect
            else (),
        )


def _prose(text: str) -> int:
    """Characters of running text: what menus and lists of titles share across pages says nothing of an article."""
    return sum(len(line) for line in text.splitlines() if "。" in line and not line.endswith(("...", "…")))

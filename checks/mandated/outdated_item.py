"""公开了，但是旧的。

What it finds: 每年应公开一次的事项缺最近一年的，如到了时间还没有上一年度的信息公开年报；按时间看公布晚了的；
公开指南等仍按旧条例写的。

Why it matters: 年度报告、预决算都有法定的公布期限；写着旧期限的指南会误导申请人。

Known problems: 期限按监测时间点当时的规定算。有的期限只有来源推算或印象，不判过期，只请人核实。
页面日期可能是网站改版时的迁移日期，所以“公布晚了”只请人核实。

Good: 2020年3月检查，2019年度报告已在1月20日公布。
Bad: 2020年3月检查，最新的年度报告是2017年的。
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated.items import DisclosureItem, Due, Holding, holdings_of, walked
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page

CHECK = Check(
    id="outdated-item",
    title="公开的内容过期",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={"date_confidence": 0.8},
    message="“{name}”最新的是 {latest} 年的，到监测时间点应有 {expected} 年的（{deadline}）。依据：{basis}。",
    fix="请公布 {expected} 年的“{name}”。",
    variants={
        "due": (
            "“{name}”最新的是 {latest} 年的，{expected} 年的按通常时间应已公布（{deadline}），请核实。",
            "请核实 {expected} 年的是否已到公布时间；已到的，尽快公布。",
        ),
        "named": (
            "没有读到 {expected} 年的“{name}”，读到的最新是 {latest} 年的；但网站上列有《{title}》，请核实。",
            "请核实这一条能否打开、内容是否完整，并放到“{name}”的栏目里。",
        ),
        "late": (
            "{expected} 年的“{name}”页面日期是 {published}，晚于期限 {due}。",
            "请核实实际公布日期；确实晚了的，今后按期公布。",
        ),
        "old-rule": (
            "“{name}”的内容没有按新规定修改：{why}。",
            "请按现行《政府信息公开条例》修改这个页面。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per yearly item with a known year, and one per item whose text may follow an older rule."""
    holdings = holdings_of(evidence)
    partial = not walked(evidence)
    for item in holdings.items:
        holding = holdings.of(item)
        if holding.years:
            verdict = _yearly(holding, holdings.as_of, limits["date_confidence"], partial)
            row = _row_elsewhere(evidence, item, verdict) if verdict.grade is Grade.FAIL else None
            yield verdict if row is None else row
        if holding.best is not None and any(stale.since <= holdings.as_of for stale in item.stale):
            yield _wording(evidence, holding)


def _row_elsewhere(evidence: Evidence, item: DisclosureItem, verdict: Verdict) -> Verdict | None:
    """A question instead of a fault where the row of some other list names the item and the year that is asked for."""
    year = str(verdict.facts["expected"])
    for number, title in evidence.listed_titles() if item.row is not None else ():
        if year in title and item.row is not None and item.row.search(title):
            page = evidence.page(number)
            citation = Citation(
                url=page.url, seen_at=page.seen_at, quote=title, where="列表", title=page.title
            )
            return replace(
                verdict,
                grade=Grade.REVIEW,
                facts={**verdict.facts, "title": title},
                citations=(*verdict.citations, citation),
                variant="named",
                severity=Severity.MINOR,
            )
    return None


def behind(holding: Holding, as_of: dt.date) -> bool:
    """Whether a yearly item lacks a year that must be there by a certain date."""
    expected = holding.item.expected(as_of, sure=True)
    return bool(holding.years) and expected is not None and max(holding.years) < expected


def _yearly(holding: Holding, as_of: dt.date, confidence: float, partial: bool) -> Verdict:
    item = holding.item
    latest = max(holding.years)
    sure, likely = item.expected(as_of, sure=True), item.expected(as_of, sure=False)
    expected = max(year for year in (sure, likely, 0) if year is not None)
    page = holding.years[latest]
    facts: dict[str, Any] = {
        "item": item.id,
        "name": item.name,
        "latest": latest,
        "expected": sure if sure is not None and latest < sure else expected,
        "deadline": item.deadline,
        "basis": item.rule(as_of).text,
        "years": sorted(holding.years, reverse=True),
    }
    subject = Subject(kind="item", key=f"{item.id}/{facts['expected']}", url=page.url, title=item.name)
    citation = Citation(
        url=page.url, seen_at=page.seen_at, quote=page.title, where="最新一年", title=page.title
    )
    if sure is not None and latest < sure and not partial:
        return Verdict(grade=Grade.FAIL, subject=subject, facts=facts, citations=(citation,))
    if latest < expected:
        return Verdict(
            grade=Grade.REVIEW,
            subject=subject,
            facts=facts,
            citations=(citation,),
            variant="due",
            severity=Severity.MINOR,
        )
    late = _late(item, expected, page, as_of, confidence) if latest == expected else None
    if late is not None:
        published, due = late
        return Verdict(
            grade=Grade.REVIEW,
            subject=subject,
            facts={**facts, "published": published.isoformat(), "due": due.isoformat()},
            citations=(citation,),
            variant="late",
            severity=Severity.MINOR,
        )
    return Verdict(grade=Grade.OK, subject=subject, facts=facts)


def _late(
    item: DisclosureItem, year: int, page: Page, as_of: dt.date, confidence: float
) -> tuple[dt.date, dt.date] | None:
    """Publication and due date when the page says it came late; money has its own check for that."""
    published = page.published
    if published is None or published.confidence < confidence or item.id in ("DI-28", "DI-29"):
        return None
    dues: list[Due] = [due for due in item.due if due.since <= as_of and due.month < 12]
    if not dues:
        return None
    due = max(dues, key=lambda d: d.since)
    limit = dt.date(year + due.after, due.month, due.day)
    return (published.date, limit) if limit < published.date <= as_of else None


def _wording(evidence: Evidence, holding: Holding) -> Verdict:
    """Wording of an older rule on every page of the item: one new page is enough to be right."""
    item, as_of = holding.item, evidence.run.as_of
    pages = [hit.page for hit in holding.hits[:10]]
    texts = {page.id: evidence.text(page.id) for page in pages}
    for stale in item.stale:
        if stale.since > as_of or any(stale.unless.search(text) for text in texts.values()):
            continue
        for page in pages:
            if match := stale.seen.search(texts[page.id]):
                text = texts[page.id]
                quote = text[max(0, match.start() - 30) : match.end() + 20].replace("\n", " ")
                return Verdict(
                    grade=Grade.FAIL,
                    subject=Subject(kind="item", key=f"{item.id}/wording", url=page.url, title=item.name),
                    facts={"item": item.id, "name": item.name, "why": stale.why},
                    citations=(
                        Citation(
                            url=page.url, seen_at=page.seen_at, quote=quote, where="正文", title=page.title
                        ),
                    ),
                    variant="old-rule",
                )
    return Verdict(
        grade=Grade.OK,
        subject=Subject(kind="item", key=f"{item.id}/wording", url=pages[0].url, title=item.name),
        facts={"item": item.id, "name": item.name},
    )

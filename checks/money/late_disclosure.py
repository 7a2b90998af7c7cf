"""A budget, final account or annual report that came out too late.

What it finds: 部门预算、决算、政府信息公开年度报告的发布日期晚于期限。材料写明批复日期的，按批复后 20 日；没有写明的，按能推算的最迟日期
（预算：本级人代会批准后 40 日；决算：人大常委会批准后 40 日），由设置给出，默认预算为当年 6 月 30 日、决算为次年 11 月 30 日。

Why it matters: 预算法第十四条：部门预算、决算应当在本级政府财政部门批复后二十日内公开。

Known problems: 网站改版会改掉发布日期，因此只认页面上写明的日期，按最迟日期推算的只请人核实。没有日期的不判。

Good: 2017 年预算于 2017 年 2 月 20 日公开。
Bad: 2017 年 2 月 10 日批复的预算于 2017 年 5 月 8 日公开。
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated.items import table
from checks.money.disclosures import WORDS, Disclosure, disclosures
from checks.money.statement import KINDS
from crawler.evidence.reader import Evidence
from crawler.evidence.records import PageKind

ANNUAL_REPORT = "DI-08"

CHECK = Check(
    id="late-disclosure",
    title="公开超过期限",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={"days_after_approval": 20, "budget_latest": "06-30", "final_latest": "11-30", "confidence": 0.8},
    message="《{title}》于 {published} 发布，批复日期是 {approved}，超过 {days} 日期限 {late} 天。",
    fix="今后请在财政部门批复后 20 日内公开；发布日期因网站改版变动的，请改回实际公开日期。",
    variants={
        "outer": (
            "《{title}》于 {published} 发布，晚于推算的最迟日期 {due}（{late} 天），请核实。",
            "请核对财政部门批复日期和实际公开日期；确已逾期的，今后按批复后 20 日内公开。",
        ),
        "report": (
            "《{title}》于 {published} 发布，晚于当时规定的 {due}（{late} 天），请核实。",
            "请核对实际公布日期；确已逾期的，今后按期公布上一年度报告。",
        ),
    },
)

_APPROVED = re.compile(WORDS["late"]["approved"])
_LETTER = re.compile(WORDS["late"]["letter"])


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per dated disclosure whose year and kind are known."""
    for disclosure in disclosures(evidence):
        if disclosure.year is None or disclosure.kind is None or disclosure.published is None:
            continue
        if disclosure.published.source == "url" or disclosure.published.confidence < limits["confidence"]:
            continue
        yield _judge(disclosure, limits)
    yield from _reports(evidence, limits)


def _reports(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per dated annual disclosure report: its day of the year is fixed by the regulation."""
    report = next(item for item in table() if item.id == ANNUAL_REPORT)
    for page, mandated in evidence.mandated():
        published = page.published
        if mandated.item != ANNUAL_REPORT or mandated.year is None or published is None:
            continue
        if (
            page.kind is not PageKind.ARTICLE
            or published.source == "url"
            or published.confidence < limits["confidence"]
        ):
            continue
        rows = [row for row in report.due if row.since <= published.date]
        if not rows:
            continue
        last = min(
            dt.date(mandated.year + row.after, row.month, row.day)
            for row in rows
            if row.since == rows[0].since
        )
        late = (published.date - last).days
        yield Verdict(
            grade=Grade.OK if late <= 0 else Grade.REVIEW,
            subject=Subject(
                kind="item", key=f"{ANNUAL_REPORT} {mandated.year}", url=page.url, title=page.title
            ),
            facts={
                "title": page.title,
                "published": published.date.isoformat(),
                "due": last.isoformat(),
                "late": max(late, 0),
            },
            citations=(
                Citation(
                    url=page.url,
                    seen_at=page.seen_at,
                    quote=published.quote,
                    where="发布日期",
                    title=page.title,
                ),
            ),
            variant="report",
        )


def _judge(disclosure: Disclosure, limits: Mapping[str, Any]) -> Verdict:
    assert disclosure.published is not None
    assert disclosure.year is not None
    published = disclosure.published.date
    days = int(limits["days_after_approval"])
    said = _approved(disclosure, _APPROVED)
    approved = said or _approved(disclosure, _LETTER)
    if approved is not None:
        due = approved + dt.timedelta(days=days)
    else:
        year = disclosure.year + (disclosure.kind == "final")
        due = dt.date.fromisoformat(f"{year}-{limits[f'{disclosure.kind}_latest']}")
    late = (published - due).days
    outer = approved is None
    return Verdict(
        grade=Grade.OK if late <= 0 else Grade.FAIL if said else Grade.REVIEW,
        subject=disclosure.subject,
        facts={
            "title": disclosure.title,
            "kind": KINDS[disclosure.kind or "budget"],
            "published": published.isoformat(),
            "approved": approved.isoformat() if approved else "",
            "due": due.isoformat(),
            "days": days,
            "late": max(late, 0),
        },
        citations=(disclosure.sources[0].cite(disclosure.published.quote, "发布日期"),),
        variant="outer" if outer else None,
    )


def _approved(disclosure: Disclosure, pattern: re.Pattern[str]) -> dt.date | None:
    """The day the finance bureau approved, when the text says so and it fits the year."""
    assert disclosure.year is not None
    for source in disclosure.sources:
        for match in pattern.finditer(re.sub(r"[ \u3000\xa0]", "", source.text)):
            values = [value for value in match.groups() if value is not None]
            try:
                day = dt.date(*map(int, values[:3]))
            except ValueError:
                continue
            if day.year == disclosure.year + (disclosure.kind == "final"):
                return day
    return None

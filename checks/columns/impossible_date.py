"""A date that cannot be right.

What it finds: 发布日期晚于监测时间点的文章；落款日期早于文中所说统计期限结束日的报告（例如 2017 年的报告落款是 2017 年 3 月）；
发布日期早于政府网站出现之前的文章。

Why it matters: 日期写错，文件的效力和时效都说不清；发布日期不实还可能被认定为弄虚作假。

Known problems: 日期不是写明的发布日期（如只在网址里、只是标题下的一个日期）的，只请人核实。监测时间点定在过去、之后又发了许多文章的，
这些文章不算。预告性的内容可能故意写未来日期，文章本身的发布日期仍应是真实的发布日。

Good: 2017 年度报告，统计期限至 2017 年 12 月 31 日，落款 2018 年 1 月 26 日。
Bad: 2017 年度报告，统计期限至 2017 年 12 月 31 日，落款 2017 年 3 月 26 日。
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.opened import at
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page, PageKind

CHECK = Check(
    id="impossible-date",
    title="日期不可能",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={"earliest": 1995, "future_days": 1, "sure": 0.7, "few": 3},
    message="《{title}》的发布日期是 {date}，晚于监测时间点 {as_of}。",
    fix="请核实并改正发布日期。",
    variants={
        "signed-too-early": (
            "《{title}》落款日期是 {date}，早于文中所说的截止日 {period_end}，日期写错了。",
            "请核实落款日期，多半是年份写错。",
        ),
        "unsure": (
            "《{title}》网页上读到的日期是 {date}，晚于监测时间点 {as_of}；它可能不是发布日期。",
            "请核实并改正，或者写明哪一个是发布日期。",
        ),
        "too-old": (
            "《{title}》的发布日期是 {date}，那时还没有政府网站，疑为录入错误。",
            "请核实并改正发布日期。",
        ),
    },
)

_DAY = r"(20\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
_SIGNED = re.compile(rf"^[ 　]*{_DAY}[ 　]*$")
_PERIOD_END = re.compile(
    rf"(?:统计期限|统计时间|统计区间)[^。\n]{{0,40}}?(?:至|到|—|－|-)\s*{_DAY}|截[至止]\s*{_DAY}"
)
_REPORT = re.compile(r"年度?(?:工作)?(?:报告|总结|年报)|情况(?:的)?报告")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per article with a publication date or a signature date."""
    as_of = evidence.run.as_of
    latest = as_of + dt.timedelta(days=limits["future_days"])
    went_on = _went_on(evidence, latest, limits["few"])
    first, last = f"{limits['earliest']:04}", latest.isoformat()
    for seen in evidence.outlines(kind=PageKind.ARTICLE):
        if _REPORT.search(seen.title):
            verdict = _signature(evidence, evidence.page(seen.id))
            if verdict is not None:
                yield verdict
                continue
        if seen.published is None:
            continue
        # As they are written, days stand in the order of time.
        if first <= seen.published <= last:
            yield Verdict(grade=Grade.OK, subject=Subject(kind="page", key=seen.url, url=seen.url))
            continue
        page = evidence.page(seen.id)
        assert page.published is not None
        day = page.published.date
        if went_on and latest < day <= page.seen_at.date():
            continue
        variant = (
            "too-old" if day <= latest else None if page.published.confidence >= limits["sure"] else "unsure"
        )
        yield Verdict(
            grade=Grade.FAIL if variant is None else Grade.REVIEW,
            subject=_subject(page),
            facts={"title": page.title, "date": day.isoformat(), "as_of": as_of.isoformat()},
            citations=(_cite(page, page.published.quote),),
            variant=variant,
        )


def _went_on(evidence: Evidence, latest: dt.date, few: int) -> bool:
    """Whether the site plainly went on publishing between the monitoring point and the day it was seen."""
    if (evidence.run.finished_at or evidence.run.started_at).date() <= latest:
        return False
    total = after = 0
    last = latest.isoformat()
    for page in evidence.outlines(kind=PageKind.ARTICLE):
        if page.published:
            total += 1
            after += last < page.published <= at(page.seen_at).date().isoformat()
    return after > max(few, total / 50)


def _signature(evidence: Evidence, page: Page) -> Verdict | None:
    """A fail when a report is signed before the period it reports on has ended, else None."""
    text = evidence.text(page.id).rstrip()
    signed = next((m for line in reversed(text[-200:].splitlines()) if (m := _SIGNED.match(line))), None)
    day = _date(*signed.groups()) if signed else None
    ends = [(_date(*(g for g in m.groups() if g)), m) for m in _PERIOD_END.finditer(text[:20000])]
    known = [(end, m) for end, m in ends if end is not None]
    if day is None or signed is None or not known:
        return None
    end, match = max(known, key=lambda row: row[0])
    if day >= end:
        return None
    return Verdict(
        grade=Grade.FAIL,
        subject=_subject(page),
        facts={"title": page.title, "date": day.isoformat(), "period_end": end.isoformat()},
        citations=(_cite(page, signed.group().strip()), _cite(page, match.group())),
        variant="signed-too-early",
    )


def _date(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _subject(page: Page) -> Subject:
    return Subject(
        kind="page", key=page.url, url=page.url, title=page.title, column=" > ".join(page.column_path)
    )


def _cite(page: Page, quote: str) -> Citation:
    return Citation(url=page.url, seen_at=page.seen_at, quote=quote, title=page.title)

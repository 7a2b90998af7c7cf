"""A notice whose deadline has passed still stands on the home page.

What it finds: 首页上仍挂着的报名、申报、征集类通知，正文写明的截止日期已经过去。

Why it matters: 群众按过期的通知去办事会白跑一趟。

Known problems: 截止日期按正文的写法判断，延期的通知看不出来，所以只请人核实。

Good: 报名截止 2018 年 5 月 10 日，监测时间点 2018 年 4 月 16 日。
Bad: 报名截止 2018 年 2 月 10 日，监测时间点 2018 年 4 月 16 日，仍在首页。
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence
from crawler.evidence.records import PageKind

CHECK = Check(
    id="expired-notice",
    title="过期通知仍在首页",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"grace_days": 14},
    message="首页还挂着《{title}》，文中的截止日期 {deadline} 已过 {days} 天。",
    fix="请从首页撤下，或注明已经截止。",
)

_NOTICE = re.compile(r"报名|申报|征集|征求|招聘|遴选|受理|申请|投票|评选|推荐")
_DAY = r"(20\d\d)年(\d{1,2})月(\d{1,2})日"
_DEADLINE = re.compile(
    rf"(?:截止|截至)(?:时间|日期)?(?:为|是|到|至|：|:)?\s*{_DAY}|{_DAY}(?:\d{{1,2}}[:：]\d\d)?(?:之?前|截止|止)"
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per notice with a deadline that the home page links to."""
    home = evidence.home()
    if home is None:
        return
    as_of = evidence.run.as_of
    for page in evidence.linked_pages(home.id):
        if page.kind is not PageKind.ARTICLE or not _NOTICE.search(page.title):
            continue
        found = list(_DEADLINE.finditer(evidence.text(page.id)[:20000]))
        days = [day for match in found if (day := _day(match)) is not None]
        if not days:
            continue
        deadline = max(days)
        late = (as_of - deadline).days
        expired = late > limits["grace_days"]
        yield Verdict(
            grade=Grade.REVIEW if expired else Grade.OK,
            subject=Subject(kind="page", key=page.url, url=page.url, title=page.title),
            facts={"title": page.title, "deadline": deadline.isoformat(), "days": late},
            citations=(
                Citation(url=page.url, seen_at=page.seen_at, quote=found[-1].group(), title=page.title),
                Citation(
                    url=home.url, seen_at=home.seen_at, quote=page.title, where="首页", title=home.title
                ),
            )
            if expired
            else (),
        )


def _day(match: re.Match[str]) -> dt.date | None:
    year, month, day = (int(group) for group in match.groups() if group)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None

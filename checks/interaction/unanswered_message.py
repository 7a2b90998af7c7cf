"""网民留言长时间没有答复。

What it finds: 公开的留言、来信，到监测时间点已超过规定时间（通常是三个月）仍没有答复的：状态写着待处理、未回复，
或者本信页面上答复一栏是空的。

Why it matters: 超过三个月不回应有效留言，在国家检查指标里是单项否决。

Known problems: 只看得到公开的留言；没有公开的要到后台核对。列表上没有状态、本信页面又没有采集到的，不判。
咨询、投诉以外的信访、举报不应公开，也不在此列。

Good: 2018-03-01 来信，2018-03-05 答复。
Bad: 2017-10-01 来信，2018-04-16 检查时状态仍是“待处理”。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.columns.windows import back, words
from checks.interaction.letters import letters
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="unanswered-message",
    title="留言没有答复",
    severity=Severity.VETO,
    needs=("pages",),
    limits={"wait": "3m", "window": "1y"},
    message="留言“{title}”（{asked}）到监测时间点已 {days} 天没有答复，超过 {wait}。{why}",
    fix="请尽快答复这条留言并公开答复内容；属于别的部门的，转办后告知网民由谁办理。",
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per dated letter of the window whose answer, or lack of one, was seen."""
    as_of = evidence.run.as_of
    for letter in letters(evidence):
        if letter.asked is None or not back(as_of, limits["window"]) <= letter.asked <= as_of:
            continue
        empty_page = letter.reply_shown and not letter.reply
        if not letter.has_reply and letter.is_open is None and not empty_page:
            continue
        unanswered = not letter.has_reply and letter.asked < back(as_of, limits["wait"])
        page, quote = letter.quotes[-1]
        yield Verdict(
            grade=Grade.FAIL if unanswered else Grade.OK,
            subject=Subject(kind="letter", key=letter.key, url=letter.url, title=letter.title),
            facts={
                "title": letter.title,
                "asked": letter.asked.isoformat(),
                "days": (as_of - letter.asked).days,
                "wait": words(limits["wait"]),
                "why": f"状态是“{letter.status}”。" if letter.status else "答复一栏是空的。",
                "answered": letter.has_reply,
            },
            citations=(
                Citation(url=page.url, seen_at=page.seen_at, quote=quote, where="留言", title=page.title),
            )
            if unanswered
            else (),
        )

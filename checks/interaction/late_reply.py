"""留言答复晚了。

What it finds: 公开的留言，从来信到答复用的工作日超过规定。工作日按国务院公布的放假调休安排计算。

Why it matters: 简单问题五个工作日内答复，是政府网站检查指标的要求；各单位自己承诺的期限也要算数。

Known problems: 只看一年内的留言。复杂问题允许更长时间，各地承诺不同，所以超过期限只请人核实，
超过各地所见最长期限（30 个工作日）的才判不合格；期限可由检查标准另定。
放假安排没有公布的年份只扣除周末，并在结论里说明。

Good: 2018-03-01（周四）来信，2018-03-05（周一）答复，用 2 个工作日。
Bad: 2018-01-02 来信，2018-04-10 才答复。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.columns.windows import back
from checks.interaction.letters import letters
from checks.interaction.workdays import between
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="late-reply",
    title="留言答复不及时",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"working_days": 5, "certain": 30, "window": "1y"},
    message="留言“{title}”{asked} 提交，{answered} 答复，用了 {spent}，规定为 {limit} 个工作日。",
    fix="请核实是否属于可以延长的复杂问题；今后在 {limit} 个工作日内答复，来不及的先告知办理进展。",
    variants={
        "reversed": (
            "留言“{title}”的答复日期（{answered}）早于来信日期（{asked}）。",
            "请核实日期，改正写错的一处。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per letter of the window with both dates."""
    as_of = evidence.run.as_of
    for letter in letters(evidence):
        if (
            letter.asked is None
            or letter.answered is None
            or not back(as_of, limits["window"]) <= letter.asked <= as_of
        ):
            continue
        span = between(letter.asked, letter.answered)
        reversed_ = letter.answered < letter.asked
        late = span.days > limits["working_days"]
        certain = span.days > limits["certain"]
        page, quote = letter.quotes[-1]
        yield Verdict(
            grade=Grade.FAIL if certain else Grade.REVIEW if late or reversed_ else Grade.OK,
            subject=Subject(kind="letter", key=letter.key, url=letter.url, title=letter.title),
            facts={
                "title": letter.title,
                "asked": letter.asked.isoformat(),
                "answered": letter.answered.isoformat(),
                "spent": span.words,
                "working_days": span.days,
                "limit": limits["working_days"],
            },
            citations=(
                Citation(url=page.url, seen_at=page.seen_at, quote=quote, where="留言", title=page.title),
            )
            if late or reversed_
            else (),
            variant="reversed" if reversed_ else None,
        )

"""A grave error in a name, title or fixed phrase.

What it finds: 国名、机构名、领导人姓名职务、重要会议、固定提法、领土和港澳台表述中的错误。表里列明的写法直接报告，与规范表述只差一处的写法请人核实。

Why it matters: 普查和抽查都把严重表述错误列为单项否决项，出现一处，整个网站就不合格。

Known problems: 只认表里有的规范表述；图片和视频里的字没有看。引述历史文献、境外机构自称时可能误报，所以把握不够的一律只请人核实。

Good: 铸牢中华民族共同体意识。
Bad: 中华人民共合国。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Severity, Verdict
from checks.wording.readings import LIMITS, verdicts
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="serious-wording",
    title="严重表述错误",
    severity=Severity.VETO,
    needs=("pages",),
    limits=LIMITS,
    message="“{wrong}”可能是严重表述错误（{kind}）：{reason}。出现在 {pages} 个页面。原文：{sentence}",
    fix="请立即对照权威发布核对原句，确属错误的马上改正，并检查同一篇稿件的其他发布渠道。",
    variants={
        "suggested": (
            "“{wrong}”应为“{suggestion}”（{kind}）：{reason}。出现在 {pages} 个页面。原文：{sentence}",
            "请立即把“{wrong}”改为“{suggestion}”，并检查同一篇稿件的其他发布渠道。",
        )
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip, however many pages show it; one OK per text without."""
    yield from verdicts(evidence, CHECK.id, limits)

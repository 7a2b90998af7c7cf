"""Numbering or punctuation gone wrong.

What it finds: 层次序号混用、缺号，发文字号写法不合规范，标点重复、相撞、不成对。

Why it matters: 公文格式和标点有国家标准，序号错乱还会让人以为缺了内容。

Known problems: 从网页和附件取出的文字可能断行，成对标点只在一段之内看，并且只请人核实。

Good: （二）推进信息公开。
Bad: (二)是推进信息公开。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Severity, Verdict
from checks.wording.readings import LIMITS, verdicts
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="bad-numbering",
    title="序号和标点有误",
    severity=Severity.MINOR,
    needs=("pages",),
    limits=LIMITS,
    message="{reason}：写的是 {wrong} ，出现在 {pages} 个页面。原文：{sentence}",
    fix="请按公文格式和标点符号用法改正。",
    variants={
        "suggested": (
            "“{wrong}”应为“{suggestion}”：{reason}。出现在 {pages} 个页面。原文：{sentence}",
            "请把“{wrong}”改为“{suggestion}”。",
        )
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip, however many pages show it; one OK per text without."""
    yield from verdicts(evidence, CHECK.id, limits)

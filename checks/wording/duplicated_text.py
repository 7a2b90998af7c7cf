"""Words written twice in a row.

What it finds: 同一个词、短语或整句连写两遍。

Why it matters: 粘贴稿件时最常见的失误，读者一眼能看出来。

Known problems: 只看紧挨着的重复；隔段重复不看。叠字人名、“一点一点”一类说法不报。

Good: 其中：城镇120人。
Bad: 其中：其中城镇120人。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Severity, Verdict
from checks.wording.readings import LIMITS, verdicts
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="duplicated-text",
    title="文字重复",
    severity=Severity.MINOR,
    needs=("pages",),
    limits=LIMITS,
    message="“{wrong}”文字重复：{reason}。出现在 {pages} 个页面。原文：{sentence}",
    fix="请删去重复的文字。",
    variants={
        "suggested": (
            "“{wrong}”文字重复，应为“{suggestion}”：{reason}。出现在 {pages} 个页面。原文：{sentence}",
            "请把“{wrong}”改为“{suggestion}”。",
        )
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip, however many pages show it; one OK per text without."""
    yield from verdicts(evidence, CHECK.id, limits)

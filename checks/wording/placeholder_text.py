"""Test content, placeholders, code that shows.

What it finds: 没有清理的测试文章、没有替换的占位文字、露在正文里的网页代码和模板变量。

Why it matters: 测试内容对外公开，说明发布没有审核。

Known problems: 合同范本里的“××元”会请人核实；“测试赛”“测试中心”不是测试内容。

Good: 网络安全测试赛开幕。
Bad: 测试标题1
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Severity, Verdict
from checks.wording.readings import LIMITS, verdicts
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="placeholder-text",
    title="测试或占位文字",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits=LIMITS,
    message="页面上有没有清理的文字“{wrong}”：{reason}。出现在 {pages} 个页面。原文：{sentence}",
    fix="请删除测试内容，或补上真实内容；露出代码的，请让技术人员修改模板。",
    variants={
        "suggested": (
            "页面上的“{wrong}”应为“{suggestion}”：{reason}。出现在 {pages} 个页面。原文：{sentence}",
            "请改为“{suggestion}”。",
        )
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip, however many pages show it; one OK per text without."""
    yield from verdicts(evidence, CHECK.id, limits)

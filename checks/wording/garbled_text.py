"""Text that no decoding makes readable.

What it finds: 按正确编码读出之后仍然是乱码的文字。

Why it matters: 乱码让人无法阅读。

Known problems: 个别生僻字取不出时也会显示成替代符号，请对照原网页。

Good: 关于印发方案的通知。
Bad: 锟斤拷锟斤拷。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Severity, Verdict
from checks.wording.readings import LIMITS, verdicts
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="garbled-text",
    title="乱码",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits=LIMITS,
    message="页面上有乱码“{wrong}”。出现在 {pages} 个页面。原文：{sentence}",
    fix="请用正确的编码重新发布。",
    variants={
        "suggested": (
            "页面上有乱码“{wrong}”，应为“{suggestion}”。出现在 {pages} 个页面。原文：{sentence}",
            "请用正确的编码重新发布。",
        )
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip, however many pages show it; one OK per text without."""
    yield from verdicts(evidence, CHECK.id, limits)

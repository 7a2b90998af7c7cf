"""A name or law that had ended when the text was written.

What it finds: 发布日期晚于机构更名、撤销之日的内容里，仍然使用旧名；以及引用当时已经废止的法律法规。没有日期的内容不判断。

Why it matters: 机构名称和法律依据过时，说明内容没有更新，办事群众会找错地方。

Known problems: 更名日期按公开资料整理，各地实际挂牌日期不同，所以只请人核实。“原”“时任”“并入”等说明历史的写法不报。

Good: 2017年的通知写“市国土资源局”。
Bad: 2024年的通知写“请到市国土资源局办理”。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Severity, Verdict
from checks.wording.readings import LIMITS, verdicts
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="outdated-institution",
    title="使用已撤销、更名的机构名称或已废止的法规",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits=LIMITS,
    message="“{wrong}”在这篇内容发布时已经不用：{reason}。出现在 {pages} 个页面。原文：{sentence}",
    fix="请核对现行名称后修改；叙述历史的，写明“原”。",
    variants={
        "suggested": (
            "“{wrong}”在这篇内容发布时已经不用，现为“{suggestion}”：{reason}。出现在 {pages} 个页面。原文：{sentence}",
            "请核对本地现行名称后改为“{suggestion}”；叙述历史的，写明“原”。",
        )
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip, however many pages show it; one OK per text without."""
    yield from verdicts(evidence, CHECK.id, limits)

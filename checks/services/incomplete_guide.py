"""Service guides without all their parts.

What it finds: 办事指南缺少规定的要素：事项名称、设定依据、申请条件、办理材料、办理地点、办理时间、联系电话、办理流程
（2019年指标另加办理机构、收费标准）。按要素统计，逐个列出缺这一要素的指南。

Why it matters: 要素不全，群众要多跑一趟；普查和检查指标都按缺的要素类别扣分。

Known problems: 只认得标题或栏目叫“办事指南”一类、正文有几个要素的页面。要素有没有按小标题和关键词认，写法特殊的可能认不出；
指南引到政务服务网办理、附件没有读到的，只请人核实。内容是否准确请人核对。

Good: 指南写明依据、条件、材料、地点、时间、电话、流程。
Bad: 指南只有申请条件和材料，没有写到哪里办、什么时间办、电话多少。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.services.guides import PARTS, Guide, guides
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="incomplete-guide",
    title="办事指南要素缺失",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={
        "parts": [
            "事项名称",
            "设定依据",
            "申请条件",
            "办理材料",
            "办理地点",
            "办理时间",
            "联系电话",
            "办理流程",
        ],
        "sure": 6,
        "shown": 20,
    },
    message="{count} 份办事指南（共 {guides} 份）没有“{part}”，如《{title}》。",
    fix="请在这些指南里补上“{part}”。",
    variants={
        "unsure": (
            "{count} 份办事指南（共 {guides} 份）没有读到“{part}”，如《{title}》，请核实。",
            "请打开核实；确实没有的，补上“{part}”。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per part that guides must show, when there are guides."""
    found = guides(evidence)
    for part in limits["parts"] if found else ():
        lacking = [guide for guide in found if part not in guide.parts]
        sure = [guide for guide in lacking if _sure(guide, limits)]
        named = sure or lacking
        subject = Subject(
            kind="guide-part", key=f"guide/{part}", url=named[0].page.url if named else None, title=part
        )
        facts = {
            "part": part,
            "count": len(named),
            "guides": len(found),
            "title": named[0].page.title if named else "",
            "places": len(named) or 1,
        }
        yield Verdict(
            grade=Grade.OK if not lacking else Grade.FAIL if sure else Grade.REVIEW,
            subject=subject,
            facts=facts,
            citations=tuple(
                Citation(
                    url=g.page.url, seen_at=g.page.seen_at, quote=_shows(g), where="正文", title=g.page.title
                )
                for g in named[: limits["shown"]]
            ),
            variant="unsure" if lacking and not sure else None,
        )


def _sure(guide: Guide, limits: Mapping[str, Any]) -> bool:
    """Whether what a guide lacks is lacking: it calls itself a guide and shows most parts."""
    return (
        guide.whole
        and "指南" in guide.page.title
        and len(guide.parts & set(limits["parts"])) >= limits["sure"]
    )


def _shows(guide: Guide) -> str:
    return "读到的要素：" + "、".join(name for name in PARTS if name in guide.parts)

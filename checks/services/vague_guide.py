"""Guides whose list of materials stays open.

What it finds: 办事指南的办理材料里有“其他材料”“有关材料”“等相关资料”一类含糊的说法。

Why it matters: 群众不知道究竟要带什么，容易被要求反复补材料；检查指标每个扣 2 分。

Known problems: 单独一条“其他材料”才判错；句子里的“等相关材料”前面可能已经列全，只请人核实。

Good: 3. 上一年度财务审计报告复印件。
Bad: 4. 其他相关材料。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.services.guides import VAGUE_ITEM, VAGUE_PHRASE, guides
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="vague-guide",
    title="办事指南表述含糊",
    severity=Severity.MINOR,
    needs=("pages",),
    message="办事指南《{title}》的材料里有含糊的说法：“{quote}”。",
    fix="请写明要提交的每一种材料；没有别的，就删去这一条。",
    variants={
        "phrase": (
            "办事指南《{title}》里有“{quote}”的说法，材料是否已经列全请核实。",
            "没有列全的，写明要提交的每一种材料。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per guide."""
    for guide in guides(evidence):
        lines = (line.strip() for line in re.split(r"[\n\t]", guide.text))
        item = next((line for line in lines if len(line) <= 60 and VAGUE_ITEM.match(line)), None)
        phrase = None if item else VAGUE_PHRASE.search(guide.text)
        at = phrase.start() if phrase else 0
        quote = item or (guide.text[max(0, at - 16) : at + 10].replace("\n", " ") if phrase else "")
        yield Verdict(
            grade=Grade.FAIL if item else Grade.REVIEW if phrase else Grade.OK,
            subject=Subject(kind="page", key=guide.page.url, url=guide.page.url, title=guide.page.title),
            facts={"title": guide.page.title, "quote": quote},
            citations=(
                Citation(
                    url=guide.page.url,
                    seen_at=guide.page.seen_at,
                    quote=quote,
                    where="正文",
                    title=guide.page.title,
                ),
            )
            if quote
            else (),
            variant="phrase" if phrase else None,
        )

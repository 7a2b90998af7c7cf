"""An attachment that downloads but does not open.

What it finds: 附件下载下来是空的、损坏的，或者根本不是文件，而是一个“页面不存在”的网页。

Why it matters: 附件打不开，表格拿不到，等于没有公开；指标对打不开的附件单独扣分。

Known problems: 程序打不开、办公软件却可能打得开的，只请人核实。设了密码的、扫描件、本机不认识的格式算“已发布、未检查”，不算问题。下载地址打不开的归 dead-link。

Good: 申请表.doc，Word 能打开。
Bad: 申请表.doc，大小 0 字节。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from checks.services.guides import guides
from crawler.evidence.reader import Evidence
from crawler.evidence.records import FetchOutcome

CHECK = Check(
    id="broken-attachment",
    title="附件打不开",
    severity=Severity.MAJOR,
    needs=("documents",),
    limits=LIMITS,
    message="附件“{label}”打不开：{reason}。出现在{spread}。",
    fix="请重新上传能打开的文件，上传后下载核对。",
    variants={
        "doubtful": (
            "附件“{label}”程序没能打开：{reason}。出现在{spread}。",
            "请下载后用办公软件打开核实；打不开的，重新上传。",
        )
    },
)

BROKEN = {
    "broken": "文件损坏",
    "html-error-page": "下载到的不是文件，而是一个网页（多为“页面不存在”）",
    "empty": "文件是空的",
    "truncated": "文件不完整，没有传完",
}


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per attachment that was downloaded."""
    places = Places(evidence, limits)
    in_guides = {
        number for guide in guides(evidence) for number in evidence.attachments(guide.page.id).values()
    }
    cuts = evidence.attempts(FetchOutcome.TRUNCATED)
    for document in evidence.documents(texts=False):
        subject = Subject(kind="document", key=document.url, url=document.url)
        cut = cuts.get(document.id, 0)
        why = "truncated" if cut else document.why
        if why not in BROKEN:
            yield Verdict(grade=Grade.OK, subject=subject, facts={"in_guide": document.id in in_guides})
            continue
        located = places.of(document.id, document.url)
        if located is not None:
            # Only a certain fault names the address as a bad link's target: the link itself answers.
            facts = {
                **located.facts,
                "reason": BROKEN[why],
                "bytes": document.bytes,
                "in_guide": document.id in in_guides,
            }
            certain = why == "html-error-page" or cut > 1 or (why == "empty" and not document.bytes)
            yield Verdict(
                grade=Grade.FAIL if certain else Grade.REVIEW,
                subject=Subject(kind="document", key=document.url, url=document.url, title=located.label),
                facts=facts
                if certain
                else {name: fact for name, fact in facts.items() if name != "target_url"},
                citations=located.citations,
                variant=None if certain else "doubtful",
            )

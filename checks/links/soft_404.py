"""A page that says "not found" but answers as if all were well.

What it finds: 地址返回 200（正常），打开却是“页面不存在”：与同一台服务器上故意编造的地址返回的页面一样，或者任何旧地址都被送回首页。
只有“页面不存在”一类字样、没有更多旁证的，只请人核实。

Why it matters: 群众看到的仍是打不开；因为状态码正常，网站自己的监测也发现不了。

Known problems: 正文很短的正常页面可能与错误页面相像，只有高度相同才算问题。

Good: 不存在的地址返回 404。
Bad: /xwzx/2016/old.html 返回 200，内容是“您访问的页面不存在”。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="soft-404",
    title="页面不存在却显示正常",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={**LIMITS, "alike": 0.9},
    message="链接“{label}”打开的是“页面不存在”：{reason}。出现在{spread}。",
    fix="请把链接改成正确的地址，内容已不存在的删除链接；并请网站管理员让不存在的地址返回 404。",
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per page that answered well and is linked to."""
    places = Places(evidence, limits)
    suspects = {page.id: fact.data for page, fact in evidence.facts("soft-404")}
    for page in evidence.pages():
        data = suspects.get(page.id)
        if data is None:
            yield Verdict(grade=Grade.OK, subject=Subject(kind="link", key=page.url, url=page.url))
            continue
        located = places.of(page.id, page.url, page.seen_at)
        if located is None:
            continue
        alike = data.get("likeness", 0) >= limits["alike"]
        if data.get("home_echo"):
            reason = "所有不存在的地址都被送回首页"
        elif alike:
            reason = "与编造的地址打开的页面相同"
        else:
            reason = f"页面写着“{data.get('words', '')}”"
        yield Verdict(
            grade=Grade.FAIL if alike or data.get("home_echo") else Grade.REVIEW,
            subject=Subject(kind="link", key=page.url, url=page.url, title=located.label),
            facts={**located.facts, "reason": reason, "words": data.get("words")},
            citations=located.citations,
        )

"""A link to a place inside a page that is not there.

What it finds: 地址里 # 后面的位置（如“附件下载”“第三章”）在目标页面上不存在，页面能打开，但不会跳到该去的地方。

Why it matters: 目录、办事指南里的定位失效，群众要在长页面里自己找。

Known problems: 位置可能由脚本临时生成；像 #/list、#!page 这样由脚本使用的不检查，目标页面没有任何固定位置的只请人核实。

Good: <a href="#fj">附件</a>，页面里有 id="fj"。
Bad: <a href="guide.html#ch3">，guide.html 里没有 ch3。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="broken-anchor",
    title="页内定位失效",
    severity=Severity.MINOR,
    needs=("links",),
    limits=LIMITS,
    message="链接“{label}”能打开页面，但页面上没有“#{fragment}”这个位置。出现在{spread}。",
    fix="请把链接里 # 后面的名字改成目标页面上真实的位置，或在目标页面补上这个位置。",
)

_SCRIPT_ROUTE = re.compile(r"^(!|/|:~:|\?|[^=]*=|\d+$)")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per address with a fragment that a browser would look for."""
    places = Places(evidence, limits)
    for link in evidence.fragment_links():
        name = unquote(link.fragment)
        if not name or name.lower() == "top" or _SCRIPT_ROUTE.match(name):
            continue
        subject = Subject(kind="link", key=link.url, url=link.url)
        if name in link.anchors or link.fragment in link.anchors:
            yield Verdict(grade=Grade.OK, subject=subject)
            continue
        located = places.of(link.target_id, link.url)
        if located is None:
            continue
        yield Verdict(
            grade=Grade.FAIL if link.anchors else Grade.REVIEW,
            subject=Subject(kind="link", key=link.url, url=link.url, title=located.label),
            facts={**located.facts, "fragment": name, "reason": "页面上没有这个位置"},
            citations=located.citations,
        )

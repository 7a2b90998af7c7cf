"""A link to a place inside a page that is not there.

What it finds: 地址里 # 后面的位置（如“附件下载”“第三章”）在目标页面上不存在，页面能打开，但不会跳到该去的地方。

Why it matters: 目录、办事指南里的定位失效，群众要在长页面里自己找。

Known problems: 位置可能由脚本临时生成；像 #/list、#!page 这样由脚本使用的不检查，目标页面没有任何固定位置的只请人核实。
同一页面上成组的 #section1、#section2、#section3 都没有对应位置，多半是脚本控制的选项卡或折叠菜单，也只请人核实。

Good: <a href="#fj">附件</a>，页面里有 id="fj"。
Bad: <a href="guide.html#ch3">，guide.html 里没有 ch3。
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from crawler.evidence.reader import Evidence, FragmentLink

CHECK = Check(
    id="broken-anchor",
    title="页内定位失效",
    severity=Severity.MINOR,
    needs=("links",),
    limits=LIMITS,
    message="链接“{label}”能打开页面，但页面上没有“#{fragment}”这个位置。出现在{spread}。",
    fix="请把链接里 # 后面的名字改成目标页面上真实的位置，或在目标页面补上这个位置。",
    variants={
        "control": (
            "链接“{label}”指向“#{fragment}”，页面上没有这个位置。同一页面上这样的链接有 {group} 个，可能是选项卡或折叠菜单，请核实。",
            "请点一下这个链接：能展开或切换内容的不用处理；没有反应的，改成真实的位置。",
        ),
    },
)

_CONTROLS = 3
"""Missing places of one page that go by one word and a number, from which they look like tabs or folding panels."""

_NUMBERED = re.compile(r"(\D+)\d{1,2}")
_SCRIPT_ROUTE = re.compile(r"^(!|/|:~:|\?|[^=]*=|\d+$)")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per address with a fragment that a browser would look for."""
    places = Places(evidence, limits)
    numbered = Counter(
        _series(link) for link in evidence.fragment_links() if link.fragment not in link.anchors
    )
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
        group = numbered[series] if (series := _series(link)) else 0
        control = group >= _CONTROLS and all(cited.url == link.page_url for cited in located.citations)
        yield Verdict(
            grade=Grade.FAIL if link.anchors and not control else Grade.REVIEW,
            subject=Subject(kind="link", key=link.url, url=link.url, title=located.label),
            facts={**located.facts, "fragment": name, "reason": "页面上没有这个位置", "group": group},
            citations=located.citations,
            variant="control" if control else None,
        )


def _series(link: FragmentLink) -> tuple[str, str] | None:
    """The page of a link and the word its places go by, None where there is no number behind one."""
    match = _NUMBERED.fullmatch(link.fragment)
    return (link.page_url, match[1]) if match else None

"""Links that readers cannot see and search engines can.

What it finds: 页面上看不见的区域（移出屏幕、字号为零、一像素高的滚动条等）里指向非政府网站的链接。链接文字或域名带有博彩、
色情等词语的，直接列为问题；域名廉价，或者这个网站在可见的地方从没出现过的，列出来请人核实。

Why it matters: 这是网站被入侵后植入的“暗链”，替非法网站提高搜索排名，说明网站已有漏洞，公安和网信部门会通报。

Known problems: 菜单、选项卡常用的“display:none”不算看不见；没有名称、里面几乎都是外单位链接的一整块除外。脚本运行后才写入的暗链、与背景同色的文字看不出来。
统计代码、分享按钮有时也放在看不见的区域，需要人工核实。

Good: <div class="nav"><a href="http://www.example.gov.cn/">
Bad: <div style="position:absolute;left:-9999px"><a href="http://a.example.top/">
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, ZONES, Places
from checks.security.ownership import bad_word, cheap, host_of, kind_of, public, registered
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Zone

CHECK = Check(
    id="hidden-link",
    title="页面里有看不见的外部链接",
    severity=Severity.MAJOR,
    needs=("links",),
    limits=LIMITS,
    message="页面的隐藏区域里有 {links} 个指向 {host} 的链接，{reason}。出现在 {pages} 个页面。",
    fix="请查看页面源代码，确认不是本单位加的就立即删除，并检查网站有没有被入侵、修改管理密码。",
    variants={
        "seldom": (
            "页面的隐藏区域里有 {links} 个指向 {host} 的链接，{reason}。出现在 {pages} 个页面。",
            "请查看页面源代码核实：统计代码、分享按钮等正常内容不用处理；不认识的立即删除，并检查网站有没有被入侵。",
        ),
        "many": (
            "页面的隐藏区域里有 {links} 个链接，指向 {hosts} 个在可见的地方从没出现过的网站，如“{examples}”，像是被人植入的。"
            "出现在 {pages} 个页面。",
            "请查看页面源代码核实：不是本单位加的立即删除，并检查网站有没有被入侵、修改管理密码；本单位的友情链接不用处理。",
        ),
    },
)
_MANY = 10
"""Hosts that readers never see, on the same pages: one block, one finding."""
_UNSEEN = "这个网站在可见的地方从没出现过"
_HIDDEN = f"{ZONES[Zone.HIDDEN]}第"


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per outside host that pages link to by an element a reader could click."""
    # Hidden places are named one by one: a template's block is cited by its pages.
    places = Places(evidence, {**limits, "everywhere_pages": math.inf}, most=math.inf)
    own = {registered(host.partition(":")[0].lower()) for host in evidence.run.site.hosts}
    hidden: dict[str, list[tuple[int, str]]] = defaultdict(list)
    seen: dict[str, bool] = {}
    for target_id, url, in_hidden, in_sight in evidence.sighted_urls():
        host = host_of(url)
        if not host or registered(host) in own or public(host):
            continue
        seen[host] = seen.get(host, False) or in_sight
        if in_hidden:
            hidden[host].append((target_id, url))
    blocks: dict[tuple[str, ...], list[tuple[str, tuple[Citation, ...]]]] = defaultdict(list)
    for host, visible in seen.items():
        subject = Subject(kind="host", key=f"host/{host}", url=f"http://{host}/", title=host)
        citations = tuple(_citations(places, hidden.get(host, ())))
        word = next((found for found in (bad_word(citation.quote) for citation in citations) if found), None)
        kind = kind_of(host)
        if word or kind:
            reason = f"链接文字有“{word}”" if word else f"域名像是{kind}网站"
        else:
            reason = "域名廉价，公共机构很少使用" if cheap(host) else "" if visible else _UNSEEN
        if not citations or not reason:
            yield Verdict(grade=Grade.OK, subject=subject)
            continue
        certain = bool(word or kind)
        if not certain and not visible:
            blocks[tuple(sorted({citation.url for citation in citations}))].append((host, citations))
            continue
        yield _single(host, hidden[host], citations, reason, certain=certain)
    for pages, found in blocks.items():
        if len(found) < _MANY:
            for host, citations in found:
                reason = "域名廉价，公共机构很少使用" if cheap(host) else _UNSEEN
                yield _single(host, hidden[host], citations, reason, certain=False)
            continue
        named = [citation for _, citations in found for citation in citations]
        yield Verdict(
            grade=Grade.REVIEW,
            subject=Subject(kind="page", key=f"block/{pages[0]}", url=pages[0], title=named[0].title),
            facts={
                "hosts": len(found),
                "links": sum(len(hidden[host]) for host, _ in found),
                "pages": len(pages),
                "examples": "”“".join(
                    list(dict.fromkeys(citation.quote or citation.url for citation in named))[:3]
                ),
            },
            citations=tuple(named[:20]),
            variant="many",
        )


def _single(
    host: str,
    links: list[tuple[int, str]],
    citations: tuple[Citation, ...],
    reason: str,
    *,
    certain: bool,
) -> Verdict:
    return Verdict(
        grade=Grade.FAIL if certain else Grade.REVIEW,
        subject=Subject(kind="host", key=f"host/{host}", url=f"http://{host}/", title=host),
        facts={
            "host": host,
            "target_url": links[0][1],
            "links": len(links),
            "pages": len({citation.url for citation in citations}),
            "reason": reason,
        },
        citations=citations,
        variant=None if certain else "seldom",
    )


def _citations(places: Places, targets: list[tuple[int, str]] | tuple[()]) -> Iterator[Citation]:
    for target_id, url in targets:
        located = places.of(target_id, url)
        if located is not None:
            yield from (citation for citation in located.citations if citation.where.startswith(_HIDDEN))

"""A link that is sent round in circles.

What it finds: 地址一再跳转，跳回自己或跳转次数过多，浏览器最后报错打不开。两次访问都是这样才算。

Why it matters: 对群众来说和死链一样，页面打不开。

Known problems: 有的网站要先写 cookie 才不再跳转；检查时带着 cookie 再试一次，仍循环的才列出。

Good: /a 跳到 /b，/b 正常打开。
Bad: /a 跳到 /b，/b 又跳回 /a。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from crawler.evidence.reader import Evidence
from crawler.evidence.records import FetchOutcome

CHECK = Check(
    id="redirect-loop",
    title="链接循环跳转",
    severity=Severity.MAJOR,
    needs=("links",),
    limits=LIMITS,
    message="链接“{label}”打不开：地址循环跳转（{chain}）。出现在{spread}。",
    fix="请网站管理员检查跳转设置；地址已改的，把链接改成最终地址。",
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per target that redirects; one that loops only once is for review."""
    places = Places(evidence, limits)
    for target in evidence.targets():
        last = target.fetches[-1]
        if last.outcome is not FetchOutcome.REDIRECT_LOOP:
            if last.redirects:
                yield Verdict(grade=Grade.OK, subject=Subject(kind="link", key=target.url, url=target.url))
            continue
        located = places.of(target.id, target.url, last.at)
        if located is None:
            continue
        twice = sum(fetch.outcome is FetchOutcome.REDIRECT_LOOP for fetch in target.fetches) > 1
        yield Verdict(
            grade=Grade.FAIL if twice else Grade.REVIEW,
            subject=Subject(kind="link", key=target.url, url=target.url, title=located.label),
            facts={
                **located.facts,
                "reason": "循环跳转",
                "redirects": list(last.redirects),
                "chain": " → ".join((target.url, *last.redirects[:4])),
            },
            citations=located.citations,
        )

"""A link that is sent round in circles.

What it finds: 地址一再跳转，跳回自己或者没有到头（浏览器跟到 20 次为止），浏览器最后报错打不开，两次访问都是这样才算。
打得开但要跳转 5 次以上的，请人核实。

Why it matters: 对群众来说和死链一样，页面打不开。

Known problems: 有的网站要先写 cookie 才不再跳转；检查时带着 cookie 再试一次，仍循环的才列出。

Good: /a 跳到 /b，/b 正常打开。
Bad: /a 跳到 /b，/b 又跳回 /a。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    limits={**LIMITS, "most_steps": 5},
    message="链接“{label}”打不开：地址循环跳转（{chain}）。出现在{spread}。",
    fix="请网站管理员检查跳转设置；地址已改的，把链接改成最终地址。",
    variants={
        "endless": (
            "链接“{label}”打不开：地址一再跳转，没有到头（{chain}）。出现在{spread}。",
            "请网站管理员检查跳转设置；地址已改的，把链接改成最终地址。",
        ),
        "long": (
            "链接“{label}”要跳转 {steps} 次才能打开（{chain}）。出现在{spread}。",
            "请把链接直接改成最终地址 {final_url}。",
        ),
    },
)

_ENDLESS = 15
"""Different addresses on the way from which a chain is no circle but one without an end."""


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per target that redirects; one that loops only once is for review."""
    places = Places(evidence, limits)
    for target in evidence.targets(turned=True):
        last = target.fetches[-1]
        if last.outcome is not FetchOutcome.REDIRECT_LOOP:
            if not last.redirects:
                continue
            steps = len(last.redirects) + 1
            located = (
                places.of(target.id, target.url, last.at)
                if last.outcome is FetchOutcome.OK and steps > limits["most_steps"]
                else None
            )
            if located is None:
                yield Verdict(grade=Grade.OK, subject=Subject(kind="link", key=target.url, url=target.url))
                continue
            yield Verdict(
                grade=Grade.REVIEW,
                subject=Subject(kind="link", key=target.url, url=target.url, title=located.label),
                facts={
                    **located.facts,
                    "reason": "跳转次数过多",
                    "verdict": "long",
                    "steps": steps,
                    "redirects": list(last.redirects),
                    "final_url": last.final_url,
                    "chain": _chain(target.url, last.redirects),
                },
                citations=located.citations,
                variant="long",
            )
            continue
        located = places.of(target.id, target.url, last.at)
        if located is None:
            continue
        endless = len({target.url, *last.redirects}) > _ENDLESS
        twice = sum(fetch.outcome is FetchOutcome.REDIRECT_LOOP for fetch in target.fetches) > 1
        yield Verdict(
            grade=Grade.FAIL if twice else Grade.REVIEW,
            subject=Subject(kind="link", key=target.url, url=target.url, title=located.label),
            facts={
                **located.facts,
                "reason": "一再跳转，没有到头" if endless else "循环跳转",
                "verdict": "endless" if endless else "circle",
                "redirects": list(last.redirects),
                "chain": _chain(target.url, last.redirects),
            },
            citations=located.citations,
            variant="endless" if endless else None,
        )


def _chain(url: str, redirects: Sequence[str]) -> str:
    """The first steps of a chain, in one line."""
    return " → ".join((url, *redirects[:4], *(["……"] if len(redirects) > 4 else [])))

"""站内搜索没有找到。

What it finds: 首页有没有站内搜索：搜索框、搜索按钮或通往搜索的入口。

Why it matters: 没有站内搜索或者不能用，检查指标扣 4 分。

Known problems: 搜索框由脚本或图片做成的可能读不到，所以没有读到时只请人核实；搜得到搜不到请人试。

Good: 首页顶部有搜索框，提交到 /search/。
Bad: 首页没有搜索框，也没有搜索入口。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="missing-search",
    title="没有站内搜索",
    severity=Severity.MINOR,
    needs=("pages", "links"),
    message="首页没有读到站内搜索，请核实。",
    fix="请在首页显著位置设置站内搜索，并保证能用。",
)

_WORDS = re.compile(r"搜\s*索|检\s*索|请输入|关键[字词]|全站搜|搜一搜")
_ADDRESS = re.compile(r"search|sousuo|jiansuo|/so/|/was\d|/irs/|keyword|[?&]q=", re.I)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict on the home page."""
    home = evidence.home()
    if home is None:
        return
    shown = evidence.text(home.id) + "\n" + evidence.frame_text(home.id)
    there = bool(_WORDS.search(shown)) or any(
        _ADDRESS.search(url) or _WORDS.search(text) for url, text in evidence.links_of(home.id)
    )
    yield Verdict(
        grade=Grade.OK if there else Grade.REVIEW,
        subject=Subject(kind="page", key="home/search", url=home.url, title=home.title),
        citations=()
        if there
        else (
            Citation(url=home.url, seen_at=home.seen_at, quote=home.title, where="首页", title=home.title),
        ),
    )

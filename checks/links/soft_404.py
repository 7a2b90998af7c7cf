"""A page that says "not found" but answers as if all were well.

What it finds: 地址返回 200（正常），打开却是“页面不存在”：与同一台服务器上故意编造的地址返回的页面一样，或者任何旧地址都被送回首页。
只有“页面不存在”一类字样、没有更多旁证的，只请人核实。

Why it matters: 群众看到的仍是打不开；因为状态码正常，网站自己的监测也发现不了。

Known problems: 正文很短的正常页面可能与错误页面相像，只有高度相同才算问题。

Good: 不存在的地址返回 404。
Bad: /xwzx/2016/old.html 返回 200，内容是“您访问的页面不存在”。
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from crawler.evidence.reader import Evidence
from crawler.evidence.records import FetchOutcome

CHECK = Check(
    id="soft-404",
    title="页面不存在却显示正常",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={**LIMITS, "alike": 0.9, "says_nothing_else": 60},
    message="链接“{label}”打开的是“页面不存在”：{reason}。出现在{spread}。",
    fix="请把链接改成正确的地址，内容已不存在的删除链接；并请网站管理员让不存在的地址返回 404。",
)

_ENTRY = re.compile(r"/?(?:[\w-]+/)?(?:(?:index|default|home|main|portal|web)?(?:\.\w{2,5})?)?", re.I)
_HOME_LABEL = re.compile(r"首\s*页|主页|门户|官网|网站|返回|home", re.I)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per page that answered well and is linked to."""
    places = Places(evidence, limits)
    yield from _sent_home(evidence, places)
    suspects = {
        page.id: fact.data
        for page, fact in evidence.facts("soft-404-words")
        if len(evidence.text(page.id)) <= limits["says_nothing_else"]
    }
    suspects |= {page.id: fact.data for page, fact in evidence.facts("soft-404")}
    sent = _sent_to(evidence, {page.url for page in map(evidence.page, suspects)})
    for number, address, _ in evidence.titles():
        data = suspects.get(number)
        if data is None:
            yield Verdict(grade=Grade.OK, subject=Subject(kind="link", key=address, url=address))
            continue
        page = evidence.page(number)
        alike = data.get("likeness", 0) >= limits["alike"]
        if data.get("home_echo"):
            reason = "所有不存在的地址都被送回首页"
        elif alike:
            reason = "与编造的地址打开的页面相同"
        else:
            reason = f"页面写着“{data.get('words', '')}”"
        for target_id, url, at in [(page.id, page.url, page.seen_at), *sent.get(page.url, ())]:
            located = places.of(target_id, url, at)
            if located is not None:
                yield Verdict(
                    grade=Grade.FAIL if alike or data.get("home_echo") else Grade.REVIEW,
                    subject=Subject(kind="link", key=url, url=url, title=located.label),
                    facts={**located.facts, "reason": reason, "words": data.get("words")},
                    citations=located.citations,
                )


def _sent_to(evidence: Evidence, urls: Collection[str]) -> dict[str, list[tuple[int, str, dt.datetime]]]:
    """The targets (id, address, when) that were redirected to one of these pages, by page."""
    sent: dict[str, list[tuple[int, str, dt.datetime]]] = {}
    for target in evidence.targets(ended_at=urls) if urls else ():
        last = target.fetches[-1]
        if last.final_url is not None and last.final_url in urls and last.final_url != target.url:
            sent.setdefault(last.final_url, []).append((target.id, target.url, last.at))
    return sent


def _sent_home(evidence: Evidence, places: Places) -> Iterator[Verdict]:
    """Links that end on the home page, on hosts that send made-up addresses there too."""
    home = evidence.home()
    hosts = {
        urlsplit(note.url).netloc
        for note in evidence.notes("soft-404-control")
        if home is not None and note.url and json.loads(note.detail).get("final_url") == home.url
    }
    if home is None or not hosts:
        return
    for target in evidence.targets(ended_at=(home.url,)):
        last = target.fetches[-1]
        if last.outcome is not FetchOutcome.OK or last.final_url != home.url or target.url == home.url:
            continue
        asked = urlsplit(target.url)
        if asked.netloc not in hosts or _ENTRY.fullmatch(asked.path):
            continue
        located = places.of(target.id, target.url, last.at)
        if located is None or _HOME_LABEL.search(located.label):
            continue
        yield Verdict(
            grade=Grade.FAIL,
            subject=Subject(kind="link", key=target.url, url=target.url, title=located.label),
            facts={**located.facts, "reason": "这个地址被送回首页，编造的地址也是这样", "words": None},
            citations=located.citations,
        )

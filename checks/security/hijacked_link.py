"""A link to a host that has come into other hands.

What it finds: 指向外单位网站的链接，现在实际打开的是别人的网站：跳转到了博彩、色情网站或域名出售页面的，直接列为问题；
页面标题写着域名出售的、有两个以上博彩色情词语的，也是。政府网站的地址跳转到了非政府网站的、链接指向的域名本身就是这类名称的、
链接文字带有博彩色情词语的，以及与上一次检查相比换了域名又换了标题、或者由中文变成了别的语言的，列出来请人核实。

Why it matters: 友情链接和旧文章里的域名过期后常被人抢注，点开就是博彩或色情网站，是被通报最多的安全问题之一。

Known problems: 标题和语言只看外单位网站的首页和每个网站的一个其他页面，只看页面开头，不运行脚本；第一次检查时没有可以比较的。
内容换了、标题和语言没换的看不出来。整治赌博、色情的新闻标题不算。

Good: <a href="http://www.example.gov.cn/">，打开后仍是该单位的网站。
Bad: <a href="http://nqj.example.cn/">，打开后跳到域名出售页面。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from checks.security.faces import judged
from checks.security.ownership import bad_word, host_of, kind_of, public, registered
from crawler.evidence.opened import at
from crawler.evidence.reader import Evidence
from crawler.evidence.records import FetchOutcome

CHECK = Check(
    id="hijacked-link",
    title="链接指向的网站已换了主人",
    severity=Severity.MAJOR,
    needs=("links",),
    limits=LIMITS,
    message="链接“{label}”打开后到了 {final_host}：{reason}。出现在{spread}。",
    fix="请立即删除这个链接；原单位有新网址的，改成新网址，并检查其他页面有没有同样的链接。",
    variants={
        "moved": (
            "链接“{label}”是政府网站的地址，打开后却到了非政府网站 {final_host}。出现在{spread}。",
            "请用浏览器打开核实；不是原单位的网站就删除链接，是就改成新网址。",
        ),
        "shows": (
            "链接“{label}”打开的网站（{final_host}）像是换了主人：{reason}。出现在{spread}。",
            "请用浏览器打开核实；已不是原单位网站的，立即删除链接，原单位有新网址的改成新网址。",
        ),
        "changed": (
            "链接“{label}”打开的网站与以前检查时不同：{reason}。出现在{spread}。",
            "请用浏览器打开核实；已不是原单位网站的，删除链接；是原单位改版的不用处理。",
        ),
        "named": (
            "链接“{label}”指向 {final_host}：{reason}。出现在{spread}。",
            "请用浏览器打开核实；与本单位工作无关的，立即删除，并检查页面是否被人改动过。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per outside link target whose owner could be told from its answer or its words."""
    places = Places(evidence, limits)
    shown = {target_id: found for target_id, url, face in evidence.faces() if (found := judged(url, face))}
    own = {registered(host.partition(":")[0].lower()) for host in evidence.run.site.hosts}
    outside = [
        (target_id, url, host)
        for target_id, url in evidence.linked_urls()
        if (host := host_of(url)) and registered(host) not in own
    ]
    asked = {target_id for target_id, _, _ in outside}
    answers = {
        target_id: (host_of(final) if outcome is FetchOutcome.OK else "", at(ms))
        for target_id, final, outcome, ms in evidence.last_answers()
        if target_id in asked
    }
    words = _words(evidence, asked)
    for target_id, url, host in outside:
        answer = answers.get(target_id)
        final = (answer and answer[0]) or host
        moved = registered(final) != registered(host)
        kind = kind_of(final)
        if kind and moved:
            grade, variant, reason = Grade.FAIL, None, f"域名像是{kind}网站"
        elif target_id in shown:
            grade, variant, reason = shown[target_id]
        elif kind:
            grade, variant, reason = Grade.REVIEW, "named", f"域名像是{kind}网站"
        elif moved and public(host) and not public(final):
            grade, variant, reason = Grade.REVIEW, "moved", "政府网站地址跳转到非政府网站"
        else:
            word = None if public(host) else words.get(target_id)
            grade, variant = (Grade.REVIEW, "named") if word else (Grade.OK, None)
            reason = f"链接文字有“{word}”" if word else ""
        if grade is Grade.OK:
            if answer is not None:
                yield Verdict(grade=grade, subject=Subject(kind="link", key=url, url=url))
            continue
        located = places.of(target_id, url, answer[1] if answer else None)
        if located is not None:
            yield Verdict(
                grade=grade,
                subject=Subject(kind="link", key=url, url=url, title=located.label),
                facts={**located.facts, "final_host": final, "reason": reason},
                citations=located.citations,
                variant=variant,
            )


def _words(evidence: Evidence, outside: set[int]) -> dict[int, str]:
    """The bad word in the text of a link, by target."""
    verdict = cache(bad_word)
    return {
        target: word
        for target, text in evidence.link_texts()
        if target in outside and (word := verdict(text))
    }

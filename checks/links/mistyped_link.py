"""A link whose address was typed wrongly.

What it finds: 地址写法有误：http://http://、全角字符、漏写 http://、网址里夹着空格或反斜杠等。浏览器会照原样去访问，多半打不开。
写法有误但浏览器能改正、而且确实能打开的，只请人留意。邮箱链接没有写邮箱地址、电话链接没有写号码的，也请人留意。

Why it matters: 换一个浏览器或换一台电脑就可能打不开，也说明发布时没有点开核对。

Known problems: 地址写错但正好存在另一个页面时，看不出来。

Good: <a href="http://www.gov.cn/">
Bad: <a href="http://http://www.gov.cn/">，<a href="www.gov.cn">
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from crawler.evidence.reader import Evidence
from crawler.evidence.records import FetchOutcome

CHECK = Check(
    id="mistyped-link",
    title="链接地址写错",
    severity=Severity.MINOR,
    needs=("links",),
    limits=LIMITS,
    message="链接“{label}”的地址写错了：{fault}。页面上写的是“{href}”。出现在{spread}。",
    fix="请把地址改成“{suggestion}”这样的正确写法，改后点开核对。",
)

_FAULTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^\s*https?:?/*\s*https?[:/]", re.I), "写了两遍 http://"),
    (re.compile(r"^[^/?#]*[：／．。]|^https?://[^/?#]*[：／．。]", re.I), "含有全角字符"),
    (
        re.compile(r"^\s*(htp|htpp|hhttp|httpp|http;|http//|https//|hhttps|ttp:|tp://)", re.I),
        "http:// 拼写有误",
    ),
    (re.compile(r"^[a-z]+:\\", re.I), "斜杠方向反了"),
    (re.compile(r"^\s*www\.[\w.-]+\.(?:gov|com|org|net|edu|cn)\b", re.I), "漏写了 http://"),
    (re.compile(r"&nbsp;?|\u00a0"), "夹着空格符号"),
    (re.compile(r"^\s*/{2,}\s*$"), "只有斜杠，没有写地址"),
)

_MAIL = re.compile(r"(?:[^@<>]*<)?[^@\s%]+@[^@\s.%]+(?:\.[^@\s.%>]+)+>?")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per address that was written otherwise than it is fetched."""
    places = Places(evidence, limits)
    yield from _unusable(evidence, places)
    for link in evidence.written_links():
        fault = next((words for pattern, words in _FAULTS if pattern.search(link.href)), None)
        subject = Subject(kind="link", key=link.url, url=link.url)
        if fault is None:
            yield Verdict(grade=Grade.OK, subject=subject)
            continue
        located = places.of(link.target_id, link.url)
        if located is None:
            continue
        works = link.outcome is FetchOutcome.OK
        yield Verdict(
            grade=Grade.REVIEW if works else Grade.FAIL,
            subject=Subject(kind="link", key=link.url, url=link.url, title=located.label),
            facts={
                **located.facts,
                "fault": fault + ("（浏览器能自动改正，目前打得开）" if works else ""),
                "reason": fault,
                "href": link.href.strip()[:200],
                "suggestion": _suggestion(link.href),
            },
            citations=located.citations,
        )


def _unusable(evidence: Evidence, places: Places) -> Iterator[Verdict]:
    """Mail and telephone links with which nobody can be reached."""
    for target_id, url in evidence.linked_urls():
        if url[:7].lower() != "mailto:" and url[:4].lower() != "tel:":
            continue
        subject = Subject(kind="link", key=url, url=url)
        fault = _no_mail(url) if url[:1] in "mM" else _no_number(url)
        located = places.of(target_id, url) if fault else None
        if located is None:
            yield Verdict(grade=Grade.OK, subject=subject)
            continue
        yield Verdict(
            grade=Grade.REVIEW,
            subject=Subject(kind="link", key=url, url=url, title=located.label),
            facts={
                **located.facts,
                "fault": fault,
                "reason": fault,
                "href": url[:200],
                "suggestion": "mailto:信箱名@域名" if url[:1] in "mM" else "tel:区号-号码",
            },
            citations=located.citations,
        )


def _no_mail(url: str) -> str | None:
    addresses, asks, query = url[7:].partition("?")
    if not addresses.strip():
        # Without an address it asks the reader for one: "send this page to a friend".
        return None if asks and query else "没有写邮箱地址"
    parts = [part.strip() for part in re.split(r"[,;]", unquote(addresses)) if part.strip()]
    return None if parts and all(_MAIL.fullmatch(part) for part in parts) else "邮箱地址写得不完整"


def _no_number(url: str) -> str | None:
    return None if re.search(r"\d", unquote(url[4:])) else "没有写电话号码"


def _suggestion(href: str) -> str:
    """The address that was most likely meant."""
    plain = (
        href.replace("&nbsp;", "").replace("&nbsp", "").replace("\u00a0", "").replace("\u3000", "").strip()
    )
    plain = plain.translate(str.maketrans("：／．。＃？＆％\\", ":/..#?&%/"))
    rest = re.sub(r"^(?:h*t*t*p+s?[:;]?/*)+", "", plain, flags=re.I)
    return f"http://{rest}"[:200] if re.match(r"[\w-]+\.[\w.-]+", rest) else plain[:200]

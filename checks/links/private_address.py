"""A public page that points to an address the public cannot reach.

What it finds: 链接指向内网地址（10.、172.16.、192.168. 等）、localhost、本机文件（file:、C:\\）的，或地址里带着用户名和密码的。

Why it matters: 群众打不开，还暴露了内网结构或账号，检查时会作为安全问题通报。

Known problems: 网站本身就用内网地址检查时（例如上线前的测试网站），指向内网的链接不列出。

Good: <a href="http://kjj.example.gov.cn/xwzx/">
Bad: <a href="http://192.168.1.8/oa/">，<a href="file:///C:/Users/a.doc">
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Places
from checks.security.ownership import beginning
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="private-address",
    title="链接指向内网、本机文件或带有账号",
    severity=Severity.MAJOR,
    needs=("links",),
    limits=LIMITS,
    message="链接“{label}”{fault}，公众打不开。出现在{spread}。",
    fix="请改成公众能打开的地址，或删除链接；地址里带密码的，请同时更换密码。",
)

_PASSWORD = re.compile(r"(//[^/:@]*):[^/@]*@")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per link target."""
    places = Places(evidence, limits)
    own = {host.partition(":")[0].lower() for host in evidence.run.site.hosts}
    # A site tried out on an inside address before it goes public links to its neighbours.
    neighbours = {_inside(host) for host in own} - {None}
    for target_id, url in evidence.linked_urls():
        fault = fault_of(url, own)
        if fault in neighbours:
            fault = None
        if fault is None:
            yield Verdict(grade=Grade.OK, subject=Subject(kind="link", key=url, url=url))
            continue
        located = places.of(target_id, url)
        if located is not None:
            shown = _PASSWORD.sub(r"\1:***@", url)
            yield Verdict(
                grade=Grade.FAIL,
                subject=Subject(kind="link", key=shown, url=shown, title=located.label),
                facts={**located.facts, "target_url": shown, "fault": fault, "reason": fault},
                citations=located.citations,
            )


def fault_of(url: str, own_hosts: set[str]) -> str | None:
    """What is wrong with an address that the public should reach, in words, or None."""
    if url[:5].lower() == "file:":
        return "指向本机文件"
    if url[:4].lower() != "http":
        return None
    host = _host(beginning(url))
    if has_password(url):
        return "的地址里带着用户名和密码"
    return None if host in own_hosts else _inside(host)


def has_password(url: str) -> bool:
    return "@" in url and _PASSWORD.search(url.partition("?")[0]) is not None


@lru_cache(maxsize=10_000)
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


@lru_cache(maxsize=10_000)
def _inside(host: str) -> str | None:
    """What is wrong with a host that the public cannot reach: this machine, or a private network."""
    if host == "localhost" or host.endswith(".localhost"):
        return "指向本机"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.is_loopback:
        return "指向本机"
    return "指向内网地址" if address.is_private or address.is_link_local else None

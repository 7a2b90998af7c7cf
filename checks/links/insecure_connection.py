"""A secure address whose security does not hold.

What it finds: https 地址的证书过期、域名不符、证书链不全，或服务器只支持已淘汰的旧加密方式。按服务器归成一行。

Why it matters: 浏览器会拦住并提示“不安全”，群众不敢点进去。

Known problems: 单位自建的证书在本单位电脑上可能显示正常，外面仍然打不开。

Good: https://kjj.example.gov.cn/ 证书有效。
Bad: 证书已于上月过期。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.places import LIMITS, Located, Places
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Fetch, FetchOutcome

CHECK = Check(
    id="insecure-connection",
    title="证书或加密方式有问题",
    severity=Severity.MAJOR,
    needs=("links",),
    limits=LIMITS,
    message="{host} 的安全连接有问题：{reason}。涉及 {targets} 个链接。",
    fix="请网站管理员更新证书或升级服务器的加密设置；外部网站的问题，改用能正常打开的地址。",
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per https host that was asked."""
    places = Places(evidence, limits)
    certificates = {_netloc(note.url): note.detail for note in evidence.notes("certificate") if note.url}
    good: set[str] = set()
    bad: dict[str, list[tuple[Fetch, Located]]] = {}
    for target in evidence.targets(secure=not certificates):
        last = target.fetches[-1]
        host = None
        if certificates:
            # A page behind a bad certificate is read all the same, and so is one that only a redirect leads to.
            passed = [_netloc(url) for url in (target.url, last.final_url) if url]
            host = next((name for name in passed if name in certificates), None)
        if host is None:
            if not target.url.startswith("https:"):
                continue
            host = _netloc(target.url)
        if host in certificates or last.outcome in (FetchOutcome.TLS_FAILURE, FetchOutcome.OUTDATED_TLS):
            located = places.of(target.id, target.url, last.at)
            if located is not None:
                bad.setdefault(host, []).append((last, located))
        else:
            good.add(host)
    for host in sorted(good - bad.keys()):
        yield Verdict(grade=Grade.OK, subject=Subject(kind="host", key=host))
    for host, rows in bad.items():
        last = rows[0][0]
        fault = certificates.get(host)
        # Some browsers fetch what is missing of a chain, or know another issuer.
        chain_only = fault is not None and fault.startswith("证书链")
        yield Verdict(
            grade=Grade.REVIEW if chain_only else Grade.FAIL,
            subject=Subject(kind="host", key=host, url=last.url, title=host),
            facts={
                "host": host,
                "reason": _reason(last, fault),
                "targets": len(rows),
                "target_url": last.url,
                "target_urls": [fetch.url for fetch, _ in rows],
                "places": sum(located.facts["places"] for _, located in rows),
            },
            citations=tuple(citation for _, located in rows for citation in located.citations),
        )


def _reason(fetch: Fetch, certificate: str | None) -> str:
    if certificate is not None:
        return certificate
    if fetch.outcome is FetchOutcome.OUTDATED_TLS:
        return "只支持已淘汰的旧加密方式"
    return fetch.detail or "加密连接没有建立"


def _netloc(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.rpartition("@")[2].lower() if parts.scheme == "https" else ""

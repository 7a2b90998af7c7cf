"""A link that leads nowhere.

What it finds: addresses linked from the site's pages and attachments that failed when the crawl asked for them
and failed again later on a fresh connection, by GET, while the same host still answered something else
(or its name is gone twice). Everything less certain is shown for a person to look at: a host that cannot be
reached from here, a wall against robots, a login, a server that says it is overloaded.

Why it matters: 链接不可用 costs points in every national table, and a visitor who meets one leaves.

Known problems: a site that answers 404 only to robots looks dead from here; a page that says "not found" with
status 200 is the business of `soft-404`; redirect loops, certificates and anchors have checks of their own.

Good: <a href="/zwgk/2018/index.html"> and the address answers 200.
Bad: <a href="/zwgk/2016/old.html"> and the address answers 404, today and on the second try.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Fetch, FetchOutcome, LinkPlace, Target, Zone

CHECK = Check(
    id="dead-link",
    title="链接打不开",
    severity=Severity.MAJOR,
    needs=("links",),
    limits={"everywhere_share": 0.6, "everywhere_pages": 5},
    message="链接“{label}”打不开：{reason}。先后 {attempts} 次访问都失败。出现在 {pages} 个页面。",
    fix="请打开来源页面，把这个链接改成正确的地址；内容已不存在的，删除链接或另行说明。",
    variants={
        "suspect": (
            "链接“{label}”疑似打不开：{reason}。出现在 {pages} 个页面。",
            "请用浏览器打开核实；确实打不开的，改正或删除链接。",
        ),
        "blocked": (
            "链接“{label}”未能核实：对方网站拒绝程序访问（{reason}）。这不算死链。",
            "请用浏览器打开核实；能正常打开的不用处理。",
        ),
        "restricted": (
            "链接“{label}”需要登录或只能在内网打开（{reason}），公众看不到。",
            "如果这个链接是给公众用的，请改成公众能打开的地址；否则从公开页面移走。",
        ),
        "unreachable": (
            "链接“{label}”从检查所在的网络连不上：{reason}。不能断定是死链。",
            "请换一个网络用浏览器打开核实；确实打不开的，改正或删除链接。",
        ),
    },
)

_OTHER_CHECKS = {FetchOutcome.REDIRECT_LOOP, FetchOutcome.TLS_FAILURE, FetchOutcome.OUTDATED_TLS}
_NO_ANSWER = {
    FetchOutcome.OK,
    FetchOutcome.ROBOTS,
    FetchOutcome.NOT_FETCHED,
    FetchOutcome.TOO_LARGE,
    FetchOutcome.TRUNCATED,
}
_BLOCKED_STATUS = {403, 405, 406, 412, 418, 429, 451, 468, 493, 521}
_LOGIN_STATUS = {401, 407}
_BUSY_STATUS = {502, 503, 504, 520, 522, 523, 524}

_REASONS = {
    FetchOutcome.DNS_FAILURE: "域名不存在或无法解析",
    FetchOutcome.REFUSED: "服务器拒绝连接",
    FetchOutcome.RESET: "连接被服务器中断，没有回应",
    FetchOutcome.TIMEOUT: "等待超时，服务器没有回应",
}
_STATUS_WORDS = {
    400: "地址格式有误",
    401: "需要登录",
    403: "服务器拒绝访问",
    404: "页面不存在",
    410: "页面已被删除",
    412: "网站防护拦截",
    429: "访问被限流",
    500: "服务器内部出错",
    502: "网关出错",
    503: "服务暂时不可用",
    504: "网关超时",
    521: "网站防护拦截",
}


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per link target that could be judged."""
    pages = evidence.page_count()
    home = evidence.home()
    everywhere_from = max(limits["everywhere_pages"], limits["everywhere_share"] * pages)
    for target in evidence.targets():
        verdict = ladder(target)
        if verdict is None:
            continue
        subject = Subject(kind="link", key=target.url, url=target.url)
        if verdict == "ok":
            yield Verdict(grade=Grade.OK, subject=subject, facts={"internal": target.internal})
            continue
        places = evidence.places(target.id)
        if not places:
            continue
        last = target.fetches[-1]
        sources = list(dict.fromkeys(place.page_url for place in places))
        everywhere = len(sources) >= everywhere_from
        label = next((place.text for place in places if place.text), "") or target.url
        facts = {
            "target_url": target.url,
            "verdict": "confirmed" if verdict == "dead" else verdict,
            "reason": reason(last),
            "status": last.status,
            "outcome": str(last.outcome),
            "attempts": len(target.fetches),
            "internal": target.internal,
            "label": label,
            "pages": len(sources),
            "places": len(places),
            "everywhere": everywhere,
            "on_home": home is not None and home.url in sources,
            "zone": str(places[0].zone),
            "element": places[0].tag,
            "final_url": last.final_url,
            "redirects": list(last.redirects),
        }
        yield Verdict(
            grade=Grade.FAIL if verdict == "dead" else Grade.REVIEW,
            subject=Subject(kind="link", key=target.url, url=target.url, title=label),
            facts=facts,
            citations=tuple(
                citation(place, last) for place in (_template_places(places) if everywhere else places)
            ),
            variant=None if verdict == "dead" else verdict,
            severity=Severity.MAJOR if verdict == "dead" else Severity.MINOR,
        )


def ladder(target: Target) -> str | None:
    """The rung a target stands on: ok, dead, suspect, blocked, restricted, unreachable.

    None when it was not asked for or its fault belongs to another check.
    """
    last = target.fetches[-1]
    if last.outcome in _OTHER_CHECKS:
        return None
    if last.outcome in _NO_ANSWER:
        return (
            "ok"
            if last.outcome in (FetchOutcome.OK, FetchOutcome.TRUNCATED, FetchOutcome.TOO_LARGE)
            else None
        )
    if any(fetch.status in _LOGIN_STATUS for fetch in target.fetches):
        return "restricted"
    if any(f.outcome is FetchOutcome.BLOCKED or f.status in _BLOCKED_STATUS for f in target.fetches):
        return "blocked"
    tries = [fetch for fetch in target.fetches if fetch.method == "GET"]
    if len(tries) < 2:
        return "suspect"
    if all(fetch.outcome is FetchOutcome.DNS_FAILURE for fetch in tries[-2:]):
        return "dead"
    if target.control_ok is not True:
        return "unreachable" if last.outcome is not FetchOutcome.HTTP_ERROR else "suspect"
    if last.status in _BUSY_STATUS or len({_kind(fetch) for fetch in tries[-2:]}) > 1:
        return "suspect"
    return "dead"


def _kind(fetch: Fetch) -> object:
    return fetch.status if fetch.outcome is FetchOutcome.HTTP_ERROR else fetch.outcome


def reason(fetch: Fetch) -> str:
    """Why an attempt failed, in words."""
    if fetch.outcome is FetchOutcome.HTTP_ERROR or fetch.status is not None:
        words = _STATUS_WORDS.get(fetch.status or 0)
        return f"{words}（状态码 {fetch.status}）" if words else f"状态码 {fetch.status}"
    return _REASONS.get(fetch.outcome, fetch.detail or str(fetch.outcome))


def citation(place: LinkPlace, fetch: Fetch) -> Citation:
    """Where a link stands, as a reader finds it."""
    zone = {Zone.NAV: "导航", Zone.BODY: "正文", Zone.FOOTER: "页脚", Zone.HIDDEN: "隐藏区域"}[place.zone]
    return Citation(
        url=place.page_url,
        seen_at=fetch.at,
        quote=place.text,
        where=f"{zone}第 {place.position + 1} 个链接",
        title=place.page_title,
    )


def _template_places(places: list[LinkPlace]) -> list[LinkPlace]:
    """A few examples of a link that stands on every page, and every place that is not the template's."""
    shared = [place for place in places if place.pages > 1]
    return shared[:3] + [place for place in places if place.pages == 1][:50]

"""A link that leads nowhere.

What it finds: 页面和附件里指向的地址，检查时用 GET 访问失败，稍后换一个新连接再访问仍然失败，而同一台服务器的其他页面
当时能打开（或者域名两次都不存在）。把握不够的只列出来请人核实：从检查所在网络连不上的、拒绝程序访问的、需要登录的、
服务器说自己暂时忙的，都不算死链；整次检查里一个外站域名都没有解析成功时，域名不存在也不算。

Why it matters: 历次普查和抽查的指标都对打不开的链接扣分；群众点开是错误页面，就不再相信这个网站。

Known problems: 只对程序返回 404 的网站，从这里看也是死链。返回 200 却写着“页面不存在”的归 soft-404；
循环跳转、证书和页内定位另有检查项。

Good: <a href="/zwgk/2018/index.html">，地址返回 200。
Bad: <a href="/zwgk/2016/old.html">，地址两次都返回 404。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Grade, Severity, Subject, Verdict
from checks.links.moved import Moved, rules
from checks.links.places import LIMITS, Located, Places
from checks.links.private_address import fault_of, has_password
from checks.security.ownership import host_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Fetch, FetchOutcome, Target

CHECK = Check(
    id="dead-link",
    title="链接打不开",
    severity=Severity.MAJOR,
    needs=("links",),
    limits=LIMITS,
    message="链接“{label}”打不开：{reason}。先后 {attempts} 次访问都失败。出现在{spread}。",
    fix="请打开来源页面，把这个链接改成正确的地址；内容已不存在的，删除链接或另行说明。",
    variants={
        "moved": (
            "链接“{label}”打不开：{reason}。先后 {attempts} 次访问都失败。出现在{spread}。",
            "疑似已移到 {proposal}（依据：{ground}）。请打开核对，确是同一内容就改成这个地址。{rule}",
        ),
        "suspect": (
            "链接“{label}”疑似打不开：{reason}。出现在{spread}。",
            "请用浏览器打开核实；确实打不开的，改正或删除链接。",
        ),
        "form": (
            "表单提交到的地址 {label} 直接打开时报错：{reason}。出现在{spread}。表单能不能用，程序没有试。",
            "请试着填写并提交一次这个表单：能用的不用处理，不能用的请修复。",
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
        "no-names": (
            "有 {count} 个外站链接没有核实：检查所在的网络一个外站也连不上。不能断定是死链。",
            "请在能上外网的电脑上重新检查；本单位不要求核查外站链接的，在网站配置里写 check_outside = false。",
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
_LOGIN_PATH = re.compile(
    r"(?:^|[/._-])(?:(?:to|user|member|sso)?login|sign-?in|logon|sso|cas|passport|oauth2?)(?:[/._-]|$)", re.I
)
_LOGIN_LABEL = re.compile(r"登[录陆入]|注册|我的|个人|用户|会员|办件|申报|咨询|投诉|log ?in|sign ?in", re.I)
_INTRANET = "内网地址"
_GIVEN_UP = "这台服务器接连没有回应"
"""How an address is put that was not asked for because its host had answered nothing before."""
_NEVER_RESOLVED = {FetchOutcome.DNS_FAILURE, FetchOutcome.NOT_FETCHED, FetchOutcome.ROBOTS}
_FEW_UNRESOLVED = 5
"""Links whose names nobody resolves up to which each is told by itself."""
_SHOWN_UNRESOLVED = 20
_NO_NAME = {FetchOutcome.DNS_FAILURE, FetchOutcome.TIMEOUT, FetchOutcome.NOT_FETCHED}
"""How an address fares where no name server answers."""
_RESERVED = (".invalid", ".example", ".test")
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
    places = Places(evidence, limits)
    dead: list[tuple[Target, Located]] = []
    forms: dict[str, tuple[Target, Located]] = {}
    unnamed: list[tuple[Target, Located, str]] = []
    names_work = False
    # Nearly all answer well at once: what was asked of them need not be looked at.
    for url, internal in evidence.good_targets():
        names_work = names_work or (not internal and _needs_name(host_of(url)))
        if "@" not in url or not has_password(url):
            yield _good(url, internal)
    for target in evidence.targets(doubtful=True):
        if not names_work and not target.internal:
            names_work = _was_resolved(target)
        rung = ladder(target)
        if rung is None:
            continue
        if rung == "ok":
            yield _good(target.url, target.internal)
            continue
        located = places.of(target.id, target.url, target.fetches[-1].at)
        if located is None:
            continue
        if rung == "dead" and located.posted:
            # One row a form, and the same one in every run, whichever of its addresses was met first.
            path = target.url.partition("?")[0]
            if path not in forms or target.url < forms[path][0].url:
                forms[path] = target, located
            continue
        if rung == "restricted" and last_ok(target) and _LOGIN_LABEL.search(located.label):
            # A link that promises what only its own user may see.
            yield _good(target.url, target.internal)
            continue
        if rung == "dead":
            dead.append((target, located))
            continue
        if (
            not target.internal
            and target.fetches[-1].outcome in _NO_NAME
            and _needs_name(host_of(target.url))
        ):
            unnamed.append((target, located, rung))
            continue
        yield _doubtful(target, located, rung)
    for target, located in forms.values():
        yield _doubtful(target, located, "suspect", variant="form")
    if not names_work:
        # Where no name of the outside could be resolved, the fault may lie with the name server asked.
        unsure = [(target, located, "unreachable") for target, located in dead if _only_unresolved(target)]
        dead = [row for row in dead if not _only_unresolved(row[0])]
        yield from _unresolved([*unsure, *unnamed])
    else:
        yield from (_doubtful(*row) for row in unnamed)
    moved = Moved(evidence, ((t.url, located.labels) for t, located in dead if t.internal))
    proposals = [moved.proposal(t.url, located.labels) if t.internal else None for t, located in dead]
    rewrites = rules((t.url, there.url) for (t, _), there in zip(dead, proposals, strict=True) if there)
    for (target, located), proposal in zip(dead, proposals, strict=True):
        facts = {**located.facts, **_facts(target), "verdict": "confirmed"}
        if proposal:
            facts |= {"proposal": proposal.url, "ground": proposal.ground, "rule": ""}
            for (old, new), count in rewrites.items():
                if target.url.startswith(old) and proposal.url.startswith(new):
                    facts["rule"] = f"共有 {count} 个链接可以照此修改：{old} 改为 {new}。"
                    break
        yield Verdict(
            grade=Grade.FAIL,
            subject=_subject(target, located),
            facts=facts,
            citations=located.citations,
            variant="moved" if proposal else None,
        )


def _doubtful(target: Target, located: Located, rung: str, *, variant: str | None = None) -> Verdict:
    return Verdict(
        grade=Grade.REVIEW,
        subject=_subject(target, located),
        facts={**located.facts, **_facts(target), "verdict": rung},
        citations=located.citations,
        variant=variant or rung,
        severity=Severity.MINOR,
    )


def _unresolved(rows: list[tuple[Target, Located, str]]) -> Iterator[Verdict]:
    """Links that the name server of the check kept from being looked at: one row for many, a row each for a few."""
    if len(rows) <= _FEW_UNRESOLVED:
        yield from (_doubtful(target, located, rung) for target, located, rung in rows)
        return
    target, located, _ = rows[0]
    yield Verdict(
        grade=Grade.REVIEW,
        subject=Subject(kind="link", key="outside/names", url=None, title="外站链接"),
        facts={
            **located.facts, **_facts(target), "verdict": "unreachable", "everywhere": False, "on_home": False,
            "count": len(rows), "places": len(rows),
        },
        citations=tuple(place.citations[0] for _, place, _ in rows[:_SHOWN_UNRESOLVED]),
        variant="no-names",
        severity=Severity.MINOR,
    )  # fmt: skip


def _needs_name(host: str) -> bool:
    """Whether a name server has to be asked for a host: not for digits, this machine and names that cannot exist."""
    return not host.endswith(("localhost", *_RESERVED)) and not re.fullmatch(r"[\d.]+|.*:.*", host)


def _was_resolved(target: Target) -> bool:
    """Whether an outside name led to an address; one written in digits needs no name server."""
    return (
        _needs_name(host_of(target.url))
        and not any(f.outcome in _NEVER_RESOLVED for f in target.fetches)
        and target.fetches[-1].outcome is not FetchOutcome.TIMEOUT
    )


def _only_unresolved(target: Target) -> bool:
    """Whether nothing but a missing name speaks against a link, and the name is not one that can never exist."""
    host = host_of(target.url)
    return target.fetches[-1].outcome is FetchOutcome.DNS_FAILURE and not host.endswith(_RESERVED)


def _good(url: str, internal: bool) -> Verdict:
    subject = Subject(kind="link", key=url, url=url)
    return Verdict(grade=Grade.OK, subject=subject, facts={"internal": internal})


def _subject(target: Target, located: Located) -> Subject:
    return Subject(kind="link", key=target.url, url=target.url, title=located.label)


def _facts(target: Target) -> dict[str, Any]:
    last = target.fetches[-1]
    return {
        "reason": reason(last),
        "status": last.status,
        "outcome": str(last.outcome),
        "attempts": len(target.fetches),
        "internal": target.internal,
        "final_url": last.final_url,
        "redirects": list(last.redirects),
    }


def ladder(target: Target) -> str | None:
    """The rung a target stands on: ok, dead, suspect, blocked, restricted, unreachable.

    None when it was not asked for or its fault belongs to another check.
    """
    last = target.fetches[-1]
    if last.outcome in _OTHER_CHECKS:
        return None
    if last.outcome is FetchOutcome.NOT_FETCHED and (last.detail or "").startswith(_INTRANET):
        # An address that is one in so many digits is another check's; here a name leads inside.
        return None if fault_of(target.url, set()) else "restricted"
    if last.outcome is FetchOutcome.NOT_FETCHED and (last.detail or "").startswith(_GIVEN_UP):
        return "unreachable"
    if "@" in target.url and has_password(target.url):
        # A password stands in it: told, and masked, by that check alone.
        return None
    if last.outcome is FetchOutcome.OK and _leads_to_login(last):
        return "restricted"
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
    if last.outcome is FetchOutcome.TIMEOUT and last.status is not None:
        # It began to answer: a browser shows what came.
        return "suspect"
    if last.status in _BUSY_STATUS or len({_kind(fetch) for fetch in tries[-2:]}) > 1:
        return "suspect"
    return "dead"


def last_ok(target: Target) -> bool:
    return target.fetches[-1].outcome is FetchOutcome.OK


def _leads_to_login(fetch: Fetch) -> bool:
    """Whether an address that is no log-in page itself was answered by one."""
    if not fetch.final_url or fetch.final_url == fetch.url:
        return False
    ended = fetch.final_url.partition("://")[2].partition("?")[0].partition("/")[2]
    return bool(_LOGIN_PATH.search(ended)) and not _LOGIN_PATH.search(fetch.url.partition("?")[0])


def _kind(fetch: Fetch) -> object:
    return fetch.status if fetch.outcome is FetchOutcome.HTTP_ERROR else fetch.outcome


def reason(fetch: Fetch) -> str:
    """Why an attempt failed, in words."""
    if fetch.outcome is FetchOutcome.OK and fetch.final_url:
        return "打开后是登录页面"
    if fetch.outcome is FetchOutcome.TIMEOUT and fetch.status is not None:
        return "开始回应后没有在规定时间内传完"
    if fetch.outcome is FetchOutcome.HTTP_ERROR or fetch.status is not None:
        words = _STATUS_WORDS.get(fetch.status or 0)
        return f"{words}（状态码 {fetch.status}）" if words else f"状态码 {fetch.status}"
    return _REASONS.get(fetch.outcome, fetch.detail or str(fetch.outcome))

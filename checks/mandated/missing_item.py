"""应当公开的事项没有公开。

What it finds: 按本单位的类别（site.toml 的 profile，没有写就由名称推定）逐项核对应当主动公开的事项，每项给出一个结论：完整、不完整、过期、
已公开（要素由别的检查项核对或没有读到文字）、在别处公开（附链接）、没有找到、没有读到。
“没有找到”说明找过哪里，并列出名称相近但不是这一事项的页面。

Why it matters: 这些事项由法律法规规定必须公开，缺一项就是没有依法公开。

Known problems: 只看得到网页能看到的内容。名称相近的栏目由脚本生成、没有采集完整，或者栏目里有内容而没有认出是哪一项，
都只请人核实，不判缺失。类别推定不出的、事业单位的，缺的也只请人核实。某一项不适用的，在 site.toml 写
[[item]] id、applies = false、reason。只有部分单位才有的事项（如行政处罚）没有找到时，
也只请人核实；本单位的年度报告、权责清单里写明有的，才判缺失。

Good: “政务公开”栏目下有机构职能、领导分工、公开指南、年度报告、预决算。
Bad: 全站没有政府信息公开指南，只有一条“高新技术企业认定办事指南”。
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from checks import unread
from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated import incomplete_item, outdated_item
from checks.mandated.items import DisclosureItem, Holding, Holdings, OwnWord, holdings_of, host, walked
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column, Page

CHECK = Check(
    id="missing-item",
    title="应公开的事项没有找到",
    severity=Severity.MAJOR,
    needs=("pages", "columns"),
    message="没有找到“{name}”。依据：{basis}。{looked}。{near}",
    fix="请公开“{name}”（{deadline}）；已经公开的，放到容易找到的栏目，并用通行的名称，如“{word}”。",
    variants={
        "if-any": (
            "没有找到“{name}”。有这类事项的单位应当公开（{basis}）。{looked}。{near}",
            "请核实本单位有没有这类事项：有的，公开在“{word}”栏目；没有的，不用处理。",
        ),
        "has": (
            "没有找到“{name}”，而本单位自己写有“{has}”。依据：{basis}。{looked}。{near}",
            "请公开“{name}”（{deadline}），放在“{word}”一类名称的栏目里。",
        ),
        "unreadable": (
            "没有读到“{name}”：{why}，不能断定没有公开。依据：{basis}。",
            "请用浏览器打开核实；确实没有的，公开“{name}”。",
        ),
    },
)

STATES = {
    "complete": "完整",
    "incomplete": "不完整",
    "outdated": "过期",
    "elsewhere": "在别处公开",
    "present": "已公开",
    "not-found": "没有找到",
    "unread": "没有读到",
    "excused": "本单位说明不适用",
}
_CANDIDATES = 3
_PUBLISHED = frozenset(("scanned", "encrypted", "unsupported", "no-text", "too-large", "too-slow"))
"""Why a file was not read that is nevertheless there: published, not checked."""
_SOMETHING = 60
"""Characters of content from which a page under the item's own name may be the item in a form not known."""
_REACH = re.compile(r"(?:地\s*址|电\s*话)\s*[:：]\s*\S{4}")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per item that binds the body; `facts.state` is one of STATES."""
    holdings = holdings_of(evidence)
    titles: _Titles | None = None
    for item, reason in holdings.excused:
        yield Verdict(
            grade=Grade.OK,
            subject=Subject(kind="item", key=item.id, url=None, title=item.name),
            facts={
                "item": item.id,
                "name": item.name,
                "state": "excused",
                "state_words": STATES["excused"],
                "why": reason,
            },
        )
    for item in holdings.items:
        holding = holdings.of(item)
        state, where, why = _state(evidence, holdings, holding)
        facts: dict[str, Any] = {
            "item": item.id,
            "name": item.name,
            "state": state,
            "state_words": STATES[state],
            "basis": item.rule(holdings.as_of).text,
            "deadline": item.deadline,
            "word": item.words[0],
            "why": why,
            "years": sorted(holding.years, reverse=True),
        }
        subject = Subject(kind="item", key=item.id, url=where, title=item.name)
        if state not in ("not-found", "unread"):
            yield Verdict(grade=Grade.OK, subject=subject, facts=facts)
            continue
        if titles is None:
            titles = _Titles(evidence)
        near = titles.near(holding)
        facts["looked"] = _looked(evidence, holding)
        facts["near"] = (
            "名称相近但不是这一事项的有：" + "、".join(f"《{page.title}》" for page in near) + "。"
            if near
            else ""
        )
        own_word = holdings.own_word(item) if state == "not-found" else None
        certain = (
            state == "not-found"
            and (not own_word.elsewhere if own_word is not None else item.always)
            and item.rule(holdings.as_of).sure
        )
        certain = certain and (holdings.profile.blamed or item.id in holdings.ruled)
        facts["has"] = own_word.quote if own_word else ""
        yield Verdict(
            grade=Grade.FAIL if certain else Grade.REVIEW,
            subject=subject,
            facts=facts,
            citations=(*_own(own_word), *_citations(evidence, holding, near)),
            variant="has"
            if own_word
            else None
            if certain
            else "unreadable"
            if state == "unread"
            else "if-any"
            if not item.always
            else None,
            severity=None if certain else Severity.MINOR,
        )


def _state(evidence: Evidence, holdings: Holdings, holding: Holding) -> tuple[str, str | None, str]:
    """The state, where the item stands, and in words why it was not read."""
    item = holding.item
    if holding.best is not None:
        url = holding.best.url
        if outdated_item.behind(holding, evidence.run.as_of):
            return "outdated", url, ""
        lacking = incomplete_item.lacking(evidence, holding, holdings.content(holding))
        if lacking is None or not item.wanted(evidence.run.as_of):
            return "present", url, ""
        return ("incomplete" if any(element.must for element in lacking) else "complete"), url, ""
    if (
        item.id == "DI-03"
        and (home := evidence.home())
        and _REACH.search(evidence.frame_text(home.id) + "\n" + evidence.text(home.id))
    ):
        return "present", home.url, ""
    for url, _ in holding.links:
        if (document := evidence.document_at(url)) is not None:
            there = document.readable or document.why in _PUBLISHED
            return (
                "present" if there else "unread",
                url,
                "" if document.readable else unread.named([document]),
            )
    filled = [column for column in holding.columns if column.items and column.readable]
    if item.id == "DI-42":
        filled += [column for column in evidence.columns() if column.column_class == "interaction"]
    for column in filled:
        if item.column_counts or _listed(evidence, item, column):
            return "present", column.url, ""
    own = set(evidence.run.site.hosts)
    outside = [url for url, _ in holding.links if host(url) and host(url) not in own]
    if holding.links and item.link_counts:
        return (
            ("elsewhere" if outside and len(outside) == len(holding.links) else "present"),
            holding.links[0][0],
            "",
        )
    official = [
        url for url in outside if host(url).partition(":")[0].endswith((".gov.cn", ".政务", ".xn--zfr164b"))
    ]
    if official:
        return "elsewhere", official[0], ""
    closed = [column for column in holding.columns if not column.readable]
    if closed:
        return "unread", closed[0].url, f"栏目“{closed[0].name}”的内容由脚本生成或没有读到"
    if filled:
        return "unread", filled[0].url, f"栏目“{filled[0].name}”有内容，但程序没有认出这一事项"
    if not walked(evidence):
        return "unread", None, "网站没有采集完整"
    for url, text in holding.links:
        page = evidence.page_at(url) if host(url) in own else None
        if host(url) in own and page is None:
            return "unread", url, f"有链接“{text}”，但链接的页面没有采集到"
        if page is not None and page.listing != "empty" and len(evidence.text(page.id).strip()) >= _SOMETHING:
            return "unread", url, f"有链接“{text}”，但程序没有从那个页面认出这一事项"
    if not holding.links and not holding.columns and (written := holdings.written(item)):
        word, page = written
        return "unread", page.url, f"页面上写有“{word}”，但没有读到它通向哪里"
    return "not-found", None, ""


def _listed(evidence: Evidence, item: DisclosureItem, column: Column) -> bool:
    """Whether a row of a column of the item's name is one of the yearly item's own."""
    page = evidence.page_at(column.url) if item.row is not None and item.due else None
    return page is not None and any(
        item.row is not None and item.row.search(row.title) and re.search(r"20\d\d年", row.title)
        for row in evidence.items(page.id)
    )


def _own(own_word: OwnWord | None) -> tuple[Citation, ...]:
    if own_word is None:
        return ()
    page = own_word.page
    return (
        Citation(
            url=page.url,
            seen_at=page.seen_at,
            quote=own_word.quote,
            where="本单位自己的说法",
            title=page.title,
        ),
    )


def _looked(evidence: Evidence, holding: Holding) -> str:
    empty = [column for column in holding.columns if not column.items]
    words = "、".join(holding.item.words[:5])
    text = f"已查看 {evidence.page_count()} 个页面、{len(evidence.columns())} 个栏目，按{words}等名称找过"
    return text + (f"，栏目“{empty[0].name}”是空的" if empty else "")


class _Titles:
    """The different titles of a site run together, and the page that bears each first."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._pages = array("q")
        self._starts = array("q", [0])
        # The long string grows as it is read: a list of a million titles would take three times its room.
        written = StringIO()
        for number, title in evidence.first_titles():
            self._pages.append(number)
            self._starts.append(self._starts[-1] + written.write(title) + written.write("\n"))
        self._text = written.getvalue()

    def near(self, holding: Holding) -> list[Page]:
        """Pages whose title holds a name of the item without being the item."""
        words = [word for word in holding.item.words if len(word) >= 4] or list(holding.item.words)
        found: set[int] = set()
        for word in words:
            at = self._text.find(word)
            while at >= 0:
                number = bisect_right(self._starts, at) - 1
                found.add(number)
                at = self._text.find(word, self._starts[number + 1])
        return [self._evidence.page(self._pages[number]) for number in sorted(found)[:_CANDIDATES]]


def _citations(evidence: Evidence, holding: Holding, near: list[Page]) -> tuple[Citation, ...]:
    columns = [
        Citation(url=column.url, quote=" > ".join(column.path), where="同名栏目", title=column.name)
        for column in holding.columns[:2]
    ]
    pages = [
        Citation(url=page.url, seen_at=page.seen_at, quote=page.title, where="名称相近", title=page.title)
        for page in near
    ]
    home = evidence.home()
    return tuple(columns + pages) or (
        (Citation(url=home.url, seen_at=home.seen_at, quote=home.title, where="首页", title=home.title),)
        if home
        else ()
    )

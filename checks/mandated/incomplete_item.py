"""公开了，但要素不全。

What it finds: 已公开的事项缺少规定的要素，如公开指南没有办公时间、年度报告没有申请处理情况。逐项列出缺什么。

Why it matters: 条例和配套规定写明了这些要素；缺了，群众照着办不成事。

Known problems: 只看网页和已读出的附件文字。正文只是附件或图片而附件没有读出的，算“已公开、内容未核”，不判缺项。
预算、决算的表格和说明由预决算检查负责。

Good: 公开指南写明受理机构、地址、办公时间、电话、传真、邮箱和申请办法。
Bad: 公开指南只有一句“向局办公室申请”。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks import unread
from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated.items import Content, Element, Holding, holdings_of, walked
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="incomplete-item",
    title="公开的内容不完整",
    severity=Severity.MINOR,
    needs=("pages",),
    message="“{name}”缺少：{missing}。依据：{basis}。",
    fix="请在这个页面补上缺少的内容：{missing}。",
    variants={
        "unread": (
            "“{name}”已公开，未核对要素是否齐全：{why}。",
            "请人工打开核对：{wanted}。",
        ),
        "usual": (
            "“{name}”没有读到：{missing}。这类内容通常应有，请核实。",
            "请核实；确实没有的，补上：{missing}。",
        ),
    },
)

_CONTACT = (("address", "办公地址"), ("hours", "办公时间"), ("phone", "联系电话"))
_ANYWHERE = ("main", "frame", "title", "document", "recognised")
_SAID = {
    "address": re.compile(r"地\s*址\s*[:：]|办公地点"),
    "hours": re.compile(r"(?:办公|工作|上班|受理|接待|服务)\s*时间"),
    "phone": re.compile(r"电\s*话|热\s*线"),
}
"""Words by which a text may give what was not read as a field: then its lack is a question, not certain."""


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per item that is there and whose parts can be told from its text."""
    holdings = holdings_of(evidence)
    for item in holdings.items:
        holding = holdings.of(item)
        page = holding.best
        if item.id == "DI-03":
            yield from _contacts(evidence, holding)
            continue
        wanted = item.wanted(holdings.as_of)
        if page is None or not wanted:
            continue
        content = holdings.content(holding)
        missing = lacking(evidence, holding, content)
        names = "、".join(element.name for element in missing or ())
        must = [element for element in missing or () if element.must]
        yield Verdict(
            grade=Grade.FAIL if must else Grade.OK if missing == () else Grade.REVIEW,
            subject=Subject(kind="item", key=item.id, url=holding.judged.url, title=item.name),
            facts={
                "item": item.id,
                "name": item.name,
                "missing": "、".join(element.name for element in must) if must else names,
                "wanted": "、".join(element.name for element in wanted),
                "basis": item.rule(holdings.as_of).text,
                "why": unread.named(content.unread) or "内容可能在图片里，程序没有读到文字",
            },
            citations=() if missing == () else _cite(holding),
            variant=None if must or missing == () else "unread" if missing is None else "usual",
        )


def lacking(evidence: Evidence, holding: Holding, content: Content) -> tuple[Element, ...] | None:
    """The elements that neither the item's pages nor their attachments show; None when that cannot be told.

    It cannot where an attachment was not read, or where the text is short enough for an attachment's cover.
    """
    wanted = holding.item.wanted(evidence.run.as_of)
    if not wanted:
        return ()
    text = content.text
    if holding.item.id == "DI-02":
        facts = [fact.data for _, fact in evidence.facts("office")]
        text += "".join(f"\n{data.get('duty') or ''} {data.get('phone') or ''}" for data in facts)
    missing = tuple(element for element in wanted if not element.seen.search(text))
    covered = len(text.strip()) < holding.item.full or len(missing) == len(wanted)
    return None if missing and (covered or content.unread) else missing


def _contacts(evidence: Evidence, holding: Holding) -> Iterator[Verdict]:
    """Address, hours and telephone may stand on any page about the body: they are asked of the site."""
    fields: dict[str, Citation] = {}
    for page, fact in evidence.facts("contact"):
        fields.setdefault(
            fact.data["field"],
            Citation(
                url=page.url, seen_at=page.seen_at, quote=fact.data["quote"], where="正文", title=page.title
            ),
        )
    if not fields:
        return
    missing = [name for field, name in _CONTACT if field not in fields]
    said = {
        field
        for block in evidence.texts(_ANYWHERE)
        for field, pattern in _SAID.items()
        if pattern.search(block.text)
    }
    unsaid = [name for field, name in _CONTACT if field not in fields and field not in said]
    sure = bool(unsaid) and walked(evidence) and holding.item.rule(evidence.run.as_of).sure
    missing = unsaid if sure else missing
    yield Verdict(
        grade=Grade.OK if not missing else Grade.FAIL if sure else Grade.REVIEW,
        subject=Subject(
            kind="item", key=holding.item.id, url=next(iter(fields.values())).url, title=holding.item.name
        ),
        facts={
            "item": holding.item.id,
            "name": holding.item.name,
            "missing": "、".join(missing),
            "wanted": "、".join(name for _, name in _CONTACT),
            "basis": holding.item.rule(evidence.run.as_of).text,
        },
        citations=tuple(fields.values())[:3] if missing else (),
        variant=None if not missing or sure else "usual",
    )


def _cite(holding: Holding) -> tuple[Citation, ...]:
    page = holding.judged
    return (Citation(url=page.url, seen_at=page.seen_at, quote=page.title, where="正文", title=page.title),)

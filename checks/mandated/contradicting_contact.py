"""联系方式前后不一。

What it finds: 介绍本单位的几个页面（联系我们、公开指南、机构职能、年度报告）上，同一种联系方式写得不一样，如两个不同的
办公电话、两个邮政编码，两处并列引出。

Why it matters: 群众照着打不通的电话、寄错的地址，等于没有公开。

Known problems: 不同科室、不同用途的电话本来就不同：只比较标签相同、没有写明科室的；仍请人核实，不判错。
办公地址写法详略不同的（一个包含另一个）不算矛盾。

Good: 联系我们和公开指南都写“联系电话：0999-1234567”。
Bad: 联系我们写“邮编：751100”，公开指南写“邮编：750001”。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page

CHECK = Check(
    id="contradicting-contact",
    title="联系方式前后不一",
    severity=Severity.MINOR,
    needs=("pages",),
    message="{label}在两处写得不一样：《{page_a}》写“{a}”，《{page_b}》写“{b}”。",
    fix="请核实哪一个是对的，把另一处改过来。",
)

_ABOUT = frozenset(("DI-01", "DI-03", "DI-05", "DI-08", "DI-09"))
PART = 0.7
"""Up to this confidence a page is about a part of the body (one office, one subordinate unit)."""
_WORDS = {
    "phone": "联系电话",
    "postcode": "邮政编码",
    "address": "办公地址",
    "fax": "传真",
    "mail": "电子邮箱",
}
_GENERAL = re.compile(
    r"^(?:办公|单位|联系|咨询|局办公室)?(?:电话|电话号码|联系方式|地址|传真|传真号码|邮编|邮政编码|邮箱|电子邮箱|电子邮件|电子信箱|信箱|邮箱地址)$|^办公地点$|^通[讯信]地址$"
)
_PURPOSE = re.compile(r"监督|投诉|举报|值班|应急|网站|维护|技术支持")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per kind of contact that stands on two pages or more."""
    about = {
        page.id
        for page, found in evidence.mandated()
        if found.item in _ABOUT
        and found.confidence > PART
        and found.year in (None, evidence.run.as_of.year - 1)
    }
    held: dict[str, dict[int, tuple[Page, dict[str, str]]]] = {}
    for page, fact in evidence.facts("contact"):
        data = fact.data
        if (
            page.id not in about
            or data["field"] not in _WORDS
            or data["of"]
            or not _GENERAL.match(data["label"])
            or _PURPOSE.search(data["quote"])
        ):
            continue
        _, values = held.setdefault(data["field"], {}).setdefault(page.id, (page, {}))
        values.setdefault(_plain(data["field"], data["value"]), data["quote"])
    for field, pages in held.items():
        if len(pages) > 1:
            yield _judge(field, list(pages.values()))


def _judge(field: str, pages: list[tuple[Page, dict[str, str]]]) -> Verdict:
    def agree(one: dict[str, str], other: dict[str, str]) -> bool:
        return any(_same(field, a, b) for a in one for b in other)

    first, values = max(pages, key=lambda page: sum(agree(page[1], others) for _, others in pages))
    subject = Subject(kind="contact", key=f"contact/{field}", url=first.url, title=_WORDS[field])
    for other, others in pages:
        if agree(values, others):
            continue
        subject = replace(subject, url=other.url)
        a, b = next(iter(values)), next(iter(others))
        return Verdict(
            grade=Grade.REVIEW,
            subject=subject,
            facts={
                "label": _WORDS[field],
                "a": a,
                "b": b,
                "page_a": first.title,
                "page_b": other.title,
                "field": field,
            },
            citations=tuple(
                Citation(url=page.url, seen_at=page.seen_at, quote=quote, where="正文", title=page.title)
                for page, quote in ((first, values[a]), (other, others[b]))
            ),
        )
    return Verdict(grade=Grade.OK, subject=subject, facts={"label": _WORDS[field], "field": field})


def _plain(field: str, value: str) -> str:
    return value if field in ("address",) else re.sub(r"\s", "", value)


def _same(field: str, a: str, b: str) -> bool:
    """Equal, or one is the other without area code, extension or the full name of the place."""
    if field in ("phone", "fax"):
        return a == b or a.endswith(b) or b.endswith(a) or a.split("-")[:2] == b.split("-")[:2]
    if field == "address":
        one, other = (re.sub(r"[\s，,。（()）]|\d{6}", "", text) for text in (a, b))
        return (
            one in other
            or other in one
            or len(set(one) & set(other)) >= 0.8 * min(len(set(one)), len(set(other)))
        )
    return a.lower() == b.lower()

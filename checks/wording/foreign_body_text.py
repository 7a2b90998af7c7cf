"""Another body's text in this body's page.

What it finds: 本单位的年度报告、公开指南一类自述文字里，自称的却是另一个单位（照抄模板忘了改名）。

Why it matters: 照抄其他单位的报告，说明内容没有人看过，是抽查通报里常见的笑话。

Known problems: 只看自述句（“本报告由……编制”“请与……联系”“……负责受理信息公开申请”等）。转发、汇集其他单位文件是正常的，
标题里已经写明是哪个单位的不报；政府门户网站汇集各部门内容，不检查。一律请人核实。

Good: 本报告由临江市科技局编制（临江市科技局网站）。
Bad: 本报告由清河市教育局编制（临江市科技局网站）。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.lines import Question
from checks.wording.readings import sentence
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="foreign-body-text",
    title="内容写的是别的单位",
    severity=Severity.MAJOR,
    needs=("pages",),
    message="《{title}》的自述文字里写的是“{body}”，不是“{own}”。原文：{sentence}",
    fix="请核对这篇内容是否照抄了其他单位的文本；是的话，按本单位实际情况重写。",
)

_BODY = r"(?P<body>[一-鿿]{2,9}(?:省|市|县|区|旗|州)[一-鿿]{1,12}?(?:局|委员会|委|厅|办公室))"
_SELF = re.compile(
    rf"(?:本(?:报告|指南|年报)由|请与|根据[^。\n]{{0,60}}要求，(?:现将)?){_BODY}(?:办公室)?[^。\n]{{0,30}}?(?:编制|联系|公布|汇总)"
    rf"|(?:^|\n)\s*{_BODY.replace('body', 'heading')}\s?(?:20\d\d\s?年)?(?:度)?政府信息公开(?:工作)?(?:年度报告|指南)"
    rf"|{_BODY.replace('body', 'office')}(?:办公室)?负责(?:受理|办理)[^。\n]{{0,10}}信息公开申请"
)
_DISCLOSURE = Question(lambda line: "政府信息公开" in line, ("main",))
_PLACE = re.compile(r"([一-鿿]{2,6}?)(?:市|县|区|旗|州)")
_SUFFIX = re.compile(r"(?:局|委员会|委|厅|办公室)$")
_COMMON = frozenset("市县区旗州省局委员会厅办公室和与管理")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per content text in which some body speaks of itself."""
    # A name without a Chinese character (an address put in its place) says nothing about the body.
    own = [
        name for name in (evidence.run.site.sponsor, evidence.run.site.name) if re.search(r"[一-鿿]", name)
    ]
    if not own or any(re.search(r"人民政府(?:办公[厅室])?(?:门户)?(?:网站)?$|政府网$", name) for name in own):
        return
    for block in _DISCLOSURE.texts(evidence):
        for match in _SELF.finditer(block.text):
            group = next(name for name in ("body", "heading", "office") if match[name])
            body = match[group]
            foreign = not any(_same(body, name) for name in own) and not _same(body, block.title)
            yield Verdict(
                grade=Grade.REVIEW if foreign else Grade.OK,
                subject=Subject(kind="page", key=f"{block.url}#{body}", url=block.url, title=block.title),
                facts={
                    "body": body,
                    "own": own[0],
                    "title": block.title,
                    "sentence": sentence(block.text, *match.span(group)),
                },
                citations=(
                    Citation(
                        url=block.url, title=block.title, quote=sentence(block.text, *match.span(group))
                    ),
                ),
            )


def _same(body: str, other: str) -> bool:
    """Whether two names can mean one body: no other place, and a common field of work (科技局, 科学技术局)."""
    places, others = _PLACE.findall(body), _PLACE.findall(other)
    if places and others and not any(a in other or b in body for a in places for b in others):
        return False
    field = set(_SUFFIX.sub("", body.rsplit("市", 1)[-1].rsplit("县", 1)[-1].rsplit("区", 1)[-1])) - _COMMON
    return not field or bool(field & set(other))

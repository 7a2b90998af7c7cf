"""A column with nothing in it.

What it finds: 导航里有、点进去却没有任何内容的栏目：写着“暂无信息”“建设中”，或只有页面框架、没有列表也没有正文。

Why it matters: 空白栏目达到一定个数，整个网站单项否决。

Known problems: 内容由脚本生成而程序没有读到的，不算空白，归栏目更新检查请人核实。有正文或附件的栏目不算空白。

Good: 通知公告，列出 12 条。
Bad: 统计数据，页面上只有“该栏目暂无内容”。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="blank-column",
    title="空白栏目",
    severity=Severity.MAJOR,
    needs=("columns", "pages"),
    limits={"text_below": 40},
    message="栏目“{column}”没有内容：{reason}。",
    fix="请补充内容；确实没有内容可发的，撤下或合并这个栏目。",
)

_WORDS = re.compile(
    "|".join((Path(__file__).parent / "blank_words.txt").read_text(encoding="utf-8").split()), re.I
)
_HAN = re.compile(r"[一-鿿]")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per column that could be read."""
    for column in evidence.columns():
        if not column.readable:
            continue
        subject = Subject(
            kind="column", key="/".join(column.path), url=column.url, title=column.name,
            column=" > ".join(column.path),
        )  # fmt: skip
        facts = {
            "column": column.name,
            "column_class": column.column_class,
            "first_level": column.first_level,
        }
        page = evidence.page_at(column.url)
        if column.items or column.exempt or column.listing != "empty" or page is None:
            yield Verdict(grade=Grade.OK, subject=subject, facts=facts)
            continue
        text = evidence.text(page.id)
        said = _WORDS.search(text)
        length = len(_HAN.findall(text))
        if said is None and length >= limits["text_below"]:
            yield Verdict(grade=Grade.OK, subject=subject, facts=facts)
            continue
        yield Verdict(
            grade=Grade.FAIL if said or length < limits["text_below"] / 2 else Grade.REVIEW,
            subject=subject,
            facts={**facts, "reason": f"页面写着“{said.group()}”" if said else "只有页面框架，没有列表和正文"},
            citations=(
                Citation(
                    url=page.url, seen_at=page.seen_at, quote=said.group() if said else text[:60], title=page.title,
                ),
            ),
        )  # fmt: skip

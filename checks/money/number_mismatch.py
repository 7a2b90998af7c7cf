"""“共 N 项，其中……”各项加起来不等于 N。

What it finds: 正文里总数与分项之和不等；权责清单统计表“原有、划转、取消、现保留”算不平；政府信息公开年度报告的
申请办理表（新收 + 上年结转 = 办理 + 结转下年）、复议诉讼表算不平；数量表的合计与各行之和不等。

Why it matters: 数字是报告里最容易核对的内容，算不平会使人怀疑整份材料。

Known problems: “其中”后面可能只列举一部分，没有“其他”收尾、各项名称又不同类的，差得多的不报，差得少的只请人核实；
会重叠的分类（党员、女性、网上受理）不判。被表格打断的句子只用来证明数字是对的。

Good: 保留行政职权 21 项，其中行政许可 0 项、行政处罚 13 项……其他类 1 项，相加为 21；表中 22 - 1 = 21。
Bad: 保留行政职权 21 项，其中行政处罚 13 项、行政检查 2 项、其他类 1 项，相加为 16。
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.lines import Question
from checks.money.counts import Count, in_prose, in_table, may_count
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="number-mismatch",
    title="总数与分项对不上",
    severity=Severity.MAJOR,
    needs=("pages",),
    message="《{title}》{where}的总数与分项对不上：{arithmetic}。",
    fix="请核对总数和各个分项，改正写错的数；只列举了一部分的，改用“其中主要有”。",
    variants={
        "doubtful": (
            "《{title}》{where}的总数与所列各项之和不等：{arithmetic}，请核实是写错还是没有列全。",
            "请核对；没有列全的，补上“其他”一项或写明只是其中一部分。",
        ),
    },
)

_LISTS = Question(may_count, ("main", "document"))


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per count that a text or table breaks down, each text once."""
    for block in _LISTS.texts(evidence):
        yield from _verdicts(
            block.url,
            block.title,
            None,
            "page" if block.role == "main" else "document",
            in_prose(block.text),
        )
    number: dict[int, int] = {}
    for page, fact in evidence.facts("table"):
        number[page.id] = number.get(page.id, 0) + 1
        yield from _verdicts(
            page.url,
            page.title,
            page.seen_at,
            "page",
            in_table(fact.data["rows"], f"第{number[page.id]}张表"),
        )
    for document in evidence.documents(texts=False):
        for index, rows in enumerate(evidence.tables(document.id), 1):
            yield from _verdicts(
                document.url, document.title, None, "document", in_table(rows, f"第{index}张表")
            )


def _verdicts(
    url: str, title: str, seen_at: dt.datetime | None, kind: str, counts: Iterable[Count]
) -> Iterator[Verdict]:
    used: dict[str, int] = {}
    for count in counts:
        used[count.key] = used.get(count.key, 0) + 1
        mark = count.key if used[count.key] == 1 else f"{count.key}:{used[count.key]}"
        yield Verdict(
            grade={"ok": Grade.OK, "wrong": Grade.FAIL}.get(count.verdict, Grade.REVIEW),
            subject=Subject(kind=kind, key=f"{url}#{mark}", url=url, title=title),
            facts={"title": title, "where": count.where, "arithmetic": count.arithmetic},
            citations=(
                Citation(url=url, seen_at=seen_at, quote=count.quote, where=count.where, title=title),
            ),
            variant="doubtful" if count.verdict == "doubtful" else None,
        )

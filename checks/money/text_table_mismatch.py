"""同一个数，正文和表格写得不一样。

What it finds: 同一年、同一类（预算或决算）的“三公”经费某一项，正文写的数与表格写的数不同；正文与表格相差一万倍的，
按单位写错（元与万元）另行说明。

Why it matters: 两个数至少有一个是错的，群众和人大代表无从判断。

Known problems: 正文常取整，差额不超过较粗一方末位的一半不算。决算材料里的预算数有年初数和调整数两种口径，不比。
一方有几个数时，只要有一个对得上就不报。

Good: 正文 5.6 万元，表格 56000 元。
Bad: 正文公务用车 995 万元，表格 996 万元。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from checks.check import Check, Grade, Severity, Verdict
from checks.money.amounts import Amount
from checks.money.disclosures import Disclosure, Source, disclosures
from checks.money.statement import KINDS, NAMES, Group, Part, Statement
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="text-table-mismatch",
    title="正文与表格的数字不一致",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={"tolerance_wan": 0.05},
    message="《{title}》{what}，正文写 {in_text}，{where}写 {in_table}（{arithmetic}）。",
    fix="请以原始报表为准，改正其中写错的一处，并通读全文核对其余数字。",
    variants={
        "unit": (
            "《{title}》{what}，正文写 {in_text}，{where}写 {in_table}，相差一万倍，应是“元”与“万元”写错（{arithmetic}）。",
            "请核对表格的“单位”和正文的单位，改正写错的一处。",
        ),
        "unit-unlike": (
            "《{title}》的“三公”经费表以“{unit}”为单位，本站其他年度以“{usual}”为单位，不便比较。",
            "请统一使用“{usual}”，并核对数字没有写错一万倍。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per figure that both the prose and a table of one disclosure state."""
    tolerance = Decimal(str(limits["tolerance_wan"]))
    found = disclosures(evidence)
    yield from _unlike(found)
    for disclosure in found:
        read = list(disclosure.statements())
        texts = [(source, s, g) for source, s in read for g in s.groups if g.is_text]
        tables = [(source, g) for source, s in read for g in s.groups if not g.is_text]
        for source, statement, group in texts:
            for part, amounts in group.amounts.items():
                same = [
                    (place, other, other.amounts[part][0])
                    for place, other in tables
                    if part in other.amounts and other.year == group.year and other.kind == group.kind
                ]
                if same and _comparable(statement, group, disclosure):
                    yield from _compare(disclosure, source, group, part, amounts, same, tolerance)


def _unlike(found: tuple[Disclosure, ...]) -> Iterator[Verdict]:
    """A disclosure in 元 on a site whose others, two at least, are in 万元."""
    units: dict[str, list[tuple[Disclosure, Source]]] = {}
    for disclosure in found:
        for source, statement in disclosure.statements():
            in_tables = {
                a.unit for g in statement.groups if not g.is_text for v in g.amounts.values() for a in v
            }
            if len(in_tables) == 1 and None not in in_tables:
                units.setdefault(str(in_tables.pop()), []).append((disclosure, source))
    if len(units.get("万元", ())) < 2 or len(units.get("元", ())) > 1:
        return
    for disclosure, source in units.get("元", ()):
        yield Verdict(
            grade=Grade.REVIEW,
            subject=disclosure.subject_of("unit"),
            facts={"title": disclosure.title, "unit": "元", "usual": "万元"},
            citations=(source.cite("单位：元"),),
            variant="unit-unlike",
            severity=Severity.MINOR,
        )


def _comparable(statement: Statement, group: Group, disclosure: Disclosure) -> bool:
    return group.year is not None and group.kind is not None and not (
        group.kind == "budget" and "final" in (statement.kind, disclosure.kind)
    )  # fmt: skip


def _compare(
    disclosure: Disclosure, source: Source, group: Group, part: Part, amounts: tuple[Amount, ...],
    same: list[tuple[Source, Group, Amount]], tolerance: Decimal,
) -> Iterator[Verdict]:  # fmt: skip
    pairs = [
        (abs(said.wan - value.wan), said, place, other, value)
        for said in amounts
        for place, other, value in same
        if said.wan is not None and value.wan is not None
    ]
    if not pairs:
        return
    difference, said, place, other, value = min(pairs, key=lambda pair: pair[0])
    coarser = max(said.step_wan, value.step_wan)
    fits = difference <= max(tolerance, coarser / 2)
    scaled = _scaled(said, value)
    if not fits and len(same) > 1 and len({row for _, _, row in same}) > 1 and not scaled:
        # Several rows (one per unit) hold the figure: which one the prose means cannot be told.
        return
    where = other.where if place.url == source.url else f"附件{other.where}"
    yield Verdict(
        grade=Grade.OK if fits else Grade.FAIL if difference > coarser or scaled else Grade.REVIEW,
        subject=disclosure.subject_of(f"{group.year}{group.kind}:{part}"),
        facts={
            "title": disclosure.title,
            "what": f"{group.year}年{KINDS[group.kind or 'final']}{NAMES[part]}",
            "in_text": str(said),
            "in_table": str(value),
            "where": where,
            "arithmetic": f"{said} ≠ {value}" if not fits else f"{said} = {value}",
        },
        citations=(
            source.cite(group.quotes.get(part, ""), "正文"),
            place.cite(other.quotes.get(part, ""), other.where),
        ),
        variant="unit" if scaled and not fits else None,
    )


def _scaled(said: Amount, value: Amount) -> bool:
    """Whether the two differ by the factor between 元 and 万元."""
    left, right = said.wan or Decimal(0), value.wan or Decimal(0)
    return left != 0 and right != 0 and (left == right * 10000 or right == left * 10000)

"""“三公”经费的合计与分项加不起来。

What it finds: 同一段文字或同一张表里，因公出国（境）费、公务接待费、公务用车购置及运行费之和不等于合计，
或购置费与运行费之和不等于公务用车费；预决算表的类、款、项逐级相加不符，合计不等于基本支出加项目支出，本年收入合计不等于所列各项之和，
收入总计不等于支出总计。

Why it matters: 预决算公开的数字是社会监督的依据，加不起来说明未经核对就公开。

Known problems: 空白不当作 0：有一项空白而其余加起来小于合计时只请人核实。差额不超过末位一个单位乘以加数个数的，
可能是四舍五入，只作提示；差额在 100 元以内的不提示。一段文字里同一项出现几个数时，只要有一种取法对得上就不报。

Good: 合计 5834 = 出国 100 + 接待 692 + 运行 4612 + 购置 430。
Bad: 合计 2464，而 12 + 1356 + 995 = 2363。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Grade, Severity, Verdict
from checks.money.disclosures import Disclosure, Source, disclosures
from checks.money.levels import level_sums
from checks.money.statement import KINDS, NAMES, Group
from checks.money.sums import Sum, sums
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="sum-mismatch",
    title="合计与分项不符",
    severity=Severity.MAJOR,
    needs=("pages",),
    message="《{title}》中{what}的各项之和与写明的数不等：{arithmetic}（{names}，见{where}）。",
    fix="请对照原始报表核实这几个数，改正后重新发布，并检查同一份公开材料中的文字和表格是否一致。",
    variants={
        "rounding": (
            "《{title}》中{what}的各项之和与写明的数相差末位几个单位：{arithmetic}（{names}，见{where}），可能是四舍五入。",
            "请核实是否四舍五入所致；如是，可在表下注明“因四舍五入，合计与分项之和略有差异”，如不是请改正。",
        ),
        "partial": (
            "《{title}》中{what}有空白项，其余各项之和小于合计：{arithmetic}（空白：{missing}，见{where}）。",
            "请补上空白项的数字；没有支出的写 0，并核对合计。",
        ),
    },
)

Place = tuple[Source, Group, Sum]


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per sum a disclosure states, however often its text, tables and attachments repeat it."""
    for disclosure in disclosures(evidence):
        for source in disclosure.sources:
            yield from _inside(disclosure, source)
        stated: dict[str, dict[str, list[Place]]] = {}
        for source, statement in disclosure.statements():
            for group in statement.groups:
                for found in sums(group):
                    mark = f"{group.year or ''}{group.kind or ''}:{found.whole}"
                    same = stated.setdefault(mark, {}).setdefault(
                        f"{found.verdict} {found.names} {found.worth}", []
                    )
                    same.append((source, group, found))
        for mark, variants in stated.items():
            # The fault keeps the plain key, so that it does not depend on where else the sum is right.
            faulty_first = sorted(variants.values(), key=lambda places: places[0][2].verdict == "ok")
            for number, places in enumerate(faulty_first, 1):
                yield _verdict(disclosure, mark if number == 1 else f"{mark}:{number}", places)


def _inside(disclosure: Disclosure, source: Source) -> Iterator[Verdict]:
    """The sums inside the other tables of a budget or of accounts."""
    for number, rows in enumerate(source.tables, 1):
        for found in level_sums(rows):
            mark = f"第{number}张表:{found.names}"
            yield Verdict(
                grade=Grade.FAIL if found.arithmetic else Grade.OK,
                subject=disclosure.subject_of(
                    mark if source.url == disclosure.url else f"{source.url}:{mark}"
                ),
                facts={
                    "title": disclosure.title,
                    "what": "预决算表",
                    "arithmetic": found.arithmetic or "各级相加相符",
                    "names": found.names,
                    "where": f"第{number}张表",
                    "missing": "无",
                },
                citations=(source.cite(found.quote, f"第{number}张表"),),
            )


def _verdict(disclosure: Disclosure, mark: str, places: list[Place]) -> Verdict:
    """One sum, stated the same in all `places`."""
    _, group, found = places[0]
    kind = KINDS.get(group.kind or "", "")
    wheres = [(source, one, _where(disclosure, source, one)) for source, one, _ in places]
    citations = tuple(
        source.cite(quote, where)
        for source, one, where in wheres
        for quote in dict.fromkeys(one.quotes.values())
    )
    return Verdict(
        grade={"ok": Grade.OK, "wrong": Grade.FAIL}.get(found.verdict, Grade.REVIEW),
        subject=disclosure.subject_of(mark),
        facts={
            "title": disclosure.title,
            "what": f"{group.year}年{kind}" if group.year else kind or "“三公”经费",
            "arithmetic": found.arithmetic,
            "names": found.names,
            "where": "、".join(dict.fromkeys(where for _, _, where in wheres)),
            "missing": "、".join(NAMES[part] for part in found.missing) or "无",
        },
        citations=citations[:6] or (disclosure.sources[0].cite(""),),
        variant=found.verdict if found.verdict in CHECK.variants else None,
        severity=Severity.MINOR if found.verdict in CHECK.variants else None,
    )


def _where(disclosure: Disclosure, source: Source, group: Group) -> str:
    where = "正文" if group.is_text else group.where
    return where if source.url == disclosure.url else f"附件{where}"

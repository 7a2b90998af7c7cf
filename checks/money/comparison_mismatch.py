"""和上年相比的数、增减额、百分比对不上。

What it finds: （一）本年材料里写的上年数，与上年材料自己公布的数不同；（二）“比上年减少 A 万元”与两年的数相减不符；
（三）“下降 P%”与增减额除以上年数不符，或“增加”与“下降”方向相反；（四）“完成预算的 P%”与决算除以预算不符，
包括“完成预算 0 万元的 100%”。

Why it matters: 增减说明是读者最先看的部分，算错说明数字未经核对。

Known problems: 上年数可能因口径调整而变，（一）只请人核实。百分比允许相差 0.1 个百分点和由取整带来的误差。
读不准比较对象的句子不判。

Good: 公务接待费 10 万元，比 2016 年决算数 12 万元减少 2 万元，下降 16.7%。
Bad: 公务接待费决算 0 万元，完成预算 0 万元的 100%。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Verdict
from checks.money.amounts import Amount, plain
from checks.money.disclosures import Disclosure, Source, disclosures
from checks.money.statement import KINDS, NAMES, Change, Part, Statement
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="comparison-mismatch",
    title="增减和比例算不对",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits={"tolerance_wan": 0.05, "tolerance_percent": 0.1},
    message="《{title}》{what}的增减算不对：{arithmetic}。",
    fix="请按两年的原始数字重新计算增减额和百分比，改正后重新发布。",
    variants={
        "previous": (
            "《{title}》写{what}为 {stated}，而《{other_title}》公布的是 {published}（{arithmetic}）。",
            "请核实上年数以哪一个为准；因口径调整而不同的，应在文中说明。",
        ),
        "direction": (
            "《{title}》{what}的增减方向前后矛盾：{arithmetic}。",
            "请核对是增加还是减少，统一额度和百分比的表述。",
        ),
        "percent-of-zero": (
            "《{title}》写“{quote}”：预算是 0，没有百分比可言。",
            "预算和决算都是 0 的，写“年初预算和决算均为 0 万元”，不写完成百分比。",
        ),
        "completion": (
            "《{title}》{what}的完成比例算不对：{arithmetic}。",
            "请按决算数除以预算数重新计算完成比例。",
        ),
    },
)

_OF_ZERO = re.compile(
    r"完成(?:了)?(?:年初|全年|当年|调整)?预算(?:数)?(?:为)?[:：]?0(?:\.0+)?万?元?的?(\d+(?:\.\d+)?)[%％]"
)
_COMPLETED = re.compile(
    r"完成(?:了)?(?:年初|全年|当年|调整)?预算(?:数)?(\d[\d,]*(?:\.\d+)?)(亿元|万元|元)的?(\d+(?:\.\d+)?)[%％]"
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per comparison a disclosure makes, and one per figure it repeats of the year before."""
    all_read = [(disclosure, list(disclosure.statements())) for disclosure in disclosures(evidence)]
    tolerance = Decimal(str(limits["tolerance_wan"]))
    percent = Decimal(str(limits["tolerance_percent"]))
    for disclosure, read in all_read:
        for source, statement in read:
            for change in statement.changes:
                if verdict := _change(disclosure, source, change, tolerance, percent):
                    yield verdict
        for source in disclosure.sources:
            yield from _of_zero(disclosure, source)
            yield from _completion(disclosure, source, read, percent)
    yield from _previous(all_read, tolerance)


def _change(
    disclosure: Disclosure, source: Source, change: Change, tolerance: Decimal, percent: Decimal
) -> Verdict | None:
    level = change.level.wan if change.level else None
    amount = change.amount.wan if change.amount else None
    if level is None or amount is None or change.level is None or change.amount is None:
        return None
    what = f"{change.year or ''}年{KINDS.get(change.kind or '', '')}{NAMES[change.part]}".removeprefix("年")
    mark = f"change:{change.year}{change.kind}:{change.part}:{change.base_year or ''}{change.base_kind or ''}"
    step = max(change.level.step_wan, change.amount.step_wan)
    faults: list[str] = []
    shown = f"{change.level} 与增减 {change.amount}"
    if change.base is not None and change.base.wan is not None:
        real = level - change.base.wan
        if abs(real - change.sign * amount) > max(tolerance, step * 3 / 2):
            faults.append(
                f"{plain(level)} - {plain(change.base.wan)} = {plain(real)}, 写为{'增加' if change.sign > 0 else '减少'} {change.amount}"
            )
    if change.percent is not None:
        if change.percent_sign != change.sign and change.percent > 0 and amount > 0:
            words = ("增加", "增长") if change.sign > 0 else ("减少", "下降")
            other = "下降" if change.sign > 0 else "增长"
            return _verdict(
                disclosure,
                source,
                mark,
                what,
                f"写{words[0]} {change.amount}，又写{other} {change.percent}%",
                change.quote,
                "direction",
            )
        base = (
            change.base.wan if change.base is not None and change.base.wan else level - change.sign * amount
        )
        if base > 0:
            real = amount / base * 100
            slack = percent + (step / base * 100) + real * step / base
            if abs(real - change.percent) > slack:
                faults.append(
                    f"{plain(amount)} ÷ {plain(base)} = {real.quantize(Decimal('0.1'))}%, 写为 {plain(change.percent)}%"
                )
    if faults:
        return _verdict(disclosure, source, mark, what, "；".join(faults), change.quote)
    return _verdict(disclosure, source, mark, what, shown, change.quote, grade=Grade.OK)


def _verdict(
    disclosure: Disclosure, source: Source, mark: str, what: str, arithmetic: str, quote: str,
    variant: str | None = None, grade: Grade = Grade.FAIL, **facts: str,
) -> Verdict:  # fmt: skip
    return Verdict(
        grade=grade,
        subject=disclosure.subject_of(mark),
        facts={"title": disclosure.title, "what": what, "arithmetic": arithmetic, "quote": quote, **facts},
        citations=(source.cite(quote, "正文"),),
        variant=variant,
    )


def _of_zero(disclosure: Disclosure, source: Source) -> Iterator[Verdict]:
    found = [
        match[0]
        for match in _OF_ZERO.finditer(re.sub(r"[ \u3000\xa0]", "", source.text))
        if float(match[1]) > 0
    ]
    if found:
        yield _verdict(
            disclosure,
            source,
            "percent-of-zero",
            "完成比例",
            "0 ÷ 0 没有意义",
            found[0],
            "percent-of-zero",
            Grade.REVIEW,
        )


def _completion(
    disclosure: Disclosure, source: Source, read: list[tuple[Source, Statement]], percent: Decimal
) -> Iterator[Verdict]:
    """“支出决算为28.98万元，完成预算21.55万元的134.5%”: the final figure stands just before."""
    text = re.sub(r"[ \u3000\xa0]", "", source.text)
    for number, match in enumerate(_COMPLETED.finditer(text), 1):
        before = text[max(0, match.start() - 60) : match.start()]
        level = re.search(r"(\d[\d,]*(?:\.\d+)?)(亿元|万元|元)[，,]?$", before)
        if level is None or level[2] != match[2]:
            continue
        final, budget = Decimal(level[1].replace(",", "")), Decimal(match[1].replace(",", ""))
        if budget == 0:
            continue
        real = final / budget * 100
        said = Decimal(match[3])
        slack = percent + real * (Decimal(1).scaleb(-len(match[1].partition(".")[2])) / budget)
        fits = abs(real - said) <= slack
        yield _verdict(
            disclosure, source, f"completion:{number}", "支出决算",
            f"{plain(final)} ÷ {plain(budget)} = {real.quantize(Decimal('0.1'))}%, 写为 {plain(said)}%",
            before[-40:] + match[0], "completion" if not fits else None, Grade.OK if fits else Grade.FAIL,
        )  # fmt: skip


def _previous(
    all_read: list[tuple[Disclosure, list[tuple[Source, Statement]]]], tolerance: Decimal
) -> Iterator[Verdict]:
    """What a disclosure says of the year before, against that year's own disclosure on the same site."""
    own: dict[tuple[int, str, Part], list[tuple[Amount, Disclosure, Source, str]]] = {}
    for disclosure, read in all_read:
        for source, statement in read:
            if statement.region or statement.year is None or statement.kind is None:
                continue
            for group in statement.groups:
                if (group.year, group.kind) == (statement.year, statement.kind):
                    for part, amounts in group.amounts.items():
                        for amount in amounts:
                            own.setdefault((statement.year, statement.kind, part), []).append(
                                (amount, disclosure, source, group.quotes.get(part, ""))
                            )
    for disclosure, read in all_read:
        for source, statement in read:
            if statement.region or statement.year is None:
                continue
            for group in statement.groups:
                if group.year != statement.year - 1 or group.kind is None:
                    continue
                for part, amounts in group.amounts.items():
                    published = own.get((group.year, group.kind, part), [])
                    if (
                        len({id(other) for _, other, _, _ in published}) == 1
                        and published[0][1] is not disclosure
                    ):
                        yield from _same_as_before(
                            disclosure,
                            source,
                            group.quotes.get(part, ""),
                            amounts,
                            published,
                            part,
                            (group.year, group.kind),
                            tolerance,
                        )


def _same_as_before(
    disclosure: Disclosure, source: Source, quote: str, amounts: tuple[Amount, ...],
    published: list[tuple[Amount, Disclosure, Source, str]], part: Part, when: tuple[int, str], tolerance: Decimal,
) -> Iterator[Verdict]:  # fmt: skip
    pairs = [
        (abs(said.wan - value.wan), said, value, other, place, its_quote)
        for said in amounts
        for value, other, place, its_quote in published
        if said.wan is not None and value.wan is not None
    ]
    if not pairs:
        return
    difference, said, value, other, place, its_quote = min(pairs, key=lambda pair: pair[0])
    fits = difference <= max(tolerance, max(said.step_wan, value.step_wan) / 2)
    citations: tuple[Citation, ...] = (source.cite(quote), place.cite(its_quote))
    yield Verdict(
        grade=Grade.OK if fits else Grade.REVIEW,
        subject=disclosure.subject_of(f"previous:{when[0]}{when[1]}:{part}"),
        facts={
            "title": disclosure.title, "what": f"{when[0]}年{KINDS[when[1]]}{NAMES[part]}", "stated": str(said),
            "published": str(value), "other_title": other.title, "arithmetic": f"{said} {'=' if fits else '≠'} {value}",
            "quote": quote,
        },
        citations=citations,
        variant="previous",
    )  # fmt: skip

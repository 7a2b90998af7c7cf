"""年份或类别张冠李戴：标题与内容不是同一年、同一类。

What it finds: 标题写 2017 年而正文、表名、附件都写 2016 年；标题写决算而里面全是预算表（或相反）；
标题的年份残缺（“2017-度”“201 年”）；本年报告里还留着“上年……同比下降”的旧句子；一句话里预算、决算混用；
年度报告里同样的话都写本年、只有一处写上年。

Why it matters: 套用上年材料没有改净，公众看到的可能是旧数字。

Known problems: 正文提到上年属于正常比较，只有本年一次也没有出现时才判为错年；其余只请人核实。

Good: 《2017年部门决算》正文反复写“2017年”，比较时写“比2016年”。
Bad: 《2017年部门预算公开》的附件题为“2016年部门预算公开”。
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.money.disclosures import Disclosure, Source, disclosures
from checks.money.labels import title_year_kind
from checks.money.statement import KINDS
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page, PageKind

CHECK = Check(
    id="wrong-year",
    title="年份或类别不符",
    severity=Severity.MAJOR,
    needs=("pages",),
    message="《{title}》标题是 {expected}，内容却是 {found}（“{quote}”）。",
    fix="请核对是否发错了文件或套用了上年材料，换成正确年度的内容。",
    variants={
        "kind": (
            "《{title}》标题是{expected}，里面却是{found}（“{quote}”）。",
            "请核对是否发错了文件，预算与决算应分别公开。",
        ),
        "broken": (
            "《{title}》的年份残缺：“{quote}”。",
            "请补全年份。",
        ),
        "old-sentence": (
            "《{title}》是 {expected}的材料，却写“{quote}”，像是上年材料没有改净。",
            "请核实这句话说的是哪一年，改成本年与上年的比较。",
        ),
        "odd-year": (
            "《{title}》是 {expected}的报告，同样的话有 {times} 处写 {expected}，只有一处写 {found}：“{quote}”。",
            "请核实这一处是不是上年报告没有改净。",
        ),
        "mixed": (
            "《{title}》一句话里预算、决算混用：“{quote}”。",
            "请分清预算数和决算数，改写这句话。",
        ),
    },
)

_DATED = re.compile(r"(20[0-4]\d)年?度?[^\d。，；\n]{0,24}?(预算|决算)")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?=年|年度|度)")
_BROKEN = re.compile(r"(?<!\d)(?:20[0-4]\d[-—－]度|20\d(?!\d)\s?年|20[xX×*＊_ ]{2}年|20\s{1,4}年度?)")
_MIXED = re.compile(r"预算安排[^，。；\n]{0,24}决算数|决算安排")
_COMPARES = re.compile(r"(同比|比上年|比去年|较上年|与上年相比)[^。；\n]{0,12}(?:下降|减少|增加|增长|上升)")
_PHRASE = re.compile(r"(?=([\u4e00-\u9fff]{2})(20[0-4]\d)年度?([\u4e00-\u9fff]{3}))")
_ALIKE = 3
"""Times a phrase must stand with the report's own year before another year in it is odd."""
_BUDGET_TABLE = re.compile(r"预算(?:支出|收入|收支)?(?:情况)?(?:总)?表|收支预算总表|(?:收支|收入|支出)预算")
_FINAL_TABLE = re.compile(r"决算(?:情况)?(?:总)?表")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per disclosure, or one per kind of fault found in it."""
    for disclosure in disclosures(evidence):
        found = list(_faults(disclosure))
        yield from found
        if not found and disclosure.year is not None:
            yield Verdict(
                grade=Grade.OK,
                subject=disclosure.subject,
                facts={"title": disclosure.title, "expected": f"{disclosure.year}年"},
            )
    for page, item in evidence.mandated():
        if item.item == "DI-08" and item.year is not None and page.kind is PageKind.ARTICLE:
            yield _report(page, evidence.text(page.id), item.year)


def _report(page: Page, text: str, year: int) -> Verdict:
    """An annual report in which one of several like phrases names an earlier year."""
    compact = re.sub(r"[ \u3000\xa0]", "", text)
    alike: dict[tuple[str, str], list[re.Match[str]]] = {}
    for match in _PHRASE.finditer(compact):
        alike.setdefault((match[1], match[3]), []).append(match)
    subject = Subject(kind="page", key=f"{page.url}#odd-year", url=page.url, title=page.title)
    facts: dict[str, Any] = {"title": page.title, "expected": f"{year}年"}
    for matches in alike.values():
        others = [match for match in matches if int(match[2]) != year]
        times = len(matches) - len(others)
        if times >= _ALIKE and len(others) == 1 and int(others[0][2]) < year:
            at = others[0].start()
            quote = compact[max(0, at - 14) : at + 26].replace("\n", " ")
            return Verdict(
                grade=Grade.REVIEW,
                subject=subject,
                facts={**facts, "found": f"{others[0][2]}年", "times": times, "quote": quote},
                citations=(
                    Citation(url=page.url, seen_at=page.seen_at, quote=quote, where="正文", title=page.title),
                ),
                variant="odd-year",
                severity=Severity.MINOR,
            )
    return Verdict(grade=Grade.OK, subject=subject, facts=facts)


def _faults(disclosure: Disclosure) -> Iterator[Verdict]:
    if match := _BROKEN.search(disclosure.title) or _BROKEN.search(disclosure.sources[0].text[:2000]):
        yield _verdict(disclosure, disclosure.sources[0], "broken", Grade.REVIEW, "年份残缺", _around(match))
    year, kind = disclosure.year, disclosure.kind
    if year is not None:
        yield from _years(disclosure, year)
    if kind is not None:
        yield from _kinds(disclosure, kind)


def _years(disclosure: Disclosure, year: int) -> Iterator[Verdict]:
    stale: list[tuple[Source, re.Match[str]]] = []
    for source in disclosure.sources:
        if not source.readable:
            continue
        compact = re.sub(r"[ \u3000\xa0\u201c\u201d\"]", "", source.text)
        own_year = title_year_kind(source.title)[0] if source.is_document else None
        dated = list(_DATED.finditer(compact))
        years = Counter(int(match[1]) for match in dated)
        mentioned = Counter(int(match[1]) for match in _YEAR.finditer(compact))
        head_wrong = own_year is not None and own_year != year and mentioned[own_year] > mentioned[year]
        if years and year not in years and mentioned[year] == 0:
            other, times = years.most_common(1)[0]
            if times >= 2 or head_wrong:
                match = next(m for m in dated if int(m[1]) == other)
                yield _verdict(disclosure, source, "", Grade.FAIL, f"{other}年", _around(match))
                return
        elif head_wrong:
            yield _verdict(disclosure, source, "", Grade.REVIEW, f"{own_year}年", source.title)
            return
        for sentence in re.finditer(r"[^。\n]{4,300}", compact):
            if compared := _COMPARES.search(sentence[0]):
                before = [int(y) for y in _YEAR.findall(sentence[0][: compared.start()])]
                if before and max(before) < year and str(year) not in sentence[0]:
                    stale.append((source, sentence))
    if stale:
        source, sentence = stale[0]
        yield _verdict(disclosure, source, "old-sentence", Grade.REVIEW, "上年的旧句子", sentence[0][:120])


def _kinds(disclosure: Disclosure, kind: str) -> Iterator[Verdict]:
    for source in disclosure.sources:
        text = re.sub(r"\s|[“”\"]", "", source.text)
        if match := _MIXED.search(text):
            yield _verdict(disclosure, source, "mixed", Grade.REVIEW, "预算、决算混用", _around(match))
            break
    texts = re.sub(
        r"(?:一般公共|政府性基金|国有资本经营|公共)预算",
        "",
        "".join(re.sub(r"\s|[“”\"]", "", s.text) for s in disclosure.sources),
    )
    budget, final = _BUDGET_TABLE.findall(texts), _FINAL_TABLE.findall(texts)
    expected, other = (budget, final) if kind == "budget" else (final, budget)
    word = KINDS[kind]
    if not expected and len(other) >= 3 and texts.count(word) <= 2:
        wrong = KINDS["final" if kind == "budget" else "budget"]
        yield _verdict(
            disclosure, disclosure.sources[0], "kind", Grade.FAIL, f"{wrong}表", other[0], expected=word
        )


def _around(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - 12) : match.end() + 16].replace("\n", " ")


def _verdict(
    disclosure: Disclosure,
    source: Source,
    variant: str,
    grade: Grade,
    found: str,
    quote: str,
    expected: str = "",
) -> Verdict:
    return Verdict(
        grade=grade,
        subject=disclosure.subject_of(variant),
        facts={
            "title": disclosure.title,
            "expected": expected or f"{disclosure.year}年",
            "found": found,
            "quote": quote,
        },
        citations=(source.cite(quote),),
        variant=variant or None,
    )

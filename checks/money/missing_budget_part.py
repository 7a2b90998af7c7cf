"""预决算公开缺表、缺说明、缺数。

What it finds: 部门预算、决算材料缺少规定的表格或说明；“三公”经费没有合计、有空白、没有批次人次等数量，
增减没有写原因或原因过于简单；只有文字没有表格。

Why it matters: 预算法和财政部公开办法规定了要公开的表和说明，空表也要列出并注明没有。

Known problems: 附件打不开的不判缺表，只说“已公开，未检查”。各省表名不同，按别名认；预算八张表的清单因地而异，只请人核实。

Good: 八张表齐全，没有政府性基金的注明“本部门没有政府性基金预算支出，故此表为空”。
Bad: 《2016年部门决算》只有收支总表和几句话；“因公出国（境）费”一格空白。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Grade, Severity, Verdict
from checks.money.amounts import cell_amount, is_blank
from checks.money.disclosures import WORDS, Disclosure, Source, disclosures
from checks.money.statement import NAMES, Part, Statement
from checks.unread import reason
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="missing-budget-part",
    title="预决算公开内容不全",
    severity=Severity.MINOR,
    needs=("pages", "documents"),
    limits={"few_tables": 3, "overrun_percent": 20, "thin_reason": 8},
    message="《{title}》缺少规定的表格：{missing}。",
    fix="请补齐缺少的表格；没有相应收支的也要列出空表，并注明“本部门没有此项收支，故此表为空”。",
    variants={
        "no-tables": (
            "《{title}》只有文字说明，没有找到预决算表格。",
            "请把规定的预决算表格作为正文或附件一并公开。",
        ),
        "explanations": (
            "《{title}》缺少规定的说明：{missing}。",
            "请补充缺少的说明；没有的事项也应写明“本部门没有”。",
        ),
        "no-total": (
            "《{title}》写了“三公”经费的分项（{stated}），没有合计。",
            "请补上“三公”经费合计数。",
        ),
        "blank": (
            "《{title}》“三公”经费有空白：{missing}（见{where}）。空白不等于 0。",
            "没有支出的请写 0，并加注说明。",
        ),
        "blank-cells": (
            "《{title}》的“三公”经费表有该填没填的格：{missing}（见{where}）。",
            "请填写数量和增减原因；没有的写 0 或“无变化”。",
        ),
        "counts": (
            "《{title}》公开了“三公”经费决算金额，没有写明：{missing}。",
            "请补充因公出国（境）团组数和人次、公务用车购置数和保有量、国内公务接待批次和人次，没有的写 0。",
        ),
        "reasons": (
            "《{title}》“三公”经费有增减，没有写原因：“{quote}”。",
            "请写明增减的具体原因。",
        ),
        "overrun": (
            "《{title}》“三公”经费{what}决算 {final} 超过预算 {budget}（{percent}%），{reason}。",
            "请具体说明超出预算的原因。",
        ),
        "unread": (
            "《{title}》的附件已公开但读不出（{missing}），其中的表格未检查。",
            "请打开附件核对；建议发布能复制文字的 PDF 或 Excel，不用扫描件，不设密码。",
        ),
    },
)

_QUOTES = re.compile(r"\s|[“”\"'‘’]")
_CHANGE = re.compile(WORDS["reasons"]["change"])
_REASON = re.compile(WORDS["reasons"]["says"])
_ATTACHED = re.compile(r"附件|请下载|点击下载")
_COUNTED = re.compile(r"团组(?:数|个数)?|人次(?:数)?|批次(?:数)?|保有量|购置(?:数量|辆数)|人数")
_REASON_COLUMN = re.compile(r"(?:增减|变化|变动|增长|下降).{0,6}原因|原因说明")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per disclosure when it is complete, else one per kind of gap."""
    for disclosure in disclosures(evidence):
        found = [*_whole(disclosure, limits), *_three_public(disclosure, limits)]
        yield from found
        if not found and disclosure.kind is not None:
            yield Verdict(grade=Grade.OK, subject=disclosure.subject, facts={"title": disclosure.title})


def tables_named(text: str, kind: str) -> set[str]:
    """Ids of the required tables whose name or alias `text` holds; a longer name hides the shorter inside it."""
    compact = _QUOTES.sub("", text)
    names = sorted(
        (
            (_QUOTES.sub("", name), table["id"])
            for table in WORDS[kind]
            for name in (table["name"], *table["aliases"])
        ),
        key=lambda pair: -len(pair[0]),
    )
    found: set[str] = set()
    for name, table_id in names:
        if name in compact:
            found.add(table_id)
            compact = compact.replace(name, "#")
    return found


def _whole(disclosure: Disclosure, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """The required tables and explanations of a whole budget or accounts."""
    kind, year = disclosure.kind, disclosure.year
    if not disclosure.full or kind is None:
        return
    text = "\n".join(
        f"{s.title}\n{s.text}\n" + "\n".join(cell for rows in s.tables for row in rows[:3] for cell in row)
        for s in disclosure.sources
    )
    named = tables_named(text, kind)
    gone = [t for t in WORDS[kind] if t["id"] not in named and (year or 0) >= t.get("from_year", 0)]
    if disclosure.unread:
        files = "；".join(
            f"{s.title or s.url.rpartition('/')[2]}：{reason(s.why)}" for s in disclosure.unread
        )
        if gone:
            yield _verdict(disclosure, "unread", Grade.REVIEW, missing=files)
        return
    has_rows = any(s.tables for s in disclosure.sources) or "\t" in text
    attached = any(s.is_document for s in disclosure.sources)
    if not has_rows and not attached and _ATTACHED.search(text):
        yield _verdict(disclosure, "unread", Grade.REVIEW, missing="页面提到的附件没有采集到")
        return
    if not named and not has_rows:
        yield _verdict(disclosure, "no-tables", Grade.REVIEW)
    elif gone and len(named) >= limits["few_tables"]:
        certain = kind == "final" and any(not t.get("may_be_empty") for t in gone)
        yield _verdict(
            disclosure,
            "",
            Grade.FAIL if certain else Grade.REVIEW,
            missing="、".join(t["name"] for t in gone),
        )
    elif gone:
        yield _verdict(disclosure, "", Grade.REVIEW, missing="、".join(t["name"] for t in gone))
    lacking = [
        e["name"]
        for e in WORDS["explanation"]
        if (year or 0) >= e.get("from_year", 0) and not re.search(e["words"], _QUOTES.sub("", text))
    ]
    if lacking:
        yield _verdict(disclosure, "explanations", Grade.REVIEW, missing="、".join(lacking))


def _three_public(disclosure: Disclosure, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Total, blanks, counts and reasons of the three public expenses."""
    read = [(source, s) for source, s in disclosure.statements() if not s.region]
    mains = (Part.ABROAD, Part.RECEPTION, Part.VEHICLES, Part.BUY, Part.RUN)
    groups = [(source, g) for source, s in read for g in s.groups]
    own = [(source, g) for source, g in groups if g.year in (disclosure.year, None)]
    stated = {part for _, g in own for part in g.amounts}
    if len(stated & set(mains)) >= 2 and Part.TOTAL not in {part for _, g in groups for part in g.amounts}:
        quote = next((g.quotes.get(p, "") for _, g in own for p in mains if p in g.amounts), "")
        said = "、".join(f"{NAMES[p]} {g.amounts[p][0]}" for _, g in own[:1] for p in mains if p in g.amounts)
        yield _verdict(disclosure, "no-total", Grade.REVIEW, own[0][0], quote, stated=said)
    yield from _blanks(disclosure, own)
    yield from _blank_cells(disclosure, {group.where for _, group in own if not group.is_text})
    spent = any(value.value for _, g in own for values in g.amounts.values() for value in values)
    if disclosure.kind == "final" and spent:
        text = _QUOTES.sub("", "".join(source.text + _cells(source) for source in disclosure.sources))
        lacking = [
            c["name"] for c in WORDS["count"] if not re.search(c["words"], text) and not disclosure.unread
        ]
        if lacking:
            yield _verdict(disclosure, "counts", Grade.REVIEW, missing="、".join(lacking))
    yield from _reasons(disclosure, read, limits)


def _blanks(disclosure: Disclosure, own: list[tuple[Source, Any]]) -> Iterator[Verdict]:
    for source, group in own:
        if group.is_text or not group.blanks:
            continue
        said = {part for _, g in own if g.is_text for part, values in g.amounts.items() if values}
        blank = [part for part in group.blanks if part not in said]
        # Purchase and running left out where the row for vehicles has its figure are a matter of the form.
        blank = [
            part for part in blank if part not in (Part.BUY, Part.RUN) or Part.VEHICLES not in group.amounts
        ]
        note = re.search(r"空白[^。\n]{0,12}(?:0|零|没有|无)|空格[^。\n]{0,12}(?:0|零)", source.text)
        if blank and not note:
            names = "、".join(NAMES[part] for part in sorted(blank))
            yield _verdict(
                disclosure,
                "blank",
                Grade.REVIEW,
                source,
                next(iter(group.quotes.values()), ""),
                missing=names,
                where=group.where,
            )
            return


def _blank_cells(disclosure: Disclosure, where: set[str]) -> Iterator[Verdict]:
    """Cells for counts and reasons that a three-public table leaves empty."""
    for source in disclosure.sources:
        for number, rows in enumerate(source.tables, 1):
            place = f"第{number}张表"
            if place not in where:
                continue
            empty: dict[str, None] = {}
            for row in rows[1:60]:
                label = next((cell.strip() for cell in row[:2] if cell.strip()), "")
                if _COUNTED.search(label) and all(is_blank(cell) for cell in row if cell.strip() != label):
                    empty[label] = None
                figures = {cell.strip() for cell in row if cell_amount(cell, None) is not None}
                for column, cell in enumerate(row):
                    head = "".join(
                        dict.fromkeys(other[column].strip() for other in rows[:3] if column < len(other))
                    )
                    changed = len(figures) > 1 or not _REASON_COLUMN.search(head)
                    if (
                        figures
                        and changed
                        and is_blank(cell)
                        and (_REASON_COLUMN.search(head) or _COUNTED.search(head))
                    ):
                        empty[_QUOTES.sub("", head)[-16:]] = None
            if empty:
                yield _verdict(
                    disclosure, "blank-cells", Grade.REVIEW, source, " ".join(empty)[:200], missing="、".join(list(empty)[:6]), where=place
                )  # fmt: skip
                return


def _reasons(
    disclosure: Disclosure, read: list[tuple[Source, Statement]], limits: Mapping[str, Any]
) -> Iterator[Verdict]:
    for source, statement in read:
        for change in statement.changes:
            said = re.sub(r"\s", "", change.quote)
            at = re.sub(r"\s", "", source.text).find(said[:40])
            around = re.sub(r"\s", "", source.text)[at : at + len(said) + 160] if at >= 0 else said
            if change.amount and change.amount.value and _CHANGE.search(said) and not _REASON.search(around):
                yield _verdict(
                    disclosure, "reasons", Grade.REVIEW, source, change.quote, quote=change.quote[:100]
                )
                return
    yield from _overrun(disclosure, read, limits)


def _overrun(
    disclosure: Disclosure, read: list[tuple[Source, Statement]], limits: Mapping[str, Any]
) -> Iterator[Verdict]:
    """Final figures far above the budget, with no reason or one of a few characters."""
    for source, statement in read:
        year = statement.year
        finals = {p: g for g in statement.groups if (g.year, g.kind) == (year, "final") for p in g.amounts}
        budgets = {p: g for g in statement.groups if (g.year, g.kind) == (year, "budget") for p in g.amounts}
        for part in (Part.TOTAL,):
            if part not in finals or part not in budgets:
                continue
            final, budget = finals[part].amounts[part][0], budgets[part].amounts[part][0]
            if (
                final.wan is None
                or not budget.wan
                or final.wan * 100 <= budget.wan * (100 + limits["overrun_percent"])
            ):
                continue
            reason = re.search(r"(?:原因是|由于|因为|主要是)([^。；\n]{0,80})", source.text)
            if reason is None or len(reason[1].strip()) < limits["thin_reason"]:
                yield _verdict(
                    disclosure, "overrun", Grade.REVIEW, source, finals[part].quotes.get(part, ""), what=NAMES[part].strip("“”"),
                    final=str(final), budget=str(budget), percent=str(round(final.wan / budget.wan * 100)),
                    reason=f"原因只写了“{reason[1].strip()}”" if reason else "没有写原因",
                )  # fmt: skip
                return


def _cells(source: Source) -> str:
    return "".join(cell for rows in source.tables for row in rows for cell in row)


def _verdict(
    disclosure: Disclosure,
    variant: str,
    grade: Grade,
    source: Source | None = None,
    cited: str = "",
    **facts: str,
) -> Verdict:
    """`variant` "" is the missing tables; `cited` the passage shown as evidence."""
    source = source or disclosure.sources[0]
    return Verdict(
        grade=grade,
        subject=disclosure.subject_of(variant or "tables"),
        facts={"title": disclosure.title, "missing": "", **facts},
        citations=(source.cite(cited),),
        variant=variant or None,
    )

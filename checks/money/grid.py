"""Reads figures out of tables: items down with years across, or items across under headings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from checks.money.amounts import Amount, cell_amount, is_blank, unit_of
from checks.money.labels import ABROAD, BRACKETS, BUY, QUOTES, RECEPTION, RUN, VEHICLE
from checks.money.statement import Group, Part, Rows

_LEAD = re.compile(
    r"^(?:[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十\d]{1,3}[、.．]|\d{1,2}(?=[^\d年月])|其中[:：]?|[①②③④⑤⑥⑦⑧⑨]|[—\-])+"
)
_COUNT = re.compile(r"[数次量](?:[(（].{0,6}[)）])?$|批次|人次|团组|保有|人数")
_FOREIGN = re.compile(r"办公费|印刷费|差旅费|工资|津贴|邮电费|手续费|劳务费")
_EXTRA = re.compile(r"^(?:会议费|培训费)")
_SKIP_HEAD = re.compile(
    r"增减|增长|比上年|比较|%|％|比例|占|差额|差异|原因|备注|说明|批次|人次|数量|团组|完成|变动|幅度|保有|辆"
)
_PART_CELLS: tuple[tuple[Part, re.Pattern[str]], ...] = (
    (Part.VEHICLES, re.compile(rf"(?:{VEHICLE}|公务用车(?:费用?|经费|支出)?|公车费用?)(?:小计)?")),
    (Part.BUY, re.compile(rf"(?:{BUY}|购置费用?|购置|车辆购置)")),
    (Part.RUN, re.compile(rf"(?:{RUN}|运行(?:维护)?费用?|运行维护|车辆运行)")),
    (Part.RECEPTION, re.compile(rf"{RECEPTION}|公务接待")),
    (Part.ABROAD, re.compile(rf"{ABROAD}|出国\(?境?\)?(?:费用?|经费)?")),
    (
        Part.TOTAL,
        re.compile(
            r"合计|总计|共计|.{0,20}三公经费(?:财政拨款)?(?:支出)?(?:预算|决算)?数?(?:合计|总额|总计|支出|总数|小计)?"
        ),
    ),
)


def _part_of(cell: str) -> Part | None:
    said = re.sub(r"\s", "", QUOTES.sub("", cell)).translate(BRACKETS)
    if not said or len(said) > 40:
        return None
    said = re.sub(r"\((?:单位:?)?[万亿千]?元\)", "", said)
    said = _LEAD.sub("", said)
    if _COUNT.search(said) and not said.endswith(("预算数", "决算数")):
        return None
    said = re.sub(r"(?:预算|决算)数?$", "", said) or said
    for part, pattern in _PART_CELLS:
        if pattern.fullmatch(said):
            return part
    return None


def _head_year_kind(cells: Sequence[str], year: int | None) -> tuple[int | None, str | None]:
    """Year and kind a column's heading cells name, the lowest first."""
    found_year: int | None = None
    kind: str | None = None
    for cell in reversed(cells):
        said = re.sub(r"\s", "", cell)
        said = re.sub(r"(?:一般公共|政府性基金|国有资本经营|公共)预算", "", said)
        if kind is None and ("预算" in said) != ("决算" in said):
            kind = "final" if "决算" in said else "budget"
        if found_year is None:
            match = re.search(r"20[0-4]\d", said)
            if match:
                found_year = int(match[0])
            elif year and re.search("上年|去年", said):
                found_year = year - 1
            elif year and re.search("本年|今年|当年", said):
                found_year = year
    return found_year, kind


def read_table(rows: Rows, where: str, unit: str | None, year: int | None, kind: str | None) -> list[Group]:
    """The figure groups of a three-public table, none for any other table."""
    rows = rows[:400]
    cells = [
        (r, c, part)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row[:60])
        if (part := _part_of(cell))
    ]
    kinds = {part for _, _, part in cells}
    mains = len(kinds & {Part.ABROAD, Part.RECEPTION}) + bool(kinds & {Part.VEHICLES, Part.BUY, Part.RUN})
    if mains < 2 or any(_FOREIGN.search(cell) for row in rows for cell in row):
        return []
    unit = (
        unit_of(
            "\n".join(cell for row in rows[:6] for cell in row)
            + "\n"
            + "\n".join(row[-1] for row in rows if row)
        )
        or unit
    )
    columns: dict[int, dict[Part, int]] = {}
    for r, c, part in cells:
        columns.setdefault(c, {}).setdefault(part, r)
    column, by_row = max(columns.items(), key=lambda item: (len(item[1]), -item[0]))
    across: dict[int, set[Part]] = {}
    for r, _, part in cells:
        across.setdefault(r, set()).add(part)
    if len(by_row) >= 2 and len(by_row) >= max(map(len, across.values())):
        return _vertical(rows, where, unit, year, kind, column, by_row)
    return _horizontal(rows, where, unit, year, kind, cells)


def _vertical(
    rows: Rows,
    where: str,
    unit: str | None,
    year: int | None,
    kind: str | None,
    column: int,
    by_row: Mapping[Part, int],
) -> list[Group]:
    """Items down, years or kinds across."""
    first = min(by_row.values())
    last = max(by_row.values())
    groups: list[Group] = []
    heads = rows[:first]
    seen: set[tuple[int | None, str | None]] = set()
    for c in range(column + 1, max(map(len, rows))):
        head = [row[c] for row in heads if c < len(row)]
        own = [
            cell
            for row, cell in zip(heads, head, strict=False)
            if sum(value == cell for value in row) < len(row)
        ]
        if any(_SKIP_HEAD.search(cell) for cell in own[-2:]):
            continue
        amounts: dict[Part, tuple[Amount, ...]] = {}
        blanks: set[Part] = set()
        repeated = all(c < len(rows[r]) and rows[r][c] == rows[r][column] for r in by_row.values())
        if repeated:
            continue
        for part, r in by_row.items():
            cell = rows[r][c] if c < len(rows[r]) else ""
            value = cell_amount(cell, unit)
            if value is not None:
                amounts[part] = (value,)
            elif is_blank(cell):
                blanks.add(part)
        if len(amounts) < 2:
            continue
        its_year, its_kind = _head_year_kind(head, year)
        key = (its_year or year, its_kind or kind)
        if key in seen:
            continue
        seen.add(key)
        extra = tuple(
            value
            for row in rows[first : last + 6]
            if column < len(row)
            and c < len(row)
            and _EXTRA.match(_LEAD.sub("", re.sub(r"\s", "", row[column])))
            if (value := cell_amount(row[c], unit)) is not None
        )
        groups.append(
            Group(
                where=where, year=key[0], kind=key[1], amounts=amounts, blanks=frozenset(blanks), extra=extra,
                quotes={part: " ".join(filter(None, (rows[r][column], rows[r][c]))) for part, r in by_row.items() if c < len(rows[r])},
            )
        )  # fmt: skip
    return groups


def _horizontal(
    rows: Rows,
    where: str,
    unit: str | None,
    year: int | None,
    kind: str | None,
    cells: list[tuple[int, int, Part]],
) -> list[Group]:
    """Items across, under one or several rows of headings; each row of figures is a group."""
    header_rows = {r for r, _, part in cells if part is not Part.TOTAL}
    top, bottom = min(header_rows), max(header_rows)
    if bottom - top > 3:
        return []
    heads = list(rows[: bottom + 1])
    parts: list[tuple[int, Part, int | None, str | None]] = []
    width = max(map(len, rows))
    extras: list[int] = []
    for c in range(width):
        stack = [row[c] for row in heads[max(0, top - 2) :] if c < len(row) and row[c].strip()]
        if not stack:
            continue
        named = [part for cell in stack if (part := _part_of(cell))]
        lowest = re.sub(r"\s", "", stack[-1])
        part = named[-1] if named and _part_of(stack[-1]) is not None else None
        if lowest in ("小计", "合计") and any(p is Part.VEHICLES for p in named):
            part = Part.VEHICLES
        if part is None and _EXTRA.match(lowest):
            extras.append(c)
        if part is None or any(_SKIP_HEAD.search(cell) for cell in stack[-2:]):
            continue
        whole = [row[c] for row in heads if c < len(row)]
        its_year, its_kind = _head_year_kind(whole, year)
        parts.append((c, part, its_year or year, its_kind or kind))
    groups: list[Group] = []
    for row in rows[bottom + 1 : bottom + 60]:
        if re.match(r"栏次|行次|序号$", re.sub(r"\s", "", row[0])):
            continue
        numbers = [row[c] for c, _, _, _ in parts if c < len(row)]
        if _numbered([cell for cell in row if cell.strip()]):
            continue
        blocks: list[tuple[tuple[int | None, str | None], dict[Part, str]]] = []
        for c, part, its_year, its_kind in parts:
            cell = row[c] if c < len(row) else ""
            key = (its_year, its_kind)
            if not blocks or blocks[-1][0] != key or part in blocks[-1][1]:
                blocks.append((key, {}))
            blocks[-1][1][part] = cell
        if not any(cell_amount(cell, unit) for cell in numbers):
            continue
        quote = " ".join(filter(None, (cell.strip() for cell in row)))[:200]
        keys = [key for key, _ in blocks]
        for key, block in blocks:
            if keys.count(key) > 1 and len(blocks) > 1:
                key = (key[0], None)
            amounts = {
                p: (value,) for p, cell in block.items() if (value := cell_amount(cell, unit)) is not None
            }
            if len(amounts) < 2:
                continue
            groups.append(
                Group(
                    where=where, year=key[0], kind=key[1], amounts=amounts,
                    blanks=frozenset(p for p, cell in block.items() if is_blank(cell)),
                    extra=tuple(v for c in extras if c < len(row) if (v := cell_amount(row[c], unit)) is not None),
                    quotes=dict.fromkeys(block, quote),
                )
            )  # fmt: skip
    return groups


def _numbered(cells: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: 1 2 3 4 ..."""
    digits = [
        int(cell)
        for cell in cells
        if cell.strip().isascii() and cell.strip().isdigit() and len(cell.strip()) < 4
    ]
    return len(digits) >= 3 and len(digits) >= len(cells) - 1 and all(b - a == 1 for a, b in pairwise(digits))

"""Sums inside budget tables: subjects by code (类, 款, 项), totals, basic and project expenditure, income against expenditure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from checks.money.amounts import Amount, cell_amount, is_blank, plain
from checks.money.statement import Rows

_CODE = re.compile(r"\d{3}(?:\d{2}){0,2}")
_TOTAL = re.compile(r"(?:合计|总计|本年支出合计|本年收入合计|支出合计|收入合计)")
_BASIC, _PROJECT = "基本支出", "项目支出"
_FURTHER = re.compile(r"上缴上级|经营支出|对附属|附属单位")
_EXACT = Decimal("0.01")
_YEARLY = re.compile(r"本年(?:收入|支出)合计|(?:收入|支出)合计")
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、")
_NUMERALS = tuple("一二三四五六七八九十") + tuple(
    f"{tens}十{one}" for tens in ("", "二") for one in ("", *"一二三四五六七八九") if tens or one
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSum:
    """One kind of sum of one table. `arithmetic` of what does not add up (up to three), or "" when all does."""

    names: str
    arithmetic: str
    quote: str


def level_sums(rows: Rows) -> Iterator[LevelSum]:
    """What a budget table allows to check; tables without codes or totals give nothing."""
    clean = [[re.sub(r"[\s\u3000]", "", cell) for cell in row] for row in rows[:600]]
    if len(clean) < 2:
        return
    yield from _balance(clean)
    yield from _numbered(clean)
    codes = _code_column(clean)
    if codes is None:
        return
    first = next(index for index, row in enumerate(clean) if _CODE.fullmatch(row[codes]))
    heads = [
        "".join(dict.fromkeys(row[c] for row in clean[:first] if c < len(row))) for c in range(len(clean[0]))
    ]
    yield from _by_code(clean, codes)
    yield from _across(clean, codes, heads)


def _code_column(rows: Sequence[Sequence[str]]) -> int | None:
    """The column of subject codes, None without one or when a code stands twice."""
    for column in range(min(3, len(rows[0]))):
        found = [row[column] for row in rows if column < len(row) and _CODE.fullmatch(row[column])]
        if len(found) >= 3 and len({len(code) for code in found}) >= 2 and len(set(found)) == len(found):
            return column
    return None


def _by_code(rows: Sequence[Sequence[str]], codes: int) -> Iterator[LevelSum]:
    """Each code against the codes one level below, and the total against the codes on top."""
    by_code = {row[codes]: row for row in rows if codes < len(row) and _CODE.fullmatch(row[codes])}
    total = next(
        (
            row
            for row in rows
            if any(_TOTAL.fullmatch(cell) for cell in row[:3]) and not _CODE.fullmatch(row[codes])
        ),
        None,
    )
    families: list[tuple[str, Sequence[str], list[Sequence[str]]]] = []
    for code, row in by_code.items():
        children = [
            other for name, other in by_code.items() if len(name) == len(code) + 2 and name.startswith(code)
        ]
        if children:
            families.append((code, row, children))
    tops = [row for code, row in by_code.items() if code[:-2] not in by_code or len(code) == 3]
    if total is not None and tops and all(len(row[codes]) == 3 for row in tops):
        families.append(("合计", total, tops))
    faults: list[str] = []
    quotes: list[str] = []
    for code, row, children in families:
        for column in range(codes + 1, len(row)):
            if written := _unequal(
                row[column], [child[column] if column < len(child) else "" for child in children]
            ):
                faults.append(f"{_name(row, codes, code)}：{written}")
                quotes.append(" ".join(filter(None, row)))
                break
    if families:
        yield LevelSum(
            names="类、款、项逐级相加", arithmetic="；".join(faults[:3]), quote="；".join(quotes[:3])
        )


def _across(rows: Sequence[Sequence[str]], codes: int, heads: Sequence[str]) -> Iterator[LevelSum]:
    """合计 = 基本支出 + 项目支出 (+ further kinds of expenditure)."""
    basic = [c for c, head in enumerate(heads) if head.endswith(_BASIC)]
    project = [c for c, head in enumerate(heads) if head.endswith(_PROJECT)]
    whole = [c for c, head in enumerate(heads) if re.search(r"合计$|总计$|小计$", head) and c > codes]
    if len(basic) != 1 or len(project) != 1 or len(whole) != 1:
        return
    parts = [*basic, *project, *(c for c, head in enumerate(heads) if _FURTHER.search(head))]
    rest = set(range(codes + 2, len(heads))) - {*parts, *whole}
    if any(cell_amount(row[c], None) for row in rows for c in rest if c < len(row)):
        return
    faults = [
        f"{_name(row, codes, row[codes] or '合计')}：{written}"
        for row in rows
        if max(*parts, *whole) < len(row) and (written := _unequal(row[whole[0]], [row[c] for c in parts]))
    ]
    yield LevelSum(
        names="合计 = 基本支出 + 项目支出", arithmetic="；".join(faults[:3]), quote="；".join(faults[:3])
    )


def _balance(rows: Sequence[Sequence[str]]) -> Iterator[LevelSum]:
    """收入总计 = 支出总计, in the table that sets them side by side."""
    found: dict[str, Amount] = {}
    for row in rows:
        for column, cell in enumerate(row[:-1]):
            name = re.sub(r"^[一二三四五六七八九十]+、", "", cell)
            if (
                name in ("收入总计", "支出总计")
                and name not in found
                and (value := cell_amount(row[column + 1], None))
            ):
                found[name] = value
    if len(found) == 2:
        income, spending = found["收入总计"], found["支出总计"]
        same = abs(income.value - spending.value) <= _EXACT
        written = "" if same else f"收入总计 {income.printed} ≠ 支出总计 {spending.printed}"
        yield LevelSum(
            names="收入总计 = 支出总计",
            arithmetic=written,
            quote=f"收入总计 {income.printed} 支出总计 {spending.printed}",
        )


def _numbered(rows: Sequence[Sequence[str]]) -> Iterator[LevelSum]:
    """本年收入合计 = 一、…… + 二、…… in its own column; only where the numbers begin with 一 and none is left out."""
    for at, row in enumerate(rows):
        for column, cell in enumerate(row[:-1]):
            if not _YEARLY.fullmatch(cell):
                continue
            above = [one for one in rows[:at] if column + 1 < len(one)]
            value = column + 1 + any(one[column + 1] in ("行次", "栏次") for one in above)
            items = [one for one in above if _NUMBERED.match(one[column]) and value < len(one)]
            numerals = [one[column].partition("、")[0] for one in items]
            if value >= len(row) or len(items) < 2 or numerals != list(_NUMERALS[: len(numerals)]):
                continue
            written = _unequal(row[value], [one[value] for one in items])
            yield LevelSum(
                names=f"{cell} = 各项之和",
                arithmetic=written and f"{cell}：{written}",
                quote=f"{cell} {row[value]}",
            )


def _unequal(whole: str, parts: Sequence[str]) -> str:
    """The arithmetic when parts do not make the whole beyond rounding, else ""."""
    total = cell_amount(whole, None)
    values = [cell_amount(part, None) for part in parts]
    numbers = [value for value in values if value is not None]
    if (
        total is None
        or not numbers
        or any(v is None and not is_blank(p) for v, p in zip(values, parts, strict=True))
    ):
        return ""
    value = sum((number.value for number in numbers), Decimal(0))
    digits = max(number.digits for number in (total, *numbers))
    tolerance = max(Decimal(1).scaleb(-digits) * len(numbers), _EXACT if digits >= 2 else Decimal(0))
    difference = value - total.value
    if abs(difference) <= tolerance or (difference < 0 and len(numbers) < len(parts)):
        return ""
    shown = [number.printed for number in numbers]
    left = " + ".join(shown) if len(shown) <= 8 else f"{' + '.join(shown[:7])} + ……"
    return f"{left} = {plain(value)}, 写为 {total.printed}"


def _name(row: Sequence[str], codes: int, code: str) -> str:
    words = next((cell for cell in row[codes + 1 :] if cell and not cell_amount(cell, None)), "")
    return f"{words}（{code}）" if words and words != code else code

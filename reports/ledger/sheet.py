"""整改台账 read back from the workbook staff filled in.

A cell counts as edited when it is not what it was at the export; the stamp on the 说明 sheet tells when that was. A row is
taken whole or not at all; good rows are taken although others are bad, so that one slip does not hold up an office's
work. Every cell that was not taken is named, with what is wrong with it. Reading the mended file again takes the rest.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from reports.cells import Cell, Grid, grids_of
from reports.errors import LedgerError
from reports.language import heard, say
from reports.ledger.book import LONGEST, Ledger
from reports.ledger.entry import BEIJING, Answer, Entry, State
from reports.ledger.rows import plain_text
from reports.workbook import FIELDS, LIST_SHEET, NOTES_SHEET, STAMP

NUMBER = "问题编号"
HEAD_WITHIN = 10
"""Rows in which the head row is looked for: staff put titles above it."""
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
_EPOCH = dt.date(1899, 12, 30)
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+00?:00(?::00)?)?|(\d{4})(\d{2})(\d{2})"
)
_TEXTS = ("office", "person", "measure", "remark")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFault:
    """A cell that was not taken: where it stands ("整改台账!T7"), what it says, why not."""

    ref: str
    number: str
    value: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What reading a sheet came to: numbers that were changed, rows that said nothing new, cells not taken."""

    changed: tuple[str, ...]
    unchanged: int
    faults: tuple[CellFault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A row of the list: its cells by field, and where each stands."""

    number: str
    refs: Mapping[str, str]
    cells: Mapping[str, Cell]
    formulas: frozenset[str]


class _BadCell(Exception):
    """Raised when a cell, named by its field, cannot be taken."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def read_sheet(ledger: Ledger, path: Path, *, who: str, when: dt.datetime, dry: bool = False) -> Imported:
    """Take what staff filled in into the ledger, or with `dry` only say what would come of it.

    Raises LedgerError, ReportError when it is no workbook.
    """
    sheets = grids_of(path)
    grid, head, places = _list(sheets, path)
    then = ledger.values_at(_stamp(sheets, ledger, path))
    faults: list[CellFault] = []
    changed: list[str] = []
    unchanged = 0
    lines = list(_lines(grid, head, places))
    often = Counter(line.number for line in lines)
    entries = {entry.number: entry for entry in ledger.entries()}
    with ledger.writing(keep=not dry):
        for line in lines:
            try:
                if NUMBER in line.formulas:
                    raise _BadCell(NUMBER, "是公式，请改成编号本身")
                if not line.number:
                    raise _BadCell(NUMBER, "这一行没有问题编号；台账以外的问题请另行登记")
                if line.number not in entries:
                    raise _BadCell(NUMBER, "台账里没有这个问题编号")
                if often[line.number] > 1:
                    raise _BadCell(NUMBER, "这个问题编号在表里不止一行，请只留一行")
                edits = _edits(line, entries[line.number], then)
                if not edits:
                    unchanged += 1
                    continue
                with ledger.writing():
                    _apply(ledger, entries[line.number], edits, who, when)
                changed.append(line.number)
            except _BadCell as bad:
                value = line.number if bad.field == NUMBER else _shown(line.cells.get(bad.field, ""))
                faults.append(
                    CellFault(ref=line.refs[bad.field], number=line.number, value=value, why=str(bad))
                )
    return Imported(changed=tuple(changed), unchanged=unchanged, faults=tuple(faults))


def _list(sheets: Mapping[str, Grid], path: Path) -> tuple[Grid, int, dict[str, int]]:
    """The sheet with the list, its head row, and the column of 问题编号 and of every field there is."""
    names = {NUMBER: NUMBER, **FIELDS}
    for grid in sorted(sheets.values(), key=lambda one: one.name != LIST_SHEET):
        for row, cells in enumerate(grid.rows[:HEAD_WITHIN]):
            titles = [plain_text(str(cell)).strip() for cell in cells]
            if NUMBER in titles and "整改状态" in titles:
                twice = [name for name in names if titles.count(name) > 1]
                if twice:
                    raise LedgerError(f"{path.name}：{grid.name} 里“{twice[0]}”有两列，请删掉多余的一列")
                return (
                    grid,
                    row,
                    {field: titles.index(name) for name, field in names.items() if name in titles},
                )
    raise LedgerError(f"{path.name}：没有找到整改台账；表头要有“{NUMBER}”和“整改状态”")


def _stamp(sheets: Mapping[str, Grid], ledger: Ledger, path: Path) -> int:
    """The line of the log the workbook was exported at."""
    notes = sheets.get(NOTES_SHEET)
    stamp = next(
        (str(row[1]) for row in (notes.rows if notes else []) if len(row) > 1 and row[0] == STAMP), ""
    )
    site, _, seq = stamp.rpartition("@")
    if not re.fullmatch("[0-9]{1,12}", seq):
        raise LedgerError(
            f"{path.name}：“{NOTES_SHEET}”页里没有{STAMP}，认不出哪些格子改过；请用 xuncha ledger 导出的文件填写"
        )
    if site != ledger.site:
        raise LedgerError(f"{path.name}：这是 {site} 的台账，不是 {ledger.site} 的")
    if int(seq) > ledger.seq:
        raise LedgerError(f"{path.name}：导出这个文件的台账比现在的新，请核对台账是否被换成了旧的")
    return int(seq)


def _lines(grid: Grid, head: int, places: Mapping[str, int]) -> list[_Line]:
    found = []
    for row, cells in enumerate(grid.rows[head + 1 :], head + 1):
        mine = {field: cells[column] for field, column in places.items() if column < len(cells)}
        if all(cell == "" for cell in mine.values()):
            continue
        found.append(
            _Line(
                number=plain_text(str(mine.get(NUMBER, ""))).strip(),
                refs={field: grid.ref(row, column) for field, column in places.items()},
                cells=mine,
                formulas=frozenset(
                    field for field, column in places.items() if (row, column) in grid.formulas
                ),
            )
        )
    return found


def _edits(line: _Line, entry: Entry, then: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The fields that staff changed, as values; what was changed on both sides to different ends is a bad cell."""
    edits = {}
    for name, field in FIELDS.items():
        if field not in line.cells:
            continue
        if field in line.formulas:
            raise _BadCell(field, "是公式，请改成文字或日期")
        value = _READ[field](field, line.cells[field])
        now = _text(getattr(entry, field))
        before = then.get((entry.number, field), now).strip()
        said = _text(value)
        if said in (before, now):
            continue
        if now != before:
            raise _BadCell(
                field,
                f"{name}在导出时是“{before}”，表里改成“{said}”，台账里另外改成了“{now}”；请商定后改成一致",
            )
        edits[field] = value
    return edits


def _apply(ledger: Ledger, entry: Entry, edits: Mapping[str, Any], who: str, when: dt.datetime) -> None:
    """Make the edits of one row: what was filled in, then the recheck, then the step it leads to."""
    number, why = entry.number, str(edits.get("remark", ""))
    to = edits.get("state", entry.state)
    if "closed_on" in edits and to is not State.CLOSED:
        raise _BadCell("closed_on", "只有“已销号”的才写销号日期")
    filled = {
        name: edits[name] for name in ("office", "person", "measure", "deadline", "remark") if name in edits
    }
    if filled:
        _or_bad(
            "deadline" if "deadline" in filled else next(iter(filled)), ledger.fill, number, who, when, filled
        )
    if "recheck_at" in edits or "recheck_answer" in edits:
        answer = edits.get("recheck_answer", entry.recheck_answer)
        day = edits.get("recheck_at", when.astimezone(BEIJING).date())
        if not answer or day is None:
            field = "recheck_at" if "recheck_at" in edits else "recheck_answer"
            raise _BadCell(field, "复查时间和复查结果要一起写，写过的不能清空")
        _or_bad("recheck_answer", ledger.rechecked, number, answer, when, "", why, who=who, on=day)
    if "state" in edits and ledger.entry(number).state is not to:
        _or_bad("state", ledger.step, number, to, who, when, why, closed_on=edits.get("closed_on"))
    elif "closed_on" in edits:
        raise _BadCell("closed_on", "销号日期在销号时写定，不能另改")


def _or_bad(field: str, do: Callable[..., Entry], *values: Any, **named: Any) -> None:
    try:
        do(*values, **named)
    except LedgerError as error:
        raise _BadCell(field, say(str(error)).removeprefix(f"{values[0]}：")) from error


def _read_text(field: str, cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    text = plain_text(str(cell)).strip()
    if len(text) > LONGEST:
        raise _BadCell(field, f"有 {len(text)} 字，最多 {LONGEST} 字")
    return text


def _read_day(field: str, cell: Cell) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        day: dt.date | None = cell.date()
    elif isinstance(cell, dt.date):
        day = cell
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        # A day whose cell lost its date format: a serial number, or 20180416 typed as a number.
        day = _written(f"{cell:.0f}") if cell > 10_000_000 else _serial(cell)
    else:
        text = unicodedata.normalize("NFKC", str(cell)).strip()
        if not text:
            return None
        day = _written(text)
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise _BadCell(field, "不是日期，请写成 2018-04-16 这样")
    return day


def _serial(number: float) -> dt.date | None:
    return _EPOCH + dt.timedelta(days=int(number)) if 0 < number < 100_000 else None


def _written(text: str) -> dt.date | None:
    match = _DAY.fullmatch(text[:40])
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _choice(kind: type[StrEnum], empty: bool) -> Callable[[str, Cell], StrEnum | None]:
    words = "、".join(say(one.value) for one in kind)

    def read(field: str, cell: Cell) -> StrEnum | None:
        text = unicodedata.normalize("NFKC", plain_text(str(cell))).strip()
        if empty and not text:
            return None
        word = heard(text, kind)
        if word is None:
            raise _BadCell(field, f"应为其中之一：{words}")
        return kind(word)

    return read


_READ: Mapping[str, Callable[[str, Cell], Any]] = {
    **dict.fromkeys(_TEXTS, _read_text),
    **dict.fromkeys(("deadline", "recheck_at", "closed_on"), _read_day),
    "state": _choice(State, empty=False),
    "recheck_answer": _choice(Answer, empty=True),
}


def _text(value: Any) -> str:
    """A field as the log writes it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()


def _shown(cell: Cell) -> str:
    text = plain_text(str(cell))
    return text if len(text) <= 60 else text[:59] + "…"

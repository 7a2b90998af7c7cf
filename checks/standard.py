"""Standards: issued tables as data. One TOML file per table and year; an overlay extends another file.

A clause names the checks that serve it, its threshold and its points. Checks know none of this.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from checks.check import Check

FOLDER = Path(__file__).parent / "standards"
ADVICE = "advice"

PLANNED = frozenset(
    [
        "home-unreachable",
        "dead-link",
        "broken-attachment",
        "soft-404",
        "stale-home",
        "few-home-updates",
        "stale-column",
        "blank-column",
        "undated-article",
        "impossible-date",
        "suspect-date",
        "missing-item",
        "incomplete-item",
        "outdated-item",
        "contradicting-contact",
        "missing-division-of-work",
        "unanswered-message",
        "late-reply",
        "perfunctory-reply",
        "unseemly-reply",
        "serious-wording",
        "misused-word",
        "outdated-institution",
        "duplicated-text",
        "bad-numbering",
        "placeholder-text",
        "garbled-text",
        "foreign-body-text",
        "exposed-personal-data",
        "missing-footer-mark",
        "missing-page-tag",
        "missing-search",
        "bad-domain",
        "incomplete-guide",
        "vague-guide",
        "missing-form",
        "few-activities",
        "sum-mismatch",
        "number-mismatch",
        "redirect-loop",
        "mistyped-link",
        "private-address",
        "wrong-charset",
        "broken-anchor",
        "insecure-connection",
        "hijacked-link",
        "hidden-link",
        "expired-notice",
        "text-table-mismatch",
        "comparison-mismatch",
        "wrong-year",
        "missing-budget-part",
        "late-disclosure",
    ]
)
"""Ids a standard may name before the check exists; anything else unregistered is a misspelling."""


class StandardError(ValueError):
    """Raised when a standard's file cannot be used. One line: file, key, value, expectation."""


class Part(StrEnum):
    VETO = "veto"
    DEDUCT = "deduct"
    BONUS = "bonus"
    ADVISORY = "advisory"


class SourceStatus(StrEnum):
    """How sure a clause's wording and figures are. A recalled one may only advise."""

    CONFIRMED = "confirmed"
    DERIVED = "derived"
    RECALLED = "recalled"


class Per(StrEnum):
    """What a clause's points are counted by: each failed subject, the whole site, or each full per cent."""

    SUBJECT = "subject"
    SITE = "site"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One check serving a clause. `where` keeps the verdicts whose facts equal these values.

    A list in `where` means any of its values; an absent fact reads as False.
    `registered` False: the check is not built yet, so the clause cannot be examined.
    """

    __test__ = False

    check: str
    where: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    registered: bool = True

    def matches(self, facts: Mapping[str, Any]) -> bool:
        for name, wanted in self.where.items():
            if facts.get(name, False) not in (wanted if isinstance(wanted, tuple) else (wanted,)):
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One line of the table. Failures of all its tests are added up against one threshold:
    `at_least` subjects, or `ratio` of those examined (then `min_examined` must have been looked at).

    Exactly one of `tests`, `manual` (what a person must do) and `pending` (which check will come) is given.
    `text` is the rule in our words; `confirm` what a person should still look at after the tests.
    """

    id: str
    part: Part
    group: str
    indicator: str
    title: str
    text: str
    source_status: SourceStatus
    tests: tuple[Test, ...] = ()
    manual: str | None = None
    pending: str | None = None
    confirm: str | None = None
    points: Decimal | None = None
    per: Per = Per.SUBJECT
    at_least: int = 1
    ratio: Decimal | None = None
    min_examined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """二级指标 with its points: what its clauses take off or add together never exceeds `cap`."""

    part: Part
    group: str
    name: str
    cap: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How points add up. `multiply` rescales a shortened table; `bonus_gate` must be exceeded."""

    base: Decimal
    pass_mark: Decimal
    floor: Decimal = Decimal(0)
    bonus_gate: Decimal | None = None
    bonus_max: Decimal = Decimal(0)
    multiply: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A table of clauses in table order. `frame` None: only vetoes, no points.

    `official` False marks a reference that the issuer did not order for this kind of site; `note` says why.
    """

    id: str
    title: str
    document_no: str
    issuer: str
    valid_from: dt.date
    valid_to: dt.date | None
    source: str
    official: bool
    note: str
    frame: Frame | None
    indicators: tuple[Indicator, ...]
    clauses: tuple[Clause, ...]

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; KeyError when the table has none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)


def shipped() -> tuple[str, ...]:
    """Ids of the tables that come with the program."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != ADVICE))


def load(name: str | Path, checks: Iterable[Check]) -> Standard:
    """Read a shipped table by id or any table by path. `checks` are the registered ones.

    Raises StandardError on anything the file says that is not understood.
    """
    registered = {check.id: check for check in checks}
    raw = _resolve(_locate(name), ())
    advice = _read(FOLDER / f"{ADVICE}.toml")
    return _standard(_Table(str(raw.pop("_file")), "", raw), _Table(f"{ADVICE}.toml", "", advice), registered)


def _locate(name: str | Path, beside: Path | None = None) -> Path:
    path = Path(name)
    if path.suffix == ".toml":
        return path
    folders = (beside, FOLDER) if beside else (FOLDER,)
    for folder in folders:
        if (folder / f"{name}.toml").is_file():
            return folder / f"{name}.toml"
    raise StandardError(
        f"标准 {str(name)!r}：没有这张表，可用的有 {'、'.join(shipped())}，或给出 .toml 文件路径"
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except OSError as error:
        raise StandardError(
            f"{path.name}：读不到文件（{error.strerror}），应为一个可读的 TOML 文件"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StandardError(f"{path.name}：不是有效的 TOML（{error}）") from error


def _resolve(path: Path, chain: tuple[Path, ...]) -> dict[str, Any]:
    """The file's tables with every file it extends merged underneath."""
    if path.resolve() in chain:
        raise StandardError(f"{path.name}：extends = {chain[-1].stem!r}，不能绕回自己")
    raw = _read(path)
    extends = raw.pop("extends", None)
    if extends is not None:
        if not isinstance(extends, str):
            raise StandardError(f"{path.name}：extends = {extends!r}，应为一张表的 id 或文件路径")
        parent = path.parent / extends if extends.endswith(".toml") else _locate(extends, path.parent)
        raw = _overlay(path.name, _resolve(parent, (*chain, path.resolve())), raw)
    raw["_file"] = path.name
    return raw


def _overlay(file: str, base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = {**base, **{key: value for key, value in over.items() if key not in ("clause", "indicator")}}
    for key in ("scoring", "limits"):
        if isinstance(base.get(key), dict) and isinstance(over.get(key), dict):
            merged[key] = _deep(base[key], over[key])
    drop_groups = merged.pop("drop_groups", [])
    merged["indicator"] = _by_key(file, "indicator", base, over, ("part", "group", "name"))
    clauses = _by_key(file, "clause", base, over, ("id",))
    known = {clause.get("group") for clause in clauses}
    for group in drop_groups:
        if group not in known:
            raise StandardError(f"{file}：drop_groups = {group!r}，被扩展的表里没有这个一级指标")
    merged["clause"] = [
        {key: value for key, value in clause.items() if key != "drop"}
        for clause in clauses
        if not clause.get("drop")
        and not (clause.get("group") in drop_groups and clause.get("part") != "veto")
    ]
    merged["indicator"] = [row for row in merged["indicator"] if row.get("group") not in drop_groups]
    return merged


def _deep(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _deep(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _by_key(
    file: str, name: str, base: Mapping[str, Any], over: Mapping[str, Any], keys: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Rows of `over` laid on rows of `base` with the same key; new rows come after."""
    for table in (base, over):
        listed = table.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            raise StandardError(f"{file}：{name} = {listed!r}，应为若干个 [[{name}]]")
    rows: dict[str, dict[str, Any]] = {repr([row.get(k) for k in keys]): row for row in base.get(name, [])}
    ways = {"test", "manual", "pending"}
    for row in over.get(name, []):
        key = repr([row.get(k) for k in keys])
        old = rows.get(key, {})
        if ways & row.keys():
            old = {name: value for name, value in old.items() if name not in ways}
        rows[key] = {**old, **row}
    return list(rows.values())


_MISSING: Any = object()
E = TypeVar("E", bound=StrEnum)


class _Table:
    """One TOML table being read: every key is taken with its expectation, the rest is an error."""

    def __init__(self, file: str, where: str, raw: Any) -> None:
        if not isinstance(raw, dict):
            raise StandardError(f"{file}：{where} = {raw!r}，应为一个表")
        self.file, self.where, self.raw = file, where, dict(raw)

    def wrong(self, key: str, value: Any, expected: str) -> StandardError:
        shown = (
            "没有填写" if value is _MISSING else f"= {value if isinstance(value, Decimal) else repr(value)}"
        )
        return StandardError(f"{self.file}：{self.where}{key} {shown}，应为{expected}")

    def take(self, key: str, default: Any = _MISSING) -> Any:
        return self.raw.pop(key, default)

    def text(self, key: str, default: Any = _MISSING) -> Any:
        value = self.take(key, default)
        if (value is not default and (not isinstance(value, str) or not value.strip())) or value is _MISSING:
            raise self.wrong(key, value, "一段文字")
        return value

    def number(self, key: str, default: Any = _MISSING) -> Any:
        value = self.take(key, default)
        if value is default and value is not _MISSING:
            return value
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, Decimal))
            or not Decimal(value).is_finite()
            or value < 0
        ):
            raise self.wrong(key, value, "不小于 0 的数")
        return Decimal(value)

    def count(self, key: str, default: int, least: int) -> int:
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(key, value, f"不小于 {least} 的整数")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, value, " true 或 false")
        return value

    def date(self, key: str, default: Any = _MISSING) -> Any:
        value = self.take(key, default)
        if value is default and value is not _MISSING:
            return value
        if type(value) is not dt.date:
            raise self.wrong(key, value, "不带引号的日期，如 2019-04-01")
        return value

    def choice(self, key: str, kind: type[E], default: Any = _MISSING) -> E:
        value = self.take(key, default)
        if value is not _MISSING:
            try:
                return kind(value)
            except ValueError:
                pass
        raise self.wrong(key, value, " " + "、".join(kind) + " 之一")

    def tables(self, key: str) -> list[_Table]:
        value = self.take(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, value, f"若干个 [[{key}]]")
        return [
            _Table(self.file, f"{self.where}{key}[{number}].", row) for number, row in enumerate(value, 1)
        ]

    def table(self, key: str) -> dict[str, Any]:
        value = self.take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, value, "一个表")
        return value

    def done(self) -> None:
        for key, value in self.raw.items():
            raise StandardError(f"{self.file}：{self.where}{key} = {value!r}，不认识这个键")


def _standard(table: _Table, advice: _Table, registered: Mapping[str, Check]) -> Standard:
    limits = table.table("limits")
    for check, values in limits.items():
        _known(table, f"limits.{check}", check, registered)
        if not isinstance(values, dict):
            raise table.wrong(f"limits.{check}", values, "一个表")
    indicators = tuple(_indicator(row) for row in table.tables("indicator"))
    frame = _frame(table)
    rows = table.tables("clause")
    if table.flag("advice", True):
        rows += advice.tables("clause")
        advice.done()
    order = list(Part)
    clauses = sorted(
        (_clause(row, limits, registered) for row in rows), key=lambda clause: order.index(clause.part)
    )
    standard = Standard(
        id=table.text("id"),
        title=table.text("title"),
        document_no=table.text("document_no"),
        issuer=table.text("issuer"),
        valid_from=table.date("valid_from"),
        valid_to=table.date("valid_to", None),
        source=table.text("source"),
        official=table.flag("official", True),
        note=table.text("note", ""),
        frame=frame,
        indicators=indicators,
        clauses=tuple(clauses),
    )
    table.done()
    if standard.valid_to and standard.valid_to < standard.valid_from:
        raise StandardError(f"{table.file}：valid_to = {standard.valid_to}，不应早于 valid_from")
    _consistent(table.file, standard)
    return standard


def _frame(table: _Table) -> Frame | None:
    raw = table.table("scoring")
    if not raw:
        return None
    scoring = _Table(table.file, "scoring.", raw)
    multiply = scoring.take("multiply", "1")
    if not isinstance(multiply, str) or not re.fullmatch(r"[1-9]\d{0,3}(/[1-9]\d{0,3})?", multiply):
        raise scoring.wrong("multiply", multiply, '形如 "4/3" 的文字')
    frame = Frame(
        base=scoring.number("base"),
        pass_mark=scoring.number("pass_mark"),
        floor=scoring.number("floor", Decimal(0)),
        bonus_gate=scoring.number("bonus_gate", None),
        bonus_max=scoring.number("bonus_max", Decimal(0)),
        multiply=Fraction(multiply),
    )
    scoring.done()
    return frame


def _indicator(table: _Table) -> Indicator:
    indicator = Indicator(
        part=table.choice("part", Part),
        group=table.text("group"),
        name=table.text("name"),
        cap=table.number("cap"),
    )
    table.done()
    return indicator


def _clause(table: _Table, limits: Mapping[str, Any], registered: Mapping[str, Check]) -> Clause:
    clause_id = table.text("id")
    table.where = f"[{clause_id}]."
    tests = tuple(_test(row, limits, registered) for row in table.tables("test"))
    ratio = table.number("ratio", None)
    if ratio is not None and not 0 < ratio <= 1:
        raise table.wrong("ratio", ratio, "大于 0、不大于 1 的比例")
    part = table.choice("part", Part)
    clause = Clause(
        id=clause_id,
        part=part,
        group=table.text("group"),
        indicator=table.text("indicator", ""),
        title=table.text("title"),
        text=table.text("text"),
        source_status=table.choice("source_status", SourceStatus),
        tests=tests,
        manual=table.text("manual", None),
        pending=table.text("pending", None),
        confirm=table.text("confirm", None),
        points=table.number("points", None),
        per=table.choice("per", Per, Per.SUBJECT),
        at_least=table.count("at_least", 1, 1),
        ratio=ratio,
        min_examined=table.count("min_examined", 0, 0),
    )
    table.done()
    given = sum((bool(clause.tests), clause.manual is not None, clause.pending is not None))
    if given != 1:
        raise table.wrong("test", f"{given} 种", "[[clause.test]]、manual、pending 三者恰好一种")
    if (part in (Part.DEDUCT, Part.BONUS)) != (clause.points is not None):
        raise table.wrong("points", clause.points, "分值（扣分、加分条款必须有，其他条款不能有）")
    if clause.source_status is SourceStatus.RECALLED and part is not Part.ADVISORY:
        raise table.wrong("source_status", "recalled", "有出处的条款；凭印象的只能作为 advisory")
    return clause


def _known(table: _Table, key: str, check: Any, registered: Mapping[str, Check]) -> None:
    if not isinstance(check, str) or (check not in registered and check not in PLANNED):
        raise table.wrong(key, check, "一个检查项的 id")


def _test(table: _Table, limits: Mapping[str, Any], registered: Mapping[str, Check]) -> Test:
    check = table.take("check")
    _known(table, "check", check, registered)
    where = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in table.table("where").items()
    }
    merged = _inexact(_deep(limits.get(check, {}), table.table("limits")))
    if check in registered:
        for name in merged:
            if name not in registered[check].limits:
                names = "、".join(registered[check].limits) or "（无）"
                raise table.wrong(f"limits.{name}", merged[name], f"检查项 {check} 的限值之一：{names}")
    table.done()
    return Test(check=check, where=where, limits=merged, registered=check in registered)


def _inexact(value: Any) -> Any:
    """Limits as checks know them: points are counted exactly, measurements are floats."""
    if isinstance(value, dict):
        return {key: _inexact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_inexact(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def _consistent(file: str, standard: Standard) -> None:
    seen: set[str] = set()
    caps = {(row.part, row.group, row.name): row.cap for row in standard.indicators}
    for clause in standard.clauses:
        if clause.id in seen:
            raise StandardError(f"{file}：[{clause.id}].id = {clause.id!r}，编号不能重复")
        seen.add(clause.id)
        scored = clause.part in (Part.DEDUCT, Part.BONUS)
        if scored and standard.frame is None:
            raise StandardError(
                f"{file}：[{clause.id}].part = {clause.part.value!r}，有扣分或加分条款就应有 [scoring]"
            )
        if scored and caps and (clause.part, clause.group, clause.indicator) not in caps:
            raise StandardError(
                f"{file}：[{clause.id}].indicator = {clause.indicator!r}，应为 [[indicator]] 里列出的二级指标"
            )

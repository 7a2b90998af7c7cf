"""findings.db: assessments of one run, saved and read back whole. The only SQL of this floor."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from checks.assessment import Answered, Assessment, Glance, Score, TestResult, Waived
from checks.check import Citation, Finding, Grade, Outcome
from checks.mandated.calendar import DueSoon
from checks.noticed import Noticed
from checks.outlook import Countdown
from checks.standard import Standard
from crawler.evidence.database import Database
from crawler.evidence.records import Run

VERSION = 2

TABLES: Mapping[str, Mapping[str, type]] = {
    "run": {"id": str, "data": str},
    "assessments": {
        "position": int,
        "standard_id": str,
        "standard": str,
        "score": str,
        **dict.fromkeys(("outlook", "waived", "calendar", "noticed", "answers"), str),
    },
    "results": {
        "assessment": int,
        "position": int,
        "clause": str,
        "check": str,
        "outcome": str,
        "examined": int,
        "failed": int,
        "review": int,
        "complete": int,
        "findings": str,
        "reason": str,
    },
    "findings": {
        "assessment": int,
        "position": int,
        "id": str,
        "fingerprint": str,
        "check": str,
        "clause": str,
        "grade": str,
        "severity": str,
        "subject": str,
        "message": str,
        "fix": str,
        "facts": str,
        "places": int,
    },
    "citations": {
        "assessment": int,
        "finding": int,
        "position": int,
        "url": str,
        "seen_at": str,
        "quote": str,
        "where": str,
        "title": str,
    },
}


class StoreError(Exception):
    """Raised when a findings.db cannot be read: absent, damaged, or of another version."""


def save(path: Path, assessments: Sequence[Assessment]) -> None:
    """Write the assessments of one run, replacing the file in one step.

    Raises ValueError when they are of several runs or none.
    """
    if len({assessment.run.id for assessment in assessments}) != 1:
        raise ValueError("assessments of exactly one run expected")
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    connection = sqlite3.connect(fresh)
    try:
        database = Database(connection)
        with database.atomic():
            for name, columns in TABLES.items():
                database.table(name).create(dict(columns))
            run = assessments[0].run
            database.table("run").insert({"id": run.id, "data": _json(run)})
            for number, assessment in enumerate(assessments):
                _insert(database, number, assessment)
            _write(connection, "findings", _finding_rows(assessments))
            _write(connection, "citations", _citation_rows(assessments))
        connection.execute(f"pragma user_version = {VERSION}")
        connection.commit()
    finally:
        connection.close()
    os.replace(fresh, path)


def _insert(database: Database, number: int, assessment: Assessment) -> None:
    database.table("assessments").insert(
        {
            "position": number,
            "standard_id": assessment.standard.id,
            "standard": _json(assessment.standard),
            "score": _json(assessment.score),
            "outlook": _json(assessment.outlook),
            "waived": _json(assessment.waived),
            "calendar": _json(assessment.calendar),
            "noticed": _json(assessment.noticed),
            "answers": _json(assessment.answers),
        }
    )
    results = enumerate(assessment.results)
    rows = ((number, position, *_cells("results", result)) for position, result in results)
    _write(database.conn, "results", rows)


def _write(connection: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Insert whole rows, one at a time as they are made: a large site has thousands of findings."""
    connection.executemany(f"insert into {table} values ({','.join('?' * len(TABLES[table]))})", rows)


def _finding_rows(assessments: Sequence[Assessment]) -> Iterator[tuple[Any, ...]]:
    """A finding that several tables list is put into cells once; they differ in the clause it stands under."""
    listed: dict[str, list[tuple[int, int, Finding]]] = {}
    for number, assessment in enumerate(assessments):
        for position, finding in enumerate(assessment.findings):
            listed.setdefault(finding.fingerprint, []).append((number, position, finding))
    clause = _NAMES["findings"].index("clause")
    for same in listed.values():
        first = same[0][2]
        cells = _cells("findings", first)
        for number, position, finding in same:
            if finding is not first and finding != replace(first, clause=finding.clause):
                first, cells = finding, _cells("findings", finding)
            cells[clause] = finding.clause
            yield number, position, *cells


def _citation_rows(assessments: Sequence[Assessment]) -> Iterator[tuple[Any, ...]]:
    for number, assessment in enumerate(assessments):
        for position, finding in enumerate(assessment.findings):
            for place, citation in enumerate(finding.citations):
                yield number, position, place, *_cells("citations", citation)


_KEYS = frozenset(("assessment", "finding", "position"))
_NAMES = {table: [name for name in columns if name not in _KEYS] for table, columns in TABLES.items()}
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def _cells(table: str, record: Any) -> list[Any]:
    """What the columns of a table that have a record's fields hold of it."""
    cells = []
    for name in _NAMES[table]:
        value = _plain(getattr(record, name))
        cells.append(_SORTED.encode(value) if isinstance(value, (dict, list)) else value)
    return cells


def load(path: Path, *, whole: bool = True) -> tuple[Assessment, ...]:
    """All assessments of a findings.db, in the order they were saved. Raises StoreError.

    Without `whole` findings have no facts and no citations, which are most of a large file.
    """
    with _opened(path) as database:
        return _read(database, whole)


@contextmanager
def _opened(path: Path) -> Iterator[Database]:
    if not path.is_file():
        raise StoreError(f"{path.name}：没有这个文件")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        version = connection.execute("pragma user_version").fetchone()[0]
        if version != VERSION:
            raise StoreError(f"{path.name}：版本为 {version}，应为 {VERSION}；请用 xuncha check 重新判定")
        yield Database(connection)
    except (sqlite3.DatabaseError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path.name}：内容已损坏（{error}）") from error
    finally:
        connection.close()


def load_glance(path: Path) -> Glance:
    """The run of a findings.db in brief: no texts, no citations. Raises StoreError."""
    with _opened(path) as database:
        run: Run = _typed(Run, json.loads(next(database.table("run").rows)["data"]))
        scores = {
            row["standard_id"]: _typed(Score, json.loads(row["score"]))
            for row in database.query("select standard_id, score from assessments order by position")
        }
        # Dozens of runs are looked back on, which found much the same.
        kinds: dict[tuple[str, str], tuple[str, Grade]] = {}
        found = {
            sys.intern(row["fingerprint"]): kinds.setdefault(
                (row["check"], row["grade"]), (row["check"], Grade(row["grade"]))
            )
            for row in database.query(
                'select fingerprint, "check", grade from findings order by assessment, position'
            )
        }
        unseen = f"complete = 0 or outcome in ('{Outcome.NOT_EXAMINED.value}', '{Outcome.ERROR.value}')"
        examined = frozenset(
            row["check"]
            for row in database.query(
                f'select "check" from results where "check" is not null group by "check" having max({unseen}) = 0'
            )
        )
    return Glance(run_id=run.id, as_of=run.as_of, found=found, examined=examined, scores=scores)


def _read(database: Database, whole: bool) -> tuple[Assessment, ...]:
    run: Run = _typed(Run, json.loads(next(database.table("run").rows)["data"]))
    citations: dict[tuple[int, int], list[Citation]] = {}
    places = database.table("citations").rows_where(order_by="assessment, finding, position")
    for row in places if whole else ():
        citations.setdefault((row["assessment"], row["finding"]), []).append(_record(Citation, row))
    findings: dict[int, list[Finding]] = {}
    for row in database.table("findings").rows_where(order_by="assessment, position"):
        of = tuple(citations.get((row["assessment"], row["position"]), ()))
        ready: dict[str, Any] = {"citations": of} if whole else {"citations": (), "facts": {}}
        findings.setdefault(row["assessment"], []).append(_record(Finding, row, **ready))
    results: dict[int, list[TestResult]] = {}
    for row in database.table("results").rows_where(order_by="assessment, position"):
        results.setdefault(row["assessment"], []).append(_record(TestResult, row))
    return tuple(
        Assessment(
            run=run,
            site=run.site,
            standard=_typed(Standard, json.loads(row["standard"])),
            results=tuple(results.get(row["position"], ())),
            findings=tuple(findings.get(row["position"], ())),
            score=_typed(Score, json.loads(row["score"])),
            outlook=_typed(tuple[Countdown, ...], json.loads(row["outlook"])),
            waived=_typed(tuple[Waived, ...], json.loads(row["waived"])),
            calendar=_typed(tuple[DueSoon, ...], json.loads(row["calendar"])),
            # A file of an earlier version has no such columns.
            noticed=_typed(tuple[Noticed, ...], json.loads(row.get("noticed") or "[]")),
            answers=_typed(tuple[Answered, ...], json.loads(row.get("answers") or "[]")),
        )
        for row in database.table("assessments").rows_where(order_by="position")
    )


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """The record as JSON values: exact numbers, fractions and dates as text."""
    if type(value) is str:
        # A lone surrogate, as script data may hold, cannot be stored.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if value is None or type(value) in (bool, int, float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (Decimal, Fraction)):
        return str(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _columns(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    """(field, its type, whether a row holds it as JSON text) of a record."""
    return tuple(
        (name, hint, is_dataclass(hint) or get_origin(hint) in (tuple, Mapping))
        for name, hint in _hints(kind).items()
    )


def _record(kind: type, row: Mapping[str, Any], **ready: Any) -> Any:
    """A record from a row whose nested columns are JSON text."""
    values = dict(ready)
    for name, hint, nested in _columns(kind):
        if name not in values:
            value = row[name]
            values[name] = _typed(hint, json.loads(value) if nested else value)
    return kind(**values)


def _typed(hint: Any, value: Any) -> Any:
    if hint is str or hint is int:
        return value
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        if value is None:
            return None
        return _typed(next(one for one in arguments if one is not types.NoneType), value)
    if origin is tuple:
        return tuple(_typed(arguments[0], item) for item in value)
    if origin is Mapping:
        return {key: _typed(arguments[1], item) for key, item in value.items()}
    if hint is Any:
        return _frozen(value)
    if is_dataclass(hint):
        return hint(**{name: _typed(inner, value[name]) for name, inner in _hints(hint).items()})  # type: ignore[arg-type, operator]
    if hint is dt.datetime or hint is dt.date:
        return hint.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, (Enum, Decimal, Fraction, bool)):
        return hint(value)
    return value


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value

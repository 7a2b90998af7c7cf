"""Entries and findings as rows of ledger.db and back."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from checks.check import Citation, Finding, Grade, Severity, Subject
from reports.ledger.entry import BEIJING, Answer, Entry, State

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")

# Fields that are columns as they are.
SAME = (
    *("number", "fingerprint", "check", "message", "fix", "places", "first_run", "last_run"),
    *("gone_run", "office", "person", "measure", "remark"),
)


def plain_text(text: str) -> str:
    """Text fit to keep and print: no control or direction characters, no lone surrogates."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8"))


def moment(at: dt.datetime) -> str:
    """A time as it is stored: UTC, so that times compare as text."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def beijing_day(at: dt.datetime) -> dt.date:
    return at.astimezone(BEIJING).date()


def stored(value: Any) -> Any:
    """A field of an entry as its column holds it; texts cleaned."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return plain_text(str(value)) if isinstance(value, str) else value


def day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def finding_row(finding: Finding, clauses: Sequence[str]) -> dict[str, Any]:
    """What an entry keeps of a finding."""
    subject = finding.subject
    texts = {
        "fingerprint": finding.fingerprint,
        "check": finding.check,
        "grade": finding.grade.value,
        "severity": finding.severity.value,
        "kind": subject.kind,
        "key": _storable(subject.key),
        "url": _storable(subject.url or ""),
        "title": _storable(subject.title or ""),
        "column": _storable(subject.column or ""),
        "message": _storable(finding.message),
        "fix": _storable(finding.fix),
    }
    return {
        **texts,
        "clauses": _json(list(clauses)),
        "facts": _json(dict(finding.facts)),
        "places": finding.places,
        "citations": _json(
            [
                [one.url, one.seen_at.isoformat() if one.seen_at else None, one.quote, one.where, one.title]
                for one in finding.citations
            ]
        ),
    }


def entry(row: sqlite3.Row) -> Entry:
    """The entry of a row."""
    answer = row["recheck_answer"]
    values: dict[str, Any] = {name: row[name] for name in SAME}
    return Entry(
        **values,
        clauses=tuple(json.loads(row["clauses"])),
        grade=Grade(row["grade"]),
        severity=Severity(row["severity"]),
        subject=subject(row),
        facts=json.loads(row["facts"]),
        citations=tuple(
            Citation(
                url=url,
                seen_at=dt.datetime.fromisoformat(seen) if seen else None,
                quote=quote,
                where=where,
                title=title,
            )
            for url, seen, quote, where, title in json.loads(row["citations"])
        ),
        state=State(row["state"]),
        first_seen=dt.date.fromisoformat(row["first_seen"]),
        last_seen=dt.date.fromisoformat(row["last_seen"]),
        deadline=day(row["deadline"]),
        recheck_at=day(row["recheck_at"]),
        recheck_answer=Answer(answer) if answer else None,
        closed_on=day(row["closed_on"]),
    )


def subject(row: sqlite3.Row) -> Subject:
    return Subject(
        kind=row["kind"],
        key=row["key"],
        url=row["url"] or None,
        title=row["title"] or None,
        column=row["column"] or None,
    )


def _storable(text: str) -> str:
    """Without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _json(value: Any) -> str:
    return _storable(json.dumps(value, ensure_ascii=False, default=str))

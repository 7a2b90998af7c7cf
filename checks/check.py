"""What a check is and what it says. A check judges evidence; it knows no clause, no points, no clock."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MOST_CITATIONS = 1000
"""Places of a finding that are kept one by one; `Finding.places` counts all."""


class Grade(StrEnum):
    """The verdict on one subject: `fail` is certain, `review` needs a person."""

    OK = "ok"
    FAIL = "fail"
    REVIEW = "review"


class Outcome(StrEnum):
    """The outcome of a clause's test, derived by the runner from verdicts and coverage."""

    PASS = "pass"
    FAIL = "fail"
    REVIEW = "review"
    NOT_APPLICABLE = "not-applicable"
    NOT_EXAMINED = "not-examined"
    ERROR = "error"


class Severity(StrEnum):
    VETO = "veto"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was judged. `key` identifies it across runs: never wording, order or run."""

    kind: str
    key: str
    url: str | None = None
    title: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where it was seen. `quote` is the passage as a reader sees it, `where` zone, selector or offset."""

    url: str
    seen_at: dt.datetime | None = None
    quote: str = ""
    where: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One per subject looked at, good ones too: the runner counts the denominator.

    `facts` are named values for the check's message and fix templates.
    `variant` picks another message/fix pair of the check (see `Check.variants`).
    `severity` overrides the check's severity for this subject.
    """

    grade: Grade
    subject: Subject
    facts: Mapping[str, Any] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()
    variant: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check's identity and wording. `needs` names the coverage kinds it judges from.

    `limits` holds the default of every limit a standard may set. `message` and `fix` are
    `str.format` templates over a verdict's facts, in Chinese. `variants`: name -> (message, fix).
    """

    id: str
    title: str
    severity: Severity
    needs: tuple[str, ...]
    message: str
    fix: str
    limits: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault as it is handed over, self-contained: a report needs no evidence."""

    id: str
    fingerprint: str
    check: str
    clause: str
    grade: Grade
    severity: Severity
    subject: Subject
    message: str
    fix: str
    facts: Mapping[str, Any]
    places: int
    citations: tuple[Citation, ...]


def fingerprint(check_id: str, subject_key: str) -> str:
    """The lasting identity of a finding: 16 hex digits of check and subject key."""
    return hashlib.sha256(f"{check_id}\0{subject_key}".encode("utf-8", "replace")).hexdigest()[:16]

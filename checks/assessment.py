"""What an audit comes to: results of every clause's tests, the findings, and the score, as frozen records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from checks.check import Finding, Grade, Outcome, Subject
from checks.mandated.calendar import DueSoon
from checks.noticed import Noticed
from checks.outlook import Countdown
from checks.standard import Part, Standard
from crawler.evidence.records import Run, Site


class Standing(StrEnum):
    """Where the site stands under one standard."""

    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """The result of one test of a clause. `check` is None for a clause that no check serves.

    `complete` False when evidence was partial: what failed stands, more may exist.
    `findings` are ids of findings behind `failed` and `review`, in report order.
    A person's answer to a manual clause is a result too: check None, outcome pass, fail or not-applicable.
    """

    __test__ = False

    clause: str
    check: str | None
    outcome: Outcome
    examined: int = 0
    failed: int = 0
    review: int = 0
    complete: bool = True
    findings: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseScore:
    """What one clause comes to, over all its tests.

    `reached` and `line` are the distance to the clause's threshold, in subjects or, with `ratio`, as a
    share of those examined. `marks` is what the clause takes off (deduct) or adds (bonus) after caps,
    `uncapped` before. `open` True when it could still change the result. `shares` spreads `marks` over
    findings in order, so that the marks of a list add up to the score.
    """

    clause: str
    part: Part
    outcome: Outcome
    examined: int
    failed: int
    review: int
    reached: Decimal
    line: Decimal
    ratio: bool
    open: bool
    reason: str
    marks: Decimal = Decimal(0)
    uncapped: Decimal = Decimal(0)
    shares: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score under one standard.

    `vetoes` are the clauses that ended it. `total` is None after a veto, when the standard gives no
    points, or when undecided. `at_most` and `at_least` bound it (at_least None: no bound known).
    `blocked_by` are the clauses that must be settled before standing and total are final.
    """

    standing: Standing
    vetoes: tuple[str, ...]
    deducted: Decimal
    bonus: Decimal
    total: Decimal | None
    at_most: Decimal | None
    at_least: Decimal | None
    blocked_by: tuple[str, ...]
    clauses: tuple[ClauseScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A fault that a waiver of the site's configuration covers: shown, not counted."""

    check: str
    subject: Subject
    reason: str
    owner: str
    until: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a person answered to a clause: clean, faulty, not-applicable, done or not-done, with the number of faults."""

    clause: str
    result: str
    count: int
    by: str
    on: dt.date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One run judged by one standard. Self-contained: reports need nothing else."""

    run: Run
    site: Site
    standard: Standard
    results: tuple[TestResult, ...]
    findings: tuple[Finding, ...]
    score: Score
    outlook: tuple[Countdown, ...] = ()
    waived: tuple[Waived, ...] = ()
    calendar: tuple[DueSoon, ...] = ()
    noticed: tuple[Noticed, ...] = ()
    answers: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A run in brief, to compare with later ones. `found`: fingerprint -> (check, grade); `examined`: checks
    that saw everything they needed; `scores` by table.
    """

    run_id: str
    as_of: dt.date
    found: Mapping[str, tuple[str, Grade]]
    examined: frozenset[str]
    scores: Mapping[str, Score]

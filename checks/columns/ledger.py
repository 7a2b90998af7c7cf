"""The column ledger: how long each column may sleep, how long it has slept, when to wake it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from checks.check import Grade, Verdict
from checks.columns import blank_column, stale_column
from checks.columns.exemptions import Exemption, exemptions
from checks.columns.windows import forward, words
from checks.standard import Standard
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column

LEAD = dt.timedelta(days=30)
"""The warning comes a quarter of the window before its end, at most this long."""


class State(StrEnum):
    FRESH = "fresh"
    DUE_SOON = "due-soon"
    STALE = "stale"
    MAYBE_STALE = "maybe-stale"
    BLANK = "blank"
    MAYBE_BLANK = "maybe-blank"
    UNDATED = "undated"
    UNREADABLE = "unreadable"
    EXEMPT = "exempt"
    UNBOUND = "unbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One column. `window` None when the table binds no such class, `window_words` says so; `basis` is the passage the date was read from.

    `reason` says why it is exempt, `until` the last day of that; once lapsed both stay while the state does not.

    `due_on` is the last day on which the newest item still counts, `warn_on` the day to be warned before it.
    """

    path: tuple[str, ...]
    url: str
    column_class: str
    window: str | None
    window_words: str
    newest: dt.date | None
    basis: str
    newest_title: str
    newest_url: str | None
    age_days: int | None
    state: State
    reason: str
    until: dt.date | None
    due_on: dt.date | None
    warn_on: dt.date | None

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def class_words(self) -> str:
        return stale_column.CLASS_WORDS.get(self.column_class, self.column_class)


def ledger(evidence: Evidence, standard: Standard) -> tuple[Line, ...]:
    """Every column of a run under one table, in the order of the site."""
    ages = _limits(standard, stale_column.CHECK.id, stale_column.CHECK.limits)
    blank: dict[tuple[str, str | None], Grade] = {}
    limits = _limits(standard, blank_column.CHECK.id, blank_column.CHECK.limits)
    for verdict in blank_column.examine(evidence, limits):
        blank[verdict.subject.key, verdict.subject.url] = verdict.grade
    freed = exemptions(evidence.run)
    verdicts = {(v.subject.key, v.subject.url): v for v in stale_column.examine(evidence, ages)}
    return tuple(
        _line(
            column,
            ages,
            evidence.run.as_of,
            blank.get(("/".join(column.path), column.url)),
            next((one for one in freed if one.covers(column)), None),
            verdicts.get(("/".join(column.path), column.url)),
        )
        for column in evidence.columns()
    )


def _limits(standard: Standard, check: str, defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table's limits of a check; the check's own where the table has none."""
    tests = (test for clause in standard.clauses for test in clause.tests if test.check == check)
    test = next(tests, None)
    return {**defaults, **(test.limits if test else {})}


def _line(
    column: Column,
    ages: Mapping[str, Any],
    as_of: dt.date,
    blank: Grade | None,
    freed: Exemption | None,
    verdict: Verdict | None,
) -> Line:
    newest = column.newest
    window = ages["windows"].get(column.column_class)
    due_on = forward(newest.date, window) if newest and window and not column.exempt else None
    warn_on = due_on - min(LEAD, (due_on - newest.date) / 4) if due_on and newest else None
    return Line(
        path=column.path,
        url=column.url,
        column_class=column.column_class,
        window=window,
        window_words=words(window) if window else ages["unbound"].get(column.column_class, "本表没有规定"),
        newest=newest.date if newest else None,
        basis=(newest.quote or newest.source) if newest else "",
        newest_title=column.newest_title or "",
        newest_url=column.newest_url,
        age_days=(as_of - newest.date).days if newest else None,
        state=_state(column, as_of, blank, warn_on, verdict),
        reason=column.exempt or (freed.reason if freed else ""),
        until=freed.until if freed else None,
        due_on=due_on,
        warn_on=warn_on,
    )


def _state(
    column: Column, as_of: dt.date, blank: Grade | None, warn_on: dt.date | None, verdict: Verdict | None
) -> State:
    if column.exempt:
        return State.EXEMPT
    if not column.readable:
        return State.UNREADABLE
    if blank in (Grade.FAIL, Grade.REVIEW):
        return State.BLANK if blank is Grade.FAIL else State.MAYBE_BLANK
    if verdict is None:
        return State.UNBOUND
    if verdict.grade is not Grade.OK:
        return _STATES.get(verdict.variant or "", State.STALE)
    return State.DUE_SOON if warn_on and as_of >= warn_on else State.FRESH


_STATES = {
    "undated": State.UNDATED,
    "unclear": State.MAYBE_STALE,
    "aside": State.MAYBE_STALE,
    "partly": State.MAYBE_STALE,
    "unseen": State.UNREADABLE,
    "unreadable": State.UNREADABLE,
}
"""What a verdict's variant means for the state; a verdict without one is a plain fault."""

"""When a veto line would be crossed if nobody published anything, and what would prevent it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from checks.check import Subject
from checks.standard import Clause

HORIZON = dt.timedelta(days=30)
"""A crossing within this time of the monitoring point is a danger to be averted now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """The first day on which a subject counts as failed if it is left alone."""

    day: dt.date
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """The way to one veto line: `failing` of `line` today, `crosses_on` the day it is reached, None when it never is.

    `update` is the smallest set of subjects whose renewal keeps the clause below its line for the horizon.
    """

    clause: str
    title: str
    failing: int
    line: int
    crosses_on: dt.date | None
    update: tuple[Crossing, ...]


def countdown(clause: Clause, failed: int, crossings: Sequence[Crossing], as_of: dt.date) -> Countdown | None:
    """The countdown of a veto clause that counts subjects; `failed` counts those beyond help of renewal too.

    None when time cannot bring the clause nearer to its line.
    """
    if clause.ratio is not None or not crossings:
        return None
    ahead = sorted((c for c in crossings if c.day > as_of), key=lambda c: (c.day, c.subject.key))
    stale = sorted((c for c in crossings if c.day <= as_of), key=lambda c: (c.day, c.subject.key))
    missing = clause.at_least - failed
    if missing <= 0:
        crosses_on: dt.date | None = as_of
    else:
        crosses_on = ahead[missing - 1].day if len(ahead) >= missing else None
    soon = [c for c in ahead if c.day <= as_of + HORIZON]
    needed = max(0, failed + len(soon) - (clause.at_least - 1))
    return Countdown(
        clause=clause.id,
        title=clause.title,
        failing=failed,
        line=clause.at_least,
        crosses_on=crosses_on,
        update=tuple((stale + soon)[:needed]),
    )

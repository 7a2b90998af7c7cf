"""What the ledger holds: one entry a problem, its state, and the lines of its log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from checks.check import Citation, Grade, Severity, Subject

BEIJING = dt.timezone(dt.timedelta(hours=8))


class State(StrEnum):
    """整改状态, in the words people pick from."""

    TO_ISSUE = "待下发"
    OPEN = "待整改"
    UNDER_WAY = "整改中"
    REPORTED = "已整改待复查"
    NOT_MENDED = "复查未通过"
    CLOSED = "已销号"
    WAIVED = "无需整改"
    APPEALED = "申诉中"


class Answer(StrEnum):
    """复查结果. The last three say that the fault could not be judged again."""

    FIXED = "已整改"
    NOT_FIXED = "未整改"
    PARTLY = "部分整改"
    UNREACHABLE = "页面不可访问"
    CHANGED = "原文已变更无法比对"
    BLOCKED = "受阻未能复查"

    @property
    def seen(self) -> bool:
        """Whether the answer was seen, so that a state may follow from it."""
        return self in (Answer.FIXED, Answer.NOT_FIXED, Answer.PARTLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One problem under its lasting number.

    `fingerprint` and `subject` are those of the latest run that saw it, `citations` its places then
    (`places` counts all of them). `last_run` is that run; `gone_run` a later one that looked everywhere
    and did not find it. Days are Beijing days. For 无需整改 `person` decided, `remark` says why,
    `deadline` is the last day it holds.
    """

    number: str
    fingerprint: str
    check: str
    clauses: tuple[str, ...]
    grade: Grade
    severity: Severity
    subject: Subject
    message: str
    fix: str
    facts: Mapping[str, Any]
    places: int
    citations: tuple[Citation, ...]
    state: State
    first_run: str
    first_seen: dt.date
    last_run: str
    last_seen: dt.date
    gone_run: str = ""
    office: str = ""
    person: str = ""
    measure: str = ""
    deadline: dt.date | None = None
    recheck_at: dt.date | None = None
    recheck_answer: Answer | None = None
    closed_on: dt.date | None = None
    remark: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """Addresses the fault is about, web addresses only: the subject's, and the link's target."""
        candidates = (self.subject.url, self.facts.get("target_url"), self.facts.get("url"), self.subject.key)
        return _addresses(candidates)

    @property
    def pages(self) -> tuple[str, ...]:
        """Addresses of the pages it was seen on, each once."""
        return _addresses(citation.url for citation in self.citations)

    def overdue(self, day: dt.date) -> bool:
        """Whether its deadline has passed and the office still owes something."""
        owing = (State.TO_ISSUE, State.OPEN, State.UNDER_WAY, State.NOT_MENDED)
        return self.state in owing and self.deadline is not None and self.deadline < day


def _addresses(candidates: Any) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            one for one in candidates if isinstance(one, str) and one.startswith(("http://", "https://"))
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The entries a sheet shows, and its stamp: which ledger, up to which line of its log."""

    entries: tuple[Entry, ...]
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """What happened to an entry. `field` names what changed ("state", "office" …), "" for a plain note."""

    seq: int
    number: str
    at: dt.datetime
    who: str
    field: str
    old: str
    new: str
    why: str
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this site's ledger is kept.

    `second_person`: who signs off must be neither the 责任人 nor who reported it mended. `auto_sign_off`: a
    recheck that saw it mended signs off. `working_days`: severity -> days to mend.
    """

    second_person: bool = False
    auto_sign_off: bool = False
    working_days: Mapping[str, int] = field(default_factory=dict)

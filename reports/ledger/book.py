"""ledger.db: opened, taken in, stepped through. Every change is one transaction with its line in the log."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database

from checks.assessment import Assessment
from checks.check import Finding, Grade
from checks.interaction.workdays import after
from checks.waiver import Waiver
from reports.errors import LedgerError
from reports.ledger import proof, rows, runs, schema
from reports.ledger.entry import Answer, Entry, Kept, LogLine, Settings, State
from reports.ledger.identity import Sighting, moved
from reports.ledger.rows import plain_text
from reports.ledger.steps import default_settings, following, steps

BY_PROGRAM = "巡查"
BUSY_SECONDS = 300.0
# What people fill in besides the state, by field of the entry.
FILLED = ("office", "person", "measure", "deadline", "remark")
LONGEST = 2_000
"""Characters of a text that people fill in."""


_KNOWN = 'number, "check", clauses, kind, "key", url, title, "column", places, state, state_at, last_run, gone_run, deadline'
"""What taking in a run asks of the entries there are; their texts and places are most of a large ledger."""


def open_ledger(path: Path) -> Ledger:
    """Open the ledger of a site, making it when there is none. Raises LedgerError."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.Error as error:
        raise LedgerError(f"{path}：打不开台账（{error}）") from error
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("begin immediate")
        version = connection.execute("pragma user_version").fetchone()[0]
        if version == 0:
            schema.create(connection)
        if version in (0, schema.VERSION):
            proof.prepare(connection)
        connection.execute("commit")
    except sqlite3.Error as error:
        connection.close()
        raise LedgerError(f"{path}：台账读不出（{error}）") from error
    if version not in (0, schema.VERSION):
        connection.close()
        raise LedgerError(f"{path}：台账版本为 {version}，本程序能读的是 {schema.VERSION}")
    return Ledger(connection, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a run brought. `assessments` carry the ledger's numbers; the rest are numbers of entries.

    `older` True: a run before the latest one taken in; nothing was written.
    """

    assessments: tuple[Assessment, ...]
    new: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    not_mended: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    older: bool = False


class Ledger:
    """An open ledger. A context manager; closing it loses nothing."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._database = Database(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def entries(self, state: State | None = None) -> list[Entry]:
        """All entries in the order they were first taken in, or those of one state."""
        where, values = (" where state = ?", (state.value,)) if state else ("", ())
        found = self._connection.execute(f"select * from entries{where} order by rowid", values)
        return [rows.entry(row) for row in found]

    def entry(self, number: str) -> Entry:
        """One entry. Raises LedgerError when there is no such number."""
        return rows.entry(self._row(number))

    def log(self, number: str | None = None) -> list[LogLine]:
        """The log, of one entry or of all, oldest first."""
        where, values = ("where number = ?", (number,)) if number else ("", ())
        return [
            LogLine(**{**dict(row), "at": dt.datetime.fromisoformat(row["at"])})
            for row in self._connection.execute(f"select * from log {where} order by seq", values)
        ]

    @property
    def seq(self) -> int:
        """The number of the last line of the log: what an exported sheet is stamped with."""
        return int(self._connection.execute("select coalesce(max(seq), 0) from log").fetchone()[0])

    def proof(self) -> tuple[str, list[str]]:
        """The hash over the whole log, to be noted elsewhere, and what does not agree with it. Raises LedgerError."""
        try:
            return proof.head(self._connection)[1], list(proof.faults(self._connection))
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path}：台账读不出（{error}）") from error

    def kept(self, numbers: Container[str] | None = None) -> Kept | None:
        """The entries, or those of `numbers`, stamped for a sheet; None before the first run was taken in."""
        if not self.site:
            return None
        entries = tuple(one for one in self.entries() if numbers is None or one.number in numbers)
        return Kept(entries=entries, stamp=f"{self.site}@{self.seq}")

    def values_at(self, seq: int) -> dict[tuple[str, str], str]:
        """What fields held after line `seq` of the log, as text, by (number, field): only those changed since."""
        lines = self._connection.execute(
            "select number, field, old from log where seq > ? and field != '' order by seq desc", (seq,)
        )
        return {(line["number"], line["field"]): line["old"] for line in lines}

    @property
    def site(self) -> str:
        """The id of the site whose runs were taken in; "" before the first."""
        return str(self._settings().get("site", ""))

    @property
    def latest_run(self) -> str:
        """The id of the latest run taken in. Raises LedgerError before the first."""
        row = self._connection.execute("select id from runs order by started_at desc, id desc").fetchone()
        if row is None:
            raise LedgerError(f"{self.path}：还没有记入任何一次检查")
        return str(row["id"])

    @property
    def settings(self) -> Settings:
        """How this ledger is kept."""
        kept = self._settings()
        default = default_settings()
        return Settings(
            **{field.name: kept.get(field.name, getattr(default, field.name)) for field in fields(Settings)}
        )

    def keep(self, settings: Settings) -> None:
        """Change how the ledger is kept. Raises LedgerError when the settings contradict each other."""
        if settings.second_person and settings.auto_sign_off:
            raise LedgerError("second_person 与 auto_sign_off 不能同时打开：自动销号没有第二个人")
        with self.writing():
            for field in fields(Settings):
                self._keep(field.name, getattr(settings, field.name))

    def waivers(self, as_of: dt.date) -> tuple[Waiver, ...]:
        """What need not be mended and still holds at the monitoring point, for the next check."""
        reasons = {
            row["number"]: row["why"]
            for row in self._connection.execute(
                "select number, why from log where field = 'state' and new = ? order by seq", (State.WAIVED,)
            )
        }
        return tuple(
            Waiver(
                check=entry.check,
                url=entry.subject.key,
                pattern=None,
                reason=reasons.get(entry.number, entry.remark),
                owner=entry.person,
                until=entry.deadline,
            )
            for entry in self.entries(State.WAIVED)
            if entry.deadline is not None and entry.deadline >= as_of
        )

    def step(
        self,
        number: str,
        to: State,
        who: str,
        when: dt.datetime,
        why: str = "",
        *,
        until: dt.date | None = None,
        closed_on: dt.date | None = None,
        run_id: str = "",
    ) -> Entry:
        """Move an entry to another state. `when` is aware; `until` the last day of 无需整改; `closed_on` of paper sign-offs.

        Issuing and reopening set the deadline in working days where there is none. Raises LedgerError.
        """
        with self.writing():
            row = self._row(number)
            entry = rows.entry(row)
            who, why = plain_text(who).strip(), plain_text(why).strip()
            self._may(entry, to, who, why, until or entry.deadline, rows.beijing_day(when))
            changes: dict[str, Any] = {}
            if to is State.WAIVED:
                changes = {"deadline": until or entry.deadline, "person": entry.person or who}
            elif until is not None:
                changes = {"deadline": until}
            elif to is State.OPEN and (entry.deadline is None or entry.state in (State.CLOSED, State.WAIVED)):
                changes = {"deadline": self._deadline(entry, rows.beijing_day(when))}
            if to is State.CLOSED:
                changes["closed_on"] = closed_on or rows.beijing_day(when)
            elif entry.state is State.CLOSED:
                changes["closed_on"] = None
            self._change(row, {**changes, "state": to}, who=who, when=when, why=why, run=run_id)
        return self.entry(number)

    def fill(
        self, number: str, who: str, when: dt.datetime, changes: Mapping[str, Any], why: str = ""
    ) -> Entry:
        """Fill in office, person, measure, deadline or remark. Raises LedgerError."""
        other = [name for name in changes if name not in FILLED]
        if other:
            raise LedgerError(f"{number}：{'、'.join(other)} 不能这样改；可以填的有 {'、'.join(FILLED)}")
        texts = {
            name: plain_text(value) if isinstance(value, str) else value for name, value in changes.items()
        }
        for name, value in texts.items():
            if isinstance(value, str) and len(value) > LONGEST:
                raise LedgerError(f"{number}：{name} 有 {len(value)} 字，最多 {LONGEST} 字")
        with self.writing():
            self._change(self._row(number), texts, who=plain_text(who), when=when, why=plain_text(why))
        return self.entry(number)

    def rechecked(
        self,
        number: str,
        answer: Answer,
        when: dt.datetime,
        run_id: str = "",
        note: str = "",
        *,
        who: str = BY_PROGRAM,
        on: dt.date | None = None,
    ) -> Entry:
        """Record what looking again (that day, or `on`) came to: a fault seen again is 复查未通过, or open once more.

        What could not be seen changes no state; what was seen mended is signed off by a person, or here when
        the settings say so. Raises LedgerError.
        """
        with self.writing():
            row = self._row(number)
            state = State(row["state"])
            self._change(
                row,
                {"recheck_at": on or rows.beijing_day(when), "recheck_answer": answer},
                who=who,
                when=when,
                why=note,
                run=run_id,
            )
            bad = answer in (Answer.NOT_FIXED, Answer.PARTLY)
            why = note or f"复查结果：{answer}"
            if bad and state is State.REPORTED:
                self.step(number, State.NOT_MENDED, who, when, why, run_id=run_id)
            elif bad and state is State.CLOSED:
                self.step(number, State.OPEN, who, when, why, run_id=run_id)
            elif answer is Answer.FIXED and state is State.REPORTED and self.settings.auto_sign_off:
                self.step(number, State.CLOSED, who, when, why, run_id=run_id)
        return self.entry(number)

    def take_in(self, assessments: Sequence[Assessment]) -> Taken:
        """Take in the findings of one run; the same run again changes nothing that people have decided since.

        New findings get a number and wait to be issued; known ones keep theirs, also where their page moved; what
        was signed off and is back is opened again. Nothing is closed here: what a complete look did not find is
        marked as gone. Raises LedgerError.
        """
        if len({assessment.run.id for assessment in assessments}) != 1:
            raise ValueError("assessments of exactly one run expected")
        run = assessments[0].run
        with self.writing():
            if self.site and self.site != run.site.id:
                raise LedgerError(f"{self.path}：这是 {self.site} 的台账，不能记入 {run.site.id} 的结果")
            numbers = {
                row["fingerprint"]: row["number"]
                for row in self._connection.execute("select * from names order by rowid")
            }
            latest = self._connection.execute("select max(started_at) from runs").fetchone()[0]
            if latest is not None and rows.moment(run.started_at) < latest:
                return Taken(assessments=self._renamed(assessments, numbers), older=True)
            taken = self._take(assessments, numbers)
            self._keep("site", run.site.id)
            self._connection.execute(
                "insert into runs values (?, ?, ?, ?) on conflict (id) do nothing",
                (run.id, run.as_of.isoformat(), rows.moment(run.started_at), run.site.home_url),
            )
            return replace(taken, assessments=self._renamed(assessments, numbers))

    def _take(self, assessments: Sequence[Assessment], numbers: dict[str, str]) -> Taken:
        run = assessments[0].run
        found = runs.found(assessments)
        clauses = runs.clauses_of(assessments)
        known = {
            row["number"]: row
            for row in self._connection.execute(f"select {_KNOWN} from entries order by rowid")
        }
        # A page that moved and is there again at its old address too: the number stays with the older name.
        owner: dict[str, str] = {}
        for mark in [mark for mark in numbers if mark in found]:
            if owner.setdefault(numbers[mark], mark) != mark:
                del numbers[mark]
        seen = set(owner)
        looked = runs.looked(assessments)
        waived = {(one.check, one.subject.key) for assessment in assessments for one in assessment.waived}
        gone = {
            number: row
            for number, row in known.items()
            if number not in seen
            and not row["gone_run"]
            and row["last_run"] != run.id
            and any((clause, row["check"]) in looked for clause in json.loads(row["clauses"]))
            and (row["check"], row["key"]) not in waived
        }
        homes = {row["id"]: row["home"] for row in self._connection.execute("select id, home from runs")}
        pairs = moved(
            [
                Sighting(
                    name=number,
                    check=row["check"],
                    subject=rows.subject(row),
                    home=homes.get(row["last_run"], ""),
                )
                for number, row in gone.items()
            ],
            [
                Sighting(name=mark, check=one.check, subject=one.subject, home=run.site.home_url)
                for mark, one in found.items()
                if mark not in numbers
            ],
        )
        at = run.finished_at or run.started_at
        taken = set(known)
        new, reopened, not_mended, relocated = [], [], [], []
        for mark, finding in found.items():
            seen_now = {
                **rows.finding_row(finding, clauses.get(mark, (finding.clause,))),
                "last_run": run.id,
                "last_seen": run.as_of.isoformat(),
                "gone_run": "",
            }
            number = numbers.get(mark) or pairs.get(mark)
            if number is None:
                number = finding.id if finding.id not in taken else f"{finding.check}-{mark}"
                taken.add(number)
                self._insert(number, seen_now, run.id, at)
                new.append(number)
            else:
                row = known[number]
                self._set(number, seen_now)
                if mark in pairs:
                    relocated.append(number)
                    self._note(number, at, f"页面换了地址：{row['key']} → {finding.subject.key}", run.id)
                if row["gone_run"]:
                    self._note(number, at, "又看到了", run.id)
                state = self._follow(row, finding, assessments[0], at)
                if state in (State.OPEN, State.TO_ISSUE):
                    reopened.append(number)
                elif state is State.NOT_MENDED:
                    not_mended.append(number)
            if mark not in numbers:
                numbers[mark] = number
                self._connection.execute(
                    "insert into names values (?, ?) on conflict (fingerprint) do update set number = excluded.number",
                    (mark, number),
                )
        lost = [number for number in gone if number not in relocated]
        for number in lost:
            self._set(number, {"gone_run": run.id})
            self._note(number, at, "这一次查全了，没有再发现", run.id)
        return Taken(
            assessments=tuple(assessments),
            new=tuple(new),
            reopened=tuple(reopened),
            not_mended=tuple(not_mended),
            moved=tuple(relocated),
            gone=tuple(lost),
        )

    def _follow(self, row: sqlite3.Row, finding: Finding, look: Assessment, at: dt.datetime) -> State | None:
        """What seeing a known fault again does to its state; None when nothing. Only a later look than the state counts."""
        state = State(row["state"])
        if state is State.WAIVED:
            until = rows.day(row["deadline"])
            if until is not None and until >= look.run.as_of:
                return None
            self.step(row["number"], State.OPEN, BY_PROGRAM, at, "豁免已到期，问题还在", run_id=look.run.id)
            return State.OPEN
        if rows.moment(look.run.started_at) <= row["state_at"] or state not in (State.CLOSED, State.REPORTED):
            return None
        certain = finding.grade is Grade.FAIL
        if state is State.REPORTED and not certain:
            self._note(row["number"], at, "仍被提示，请人工核实", look.run.id)
            return None
        if certain:
            answer = Answer.PARTLY if finding.places < row["places"] else Answer.NOT_FIXED
            self.rechecked(row["number"], answer, at, look.run.id, "全站检查时又发现")
            return State.OPEN if state is State.CLOSED else State.NOT_MENDED
        self.step(row["number"], State.TO_ISSUE, BY_PROGRAM, at, "全站检查时又提示", run_id=look.run.id)
        return State.TO_ISSUE

    def _may(self, entry: Entry, to: State, who: str, why: str, until: dt.date | None, day: dt.date) -> None:
        """Raise LedgerError unless the step is allowed and everything it needs is said."""
        step = steps().get((entry.state, to))
        if step is None:
            allowed = "、".join(following(entry.state)) or "没有"
            raise LedgerError(f"{entry.number}：现在是“{entry.state}”，不能改成“{to}”；可以改成：{allowed}")
        start = f"{entry.number}：从“{entry.state}”到“{to}”（{step.name}）"
        if not who:
            raise LedgerError(f"{start}要写明经办人")
        if "why" in step.needs and not why:
            raise LedgerError(f"{start}要写明理由")
        if "until" in step.needs and (until is None or until < day):
            raise LedgerError(f"{start}要写明到期日，不早于 {day}")
        if "proof" in step.needs and entry.recheck_answer is not Answer.FIXED and not why:
            raise LedgerError(f"{start}要有“已整改”的复查结果，或者写明理由")
        if to is State.CLOSED and self.settings.second_person:
            reported = [
                line.who
                for line in self.log(entry.number)
                if line.field == "state" and line.new == State.REPORTED
            ]
            if who == BY_PROGRAM or who in {entry.person, *reported[-1:]}:
                raise LedgerError(f"{start}要由另一个人办，不能是责任人或报告整改的人（{who}）")

    def _deadline(self, entry: Entry, day: dt.date) -> dt.date:
        return after(day, int(self.settings.working_days[entry.severity.value]))[0]

    def _renamed(
        self, assessments: Sequence[Assessment], numbers: Mapping[str, str]
    ) -> tuple[Assessment, ...]:
        """The assessments under the ledger's numbers and the fingerprints those were first given."""
        first = {
            row["number"]: row["fingerprint"]
            for row in self._connection.execute(
                "select number, fingerprint, min(rowid) from names group by number"
            )
        }
        return tuple(runs.under_numbers(assessment, numbers, first) for assessment in assessments)

    def _insert(self, number: str, seen_now: Mapping[str, Any], run_id: str, at: dt.datetime) -> None:
        blank = dict.fromkeys(("office", "person", "measure", "remark"), "")
        row = {
            **seen_now,
            **blank,
            "number": number,
            "state": State.TO_ISSUE.value,
            "state_at": rows.moment(at),
            "first_run": run_id,
            "first_seen": seen_now["last_seen"],
        }
        names = ", ".join(f'"{name}"' for name in row)
        self._connection.execute(
            f"insert into entries ({names}) values ({', '.join('?' * len(row))})", tuple(row.values())
        )
        self._write_log(number, at, BY_PROGRAM, "state", "", State.TO_ISSUE.value, "首次发现", run_id)

    def _change(
        self,
        row: sqlite3.Row,
        changes: Mapping[str, Any],
        *,
        who: str,
        when: dt.datetime,
        why: str,
        run: str = "",
    ) -> None:
        """Change fields of an entry and log each that is not what it was."""
        stored = {name: rows.stored(value) for name, value in changes.items()}
        different = {name: value for name, value in stored.items() if value != row[name]}
        for name, value in different.items():
            self._write_log(row["number"], when, who, name, row[name] or "", value or "", why, run)
        if "state" in different:
            different["state_at"] = rows.moment(when)
        self._set(row["number"], different)

    def _set(self, number: str, values: Mapping[str, Any]) -> None:
        if values:
            names = ", ".join(f'"{name}" = ?' for name in values)
            self._connection.execute(
                f"update entries set {names} where number = ?", (*values.values(), number)
            )

    def _note(self, number: str, at: dt.datetime, why: str, run: str) -> None:
        self._write_log(number, at, BY_PROGRAM, "", "", "", why, run)

    def _write_log(self, number: str, at: dt.datetime, *values: str) -> None:
        self._connection.execute(
            "insert into log (number, at, who, field, old, new, why, run) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, rows.moment(at), *map(plain_text, values)),
        )

    def _row(self, number: str) -> sqlite3.Row:
        row: sqlite3.Row | None = self._connection.execute(
            "select * from entries where number = ?", (number,)
        ).fetchone()
        if row is None:
            raise LedgerError(f"{number}：台账里没有这个问题编号")
        return row

    def _settings(self) -> dict[str, Any]:
        return {
            row["name"]: json.loads(row["value"])
            for row in self._connection.execute("select name, value from settings")
        }

    def _keep(self, name: str, value: Any) -> None:
        self._connection.execute(
            "insert into settings values (?, ?) on conflict (name) do update set value = excluded.value",
            (name, json.dumps(value, ensure_ascii=False)),
        )

    @contextmanager
    def writing(self, *, keep: bool = True) -> Iterator[None]:
        """One transaction; inside another one, a part that fails alone. With `keep` False it is undone at the end.

        Raises LedgerError when the file is busy.
        """
        outermost = not self._connection.in_transaction
        try:
            if outermost:
                self._connection.execute("begin immediate")
            with self._database.atomic():
                yield
                if outermost:
                    proof.extend(self._connection)
            if outermost and keep:
                self._connection.execute("commit")
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path}：台账写不进去（{error}）") from error
        finally:
            if outermost and self._connection.in_transaction:
                self._connection.execute("rollback")

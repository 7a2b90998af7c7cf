"""The ledger's door: where a site's ledger lies, and what people do with it from the command line."""

from __future__ import annotations

import dataclasses
import datetime as dt
import getpass
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checks.assessment import Assessment
from reports.errors import LedgerError
from reports.language import heard, say
from reports.ledger import Answer, Entry, Ledger, LogLine, Settings, State, open_ledger
from reports.ledger.entry import BEIJING, Kept
from reports.ledger.rows import plain_text
from xuncha.runfiles import SHOW_LEDGER

SCHEMA = 1
LEDGER_FILE = "ledger.db"
RUNS_FOLDER = "runs"
EXPORT_FILE = "整改台账.xlsx"


@contextmanager
def ledger_of(run_folder: Path) -> Iterator[Ledger | None]:
    """The ledger of the site a run belongs to; None for a run that lies by itself. Raises LedgerError."""
    runs = run_folder.resolve().parent
    if runs.name != RUNS_FOLDER:
        yield None
        return
    with open_ledger(runs.parent / LEDGER_FILE) as ledger:
        yield ledger


def kept_of(ledger: Ledger | None, assessments: Sequence[Assessment], formats: Sequence[str]) -> Kept | None:
    """What the ledger has of the problems of one run, where one of the formats shows it."""
    if ledger is None or SHOW_LEDGER.isdisjoint(formats):
        return None
    return ledger.kept({finding.id for assessment in assessments for finding in assessment.findings})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Entries to look at; with `log`, what happened to them."""

    site: str
    entries: tuple[Entry, ...]
    log: tuple[LogLine, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The entries by field as they are stored, dates ISO."""
        return {
            "schema": SCHEMA,
            "site": self.site,
            "states": {state.value: count for state, count in self._counts()},
            "entries": [_plain(entry) for entry in self.entries],
            "log": [_plain(line) for line in self.log],
        }

    def show(self, console: Console, today: dt.date) -> None:
        """Print for people: counts, one line a problem, the log below."""
        late = sum(entry.overdue(today) for entry in self.entries)
        counts = "，".join(f"{say(state.value)} {count}" for state, count in self._counts()) or "没有问题"
        console.print(f"{counts}{f'，其中超过时限 {late}' if late else ''}", highlight=False)
        table = Table(box=box.SIMPLE_HEAD)
        for name in ("问题编号", "状态", "责任科室", "责任人", "时限", "复查结果", "问题"):
            table.add_column(name, no_wrap=name in ("问题编号", "状态", "时限"), overflow="fold")
        for entry in self.entries:
            due = entry.deadline.isoformat() if entry.deadline else ""
            cells = (
                entry.number,
                say(entry.state.value),
                entry.office,
                entry.person,
                f"{due} 已过" if entry.overdue(today) else due,
                say(entry.recheck_answer.value) if entry.recheck_answer else "",
                say(plain_text(entry.message)),
            )
            table.add_row(*map(escape, cells))
        console.print(table)
        for line in self.log:
            told = (
                f"{FIELD_WORDS.get(line.field, line.field)}：{say(line.old) or '空'} → {say(line.new) or '空'}"
                if line.field
                else ""
            )
            parts = (
                f"{line.at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
                line.number,
                say(line.who),
                told,
                say(line.why),
            )
            console.print("　".join(part for part in parts if part), markup=False, highlight=False)

    def _counts(self) -> list[tuple[State, int]]:
        counted = Counter(entry.state for entry in self.entries)
        return [(state, counted[state]) for state in State if counted[state]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What reading a filled-in workbook came to. `faults` are (cell, number, value, why)."""

    changed: tuple[str, ...]
    unchanged: int
    faults: tuple[tuple[str, str, str, str], ...]
    dry: bool

    def as_json(self) -> dict[str, Any]:
        names = ("cell", "number", "value", "why")
        return {
            "schema": SCHEMA,
            "changed": list(self.changed),
            "unchanged": self.unchanged,
            "faults": [dict(zip(names, fault, strict=True)) for fault in self.faults],
            "dry_run": self.dry,
        }

    def as_text(self) -> str:
        """Lines for the terminal: every cell that was not taken, then the counts."""
        lines = [
            f"{cell}　{number}　{f'“{value}”　' if value else ''}{why}"
            for cell, number, value, why in self.faults
        ]
        did = "会改" if self.dry else "改了"
        lines.append(
            f"{did} {len(self.changed)} 行，没有变化 {self.unchanged} 行，没有收下 {len(self.faults)} 行"
        )
        if self.faults:
            lines.append("没有收下的行请改好后再读一遍这个文件；已经收下的不会重复记。")
        return "\n".join(lines)


FIELD_WORDS: Mapping[str, str] = {
    "state": "整改状态",
    "office": "责任科室",
    "person": "责任人",
    "measure": "整改措施",
    "deadline": "整改时限",
    "recheck_at": "复查时间",
    "recheck_answer": "复查结果",
    "closed_on": "销号日期",
    "remark": "备注",
}


def show(site_dir: Path, *, numbers: Sequence[str] = (), states: Sequence[str] = ()) -> Shown:
    """The entries asked for, all without; with numbers their log too. Raises LedgerError."""
    wanted = [_state(state) for state in states]
    with _existing(site_dir) as ledger:
        entries = [ledger.entry(number) for number in numbers] or ledger.entries()
        return Shown(
            site=ledger.site,
            entries=tuple(entry for entry in entries if not wanted or entry.state in wanted),
            log=tuple(line for number in numbers for line in ledger.log(number)),
        )


def edit(
    site_dir: Path,
    numbers: Sequence[str],
    *,
    every: str | None = None,
    edits: Mapping[str, str],
    state: str | None = None,
    recheck: str | None = None,
    why: str = "",
    by: str = "",
) -> list[Entry]:
    """Change entries, all of them or, when one cannot be, none. Raises LedgerError."""
    when, who = dt.datetime.now(dt.UTC), by or _me()
    to = _state(state) if state else None
    values: dict[str, Any] = dict(edits)
    until = _date(values.pop("deadline")) if "deadline" in values else None
    if "deadline" in edits:
        values["deadline"] = until
    with _existing(site_dir) as ledger, ledger.writing():
        chosen = list(numbers)
        if every:
            chosen += [entry.number for entry in ledger.entries() if entry.state is _state(every)]
        if not chosen:
            raise LedgerError(
                f"没有“{every}”的问题" if every else "没有写问题编号，也没有用 --every 选一种状态"
            )
        for number in chosen:
            if values:
                ledger.fill(number, who, when, values, why)
            if recheck:
                ledger.rechecked(number, _answer(recheck), when, note=why, who=who)
            if to is not None and ledger.entry(number).state is not to:
                ledger.step(number, to, who, when, why)
        return [ledger.entry(number) for number in chosen]


def keep(site_dir: Path, settings: Sequence[str]) -> str:
    """Set rules of the ledger from NAME=VALUE and tell what holds now. Raises LedgerError."""
    with _existing(site_dir) as ledger:
        now = ledger.settings
        for one in settings:
            now = _with(now, one)
        ledger.keep(now)
    days = "，".join(f"{name} {count} 个工作日" for name, count in now.working_days.items())
    return (
        f"second_person={_word(now.second_person)} auto_sign_off={_word(now.auto_sign_off)}　整改时限：{days}"
    )


def export(site_dir: Path, out: Path | None = None) -> Path:
    """Write 整改台账 with everything the ledger has; the file. One that is there already is kept under another name.

    Raises LedgerError, StoreError, OSError.
    """
    from reports.workbook import as_xlsx
    from xuncha.report import view

    with _existing(site_dir) as ledger:
        kept = ledger.kept()
        latest = ledger.latest_run
    path = out or site_dir / EXPORT_FILE
    data = as_xlsx(dataclasses.replace(view(site_dir / RUNS_FOLDER / latest), kept=kept))
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(data)
    if path.is_file() and path.read_bytes() != data:
        # Someone may have filled it in and not sent it back yet.
        free = (path.with_stem(f"{path.stem}-旧{number}") for number in itertools.count(1))
        path.rename(next(one for one in free if not one.exists()))
    fresh.replace(path)
    return path


def take_back(site_dir: Path, file: Path, *, by: str = "", dry: bool = False) -> TakenBack:
    """Read a filled-in workbook into the ledger. Raises LedgerError, OSError."""
    from reports.ledger.sheet import read_sheet

    with _existing(site_dir) as ledger:
        done = read_sheet(ledger, file, who=by or _me(), when=dt.datetime.now(dt.UTC), dry=dry)
    return TakenBack(
        changed=done.changed,
        unchanged=done.unchanged,
        faults=tuple((one.ref, one.number, one.value, one.why) for one in done.faults),
        dry=dry,
    )


@contextmanager
def _existing(site_dir: Path) -> Iterator[Ledger]:
    path = site_dir / LEDGER_FILE
    if not path.is_file():
        raise LedgerError(f"{path}：没有台账；先用 xuncha audit 检查一次")
    with open_ledger(path) as ledger:
        yield ledger


def _me() -> str:
    """The user's name on this machine; the log needs some name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "本机"


def _state(text: str) -> State:
    word = heard(text, State)
    if word is None:
        raise LedgerError(f"没有“{text}”这种整改状态；有 {'、'.join(map(say, State))}")
    return State(word)


def _answer(text: str) -> Answer:
    word = heard(text, Answer)
    if word is None:
        raise LedgerError(f"没有“{text}”这种复查结果；有 {'、'.join(map(say, Answer))}")
    return Answer(word)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise LedgerError(f"--deadline = {text!r}：应为 2018-04-16 这样的日期") from None


def _with(settings: Settings, text: str) -> Settings:
    """The settings with one NAME=VALUE: second_person, auto_sign_off, or the days of a severity."""
    name, _, value = text.partition("=")
    if name == "second_person" and value in ("true", "false"):
        return dataclasses.replace(settings, second_person=value == "true")
    if name == "auto_sign_off" and value in ("true", "false"):
        return dataclasses.replace(settings, auto_sign_off=value == "true")
    if name in settings.working_days and value.isascii() and value.isdigit() and 0 < int(value) <= 365:
        return dataclasses.replace(settings, working_days={**settings.working_days, name: int(value)})
    raise LedgerError(
        f"--setting {text!r}：应为 second_person=true|false、auto_sign_off=true|false，"
        f"或 {'、'.join(settings.working_days)} = 整改的工作日数"
    )


def _word(value: bool) -> str:
    return "true" if value else "false"


def _plain(record: Any) -> Any:
    return json.loads(json.dumps(dataclasses.asdict(record), ensure_ascii=False, default=str))

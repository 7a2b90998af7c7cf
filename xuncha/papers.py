"""`xuncha document`: the papers that go with a run, by the names clerks know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from checks.check import Severity
from reports import closing, documents, forms
from reports.documents import Letter
from reports.errors import ReportError
from reports.ledger import open_ledger
from reports.ledger.entry import Entry
from reports.ledger.steps import default_settings
from reports.paper import Paper, as_docx, as_pdf
from reports.rectification import SEVERITY_WORDS, Rectification
from xuncha.appeal import appeal
from xuncha.columns import columns, finished_runs
from xuncha.faults import NotSealed
from xuncha.ledger import LEDGER_FILE, RUNS_FOLDER
from xuncha.report import view
from xuncha.runfiles import FINDINGS_FILE, REPORT_FOLDER
from xuncha.verify import chain


class Kind(StrEnum):
    """The papers, by their Chinese names."""

    NOTICE = "整改通知书"
    RECHECK = "复查报告"
    SIGN_OFF = "销号确认单"
    SCORES = "评分表"
    CHECKLIST = "人工核查表"
    COLUMNS = "栏目更新台账"
    APPEAL = "申诉材料包"


FILES = {
    Kind.NOTICE: ("notice", ("docx", "pdf")),
    Kind.RECHECK: ("recheck-report", ("docx", "pdf")),
    Kind.SIGN_OFF: ("sign-off", ("docx", "pdf")),
    Kind.SCORES: ("score-sheet", ("xlsx", "docx", "pdf")),
    Kind.CHECKLIST: ("checklist", ("xlsx", "docx", "pdf")),
    Kind.COLUMNS: ("columns", ("xlsx", "html")),
    Kind.APPEAL: ("appeal", ("zip",)),
}
"""File name and formats of each paper."""


def kind_of(name: str) -> Kind | None:
    """The paper of this name or file name."""
    return next((kind for kind, (file, _) in FILES.items() if name in (kind.value, file)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`formats` empty: all the paper comes in. `findings` keeps a sign-off sheet to these, and names the appeal's."""

    kind: Kind
    formats: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    letter: Letter = field(default_factory=Letter)


def write_papers(folder: Path, wanted: Wanted) -> list[Path]:
    """Write a paper of a run, or of the newest run of a site, into its report folder.

    Raises ReportError, NotSealed, StoreError, UnknownName, LedgerError.
    """
    run = _run(folder)
    name, offered = FILES[wanted.kind]
    strange = [one for one in wanted.formats if one not in offered]
    if strange:
        raise ReportError(f"{wanted.kind}没有这种格式：{'、'.join(strange)}；可用的有 {'、'.join(offered)}")
    made = list(_made(run, wanted, name, wanted.formats or offered))
    report = run / REPORT_FOLDER
    report.mkdir(exist_ok=True)
    files = []
    for file, body in made:
        fresh = report / f"{file}.new"
        fresh.write_bytes(body)
        fresh.replace(report / file)
        files.append(report / file)
    chain(run)
    return files


def _run(folder: Path) -> Path:
    if (folder / FINDINGS_FILE).is_file():
        return folder
    runs = [run for run in finished_runs(folder) if (run / FINDINGS_FILE).is_file()]
    if not runs:
        raise NotSealed(f"{folder}：没有已评判的检查；应为一次检查的目录，或一个网站的目录")
    return runs[-1]


def _made(run: Path, wanted: Wanted, name: str, formats: Sequence[str]) -> list[tuple[str, bytes]]:
    if wanted.kind is Kind.APPEAL:
        if not wanted.findings:
            raise ReportError("申诉材料包要用 --finding 写明问题编号")
        return [appeal(run, number) for number in wanted.findings]
    if wanted.kind is Kind.COLUMNS:
        return _columns(run, name, formats)
    shown = view(run)
    paper = _paper(run, wanted, shown)
    books: dict[Kind, Callable[[Rectification], bytes]] = {
        Kind.SCORES: forms.score_book,
        Kind.CHECKLIST: forms.checklist_book,
    }
    writers: dict[str, Callable[[], bytes]] = {
        "docx": lambda: as_docx(paper),
        "pdf": lambda: as_pdf(paper),
        "xlsx": lambda: books[wanted.kind](shown),
    }
    return [(f"{name}.{one}", writers[one]()) for one in formats]


def _paper(run: Path, wanted: Wanted, shown: Rectification) -> Paper:
    if wanted.kind is Kind.NOTICE:
        return documents.notice(shown, _with_terms(run, wanted.letter))
    if wanted.kind is Kind.SCORES:
        return documents.score_sheet(shown)
    if wanted.kind is Kind.CHECKLIST:
        return documents.checklist(shown)
    entries = _entries(run, wanted.findings)
    if wanted.kind is Kind.RECHECK:
        return closing.recheck_report(shown, entries, wanted.letter)
    return closing.sign_off(shown, entries, wanted.letter)


def _entries(run: Path, numbers: Sequence[str]) -> list[Entry]:
    runs = run.resolve().parent
    if runs.name != RUNS_FOLDER or not (runs.parent / LEDGER_FILE).is_file():
        raise ReportError(f"{run}：没有整改台账，写不了复查报告和销号确认单")
    with open_ledger(runs.parent / LEDGER_FILE) as ledger:
        if numbers:
            return [ledger.entry(number) for number in numbers]
        return ledger.entries()


def _columns(run: Path, name: str, formats: Sequence[str]) -> list[tuple[str, bytes]]:
    found = columns(run.resolve().parent.parent, run=run.resolve())
    seal = found.run.finished_at or found.run.started_at
    writers: dict[str, Callable[[], bytes]] = {
        "xlsx": lambda: forms.columns_book(
            found.run.site.name, found.run.as_of.isoformat(), found.standard, found.lines, seal
        ),
        "html": found.as_html,
    }
    return [(f"{name}.{one}", writers[one]()) for one in formats]


def _with_terms(run: Path, letter: Letter) -> Letter:
    """The letter with the ledger's own days for each level, when none were asked for."""
    if letter.days:
        return letter
    ledger = run.resolve().parent.parent / LEDGER_FILE
    if ledger.is_file():
        with open_ledger(ledger) as book:
            settings = book.settings
    else:
        settings = default_settings()
    terms = tuple(
        (SEVERITY_WORDS[Severity(name)], days, deadline(letter.day, days))
        for name, days in settings.working_days.items()
    )
    return replace(letter, terms=terms)


def deadline(day: dt.date | None, days: int) -> dt.date | None:
    """The last day of a notice of that day; None when the notice has no day yet."""
    from checks.interaction.workdays import after

    return after(day, days)[0] if day else None

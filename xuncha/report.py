"""The report of a judged run, written with what earlier runs and the ledger know, and chained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.assessment import Assessment, Glance
from checks.columns.history import History
from checks.store import StoreError, load, load_glance
from reports.errors import ReportError
from reports.exhibit import Exhibits
from reports.ledger.entry import Kept
from reports.rectification import Rectification
from reports.render import view_of, write
from xuncha.columns import finished_runs, months, runs_up_to
from xuncha.ledger import RUNS_FOLDER, kept_of, ledger_of
from xuncha.runfiles import FINDINGS_FILE, REPORT_FOLDER
from xuncha.verify import chain

MOST_PICTURES = 60
MOST_RUNS = 60
"""Runs that are looked back on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The run before this one, to compare with, and all earlier ones in brief, oldest first.

    The findings of `previous` are without facts and citations.
    """

    previous: tuple[Assessment, ...] | None
    earlier: tuple[Glance, ...]
    histories: tuple[History, ...]


def before(folder: Path, since: Path | None = None) -> Before:
    """What came before a run of a site folder. `since` names another run to compare with than the last.

    Runs judged by another version of the program are left out. Raises StoreError when `since` cannot be read.
    """
    folder = folder.resolve()
    runs = []
    if folder.parent.name == RUNS_FOLDER:
        site = folder.parent.parent
        runs = [one for one in finished_runs(site) if one.name < folder.name][-MOST_RUNS:]
    earlier: list[Glance] = []
    last: Path | None = None
    for run in runs:
        try:
            earlier.append(load_glance(run / FINDINGS_FILE))
        except StoreError:
            continue
        last = run
    chosen = since or last
    return Before(
        previous=load(chosen / FINDINGS_FILE, whole=False) if chosen else None,
        earlier=tuple(earlier),
        histories=months(runs_up_to(folder)),
    )


def write_report(
    folder: Path,
    assessments: Sequence[Assessment],
    formats: Sequence[str],
    *,
    since: Path | None = None,
    kept: Kept | None = None,
    shown: Exhibits | None = None,
) -> tuple[Path, ...]:
    """Write the report of a run in the wanted formats and chain the run. Raises ReportError, StoreError."""
    past = before(folder, since)
    files = write(
        assessments,
        folder / REPORT_FOLDER,
        formats,
        previous=past.previous,
        earlier=past.earlier,
        histories=past.histories,
        kept=kept,
        exhibits=shown,
    )
    chain(folder)
    return tuple(files)


def report(
    folder: Path,
    formats: Sequence[str],
    *,
    since: Path | None = None,
    copies: bool = False,
    pictures: int = 0,
) -> tuple[Path, ...]:
    """The report of a run again, from its stored findings; with copies of the archived pages, and so many pictures.

    Raises ReportError, also when pictures are wanted and there is no browser.
    """
    assessments = load(folder / FINDINGS_FILE)
    shown = _shown(folder, assessments, pictures) if copies or pictures else None
    with ledger_of(folder) as ledger:
        kept = kept_of(ledger, assessments, formats)
    return write_report(folder, assessments, formats, since=since, kept=kept, shown=shown)


def _shown(folder: Path, assessments: Sequence[Assessment], pictures: int) -> Exhibits:
    # The browser and the extractors weigh tens of megabytes: only who wants evidence shown loads them.
    from crawler.rendering import NoBrowser
    from xuncha.exhibits import exhibits
    from xuncha.pictures import HINT

    try:
        return exhibits(folder, assessments, pictures=pictures)
    except NoBrowser as error:
        raise ReportError(f"不能截图（{error}）。{HINT}") from error


def view(folder: Path) -> Rectification:
    """The view of a judged run, for papers."""
    past = before(folder)
    return view_of(
        load(folder / FINDINGS_FILE),
        previous=past.previous,
        earlier=past.earlier,
        histories=past.histories,
    )

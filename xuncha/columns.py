"""`xuncha columns`: the column ledger of the newest finished run, and the months of several."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.columns.history import History, histories
from checks.columns.ledger import Line, ledger
from checks.registry import CHECKS
from checks.standard import load
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE
from reports.columns import HEADINGS, STATE_WORDS, cells, page
from reports.language import say
from xuncha.faults import NotSealed

SCHEMA = 1
STANDARD = "census-2015"
MOST_RUNS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The ledger of one run. `months` holds a history a column, empty with a single run."""

    run: Run
    standard_id: str
    standard: str
    lines: tuple[Line, ...]
    months: tuple[History, ...]

    def as_json(self) -> dict[str, Any]:
        months = {one.path: one.months for one in self.months}
        return {
            "schema": SCHEMA,
            "site": {"id": self.run.site.id, "name": self.run.site.name, "home_url": self.run.site.home_url},
            "run": {"id": self.run.id, "as_of": self.run.as_of.isoformat()},
            "standard": self.standard_id,
            "columns": [_row(line, months.get(line.path, ())) for line in self.lines],
        }

    def as_html(self) -> bytes:
        return page(self.run.site.name, self.run.as_of.isoformat(), self.standard, self.lines, self.months)

    def show(self, console: Console) -> None:
        """Print the ledger as a table; page text is never markup."""
        table = Table(title=f"{self.run.site.name}　监测时间点 {self.run.as_of}　期限依据：{self.standard}")
        for heading in HEADINGS:
            table.add_column(heading, overflow="fold")
        for line in self.lines:
            table.add_row(*(Text(cell) for cell in cells(line)))
        console.print(table)


def columns(site_dir: Path, standard: str = STANDARD, *, run: Path | None = None) -> Columns:
    """Read the newest finished run of a site, or `run`. Raises NotSealed, StandardError, EvidenceSchemaError."""
    folders = runs_up_to(run) if run else finished_runs(site_dir)
    if not folders:
        raise NotSealed(f"{site_dir / 'runs'}：没有已完成的检查；先执行 xuncha audit")
    table = load(standard, CHECKS)
    with Evidence(folders[-1]) as evidence:
        return Columns(
            run=evidence.run,
            standard_id=table.id,
            standard=say(table.title),
            lines=ledger(evidence, table),
            months=months(folders),
        )


def finished_runs(site_dir: Path) -> list[Path]:
    """Folders of the finished whole walks of a site, oldest first; rechecks left out."""
    folders = sorted(manifest.parent for manifest in (site_dir / "runs").glob(f"*/{MANIFEST_FILE}"))
    return [folder for folder in folders if not _is_recheck(folder)]


def _is_recheck(folder: Path) -> bool:
    if not (folder / EVIDENCE_FILE).is_file():
        return False
    with Evidence(folder) as evidence:
        return evidence.run.is_recheck


def runs_up_to(run_dir: Path) -> list[Path]:
    """Folders of the finished runs of a run's site, up to and with that run, oldest first."""
    return [folder for folder in finished_runs(run_dir.parent.parent) if folder.name <= run_dir.name]


def months(folders: Sequence[Path]) -> tuple[History, ...]:
    """The columns of the last of several runs, month by month over all of them; nothing with a single one.

    A run whose evidence is gone is left out.
    """
    kept = [folder for folder in folders if (folder / EVIDENCE_FILE).is_file()]
    if len(kept) < 2:
        return ()
    with ExitStack() as stack:
        return histories([stack.enter_context(Evidence(folder)) for folder in kept[-MOST_RUNS:]])


def _row(line: Line, months: Sequence[tuple[Any, int]]) -> dict[str, Any]:
    return {
        "name": line.name,
        "path": list(line.path),
        "url": line.url,
        "class": line.column_class,
        "class_words": line.class_words,
        "window": line.window,
        "newest": line.newest.isoformat() if line.newest else None,
        "basis": line.basis,
        "newest_title": line.newest_title,
        "newest_url": line.newest_url,
        "age_days": line.age_days,
        "state": line.state.value,
        "state_words": STATE_WORDS[line.state],
        "reason": line.reason,
        "until": line.until.isoformat() if line.until else None,
        "due_on": line.due_on.isoformat() if line.due_on else None,
        "warn_on": line.warn_on.isoformat() if line.warn_on else None,
        "months": {f"{month:%Y-%m}": count for month, count in months if count},
    }

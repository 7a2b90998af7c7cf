"""The ledger's door: where a site's ledger lies, and what people do with it from the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from checks.assessment import Assessment
from reports.ledger import Ledger, open_ledger
from reports.ledger.entry import Kept

LEDGER_FILE = "ledger.db"
RUNS_FOLDER = "runs"


@contextmanager
def ledger_of(run_folder: Path) -> Iterator[Ledger | None]:
    """The ledger of the site a run belongs to; None for a run that lies by itself. Raises LedgerError."""
    runs = run_folder.resolve().parent
    if runs.name != RUNS_FOLDER:
        yield None
        return
    with open_ledger(runs.parent / LEDGER_FILE) as ledger:
        yield ledger


def kept_of(ledger: Ledger | None, assessments: Sequence[Assessment]) -> Kept | None:
    """What the ledger has of the problems of one run."""
    if ledger is None:
        return None
    return ledger.kept({finding.id for assessment in assessments for finding in assessment.findings})

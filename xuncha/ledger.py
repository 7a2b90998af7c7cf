"""The ledger's door: where a site's ledger lies, and what people do with it from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reports.ledger import Ledger, open_ledger

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

"""整改台账 across runs: who has to mend what by when, and how far it is. The only thing people edit."""

from reports.errors import LedgerError
from reports.ledger.book import BY_PROGRAM, Ledger, open_ledger
from reports.ledger.entry import Answer, Entry, LogLine, Settings, State

__all__ = [
    "BY_PROGRAM",
    "Answer",
    "Entry",
    "Ledger",
    "LedgerError",
    "LogLine",
    "Settings",
    "State",
    "open_ledger",
]

"""What can go wrong for the person who asked for a report."""

from __future__ import annotations


class ReportError(Exception):
    """Raised when a report cannot be written: unknown format, a font missing, a template unreadable."""


class LedgerError(ReportError):
    """Raised when the ledger cannot be opened, has no such number, or a step or value is not allowed."""

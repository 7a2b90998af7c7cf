"""How the files are called that an audit adds to a run's evidence."""

FINDINGS_FILE = "findings.db"
REPORT_FOLDER = "report"
FORMATS = ("html", "json", "csv")
SHOW_LEDGER = frozenset(("xlsx",))
"""Formats in which the ledger's entries are shown."""

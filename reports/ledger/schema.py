"""Tables of ledger.db. The log can be added to and read, never changed: triggers see to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

VERSION = 1
_TYPES = {str: "text", int: "integer"}

ENTRY_COLUMNS: Mapping[str, type] = {
    "number": str,
    "fingerprint": str,
    "check": str,
    "clauses": str,
    "grade": str,
    "severity": str,
    "kind": str,
    "key": str,
    "url": str,
    "title": str,
    "column": str,
    "message": str,
    "fix": str,
    "facts": str,
    "places": int,
    "citations": str,
    "state": str,
    "state_at": str,
    "first_run": str,
    "first_seen": str,
    "last_run": str,
    "last_seen": str,
    "gone_run": str,
    "office": str,
    "person": str,
    "measure": str,
    "deadline": str,
    "recheck_at": str,
    "recheck_answer": str,
    "closed_on": str,
    "remark": str,
}
LOG_COLUMNS: Mapping[str, type] = {
    "seq": int,
    "number": str,
    "at": str,
    "who": str,
    "field": str,
    "old": str,
    "new": str,
    "why": str,
    "run": str,
}
KEPT = """
create trigger log_is_not_edited before update on log begin select raise(abort, 'the log is append-only'); end;
create trigger log_is_not_cut before delete on log begin select raise(abort, 'the log is append-only'); end;
create trigger log_is_not_replaced before insert on log when exists (select 1 from log where seq = new.seq) begin select raise(abort, 'the log is append-only'); end;
create trigger entries_stay before delete on entries begin select raise(abort, 'entries are not removed'); end;
create trigger entries_are_not_replaced before insert on entries when exists (select 1 from entries where number = new.number) begin select raise(abort, 'entries are not removed'); end;
"""


def create(connection: sqlite3.Connection) -> None:
    """Make the tables of a new ledger, inside the caller's transaction."""
    tables: Mapping[str, tuple[str, Mapping[str, type]]] = {
        "settings": ("name", {"name": str, "value": str}),
        "runs": ("id", {"id": str, "as_of": str, "started_at": str, "home": str}),
        "entries": ("number", ENTRY_COLUMNS),
        # Every fingerprint an entry ever had: a page that moves and moves back keeps its number.
        "names": ("fingerprint", {"fingerprint": str, "number": str}),
        "log": ("seq", LOG_COLUMNS),
    }
    for table, (key, columns) in tables.items():
        named = ", ".join(
            f'"{name}" {_TYPES[kind]}{" primary key" if name == key else ""}'
            for name, kind in columns.items()
        )
        connection.execute(f"create table {table} ({named})")
    connection.execute("create index idx_log_number on log (number)")
    for statement in KEPT.strip().splitlines():
        connection.execute(statement)
    connection.execute(f"pragma user_version = {VERSION}")

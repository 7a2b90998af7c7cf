"""Tables of ledger.db. The log can be added to and read, never changed: triggers see to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from sqlite_utils import Database

VERSION = 1

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
    """Make the tables of a new ledger. A half-made file of a killed process is completed."""
    database = Database(connection)
    with database.atomic():
        database.table("settings").create({"name": str, "value": str}, pk="name")
        database.table("runs").create({"id": str, "as_of": str, "started_at": str, "home": str}, pk="id")
        database.table("entries").create(dict(ENTRY_COLUMNS), pk="number")
        # Every fingerprint an entry ever had: a page that moves and moves back keeps its number.
        database.table("names").create({"fingerprint": str, "number": str}, pk="fingerprint")
        database.table("log").create(dict(LOG_COLUMNS), pk="seq")
        database.table("log").create_index(["number"])
        for statement in KEPT.strip().splitlines():
            database.execute(statement)
        database.execute(f"pragma user_version = {VERSION}")

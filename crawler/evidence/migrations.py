"""Bringing an older database up to date, step by step.

Which steps were taken stands in the table that sqlite-utils keeps, in its form: a file of either is understood by both.
Not by sqlite-utils itself, since that loads numpy: 27 MB and a quarter of a second in every process of a walk.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable

Step = Callable[[sqlite3.Connection], None]

_TABLE = """
CREATE TABLE IF NOT EXISTS _sqlite_migrations (
    id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS idx__sqlite_migrations_migration_set_name
    ON _sqlite_migrations (migration_set, name);
"""


class Migrations:
    """A named set of steps in the order they were written; each bears the name of its function."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._steps: list[Step] = []

    def __call__(self) -> Callable[[Step], Step]:
        def add(step: Step) -> Step:
            self._steps.append(step)
            return step

        return add

    def apply(self, db: sqlite3.Connection) -> None:
        """Take the steps that are left, each in a transaction of its own."""
        db.executescript(_TABLE)
        rows = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set=?", (self._name,))
        taken = {name for (name,) in rows}
        for step in self._steps:
            if step.__name__ not in taken:
                with db:
                    db.execute("BEGIN")
                    step(db)
                    db.execute(
                        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?,?,?)",
                        (self._name, step.__name__, str(dt.datetime.now(dt.UTC))),
                    )

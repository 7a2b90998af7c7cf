"""Rows on their way into evidence.db: many are written by one statement, and always before anything is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any

_MOST_HELD = 5_000
_TOGETHER = 32
"""Links written by one call: most of a call goes into beginning and ending it."""
_LINKS = "INSERT INTO links VALUES " + ",".join(["(?,?,?,?,?,?)"] * _TOGETHER)


class Rows:
    """The connection of a writer. What is held here is written before the next statement."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self.sql = sql
        """The bare connection, for statements that no held row concerns."""
        self.urls: dict[str, tuple[int, str, str, int, int, int | None, int | None]] = {}
        self.met: list[tuple[str, int, int, int | None, int]] = []
        """Addresses met again: (role, state, depth, found_on, id)."""
        self.strings: dict[str, int] = {}
        self.blocks: dict[bytes, tuple[int, bytes, str]] = {}
        self.links: list[tuple[int, int, int, int, int, int | None]] = []
        self.page_blocks: list[tuple[int, int, int]] = []
        self._later: dict[str, list[Sequence[Any]]] = {}

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        self.write()
        return self.sql.execute(statement, values)

    def later(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows with the next that are written. Those of one statement keep their order, statements do not.

        `rows` is a sequence and no iterator: making them may write what is held.
        """
        self._later.setdefault(statement, []).extend(rows)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """`rows` is a sequence and no iterator: the rows that making them adds are written before them."""
        self.write()
        if rows:
            self.sql.executemany(statement, rows)

    def one(self, statement: str, *values: Any) -> Any:
        """The first value of the first row, or None."""
        row = self.execute(statement, values).fetchone()
        return row[0] if row else None

    def write(self) -> None:
        """Write what is held: first what others name."""
        if self.strings:
            self.sql.executemany("INSERT INTO strings (value, id) VALUES (?,?)", self.strings.items())
            self.strings.clear()
        if self.urls:
            self.sql.executemany("INSERT INTO urls VALUES (?,?,?,?,?,?,?,0)", self.urls.values())
            self.urls.clear()
        if self.met:
            # Before the rest: what has an answer already must not wait again.
            self.sql.executemany("UPDATE urls SET role=?, state=?, depth=?, found_on=? WHERE id=?", self.met)
            self.met.clear()
        if self.blocks:
            self.sql.executemany("INSERT INTO blocks VALUES (?,?,?)", self.blocks.values())
            self.blocks.clear()
        if self.links:
            whole = len(self.links) // _TOGETHER * _TOGETHER
            for at in range(0, whole, _TOGETHER):
                self.sql.execute(_LINKS, [*chain.from_iterable(self.links[at : at + _TOGETHER])])
            self.sql.executemany("INSERT INTO links VALUES (?,?,?,?,?,?)", self.links[whole:])
            self.links.clear()
        if self.page_blocks:
            self.sql.executemany("INSERT INTO page_blocks VALUES (?,?,?)", self.page_blocks)
            self.page_blocks.clear()
        for statement, rows in self._later.items():
            if rows:
                self.sql.executemany(statement, rows)
                rows.clear()

    def url_id(self, url: str) -> int | None:
        held = self.urls.get(url)
        return held[0] if held else self._found("SELECT id FROM urls WHERE url=?", url)

    def string_id(self, value: str) -> int | None:
        held = self.strings.get(value)
        return self._found("SELECT id FROM strings WHERE value=?", value) if held is None else held

    def block_id(self, sha: bytes) -> int | None:
        held = self.blocks.get(sha)
        return held[0] if held else self._found("SELECT id FROM blocks WHERE sha=?", sha)

    def text_id(self, sha: bytes) -> int | None:
        return self._found("SELECT id FROM texts WHERE sha=?", sha)

    def _found(self, statement: str, key: str | bytes) -> int | None:
        row = self.sql.execute(statement, (key,)).fetchone()
        return row[0] if row else None

    def write_some(self) -> None:
        """Write what is held when it has become much."""
        if len(self.urls) + len(self.strings) + len(self.links) > _MOST_HELD:
            self.write()

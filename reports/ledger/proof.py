"""The log's chain: each line is hashed over the one before, so a line changed, cut or put in between shows."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import deque
from collections.abc import Iterator

FIELDS = ("seq", "number", "at", "who", "field", "old", "new", "why", "run")
TABLES = """
create table if not exists chain (seq integer primary key, hash text not null);
create trigger if not exists chain_is_not_edited before update on chain begin select raise(abort, 'the chain is append-only'); end;
create trigger if not exists chain_is_not_cut before delete on chain begin select raise(abort, 'the chain is append-only'); end;
create trigger if not exists chain_is_not_replaced before insert on chain when exists (select 1 from chain where seq = new.seq) begin select raise(abort, 'the chain is append-only'); end;
"""
_LINES = f"select {', '.join(FIELDS)} from log where seq > ? order by seq"


def prepare(connection: sqlite3.Connection) -> None:
    """Make the chain's table where there is none, and chain what is not yet."""
    for statement in TABLES.strip().splitlines():
        connection.execute(statement)
    extend(connection)


def extend(connection: sqlite3.Connection) -> None:
    """Chain the lines written since the last one that is chained. Part of the transaction that wrote them."""
    last, before = head(connection)
    for line in connection.execute(_LINES, (last,)):
        before = _link(before, tuple(line))
        connection.execute("insert into chain values (?, ?)", (line[0], before))


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """The number of the last chained line and its hash; 0 and "" of an empty log."""
    row = connection.execute("select seq, hash from chain order by seq desc limit 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "")


def faults(connection: sqlite3.Connection) -> Iterator[str]:
    """What does not agree, in the words of a reader: a line with its hash, an entry with its last line."""
    known = {int(seq): str(mark) for seq, mark in connection.execute("select seq, hash from chain")}
    registered = deque(sorted(known))
    before = ""
    said: dict[tuple[str, str], str] = {}
    for line in connection.execute(_LINES, (0,)):
        seq, number, field, new = line[0], line[1], line[4], line[6]
        while registered and registered[0] < seq:
            yield f"记录第 {registered[0]} 行不见了"
            before = known.pop(registered.popleft())
        if registered and registered[0] == seq:
            registered.popleft()
        wanted = known.pop(seq, None)
        before = _link(before, tuple(line))
        if wanted != before:
            yield f"记录第 {seq} 行（{number}）与登记的哈希不符"
            # The lines after it are compared with what was registered, so that only what changed is named.
            before = wanted or before
        if field:
            said[number, field] = new
    for seq in sorted(known):
        yield f"记录第 {seq} 行不见了"
    cursor = connection.execute("select * from entries order by rowid")
    names = [column[0] for column in cursor.description]
    for row in cursor:
        entry = dict(zip(names, row, strict=True))
        for field, value in entry.items():
            last = said.pop((entry["number"], field), None)
            if last is not None and last != (value or ""):
                yield f"{entry['number']} 的 {field} 是“{value or ''}”，记录里最后写的是“{last}”"
    for number in sorted({number for number, _ in said}):
        yield f"{number} 有记录，台账里没有这一条"


def _link(before: str, line: tuple[object, ...]) -> str:
    text = json.dumps([before, *line], ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()

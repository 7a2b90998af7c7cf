"""The tables of evidence.db and how an older file is brought up to date.

Addresses, labels and texts are kept once and named by small integers: `urls`, `strings`, `texts`.
A page's links are kept as blocks of neighbouring links; the menu that stands on a thousand pages is one block.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from isal import isal_zlib

from crawler.evidence.database import Database, Migrations

EVIDENCE_FILE = "evidence.db"
WARC_FILE = "pages.warc.gz"
MANIFEST_FILE = "manifest.json"

REFERENCE = "\x02"
"""Begins a line of a stored text that stands for the string of that id."""
_REFERENCES = re.compile(REFERENCE + r"\d+")

LONG_LINE = 30
"""Characters from which a line that is met again is kept once."""

_MOST_SHARED = 50_000
"""Shared lines that a reader remembers at most."""

_CACHE_KILOBYTES = 8_000
"""Of the database while it is written: with the usual 2,000 the same pages are written and read again and again."""

migrations = Migrations("evidence")


class EvidenceSchemaError(Exception):
    """Raised when a file that should be evidence is none, or is from a newer version."""


@migrations()
def first_tables(db: Database) -> None:
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def first_sights(db: Database) -> None:
    """When an address was first met by a run of this site, and the date and text its page showed then."""
    db.execute("CREATE TABLE earlier_runs (as_of TEXT PRIMARY KEY, complete INTEGER NOT NULL)")
    db.execute(
        "CREATE TABLE first_sights (id INTEGER PRIMARY KEY REFERENCES urls(id), as_of TEXT NOT NULL,"
        " published TEXT, date_source TEXT, date_quote TEXT, main_text INTEGER REFERENCES texts(id))"
    )


@migrations()
def turns(db: Database) -> None:
    """In which turn a page is asked: -1 what lists news, 0 what is met first, 1 what changed, then by when last asked."""
    db.execute("ALTER TABLE urls ADD COLUMN turn INTEGER NOT NULL DEFAULT 0")
    db.execute("DROP INDEX urls_waiting")
    db.execute("CREATE INDEX urls_waiting ON urls(role, turn, id) WHERE state = 0")
    db.execute("CREATE TABLE last_looks (id INTEGER PRIMARY KEY REFERENCES urls(id), at INTEGER NOT NULL)")


@migrations()
def captured(db: Database) -> None:
    """When the body of a page or document that was taken over was received: what its archive record bears."""
    db.execute("CREATE TABLE captured (id INTEGER PRIMARY KEY REFERENCES urls(id), at INTEGER NOT NULL)")


@migrations()
def changes(db: Database) -> None:
    """What a page's source was when it was last looked at, as a number, and whether it had changed by then."""
    db.execute("ALTER TABLE last_looks ADD COLUMN body INTEGER")
    db.execute("ALTER TABLE last_looks ADD COLUMN changed INTEGER NOT NULL DEFAULT 0")


_FIRST = """
CREATE TABLE run (
    id TEXT PRIMARY KEY, site TEXT NOT NULL, as_of TEXT NOT NULL, started_at TEXT NOT NULL,
    finished_at TEXT, version TEXT NOT NULL, config TEXT NOT NULL, coverage TEXT NOT NULL);
CREATE TABLE urls (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, role TEXT NOT NULL, state INTEGER NOT NULL,
    depth INTEGER NOT NULL, found_on INTEGER REFERENCES urls(id), base_id INTEGER REFERENCES urls(id));
CREATE INDEX urls_waiting ON urls(role, id) WHERE state = 0;
CREATE TABLE strings (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
CREATE TABLE texts (id INTEGER PRIMARY KEY, sha BLOB NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE fetches (
    id INTEGER PRIMARY KEY, url_id INTEGER NOT NULL REFERENCES urls(id), attempt INTEGER NOT NULL,
    method TEXT NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL, status INTEGER,
    final_id INTEGER REFERENCES urls(id), redirects TEXT, elapsed_ms INTEGER, bytes INTEGER,
    content_type TEXT, detail TEXT, control INTEGER);
CREATE INDEX fetches_of ON fetches(url_id);
CREATE TABLE pages (
    id INTEGER PRIMARY KEY REFERENCES urls(id), kind TEXT NOT NULL, depth INTEGER NOT NULL,
    column_id INTEGER, column_path INTEGER REFERENCES strings(id), title TEXT NOT NULL, raw_title TEXT,
    charset_declared TEXT, charset_used TEXT NOT NULL, charset_fault TEXT,
    published TEXT, date_source TEXT, date_quote TEXT, date_confidence REAL, listing TEXT,
    main_text INTEGER REFERENCES texts(id), frame_text INTEGER REFERENCES texts(id),
    meta INTEGER REFERENCES texts(id), anchors BLOB, body_sha256 BLOB NOT NULL,
    seen_at INTEGER NOT NULL, warc_offset INTEGER, seen_in TEXT);
CREATE TABLE blocks (id INTEGER PRIMARY KEY, sha BLOB NOT NULL UNIQUE, zone TEXT NOT NULL);
CREATE TABLE links (
    block_id INTEGER NOT NULL REFERENCES blocks(id), position INTEGER NOT NULL,
    target_id INTEGER NOT NULL REFERENCES urls(id), text_id INTEGER NOT NULL REFERENCES strings(id),
    tag_id INTEGER NOT NULL REFERENCES strings(id), href_id INTEGER REFERENCES strings(id),
    PRIMARY KEY (block_id, position)) WITHOUT ROWID;
CREATE TABLE page_blocks (
    page_id INTEGER NOT NULL REFERENCES urls(id), position INTEGER NOT NULL,
    block_id INTEGER NOT NULL REFERENCES blocks(id), PRIMARY KEY (page_id, position)) WITHOUT ROWID;
CREATE TABLE items (
    page_id INTEGER NOT NULL REFERENCES pages(id), position INTEGER NOT NULL,
    target_id INTEGER NOT NULL REFERENCES urls(id), title_id INTEGER NOT NULL REFERENCES strings(id),
    date TEXT, pinned INTEGER NOT NULL, PRIMARY KEY (page_id, position)) WITHOUT ROWID;
CREATE TABLE facts (
    page_id INTEGER NOT NULL REFERENCES urls(id), position INTEGER NOT NULL, kind TEXT NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (page_id, position)) WITHOUT ROWID;
CREATE TABLE mandated (
    page_id INTEGER NOT NULL REFERENCES urls(id), item TEXT NOT NULL, year INTEGER, confidence REAL NOT NULL);
CREATE TABLE columns (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, url TEXT NOT NULL, column_class TEXT NOT NULL,
    declared INTEGER NOT NULL, depth INTEGER NOT NULL, items INTEGER NOT NULL, dated INTEGER NOT NULL,
    newest TEXT, newest_source TEXT, newest_quote TEXT, newest_confidence REAL, newest_url TEXT,
    newest_title TEXT, listing TEXT, readable INTEGER NOT NULL, on_home INTEGER NOT NULL,
    first_level INTEGER NOT NULL, exempt TEXT);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY REFERENCES urls(id), kind TEXT NOT NULL, bytes INTEGER NOT NULL,
    readable INTEGER NOT NULL, why TEXT, title TEXT NOT NULL, text_id INTEGER REFERENCES texts(id),
    tables_id INTEGER REFERENCES texts(id), body_sha256 BLOB NOT NULL);
CREATE TABLE validators (id INTEGER PRIMARY KEY REFERENCES urls(id), etag TEXT, modified TEXT);
CREATE TABLE unconfirmed (id INTEGER PRIMARY KEY REFERENCES urls(id));
CREATE TABLE progress (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, url TEXT, detail TEXT NOT NULL);
"""

_INDEXES = """
CREATE INDEX IF NOT EXISTS links_to ON links(target_id);
CREATE INDEX IF NOT EXISTS block_pages ON page_blocks(block_id);
"""


def open_for_writing(folder: Path) -> Database:
    """Open or create the evidence database of a run folder, with a write-ahead log.

    Foreign keys are declared and not looked at: the writer gives the ids itself and writes in an order of its own.
    """
    db = Database(folder / EVIDENCE_FILE)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute(f"PRAGMA cache_size=-{_CACHE_KILOBYTES}")
    db.execute("PRAGMA foreign_keys=OFF")
    migrations.apply(db)
    return db


def bring_up_to_date(path: Path) -> None:
    """Give an older database the tables it lacks."""
    db = Database(path)
    migrations.apply(db)
    db.close()


def whole_text(sql: sqlite3.Connection, body: bytes) -> str:
    """A stored text with the lines it shares with others put in."""
    return "\n".join(whole_lines(sql, body, {}))


def whole_lines(sql: sqlite3.Connection, body: bytes, shared: dict[str, str]) -> list[str]:
    """The lines of a stored text; `shared` keeps those it shares with others for the next text."""
    text: str = isal_zlib.decompress(body).decode("utf-8")
    lines = text.split("\n")
    if REFERENCE not in text:
        return lines
    if len(shared) > _MOST_SHARED:
        shared.clear()
    for line in _REFERENCES.findall(text):
        if line not in shared:
            found = sql.execute("SELECT value FROM strings WHERE id=?", (int(line[1:]),)).fetchone()
            shared[line] = found[0]
    return list(map(shared.get, lines, lines))


def add_indexes(db: Database) -> None:
    """Build what only reading needs; during the crawl these would cost more than they give."""
    for statement in _INDEXES.split(";"):
        if statement.strip():
            db.execute(statement)


def index(folder: Path) -> None:
    """Build the same beside an open writer that has nothing to commit."""
    db = open_for_writing(folder)
    add_indexes(db)
    db.close()

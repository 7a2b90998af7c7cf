"""What other sites' audits on this machine learned lately about addresses of others: one small file beside them.

A success is believed for some hours, a failure for minutes, and a failure never alone: it stands for the
first look only, the second is always this run's own. An answer taken from here keeps the time at which it was
really given, so the evidence shows that it is older than the run.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from pathlib import Path
from typing import Any

from crawler.evidence.records import Fetch, FetchOutcome
from crawler.fetching import Got
from crawler.scope import netloc, private
from crawler.siteconfig import SiteConfig

OUTSIDE_FILE = "outside.db"

_BUSY_SECONDS = 2.0
_GOOD = frozenset({FetchOutcome.OK, FetchOutcome.TOO_LARGE})
_NOT_SHARED = frozenset({FetchOutcome.ROBOTS, FetchOutcome.NOT_FETCHED, FetchOutcome.TRUNCATED})
"""Endings that are about us or about one exchange, not about the address."""

_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    url TEXT PRIMARY KEY, at INTEGER NOT NULL, good INTEGER NOT NULL, fetch TEXT NOT NULL, face TEXT
) WITHOUT ROWID
"""

Face = dict[str, Any]


def beside(folder: Path) -> Path | None:
    """Where the shared answers lie for a run folder <audits>/<site-id>/runs/<run-id>; None for any other folder."""
    return folder.absolute().parents[2] / OUTSIDE_FILE if folder.parent.name == "runs" else None


class Outside:
    """The shared answers, for one run. Safe beside other processes; any fault of the file means no answer.

    `file` None, or `outside_hours = 0` in the configuration, switches it off.
    """

    def __init__(self, config: SiteConfig, file: Path | None) -> None:
        self._config = config
        crawl = config.crawl
        self._lives = (
            min(crawl.outside_failed_minutes / 60, crawl.outside_hours) * 3_600_000,
            crawl.outside_hours * 3_600_000,
        )
        self._file = file if crawl.outside_hours else None
        self._db: sqlite3.Connection | None = None
        self.reused = 0
        self.oldest: dt.datetime | None = None
        """How many answers were taken, and when the oldest of them was given."""

    def close(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def known(self, url: str) -> tuple[Fetch, Face | None] | None:
        """An answer given lately to whichever site asked, with what its page showed; None when it must be asked."""
        if not self._shared(url):
            return None
        row = self._run("SELECT at, good, fetch, face FROM answers WHERE url=?", url)
        if row is None:
            return None
        try:
            age = _ms(dt.datetime.now(dt.UTC)) - row[0]
            if not 0 <= age < self._lives[bool(row[1])]:
                return None
            fetch = _fetch(url, row[0], json.loads(row[2]))
            face = json.loads(row[3]) if row[3] else None
        except (ValueError, TypeError, KeyError, OverflowError):
            return None
        self.reused += 1
        self.oldest = min(self.oldest or fetch.at, fetch.at)
        return fetch, face if isinstance(face, dict) else None

    def learn(self, got: Got, face: Face | None = None, *, doubtful: bool = False) -> None:
        """Keep an answer of this run for the others. `doubtful`: something about it was wrong that it does not say."""
        fetch = got.fetch
        if doubtful or fetch.outcome in _NOT_SHARED or not self._shared(fetch.url):
            return
        if got.peer is not None and private(got.peer) and not self._config.on_loopback:
            # Another site may not be allowed to ask there.
            return
        self._run(
            "INSERT INTO answers VALUES (?,?,?,?,?) ON CONFLICT(url) DO UPDATE SET"
            " at=excluded.at, good=excluded.good, fetch=excluded.fetch, face=excluded.face WHERE excluded.at>=at",
            fetch.url,
            _ms(fetch.at),
            int(fetch.outcome in _GOOD),
            json.dumps(
                {
                    "method": fetch.method,
                    "outcome": fetch.outcome,
                    "status": fetch.status,
                    "final_url": fetch.final_url,
                    "redirects": fetch.redirects,
                    "elapsed_ms": fetch.elapsed_ms,
                    "content_type": fetch.content_type,
                    "detail": fetch.detail,
                }
            ),
            json.dumps(face, ensure_ascii=False) if face else None,
        )

    def _shared(self, url: str) -> bool:
        """Whether what an address says is the same for every site: not the own hosts, nothing behind own credentials."""
        where = netloc(url)
        return (
            self._file is not None
            and "@" not in url.partition("?")[0]
            and where not in self._config.netlocs
            and self._config.access(where) is None
            and self._config.access(where.partition(":")[0]) is None
        )

    def _run(self, sql: str, *values: Any) -> Any:
        """The first row. A damaged file is thrown away once and begun anew; any other fault means nothing is known."""
        for again in (False, True):
            try:
                if self._db is None:
                    self._db = self._open()
                return self._db.execute(sql, values).fetchone()
            except sqlite3.DatabaseError as error:
                self.close()
                if again or not _damaged(error):
                    break
                self._remove()
            except OSError:
                break
        self._file = None
        return None

    def _open(self) -> sqlite3.Connection:
        assert self._file is not None
        self._file.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._file, timeout=_BUSY_SECONDS, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")
        db.execute(_TABLE)
        longest = max(self._lives)
        now = _ms(dt.datetime.now(dt.UTC))
        db.execute("DELETE FROM answers WHERE at<? OR at>?", (now - longest, now + 60_000))
        return db

    def _remove(self) -> None:
        assert self._file is not None
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)


def _damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is at fault (no database, torn pages, another table) and not the moment (locked, full disk)."""
    if isinstance(error, sqlite3.OperationalError):
        return "no such column" in str(error) or "has no column" in str(error)
    return True


def _ms(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)


def _fetch(url: str, at: int, data: dict[str, Any]) -> Fetch:
    """An answer as evidence. Its method is kept, so that a HEAD that worked is not taken for a GET."""
    when = dt.datetime.fromtimestamp(at / 1000, dt.UTC)
    words = f"沿用本机 {when:%Y-%m-%d %H:%M} UTC 的核查结果"
    detail = data["detail"]
    return Fetch(
        url=url,
        method=str(data["method"]),
        at=when,
        outcome=FetchOutcome(data["outcome"]),
        status=None if data["status"] is None else int(data["status"]),
        final_url=None if data["final_url"] is None else str(data["final_url"]),
        redirects=tuple(map(str, data["redirects"])),
        elapsed_ms=None if data["elapsed_ms"] is None else int(data["elapsed_ms"]),
        content_type=None if data["content_type"] is None else str(data["content_type"]),
        detail=f"{detail}（{words}）" if detail else words,
    )

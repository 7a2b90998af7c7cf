"""The opened evidence of a run: what the run is, and what its walk noticed."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.evidence.records import Coverage, Run, Site
from crawler.evidence.schema import EVIDENCE_FILE, EvidenceSchemaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something the crawl noticed that the report must say: limits hit, traps, candidate hosts."""

    at: dt.datetime
    kind: str
    url: str | None
    detail: str


def at(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC)


class Opened:
    """What a run saw. Opened read-only; raises EvidenceSchemaError when the folder holds no evidence."""

    def __init__(self, folder: Path) -> None:
        path = folder / EVIDENCE_FILE
        if not path.is_file():
            raise EvidenceSchemaError(f"{path}: no evidence here; expected the folder of a run")
        self.folder = folder
        self._sql = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            self._sql.execute("SELECT id FROM run").fetchone()
        except sqlite3.DatabaseError as error:
            self._sql.close()
            raise EvidenceSchemaError(f"{path}: not an evidence database ({error})") from error

    def close(self) -> None:
        self._sql.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Many questions in one transaction: each by itself locks the file and looks whether it changed."""
        self._sql.execute("BEGIN")
        try:
            yield
        finally:
            self._sql.execute("COMMIT")

    @cached_property
    def run(self) -> Run:
        row = self._sql.execute(
            "SELECT id, site, as_of, started_at, finished_at, version, config, coverage FROM run"
        ).fetchone()
        if row is None:
            raise EvidenceSchemaError(f"{self.folder / EVIDENCE_FILE}: no run was begun")
        site = json.loads(row[1])
        site["hosts"] = tuple(site["hosts"])
        coverage = {
            kind: Coverage(state=c["state"], why=tuple(c["why"]), counts=c["counts"])
            for kind, c in json.loads(row[7]).items()
        }
        return Run(
            id=row[0],
            site=Site(**site),
            as_of=dt.date.fromisoformat(row[2]),
            started_at=dt.datetime.fromisoformat(row[3]),
            finished_at=dt.datetime.fromisoformat(row[4]) if row[4] else None,
            version=row[5],
            config=json.loads(row[6]),
            coverage=coverage,
        )

    def notes(self, kind: str | None = None) -> tuple[Note, ...]:
        where, values = (" WHERE kind=?", (kind,)) if kind else ("", ())
        rows = self._sql.execute(f"SELECT at, kind, url, detail FROM notes{where} ORDER BY id", values)
        return tuple(Note(at=at(a), kind=k, url=u, detail=d) for a, k, u, d in rows)

    def _has(self, table: str) -> bool:
        return (
            self._sql.execute(
                "SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", (table,)
            ).fetchone()
            is not None
        )

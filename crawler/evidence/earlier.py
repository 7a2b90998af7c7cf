"""Beginning a run with what the last one of the same site saw: unchanged pages need not be read again.

The new database starts as a copy of the old one. Everything in it sleeps until this run meets it again:
addresses in the state ASLEEP, pages and documents in the table `unconfirmed`. What is still asleep when the
run is sealed is removed.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE, EvidenceSchemaError

ASLEEP = 3

_SLEEP = """
DROP INDEX IF EXISTS links_to;
DROP INDEX IF EXISTS block_pages;
DELETE FROM run;
DELETE FROM fetches;
DELETE FROM notes;
DELETE FROM columns;
DELETE FROM progress;
DELETE FROM unconfirmed;
INSERT INTO unconfirmed SELECT id FROM pages UNION SELECT id FROM documents;
UPDATE urls SET state=3;
UPDATE pages SET column_id=NULL;
"""


def last_run(folder: Path, run: Run) -> Path | None:
    """The newest sealed run beside `folder` of the same site, by the same version with the same configuration."""
    for candidate in sorted(folder.parent.glob("*"), reverse=True):
        if candidate == folder or not (candidate / MANIFEST_FILE).exists():
            continue
        try:
            with Evidence(candidate) as evidence:
                other = evidence.run
        except (EvidenceSchemaError, ValueError, KeyError):
            continue
        config = json.loads(json.dumps(dict(run.config), default=str))
        if (other.site.id, other.version, other.config) == (
            run.site.id,
            run.version,
            config,
        ) and other.id != run.id:
            return candidate
    return None


def begin_from(earlier: Path, folder: Path) -> None:
    """Put a sleeping copy of an earlier run's evidence into a new folder; whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{EVIDENCE_FILE}.new"
    shutil.copyfile(earlier / EVIDENCE_FILE, fresh)
    with sqlite3.connect(fresh) as db:
        run_id = db.execute("SELECT id FROM run").fetchone()[0]
        db.executescript(_SLEEP)
        db.execute("UPDATE pages SET seen_in=coalesce(seen_in, ?)", (run_id,))
    db.close()
    fresh.rename(folder / EVIDENCE_FILE)

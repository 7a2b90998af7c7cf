"""Beginning a run with what the last one of the same site saw: unchanged pages need not be read again.

The new database starts as a copy of the old one. Everything in it sleeps until this run meets it again:
addresses in the state ASLEEP, pages and documents in the table `unconfirmed`. What is still asleep when the
run is sealed is removed. What each page said when it was first met stays in `first_sights`.

After a run that a limit cut short, the addresses of pages do not sleep: they wait from the start, each in its turn
(lists, what is new, what had changed when last seen, then whatever was seen longest ago), so that the next run, cut
like the last, sees what the last did not. Pages not looked at are removed all the same.

A page whose rows came by a data call is never taken over, since its source says nothing about them: it is read
again, and what its script asked for is asked directly.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE, EvidenceSchemaError, bring_up_to_date

ASLEEP = 3

_FACES_FROM = 5
"""Runs that are looked through for what outside addresses showed."""

_CAPTURED = """
INSERT OR IGNORE INTO captured SELECT id, seen_at FROM pages UNION ALL
    SELECT d.id, max(f.at) FROM documents d JOIN fetches f ON f.url_id=d.id GROUP BY d.id;
"""

_SLEEP = """
INSERT OR IGNORE INTO first_sights SELECT u.id, r.as_of, p.published, p.date_source, p.date_quote, p.main_text
    FROM run r, urls u LEFT JOIN pages p ON p.id=u.id WHERE u.role='page' AND u.state<>3;
UPDATE first_sights SET (published, date_source, date_quote, main_text) =
    (SELECT p.published, p.date_source, p.date_quote, p.main_text FROM pages p WHERE p.id=first_sights.id)
    WHERE published IS NULL AND id IN (SELECT id FROM pages WHERE published IS NOT NULL);
DELETE FROM run;
DELETE FROM fetches;
DELETE FROM notes;
DELETE FROM columns;
DELETE FROM progress;
DELETE FROM unconfirmed;
DELETE FROM facts WHERE kind='outside-face';
UPDATE urls SET found_on=NULL WHERE role='data' AND found_on IN (SELECT page_id FROM facts WHERE kind='rendered');
INSERT INTO urls (url, role, state, depth, found_on)
    SELECT j.value, 'data', 3, 0, min(f.page_id) FROM facts f, json_each(f.data, '$.data_calls') j
    WHERE f.kind='rendered' GROUP BY j.value HAVING count(*)=1
    ON CONFLICT (url) DO UPDATE SET role='data', found_on=excluded.found_on;
CREATE TEMP TABLE scripted AS SELECT page_id AS id FROM facts WHERE kind IN ('rendered', 'data-calls')
    UNION SELECT found_on FROM urls WHERE role='data' AND found_on IS NOT NULL;
INSERT INTO progress SELECT 'source:' || id, source_of(body_sha256) FROM pages WHERE id IN (SELECT id FROM scripted);
DELETE FROM items WHERE page_id IN (SELECT id FROM scripted);
DELETE FROM facts WHERE page_id IN (SELECT id FROM scripted);
DELETE FROM mandated WHERE page_id IN (SELECT id FROM scripted);
DELETE FROM page_blocks WHERE page_id IN (SELECT id FROM scripted);
DELETE FROM pages WHERE id IN (SELECT id FROM scripted);
DROP TABLE scripted;
INSERT INTO unconfirmed SELECT id FROM pages UNION SELECT id FROM documents;
UPDATE urls SET state=3;
UPDATE pages SET column_id=NULL;
"""


_WITHOUT_INDEXES = """
DROP INDEX IF EXISTS links_to;
DROP INDEX IF EXISTS block_pages;
"""
"""A run that goes round brings much that is new, which is stored more quickly without; others keep what they have."""

_LISTS_SHARE, _CHANGED_SHARE = 2, 4
"""A run that is cut gives at most this part of its pages to lists and to pages that changed: the rest must go round."""

_LOOKS = """
INSERT OR REPLACE INTO last_looks (id, at, body, changed)
SELECT u.id, CAST(strftime('%s', r.started_at) AS INTEGER),
    iif(p.id IS NULL, l.body, source_of(p.body_sha256)),
    CASE WHEN p.id IS NULL THEN 0
         WHEN l.id IS NULL THEN s.id IS NULL AND EXISTS (SELECT 1 FROM earlier_runs)
         ELSE coalesce(source_of(p.body_sha256)<>l.body, 0) END
    FROM run r CROSS JOIN (SELECT DISTINCT url_id FROM fetches) f JOIN urls u ON u.id=f.url_id AND u.role='page'
    LEFT JOIN pages p ON p.id=u.id LEFT JOIN last_looks l ON l.id=u.id LEFT JOIN first_sights s ON s.id=u.id;
"""
"""When a run last asked for a page, its source as a number, and whether it then said something else than before.

A page whose address came after the first run counts as changed by its first look: what is new is still mended.
"""

_TAKE_TURNS = f"""
CREATE TEMP TABLE room AS SELECT count(DISTINCT f.url_id) AS pages
    FROM fetches f JOIN urls u ON u.id=f.url_id WHERE u.role='page';
CREATE TEMP TABLE turns AS SELECT u.id, coalesce(l.at, 2) AS turn, coalesce(l.changed, 0) AS changed,
    u.depth=0 AS home, u.url IN (SELECT url FROM columns) AS listing
    FROM urls u LEFT JOIN last_looks l ON l.id=u.id WHERE u.role='page' AND u.state IN (0, 1);
UPDATE turns SET turn=-1 WHERE id IN (SELECT id FROM turns WHERE home OR listing
    ORDER BY home DESC, turn, id LIMIT (SELECT max(1, pages/{_LISTS_SHARE}) FROM room));
UPDATE turns SET turn=1 WHERE id IN (SELECT id FROM turns WHERE changed AND turn>1
    ORDER BY turn, id LIMIT (SELECT max(1, pages/{_CHANGED_SHARE}) FROM room));
DROP TABLE room;
"""

_IN_TURN = """
UPDATE urls SET state=0, turn=t.turn FROM turns t WHERE t.id=urls.id;
DROP TABLE turns;
"""

_NO_TURNS = "UPDATE urls SET turn=0 WHERE turn<>0;"

_AGAIN = """
DELETE FROM notes;
DELETE FROM progress;
DELETE FROM unconfirmed;
DELETE FROM fetches WHERE url_id IN (SELECT id FROM listed) OR url_id IN (
    SELECT url_id FROM fetches GROUP BY url_id HAVING max(attempt)=1 AND min(outcome<>'ok'));
DELETE FROM facts WHERE kind='outside-face' AND page_id IN (SELECT id FROM listed);
INSERT INTO unconfirmed SELECT id FROM listed WHERE id IN (SELECT id FROM pages UNION SELECT id FROM documents);
UPDATE urls SET state=2 WHERE state=0;
UPDATE urls SET state=3 WHERE id IN (SELECT id FROM listed);
"""


def source_of(sha256: bytes) -> int:
    """A page's hash as the number kept for it in `progress`."""
    return int.from_bytes(sha256[:8], "big", signed=True)


def has_begun(folder: Path) -> bool:
    """Whether a folder holds a run that can be continued: a kill in the first moments leaves a file without one."""
    if not (folder / EVIDENCE_FILE).exists():
        return False
    db = sqlite3.connect(f"file:{folder / EVIDENCE_FILE}?mode=ro", uri=True)
    try:
        return db.execute("SELECT 1 FROM run").fetchone() is not None
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return False
        raise
    finally:
        db.close()


def clear_unbegun(folder: Path) -> None:
    """Remove the evidence file of a run that never came to be; half a set of tables cannot be continued."""
    if not has_begun(folder):
        for ending in ("", "-wal", "-shm", ".new"):
            (folder / f"{EVIDENCE_FILE}{ending}").unlink(missing_ok=True)


def last_run(folder: Path, run: Run) -> Path | None:
    """The newest sealed run beside `folder` of the same site that saw pages, by the same version and configuration."""
    for candidate in sorted(folder.parent.glob("*"), reverse=True):
        if candidate == folder or not (candidate / MANIFEST_FILE).exists():
            continue
        try:
            with Evidence(candidate) as evidence:
                other = evidence.run
        except (EvidenceSchemaError, ValueError, KeyError):
            continue
        if (pages := other.coverage.get("pages")) is not None and pages.state == "absent":
            # The site was out of reach then: what was seen before that is still worth something.
            continue
        config = json.loads(json.dumps(dict(run.config), default=str))
        if (other.site.id, other.version, other.config) == (
            run.site.id,
            run.version,
            config,
        ) and other.id != run.id:
            return candidate
    return None


def begun_from(folder: Path) -> str | None:
    """The id of an earlier run of which an unfinished folder still holds something, None when it began afresh."""
    with sqlite3.connect(f"file:{folder / EVIDENCE_FILE}?mode=ro", uri=True) as db:
        row = db.execute("SELECT seen_in FROM pages WHERE seen_in IS NOT NULL LIMIT 1").fetchone()
    db.close()
    return row[0] if row else None


def faces_before(folder: Path, run: Run) -> dict[str, dict[str, Any]]:
    """What outside addresses showed in the newest earlier run of the same site that saw them: face by address.

    Whatever version or configuration that run had; `run` and `at` say when. Kept from a run to the next by the
    caller's `before`, so a few runs back are enough.
    """
    found: dict[str, dict[str, Any]] = {}
    sealed = [f for f in folder.parent.glob("*") if f != folder and (f / MANIFEST_FILE).exists()]
    for candidate in sorted(sealed, reverse=True)[:_FACES_FROM]:
        try:
            with Evidence(candidate) as evidence:
                if evidence.run.site.id != run.site.id:
                    continue
                mark = {"run": evidence.run.id, "at": evidence.run.started_at.isoformat()}
                for _, url, face in evidence.faces():
                    found.setdefault(url, mark | face)
        except (EvidenceSchemaError, sqlite3.DatabaseError, ValueError, KeyError):
            continue
    return found


def begin_again(earlier: Path, folder: Path, run: Run) -> None:
    """Put a copy of an earlier run's evidence into a new folder for visiting `run.config["recheck"]["visit"]` again.

    Only those addresses sleep; all the rest stands as it was seen. Whole or not at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{EVIDENCE_FILE}.new"
    shutil.copyfile(earlier / EVIDENCE_FILE, fresh)
    bring_up_to_date(fresh)
    with sqlite3.connect(fresh) as db:
        db.execute("CREATE TEMP TABLE listed (id INTEGER PRIMARY KEY)")
        db.executemany(
            "INSERT OR IGNORE INTO listed SELECT id FROM urls WHERE url=? AND role<>'fragment'",
            [(url,) for url in run.config["recheck"]["visit"]],
        )
        db.execute("UPDATE pages SET seen_in=coalesce(seen_in, (SELECT id FROM run))")
        db.executescript(_NO_TURNS + _CAPTURED + _AGAIN)
        db.execute(
            "UPDATE run SET id=?, as_of=?, started_at=?, finished_at=NULL, version=?, config=?",
            (
                run.id,
                run.as_of.isoformat(),
                run.started_at.isoformat(),
                run.version,
                json.dumps(dict(run.config), ensure_ascii=False, default=str),
            ),
        )
    db.close()
    fresh.rename(folder / EVIDENCE_FILE)


def begin_from(earlier: Path, folder: Path) -> None:
    """Put a sleeping copy of an earlier run's evidence into a new folder; whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{EVIDENCE_FILE}.new"
    shutil.copyfile(earlier / EVIDENCE_FILE, fresh)
    bring_up_to_date(fresh)
    with sqlite3.connect(fresh) as db:
        run_id, as_of, coverage = db.execute("SELECT id, as_of, coverage FROM run").fetchone()
        pages = json.loads(coverage).get("pages", {})
        whole = pages.get("state") == "complete"
        cut = bool(pages.get("counts", {}).get("left"))
        db.create_function("source_of", 1, source_of, deterministic=True)
        db.executescript(_CAPTURED + _LOOKS)
        db.execute("INSERT OR REPLACE INTO earlier_runs VALUES (?,?)", (as_of, int(whole)))
        db.executescript(_WITHOUT_INDEXES + _TAKE_TURNS + _SLEEP + _IN_TURN if cut else _NO_TURNS + _SLEEP)
        db.execute("UPDATE pages SET seen_in=coalesce(seen_in, ?)", (run_id,))
    db.close()
    fresh.rename(folder / EVIDENCE_FILE)

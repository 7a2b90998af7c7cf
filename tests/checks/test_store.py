"""Assessments come back from findings.db as they were saved; runs are compared by fingerprint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.compare import compare
from checks.store import StoreError, load, save
from tests.reports.made import assessment, both, found, link, looking_ahead, run, site, word


def test_round_trip(tmp_path: Path) -> None:
    before = tuple(looking_ahead(one) for one in both())
    save(tmp_path / "findings.db", before)
    assert load(tmp_path / "findings.db") == before


def test_saving_again_replaces(tmp_path: Path) -> None:
    save(tmp_path / "findings.db", both())
    save(tmp_path / "findings.db", both(found(2, hostile=False)))
    assert [len(one.findings) for one in load(tmp_path / "findings.db")] == [7, 7]
    assert [path.name for path in tmp_path.iterdir()] == ["findings.db"]


def test_a_lone_surrogate_is_stored_as_a_question_mark(tmp_path: Path) -> None:
    save(tmp_path / "f.db", [assessment("census-2015", [replace(word(1, "字"), message="坏\ud800字")])])
    assert load(tmp_path / "f.db")[0].findings[0].message == "坏?字"


def test_only_one_run_in_a_file(tmp_path: Path) -> None:
    other = assessment("census-2015", [], of=run(site(), "another"))
    with pytest.raises(ValueError, match="exactly one run"):
        save(tmp_path / "f.db", [*both([]), other])


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="没有这个文件"):
        load(tmp_path / "absent.db")
    (tmp_path / "f.db").write_bytes(b"not a database, whatever its name says" * 40)
    with pytest.raises(StoreError, match="已损坏"):
        load(tmp_path / "f.db")


def test_compare() -> None:
    previous = assessment("census-2015", [link(1), link(2), link(3)])
    current = assessment("census-2015", [link(2), link(4), link(5)])
    changes = compare(current, previous, fixed_before=[link(5).fingerprint])
    assert [
        [one.id for one in part]
        for part in (
            changes.new,
            changes.persisting,
            changes.came_back,
            changes.fixed,
            changes.not_reexamined,
        )
    ] == [[link(4).id], [link(2).id], [link(5).id], [link(1).id, link(3).id], []]


def test_what_was_not_wholly_examined_is_not_fixed() -> None:
    previous = assessment("census-2015", [link(1)])
    current = assessment("census-2015", [])
    results = tuple(replace(one, complete=one.check != "dead-link") for one in current.results)
    changes = compare(replace(current, results=results), previous)
    assert (changes.fixed, [one.id for one in changes.not_reexamined]) == ((), [link(1).id])

"""What falls due in the next weeks, and whether it is there already."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from checks.mandated.calendar import due_soon
from crawler.evidence.reader import Evidence
from tests.checks.cases import write


def due(folder: Path, as_of: str, pages: list[dict[str, Any]], **case: Any) -> list[tuple[Any, ...]]:
    write({"as_of": dt.date.fromisoformat(as_of), "evidence": {"pages": pages}, **case}, folder)
    with Evidence(folder) as evidence:
        return [(row.item, row.year, str(row.day), row.sure, row.there) for row in due_soon(evidence)]


REPORTS = {
    "url": "/nb/",
    "kind": "list",
    "title": "信息公开年报",
    "mandated": [{"item": "DI-08"}],
    "items": [{"title": "某局2018年政府信息公开工作年度报告", "url": "/2018.html"}],
}


def test_december_looks_over_the_new_year(tmp_path: Path) -> None:
    assert due(tmp_path, "2019-12-10", [REPORTS]) == [
        ("DI-28", 2019, "2019-12-31", True, False),
        ("DI-29", 2018, "2019-12-31", True, False),
        ("DI-08", 2019, "2020-01-31", True, False),
        ("DI-41", 2019, "2020-01-31", True, False),
    ]


def test_what_is_published_already_is_told_with_its_place(tmp_path: Path) -> None:
    pages = [{"url": "/y.html", "title": "2019年度报告", "mandated": [{"item": "DI-08", "year": 2019}]}]
    write({"as_of": dt.date(2020, 1, 31), "evidence": {"pages": pages}}, tmp_path)
    with Evidence(tmp_path) as evidence:
        rows = [row for row in due_soon(evidence, days=0) if row.item == "DI-08"]
    assert [(row.there, row.url, row.basis) for row in rows] == [
        (True, "http://kjj.example/y.html", rows[0].basis)
    ]
    assert "政府信息公开条例" in rows[0].basis


def test_the_older_rule_holds_until_the_newer_begins(tmp_path: Path) -> None:
    assert due(tmp_path, "2018-03-01", [REPORTS]) == [
        ("DI-08", 2017, "2018-03-31", False, False),
        ("DI-28", 2018, "2018-03-31", False, False),
    ]


def test_partial_evidence_cannot_tell_what_lacks(tmp_path: Path) -> None:
    rows = due(tmp_path, "2020-01-05", [REPORTS], coverage={"pages": "partial"})
    assert rows == [("DI-08", 2019, "2020-01-31", True, None), ("DI-41", 2019, "2020-01-31", True, None)]


def test_a_page_whose_year_was_not_read_cannot_tell(tmp_path: Path) -> None:
    pages = [{"url": "/ys.html", "title": "部门预算", "mandated": [{"item": "DI-28"}]}]
    assert due(tmp_path, "2019-03-01", pages) == [
        ("DI-08", 2018, "2019-03-31", False, False),
        ("DI-28", 2019, "2019-03-31", False, None),
    ]


def test_nothing_due(tmp_path: Path) -> None:
    assert due(tmp_path, "2018-04-16", []) == []

"""A monitoring point in the past: what a site published since is not impossible."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.checks.cases import verdicts

SEEN = dt.date(2018, 4, 16)
"""The day on which the pages of a case are seen."""


@pytest.mark.parametrize(("since", "failed"), [(4, 0), (3, 3)])
def test_a_site_that_went_on(tmp_path: Path, since: int, failed: int) -> None:
    pages = [
        {"url": f"/{n}.html", "published": SEEN - dt.timedelta(days=n if n < since else 100 + n)}
        for n in range(20)
    ]
    pages.append({"url": "/future.html", "published": dt.date(2018, 12, 26)})
    case = {"as_of": dt.date(2018, 3, 1), "evidence": {"pages": pages}}
    found = {v.subject.key: v.grade for v in verdicts("impossible-date", case, tmp_path)}
    assert found["http://kjj.example/future.html"] == "fail"
    assert sum(grade == "fail" for grade in found.values()) == failed + 1

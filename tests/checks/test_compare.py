"""What became of findings over several runs, and how two tables differ."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from checks.assessment import Assessment, Glance
from checks.check import Outcome
from checks.compare import between, compare, counted, glance, once_fixed
from checks.store import load_glance, save
from tests.reports.made import assessment, both, found, link, run, site, word


def day(number: int, *links: int, unseen: bool = False) -> Assessment:
    """A run on a day with these dead links; `unseen`: links were not looked at."""
    of = replace(run(site(), f"2018040{number}-000000"), as_of=dt.date(2018, 4, number))
    made = assessment("census-2015", [link(one) for one in links], of=of)
    if unseen:
        results = tuple(
            replace(one, complete=False, outcome=Outcome.NOT_EXAMINED) if one.check == "dead-link" else one
            for one in made.results
        )
        made = replace(made, results=results)
    return made


def sorted_out(*days: Assessment) -> dict[str, list[str]]:
    earlier = [glance([one]) for one in days[:-1]]
    fixed, known = once_fixed(earlier)
    changes = compare(days[-1], days[-2], fixed, known)
    names = {link(number).fingerprint: str(number) for number in range(9)}
    return {
        name: [names[one.fingerprint] for one in getattr(changes, name)]
        for name in ("new", "persisting", "came_back", "fixed", "not_reexamined")
    }


def test_five_fates() -> None:
    assert sorted_out(day(1, 1, 2), day(2, 2, 3), day(3, 1, 2, 4)) == {
        "new": ["4"],
        "persisting": ["2"],
        "came_back": ["1"],
        "fixed": ["3"],
        "not_reexamined": [],
    }


def test_what_was_not_looked_at_is_neither_fixed_nor_new_again() -> None:
    unseen = sorted_out(day(1, 1, 2), day(2, 2, unseen=True))
    assert (unseen["fixed"], unseen["not_reexamined"]) == ([], ["1"])
    again = sorted_out(day(1, 1, 2), day(2, 2, unseen=True), day(3, 1, 2))
    assert (again["came_back"], again["persisting"], again["new"]) == ([], ["1", "2"], [])


def test_a_fault_that_came_back_last_time_persists() -> None:
    assert sorted_out(day(1, 1), day(2), day(3, 1), day(4, 1))["persisting"] == ["1"]


def test_a_run_in_brief_is_the_same_from_its_file(tmp_path: Path) -> None:
    made = both(found())
    save(tmp_path / "findings.db", made)
    brief = load_glance(tmp_path / "findings.db")
    assert isinstance(brief, Glance)
    assert brief == glance(made)
    assert counted(brief) == (17, 1)
    assert "dead-link" in brief.examined
    assert "stale-column" not in brief.examined


def test_how_two_tables_differ() -> None:
    first, second = both([link(1, home=True), word(1, "登陆")])
    differ = between(first, second)
    assert (differ.only_first, differ.only_second) == ((), ())
    assert differ.moved == ((link(1, home=True).id, "C15-D02a", "A-01"),)
    assert differ.outcomes == (("dead-link", (Outcome.FAIL, Outcome.PASS), (Outcome.FAIL,)),)
    assert between(first, first) == replace(differ, moved=(), outcomes=())

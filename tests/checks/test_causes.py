"""Findings by cause, and the order in which mending them wins most."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from checks.causes import Kind, causes, shortest_way
from checks.check import Citation, Finding, Subject, fingerprint
from checks.scoring import regained
from tests.reports.made import AT, assessment, both, column, link, word

HOSTS = ("kjj.yunzhou.example",)
HOME = "http://kjj.yunzhou.example"


def dead(url: str, *pages: str, everywhere: bool = False, home: bool = False) -> Finding:
    return replace(
        link(0),
        id=f"dead-link-{fingerprint('dead-link', url)[:10]}",
        fingerprint=fingerprint("dead-link", url),
        clause="C15-D02a" if home else "C15-D02b",
        subject=Subject(kind="link", key=url, url=url, title="旧链接"),
        facts={"target_url": url, "everywhere": everywhere, "on_home": home, "pages": len(pages)},
        places=len(pages),
        citations=tuple(Citation(url=page, seen_at=AT, quote="旧链接") for page in pages),
    )


def told(findings: list[Finding]) -> dict[tuple[Kind, str], tuple[int, int]]:
    return {(one.kind, one.name): (len(one.findings), one.edits) for one in causes(findings, HOSTS)}


def test_each_finding_has_one_cause() -> None:
    page = f"{HOME}/a/1.html"
    findings = [
        dead(f"{HOME}/top.html", page, f"{HOME}/b.html", everywhere=True),
        *(dead(f"{HOME}/old/2017{month:02}/t{month}.html", f"{HOME}/p{month}.html") for month in (1, 2, 3)),
        dead("http://partner.example/a", f"{HOME}/x.html"),
        dead("http://partner.example/b", f"{HOME}/x.html", f"{HOME}/y.html"),
        dead("http://alone.example/b", f"{HOME}/z.html", f"{HOME}/y.html"),
        column("工作动态", "news", 74),
        dead(f"{HOME}/gone/1.html", page),
        dead(f"{HOME}/lost/2.html", page),
        word(9, "登陆", review=True),
    ]
    assert told(findings) == {
        (Kind.TEMPLATE, ""): (1, 1),
        (Kind.FOLDER, f"{HOME}/old/"): (3, 1),
        (Kind.HOST, "partner.example"): (2, 2),
        (Kind.SINGLE, fingerprint("dead-link", "http://alone.example/b")): (1, 2),
        (Kind.COLUMN, "政务公开 > 工作动态"): (1, 1),
        (Kind.PAGE, page): (2, 1),
    }


def test_a_page_that_only_bears_witness_is_not_the_cause() -> None:
    page = f"{HOME}/news/1.html"
    home = replace(
        word(3, "登陆"),
        fingerprint="a" * 16,
        check="stale-home",
        subject=Subject(kind="page", key="home", url=f"{HOME}/"),
        citations=(Citation(url=page, seen_at=AT),),
    )
    assert told([home, dead(f"{HOME}/gone/1.html", page), dead(f"{HOME}/lost/2.html", page)]) == {
        (Kind.SINGLE, "a" * 16): (1, 1),
        (Kind.PAGE, page): (2, 1),
    }


def test_two_dead_pages_are_no_moved_folder() -> None:
    findings = [dead(f"{HOME}/old/{n}.html", f"{HOME}/p{n}.html") for n in (1, 2)]
    assert {kind for kind, _ in told(findings)} == {Kind.SINGLE}


def test_hostile_addresses_raise_nothing() -> None:
    findings = [dead(url, f"{HOME}/p.html") for url in ("http://[", "javascript:1", "http://[x]/a/b", "//")]
    assert len(causes(findings, HOSTS)[0].findings) == 4


def test_vetoes_first_then_points_per_edit() -> None:
    columns = [column(f"动态{number}", "news", 74) for number in range(7)]
    partner = [dead(f"http://partner.example/{n}", f"{HOME}/p{n}.html") for n in range(4)]
    way = shortest_way(
        [assessment("census-2015", [*columns, *partner, dead(f"{HOME}/n.html", HOME, home=True)])]
    )
    kinds = [(step.cause.kind, bool(step.lifts), step.points) for step in way.steps]
    # Seven stale columns, the line is five: three must be fed, then 3 points each, 1 for the home page, 0.4 in four edits.
    assert kinds == [
        *[(Kind.COLUMN, True, Decimal(3))] * 3,
        *[(Kind.COLUMN, False, Decimal(3))] * 4,
        (Kind.SINGLE, False, Decimal(1)),
        (Kind.HOST, False, Decimal("0.4")),
    ]
    assert [{clause for _, clause in step.lifts} for step in way.steps[:3]] == [{"C15-V03a"}] * 3
    assert (way.vetoes_after, way.pass_after, way.steps[-1].so_far) == (3, 3, Decimal("22.4"))


def test_points_that_a_cap_swallows_are_not_promised() -> None:
    made = assessment("inspection-2019-full", [link(number, home=True) for number in range(30)])
    row = next(one for one in made.score.clauses if one.uncapped > one.marks > 0)
    over = int((row.uncapped - row.marks) / (row.uncapped / row.failed))
    assert regained(made.standard, made.score, {row.clause: over}) == 0
    assert regained(made.standard, made.score, {row.clause: over + 1}) > 0
    assert regained(made.standard, made.score, {row.clause: row.failed}) == row.marks


def test_a_table_without_points_counts_vetoes_only() -> None:
    columns = [column(f"动态{number}", "news", 74) for number in range(5)]
    way = shortest_way([assessment("inspection-2019", columns)])
    assert (way.standard, len(way.steps), way.vetoes_after, way.pass_after, way.others) == ("", 1, 1, None, 4)


def test_nothing_found_nothing_to_do() -> None:
    way = shortest_way(both([]))
    assert (way.steps, way.vetoes_after, way.pass_after, way.others) == ((), 0, 0, 0)

"""Scores computed by hand, each clause at least once, then the ways a score stays open."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.assessment import Score, Standing, TestResult
from checks.check import Check, Finding, Grade, Outcome, Severity, Subject
from checks.registry import CHECKS as REGISTERED
from checks.scoring import Counts, judge, score, unjudged
from checks.standard import PLANNED, Clause, Frame, Indicator, Part, Per, SourceStatus, Standard, Test, load

CASES = yaml.safe_load((Path(__file__).parent / "scoring_cases.yaml").read_text(encoding="utf-8"))
LIMITS: dict[str, Any] = {name: None for check in REGISTERED for name in check.limits}
CHECKS = [
    Check(id=name, title=name, severity=Severity.MINOR, needs=("pages",), message="", fix="", limits=LIMITS)
    for name in sorted(PLANNED | {check.id for check in REGISTERED})
]


def answer(clause: Clause, failed: int, earned: int) -> TestResult:
    """A person's answer to a clause no check serves."""
    if clause.part is Part.BONUS:
        outcome, examined, failed = (Outcome.PASS, earned, 0) if earned else (Outcome.FAIL, 0, 0)
    else:
        outcome, examined = (Outcome.FAIL if failed else Outcome.PASS), max(failed, 1)
    return TestResult(clause=clause.id, check=None, outcome=outcome, examined=examined, failed=failed)


def results_of(standard: Standard, failed: dict[str, Any], earned: dict[str, int]) -> list[TestResult]:
    results = []
    for clause in standard.clauses:
        wrong = failed.get(clause.id, 0)
        count, of = wrong if isinstance(wrong, list) else (wrong, max(200, wrong))
        if not clause.tests:
            results.append(answer(clause, count, earned.get(clause.id, 0)))
        for number, test in enumerate(clause.tests):
            counts = Counts(examined=of, failed=count) if number == 0 else Counts()
            results.append(judge(clause, test, counts))
    return results


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_hand_computed(case: dict[str, Any]) -> None:
    standard = load(case["standard"], CHECKS)
    expect = case["expect"]
    got = score(standard, results_of(standard, case["failed"], case.get("earned", {})), [])
    marks = {row.clause: float(row.marks) for row in got.clauses if row.clause in expect.get("marks", {})}
    assert {
        "marks": marks,
        "standing": got.standing,
        "vetoes": list(got.vetoes),
        "deducted": float(got.deducted),
        "bonus": float(got.bonus),
        "total": None if got.total is None else float(got.total),
        "blocked": got.blocked_by,
    } == {
        "marks": expect.get("marks", {}),
        "standing": expect["standing"],
        "vetoes": expect.get("vetoes", []),
        "deducted": expect["deducted"],
        "bonus": expect.get("bonus", 0),
        "total": expect["total"],
        "blocked": (),
    }


def test_every_clause_has_a_hand_computed_case() -> None:
    touched = {clause for case in CASES for clause in (*case["failed"], *case.get("earned", {}))}
    official = {
        clause.id
        for name in ("census-2015", "inspection-2019-full", "new-media-2019")
        for clause in load(name, CHECKS).clauses
        if clause.part is not Part.ADVISORY
    }
    assert official - touched == set()


def clause(number: str, part: Part, **changed: Any) -> Clause:
    given: dict[str, Any] = {
        "id": number,
        "part": part,
        "group": "一级",
        "indicator": "二级",
        "title": number,
        "text": number,
        "source_status": SourceStatus.CONFIRMED,
        "tests": (Test(check="dead-link"),),
    }
    if part in (Part.DEDUCT, Part.BONUS):
        given["points"] = Decimal(2)
    return Clause(**(given | changed))


def table(*clauses: Clause, frame: Frame | None = None, cap: int | None = None) -> Standard:
    return Standard(
        id="t",
        title="t",
        document_no="t",
        issuer="t",
        valid_from=dt.date(2020, 1, 1),
        valid_to=None,
        source="t",
        official=True,
        note="",
        frame=frame,
        indicators=()
        if cap is None
        else (Indicator(part=Part.DEDUCT, group="一级", name="二级", cap=Decimal(cap)),),
        clauses=clauses,
    )


def finding(number: int, grade: Grade = Grade.FAIL) -> Finding:
    return Finding(
        id=f"F{number}",
        fingerprint=f"{number:016x}",
        check="dead-link",
        clause="d",
        grade=grade,
        severity=Severity.MINOR,
        subject=Subject(kind="link", key=str(number)),
        message="",
        fix="",
        facts={},
        places=1,
        citations=(),
    )


FRAME = Frame(base=Decimal(100), pass_mark=Decimal(60))


def one(drawn: Clause, counts: Counts, **state: Any) -> Score:
    frame = FRAME if drawn.part in (Part.DEDUCT, Part.BONUS) else None
    findings = [finding(number) for number in range(counts.failed)]
    findings += [finding(100 + number, Grade.REVIEW) for number in range(counts.review)]
    return score(table(drawn, frame=frame), [judge(drawn, drawn.tests[0], counts, **state)], findings)


@pytest.mark.parametrize(
    ("counts", "state", "outcome", "standing"),
    [
        (Counts(examined=9, failed=5), {}, Outcome.FAIL, Standing.UNQUALIFIED),
        (Counts(examined=9, failed=4), {}, Outcome.PASS, Standing.QUALIFIED),
        (Counts(examined=9, failed=4, review=1), {}, Outcome.REVIEW, Standing.UNDECIDED),
        (Counts(examined=9, failed=2, review=2), {}, Outcome.PASS, Standing.QUALIFIED),
        (Counts(), {}, Outcome.NOT_APPLICABLE, Standing.QUALIFIED),
        (Counts(examined=9, failed=4), {"state": "partial"}, Outcome.NOT_EXAMINED, Standing.UNDECIDED),
        (Counts(examined=9, failed=5), {"state": "partial"}, Outcome.FAIL, Standing.UNQUALIFIED),
        (Counts(), {"state": "absent"}, Outcome.NOT_EXAMINED, Standing.UNDECIDED),
        (Counts(), {"error": "检查出错"}, Outcome.ERROR, Standing.UNDECIDED),
    ],
)
def test_veto_outcomes(counts: Counts, state: dict[str, Any], outcome: Outcome, standing: Standing) -> None:
    got = one(clause("v", Part.VETO, at_least=5), counts, **state)
    assert (got.clauses[0].outcome, got.standing) == (outcome, standing)


def test_distance_to_the_veto_line() -> None:
    got = one(clause("v", Part.VETO, at_least=5), Counts(examined=9, failed=3)).clauses[0]
    assert (got.reached, got.line, got.ratio) == (Decimal(3), Decimal(5), False)


def test_too_few_probes_only_warn() -> None:
    drawn = clause("v", Part.VETO, ratio=Decimal("0.05"), min_examined=140)
    got = one(drawn, Counts(examined=3, failed=3))
    assert (got.standing, got.blocked_by) == (Standing.UNDECIDED, ("v",))
    assert got.clauses[0].reason == "只检查了 3 次，不足 140 次"


def test_check_to_come_leaves_the_clause_unexamined() -> None:
    drawn = clause("v", Part.VETO, tests=(Test(check="soft-404", registered=False),))
    got = one(drawn, Counts())
    assert (got.clauses[0].outcome, got.clauses[0].reason) == (Outcome.NOT_EXAMINED, "检查项尚未提供")


def test_tests_of_one_clause_add_up() -> None:
    stale, blank = Test(check="stale-column"), Test(check="blank-column")
    drawn = clause("v", Part.VETO, at_least=10, tests=(stale, blank))
    results = [
        judge(drawn, stale, Counts(examined=20, failed=6)),
        judge(drawn, blank, Counts(examined=20, failed=4)),
    ]
    assert [result.outcome for result in results] == [Outcome.PASS, Outcome.PASS]
    assert score(table(drawn), results, []).vetoes == ("v",)


@pytest.mark.parametrize(
    ("counts", "state", "deducted", "total", "at_most", "at_least", "standing"),
    [
        (Counts(examined=9, failed=3), {}, 6, 94, 94, 94, Standing.QUALIFIED),
        (Counts(examined=9, failed=3, review=1), {}, 6, None, 94, None, Standing.UNDECIDED),
        (Counts(examined=9, failed=3), {"state": "partial"}, 6, None, 94, None, Standing.UNDECIDED),
        (Counts(examined=90, failed=21), {"state": "partial"}, 42, None, 58, None, Standing.UNQUALIFIED),
        (Counts(examined=9, review=2), {}, 0, None, 100, None, Standing.UNDECIDED),
    ],
)
def test_deduct_bounds(
    counts: Counts,
    state: dict[str, Any],
    deducted: int,
    total: int | None,
    at_most: int,
    at_least: int | None,
    standing: Standing,
) -> None:
    got = one(clause("d", Part.DEDUCT), counts, **state)
    bounds = [
        None if value is None else int(value)
        for value in (got.deducted, got.total, got.at_most, got.at_least)
    ]
    assert (bounds, got.standing) == ([deducted, total, at_most, at_least], standing)


def test_open_clause_with_a_cap_leaves_the_site_qualified_but_the_total_open() -> None:
    drawn = clause("d", Part.DEDUCT)
    result = judge(drawn, drawn.tests[0], Counts(examined=3, failed=1), state="partial", why="只走了一半")
    got = score(table(drawn, frame=FRAME, cap=7), [result], [])
    assert (got.standing, got.total, got.at_most, got.at_least, got.blocked_by) == (
        Standing.QUALIFIED,
        None,
        Decimal(98),
        Decimal(93),
        ("d",),
    )


def test_reached_cap_closes_an_open_clause() -> None:
    drawn = clause("d", Part.DEDUCT)
    result = judge(drawn, drawn.tests[0], Counts(examined=9, failed=9), state="partial")
    got = score(table(drawn, frame=FRAME, cap=7), [result], [])
    assert (got.total, got.blocked_by, got.clauses[0].uncapped) == (Decimal(93), (), Decimal(18))


def test_shares_of_findings_add_up_to_the_deduction() -> None:
    drawn = clause("d", Part.DEDUCT)
    findings = [finding(number) for number in range(4)] + [finding(9, Grade.REVIEW)]
    counts = Counts(examined=9, failed=4, review=1, findings=("F9", "F0", "F1", "F2", "F3"))
    got = score(table(drawn, frame=FRAME, cap=5), [judge(drawn, drawn.tests[0], counts)], findings)
    assert got.clauses[0].shares == {"F0": Decimal(2), "F1": Decimal(2), "F2": Decimal(1), "F3": Decimal(0)}


def test_per_site_points_are_taken_once() -> None:
    got = one(clause("d", Part.DEDUCT, per=Per.SITE), Counts(examined=9, failed=4, findings=("F0", "F1")))
    assert (got.deducted, got.clauses[0].shares) == (Decimal(2), {"F0": Decimal(2), "F1": Decimal(0)})


def test_open_bonus_leaves_the_total_open_only_above_the_gate() -> None:
    frame = Frame(base=Decimal(100), pass_mark=Decimal(60), bonus_gate=Decimal(80), bonus_max=Decimal(30))
    bonus = clause("b", Part.BONUS, tests=(), manual="看一看", per=Per.SITE)
    drawn = clause("d", Part.DEDUCT)
    cases: list[tuple[int, Decimal | None, Decimal, tuple[str, ...]]] = [
        (9, None, Decimal(84), ("b",)),
        (10, Decimal(80), Decimal(80), ()),
    ]
    for failed, total, at_most, blocked in cases:
        results = [judge(drawn, drawn.tests[0], Counts(examined=20, failed=failed)), unjudged(bonus)]
        got = score(table(drawn, bonus, frame=frame), results, [])
        assert (got.total, got.at_most, got.blocked_by) == (total, at_most, blocked)
        assert got.standing is Standing.QUALIFIED


def test_unanswered_manual_veto_blocks() -> None:
    drawn = clause("v", Part.VETO, tests=(), manual="核查保密")
    got = score(table(drawn), [unjudged(drawn)], [])
    assert (got.standing, got.blocked_by) == (Standing.UNDECIDED, ("v",))
    assert got.clauses[0].reason == "需人工核查：核查保密"


def test_a_clause_without_a_result_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        score(table(clause("v", Part.VETO)), [], [])

"""From counts to results, from results to a score: the only place with marks.

A failure that was seen stands. What was not, or not wholly, examined never counts as passed: it leaves
the score undecided, with bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from checks.assessment import ClauseScore, Score, Standing, TestResult
from checks.check import Finding, Grade, Outcome
from checks.standard import Clause, Frame, Part, Per, Standard, Test

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Verdicts of one test, counted. `findings` ids of the failed and review ones, in report order."""

    examined: int = 0
    failed: int = 0
    review: int = 0
    findings: tuple[str, ...] = ()


def judge(
    clause: Clause,
    test: Test,
    counts: Counts,
    *,
    state: str = "complete",
    why: str = "",
    error: str | None = None,
) -> TestResult:
    """The result of one test alone. `state` is the poorest coverage among the kinds its check needs."""
    reason = why if state != "complete" else ""
    complete = state == "complete" and error is None and test.registered
    if counts.examined < clause.min_examined:
        complete, reason = False, reason or f"只检查了 {counts.examined} 次，不足 {clause.min_examined} 次"
    if clause.part is Part.BONUS:
        reached = counts.examined - counts.failed - counts.review >= clause.at_least
    else:
        reached = _reached(clause, counts.failed, counts.examined)
    if error is not None:
        outcome, reason = Outcome.ERROR, error
    elif not test.registered:
        outcome, reason = Outcome.NOT_EXAMINED, "检查项尚未提供"
    elif clause.part is Part.BONUS and reached:
        outcome = Outcome.PASS
    elif reached:
        outcome = Outcome.FAIL
    elif not complete:
        outcome = Outcome.NOT_EXAMINED
    elif clause.part is Part.BONUS:
        outcome = Outcome.FAIL
    elif counts.review and _reached(clause, counts.failed + counts.review, counts.examined):
        outcome = Outcome.REVIEW
    elif counts.examined == 0:
        outcome = Outcome.NOT_APPLICABLE
    else:
        outcome = Outcome.PASS
    return TestResult(
        clause=clause.id,
        check=test.check,
        outcome=outcome,
        examined=counts.examined,
        failed=counts.failed,
        review=counts.review,
        complete=complete,
        findings=counts.findings,
        reason=reason,
    )


def unjudged(clause: Clause) -> TestResult:
    """The result of a clause that no check serves: a person must look, or a check is still to come."""
    reason = (
        f"需人工核查：{clause.manual}" if clause.manual is not None else f"暂未自动检查：{clause.pending}"
    )
    return TestResult(
        clause=clause.id, check=None, outcome=Outcome.NOT_EXAMINED, complete=False, reason=reason
    )


def _reached(clause: Clause, failed: int, examined: int) -> bool:
    if examined < clause.min_examined:
        return False
    if clause.ratio is None:
        return failed >= clause.at_least
    return examined > 0 and Decimal(failed) / examined >= clause.ratio


def score(standard: Standard, results: Iterable[TestResult], findings: Iterable[Finding]) -> Score:
    """Score all clauses. Every clause of the standard needs at least one result.

    Raises KeyError for a clause without a result and for a result naming an unknown finding.
    """
    grades = {finding.id: finding.grade for finding in findings}
    by_clause: dict[str, list[TestResult]] = {clause.id: [] for clause in standard.clauses}
    for result in results:
        by_clause[result.clause].append(result)
    left = {(row.part, row.group, row.name): row.cap for row in standard.indicators}
    scored = []
    for clause in standard.clauses:
        if not by_clause[clause.id]:
            raise KeyError(clause.id)
        drawn = _clause_score(clause, by_clause[clause.id])
        if drawn.uncapped:
            key = (clause.part, clause.group, clause.indicator)
            marks = min(drawn.uncapped, left.get(key, drawn.uncapped))
            if key in left:
                left[key] -= marks
            failed = [
                finding
                for result in by_clause[clause.id]
                for finding in result.findings
                if grades[finding] is Grade.FAIL
            ]
            drawn = replace(drawn, marks=marks, shares=_shares(clause, marks, failed))
        scored.append(drawn)
    scored = [_closed_by_cap(row, standard.clause(row.clause), left) for row in scored]
    return _total(standard, scored, left)


def _clause_score(clause: Clause, results: Sequence[TestResult]) -> ClauseScore:
    examined = sum(result.examined for result in results)
    answered_bad = any(result.check is None and result.outcome is Outcome.FAIL for result in results)
    failed = sum(result.failed for result in results)
    if answered_bad:
        failed = max(failed, 1)
    review = sum(result.review for result in results)
    unseen = [result for result in results if not result.complete]
    reason = "；".join(dict.fromkeys(result.reason for result in results if result.reason))
    triggered = answered_bad or _reached(clause, failed, examined)
    doubtful = review > 0 and (clause.part is Part.DEDUCT or _reached(clause, failed + review, examined))
    if clause.part is Part.BONUS:
        earned = any(result.outcome is Outcome.PASS for result in results)
        outcome = Outcome.PASS if earned else _unsettled(unseen) or Outcome.FAIL
    elif triggered:
        outcome = Outcome.FAIL
    elif unseen:
        outcome = _unsettled(unseen) or Outcome.NOT_EXAMINED
    elif doubtful:
        outcome = Outcome.REVIEW
    elif all(result.outcome is Outcome.NOT_APPLICABLE for result in results):
        outcome = Outcome.NOT_APPLICABLE
    else:
        outcome = Outcome.PASS
    settled = (
        clause.part in (Part.VETO, Part.ADVISORY) or clause.per is Per.SITE
    ) and outcome is Outcome.FAIL
    if clause.part is Part.BONUS:
        settled = outcome is Outcome.PASS and clause.per is Per.SITE
    return ClauseScore(
        clause=clause.id,
        part=clause.part,
        outcome=outcome,
        examined=examined,
        failed=failed,
        review=review,
        reached=_distance(clause, failed, examined),
        line=clause.ratio if clause.ratio is not None else Decimal(clause.at_least),
        ratio=clause.ratio is not None,
        open=not settled and clause.part is not Part.ADVISORY and bool(unseen or doubtful),
        reason=reason,
        uncapped=_marks(clause, outcome, failed, examined, review),
    )


def _unsettled(unseen: Sequence[TestResult]) -> Outcome | None:
    if any(result.outcome is Outcome.ERROR for result in unseen):
        return Outcome.ERROR
    return Outcome.NOT_EXAMINED if unseen else None


def _distance(clause: Clause, failed: int, examined: int) -> Decimal:
    if clause.ratio is None:
        return Decimal(failed)
    return (Decimal(failed) / examined).quantize(Decimal("0.0001")) if examined else ZERO


def _marks(clause: Clause, outcome: Outcome, failed: int, examined: int, review: int) -> Decimal:
    if clause.points is None:
        return ZERO
    if clause.part is Part.BONUS:
        good = max(1, examined - failed - review) if clause.per is Per.SUBJECT else 1
        return clause.points * good if outcome is Outcome.PASS else ZERO
    if outcome is not Outcome.FAIL:
        return ZERO
    if clause.per is Per.SITE:
        return clause.points
    if clause.per is Per.PERCENT:
        # "每 1%" is read as full per cents: a doubt about a fraction goes in the site's favour.
        return clause.points * (100 * failed // examined) if examined else ZERO
    return clause.points * failed


def _shares(clause: Clause, marks: Decimal, findings: Sequence[str]) -> dict[str, Decimal]:
    if clause.part is not Part.DEDUCT or clause.points is None:
        return {}
    each = clause.points if clause.per is Per.SUBJECT else marks
    shares = {}
    for finding in findings:
        shares[finding] = min(each, marks)
        marks -= shares[finding]
    return shares


def _closed_by_cap(
    row: ClauseScore, clause: Clause, left: Mapping[tuple[Part, str, str], Decimal]
) -> ClauseScore:
    """A clause whose indicator has nothing left to lose or win cannot change the score any more."""
    if row.open and left.get((clause.part, clause.group, clause.indicator)) == ZERO:
        return replace(row, open=False)
    return row


def _total(
    standard: Standard, rows: Sequence[ClauseScore], left: Mapping[tuple[Part, str, str], Decimal]
) -> Score:
    vetoes = tuple(row.clause for row in rows if row.part is Part.VETO and row.outcome is Outcome.FAIL)
    open_vetoes = [row.clause for row in rows if row.part is Part.VETO and row.open]
    deducted = sum((row.marks for row in rows if row.part is Part.DEDUCT), ZERO)
    frame = standard.frame
    if frame is None:
        standing = (
            Standing.UNQUALIFIED if vetoes else Standing.UNDECIDED if open_vetoes else Standing.QUALIFIED
        )
        return Score(
            standing=standing,
            vetoes=vetoes,
            deducted=deducted,
            bonus=ZERO,
            total=None,
            at_most=None,
            at_least=None,
            blocked_by=() if vetoes else tuple(open_vetoes),
            clauses=tuple(rows),
        )
    open_deducts = [row.clause for row in rows if row.part is Part.DEDUCT and row.open]
    open_bonuses = [row.clause for row in rows if row.part is Part.BONUS and row.open]
    high = _rescaled(frame, frame.base - deducted)
    loss = _potential(standard, open_deducts, left)
    low = None if loss is None else _rescaled(frame, frame.base - deducted - loss)
    earned = min(sum((row.marks for row in rows if row.part is Part.BONUS), ZERO), frame.bonus_max)
    chance = _potential(standard, open_bonuses, left)
    most = frame.bonus_max if chance is None else min(frame.bonus_max, earned + chance)
    at_most = high + most if _above_gate(frame, high) else high
    at_least = low if low is None or not _above_gate(frame, low) else low + earned
    if not open_deducts:
        bonus = earned if _above_gate(frame, high) else ZERO
        final = None if _above_gate(frame, high) and open_bonuses else high + bonus
    else:
        bonus, final = ZERO, None
    blocked = (*open_vetoes, *open_deducts, *(open_bonuses if _above_gate(frame, high) else ()))
    if vetoes or at_most < frame.pass_mark:
        standing = Standing.UNQUALIFIED
    elif open_vetoes or at_least is None or at_least < frame.pass_mark:
        standing = Standing.UNDECIDED
    else:
        standing = Standing.QUALIFIED
    return Score(
        standing=standing,
        vetoes=vetoes,
        deducted=deducted,
        bonus=bonus,
        total=None if vetoes or open_vetoes else final,
        at_most=None if vetoes else at_most,
        at_least=None if vetoes else at_least,
        blocked_by=() if vetoes else blocked,
        clauses=tuple(rows),
    )


def _above_gate(frame: Frame, points: Decimal) -> bool:
    return frame.bonus_gate is not None and points > frame.bonus_gate


def _rescaled(frame: Frame, points: Decimal) -> Decimal:
    scaled = max(frame.floor, points) * frame.multiply.numerator / frame.multiply.denominator
    return scaled if frame.multiply == 1 else scaled.quantize(CENT, ROUND_HALF_UP)


def _potential(
    standard: Standard, clauses: Sequence[str], left: Mapping[tuple[Part, str, str], Decimal]
) -> Decimal | None:
    """The most that open clauses can still take or give; None when nothing bounds it."""
    whole = ZERO
    seen = set()
    for clause in map(standard.clause, clauses):
        key = (clause.part, clause.group, clause.indicator)
        if key in left:
            whole += ZERO if key in seen else left[key]
            seen.add(key)
        elif clause.per is Per.SITE and clause.points is not None:
            whole += clause.points
        else:
            return None
    return whole


def regained(standard: Standard, judged: Score, mended: Mapping[str, int]) -> Decimal:
    """Points won back when so many failures of each deducting clause are mended, caps considered.

    Clauses without points, and those not failed, win nothing.
    """
    caps = {(row.part, row.group, row.name): row.cap for row in standard.indicators}
    before: dict[tuple[Part, str, str], Decimal] = {}
    after: dict[tuple[Part, str, str], Decimal] = {}
    for clause, row in zip(standard.clauses, judged.clauses, strict=True):
        if clause.part is not Part.DEDUCT or not row.uncapped:
            continue
        key = (clause.part, clause.group, clause.indicator)
        failed = max(0, row.failed - mended.get(clause.id, 0))
        outcome = Outcome.FAIL if _reached(clause, failed, row.examined) else Outcome.PASS
        left = _marks(clause, outcome, failed, row.examined, row.review)
        before[key] = before.get(key, ZERO) + row.uncapped
        after[key] = after.get(key, ZERO) + left
    return sum(
        (
            min(taken, caps.get(key, taken)) - min(after[key], caps.get(key, taken))
            for key, taken in before.items()
        ),
        ZERO,
    )


def beyond_line(clause: Clause, row: ClauseScore) -> int:
    """How many failures must go until a veto no longer holds; 0 when it does not hold now."""
    mended = 0
    while mended < row.failed and _reached(clause, row.failed - mended, row.examined):
        mended += 1
    return mended

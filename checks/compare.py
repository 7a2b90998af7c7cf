"""What changed between two runs of one site under one standard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from checks.assessment import Assessment, Glance, TestResult
from checks.check import Finding, Grade, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Findings by what became of them. `fixed` and `not_reexamined` are findings of the previous run."""

    new: tuple[Finding, ...]
    persisting: tuple[Finding, ...]
    came_back: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    not_reexamined: tuple[Finding, ...]


def compare(
    current: Assessment,
    previous: Assessment,
    fixed_before: Iterable[str] = (),
    known_before: Iterable[str] = (),
) -> Changes:
    """Sort findings by fingerprint, those of `current` in its order.

    `fixed_before`: fingerprints once fixed in earlier runs; `known_before`: those of earlier runs that were
    never seen fixed. A fault that is gone counts as fixed only when its check examined everything this time.
    """
    before = {finding.fingerprint for finding in previous.findings}
    now = {finding.fingerprint for finding in current.findings}
    returned = set(fixed_before) - before
    known = before | (set(known_before) - returned)
    met = known | returned
    looked = fully_examined(current)
    gone = [finding for finding in previous.findings if finding.fingerprint not in now]
    return Changes(
        new=tuple(one for one in current.findings if one.fingerprint not in met),
        persisting=tuple(one for one in current.findings if one.fingerprint in known),
        came_back=tuple(one for one in current.findings if one.fingerprint in returned),
        fixed=tuple(one for one in gone if one.check in looked),
        not_reexamined=tuple(one for one in gone if one.check not in looked),
    )


def once_fixed(earlier: Sequence[Glance]) -> tuple[frozenset[str], frozenset[str]]:
    """(fingerprints last seen fixed, fingerprints last known to be there) after runs given oldest first."""
    there: dict[str, str] = {}
    fixed: dict[str, str] = {}
    for look in earlier:
        for fingerprint, (check, _) in look.found.items():
            there[fingerprint] = check
            fixed.pop(fingerprint, None)
        for fingerprint, check in list(there.items()):
            if fingerprint not in look.found and check in look.examined:
                fixed[fingerprint] = there.pop(fingerprint)
    return frozenset(fixed), frozenset(there)


def glance(assessments: Sequence[Assessment]) -> Glance:
    """What one run comes to, without its texts."""
    found = {one.fingerprint: (one.check, one.grade) for each in assessments for one in each.findings}
    unseen = {result.check for each in assessments for result in each.results if not _seen(result)}
    run = assessments[0].run
    return Glance(
        run_id=run.id,
        as_of=run.as_of,
        found=found,
        examined=frozenset(
            result.check
            for each in assessments
            for result in each.results
            if result.check is not None and result.check not in unseen
        ),
        scores={each.standard.id: each.score for each in assessments},
    )


def _seen(result: TestResult) -> bool:
    return result.complete and result.outcome not in (Outcome.NOT_EXAMINED, Outcome.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesDiffer:
    """How two tables judge the same run. `only_first`, `only_second`: ids of findings one of them lists;
    `moved` (id, clause there, clause here); `outcomes` (check, outcomes there, outcomes here) where they differ.
    """

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    moved: tuple[tuple[str, str, str], ...]
    outcomes: tuple[tuple[str, tuple[Outcome, ...], tuple[Outcome, ...]], ...]


def between(first: Assessment, second: Assessment) -> TablesDiffer:
    """What changes when a run is judged by the second table instead of the first."""
    there = {finding.id: finding for finding in first.findings}
    here = {finding.id: finding for finding in second.findings}
    ours, theirs = _outcomes(first), _outcomes(second)
    return TablesDiffer(
        only_first=tuple(one for one in there if one not in here),
        only_second=tuple(one for one in here if one not in there),
        moved=tuple(
            (one, there[one].clause, here[one].clause)
            for one in there
            if one in here and there[one].clause != here[one].clause
        ),
        outcomes=tuple(
            (check, ours.get(check, ()), theirs.get(check, ()))
            for check in dict.fromkeys([*ours, *theirs])
            if ours.get(check, ()) != theirs.get(check, ())
        ),
    )


def _outcomes(assessment: Assessment) -> Mapping[str, tuple[Outcome, ...]]:
    """The different outcomes of each check's tests, the worst first."""
    order = list(Outcome)
    found: dict[str, set[Outcome]] = {}
    for result in assessment.results:
        if result.check is not None:
            found.setdefault(result.check, set()).add(result.outcome)
    worst_first = [Outcome.FAIL, *(one for one in order if one is not Outcome.FAIL)]
    return {check: tuple(sorted(mine, key=worst_first.index)) for check, mine in found.items()}


def counted(look: Glance) -> tuple[int, int]:
    """(certain, doubtful) findings of a run."""
    certain = sum(grade is Grade.FAIL for _, grade in look.found.values())
    return certain, len(look.found) - certain


def fully_examined(assessment: Assessment) -> set[str]:
    """Ids of the checks that saw everything they needed: what they no longer find is gone."""
    looked: dict[str, bool] = {}
    for result in assessment.results:
        if result.check is not None:
            looked[result.check] = looked.get(result.check, True) and _seen(result)
    return {check for check, seen in looked.items() if seen}

"""What changed between two runs of one site under one standard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.assessment import Assessment
from checks.check import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Findings by what became of them. `fixed` and `not_reexamined` are findings of the previous run."""

    new: tuple[Finding, ...]
    persisting: tuple[Finding, ...]
    came_back: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    not_reexamined: tuple[Finding, ...]


def compare(current: Assessment, previous: Assessment, fixed_before: Iterable[str] = ()) -> Changes:
    """Sort findings by fingerprint. `fixed_before`: fingerprints once fixed in still earlier runs.

    A fault that is gone counts as fixed only when its check examined everything this time.
    """
    before = {finding.fingerprint for finding in previous.findings}
    now = {finding.fingerprint for finding in current.findings}
    returned = set(fixed_before) - before
    looked = fully_examined(current)
    gone = [finding for finding in previous.findings if finding.fingerprint not in now]
    return Changes(
        new=tuple(one for one in current.findings if one.fingerprint not in before | returned),
        persisting=tuple(one for one in current.findings if one.fingerprint in before),
        came_back=tuple(one for one in current.findings if one.fingerprint in returned),
        fixed=tuple(one for one in gone if one.check in looked),
        not_reexamined=tuple(one for one in gone if one.check not in looked),
    )


def fully_examined(assessment: Assessment) -> set[str]:
    """Ids of the checks that saw everything they needed: what they no longer find is gone."""
    looked: dict[str, bool] = {}
    for result in assessment.results:
        if result.check is not None:
            seen = result.complete and result.outcome not in (Outcome.NOT_EXAMINED, Outcome.ERROR)
            looked[result.check] = looked.get(result.check, True) and seen
    return {check for check, seen in looked.items() if seen}

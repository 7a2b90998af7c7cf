"""What a run says, in the ledger's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from checks.assessment import Assessment
from checks.check import Finding
from checks.compare import fully_examined


def found(assessments: Sequence[Assessment]) -> dict[str, Finding]:
    """The findings by fingerprint, each as the first table that lists it has it."""
    findings: dict[str, Finding] = {}
    for assessment in assessments:
        for finding in assessment.findings:
            findings.setdefault(finding.fingerprint, finding)
    return findings


def looked(assessments: Sequence[Assessment]) -> set[tuple[str, str]]:
    """(clause, check) of what was judged, of the checks that looked everywhere under every table that names them."""
    named = {(result.clause, result.check) for one in assessments for result in one.results if result.check}
    missed = {
        check
        for one in assessments
        for check in {result.check for result in one.results if result.check} - fully_examined(one)
    }
    return {(clause, check) for clause, check in named if check not in missed}


def clauses_of(assessments: Sequence[Assessment]) -> dict[str, tuple[str, ...]]:
    """The clauses each finding counts in, by fingerprint, in table order."""
    listed: dict[str, dict[str, None]] = {}
    for assessment in assessments:
        marks = {finding.id: finding.fingerprint for finding in assessment.findings}
        for finding in assessment.findings:
            listed.setdefault(finding.fingerprint, {})[finding.clause] = None
        for result in assessment.results:
            for number in result.findings:
                listed[marks[number]][result.clause] = None
    return {mark: tuple(clauses) for mark, clauses in listed.items()}


def under_numbers(assessment: Assessment, numbers: Mapping[str, str], first: Mapping[str, str]) -> Assessment:
    """The assessment with every finding under its number and first fingerprint; itself when they are those."""
    now = {one.id: numbers.get(one.fingerprint, one.id) for one in assessment.findings}
    if all(old == new for old, new in now.items()):
        return assessment
    score = replace(
        assessment.score,
        clauses=tuple(
            replace(clause, shares={now[old]: marks for old, marks in clause.shares.items()})
            for clause in assessment.score.clauses
        ),
    )
    return replace(
        assessment,
        score=score,
        results=tuple(
            replace(result, findings=tuple(now[old] for old in result.findings))
            for result in assessment.results
        ),
        findings=tuple(
            replace(one, id=now[one.id], fingerprint=first.get(now[one.id], one.fingerprint))
            for one in assessment.findings
        ),
    )

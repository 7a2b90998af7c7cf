"""Evidence and standards in, assessments out. Runs every check once per set of limits and counts its verdicts."""

from __future__ import annotations

import datetime as dt
import json
import re
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from checks.assessment import Assessment, TestResult, Waived
from checks.beside import Beside, second_core
from checks.check import (
    MOST_CITATIONS,
    Check,
    Citation,
    Finding,
    Grade,
    Outcome,
    Subject,
    Verdict,
    fingerprint,
)
from checks.mandated.calendar import DueSoon, due_soon
from checks.noticed import Noticed, noticed
from checks.outlook import Countdown, Crossing, countdown
from checks.privacy.personal_data import mask, mask_address
from checks.registry import MODULES, READING, CheckModule
from checks.scoring import Counts, judge, score, unjudged
from checks.standard import Clause, Part, Standard, Test
from checks.waiver import Waiver, waivers
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Coverage

_ADDRESS = re.compile(r"https?://\S+$")
_RECOGNISED = "由扫描件识别的文字，可能认错字"
"""Where a citation stands whose text came from a picture."""

_MOST_MASKED = 2_000
"""Texts remembered with what masking gave: a check says much the same of every subject, and it is kept once."""

WORTH_HELP = 300
"""Pages from which judging in two processes gains more than it costs."""


@dataclass(slots=True)
class _Tally:
    """What one test of one clause has counted so far. `shown` are the findings behind failed and review, each after
    its subject's key. A verdict is made a finding at once: that takes a third of its room, and tests share it.
    """

    clause: Clause
    test: Test
    examined: int = 0
    failed: int = 0
    review: int = 0
    shown: list[tuple[str, Finding]] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)


@dataclass(slots=True)
class _Examined:
    """One check under one set of limits, and the tests it serves."""

    module: CheckModule
    limits: Mapping[str, Any]
    tallies: list[_Tally] = field(default_factory=list)
    waived: dict[str, Waived] = field(default_factory=dict)
    error: str | None = None

    def told(self) -> tuple[Any, ...]:
        """What was found, to be taken over by the same entry of another process."""
        rows = [(one.examined, one.failed, one.review, one.shown, one.crossings) for one in self.tallies]
        return self.error, self.waived, rows

    def take_over(self, told: tuple[Any, ...]) -> None:
        self.error, self.waived, rows = told
        for one, row in zip(self.tallies, rows, strict=True):
            one.examined, one.failed, one.review, one.shown, one.crossings = row


def assess(
    evidence: Evidence, standards: Sequence[Standard], *, waived: Sequence[Waiver] = ()
) -> list[Assessment]:
    """Judge one run by each standard. A check that raises becomes an `error` result, never a fault of the site.

    `waived` are waivers besides those of the run's configuration.
    """
    examined: dict[str, _Examined] = {}
    for standard in standards:
        for clause in standard.clauses:
            for test in clause.tests:
                if test.registered:
                    entry = _entry(examined, test)
                    entry.tallies.append(_Tally(clause=clause, test=test))
    holding = (*waivers(evidence.run.config.get("waiver", ()), evidence.run.as_of), *waived)
    _examine_all(evidence, tuple(examined.values()), holding)
    calendar = due_soon(evidence)
    seen = noticed(evidence)
    return [_assessment(evidence, standard, examined.values(), calendar, seen) for standard in standards]


def _entry(examined: dict[str, _Examined], test: Test) -> _Examined:
    module = next(module for module in MODULES if module.CHECK.id == test.check)
    limits = {**module.CHECK.limits, **test.limits}
    key = f"{test.check} {json.dumps(limits, sort_keys=True, default=str)}"
    return examined.setdefault(key, _Examined(module=module, limits=limits))


def _examine_all(evidence: Evidence, entries: Sequence[_Examined], holding: Sequence[Waiver]) -> None:
    """Examine every entry, on a large site and with a second core in two processes."""
    helped = [entry for module in READING for entry in entries if entry.module is module]
    rest = [entry for entry in entries if entry.module not in READING]
    if not (helped and rest and second_core() and evidence.page_count() >= WORTH_HELP):
        for entry in (*helped, *rest):
            _examine(evidence, entry, holding)
        return
    folder = evidence.folder
    helper = Beside(lambda: _told(folder, helped, holding))
    try:
        for entry in rest:
            _examine(evidence, entry, holding)
        told = helper.rows()
    finally:
        helper.close()
    if told is None:
        for entry in helped:
            _examine(evidence, entry, holding)
    else:
        for entry, row in zip(helped, told, strict=True):
            entry.take_over(row)


def _told(folder: Path, entries: Sequence[_Examined], holding: Sequence[Waiver]) -> Iterator[tuple[Any, ...]]:
    with Evidence(folder) as evidence:
        for entry in entries:
            _examine(evidence, entry, holding)
            yield entry.told()


def _examine(evidence: Evidence, entry: _Examined, holding: Sequence[Waiver]) -> None:
    if any(_coverage(evidence, need).state == "absent" for need in entry.module.CHECK.needs):
        return
    check = entry.module.CHECK.id
    try:
        for verdict in _verdicts(evidence, entry):
            if verdict.grade is not Grade.OK:
                verdict = _unsure_where_recognised(verdict, evidence.recognised)
                waiver = next((w for w in holding if w.covers(check, verdict)), None)
                if waiver is not None:
                    entry.waived[verdict.subject.key] = Waived(
                        check=check,
                        subject=_masked_subject(verdict.subject),
                        reason=waiver.reason,
                        owner=waiver.owner,
                        until=waiver.until,
                    )
                    verdict = replace(verdict, grade=Grade.OK)
            waived = verdict.subject.key in entry.waived
            finding: Finding | None = None
            for tally in entry.tallies:
                if not tally.test.matches(verdict.facts):
                    continue
                tally.examined += 1
                if "crosses_on" in verdict.facts and not waived:
                    day = dt.date.fromisoformat(verdict.facts["crosses_on"])
                    tally.crossings.append(Crossing(day=day, subject=verdict.subject))
                if verdict.grade is Grade.FAIL:
                    tally.failed += 1
                elif verdict.grade is Grade.REVIEW:
                    tally.review += 1
                else:
                    continue
                finding = finding or _finding(entry.module.CHECK, tally.clause.id, verdict)
                tally.shown.append((verdict.subject.key, finding))
        for tally in entry.tallies:
            tally.shown.sort(key=lambda row: (row[1].grade is not Grade.FAIL, row[0]))
    # The one place where anything is caught: a fault of ours must cost one check, not the audit.
    except Exception as error:
        entry.waived.clear()
        entry.error = "".join(traceback.format_exception_only(error)).strip()
        for tally in entry.tallies:
            tally.examined = tally.failed = tally.review = 0
            tally.shown.clear()
            tally.crossings.clear()


def _verdicts(evidence: Evidence, entry: _Examined) -> Iterator[Verdict]:
    with evidence.at_once():
        yield from entry.module.examine(evidence, entry.limits)


def _unsure_where_recognised(verdict: Verdict, recognised: Collection[str]) -> Verdict:
    """A question instead of a fault where a passage it cites was recognised in a picture: it may be misread."""
    if not recognised or not any(citation.url in recognised for citation in verdict.citations):
        return verdict
    citations = tuple(
        replace(citation, where=_RECOGNISED) if citation.url in recognised else citation
        for citation in verdict.citations
    )
    return replace(verdict, grade=Grade.REVIEW, citations=citations)


def _coverage(evidence: Evidence, need: str) -> Coverage:
    return evidence.run.coverage.get(need, Coverage(state="absent", why=("没有采集",)))


def _assessment(
    evidence: Evidence,
    standard: Standard,
    examined: Iterable[_Examined],
    calendar: tuple[DueSoon, ...],
    seen: tuple[Noticed, ...],
) -> Assessment:
    by_test = {id(tally.test): (entry, tally) for entry in examined for tally in entry.tallies}
    results: list[TestResult] = []
    claims: dict[str, list[tuple[int, Clause, Finding]]] = {}
    for clause in standard.clauses:
        if not clause.tests:
            results.append(unjudged(clause))
        for test in clause.tests:
            if not test.registered:
                results.append(judge(clause, test, Counts(), state="absent"))
                continue
            entry, tally = by_test[id(test)]
            result = _result(evidence, entry, tally)
            results.append(result)
            rank = _claim(clause, result)
            for _, finding in tally.shown:
                claims.setdefault(finding.fingerprint, []).append((rank, clause, finding))
    order = {clause.id: position for position, clause in enumerate(standard.clauses)}
    findings = []
    for claimed in claims.values():
        _, clause, found = min(claimed, key=lambda claim: (claim[0], order[claim[1].id]))
        findings.append(found if found.clause == clause.id else replace(found, clause=clause.id))
    findings.sort(key=lambda f: (order[f.clause], f.grade is not Grade.FAIL, f.check, f.subject.key))
    return Assessment(
        run=evidence.run,
        site=evidence.run.site,
        standard=standard,
        results=tuple(results),
        findings=tuple(findings),
        score=score(standard, results, findings),
        outlook=_outlook(evidence, standard, by_test),
        waived=_waived(standard, by_test),
        calendar=calendar,
        noticed=seen,
    )


def _waived(standard: Standard, by_test: Mapping[int, tuple[_Examined, _Tally]]) -> tuple[Waived, ...]:
    found: dict[tuple[str, str], Waived] = {}
    for clause in standard.clauses:
        for test in clause.tests:
            if test.registered:
                for row in by_test[id(test)][0].waived.values():
                    found.setdefault((row.check, row.subject.key), row)
    return tuple(found.values())


def _outlook(
    evidence: Evidence, standard: Standard, by_test: Mapping[int, tuple[_Examined, _Tally]]
) -> tuple[Countdown, ...]:
    """The countdown of every veto line that time alone can cross."""
    found = []
    for clause in standard.clauses:
        tallies = [by_test[id(test)][1] for test in clause.tests if test.registered]
        if clause.part is Part.VETO and tallies:
            crossings = [crossing for tally in tallies for crossing in tally.crossings]
            found.append(countdown(clause, sum(t.failed for t in tallies), crossings, evidence.run.as_of))
    return tuple(row for row in found if row is not None)


def _claim(clause: Clause, result: TestResult) -> int:
    """Which clause a finding is listed under when several name its check: the one it weighs most in.

    A veto that is reached comes first; one that is not yet reached comes after the deductions.
    """
    if clause.part is Part.VETO:
        return 0 if result.outcome is Outcome.FAIL else 2
    return 1 if clause.part in (Part.DEDUCT, Part.BONUS) else 3


def _result(evidence: Evidence, entry: _Examined, tally: _Tally) -> TestResult:
    check = entry.module.CHECK
    kinds = {need: _coverage(evidence, need) for need in check.needs}
    state = max(
        (c.state for c in kinds.values()), key=("complete", "partial", "absent").index, default="complete"
    )
    counts = Counts(
        examined=tally.examined,
        failed=tally.failed,
        review=tally.review,
        findings=tuple(finding.id for _, finding in tally.shown),
    )
    why = "；".join(reason for c in kinds.values() if c.state != "complete" for reason in c.why)
    return judge(tally.clause, tally.test, counts, state=state, why=why, error=entry.error)


def _finding(check: Check, clause: str, verdict: Verdict) -> Finding:
    number = fingerprint(check.id, verdict.subject.key)
    message, fix = check.variants[verdict.variant] if verdict.variant else (check.message, check.fix)
    return Finding(
        id=f"{check.id}-{number[:10]}",
        fingerprint=number,
        check=check.id,
        clause=clause,
        grade=verdict.grade,
        severity=verdict.severity or check.severity,
        subject=_masked_subject(verdict.subject),
        message=mask_address(mask(message.format_map(verdict.facts))),
        fix=_masked_text(fix.format_map(verdict.facts)),
        facts={name: _masked_value(value) for name, value in verdict.facts.items()},
        places=int(verdict.facts.get("places", len(verdict.citations)) or 1),
        citations=tuple(_masked(citation) for citation in verdict.citations[:MOST_CITATIONS]),
    )


def _masked_subject(subject: Subject) -> Subject:
    return replace(
        subject,
        key=_masked_value(subject.key),
        url=mask_address(subject.url) if subject.url else None,
        title=mask(subject.title) if subject.title else None,
    )


@lru_cache(_MOST_MASKED)
def _masked_text(text: str) -> str:
    return mask_address(text) if _ADDRESS.match(text) else mask(text)


def _masked_value(value: Any) -> Any:
    """Strings masked, in lists and tables too; what is no text stays."""
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, Mapping):
        return {name: _masked_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked_value(inner) for inner in value]
    return value


def _masked(citation: Citation) -> Citation:
    url, quote, title = mask_address(citation.url), mask_address(mask(citation.quote)), mask(citation.title)
    # Hardly any holds personal data; a link may be cited from every page, and those are not copied.
    if url == citation.url and quote == citation.quote and title == citation.title:
        return citation
    return replace(citation, url=url, quote=quote, title=title)

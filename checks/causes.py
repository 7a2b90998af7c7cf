"""The shortest way to pass: findings that one edit mends together, vetoes first, then by points won per edit."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from checks.assessment import Assessment
from checks.check import Finding, Grade, Outcome
from checks.scoring import beyond_line, regained
from checks.standard import Part


class Kind(StrEnum):
    """What the findings of one cause have in common."""

    TEMPLATE = "template"
    COLUMN = "column"
    FOLDER = "folder"
    HOST = "host"
    PAGE = "page"
    SINGLE = "single"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Findings mended together. `name` is the folder, host, page or column; `edits` the places to open."""

    kind: Kind
    name: str
    url: str
    findings: tuple[Finding, ...]
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One cause in its turn. `lifts` are (standard, clause) of vetoes it is needed for; `points` what it wins back
    after the steps before it, `so_far` what all steps up to it win.
    """

    cause: Cause
    lifts: tuple[tuple[str, str], ...]
    points: Decimal
    so_far: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortestWay:
    """Steps that lift a veto or win points, best first. `vetoes_after`, `pass_after`: how many steps it takes
    until no veto holds, until the site is above the line; None when that is out of reach or no table gives points.
    `standard` is the table whose points are counted, "" without one; `others` findings that cost nothing.
    """

    standard: str
    steps: tuple[Step, ...]
    vetoes_after: int | None
    pass_after: int | None
    others: int


@functools.cache
def _rules() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def causes(findings: Sequence[Finding], hosts: Sequence[str]) -> tuple[Cause, ...]:
    """The certain findings by cause, each in one; `hosts` are the site's own."""
    rules = _rules()
    certain = [finding for finding in findings if finding.grade is Grade.FAIL]
    folders: dict[str, set[str]] = {}
    strangers: dict[str, set[str]] = {}
    for finding in certain:
        target = _target(finding)
        if target and finding.check in rules["links"] and finding.facts.get("everywhere") is not True:
            host, folder = _host(target), _folder(target)
            if host in hosts and folder:
                folders.setdefault(folder, set()).add(target)
            elif host and host not in hosts:
                strangers.setdefault(host, set()).add(target)
    grouped: dict[tuple[Kind, str], list[Finding]] = {}
    for finding in certain:
        kind, name = _place(finding, rules, folders, strangers)
        grouped.setdefault((kind, name), []).append(finding)
    return tuple(_cause(kind, name, found) for (kind, name), found in grouped.items())


def _place(
    finding: Finding,
    rules: Mapping[str, Any],
    folders: Mapping[str, set[str]],
    strangers: Mapping[str, set[str]],
) -> tuple[Kind, str]:
    if finding.facts.get("everywhere") is True or finding.check in rules["template"]:
        return Kind.TEMPLATE, ""
    if finding.check in rules["columns"]:
        return Kind.COLUMN, finding.subject.url or finding.subject.key
    target = _target(finding)
    if target and finding.check in rules["links"]:
        if len(folders.get(_folder(target), ())) >= rules["folder_at_least"]:
            return Kind.FOLDER, _folder(target)
        if len(strangers.get(_host(target), ())) >= rules["host_at_least"]:
            return Kind.HOST, _host(target)
    pages = _pages(finding)
    # What is judged of one page and cited from another is not mended on the cited one.
    elsewhere = not target and finding.subject.url and finding.subject.url not in pages
    if not elsewhere and len(pages) == 1 and finding.places <= max(1, len(finding.citations)):
        return Kind.PAGE, next(iter(pages))
    return Kind.SINGLE, finding.fingerprint


def _cause(kind: Kind, name: str, found: Sequence[Finding]) -> Cause:
    pages = {page for finding in found for page in _pages(finding)}
    first = found[0].subject
    if kind is Kind.PAGE and len(found) == 1:
        kind = Kind.SINGLE
    if kind in (Kind.HOST, Kind.SINGLE):
        edits = max(1, len(pages), *(_spread(finding) for finding in found))
    else:
        edits = 1
    if kind is Kind.COLUMN:
        name = first.column or first.title or name
    url = name if kind in (Kind.FOLDER, Kind.PAGE) else "" if kind is Kind.TEMPLATE else first.url or ""
    return Cause(kind=kind, name=name, url=url, findings=tuple(found), edits=edits)


def _spread(finding: Finding) -> int:
    """The pages a finding stands on, as far as it says."""
    pages = finding.facts.get("pages")
    return pages if isinstance(pages, int) and not isinstance(pages, bool) else 1


def _pages(finding: Finding) -> set[str]:
    return {citation.url for citation in finding.citations if citation.url} or (
        {finding.subject.url} if finding.subject.url else set()
    )


def _target(finding: Finding) -> str:
    target = finding.facts.get("target_url")
    return target if isinstance(target, str) else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _folder(url: str) -> str:
    """The address of the target's folder without trailing dates; "" for the top of the site."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    folders = parts.path.split("/")[1:-1]
    while folders and re.fullmatch(r"\d{1,8}", folders[-1]):
        folders.pop()
    return f"{parts.scheme}://{parts.netloc}/{'/'.join(folders)}/" if folders else ""


def shortest_way(assessments: Sequence[Assessment]) -> ShortestWay:
    """Order the causes of a run's findings: those needed to lift vetoes, then by points of the first scored table."""
    scored = next((one for one in assessments if one.standard.frame is not None), None)
    everything: dict[str, Finding] = {}
    for one in assessments:
        for finding in one.findings:
            everything.setdefault(finding.fingerprint, finding)
    found = causes(tuple(everything.values()), assessments[0].site.hosts)
    marks = _claims(scored, Part.DEDUCT) if scored else {}
    vetoes: dict[str, dict[tuple[str, str], int]] = {}
    open_lines: dict[tuple[str, str], int] = {}
    for one in assessments:
        for row in one.score.clauses:
            if row.part is Part.VETO and row.outcome is Outcome.FAIL:
                open_lines[one.standard.id, row.clause] = beyond_line(one.standard.clause(row.clause), row)
        for fingerprint, clauses in _claims(one, Part.VETO).items():
            for clause, count in clauses.items():
                if (one.standard.id, clause) in open_lines:
                    vetoes.setdefault(fingerprint, {})[one.standard.id, clause] = count
    first, rest = _lifting(found, vetoes, open_lines)
    rest = sorted(rest, key=lambda cause: -_alone(scored, cause, marks) / cause.edits)
    steps: list[Step] = []
    mended: dict[str, int] = {}
    won = Decimal(0)
    after: int | None = 0 if not open_lines else None
    passed: int | None = None
    if scored and not open_lines and _above(scored, won):
        passed = 0
    for number, (cause, lifts) in enumerate([*first, *((cause, ()) for cause in rest)], 1):
        for clause, count in _sum(cause, marks).items():
            mended[clause] = mended.get(clause, 0) + count
        total = regained(scored.standard, scored.score, mended) if scored else Decimal(0)
        if not lifts and total == won:
            continue
        steps.append(Step(cause=cause, lifts=lifts, points=total - won, so_far=total))
        won = total
        if open_lines and number == len(first) and _all_lifted(first, vetoes, open_lines):
            after = len(steps)
        if scored and passed is None and after is not None and _above(scored, won):
            passed = len(steps)
    counted = sum(len(step.cause.findings) for step in steps)
    return ShortestWay(
        standard=scored.standard.id if scored else "",
        steps=tuple(steps),
        vetoes_after=after,
        pass_after=passed,
        others=sum(len(cause.findings) for cause in found) - counted,
    )


def _claims(assessment: Assessment, part: Part) -> dict[str, dict[str, int]]:
    """How often each certain finding counts in each failed clause of a part."""
    wanted = {
        row.clause for row in assessment.score.clauses if row.part is part and row.outcome is Outcome.FAIL
    }
    prints = {
        finding.id: finding.fingerprint for finding in assessment.findings if finding.grade is Grade.FAIL
    }
    claims: dict[str, dict[str, int]] = {}
    for result in assessment.results:
        if result.clause in wanted:
            for finding in result.findings:
                if finding in prints:
                    mine = claims.setdefault(prints[finding], {})
                    mine[result.clause] = mine.get(result.clause, 0) + 1
    return claims


def _sum(cause: Cause, claims: Mapping[str, Mapping[Any, int]]) -> dict[Any, int]:
    counted: dict[Any, int] = {}
    for finding in cause.findings:
        for clause, count in claims.get(finding.fingerprint, {}).items():
            counted[clause] = counted.get(clause, 0) + count
    return counted


def _lifting(
    found: Sequence[Cause],
    vetoes: Mapping[str, Mapping[tuple[str, str], int]],
    open_lines: Mapping[tuple[str, str], int],
) -> tuple[list[tuple[Cause, tuple[tuple[str, str], ...]]], list[Cause]]:
    """The fewest edits, taken greedily, that lift every veto; and the causes left."""
    left = dict(open_lines)
    helps = [(cause, counted) for cause in found if (counted := _sum(cause, vetoes))]
    helps.sort(key=lambda pair: (pair[0].edits / sum(pair[1].values()), pair[0].edits))
    first = []
    taken = set()
    for cause, counted in helps:
        lifts = tuple(line for line in counted if left[line] > 0)
        if lifts:
            first.append((cause, lifts))
            taken.add((cause.kind, cause.name))
            for line in lifts:
                left[line] -= counted[line]
    return first, [cause for cause in found if (cause.kind, cause.name) not in taken]


def _all_lifted(
    first: Sequence[tuple[Cause, tuple[tuple[str, str], ...]]],
    vetoes: Mapping[str, Mapping[tuple[str, str], int]],
    open_lines: Mapping[tuple[str, str], int],
) -> bool:
    left = dict(open_lines)
    for cause, _ in first:
        for line, count in _sum(cause, vetoes).items():
            left[line] -= count
    return all(count <= 0 for count in left.values())


def _alone(scored: Assessment | None, cause: Cause, marks: Mapping[str, Mapping[str, int]]) -> Decimal:
    return regained(scored.standard, scored.score, _sum(cause, marks)) if scored else Decimal(0)


def _above(scored: Assessment, won: Decimal) -> bool:
    """Whether what is known to be deducted leaves the pass mark within reach."""
    frame = scored.standard.frame
    assert frame is not None
    left = max(frame.floor, frame.base - scored.score.deducted + won)
    return left * frame.multiply.numerator / frame.multiply.denominator >= frame.pass_mark

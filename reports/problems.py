"""The rows of 整改台账: the run's problems in report order, then those only the ledger has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from checks.check import Grade
from checks.registry import CHECKS
from reports.language import say
from reports.ledger.entry import BEIJING, Entry
from reports.rectification import SEVERITY_WORDS, Issue, Place, Rectification, clean, place_view

TARGETS = ("link", "document")
"""Kinds of subject that stand on a page and lead elsewhere: the page is what has to be edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One row: the cells from 问题编号 to 首次发现, the points, and what the ledger has of it."""

    id: str
    cells: tuple[str, ...]
    marks: Decimal | None
    places: Sequence[Place]
    entry: Entry | None


def problems(view: Rectification) -> list[Problem]:
    """All rows. Without a ledger those of the run alone."""
    entries = {entry.number: entry for entry in view.kept.entries} if view.kept else {}
    listed = []
    for issue in view.issues:
        entry = entries.pop(issue.id, None)
        cells = _of_issue(issue, view, entry)
        listed.append(Problem(id=issue.id, cells=cells, marks=issue.marks, places=issue.places, entry=entry))
    titles = {check.id: say(check.title) for check in CHECKS}
    indicators = {
        clause.id: _indicator(clause.group, clause.indicator)
        for table in view.tables
        for clause in (*table.vetoes, *table.scored_clauses)
    }
    for entry in entries.values():
        cells = _of_entry(entry, view, titles.get(entry.check, entry.check), indicators)
        places = [place_view(citation) for citation in entry.citations]
        listed.append(Problem(id=entry.number, cells=cells, marks=None, places=places, entry=entry))
    return listed


def _of_issue(issue: Issue, view: Rectification, entry: Entry | None) -> tuple[str, ...]:
    seen = next((place.seen for place in issue.places if place.seen), view.started)
    page, target = _page(issue.kind, issue.title, issue.url, issue.places)
    return (
        issue.id,
        view.site_name,
        view.site_code,
        view.sponsor,
        _indicator(issue.clause.group, issue.clause.indicator),
        issue.check_title,
        issue.severity if issue.certain else "待核实",
        issue.column,
        page,
        _lines(
            issue.message,
            target,
            f"原文：{issue.quote}" if issue.quote and issue.quote not in issue.message else "",
            f"共 {issue.places_total} 处，见“位置”表" if issue.places_total > 1 else "",
            "全站公共部分" if issue.everywhere else "",
        ),
        issue.fix,
        _lines(f"存档 {seen}", issue.copy.partition("#")[0], issue.picture_file),
        entry.first_seen.isoformat() if entry else issue.first_seen,
    )


def _of_entry(
    entry: Entry, view: Rectification, title: str, indicators: Mapping[str, str]
) -> tuple[str, ...]:
    """The cells of a problem that this run did not list."""
    subject = entry.subject
    seen = next((place.seen_at for place in entry.citations if place.seen_at), None)
    places = [place_view(citation) for citation in entry.citations]
    page, target = _page(
        subject.kind, clean(subject.title or "", 120), clean(subject.url or "", 1000), places
    )
    return (
        entry.number,
        view.site_name,
        view.site_code,
        view.sponsor,
        next((indicators[clause] for clause in entry.clauses if clause in indicators), entry.clauses[0]),
        title,
        SEVERITY_WORDS[entry.severity] if entry.grade is Grade.FAIL else "待核实",
        clean(subject.column or "", 120),
        page,
        _lines(
            clean(say(entry.message), 600),
            target,
            f"共 {entry.places} 处，见“位置”表" if entry.places > 1 else "",
        ),
        clean(say(entry.fix), 600),
        f"存档 {seen.astimezone(BEIJING):%Y-%m-%d %H:%M}" if seen else "",
        entry.first_seen.isoformat(),
    )


def _page(kind: str, title: str, url: str, places: Sequence[Place]) -> tuple[str, str]:
    """The page to be edited, and, where a link or an attachment is at fault, the line that names its address."""
    source = next((place for place in places if place.url != url), None)
    if kind in TARGETS and url and source is not None:
        return _lines(source.title, source.url), f"链接地址：{url}"
    return _lines(title if title != url else "", url), ""


def _indicator(group: str, indicator: str) -> str:
    return "/".join(part for part in (group, indicator) if part)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)

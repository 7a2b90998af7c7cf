"""The list of problems for other programs and spreadsheets: JSON and CSV."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from checks.assessment import Assessment, Score
from checks.check import Citation, Finding, Subject
from checks.columns.exemptions import exemptions
from checks.compare import between
from checks.outlook import Countdown
from reports.noticed import shown_kinds
from reports.rectification import Issue, Rectification, marks_words, merged, merged_waived
from reports.shortest import way_document

SCHEMA = 1


def as_json(assessments: Sequence[Assessment], view: Rectification) -> Iterator[bytes]:
    """findings.json, shape in findings.schema.json, in pieces: a link may be cited from every page of a site."""
    for piece in _pieces(assessments):
        yield piece.encode("utf-8", "replace")


def _pieces(assessments: Sequence[Assessment]) -> Iterator[str]:
    before = "{"
    for name, value in _document(assessments, findings=()).items():
        yield f"{before}\n {_lines(name)}: "
        if name == "findings":
            yield from _listed(map(_finding_pieces, merged(assessments)), " ")
        else:
            yield _lines(value, " ")
        before = ","
    yield "\n}\n"


def _finding_pieces(finding: Finding) -> Iterator[str]:
    """A finding that stands in a list; its citations come last."""
    rest = _lines({**finding_document(replace(finding, citations=())), "citations": None}, "  ")
    yield rest.removesuffix("null\n  }")
    yield from _listed(([_lines(_citation(one), "    ")] for one in finding.citations), "   ")
    yield "\n  }"


def _listed(rows: Iterable[Iterable[str]], indent: str) -> Iterator[str]:
    """A list of rows that are written already, as `_lines` would write it."""
    before = "["
    for row in rows:
        yield f"{before}\n{indent} "
        yield from row
        before = ","
    yield "[]" if before == "[" else f"\n{indent}]"


def _lines(value: Any, indent: str = "") -> str:
    """A value as it stands in a document that is set by one blank a level. No string of JSON holds a line's end."""
    return json.dumps(value, ensure_ascii=False, indent=1).replace("\n", f"\n{indent}")


def findings_document(assessments: Sequence[Assessment]) -> dict[str, Any]:
    """The document that `audit --json` prints and findings.json holds."""
    return _document(assessments, [finding_document(finding) for finding in merged(assessments)])


def _document(assessments: Sequence[Assessment], findings: Sequence[Any]) -> dict[str, Any]:
    run, site = assessments[0].run, assessments[0].site
    return {
        "schema": SCHEMA,
        "site": {
            "id": site.id,
            "name": site.name,
            "home_url": site.home_url,
            "hosts": list(site.hosts),
            "path_prefix": site.path_prefix,
            "sponsor": site.sponsor,
            "site_code": site.site_code,
            "profile": site.profile,
        },
        "run": {
            "id": run.id,
            "as_of": run.as_of.isoformat(),
            "coverage": {
                kind: {"state": seen.state, "why": list(seen.why), "counts": dict(seen.counts)}
                for kind, seen in run.coverage.items()
            },
            "noticed": [
                {
                    "kind": one.kind,
                    "title": kind.title,
                    "count": one.count,
                    "sights": [{"detail": sight.detail, "url": sight.url} for sight in one.sights],
                }
                for kind, one in shown_kinds(assessments)
            ],
        },
        "standards": [
            {
                "id": assessment.standard.id,
                "score": _score(assessment.score),
                "results": [
                    {
                        "clause": result.clause,
                        "check": result.check,
                        "outcome": result.outcome.value,
                        "examined": result.examined,
                        "failed": result.failed,
                    }
                    for result in assessment.results
                ],
                "outlook": [_countdown(row) for row in assessment.outlook],
                "answers": [
                    {
                        "clause": row.clause,
                        "result": row.result,
                        "count": row.count,
                        "by": row.by,
                        "on": row.on.isoformat(),
                        "note": row.note,
                    }
                    for row in assessment.answers
                ],
            }
            for assessment in assessments
        ],
        "findings": findings,
        "way": way_document(assessments),
        "comparison": [_comparison(assessments[0], other) for other in assessments[1:]],
        "waived": [
            {
                "check": row.check,
                "subject": _subject(row.subject),
                "reason": row.reason,
                "owner": row.owner,
                "until": row.until.isoformat(),
            }
            for row in merged_waived(assessments)
        ],
        "exempt": [
            {
                "column": "/".join(row.path),
                "url": row.url,
                "reason": row.reason,
                "until": row.until.isoformat() if row.until else None,
                "holds": row.holds,
            }
            for row in exemptions(run)
        ],
        "calendar": [
            {
                "item": row.item,
                "name": row.name,
                "year": row.year,
                "due": row.day.isoformat(),
                "basis": row.basis,
                "sure": row.sure,
                "always": row.always,
                "published": row.there,
                "url": row.url,
            }
            for row in assessments[0].calendar
        ],
    }


def _comparison(first: Assessment, second: Assessment) -> dict[str, Any]:
    """How the second table judges otherwise than the first."""
    differ = between(first, second)
    return {
        "standards": [first.standard.id, second.standard.id],
        "standing": [first.score.standing.value, second.score.standing.value],
        "total": [_number(first.score.total), _number(second.score.total)],
        "vetoes": [list(first.score.vetoes), list(second.score.vetoes)],
        "only_first": list(differ.only_first),
        "only_second": list(differ.only_second),
        "moved": [{"id": one, "clauses": [there, here]} for one, there, here in differ.moved],
        "outcomes": [
            {"check": check, "first": [one.value for one in there], "second": [one.value for one in here]}
            for check, there, here in differ.outcomes
        ],
    }


def _countdown(row: Countdown) -> dict[str, Any]:
    return {
        "clause": row.clause,
        "title": row.title,
        "failing": row.failing,
        "line": row.line,
        "crosses_on": row.crosses_on.isoformat() if row.crosses_on else None,
        "update": [{"day": one.day.isoformat(), "subject": _subject(one.subject)} for one in row.update],
    }


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "kind": subject.kind,
        "key": subject.key,
        "url": subject.url,
        "title": subject.title,
        "column": subject.column,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "standing": score.standing.value,
        "vetoes": list(score.vetoes),
        "deducted": _number(score.deducted),
        "bonus": _number(score.bonus),
        "total": _number(score.total),
        "at_most": _number(score.at_most),
        "at_least": _number(score.at_least),
        "blocked_by": list(score.blocked_by),
        "veto_distances": [
            {
                "clause": row.clause,
                "reached": _number(row.reached),
                "line": _number(row.line),
                "unit": "share" if row.ratio else "subjects",
                "review": row.review,
                "outcome": row.outcome.value,
            }
            for row in score.clauses
            if row.part == "veto"
        ],
        "deductions": {
            row.clause: _number(row.marks) for row in score.clauses if row.part == "deduct" and row.marks
        },
    }


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding as findings.json holds it."""
    return {
        "id": finding.id,
        "fingerprint": finding.fingerprint,
        "check": finding.check,
        "clause": finding.clause,
        "grade": finding.grade.value,
        "severity": finding.severity.value,
        "subject": _subject(finding.subject),
        "message": finding.message,
        "fix": finding.fix,
        "facts": _plain(finding.facts),
        "places": finding.places,
        "citations": [_citation(citation) for citation in finding.citations],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "url": citation.url,
        "quote": citation.quote,
        "seen_at": citation.seen_at.isoformat() if citation.seen_at else None,
        "where": citation.where,
        "title": citation.title,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in sorted(value.items(), key=lambda pair: str(pair[0]))}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return value


CSV_COLUMNS = (
    "序号",
    "问题编号",
    "网站名称",
    "标识码",
    "主办单位",
    "条款",
    "一级指标",
    "二级指标",
    "问题类型",
    "性质",
    "级别",
    "所在栏目",
    "页面标题",
    "网址",
    "问题描述",
    "原文",
    "建议修改",
    "扣分",
    "位置数",
)


def as_csv(assessments: Sequence[Assessment], view: Rectification) -> Iterator[bytes]:
    """findings.csv for spreadsheets: one row a problem, byte order mark, no cell that computes."""
    yield codecs.BOM_UTF8 + _csv_line(CSV_COLUMNS)
    for issue in view.issues:
        yield _csv_line([inert(cell) for cell in _csv_row(issue, view)])


def _csv_line(cells: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _csv_row(issue: Issue, view: Rectification) -> list[str]:
    return [
        str(issue.number),
        issue.id,
        view.site_name,
        view.site_code,
        view.sponsor,
        f"{issue.clause.id} {issue.clause.title}",
        issue.clause.group,
        issue.clause.indicator,
        issue.check_title,
        issue.grade,
        issue.severity,
        issue.column,
        issue.title,
        issue.url,
        issue.message,
        issue.quote,
        issue.fix,
        "" if issue.marks is None else marks_words(issue.marks),
        str(issue.places_total),
    ]


def inert(cell: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return (
        f"'{cell}"
        if cell.lstrip(" \t\r\n")[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠") and cell
        else cell
    )

"""The findings for build servers and code scanners: JUnit XML and SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from checks.assessment import Assessment
from checks.check import Outcome
from reports.rectification import Issue, Rectification, clean


def as_junit(assessments: Sequence[Assessment], view: Rectification) -> bytes:
    """JUnit XML: a suite a table, a case a clause, and a suite of all problems, each a failed case.

    Problems to confirm, and clauses not examined, are skipped cases.
    """
    root = ElementTree.Element("testsuites", {"name": view.site_name})
    problems = _suite(root, "整改清单")
    for issue in view.issues:
        case = ElementTree.SubElement(problems, "testcase", {"classname": issue.check, "name": issue.id})
        words = f"{issue.message} {issue.url}".strip()
        tag = "failure" if issue.certain else "skipped"
        ElementTree.SubElement(case, tag, {"message": clean(words, 1000)}).text = issue.fix
    _count(problems)
    for assessment in assessments:
        suite = _suite(root, assessment.standard.title)
        titles = {clause.id: clause.title for clause in assessment.standard.clauses}
        for row in assessment.score.clauses:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                {"classname": assessment.standard.id, "name": f"{row.clause} {titles[row.clause]}"},
            )
            if row.outcome is Outcome.FAIL and row.part != "bonus":
                ElementTree.SubElement(case, "failure", {"message": f"{row.reached} / {row.line}"})
            elif row.outcome is Outcome.ERROR:
                ElementTree.SubElement(case, "error", {"message": clean(row.reason, 500)})
            elif row.outcome is not Outcome.PASS:
                ElementTree.SubElement(
                    case, "skipped", {"message": clean(row.reason or row.outcome.value, 500)}
                )
        _count(suite)
    ElementTree.indent(root, " ")
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _suite(root: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(root, "testsuite", {"name": name})


def _count(suite: ElementTree.Element) -> None:
    suite.set("tests", str(len(suite)))
    for tag, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(key, str(len(suite.findall(f"testcase/{tag}"))))


def as_sarif(assessments: Sequence[Assessment], view: Rectification) -> bytes:
    """SARIF 2.1.0: certain problems as errors or warnings, those to confirm as reviews."""
    titles = {issue.check: issue.check_title for issue in view.issues}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "xuncha",
                        "version": view.version,
                        "language": "zh-CN",
                        "rules": [
                            {"id": check, "shortDescription": {"text": title}}
                            for check, title in sorted(titles.items())
                        ],
                    }
                },
                "automationDetails": {"id": f"{assessments[0].site.id}/{view.run_id}"},
                "results": [_result(issue) for issue in view.issues],
            }
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _result(issue: Issue) -> dict[str, Any]:
    level = "none" if not issue.certain else "warning" if issue.severity == "一般" else "error"
    places = [place.href for place in issue.places if place.href] or ([issue.href] if issue.href else [])
    return {
        "ruleId": issue.check,
        "level": level,
        "kind": "fail" if issue.certain else "review",
        "message": {"text": f"{issue.message} {issue.fix}".strip()},
        "partialFingerprints": {"xuncha/v1": issue.fingerprint},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": url}}} for url in places[:50]],
        "properties": {"id": issue.id, "clause": issue.clause.id, "places": issue.places_total},
    }

"""Every check against its cases: whole lists of verdicts, not counts."""

from pathlib import Path
from typing import Any

import pytest

from checks.registry import CHECKS
from tests.checks.cases import load, verdicts

FOLDER = Path(__file__).parent / "cases"
FILES = {path.stem: load(path) for path in sorted(FOLDER.glob("*.yaml"))}
CASES = [
    pytest.param(check, case, id=f"{check}:{name}")
    for check, cases in FILES.values()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("check", "case"), CASES)
def test_case(check: str, case: dict[str, Any], tmp_path: Path) -> None:
    found = verdicts(check, case, tmp_path)
    expected = case.get("verdicts", [])
    got = [
        {
            "subject": v.subject.key,
            "grade": str(v.grade),
            **({"variant": v.variant} if v.variant else {}),
            "facts": v.facts,
        }
        for v in found
    ]
    for row in expected:
        row.setdefault("facts", {})
    key = lambda row: (row["subject"], row["grade"])  # noqa: E731
    got.sort(key=key)
    expected.sort(key=key)
    named = [
        {**row, "facts": {name: row["facts"].get(name) for name in want["facts"]}}
        for row, want in zip(got, expected, strict=False)
    ] + got[len(expected) :]
    assert named == expected


@pytest.mark.parametrize("check", [check.id for check in CHECKS])
def test_every_check_has_good_bad_and_inapplicable_cases(check: str) -> None:
    assert check in FILES, f"tests/checks/cases/{check}.yaml is missing"
    declared, cases = FILES[check]
    assert declared == check
    kinds = {name.split("_")[0] for name in cases}
    assert kinds <= {"pass", "fail", "review", "na"}
    assert "pass" in kinds
    assert "na" in kinds
    assert kinds & {"fail", "review"}

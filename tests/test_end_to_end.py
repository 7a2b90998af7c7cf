"""The whole way on the bundled sample bureau: real server, real crawl, real report, in a process of its own."""

import csv
import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xuncha.sample.build import Fault, faults, traps


def xuncha(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from xuncha.cli import main; main()", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("faulty")
    done = xuncha("demo", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    run = next((folder / "audits").glob("*/runs/*"))
    return json.loads(done.stdout), run


def base_url(report: dict[str, Any]) -> str:
    return re.match(r"http://[^/]+", report["site"]["home_url"]).group()  # type: ignore[union-attr]


def shows(finding: dict[str, Any], fault: Fault, base: str) -> bool:
    """Whether a finding is the report of a seeded fault: the same check, the page or the passage named."""
    if finding["check"] != fault.check:
        return False
    told = json.dumps(finding, ensure_ascii=False)
    named = fault.where in told or fault.where in html.unescape(told)
    on_page = fault.page == "*" or f"{base}{fault.page}" in told
    return named or on_page


def test_every_seeded_fault_is_reported_in_its_grade(faulty: tuple[dict[str, Any], Path]) -> None:
    report, _ = faulty
    base = base_url(report)
    missed = []
    for fault in faults(base):
        found = [finding for finding in report["findings"] if shows(finding, fault, base)]
        if fault.grade not in {finding["grade"] for finding in found}:
            missed.append((fault.check, fault.page, fault.where, fault.grade, [f["grade"] for f in found]))
    assert missed == []


def test_nothing_else_is_reported(faulty: tuple[dict[str, Any], Path]) -> None:
    report, _ = faulty
    base = base_url(report)
    seeded = faults(base)
    stray = [
        (finding["check"], finding["subject"]["key"], finding["message"])
        for finding in report["findings"]
        if not any(shows(finding, fault, base) for fault in seeded)
    ]
    caught = [
        (trap.check, trap.where, finding["grade"])
        for trap in traps(base)
        for finding in report["findings"]
        if finding["check"] == trap.check
        and trap.where in json.dumps(finding, ensure_ascii=False)
        # A wall is shown for a person to look at; it must never be called dead.
        and not (finding["grade"] == "review" and finding["facts"].get("verdict") == "blocked")
    ]
    assert (stray, caught) == ([], [])


def test_counts_are_equal_in_every_output(faulty: tuple[dict[str, Any], Path]) -> None:
    report, run = faulty
    with (run / "report" / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    page = (run / "report" / "report.html").read_text(encoding="utf-8")
    ids = {finding["id"] for finding in report["findings"]}
    assert len(ids) == len(report["findings"])
    assert {row["问题编号"] for row in rows} == ids
    assert {name for name in ids if name in page} == ids
    assert report == json.loads((run / "report" / "findings.json").read_text(encoding="utf-8"))


def test_the_report_opens_without_a_server_and_masks_people(faulty: tuple[dict[str, Any], Path]) -> None:
    report, run = faulty
    page = (run / "report" / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*[\"']?https?:", page)
    leaked = [fault.where for fault in faults(base_url(report)) if fault.check == "exposed-personal-data"]
    assert leaked
    for secret in leaked:
        assert secret not in page
        assert secret not in json.dumps(report, ensure_ascii=False)


def test_judging_again_gives_the_same_bytes(faulty: tuple[dict[str, Any], Path]) -> None:
    report, run = faulty
    before = {path.name: path.read_bytes() for path in (run / "report").iterdir()}
    done = xuncha("check", run, "--json", cwd=run)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == report
    assert {path.name: path.read_bytes() for path in (run / "report").iterdir()} == before
    assert xuncha("verify", run, cwd=run).returncode == 0


def test_the_healthy_bureau_has_no_finding(tmp_path: Path) -> None:
    done = xuncha("demo", "--healthy", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [(f["check"], f["message"]) for f in report["findings"]] == []
    assert report["run"]["coverage"]["pages"]["state"] == "complete"


def test_mistakes_of_the_operator_are_one_clear_line(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text('id = "x"\nhome_url = "http://127.0.0.1:9/"\nhom = 1\n', encoding="utf-8")
    wrong = xuncha("audit", config, cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    assert "site.toml" in wrong.stderr
    assert "hom" in wrong.stderr
    closed = xuncha("audit", "http://127.0.0.1:9/", cwd=tmp_path)
    assert (closed.returncode, closed.stderr.count("\n")) == (3, 1)
    assert "127.0.0.1:9" in closed.stderr
    assert xuncha("audit", "http://127.0.0.1:9/", "--as-of", "昨天", cwd=tmp_path).returncode == 2
    assert xuncha("explain", "no-such-check", cwd=tmp_path).returncode == 2


def test_coverage_is_told_in_the_readers_words(faulty: tuple[dict[str, Any], Path]) -> None:
    report, run = faulty
    page = (run / "report" / "report.html").read_text(encoding="utf-8")
    counts = report["run"]["coverage"]["pages"]["counts"]
    assert f"页面 {counts['pages']}，没有看的 {counts['left']}" in page

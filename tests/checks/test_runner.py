"""From verdicts to assessments: outcomes derived, denominators counted, findings listed where they weigh most."""

import datetime as dt
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from checks import runner
from checks.assessment import Assessment
from checks.check import Outcome, Verdict
from checks.columns import stale_column
from checks.registry import CHECKS
from checks.runner import assess
from checks.standard import load
from checks.wording import misused_word
from crawler.evidence.reader import Evidence
from tests.checks.cases import write

AS_OF = dt.date(2018, 4, 16)
STALE = [{"path": [f"动态{n}"], "class": "news", "newest": AS_OF.replace(year=2017)} for n in range(3)]
FRESH = [{"path": [f"要闻{n}"], "class": "news", "newest": AS_OF} for n in range(4)]


def judged(folder: Path, columns: list[dict[str, Any]], **case: Any) -> Assessment:
    write(
        {"as_of": AS_OF, "evidence": {"columns": columns, "pages": [{"url": "/", "kind": "home"}]}, **case},
        folder,
    )
    with Evidence(folder) as evidence:
        return assess(evidence, [load("census-2015", CHECKS)])[0]


def outcome(assessment: Assessment, clause: str) -> tuple[Outcome, int, int]:
    result = next(r for r in assessment.results if r.clause == clause and r.check == "stale-column")
    return result.outcome, result.examined, result.failed


def test_failures_are_counted_against_all_that_were_looked_at(tmp_path: Path) -> None:
    assessment = judged(tmp_path, STALE + FRESH)
    assert outcome(assessment, "C15-D04a") == (Outcome.FAIL, 7, 3)
    assert outcome(assessment, "C15-V03a") == (Outcome.PASS, 7, 3)
    stale = [f for f in assessment.findings if f.check == "stale-column"]
    assert [(f.clause, f.subject.key) for f in stale] == [("C15-D04a", f"动态{n}") for n in range(3)]
    assert stale[0].message.startswith("栏目“动态0”已 365 天没有更新")


def test_a_reached_veto_claims_the_findings(tmp_path: Path) -> None:
    assessment = judged(tmp_path, [{**STALE[0], "path": [f"动态{n}"]} for n in range(5)])
    assert outcome(assessment, "C15-V03a") == (Outcome.FAIL, 5, 5)
    assert {f.clause for f in assessment.findings if f.check == "stale-column"} == {"C15-V03a"}
    assert assessment.score.vetoes == ("C15-V03a",)


def test_partial_evidence_lets_failures_stand_and_passes_no_one(tmp_path: Path) -> None:
    assessment = judged(tmp_path, STALE + FRESH, coverage={"columns": "partial"})
    assert outcome(assessment, "C15-D04a") == (Outcome.FAIL, 7, 3)
    assert outcome(assessment, "C15-D04b") == (Outcome.NOT_EXAMINED, 0, 0)
    assert outcome(assessment, "C15-V03a") == (Outcome.NOT_EXAMINED, 7, 3)


def test_absent_evidence_is_not_examined(tmp_path: Path) -> None:
    assessment = judged(tmp_path, STALE, coverage={"columns": "absent"})
    assert outcome(assessment, "C15-D04a") == (Outcome.NOT_EXAMINED, 0, 0)
    assert not [f for f in assessment.findings if f.check == "stale-column"]


def test_a_check_that_breaks_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        """A check with a fault of ours."""

        CHECK = stale_column.CHECK

        @staticmethod
        def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
            yield from stale_column.examine(evidence, limits)
            raise ZeroDivisionError("ours")

    modules = tuple(Broken if m is stale_column else m for m in runner.MODULES)
    monkeypatch.setattr(runner, "MODULES", modules)
    assessment = judged(tmp_path, STALE + FRESH)
    assert outcome(assessment, "C15-D04a") == (Outcome.ERROR, 0, 0)
    assert (
        next(r.reason for r in assessment.results if r.outcome is Outcome.ERROR) == "ZeroDivisionError: ours"
    )
    assert not [f for f in assessment.findings if f.check == "stale-column"]


def test_the_same_evidence_gives_the_same_assessment(tmp_path: Path) -> None:
    write({"as_of": AS_OF, "evidence": {"columns": STALE}}, tmp_path)
    with Evidence(tmp_path) as evidence:
        table = load("census-2015", CHECKS)
        assert assess(evidence, [table]) == assess(evidence, [table])


WAIVER = {"check": "stale-column", "pattern": "^动态", "reason": "机构改革", "owner": "办公室"}


def test_a_waived_fault_is_shown_and_not_counted(tmp_path: Path) -> None:
    config = {"waiver": [{**WAIVER, "until": "2018-06-30"}]}
    assessment = judged(tmp_path, STALE + FRESH, config=config)
    assert outcome(assessment, "C15-D04a") == (Outcome.PASS, 7, 0)
    assert [(w.check, w.subject.key, w.reason) for w in assessment.waived] == [
        ("stale-column", f"动态{n}", "机构改革") for n in range(3)
    ]


def test_an_expired_waiver_comes_back_by_itself(tmp_path: Path) -> None:
    assessment = judged(tmp_path, STALE + FRESH, config={"waiver": [{**WAIVER, "until": "2018-04-15"}]})
    assert outcome(assessment, "C15-D04a") == (Outcome.FAIL, 7, 3)
    assert assessment.waived == ()


def test_text_recognised_in_a_scan_only_asks(tmp_path: Path) -> None:
    def grades(folder: str, facts: list[dict[str, Any]]) -> list[tuple[str, str]]:
        rows = [
            ["项目", "2017年决算数"],
            ["合计", "30"],
            ["因公出国（境）费", "0"],
            ["公务接待费", "6"],
            ["公务用车费", "12"],
        ]
        document = {"url": "/a.pdf", "title": "某局2017年“三公”经费决算公开表（单位：万元）", "text": "截止2017年12月31日", "tables": [rows], "facts": facts}  # fmt: skip
        case = {
            "as_of": AS_OF,
            "evidence": {
                "pages": [{"url": "/j.html", "title": "某局2017年“三公”经费决算公开", "text": "见附件", "links": [{"url": "/a.pdf"}]}],
                "documents": [document],
            },
        }  # fmt: skip
        write(case, tmp_path / folder)
        with Evidence(tmp_path / folder) as evidence:
            found = assess(evidence, [load("census-2015", CHECKS)])[0].findings
        return [(f.check, f"{f.grade} {f.citations[0].where}") for f in found if f.check in ("sum-mismatch", "misused-word")]  # fmt: skip

    assert grades("read", []) == [("sum-mismatch", "fail 附件第1张表"), ("misused-word", "fail 附件第1字")]
    assert grades("recognised", [{"kind": "recognised", "data": {}}]) == [
        ("sum-mismatch", "review 由扫描件识别的文字，可能认错字")
    ]


def large(folder: Path) -> None:
    pages = [
        {
            "url": f"/zx/{n}.html",
            "kind": "article",
            "title": f"关于做好第{n}号工作的通知",
            "text": f"各部门要按照布署做好第{n}号工作。联系人张三，身份证号 11010519491231002X。",
        }
        for n in range(12)
    ]
    write(
        {"as_of": AS_OF, "evidence": {"columns": STALE, "pages": [{"url": "/", "kind": "home"}, *pages]}},
        folder,
    )


def assessed(folder: Path) -> list[Assessment]:
    with Evidence(folder) as evidence:
        return assess(evidence, [load(name, CHECKS) for name in ("census-2015", "inspection-2019")])


@pytest.mark.parametrize("ending", ["well", "fault", "killed"])
def test_two_processes_come_to_what_one_comes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    large(tmp_path)
    monkeypatch.setattr(runner, "second_core", lambda: True)
    if ending == "fault":

        def broken(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
            raise ZeroDivisionError("ours")

        monkeypatch.setattr(misused_word, "examine", broken)
    alone = assessed(tmp_path)
    inside: list[str] = []
    examine, told = runner._examine, runner._told

    def noted(evidence: Evidence, entry: Any, holding: Any) -> None:
        inside.append(entry.module.CHECK.id)
        examine(evidence, entry, holding)

    def dying(*args: Any) -> Iterator[Any]:
        yield next(told(*args))
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(runner, "WORTH_HELP", 2)
    monkeypatch.setattr(runner, "_examine", noted)
    if ending == "killed":
        monkeypatch.setattr(runner, "_told", dying)
    assert assessed(tmp_path) == alone
    assert {"stale-column", "exposed-personal-data"} <= {finding.check for finding in alone[0].findings}
    assert ("misused-word" in inside) is (ending == "killed")
    errors = [r.reason for r in alone[0].results if r.check == "misused-word"]
    assert any("ours" in reason for reason in errors) is (ending == "fault")

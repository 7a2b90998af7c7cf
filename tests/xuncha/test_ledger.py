"""`xuncha ledger SITE_DIR ...` from the command line: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from checks.check import Finding
from checks.store import load, save
from reports.cells import grids_of
from reports.ledger import State, open_ledger
from tests.reports.made import both, link, run, site
from tests.reports.sheets import refs, typed
from xuncha.audit import FINDINGS_FILE
from xuncha.cli import app
from xuncha.ledger import EXPORT_FILE, LEDGER_FILE, ledger_of
from xuncha.report import report

NUMBERS = [link(number).id for number in range(4)]


def judged(folder: Path, *findings: Finding) -> Path:
    """A run of the site, judged and taken in."""
    run_folder = folder / "runs" / run(site()).id
    run_folder.mkdir(parents=True)
    with ledger_of(run_folder) as ledger:
        assert ledger is not None
        save(run_folder / FINDINGS_FILE, ledger.take_in(both(findings)).assessments)
    return run_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    judged(tmp_path / "yunzhou-kjj", *[link(number) for number in range(4)])
    return tmp_path / "yunzhou-kjj"


def ask(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    result = CliRunner().invoke(app, ["ledger", str(folder), *words])
    return result.exit_code, result.output


def test_show_set_and_the_log(folder: Path) -> None:
    one = NUMBERS[0]
    assert ask(folder, "show")[1].startswith("待下发 4\n")
    code, out = ask(
        folder, "set", "--every", "待下发", "--state", "待整改", "--by", "办公室", "--office", "信息中心"
    )
    assert (code, out) == (0, "".join(f"{number}　待整改\n" for number in NUMBERS))
    assert ask(folder, "set", one, "--state", "已整改待复查", "--by", "甲", "--why", "换了链接")[0] == 0
    code, out = ask(folder, "show", one, "--json")
    shown = json.loads(out)
    assert (code, shown["schema"], shown["states"]) == (0, 1, {"已整改待复查": 1})
    assert (shown["entries"][0]["office"], shown["entries"][0]["subject"]["url"]) == (
        "信息中心",
        link(0).subject.url,
    )
    assert [(line["who"], line["field"], line["new"]) for line in shown["log"]] == [
        ("巡查", "state", "待下发"),
        ("办公室", "office", "信息中心"),
        ("办公室", "deadline", shown["entries"][0]["deadline"]),
        ("办公室", "state", "待整改"),
        ("甲", "state", "已整改待复查"),
    ]
    text = ask(folder, "show", one)[1]
    assert "甲　整改状态：待整改 → 已整改待复查　换了链接" in text
    assert ask(folder, "show", "--state", "待整改")[1].startswith("待整改 3\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set", "dead-link-0000000000", "--state", "待整改"], "台账里没有这个问题编号"),
        (["set", NUMBERS[0], "--state", "已销号"], "不能改成“已销号”；可以改成：待整改、无需整改"),
        (["set", NUMBERS[0], "--state", "好了"], "没有“好了”这种整改状态"),
        (["set", NUMBERS[0], "--deadline", "明天"], "应为 2018-04-16 这样的日期"),
        (["set", NUMBERS[0], "--recheck", "好了"], "没有“好了”这种复查结果"),
        (["set", "--state", "待整改"], "没有写问题编号"),
        (["set", NUMBERS[0]], "没有写要改什么"),
        (["set", "--setting", "major=0"], "整改的工作日数"),
        (["set", "--setting", "colour=red"], "应为 second_person=true|false"),
        (["import", "nowhere.xlsx"], "nowhere.xlsx"),
    ],
)
def test_wrong_use_ends_with_2(folder: Path, words: list[str], said: str) -> None:
    with open_ledger(folder / LEDGER_FILE) as ledger:
        before = ledger.seq
    code, out = ask(folder, *words)
    with open_ledger(folder / LEDGER_FILE) as ledger:
        assert (code, ledger.seq) == (2, before)
    assert said in out


def test_one_that_cannot_be_set_leaves_all(folder: Path) -> None:
    assert ask(folder, "set", NUMBERS[1], "--state", "待整改", "--by", "甲")[0] == 0
    assert ask(folder, "set", *NUMBERS, "--state", "整改中", "--by", "甲")[0] == 2
    with open_ledger(folder / LEDGER_FILE) as ledger:
        assert [entry.state for entry in ledger.entries()].count(State.TO_ISSUE) == 3


def test_settings_are_kept(folder: Path) -> None:
    assert ask(folder, "set", "--setting", "second_person=true", "--setting", "major=5") == (
        0,
        "second_person=true auto_sign_off=false　整改时限：veto 3 个工作日，major 5 个工作日，minor 20 个工作日\n",
    )
    assert ask(folder, "set", "--setting", "auto_sign_off=true")[0] == 2


def test_export_and_import(folder: Path, tmp_path: Path) -> None:
    ask(folder, "set", "--every", "待下发", "--state", "待整改", "--by", "办公室")
    sheet = folder / EXPORT_FILE
    assert ask(folder, "export") == (0, f"{sheet}\n")
    at = refs(sheet)
    one, two = NUMBERS[:2]
    filled = typed(
        sheet, tmp_path / "filled.xlsx", {at[one, "整改状态"]: "整改中", at[two, "整改状态"]: "已销号"}
    )
    code, out = ask(folder, "import", str(filled), "--by", "甲", "--dry-run")
    assert (code, "会改 1 行，没有变化 2 行，没有收下 1 行" in out) == (2, True)
    code, out = ask(folder, "import", str(filled), "--by", "甲", "--json")
    assert (code, json.loads(out)) == (
        2,
        {
            "schema": 1,
            "changed": [one],
            "unchanged": 2,
            "faults": [
                {
                    "cell": f"整改台账!{at[two, '整改状态']}",
                    "number": two,
                    "value": "已销号",
                    "why": "现在是“待整改”，不能改成“已销号”；可以改成：待下发、整改中、已整改待复查、申诉中、无需整改",
                }
            ],
            "dry_run": False,
        },
    )
    mended = typed(filled, tmp_path / "mended.xlsx", {at[two, "整改状态"]: "整改中"})
    assert ask(folder, "import", str(mended), "--by", "甲") == (
        0,
        "改了 1 行，没有变化 3 行，没有收下 0 行\n",
    )


def test_an_export_overwrites_nothing_that_was_filled_in(folder: Path) -> None:
    sheet = folder / EXPORT_FILE
    ask(folder, "export")
    untouched = sheet.read_bytes()
    ask(folder, "export")
    assert [path.name for path in folder.glob("*.xlsx")] == [EXPORT_FILE]
    filled = typed(sheet, sheet, {refs(sheet)[NUMBERS[0], "责任人"]: "甲"}).read_bytes()
    ask(folder, "export")
    assert (sheet.read_bytes(), (folder / "整改台账-旧1.xlsx").read_bytes()) == (untouched, filled)


def test_the_report_of_a_run_shows_the_ledger(folder: Path) -> None:
    ask(folder, "set", NUMBERS[0], "--state", "待整改", "--by", "办公室", "--person", "甲")
    run_folder = folder / "runs" / run(site()).id
    (path,) = report(run_folder, ["xlsx"])
    rows = grids_of(path)["整改台账"].rows
    row = next(row for row in rows if row[1] == NUMBERS[0])
    assert [row[rows[0].index(name)] for name in ("责任人", "整改状态")] == ["甲", "待整改"]


def test_a_run_that_lies_by_itself_has_no_ledger(tmp_path: Path) -> None:
    with ledger_of(tmp_path / "run") as ledger:
        assert ledger is None
    assert ask(tmp_path, "show")[0] == 2
    assert not (tmp_path / LEDGER_FILE).exists()


def test_findings_are_stored_under_the_numbers_of_the_ledger(folder: Path) -> None:
    """A page that moved to https: the run's own records carry the old number."""
    moved = link(1)
    subject = replace(moved.subject, key=moved.subject.key.replace("http:", "https:"))
    later = replace(run(site(), "20180501-000000"), started_at=run(site()).started_at.replace(month=5))
    found = replace(moved, id="dead-link-new", fingerprint="0" * 16, subject=subject)
    path = folder / FINDINGS_FILE
    with open_ledger(folder / LEDGER_FILE) as ledger:
        save(path, ledger.take_in(both([found], of=later)).assessments)
    stored = load(path)[0]
    assert [(one.id, one.fingerprint) for one in stored.findings] == [(moved.id, moved.fingerprint)]

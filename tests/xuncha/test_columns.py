"""`columns` on runs written by hand: windows of the table, states, months over several runs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from checks.registry import CHECKS
from checks.standard import load
from tests.checks.cases import write
from xuncha.audit import judge
from xuncha.cli import app

COLUMNS = [
    {"path": ["工作动态"], "class": "news", "newest": dt.date(2018, 4, 12), "newest_title": "甲"},
    {"path": ["要闻"], "class": "news", "newest": dt.date(2018, 4, 5)},
    {"path": ["政务公开", "通知公告"], "class": "notice", "newest": dt.date(2017, 10, 15)},
    {"path": ["<b>[red]统计"], "class": "statistics", "url": "tj/", "items": 0},
    {"path": ["互动"], "class": "news", "readable": False, "listing": "unreadable"},
    {"path": ["规划"], "class": "plan", "items": 4, "dated": 0},
    {"path": ["人事"], "class": "personnel", "newest": dt.date(2010, 1, 1), "exempt": "机构已并入"},
    {"path": ["历史专题"], "class": "archived", "newest": dt.date(2012, 1, 1)},
]
EMPTY = {"url": "tj/", "kind": "list", "title": "统计", "text": "该栏目暂无内容", "column": 4}


def page(number: int, day: dt.date) -> dict[str, Any]:
    return {"url": f"/gzdt/{number}.html", "title": f"动态{number}", "published": day, "column": 1}


def run(folder: Path, name: str, as_of: dt.date, pages: list[dict[str, Any]]) -> None:
    write(
        {"as_of": as_of, "evidence": {"pages": [EMPTY, *pages], "columns": COLUMNS}}, folder / "runs" / name
    )


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["columns", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_state(tmp_path: Path) -> None:
    run(tmp_path, "20180416", dt.date(2018, 4, 16), [])
    document = json.loads(invoke(str(tmp_path), "--json"))
    assert document["schema"] == 1
    assert [
        (row["name"], row["window"], row["age_days"], row["state"], row["due_on"], row["warn_on"])
        for row in document["columns"]
    ] == [
        ("工作动态", "14d", 4, "fresh", "2018-04-26", "2018-04-23"),
        ("要闻", "14d", 11, "due-soon", "2018-04-19", "2018-04-16"),
        ("通知公告", "6m", 183, "stale", "2018-04-15", "2018-03-16"),
        ("<b>[red]统计", "1y", None, "blank", None, None),
        ("互动", "14d", None, "unreadable", None, None),
        ("规划", "1y", None, "undated", None, None),
        ("人事", "1y", 3027, "exempt", None, None),
        ("历史专题", None, 2297, "unbound", None, None),
    ]


def test_an_exemption_that_has_run_out(tmp_path: Path) -> None:
    def judged(as_of: dt.date) -> tuple[str, ...]:
        holds = as_of <= dt.date(2018, 12, 31)
        column = {
            "path": ["人事"],
            "class": "personnel",
            "url": "rsxx/",
            "newest": dt.date(2010, 1, 1),
            "declared": True,
        }
        write(
            {
                "as_of": as_of,
                "config": {"column": [{"name": "人事", "url": "http://kjj.example/rsxx/", "exempt": "机构已并入", "until": "2018-12-31"}]},
                "evidence": {"columns": [{**column, "exempt": "机构已并入" if holds else None}]},
            },
            tmp_path / "runs" / as_of.isoformat(),
        )  # fmt: skip
        row = json.loads(invoke(str(tmp_path), "--json"))["columns"][0]
        return row["state"], row["until"], row["reason"]

    assert judged(dt.date(2018, 12, 31)) == ("exempt", "2018-12-31", "机构已并入")
    assert "到 2018-12-31 为止" in invoke(str(tmp_path))
    assert judged(dt.date(2019, 1, 1)) == ("stale", "2018-12-31", "机构已并入")
    assert "超期（机构已并入，免检 2018-12-31 已到期）" in invoke(str(tmp_path))


def test_windows_come_from_the_table(tmp_path: Path) -> None:
    column = {"path": ["政策解读"], "class": "interpretation", "newest": dt.date(2017, 9, 1)}
    write({"as_of": dt.date(2018, 4, 16), "evidence": {"columns": [column]}}, tmp_path / "runs" / "1")
    rows = {
        name: json.loads(invoke(str(tmp_path), "--json", "--standard", name))["columns"][0]
        for name in ("census-2015", "inspection-2019")
    }
    assert {name: (row["window"], row["state"]) for name, row in rows.items()} == {
        "census-2015": ("1y", "fresh"),
        "inspection-2019": ("6m", "stale"),
    }


def test_the_table_for_people(tmp_path: Path) -> None:
    run(tmp_path, "20180416", dt.date(2018, 4, 16), [])
    text = invoke(str(tmp_path))
    for words in (
        "栏目名称",
        "最新日期（依据）",
        "预警日",
        "<b>[red]统计",
        "免检（机构已并入）",
        "2018-04-23",
    ):
        assert words in text


def test_months_over_several_runs(tmp_path: Path) -> None:
    first = [page(1, dt.date(2018, 2, 3)), page(2, dt.date(2018, 3, 3))]
    run(tmp_path, "20180316", dt.date(2018, 3, 16), first)
    run(
        tmp_path,
        "20180416",
        dt.date(2018, 4, 16),
        [page(2, dt.date(2018, 4, 3)), page(3, dt.date(2018, 4, 4))],
    )
    rows = json.loads(invoke(str(tmp_path), "--json", "--html", str(tmp_path / "c.html")))["columns"]
    assert rows[0]["months"] == {"2018-02": 1, "2018-03": 1, "2018-04": 1}
    assert rows[1]["months"] == {}
    html = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert html.count("<svg") == 1
    assert "24 个月共 3 条，其中 21 个月没有更新" in html
    assert "&lt;b&gt;[red]统计" in html


def test_an_audit_draws_the_months_by_itself(tmp_path: Path) -> None:
    def charts(name: str) -> int:
        tables = [load("census-2015", CHECKS)]
        report = judge(tmp_path / "runs" / name, tables, formats=["html"]).files[0]
        return report.read_text(encoding="utf-8").count('<svg width="144"')

    run(tmp_path, "20180416", dt.date(2018, 4, 16), [page(1, dt.date(2018, 4, 2))])
    assert charts("20180416") == 0
    run(tmp_path, "20180516", dt.date(2018, 5, 16), [page(2, dt.date(2018, 5, 2))])
    assert charts("20180516") == 1
    assert charts("20180416") == 0


def test_a_site_without_a_finished_run(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["columns", str(tmp_path)])
    assert result.exit_code == 2
    assert "没有已完成的检查" in result.output

"""The loader is strict, overlays merge, the shipped tables are sound."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from checks.check import Check, Severity
from checks.registry import CHECKS
from checks.standard import Part, SourceStatus, StandardError, load, shipped

STALE = Check(
    id="stale-column",
    title="栏目未更新",
    severity=Severity.MAJOR,
    needs=("columns",),
    message="",
    fix="",
    limits={"news_days": 14, "notice_days": 180},
)

SMALL = """
id = "small"
title = "小表"
document_no = "某办〔2024〕1号"
issuer = "某市政府办公室"
valid_from = 2024-01-01
source = "示例"
advice = false

[scoring]
base = 100
pass_mark = 60

[[clause]]
id = "1"
part = "deduct"
group = "信息更新"
indicator = "栏目"
title = "栏目未更新"
text = "每个扣 1 分"
source_status = "confirmed"
points = 1
[[clause.test]]
check = "stale-column"
where = { column_class = ["news", "notice"], first_level = true, archived = false }
limits = { news_days = 20 }
"""


def write(folder: Path, text: str, name: str = "small.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_a_table(tmp_path: Path) -> None:
    standard = load(write(tmp_path, SMALL), [STALE])
    assert (standard.id, standard.valid_from, standard.valid_to) == ("small", dt.date(2024, 1, 1), None)
    test = standard.clause("1").tests[0]
    assert (test.check, dict(test.limits), test.registered) == ("stale-column", {"news_days": 20}, True)
    assert test.matches({"column_class": "news", "first_level": True})
    assert not test.matches({"column_class": "plan", "first_level": True})
    assert not test.matches({"column_class": "news"})
    assert not test.matches({"column_class": "news", "first_level": True, "archived": True})


def test_a_planned_check_is_pending_until_registered(tmp_path: Path) -> None:
    assert load(write(tmp_path, SMALL), []).clause("1").tests[0].registered is False


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "小表"', "", "small.toml：title 没有填写，应为一段文字"),
        (
            "valid_from = 2024-01-01",
            'valid_from = "2024"',
            "small.toml：valid_from = '2024'，应为不带引号的日期，如 2019-04-01",
        ),
        ("points = 1", "points = -1", "small.toml：[1].points = -1，应为不小于 0 的数"),
        ("points = 1", "points = 1\nscore = 2", "small.toml：[1].score = 2，不认识这个键"),
        (
            'part = "deduct"',
            'part = "minus"',
            "small.toml：[1].part = 'minus'，应为 veto、deduct、bonus、advisory 之一",
        ),
        (
            'check = "stale-column"',
            'check = "stale-colum"',
            "small.toml：[1].test[1].check = 'stale-colum'，应为一个检查项的 id",
        ),
        (
            "news_days = 20",
            "days = 20",
            "small.toml：[1].test[1].limits.days = 20，应为检查项 stale-column 的限值之一：news_days、notice_days",
        ),
        ("base = 100", "base = 100\nbonus = 3", "small.toml：scoring.bonus = 3，不认识这个键"),
        ("pass_mark = 60", "pass_mark = nan", "small.toml：scoring.pass_mark = NaN，应为不小于 0 的数"),
        (
            'source_status = "confirmed"',
            'source_status = "recalled"',
            "small.toml：[1].source_status = 'recalled'，应为有出处的条款；凭印象的只能作为 advisory",
        ),
        (
            "points = 1",
            'points = 1\nmanual = "看"',
            "small.toml：[1].test = '2 种'，应为[[clause.test]]、manual、pending 三者恰好一种",
        ),
        ("points = 1", "", "small.toml：[1].points = None，应为分值（扣分、加分条款必须有，其他条款不能有）"),
        ("points = 1", "points = 1\nratio = 5", "small.toml：[1].ratio = 5，应为大于 0、不大于 1 的比例"),
        ("[scoring]", "[scorng]", "small.toml：scorng = {'base': 100, 'pass_mark': 60}，不认识这个键"),
        ("[[clause]]", "[clause]", "small.toml：clause = "),
        (
            "valid_from = 2024-01-01",
            "valid_from = 2024-01-01\nvalid_to = 2023-01-01",
            "small.toml：valid_to = 2023-01-01，不应早于 valid_from",
        ),
    ],
)
def test_one_clear_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(StandardError) as caught:
        load(write(tmp_path, SMALL.replace(old, new, 1)), [STALE])
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_broken_or_absent_files(tmp_path: Path) -> None:
    with pytest.raises(StandardError, match="不是有效的 TOML"):
        load(write(tmp_path, "a = "), [])
    with pytest.raises(StandardError, match="读不到文件"):
        load(tmp_path / "absent.toml", [])
    with pytest.raises(StandardError, match="没有这张表，可用的有 census-2015、"):
        load("census-2051", [])


def test_overlay_changes_pass_mark_limits_points_and_adds_clauses(tmp_path: Path) -> None:
    write(tmp_path, SMALL)
    overlay = write(
        tmp_path,
        """
extends = "small"
id = "city"
title = "某市方案"
[scoring]
pass_mark = 80
[limits.stale-column]
notice_days = 90
[[clause]]
id = "1"
points = 0.5
[[clause]]
id = "L-1"
part = "advisory"
group = "文字"
title = "错别字"
text = "不应有错别字"
source_status = "recalled"
manual = "通读"
""",
        "city.toml",
    )
    standard = load(overlay, [STALE])
    assert standard.frame is not None
    assert (standard.id, standard.frame.pass_mark, standard.frame.base) == ("city", Decimal(80), Decimal(100))
    assert standard.clause("1").points == Decimal("0.5")
    assert dict(standard.clause("1").tests[0].limits) == {"news_days": 20, "notice_days": 90}
    assert [clause.id for clause in standard.clauses] == ["1", "L-1"]


def test_overlay_drops_and_replaces(tmp_path: Path) -> None:
    write(tmp_path, SMALL)
    path = write(tmp_path, 'extends = "small"\nid = "c"\n[[clause]]\nid = "1"\nmanual = "人工看"', "c.toml")
    assert (load(path, []).clause("1").tests, load(path, []).clause("1").manual) == ((), "人工看")
    path = write(tmp_path, 'extends = "small"\nid = "c"\n[[clause]]\nid = "1"\ndrop = true', "c.toml")
    assert load(path, []).clauses == ()
    path = write(tmp_path, 'extends = "small"\nid = "c"\ndrop_groups = ["信息更"]', "c.toml")
    with pytest.raises(StandardError, match="没有这个一级指标"):
        load(path, [])
    path = write(tmp_path, 'extends = "c"\nid = "c"', "c.toml")
    with pytest.raises(StandardError, match="不能绕回自己"):
        load(path, [])


@pytest.mark.parametrize("name", shipped())
def test_shipped_tables_are_sound(name: str) -> None:
    standard = load(name, CHECKS)
    assert standard.id == name
    for clause in standard.clauses:
        if clause.part is not Part.ADVISORY:
            assert clause.source_status is not SourceStatus.RECALLED


def test_every_registered_check_serves_a_clause_of_every_website_table() -> None:
    for name in shipped():
        if name != "new-media-2019":
            named = {test.check for clause in load(name, CHECKS).clauses for test in clause.tests}
            assert {check.id for check in CHECKS} - named == set()


def test_caps_of_the_2019_table_add_up() -> None:
    standard = load("inspection-2019-full", CHECKS)
    groups: dict[tuple[Part, str], Decimal] = {}
    for row in standard.indicators:
        groups[row.part, row.group] = groups.get((row.part, row.group), Decimal(0)) + row.cap
    assert {(part.value, group): int(cap) for (part, group), cap in groups.items()} == {
        ("deduct", "发布解读"): 31,
        ("deduct", "办事服务"): 25,
        ("deduct", "互动交流"): 23,
        ("deduct", "功能设计"): 21,
        ("bonus", "信息发布"): 7,
        ("bonus", "办事服务"): 6,
        ("bonus", "互动交流"): 8,
        ("bonus", "功能设计"): 6,
        ("bonus", "创新发展"): 3,
    }


def test_advice_comes_last_and_only_advises() -> None:
    clauses = load("inspection-2019", CHECKS).clauses
    advice = [clause for clause in clauses if clause.id.startswith("A-")]
    assert len(advice) >= 27
    assert clauses[-len(advice) :] == tuple(advice)
    assert {clause.part for clause in advice} == {Part.ADVISORY}

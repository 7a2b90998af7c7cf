"""People's answers: read strictly, put into the score, kept with who and when."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from checks.answers import (
    Answer,
    AnswerError,
    Result,
    answered,
    as_toml,
    askable,
    checked,
    choices,
    read_toml,
)
from checks.assessment import Standing
from checks.check import Outcome
from tests.reports.made import assessment, both

ROW: dict[str, Any] = {"clause": "I19-V01b", "result": "无问题", "by": "核查员甲", "on": "2018-04-20"}


def every_clause_clean(name: str) -> list[Answer]:
    return [
        Answer(
            clause=clause.id,
            result=choices(clause)[0],
            count=0,
            by="核查员甲",
            on=dt.date(2018, 4, 20),
            note="",
        )
        for clause, _, _ in askable(assessment(name, []))
    ]


def test_undecided_becomes_decided() -> None:
    made = assessment("inspection-2019", [])
    assert made.score.standing is Standing.UNDECIDED
    rest = [
        one
        for one in made.score.blocked_by
        if one not in {a.clause for a in every_clause_clean("inspection-2019")}
    ]
    done = answered(made, every_clause_clean("inspection-2019"))
    assert list(done.score.blocked_by) == rest
    assert {one.outcome for one in done.results if one.clause == "I19-V01b"} == {Outcome.PASS}


def test_an_answer_can_veto_and_can_be_taken_back() -> None:
    made = assessment("inspection-2019", [])
    bad = Answer(
        clause="I19-V01b", result=Result.FAULTY, count=2, by="核查员甲", on=dt.date(2018, 4, 20), note="抽查"
    )
    good = Answer(
        clause="I19-V01b", result=Result.CLEAN, count=0, by="核查员乙", on=dt.date(2018, 4, 21), note=""
    )
    first = answered(made, [bad])
    assert (first.score.standing, first.score.vetoes) == (Standing.UNQUALIFIED, ("I19-V01b",))
    row = next(one for one in first.results if one.clause == "I19-V01b")
    assert (row.check, row.failed, row.reason) == (
        None,
        2,
        "人工核查：有问题（2 处），核查员甲，2018-04-20。抽查",
    )
    assert answered(first, [bad, good]).score == answered(made, [good]).score


def test_what_was_not_looked_at_can_be_answered_what_was_judged_cannot() -> None:
    made = assessment("census-2015", [])
    asked = {clause.id for clause, _, _ in askable(made)}
    assert "C15-V01" in asked
    assert "C15-D02a" not in asked
    assert not any(clause.startswith("A-") for clause in asked)


def test_answers_come_back_from_their_file(tmp_path: Path) -> None:
    hostile = Answer(
        clause="I19-V01b",
        result=Result.FAULTY,
        count=1,
        by='甲"\\\n[[answer]]',
        on=dt.date(2018, 4, 20),
        note="a\x7f'''\t“”",
    )
    path = tmp_path / "answers.toml"
    path.write_text(as_toml([hostile, hostile]), encoding="utf-8")
    assert [Answer.of(row) for _, row in read_toml(path)] == [hostile, hostile]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"clause": "X-1"}, "没有这条条款"),
        ({"clause": "I19-V03"}, "已由程序检查"),
        ({"result": "无"}, "应为无问题、有问题、不适用之一"),
        ({"result": "做到"}, "应为无问题、有问题、不适用之一"),
        ({"count": -1}, "应为 0 到"),
        ({"count": "三"}, "应为 0 到"),
        ({"by": " "}, "核查人：没有填写"),
        ({"on": "四月"}, "应为 2018-04-20 这样的日期"),
        ({"on": None}, "应为 2018-04-20 这样的日期"),
        ({"note": "长" * 501}, "超过 500 字"),
        ({"colour": "red"}, "不认识“colour”"),
    ],
)
def test_a_bad_row_is_named(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(AnswerError, match="第 3 行：") as caught:
        checked([("表.xlsx 第 3 行", {**ROW, **changed})], both([]))
    assert words in str(caught.value)


def test_every_bad_place_is_named_at_once() -> None:
    rows = [("第 2 行", {**ROW, "by": ""}), ("第 3 行", {**ROW, "result": "?"}), ("第 4 行", ROW)]
    with pytest.raises(AnswerError) as caught:
        checked(rows, both([]))
    assert [line.partition("：")[0] for line in str(caught.value).splitlines()] == ["第 2 行", "第 3 行"]


def test_two_different_answers_to_one_clause() -> None:
    with pytest.raises(AnswerError, match="两处不一样"):
        checked([("第 2 行", ROW), ("第 3 行", {**ROW, "result": "有问题"})], both([]))


def test_a_damaged_form(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe[[")
    with pytest.raises(AnswerError, match="不是有效的 TOML"):
        read_toml(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_text("x = 1")
    with pytest.raises(AnswerError, match="不应有别的内容"):
        read_toml(tmp_path / "b.toml")

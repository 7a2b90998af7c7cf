"""The statistics layer: off by default, only ever a review, and only where words fall to pieces."""

import datetime as dt

import pytest

from checks.check import Grade
from checks.wording.passage import Passage
from checks.wording.proofread import LAYERS, Proofreader
from checks.wording.statistics import Statistics


@pytest.fixture(scope="module")
def statistics() -> Statistics:
    return Statistics()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("要研究制定和修盯有关法律法规。", [("盯", "订")]),
        ("坚持法治反拐基本元泽，研究制定有关法律法规。", [("元泽", "原则")]),
        ("各级人民政府要加强对这项工作的领导，健全工作机制，落实经费保障。", []),
        ("这天小雨12℃，他沾沾自喜地对乘客说。", []),
        ("", []),
        ("\n \t", []),
    ],
)
def test_guesses(statistics: Statistics, text: str, expected: list[tuple[str, str]]) -> None:
    hits = statistics.hits(Passage(text))
    assert [(hit.text, hit.suggestion) for hit in hits] == expected
    assert all(hit.grade is Grade.REVIEW for hit in hits)


def test_offsets_survive_what_the_counts_leave_out(statistics: Statistics) -> None:
    text = "（一） 2017 年，  要研究制定和 修盯有关法律法规。"
    assert [text[hit.start : hit.end] for hit in statistics.hits(Passage(text))] == ["盯"]


def test_it_is_off_by_default() -> None:
    assert "statistics" not in LAYERS
    assert Proofreader().hits("研究制定和修盯有关法律法规。", dated=dt.date(2024, 1, 1)) == []


def test_hostile_text_ends_soon(statistics: Statistics) -> None:
    for text in ("丂丄丅" * 1_000, "智" * 3_000, "9" * 100_000, "😀" * 20_000):
        statistics.hits(Passage(text))

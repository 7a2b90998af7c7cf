"""What a layer says of a line depends on the line alone, and no text has a fault where no line of it is spoken of."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.wording.confusions import listed_confusions
from checks.wording.formulas import listed_formulas
from checks.wording.institutions import listed_institutions, listed_repealed_laws
from checks.wording.lexicon import words
from checks.wording.patterns import listed_patterns
from checks.wording.proofread import LAYERS, Proofreader

_READER = Proofreader(layers=(*LAYERS, "leader"), site={"leaders": {"张小明": ["局长"]}})
_AROUND = [
    "正确写法", "应为“", "废止", "原", "时任", "同时", "（1）", "1.", "中", "了", "处", "市", "2023年", "2023年2月",
    "2月30日", "星期一", "日", "测试", "123", "”", "》", "，",
]  # fmt: skip
"""What excuses a fault beside it, or makes one together with it."""


def _written() -> list[str]:
    """Faults of every layer, the same mended, and halves of both."""
    written = [text for pattern in listed_patterns() for text in (pattern.bad, pattern.good)]
    for row in listed_confusions():
        written += [*row.examples(), row.wrong] if row.not_before or row.not_after else [row.wrong]
    for formula in listed_formulas():
        text = formula.text
        written += [text[1:], text[:-1], text[0] + text, "民" + text[1:], text[:1] + "民" + text[1:]]
    for name in (*listed_institutions(), *listed_repealed_laws()):
        written += [name.old, *name.examples()[:2]]
    written += [idiom[:3] + "式" for idiom in list(words("idioms.txt"))[::20]]
    written += [
        "张小名局长",
        "局长张小名",
        "甲乙丙甲乙丙",
        "各单位要各单位要认真学习",
        "截止2022年2月30日，共收到",
    ]
    halves = [half for text in written for half in (text[: len(text) // 2], text[len(text) // 2 :])]
    return list(dict.fromkeys(text for text in (*written, *halves) if text and "\n" not in text))


WRITTEN = _written()
LINES = st.lists(st.sampled_from(WRITTEN) | st.sampled_from(_AROUND), max_size=3).map("".join)


def _told(lines: list[str], scope: str) -> list[bool]:
    """Whether a layer speaks of a line."""
    numbers = [number for number, line in enumerate(lines) for _ in range(len(line) + 1)]
    told = [False] * len(lines)
    for start, end in _READER.spans("\n".join(lines), scope=scope):
        for number in numbers[start:end]:
            told[number] = True
    return told


@pytest.mark.parametrize("scope", ["title", "text"])
def test_a_line_is_looked_at_as_if_it_stood_alone(scope: str) -> None:
    some = WRITTEN[::11]
    alone = [_told([line], scope)[0] for line in some]
    assert any(alone)
    assert not all(alone)
    for around in _AROUND:
        told = _told([line for written in some for line in (around, written)], scope)[1::2]
        assert [line for line, one, other in zip(some, alone, told, strict=True) if one != other] == []


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6), st.dates(dt.date(1990, 1, 1)))
def test_no_fault_is_missed_by_looking_at_lines_alone(lines: list[str], dated: dt.date) -> None:
    text = "\n".join(lines)
    told = _told(lines, "text")
    odd = any(map(_READER.may_be_odd, lines)) and _READER.is_odd(text)
    for hit in _READER.hits(text, dated=dated):
        first, last = text.count("\n", 0, hit.start), text.count("\n", 0, hit.end - 1)
        assert odd or any(told[first : last + 1]), hit

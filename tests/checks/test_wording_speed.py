"""The quick ways of the wording layers give what the plain ones give."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.wording.arithmetic import Arithmetic
from checks.wording.halves import Halves
from checks.wording.passage import Passage
from checks.wording.proofread import Proofreader
from checks.wording.repetitions import repetitions
from checks.wording.statistics import ngram_table

PHRASES = ["依法行政", "依法治国", "为民服务", "服务群众", "治国理政"]
_READER = Proofreader()
_ARITHMETIC = Arithmetic()


@settings(max_examples=200, deadline=None)
@given(st.text("依法行政治国为民服务群众理，\n𠮷", max_size=40))
def test_halves_find_every_phrase_with_one_character_replaced(text: str) -> None:
    places = range(len(text) - 3)
    whole = {at for at in places if text[at : at + 4] in PHRASES}
    plain = {
        (at, odd[0], phrase)
        for at in places
        for phrase in PHRASES
        if len(odd := [n for n in range(4) if text[at + n] != phrase[n]]) == 1 and at not in whole
    }
    # A half that goes on as some phrase does is left alone, with both of the neighbours of that half.
    assert set(Halves(PHRASES).slips(text)) <= plain
    for at, place, phrase in plain - set(Halves(PHRASES).slips(text)):
        one, two = text[at : at + 2], text[at + 2 : at + 4]
        others = "".join(p[2:] if place > 1 else p[:2] for p in PHRASES if (p[:2] == one or p[2:] == two))
        assert (two if place > 1 else one) in others, (at, place, phrase)


@settings(max_examples=200, deadline=None)
@given(st.text("依法行政治国为民服务群众理，\n𠮷", max_size=40))
def test_halves_that_know_what_is_near_find_the_same(text: str) -> None:
    near = {"依": "衣伊", "法": "理", "民": "众国", "行": "，", "理": "𠮷法"}
    assert list(Halves(PHRASES, near).slips(text)) == [
        (start, at, phrase)
        for start, at, phrase in Halves(PHRASES).slips(text)
        if text[start + at] in near.get(phrase[at], "")
    ]


def test_a_phrase_cut_off_at_the_end_of_a_text_is_no_fault_of_ours() -> None:
    for cut in ("依法治", "法律法", "因地制", "实事求"):
        _READER.hits(cut)
        _READER.hits("坚持" + cut)


@settings(max_examples=200, deadline=None)
@given(st.text("甲乙丙，\n1", max_size=60))
def test_repetitions_are_all_that_stand_twice(text: str) -> None:
    plain = {
        (at, length)
        for length in range(3, 13)
        for at in range(len(text) - 2 * length + 1)
        if (phrase := text[at : at + length]) == text[at + length : at + 2 * length]
        and set(phrase) <= set("甲乙丙，" if length >= 5 else "甲乙丙")
        and len(set(phrase)) > 2
    }
    assert set(repetitions(text, 3, 5, 12)) == plain


def test_repetitions_of_a_long_text_are_found_and_bounded() -> None:
    text = "\n".join(["各单位要认真落实有关要求，各单位要认真落实有关要求，" + "0123456789" * 5] * 5000)
    assert len({at for at, length in repetitions(text, 3, 10, 80) if length == 13}) == 5000
    assert not list(repetitions("哈" * 500_000, 3, 10, 80))
    assert len(list(repetitions("甲乙丙" * 200_000, 3, 10, 80))) <= 78 * 1000


@settings(max_examples=300, deadline=None)
@given(
    st.text("“”《》於來文a \n", max_size=90)
    | st.text("2019年月30日周三\n", max_size=30).map("2023年".__add__)
)
def test_an_odd_text_has_a_line_that_may_be_odd(text: str) -> None:
    if _ARITHMETIC.is_odd(Passage(text)):
        assert any(map(_ARITHMETIC.may_be_odd, text.split("\n")))


LINES = st.sampled_from(
    ["依照有关法津规定予以处罚", "截止2022年2月30日，共收到", "坚持问题导向，，狠抓落实。", "党的十九届八中全会",
     "本页写道：布署。", "请到旧址办理", "各单位要各单位要认真学习", "全市教肓系统召开会议", ""]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=6))
def test_stretches_of_all_lines_are_the_whole_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    ends = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines) + 1)]
    stretches = [(start, end - 1) for start, end in pairwise(ends)]
    assert _READER.hits(text, stretches=stretches) == _READER.hits(text)
    for start, end in stretches:
        alone = _READER.hits(text, stretches=[(start, end)])
        assert alone == [hit for hit in _READER.hits(text) if start <= hit.start and hit.end <= end]


def test_counts_are_those_of_the_table() -> None:
    table = ngram_table()
    for n, keys in table.keys.items():
        asked = np.concatenate([keys[::97], keys[::97] + 1, keys[:1] - 1])
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        plain = np.where(keys[at] == asked, table.logs[n][at], -np.inf)
        assert np.array_equal(table.log_count(n, asked), plain)

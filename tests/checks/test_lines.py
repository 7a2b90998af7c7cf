"""One pass over the lines answers as if every text were looked at by itself."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import lines
from checks.money.counts import in_prose, may_count
from checks.privacy.personal_data import exposures, may_expose
from crawler.evidence.reader import Evidence, TextBlock

LONG = "这一行的字数超过三十个所以不管放在哪一篇文字里都不会被当作标题来读"


class Texts:
    def __init__(self, texts: list[tuple[str, list[str]]]) -> None:
        self._texts = texts

    def texts(self, roles: Collection[str] = ("main", "frame", "title")) -> Iterator[TextBlock]:
        for number, (role, written) in enumerate(self._texts):
            if role in roles:
                yield TextBlock(
                    id=number,
                    role=role,
                    pages=(number,),
                    dated=None,
                    url="",
                    title="",
                    sha=b"",
                    unpack=partial(list[str], written),
                )


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_AT_ONCE", 2)
        patch.setattr(lines, "_MOST_MET", 3)
        patch.setattr(lines, "_QUESTIONS", [])
        yield


WRITTEN = st.lists(
    st.sampled_from(["甲", "乙12", "  ", "", LONG, LONG + "7", " " * 40]), min_size=1, max_size=5
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["main", "frame", "title"]), WRITTEN), max_size=12))
def test_answers_and_new_lines(texts: list[tuple[str, list[str]]]) -> None:
    lines._QUESTIONS.clear()
    question = lines.Question(lambda line: any(char.isdigit() for char in line), ("main", "title"))
    evidence: Any = Texts(texts)
    holding = {block.id for block in question.texts(cast(Evidence, evidence))}
    for block in evidence.texts():
        plain = block.role != "frame" and any(char.isdigit() for char in block.text)
        assert question.is_yes(cast(Evidence, evidence), block) == plain == (block.id in holding)
        assert lines.scope(block) == (
            "title" if block.role == "title" or len(block.text.strip()) <= 30 else "text"
        )
    met: dict[str, set[str]] = {"title": set(), "text": set()}
    seen = []
    for batch in lines.batches(evidence):
        if batch.anew:
            met = {"title": set(), "text": set()}
        for scope, new in batch.fresh.items():
            assert met[scope].isdisjoint(new)
            met[scope].update(new)
        for block in batch.blocks:
            assert met[lines.scope(block)].issuperset(block.lines)
            seen.append(block.id)
    assert seen == list(range(len(texts)))


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["共9项，其中：甲7项、乙2项。", "共9项，其 中甲7项、乙2项", "共9 项\t其中：甲7项、乙2项", "共9", " 项，", "其中：甲7项、乙2项。", "包括", "分别为", "\n"]
        ),
        max_size=5,
    ).map("".join)
)  # fmt: skip
def test_a_text_that_counts_has_a_line_that_may(text: str) -> None:
    if any(True for _ in in_prose(text)):
        assert any(map(may_count, text.split("\n")))


@settings(max_examples=500, deadline=None)
@given(
    st.text("1356０８Xx -–.\n名单", max_size=40)
    | st.lists(
        st.sampled_from(
            ["身份证11010119900307803X", "13912345678", "139-1234-5678", "６２", "6222020200112233445", "\n", "010-62345678", "手机：", "4"]
        ),
        max_size=6,
    ).map("".join)
)  # fmt: skip
def test_a_text_that_exposes_something_has_a_line_that_may(text: str) -> None:
    if any(True for _ in exposures(text)):
        assert any(map(may_expose, text.split("\n")))

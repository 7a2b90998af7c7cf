"""Names one character away from a leader's, next to the leader's post."""

import pytest

from checks.wording.leaders import Leaders
from checks.wording.passage import Passage

PEOPLE = {"林建国": ["党组书记、局长"], "高秀英": ["市科技局党组成员、副局长"], "苏青": ["副局长"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("局长林健国主持会议", [("林健国", "林建国")]),
        ("林健国局长讲话", [("林健国", "林建国")]),
        ("副局长高秀瑛、副局长苏清出席", [("高秀瑛", "高秀英"), ("苏清", "苏青")]),
        ("局长林建国主持会议", []),
        ("副局长林健国到会", []),
        ("原局长林健国到会", []),
        ("群众林健国反映", []),
        ("副局长苏清和到会", []),
        ("副局长苏清泉到会", []),
        ("局长刘建国主持会议", []),
        ("局长", []),
        ("", []),
    ],
)
def test_named(text: str, told: list[tuple[str, str]]) -> None:
    assert [(hit.text, hit.suggestion) for hit in Leaders(PEOPLE).hits(Passage(text))] == told


def test_no_leaders_no_hits() -> None:
    assert Leaders({}).hits(Passage("局长林健国")) == []

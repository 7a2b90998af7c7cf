"""Everyday words with one character taken for its double: found where the sentence breaks, spared elsewhere."""

import pytest

from checks.check import Grade
from checks.wording.lexicon import rows, words
from checks.wording.near_words import NearWords
from checks.wording.passage import Passage


@pytest.fixture(scope="module")
def layer() -> NearWords:
    return NearWords()


@pytest.mark.parametrize(
    ("text", "wrong", "meant"),
    [
        ("依照有关法津规定予以处罚", "有关法津", "有关法律"),
        ("全市教肓系统召开会议", "教肓", "教育"),
        ("由第三方积构评估", "积构", "机构"),
        ("有关入员到场", "入员", "人员"),
        ("推进污水处里设施建设", "污水处里", "污水处理"),
        ("来自驻马电的客商", "驻马电", "驻马店"),
    ],
)
def test_finds(layer: NearWords, text: str, wrong: str, meant: str) -> None:
    assert [(hit.text, hit.suggestion, hit.grade) for hit in layer.hits(Passage(text))] == [
        (wrong, meant, Grade.REVIEW)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "撤销仲裁裁决的，应当报核",  # 超裁, 裁决: the form runs over two words
        "记者符福洲报道",  # a lone character beside it: a name
        "《建没通讯》第3期",
        "有人写成“法津”，是错别字",
        "请于4月20日前报送",
        "",
        "法" * 5000 + "津" * 5000,
    ],
)
def test_leaves_alone(layer: NearWords, text: str) -> None:
    assert layer.hits(Passage(text)) == []


def test_every_form_is_one_character_from_its_word() -> None:
    spared = set(words("word-lookalikes.txt"))
    for row in rows("near-words.tsv"):
        assert sum(a != b for a, b in zip(row["wrong"], row["right"], strict=True)) == 1, row
    assert len(spared) > 20

"""Personal numbers are found by their check digits, official ones left alone, and always masked."""

import pytest

from checks.check import Grade
from checks.privacy.personal_data import exposures, identity_number_is_valid, mask, mask_address, passes_luhn


@pytest.mark.parametrize(
    ("text", "kind", "grade", "masked"),
    [
        ("身份证号：11010519491231002X", "identity", "fail", "身份证号：110105********002X"),
        ("身份证号：11010519491231002x。", "identity", "fail", "身份证号：110105********002x。"),
        (
            "公民身份号码 １１０１０５１９４９１２３１００２Ｘ",
            "identity",
            "fail",
            "公民身份号码 １１０１０５********００２Ｘ",
        ),
        ("身份证号：110105194912310021", "identity", "review", "身份证号：110105********0021"),
        ("户主手机号13800001234", "mobile", "fail", "户主手机号138****1234"),
        ("补助对象名单 138-0000-1234", "mobile", "fail", "补助对象名单 138-****-1234"),
        ("公示 +86 13800001234", "mobile", "review", "公示 +86 138****1234"),
        ("一卡通账号：6222021001116245702", "card", "fail", "一卡通账号：622202*********5702"),
    ],
)
def test_found_and_masked(text: str, kind: str, grade: str, masked: str) -> None:
    assert [(found.kind, str(found.grade)) for found in exposures(text)] == [(kind, grade)]
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "联系电话：13800001234",
        "值班手机 13800001234",
        "咨询热线：0953-2271436",
        "编号：13800001234",
        "许可证编号 110105194912310029",
        "统一社会信用代码 11640300MB1234567X",
        "保证金账户：某某公司，账号 6222021001116245702",
        "GDP 13800001234.56 元",
        "20180301123456789",
        "身份证号：110105********002X",
    ],
)
def test_left_alone(text: str) -> None:
    assert list(exposures(text)) == []
    assert mask(text) == text


def test_check_digits() -> None:
    assert identity_number_is_valid("11010519491231002X")
    assert not identity_number_is_valid("110105194912310021")
    assert not identity_number_is_valid("11010519490231002X")
    assert passes_luhn("6222021001116245702")
    assert not passes_luhn("6222021001116245703")


def test_a_grade_never_carries_the_number() -> None:
    found = list(exposures("身份证号：11010519491231002X"))
    assert found[0].grade is Grade.FAIL
    assert "19491231" not in repr(found)


def test_hostile_text_ends_soon() -> None:
    for text in ("1 " * 100_000, "13800001234" * 20_000, "-" * 100_000, "6" * 200_000):
        mask(text)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("http://a.cn/q?sfz=11010519491231002x&p=1", "http://a.cn/q?sfz=110105********002x&p=1"),
        ("http://a.cn/q?userTel=13800001234", "http://a.cn/q?userTel=138****1234"),
        (
            "http://a.cn/art/13800001234.html?id=13800001234",
            "http://a.cn/art/13800001234.html?id=13800001234",
        ),
        ("http://a.cn/110105194912310021.html", "http://a.cn/110105194912310021.html"),
    ],
)
def test_addresses_keep_numbers_of_articles(url: str, masked: str) -> None:
    assert mask_address(url) == masked
    assert mask_address(masked) == masked

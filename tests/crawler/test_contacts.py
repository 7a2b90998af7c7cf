"""Contacts and offices from texts as bureaus write them. The body is fictional, numbers are made up."""

import pytest

from crawler.extract.contacts import contacts, phone
from crawler.extract.offices import offices


def test_contact_page() -> None:
    found = contacts(
        "办公地址：云上市开元大道（西）375号一楼\n邮政编码：753100　联系电话：（0999）1234567、1234568\n"
        "办公时间：周一至周五 8:30—12:00，14:30—18:00（法定节假日除外）\n传真：0999—1234569\n电子邮箱：kjj@yunshang.example"
    )
    assert [(entry["field"], entry["value"], entry["label"]) for entry in found] == [
        ("address", "云上市开元大道（西）375号一楼", "办公地址"),
        ("phone", "0999-1234567", "联系电话"),
        ("phone", "1234568", "联系电话"),
        ("postcode", "753100", "邮政编码"),
        ("hours", "周一至周五 8:30—12:00，14:30—18:00（法定节假日除外）", "办公时间"),
        ("fax", "0999-1234569", "传真"),
        ("mail", "kjj@yunshang.example", "电子邮箱"),
    ]


def test_the_office_of_a_line_is_kept() -> None:
    found = contacts("办公室：负责机关运转 联系电话：0999-1234567\n农村科技科 电话：0999-1234568")
    assert [(entry["of"], entry["value"]) for entry in found] == [
        ("办公室", "0999-1234567"),
        ("农村科技科", "0999-1234568"),
    ]


def test_numbers_in_a_table_under_their_heading() -> None:
    found = contacts(
        "科室\t联系电话\t职责\n信息科\t0999-1234567\t网站问题\n0999-1234568\t政府采购\n办理时间\t20210112"
    )
    assert [(entry["field"], entry["of"], entry["value"]) for entry in found] == [
        ("phone", "信息科", "0999-1234567"),
        ("phone", "信息科", "0999-1234568"),
    ]


def test_cells_that_are_lines_of_their_own() -> None:
    found = contacts("科室\n联系电话\n职责相关\n综合科\n0999-1234567\n保证金\n采购科\n0999-1234568\n政府采购")
    assert [(entry["of"], entry["value"]) for entry in found] == [
        ("综合科", "0999-1234567"),
        ("采购科", "0999-1234568"),
    ]


def test_prose_without_contacts() -> None:
    assert contacts("本局负责全市科技工作。接到群众来电后，工作人员及时赶到现场，时间是上午九点。") == ()


def test_hostile_text_is_quick() -> None:
    assert contacts("电话：" * 200_000 + "地址：" * 100_000) == ()


@pytest.mark.parametrize("text", ["（0999）1234567", "0999—1234567", "0999 1234567", "0999-1234567"])
def test_phone(text: str) -> None:
    assert phone(text) == "0999-1234567"


def test_offices_with_duties_and_telephones() -> None:
    found = offices(
        "内设机构",
        "云上市科学技术局设下列内设机构：\n（一）办公室。负责机关日常运转、文电、会务、机要工作。联系电话：0999-1234567\n"
        "（二）农村科技科\n组织实施农村科技项目，指导科技特派员工作。\n电话：0999-1234568\n（三）机关党委。负责机关党群工作。",
    )
    assert [(office["name"], office["phone"], bool(office["duty"])) for office in found] == [
        ("办公室", "0999-1234567", True),
        ("农村科技科", "0999-1234568", True),
        ("机关党委", None, True),
    ]


def test_offices_in_a_table() -> None:
    found = offices(
        "科室职责",
        "科室\t职责\t电话\n办公室\t负责机关运转工作\t0999-1234567\n高新科\t负责高新技术企业认定\t0999-1234568",
    )
    assert [(office["name"], office["duty"], office["phone"]) for office in found] == [
        ("办公室", "负责机关运转工作\t0999-1234567", "0999-1234567"),
        ("高新科", "负责高新技术企业认定\t0999-1234568", "0999-1234568"),
    ]


def test_names_without_duties() -> None:
    assert [
        office["duty"] for office in offices("内设机构", "办公室\n农村科技科\n高新技术科\n计划财务科")
    ] == [None] * 4


def test_page_of_one_office() -> None:
    found = offices("农村科技科", "主要职责：\n组织实施农村科技项目，负责科技特派员工作。")
    assert [(office["name"], office["duty"]) for office in found] == [
        ("农村科技科", "组织实施农村科技项目，负责科技特派员工作。")
    ]


def test_news_names_no_offices() -> None:
    assert offices("会议", "会上，办公室主任汇报了工作。\n局长要求各科室抓好落实。") == ()

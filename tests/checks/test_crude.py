"""Crude and harmful words are shown, ordinary sentences that hold the same characters are not."""

import pytest

from checks.wording.proofread import Proofreader


@pytest.fixture(scope="module")
def reader() -> Proofreader:
    return Proofreader()


@pytest.mark.parametrize(
    "text", ["网友留言骂傻逼", "真他妈的难办", "墙上写着法轮大法好", "澳门新葡京娱乐官网开户"]
)
def test_shown(reader: Proofreader, text: str) -> None:
    assert [(hit.category, str(hit.grade)) for hit in reader.hits(text)] == [("crude", "review")]


@pytest.mark.parametrize(
    "text",
    [
        "这是一个大麻烦", "路口交通管理所", "三黄片说明书", "车辆开进去死胡同", "形势逼人，任务逼近",
        "阿婆和妈妈的故事", "印度支那半岛", "干妈的辣酱，大妈的广场舞",
        "严厉打击六合彩赌博活动", "银河系与金沙遗址", "公安机关查处代开发票案件", "上门服务电话12345",
    ],
)  # fmt: skip
def test_left_alone(reader: Proofreader, text: str) -> None:
    assert [hit.text for hit in reader.hits(text) if hit.category == "crude"] == []

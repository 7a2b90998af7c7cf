"""What is looked for only where a word of it stands is found as if it had been looked for everywhere."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from crawler import survey
from crawler.extract import dates, mandated

BARE = next(pattern for _, _, _, bare, pattern in dates._labels().ranked if bare)


def texts(*words: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), max_size=14).map("".join)


@given(
    texts(
        "时间",
        "日期",
        "：",
        ":",
        " ",
        "\n",
        "2020-01-02",
        "2020年1月3日",
        "二〇二〇年一月一",
        " 日",
        "期",
        "（",
        "发布",
    )
)
def test_bare_labels_are_those_that_stand_apart(text: str) -> None:
    whole = re.compile(rf"(?:{dates._APART.pattern})(?:{BARE.pattern})", re.M)
    assert [m.span() for m in dates._apart(BARE, text)] == [m.span() for m in whole.finditer(text)]


@given(
    texts(
        "共",
        " ",
        "0",
        "10",
        "条",
        "页",
        "暂无",
        "相关",
        "数据",
        "栏目",
        "正在",
        "建设",
        "更新中",
        "完善",
        "中",
    )
)
def test_an_empty_page_says_so(text: str) -> None:
    assert mandated._says_empty(text) == (mandated._EMPTY.search(text) is not None)


@given(
    texts(
        "2024",
        "年度",
        "部门",
        "预算",
        "决算",
        "领导",
        "局长",
        ":",
        "张三",
        "分工",
        "工作报告",
        "信息公开",
        "指南",
        "权责清单",
        "机构",
    )
)
def test_titles_are_those_of_the_rules(title: str) -> None:
    rules = mandated._load().rules
    assert mandated._titles(title) == tuple(rule for rule in rules if mandated._titled(rule, title))


@given(
    texts("/", "index", "Default", "_", "-", "1", "20", ".html", ".jsp", "list", "more", "news", "col12", "t20240101_1", "home", "node", "moreinfo")
)  # fmt: skip
def test_lists_have_one_key(path: str) -> None:
    path = f"/{path}".replace("//", "/")
    slow = survey._PAGE_FILE.sub(r"\1\2", survey._INDEX_FILE.sub("/", path))
    assert survey.list_key(f"http://www.example.gov.cn{path}") == f"www.example.gov.cn{slow}"

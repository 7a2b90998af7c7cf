"""Lists whose further pages come only by a form: __doPostBack, a posted page number, scripts not understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from crawler.extract.posted import AS_FORM, MOST_POSTED
from crawler.extract.reading import read
from tests.crawler.walking import config_for, walked
from tests.server import Server, answer, page, serving

URL = "http://kjj.example.gov.cn/list.aspx?id=3"


def rows(first: int, count: int = 6) -> str:
    return "".join(
        f'<li><a href="/show.aspx?aid={n}">我局召开全市科技创新第{n}次会议</a><span>2026-03-{n:02}</span></li>'
        for n in range(first, first - count, -1)
    )


def body(form: str, pager: str, first: int = 26) -> bytes:
    return (
        '<html><head><meta charset="utf-8"><title>工作动态</title></head><body>'
        f"<form {form}<ul>{rows(first)}</ul><div>{pager}</div></form></body></html>"
    ).encode()


ASPX = (
    'method="post" action="./list.aspx?id=3" id="form1">'
    '<input type="hidden" name="__VIEWSTATE" value="/wEPDwUK+=="><input type="hidden" name="__EVENTTARGET" value="">'
    '<input name="txtKey" type="text" value=""><input type="submit" name="btnGo" value="查询">'
)


def back(label: str, target: str, argument: str) -> str:
    return f"""<a href="javascript:__doPostBack('{target}','{argument}')">{label}</a>"""


def calls(form: str, pager: str) -> list[tuple[str, dict[str, list[str]]]]:
    found = read(URL, body(form, pager)).data_calls
    split = [call.split(AS_FORM) for call in found]
    return [(address, parse_qs(query, keep_blank_values=True)) for address, query in split]


def turned(form: str, pager: str) -> bool:
    return any(fact.kind == "turned-by-script" for fact in read(URL, body(form, pager)).facts)


def test_every_number_up_to_the_last_with_the_state_of_the_form() -> None:
    pager = "<span>1</span>" + "".join(back(w, "AspNetPager1", a) for w, a in (("2", "2"), ("3", "3"), ("下一页", "2"), ("尾页", "5")))  # fmt: skip
    found = calls(ASPX, pager)
    assert [(address, form["__EVENTARGUMENT"]) for address, form in found] == [
        (URL, [str(n)]) for n in (2, 3, 4, 5)
    ]
    assert found[0][1] == {
        "__VIEWSTATE": ["/wEPDwUK+=="],
        "__EVENTTARGET": ["AspNetPager1"],
        "txtKey": [""],
        "__EVENTARGUMENT": ["2"],
    }
    assert not turned(ASPX, pager)


def test_grid_pages_are_named_with_their_word() -> None:
    found = calls(ASPX, back("2", "GridView1", "Page$2") + back("3", "GridView1", "Page$3"))
    assert [form["__EVENTARGUMENT"] for _, form in found] == [["Page$2"], ["Page$3"]]


def test_a_pager_that_only_knows_the_next_page() -> None:
    found = calls(ASPX, back("首页", "lbtnFirst", "") + back("下一页", "lbtnNext", ""))
    assert [form["__EVENTTARGET"] for _, form in found] == [["lbtnNext"]]


def test_a_thousand_pages_are_not_all_asked() -> None:
    assert len(calls(ASPX, back("2", "P", "2") + back("尾页", "P", "1000"))) == MOST_POSTED


@pytest.mark.parametrize(
    "pager",
    [
        back("提交", "btnSubmit", ""),
        back("删除", "GridView1", "Delete$2"),
        back("下一页", "btnVote", ""),
        '<a disabled="disabled" href="javascript:__doPostBack(&#39;P&#39;,&#39;2&#39;)">下一页</a>',
    ],
)
def test_what_turns_no_page_is_never_posted(pager: str) -> None:
    assert calls(ASPX, pager) == []


STRUTS = (
    'method="post" action="listArticle.action"><input type="hidden" name="typeId" value="13">'
    '<input type="hidden" name="pageNo" value="1">'
)
TURN = '<a href="javascript:;" onclick="gotoPage(2)">下一页</a> 共 3 页'


def test_a_page_number_in_the_form() -> None:
    found = calls(STRUTS, TURN)
    assert found == [
        ("http://kjj.example.gov.cn/listArticle.action", {"typeId": ["13"], "pageNo": [str(n)]})
        for n in (2, 3)
    ]


@pytest.mark.parametrize(
    ("form", "pager"),
    [
        (STRUTS.replace('method="post"', 'method="get"'), TURN),
        (STRUTS.replace("pageNo", "state"), TURN),
        (STRUTS + '<textarea name="content"></textarea>', TURN),
        (STRUTS, '<a href="javascript:;" onclick="gotoPage(2)">提交</a>'),
        (STRUTS, '<a href="javascript:;" class="disabled" onclick="gotoPage(2)">下一页</a> 共 1 页'),
    ],
)
def test_forms_that_are_left_alone(form: str, pager: str) -> None:
    assert calls(form, pager) == []


def test_a_script_that_is_not_understood_is_said() -> None:
    assert turned('method="post" action="x.do"><input name="typeId" value="13">', TURN)
    assert not turned('action="x.do">', '<a href="javascript:;" class="disabled">下一页</a>')


class Turning:
    """A list of three pages that knows the page only from what is posted."""

    async def __call__(self, request: Any, writer: Any) -> None:
        form = parse_qs(request.body.decode(), keep_blank_values=True)
        number = int(form["__VIEWSTATE"][0]) + 1 if form.get("__EVENTTARGET") == ["lbtnNext"] else 1
        state = ASPX.replace("/wEPDwUK+==", str(number))
        pager = back("下一页", "lbtnNext", "") if number < 3 else ""
        await answer(body(state, pager, 26 - 6 * (number - 1)), kind="text/html")(request, writer)


def test_a_list_of_which_only_the_first_page_was_read(tmp_path: Path) -> None:
    listed = answer(body('action="x.do">', TURN), kind="text/html")
    server = Server(routes={"/": page("首页", "/list.do"), "/list.do": listed}, other=page("文章正文"))
    with serving(server) as (one,), walked(config_for(one.base), tmp_path) as evidence:
        seen = evidence.run.coverage
        assert {kind: seen[kind].state for kind in ("pages", "links", "columns")} == {
            "pages": "partial",
            "links": "partial",
            "columns": "complete",
        }
        assert seen["pages"].why == ("1 个列表由脚本翻页，只读到第一页",)


def test_pages_that_a_form_brings_are_walked(tmp_path: Path) -> None:
    server = Server(
        routes={"/": page("首页", "/list.aspx?id=3"), "/list.aspx?id=3": Turning()}, other=page("文章正文")
    )
    with serving(server) as (one,), walked(config_for(one.base), tmp_path) as evidence:
        shown = next(p for p in evidence.pages() if p.url.endswith("/list.aspx?id=3"))
        days = [item.date.day for item in evidence.items(shown.id) if item.date]
        assert days == list(range(26, 8, -1))
        assert len([p for p in evidence.pages() if "show.aspx" in p.url]) == 18
        assert sorted(one.paths("POST")) == ["/list.aspx?id=3"] * 2

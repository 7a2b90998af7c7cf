"""Letters and replies in the layouts of mailboxes. All text is made up, of the fictional 云上市."""

from typing import Any

import pytest

from crawler.extract.letters import letters
from crawler.extract.text import main_text
from crawler.extract.webpage import open_page

URL = "http://kjj.yunshang.gov.cn/jzxx/index.html"


def read(body: str, title: str = "局长信箱", *, mailbox: bool = True) -> list[dict[str, Any]]:
    page = open_page(
        URL,
        f"<html><head><meta charset=utf-8><title>{title}</title></head><body><div class=nav><a href=/>首页</a></div>"
        f"<div class=content>{body}</div><div class=footer>主办单位：云上市科学技术局</div></body></html>".encode(),
    )
    return list(letters(page, title, main_text(page), mailbox=mailbox))


def pick(found: list[dict[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(entry[key] for key in keys) for entry in found]


def test_list_as_a_table() -> None:
    found = read(
        """<table><tr><th>编号</th><th>标题</th><th>来信时间</th><th>状态</th><th>回复时间</th></tr>
        <tr><td>YS20180012</td><td><a href="12.html">咨询高新技术企业认定条件</a></td><td>2018-03-01</td><td>已回复</td><td>2018-03-05</td></tr>
        <tr><td>YS20180013</td><td><a href="13.html">科技项目申报系统打不开</a></td><td>2018-03-02</td><td>待处理</td><td></td></tr>
        </table>"""
    )
    assert pick(found, "number", "title", "asked", "answered", "status", "open", "url", "reply_shown") == [
        ("YS20180012", "咨询高新技术企业认定条件", "2018-03-01", "2018-03-05", "已回复", False, "http://kjj.yunshang.gov.cn/jzxx/12.html", False),
        ("YS20180013", "科技项目申报系统打不开", "2018-03-02", None, "待处理", True, "http://kjj.yunshang.gov.cn/jzxx/13.html", False),
    ]  # fmt: skip


def test_detail_as_a_table_of_labels() -> None:
    found = read(
        """<table><tr><td>信件编号</td><td>YS20180012</td><td>来信时间</td><td>2018年3月1日 09:30</td></tr>
        <tr><td>标题</td><td colspan=3>咨询高新技术企业认定条件</td></tr>
        <tr><td>来信内容</td><td colspan=3>请问高新技术企业认定需要哪些条件？</td></tr>
        <tr><td>回复单位</td><td>高新技术科</td><td>回复时间</td><td>2018-03-05</td></tr>
        <tr><td>回复内容</td><td colspan=3>您好！根据《高新技术企业认定管理办法》第十一条，企业须注册成立一年以上。</td></tr></table>"""
    )
    assert pick(found, "number", "letter", "reply", "replier", "answered") == [
        ("YS20180012", "请问高新技术企业认定需要哪些条件？", "您好！根据《高新技术企业认定管理办法》第十一条，企业须注册成立一年以上。", "高新技术科", "2018-03-05"),
    ]  # fmt: skip


def test_detail_as_paragraphs_over_several_lines() -> None:
    found = read(
        """<p>标题：关于科技下乡的建议</p><p>来信人：王先生　来信时间：2018-02-11</p><p>来信内容：</p><p>建议多组织科技下乡。</p>
        <p>最好每月一次。</p><p>答复单位：农村科技科　答复时间：2018-02-13</p><p>答复内容：</p><p>王先生：</p>
        <p>您的建议已采纳，自三月起每月第一周组织一次，咨询电话 0999-1234567。</p>"""
    )
    assert pick(found, "title", "asked", "answered", "replier", "letter", "reply") == [
        (
            "关于科技下乡的建议", "2018-02-11", "2018-02-13", "农村科技科", "建议多组织科技下乡。\n最好每月一次。",
            "王先生：\n您的建议已采纳，自三月起每月第一周组织一次，咨询电话 0999-1234567。",
        )
    ]  # fmt: skip


def test_empty_reply_on_its_own_page_is_no_reply() -> None:
    found = read(
        "<p>标题：路灯不亮</p><p>留言时间：2018-01-02</p><p>留言内容：楼下路灯不亮。</p><p>回复内容：</p>"
    )
    assert pick(found, "title", "asked", "reply", "reply_shown", "open") == [
        ("路灯不亮", "2018-01-02", None, True, None)
    ]


def test_several_letters_on_one_page() -> None:
    found = read(
        """<div><p>留言标题：甲问题</p><p>留言时间：2018-01-02</p><p>留言内容：甲的内容。</p><p>回复内容：甲的答复。</p><p>回复时间：2018-01-04</p></div>
        <div><p>留言标题：乙问题</p><p>留言时间：2018-01-03</p><p>留言内容：乙的内容。</p><p>回复内容：未回复</p></div>"""
    )
    assert pick(found, "title", "asked", "answered", "letter", "reply", "open") == [
        ("甲问题", "2018-01-02", "2018-01-04", "甲的内容。", "甲的答复。", None),
        ("乙问题", "2018-01-03", None, "乙的内容。", None, True),
    ]


def test_questions_and_answers() -> None:
    found = read(
        "<p>问：科技型中小企业如何入库？</p><p>答：登录系统填报即可。</p><p>问：有无补助？</p><p>答：有。</p>",
        "常见问题",
    )
    assert pick(found, "letter", "reply") == [
        ("科技型中小企业如何入库？", "登录系统填报即可。"),
        ("有无补助？", "有。"),
    ]


def test_rows_with_a_status_word() -> None:
    found = read(
        """<ul><li>[已回复] <a href="a.html">咨询专利资助政策</a> 2018-03-01</li>
        <li>[处理中] <a href="b.html">反映某企业骗补</a> 2018-03-09</li></ul>"""
    )
    assert pick(found, "title", "asked", "status", "open", "url") == [
        ("咨询专利资助政策", "2018-03-01", "已回复", False, "http://kjj.yunshang.gov.cn/jzxx/a.html"),
        ("反映某企业骗补", "2018-03-09", "处理中", True, "http://kjj.yunshang.gov.cn/jzxx/b.html"),
    ]


def test_writing_rules_and_news_hold_no_letters() -> None:
    assert (
        read("<p>写信须知</p><p>一、请如实填写姓名、联系电话。</p><p>二、来信将在 7 个工作日内答复。</p>")
        == []
    )
    assert (
        read(
            "<p>发布时间：2018-03-01 来源：云上市科技局</p><p>市科技局召开来信来访工作会议，要求及时回复。</p>",
            "会议",
        )
        == []
    )


def test_letters_without_labels() -> None:
    found = read(
        """<h3>关于专利资助的咨询</h3><p>张先生 于 2018-03-01 10:20 留言：</p><p>请问专利资助何时发放？</p>
        <p>市科技局 2018-03-05 回复：</p><p>您好，已于3月2日发放。</p>
        <h3>系统打不开</h3><p>李女士 2018年3月2日 提问</p><p>申报系统打不开。</p>"""
    )
    assert pick(found, "title", "asked", "answered", "letter", "reply") == [
        (
            "关于专利资助的咨询",
            "2018-03-01",
            "2018-03-05",
            "请问专利资助何时发放？",
            "您好，已于3月2日发放。",
        ),
        ("系统打不开", "2018-03-02", None, "申报系统打不开。", None),
    ]


def test_headings_over_letter_and_reply() -> None:
    found = read(
        """<h2>来信</h2><p>来信人：张先生 来信时间：2018-03-01</p><p>路灯不亮</p>
        <h2>回复</h2><p>回复单位：城管局 回复时间：2018-03-05</p><p>已修复。</p>"""
    )
    assert pick(found, "asked", "answered", "letter", "reply", "replier") == [
        ("2018-03-01", "2018-03-05", "路灯不亮", "已修复。", "城管局")
    ]


def test_letters_beside_replies() -> None:
    found = read(
        """<table><tr><th>来信内容</th><th>回复内容</th></tr><tr><td>请问何时发放？</td><td>您好，已发放。</td></tr>
        <tr><td>系统打不开。</td><td></td></tr></table>"""
    )
    assert pick(found, "letter", "reply", "reply_shown") == [
        ("请问何时发放？", "您好，已发放。", True),
        ("系统打不开。", None, True),
    ]


def test_numbered_questions_as_headings() -> None:
    found = read(
        "<h3>问题一：如何入库？</h3><p>【答复】：登录系统填报。</p><h3>问题二：有无补助？</h3><p>答：有。</p>",
        "常见问题",
    )
    assert pick(found, "letter", "reply") == [("如何入库？", "登录系统填报。"), ("有无补助？", "有。")]


def test_a_value_that_begins_like_a_label_is_the_letter() -> None:
    found = read(
        """<table><tr><td>咨询标题：</td><td>办证</td></tr><tr><td>咨询内容：</td><td>事项名称：变更登记要哪些材料？</td></tr>
        <tr><td>提交时间：</td><td>2018-01-07 11:36:19</td></tr><tr><td>答复状态：</td><td>未回复</td></tr>
        <tr><td>答复内容：</td><td></td></tr></table>"""
    )
    assert pick(found, "title", "asked", "letter", "reply", "open") == [
        ("办证", "2018-01-07", "事项名称：变更登记要哪些材料？", None, True)
    ]


def test_status_marks_in_blocks() -> None:
    found = read(
        """<ul><li>标题：甲事 <span>办理状态：已办结</span> <span>来信时间：2018-03-01</span></li>
        <li>标题：乙事 <span>办理状态：受理中</span> <span>来信时间：2018-03-03</span></li></ul>"""
    )
    assert pick(found, "title", "asked", "open") == [
        ("甲事", "2018-03-01", False),
        ("乙事", "2018-03-03", True),
    ]


def test_publication_after_the_reply_is_not_the_day_of_the_letter() -> None:
    body = "<p>标题：甲</p><p>发布时间：{}</p><p>留言内容：甲</p><p>回复时间：2018-03-05</p><p>回复内容：已修</p>"
    assert pick(read(body.format("2018-03-09")), "asked", "answered") == [(None, "2018-03-05")]
    assert pick(read(body.format("2018-03-02")), "asked", "answered") == [("2018-03-02", "2018-03-05")]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (
            "办件公示",
            "<table><tr><th>序号</th><th>事项名称</th><th>受理日期</th><th>办结日期</th></tr>"
            "<tr><td>1</td><td>许可</td><td>2018-01-01</td><td>2018-03-05</td></tr></table>",
        ),
        (
            "采购公告",
            "<table><tr><td>标题</td><td>发布时间</td><td>状态</td></tr>"
            "<tr><td>采购</td><td>2018-01-01</td><td>办理中</td></tr></table>",
        ),
        ("动态", "<ul><li>工程正在处理中 2018-03-01</li><li>任务已完成 2018-03-01</li></ul>"),
        (
            "对政协第12号提案的答复",
            "<p>标题：答复</p><p>提出时间：2018-01-01</p><p>答复时间：2018-05-01</p><p>答复内容：已办。</p>",
        ),
    ],
)
def test_permits_notices_and_bills_are_no_letters(title: str, body: str) -> None:
    assert read(body, title, mailbox=False) == []

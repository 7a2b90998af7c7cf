"""Titles, visible text and main text."""

from __future__ import annotations

import pytest

from crawler.extract.links import links
from crawler.extract.reading import read
from crawler.extract.text import main_text, raw_title, text, title
from crawler.extract.webpage import WebPage, open_page

PROSE = "为贯彻落实创新驱动发展战略，市科学技术局组织开展科技型中小企业评价工作，现将有关事项通知如下。"


def page(body: str, head: str = "") -> WebPage:
    return open_page(
        "http://kjj.example.gov.cn/a/1.html", f"<html><head>{head}</head><body>{body}</body></html>".encode()
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>甲</p><p>乙</p>", "甲\n乙"),
        ("<div>甲<span>乙</span><b>丙</b></div>丁", "甲乙丙\n丁"),
        ("甲<br>乙<br/><br>丙", "甲\n乙\n丙"),
        (
            "<table><tr><td>年度</td><td>金额</td></tr><tr><td>2017</td><td>12.5</td></tr></table>",
            "年度\t金额\n2017\t12.5",
        ),
        ("<p>\u3000\u3000林\u3000娟&nbsp;&nbsp;局 长&nbsp;</p>", "林 娟 局 长"),
        ("<p>源代码里\n   折行的中文</p><p>two\nlines</p>", "源代码里折行的中文\ntwo lines"),
        ("<span>甲</span> <span>乙</span>\n<b>丙</b>", "甲 乙 丙"),
        ("<span>甲</span><span>乙</span>", "甲乙"),
        ("<li><span>2017-03-26</span><a href=x>通知</a></li>", "2017-03-26 通知"),
        ("见<a href=x>附件</a>。", "见附件。"),
        (
            "<!-- 旧 --><script>var a='甲'</script><style>.a{}</style>乙<noscript>丙</noscript><template>丁</template>",
            "乙",
        ),
        (
            "<textarea>甲</textarea><select><option>乙</option></select><input type=hidden value=丙><button>查询</button>",
            "查询",
        ),
        ("<div style='display:none'>另一个标签页</div>", "另一个标签页"),
        ("<ul><li>甲<li>乙</ul>", "甲\n乙"),
        ("A &lt;b&gt; &amp; c", "A <b> & c"),
        ("<iframe src=x>甲</iframe><object>乙</object>丙", "丙"),
        ("", ""),
    ],
)
def test_visible_text_in_reading_order(body: str, expected: str) -> None:
    assert text(page(body)) == expected


def test_the_rows_of_a_script_filled_list_are_text() -> None:
    body = '<h2>通知</h2><script type="text/xml"><record><![CDATA[<li><a href="1">第一条</a><span>2017-03-26</span></li>]]></record></script><p>尾</p>'
    assert text(page(body)) == "通知\n第一条 2017-03-26\n尾"


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<title>工作动态_某某市科学技术局</title>", "", "工作动态"),
        ("<title>某某市人民政府-政府信息公开指南</title>", "", "政府信息公开指南"),
        ("<title>某某市科学技术局</title>", "", "某某市科学技术局"),
        ("<title>某某市科学技术局</title>", "<h1>关于申报项目的通知</h1>", "关于申报项目的通知"),
        (
            "<title>关于申报2017年度科技计划项...</title>",
            "<h1>关于申报2017年度科技计划项目的通知</h1>",
            "关于申报2017年度科技计划项目的通知",
        ),
        (
            "<title>通知 - 某某网</title><meta name=ArticleTitle content='关于申报项目的通知'>",
            "<h1>x</h1>",
            "关于申报项目的通知",
        ),
        ("<title>关于印发《办法》的通知-政策文件-某某市科学技术局</title>", "", "关于印发《办法》的通知"),
        ("<title>COVID-19防控</title>", "", "COVID-19防控"),
        ("<title>动态_甲乙丙</title><meta name=SiteName content=甲乙丙>", "", "动态"),
        ("", "<h1>只有标题行的页面</h1>", "只有标题行的页面"),
        ("", "", ""),
    ],
)
def test_titles_as_a_reader_takes_them(head: str, body: str, expected: str) -> None:
    assert title(page(body, head)) == expected


def test_the_raw_title_is_kept_as_written() -> None:
    assert raw_title(page("<svg><title>图</title></svg>", "<title>\n 动态_某某局 </title>")) == "动态_某某局"


FRAME = (
    "<div class=nav><ul><li><a href=1>首页</a><li><a href=2>政务公开</a></ul></div><div class=wrap><div class=left><a href=3>机构职能</a></div>"
    "{body}</div><div>主办：某某市科学技术局 宁ICP备12345678号</div>"
)


@pytest.mark.parametrize(
    ("body", "first", "last"),
    [
        (
            f"<div class=c><h1>标题</h1><div class=TRS_Editor><p>{PROSE}</p><p>特此通知。</p></div></div>",
            PROSE,
            "特此通知。",
        ),
        (f"<div id=zoom><p>{PROSE}</p></div><div>相关阅读：{PROSE[:20]}</div>", PROSE, PROSE),
        (
            f"<div class=q1><div class=q2><p>{PROSE * 3}</p><p>附件：略</p></div><div class=q3>上一篇：无</div></div>",
            PROSE * 3,
            "附件：略",
        ),
        (f"<table><tr><td><p>{PROSE * 3}</p><p>落款</p></td></tr></table>", PROSE * 3, "落款"),
        ("<div id=zoom>无。</div>", "首页", "主办：某某市科学技术局 宁ICP备12345678号"),
        (
            "<div class=r><ul>"
            + "".join(
                f"<li><a href=/{n}>关于开展第{n}批项目申报工作的通知</a><i>03-0{n}</i></li>"
                for n in range(1, 9)
            )
            + "</ul></div>",
            "关于开展第1批项目申报工作的通知 03-01",
            "关于开展第8批项目申报工作的通知 03-08",
        ),
    ],
)
def test_main_text_leaves_the_frame_out(body: str, first: str, last: str) -> None:
    lines = main_text(page(FRAME.format(body=body))).splitlines()
    assert (lines[0], lines[-1]) == (first, last)


def test_the_body_may_be_carried_by_a_script() -> None:
    body = r"""<div id=app></div><script>window._CONFIG = {SID: '1', DETAIL: {"id":1,"title":"t","content":"<p>第一段<\/p><p>第二段<a href=\"\/1.pdf\">附件<\/a><\/p>"}}</script>"""
    opened = page(body)
    assert main_text(opened) == "第一段\n第二段附件"
    assert text(opened) == "第一段\n第二段附件"
    assert [link.url for link in links(opened)] == ["http://kjj.example.gov.cn/1.pdf"]


def test_a_reading_holds_everything() -> None:
    source = (
        "<html><head><meta charset=gb2312><title>关于申报项目的通知_某某市科学技术局</title><meta name=SiteName content=某某市科学技术局>"
        f"<meta name=PubDate content='2017-03-26 10:00'></head><body><div id=zoom><p id=p1>{PROSE}</p><a href='/f.doc'>附件</a></div></body></html>"
    )
    reading = read("http://kjj.example.gov.cn/tzgg/201703/t20170326_1.html", source.encode("gb18030"))
    assert reading.title == "关于申报项目的通知"
    assert reading.raw_title == "关于申报项目的通知_某某市科学技术局"
    assert (reading.charset.declared, reading.charset.used, reading.charset.fault) == (
        "gb2312",
        "gb18030",
        None,
    )
    assert reading.published is not None
    assert reading.published.date.isoformat() == "2017-03-26"
    assert reading.main_text == f"{PROSE}\n附件"
    assert reading.anchors == {"zoom", "p1"}
    assert reading.meta["sitename"] == "某某市科学技术局"
    assert [link.url for link in reading.links] == ["http://kjj.example.gov.cn/f.doc"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"<" * 10_000,
        b"<title>" * 5_000,
        b"<h1>" * 5_000,
        b"<meta name=a content=b>" * 5_000,
        b"<b>" * 60_000,
    ],
)
def test_any_page_can_be_read(body: bytes) -> None:
    read("http://kjj.example.gov.cn/", body)


def test_a_short_article_beside_a_longer_column() -> None:
    side = "".join(f"<p>节目组邀请到第{n}位嘉宾讲述幸福故事，敬请收看精彩节目。</p>" for n in range(12))
    page = open_page(
        "http://kjj.yunshang.gov.cn/a.html",
        (
            "<html><head><title>市科技局召开全年工作总结会议_云上市科学技术局</title></head><body><div><div><h1>市科技局召开全年工作总结会议</h1>"
            "<div>3月1日，市科技局召开全年工作总结会议，局长讲话，各科室负责人参加会议，会议总结了全年工作，部署了下一年任务。</div></div>"
            f"<div>{side}</div></div></body></html>"
        ).encode(),
    )
    assert "3月1日，市科技局召开" in main_text(page)
    assert "精彩节目" not in main_text(page)

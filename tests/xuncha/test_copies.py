"""Copies of archived pages: nothing of a page's own markup gets through, nobody's number is readable, marks fit."""

from __future__ import annotations

import re
import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.webpage import WebPage, open_page
from xuncha.copies import Copy, Sought
from xuncha.pictures import harmless

# An area that does not exist and a birth in 1901: nobody's number.
NUMBER = "43990019010307000X"
HOSTILE = """<!DOCTYPE html><html onload="alert(0)"><head><title>题目</title><base href="http://evil.example/">
<meta http-equiv="refresh" content="0;url=http://evil.example/"><link rel="stylesheet" href="http://evil.example/a.css">
<style>body{background:url(http://evil.example/b.png)}</style><script>alert(1)</script></head>
<body background="http://evil.example/c.png" class="x&quot; onclick=&quot;alert(2)">
<p onclick="alert(3)" style="background:url(http://evil.example/d.png)">一段<b>正文</b></p>
<img src="http://evil.example/e.png" onerror="alert(4)" alt='"><script>alert(5)</script>'>
<svg><script>alert(6)</script><a xlink:href="javascript:alert(7)">图</a></svg><math><mi>x</mi></math>
<iframe src="http://evil.example/f" srcdoc="<script>alert(8)</script>"></iframe><object data="http://evil.example/g"></object>
<form action="http://evil.example/h"><input value="http://evil.example/i" autofocus onfocus="alert(9)"><button>提交</button></form>
<a href="javascript:alert(10)" ping="http://evil.example/j">点我</a><video src="http://evil.example/k"></video>
<noscript><img src="http://evil.example/l"></noscript><template><img src="http://evil.example/m"></template>
<p>&lt;script&gt;alert(11)&lt;/script&gt;</p><p style="position:fixed;top:0" id="xuncha" class="archive">盖住</p>
<table><tr><td colspan="2" rowspan="99999999" width="expression(alert(12))">格</td></tr></table></body></html>"""


def page(html: str, url: str = "http://127.0.0.1/a/b.html") -> WebPage:
    return open_page(url, html.encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize("styled", [False, True])
def test_only_harmless_tags_and_attributes_are_written(styled: bool) -> None:
    copy = Copy(page(HOSTILE), styled=styled)
    html = copy.html([]) if styled else copy.page("2018-04-16 09:00", []).decode()
    tree = LexborHTMLParser(html)
    tags, attributes = set(), set()
    node = tree.root
    for node in tree.css("*"):
        tags.add(node.tag)
        attributes |= {(node.tag, name) for name in node.attributes}
    assert tags <= {
        "html", "head", "body", "meta", "title", "style", "header", "main", "div", "b", "p", "i", "a", "table",
        "tbody", "tr", "td",
    }  # fmt: skip
    ours = {("html", "lang"), ("header", "class"), ("main", "class"), ("i", "class"), ("td", "colspan")}
    ours |= {("meta", name) for name in ("charset", "http-equiv", "content", "name")}
    layout = {("p", "style"), ("p", "class"), ("a", "href"), ("div", "class")}
    assert attributes - ours <= (layout if styled else set())
    assert "evil.example" not in html
    assert "<script" not in html.lower()
    assert {node.attributes.get("href") for node in tree.css("a")} <= ({"#"} if styled else {None})
    assert "一段" in html
    assert "&lt;script&gt;alert(11)&lt;/script&gt;" in html
    assert "盖住" in html


def test_the_banner_says_what_it_is() -> None:
    html = (
        Copy(page("<title>a<b>&amp;</title><p>x</p>", "http://127.0.0.1/?q=<i>"))
        .page("2018-04-16 09:00", [])
        .decode()
    )
    banner = LexborHTMLParser(html).css_first("header.archive")
    assert banner is not None
    text = banner.text()
    assert "存档副本" in text
    assert "网址：http://127.0.0.1/?q=<i>" in text
    assert "存档时间：2018-04-16 09:00" in text
    assert "default-src 'none'" in html


@pytest.mark.parametrize(
    "html",
    [
        f"<p>身份证号：{NUMBER}</p>",
        f"<p>身份证号：{NUMBER[:6]}<span>{NUMBER[6:14]}</span><b>{NUMBER[14:]}</b></p>",
        f"<title>身份证号：{NUMBER}</title><p>x</p>",
        f"<p>x</p><img alt='身份证号：{NUMBER}'>",
        f"<p title='{NUMBER}' data-id='{NUMBER}' id='n{NUMBER}'>x</p><!-- {NUMBER} -->",
        f"<a href='/{NUMBER}.html'>x</a><input value='{NUMBER}'><textarea>{NUMBER}</textarea>",
    ],
)
def test_numbers_of_people_are_masked_wherever_they_stand(html: str) -> None:
    copied = Copy(page(html)).page("2018-04-16 09:00", []).decode()
    plain = re.sub(r"<[^>]*>", "", copied)
    assert NUMBER not in copied
    assert NUMBER not in plain
    assert NUMBER[6:14] not in plain


def test_marks_stand_where_the_passage_is() -> None:
    copy = Copy(
        page(
            "<p>会议<b>布</b>署全年\n 工作。</p><p>身份证号："
            + NUMBER
            + "</p><a href='../x.html#a'>去<i>看</i></a>"
        )
    )
    place = copy.find(Sought(quotes=("没有的话", "会议布署全年工作")))
    assert place is not None
    place = copy.narrowed(place, "布署")
    # The word goes over an element's border and is not narrowed to half of it.
    html = copy.html([(*place, "here")])
    assert html.count('id="here"') == 1
    marked = "".join(node.text() for node in LexborHTMLParser(html).css("mark"))
    assert marked == "布署"
    masked = copy.find(Sought(quotes=(f"身份证号：{NUMBER}",)))
    assert masked is not None
    html = copy.html([(*copy.narrowed(masked, ""), "n")])
    assert [node.text() for node in LexborHTMLParser(html).css("mark")] == ["439900********000X"]
    link = copy.find(Sought(targets=("http://127.0.0.1/x.html",)))
    assert link is not None
    assert [n.text() for n in LexborHTMLParser(copy.html([(*link, "l")])).css("mark")] == ["去", "看"]
    assert copy.find(Sought(quotes=("没有的话",))) is None


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 15_000 + "深" + "</div>" * 15_000,
        "<p>" + "长" * 3_000_000,
        "<table>" + "<tr><td>1" * 30_000,
        "<a href='x'>" * 5_000 + "重",
        "<p>" + "1" * 500_000,
    ],
    ids=["deep", "long", "wide", "links", "digits"],
)
def test_a_monster_ends_soon_and_stays_small(html: str) -> None:
    monster = page(html)
    began = time.process_time()
    copied = Copy(monster).page("2018-04-16 09:00", [])
    assert time.process_time() - began < 8
    assert len(copied) < 12_000_000


def test_style_sheets_end_no_element_and_name_no_address() -> None:
    css = harmless(
        "@import 'http://evil.example/a.css';a{background:URL( http://evil.example/b )}</style><script>alert(1)</script>"
        "li::before{content:'\\b7 '}"
    )
    assert "evil.example" not in css
    assert "<" not in css
    assert "\\b7" in css

"""Links from everywhere they hide (one case per hiding place), their words, zones and order."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from crawler.evidence.records import Link, Zone
from crawler.extract.links import anchors, links
from crawler.extract.webpage import WebPage, open_page

URL = "http://kjj.example.gov.cn/zwgk/index.html"
REALDATA = Path(__file__).parents[3] / "shared" / "realdata"


def page(body: str, *, head: str = "", url: str = URL, charset: str = "utf-8") -> WebPage:
    source = f'<!DOCTYPE html><html><head><meta charset="{charset}">{head}</head><body>{body}</body></html>'
    return open_page(url, source.encode("gb18030" if charset.startswith("gb") else charset))


def seen(body: str, **where: str) -> list[tuple[str, str, str]]:
    """Tag, address below the host, words."""
    return [
        (link.tag, link.url.removeprefix("http://kjj.example.gov.cn"), link.text)
        for link in links(page(body, **where))
    ]


HIDING_PLACES = {
    "records of a script-filled list": (
        """<div id="123"><script type="text/xml"><datastore><totalrecord>2</totalrecord><recordset>
        <record><![CDATA[<li><a href="/art/2017/3/26/art_12_34.html" title="关于申报项目的通知">关于申报项目的通知</a><span>2017-03-26</span></li>]]></record>
        <record><![CDATA[<li><a href='../a.html'>第二条</a></li>]]></record></recordset></datastore></script></div>""",
        [("script:record", "/art/2017/3/26/art_12_34.html", "关于申报项目的通知"), ("script:record", "/a.html", "第二条")],
    ),
    "script variables written out": (
        """<script>var url="./202602/t20260214_2730572.shtml"; var title="市政府关于印发办法的通知"; var FILENUM="1号";
        document.writeln("<li><a href='"+url+"'>"+title+"</a></li>");</script>""",
        [("script:variable", "/zwgk/202602/t20260214_2730572.shtml", "市政府关于印发办法的通知")],
    ),
    "menu helper script beside a link": (
        """<a href="../../../rsxx/">人事信息</a><script>menubs("人事信息","504","menuColor","MENU_")</script>""",
        [("a", "/rsxx/", "人事信息")],
    ),
    "configuration object": (
        r"""<script>window._CONFIG = { SID: '755', DETAIL: {"id":1,"content":"<p>见<a href=\"\/doc\/1.pdf\">附件<\/a><\/p>"},
        TREE: [{"id":2571,"name":"机构职能","jump_url":"","post_url":"http:\/\/kjj.example.gov.cn\/gkmlpt\/content\/1\/post_1.html"}] }</script>""",
        [("script:variable", "/gkmlpt/content/1/post_1.html", ""), ("script:config", "/doc/1.pdf", "附件")],
    ),
    "attribute that is not href": (
        '<a tagname="/list/11871-2.html" onclick="queryArticleByCondition(this,1)">下一页</a><a tagname="[LASTPAGE]">尾页</a>',
        [("a[tagname]", "/list/11871-2.html", "下一页")],
    ),
    "data-url": (
        '<li data-url="/xw/1.html">要闻一</li><a data-href="/xw/2.html">要闻二</a><div data-url="load">x</div>',
        [("li[data-url]", "/xw/1.html", "要闻一"), ("a[data-href]", "/xw/2.html", "要闻二")],
    ),
    "empty anchor drawn by a style sheet": (
        '<A id="Qli4" HREF="/Column.shtml?p5=11"></A>',
        [("a", "/Column.shtml?p5=11", "")],
    ),
    "image map": (
        '<img src="m.jpg" usemap="#m" alt="导航"><map name="m"><area shape="rect" coords="1,2,3,4" href="leadmail.php" alt="局长信箱"><area href="#"></map>',
        [("img", "/zwgk/m.jpg", "导航"), ("area", "/zwgk/leadmail.php", "局长信箱"), ("area", "/zwgk/index.html#", "")],
    ),
    "image map that is not there": (
        '<img src="m.jpg" usemap="#menu"><img src="n.jpg" usemap="#Top"><map name="top"></map><img src="o.jpg" usemap="#">',
        [("img", "/zwgk/m.jpg", ""), ("img[usemap]", "/zwgk/index.html#menu", ""), ("img", "/zwgk/n.jpg", ""), ("img", "/zwgk/o.jpg", "")],
    ),
    "frames": (
        '<iframe src="head.jsp"></iframe><iframe src="about:blank"></iframe>',
        [("iframe", "/zwgk/head.jsp", "")],
    ),
    "Flash header": (
        '<object data="top.swf"><param name="movie" value="menu.swf"><embed src="menu.swf"></object>',
        [("object", "/zwgk/top.swf", ""), ("param", "/zwgk/menu.swf", ""), ("embed", "/zwgk/menu.swf", "")],
    ),
    "select box of friendly links": (
        """<select onchange="newopen(this.value)"><option>友情链接</option><option value="http://www.a.gov.cn">甲</option>
        <option value="http://www.b.gov.cn&nbsp;">乙</option><option value="2">第2页</option><option value="list_2.html">下页</option></select>""",
        [("option", "http://www.a.gov.cn/", "甲"), ("option", "http://www.b.gov.cn%20/", "乙"), ("option", "/zwgk/list_2.html", "下页")],
    ),
    "home page jump by script": (
        '<script>window.location.href="/web/index.html"; if(x){location.replace("/m/")}; location = base + "/no";location.href="/q?k="+k</script>',
        [("script:location", "/web/index.html", ""), ("script:location", "/m/", "")],
    ),
    "fragment that is a column": (
        '<a href="/gkmlpt/index#2571">机构职能</a>',
        [("a", "/gkmlpt/index#2571", "机构职能")],
    ),
    "dead placeholders": (
        """<a href="javascript:void(0);">领导分工</a><a href="javascript:;">x</a><a href="javascript:alert('建设中')">y</a><a href="#">z</a><a href="/">首页</a>""",
        [("a", "/zwgk/index.html#", "z"), ("a", "/", "首页")],
    ),
    "address inside a javascript: link": (
        """<a href="javascript:window.open('/t/1.html','_blank')">公告</a><a href="javascript:query('yes','yes',19);">更多</a>""",
        [("a[javascript]", "/t/1.html", "公告")],
    ),
    "onclick": (
        """<a href="javascript:;" onclick="location.href='/x/2.html'">甲</a><td onclick="window.open('/x/3.html')">乙</td>
        <div onclick="go('/x/4.shtml')">丙</div><a href="/real.html" onclick="count('/stat.jsp')">丁</a><a href="javascript:;" onclick="$.get('/count.jspx?id=1')">戊</a><a href="#" onclick="query3('yes','yes')">更多</a>""",
        [
            ("a[onclick]", "/x/2.html", "甲"),
            ("div[onclick]", "/x/4.shtml", "丙"),
            ("a", "/real.html", "丁"),
            ("a", "/zwgk/index.html#", "更多"),
        ],
    ),
    "table cell with onclick": (
        """<table><tr><td onclick="window.open('/x/3.html')">乙</td></tr></table>""",
        [("td[onclick]", "/x/3.html", "乙")],
    ),
    "written out by script": (
        """<script>document.write("<a href='/w/1.html'>甲" + "</a>"); document.writeln('<a href="/u/' + id + '.html">不明</a>');
        document.write(unescape("%3Cspan id='_ideConac' %3E%3C/span%3E%3Cscript src='http://dcs.example.org/js/1.js'%3E%3C/script%3E"));</script>""",
        [("script:write", "/w/1.html", "甲"), ("script:write:script", "http://dcs.example.org/js/1.js", "")],
    ),
    "strings in scripts are no links": (
        """<script>var page={id:1,track:function(n){return "<a href='"+n+"'>"}}; var s = "/a/b.html"; $.ajax({url:"/api/list.do",type:"post"});</script>""",
        [],
    ),
    "forms": (
        '<form action="/search.jsp"></form><form method="POST" action="/login.do"></form><form></form>',
        [("form", "/search.jsp", ""), ("form[post]", "/login.do", "")],
    ),
    "style attribute and background": (
        """<div style="background:url('/i/bg.png') no-repeat"></div><table background="t.gif"><tbody background="b.gif"><tr><td></td></tr></tbody></table><p style="background:url(data:image/png;base64,AA)">""",
        [("style", "/i/bg.png", ""), ("table[background]", "/zwgk/t.gif", ""), ("tbody[background]", "/zwgk/b.gif", "")],
    ),
    "media": (
        '<video src="v.mp4" poster="p.jpg"><source src="v.ogv"><track src="t.vtt"></video><audio src="a.mp3"></audio><input type="image" src="b.gif" alt="搜索">',
        [
            ("video", "/zwgk/v.mp4", ""), ("video[poster]", "/zwgk/p.jpg", ""), ("source", "/zwgk/v.ogv", ""),
            ("track", "/zwgk/t.vtt", ""), ("audio", "/zwgk/a.mp3", ""), ("input", "/zwgk/b.gif", "搜索"),
        ],
    ),
    "responsive and late images": (
        '<img src="1.jpg" srcset="2.jpg 2x, /3.jpg 3x,4.jpg"><img data-src="5.jpg" src="data:image/gif;base64,R0"><picture><source srcset="6.webp"></picture>',
        [
            ("img", "/zwgk/1.jpg", ""), ("img[srcset]", "/zwgk/2.jpg", ""), ("img[srcset]", "/3.jpg", ""), ("img[srcset]", "/zwgk/4.jpg", ""),
            ("img[data-src]", "/zwgk/5.jpg", ""), ("source[srcset]", "/zwgk/6.webp", ""),
        ],
    ),
    "comments": (
        "<!-- <a href='/old.html'>依申请公开</a> --><a href='/new.html'>新</a><!-- a <!-- b --><a href='/after.html'>后</a> -->",
        [("a", "/new.html", "新"), ("a", "/after.html", "后")],
    ),
    "attributes glued by a full-width space": (
        '<a href="/dept1.jsp"　target="_blank">科室</a>',
        [("a", "/dept1.jsp", "科室")],
    ),
    "templates that nothing filled": (
        '<a href="{{item.url}}">x</a><a href="${url}">y</a><a href="<%=u%>">z</a><template><a href="/t.html">t</a></template>',
        [],
    ),
    "noscript is nothing where scripts run": (
        '<noscript><a href="/noscript.html">x</a></noscript>',
        [],
    ),
    "other schemes": (
        '<a href="mailto:a@b.gov.cn">信箱</a><a href="tel:0953-1">电话</a><a href="file:///C:/x.doc">文件</a><a href="data:text/html,x">d</a>',
        [("a", "mailto:a@b.gov.cn", "信箱"), ("a", "tel:0953-1", "电话"), ("a", "file:///C:/x.doc", "文件")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_links_are_found_where_they_hide(place: str) -> None:
    body, expected = HIDING_PLACES[place]
    assert seen(body) == expected


def test_the_head_holds_links_too() -> None:
    head = (
        '<meta http-equiv="Refresh" content="0; URL=\'/web/index.html\'"><link rel="stylesheet" href="/s.css"><link rel="shortcut icon" href="/f.ico">'
        '<link rel="dns-prefetch" href="//cdn.example.org"><script src="/j.js"></script><style>@import "/i.css"; /* url(/no.png) */ .a{background:url(/b.png)}</style>'
    )
    assert [(tag, url) for tag, url, _ in seen("", head=head)] == [
        ("meta", "/web/index.html"), ("link", "/s.css"), ("link", "/f.ico"), ("script", "/j.js"), ("style", "/i.css"), ("style", "/b.png"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<a href=x>政府信息<br>公开指南</a>", "政府信息公开指南"),
        ("<a href=x>\n  关于\n  印发  <b>通知</b></a>", "关于印发 通知"),
        ("<a href=x title='全部标题'>截断的标</a>", "截断的标"),
        ("<a href=x title='标题'><img src=i alt='图'></a>", "标题"),
        ("<a href=x><img src=i alt='图'></a>", "图"),
        ("<a href=x>&nbsp;</a>", ""),
        ("<a href=x>A&nbsp;&amp; B</a>", "A & B"),
        ("<a href=x><div>甲</div><div>乙</div></a>", "甲乙"),
    ],
)
def test_the_words_of_a_link_are_those_a_reader_sees(body: str, text: str) -> None:
    assert next(link.text for link in links(page(body)) if link.tag == "a") == text


def test_base_address_and_charset_govern_resolution() -> None:
    body = '<a href="查询.asp?k=科技">x</a>'
    assert (
        seen(body, head='<base href="/b/">', charset="gb2312")[0][1]
        == "/b/%E6%9F%A5%E8%AF%A2.asp?k=%BF%C6%BC%BC"
    )
    assert (
        seen(body, head='<base href="/b/"><base href="/c/">')[0][1]
        == "/b/%E6%9F%A5%E8%AF%A2.asp?k=%E7%A7%91%E6%8A%80"
    )
    assert (
        seen(body, head='<base href="">', charset="gb18030")[0][1]
        == "/zwgk/%E6%9F%A5%E8%AF%A2.asp?k=%BF%C6%BC%BC"
    )
    assert seen(body, head='<base target="_blank">')[0][1].startswith("/zwgk/")


def test_a_typing_fault_keeps_its_written_form() -> None:
    found = links(
        page(
            '<a href="http://http://www.a.cn/">a</a><a href="http://">b</a><a href=" /x ">c</a><a href="/ok">d</a>'
        )
    )
    assert [(link.url, link.href) for link in found] == [
        ("http://http//www.a.cn/", "http://http://www.a.cn/"),
        ("http://", "http://"),
        ("http://kjj.example.gov.cn/x", " /x "),
        ("http://kjj.example.gov.cn/ok", None),
    ]


ZONES = """
<div class="topbar"><a href=1>登录</a></div><div id="mainNav"><ul><li><a href=2>首页</a></li></ul></div>
<div class="location">当前位置：<a href=3>首页</a> &gt; <a href=4>通知公告</a></div>
<div class="left"><ul><li><a href=5>机构职能</a><li><a href=5>内设机构</a><li><a href=5>领导信息</a><li><a href=5>政策法规</a><li><a href=5>规划计划</a></ul></div>
<div class="list"><ul>{rows}</ul></div>
<div class="tab" style="display:none"><a href=7>另一个标签页里的一条新闻标题</a></div>
<div style="position:absolute; left:-9999px; top:0"><a href=8>外链</a></div>
<marquee height="1" width="4"><a href=9>外链</a></marquee>
<div style="height:0px;width:0;overflow:hidden"><a href=10>外链</a></div>
<div class="away"><a href=11>外链</a></div>
<span style="font-size:0px"><a href=12>外链</a></span>
<ul style="font-size:0"><li><a href=13>没有间隙的一行菜单项目之一</a></li></ul>
<table><tr><td><a href=14>联系我们</a> 版权所有：某某局 陇ICP备12345678号 <a href=15>网站地图</a></td></tr></table>
"""


def test_a_planted_block_is_hidden_and_a_tab_is_not() -> None:
    strangers = "".join(f"<a href=http://www.s{n}.example.com/>某站{n}</a>" for n in range(10))
    public = "".join(f"<a href=http://www.s{n}.gov.cn/>某局{n}</a>" for n in range(10))
    none = 'style="display:none"'
    zones = {
        source: {link.zone for link in links(page(source)) if link.tag == "a"}
        for source in (
            f"<div {none}>{strangers}</div>",
            f"<div {none}>{public}</div>",
            f'<div class="tab2" {none}>{strangers}</div>',
            f"<section><div>{public}</div><div {none}>{strangers}</div></section>",
        )
    }
    assert [Zone.HIDDEN in found for found in zones.values()] == [True, False, False, False]


def test_zones() -> None:
    rows = "".join(
        f"<li><a href=6>关于开展二〇一七年度第{n}批科技计划项目申报工作的通知</a> 2017-03-{n:02}</li>"
        for n in range(1, 9)
    )
    found = links(page(ZONES.format(rows=rows), head="<style>.away{position:absolute;left:-3000px}</style>"))
    zones = {link.url.rpartition("/")[2]: link.zone for link in found if link.tag == "a"}
    assert zones == {
        "1": Zone.NAV, "2": Zone.NAV, "3": Zone.NAV, "4": Zone.NAV, "5": Zone.NAV, "6": Zone.BODY, "7": Zone.BODY,
        "8": Zone.HIDDEN, "9": Zone.HIDDEN, "10": Zone.HIDDEN, "11": Zone.HIDDEN, "12": Zone.HIDDEN, "13": Zone.BODY,
        "14": Zone.FOOTER, "15": Zone.FOOTER,
    }  # fmt: skip


def test_a_frame_that_holds_the_content_is_no_frame() -> None:
    article = (
        "<p>"
        + "为贯彻落实省委省政府关于创新驱动发展的决定，现就有关事项通知如下。" * 30
        + "<a href=/x.html>附件</a></p>"
    )
    found = links(page(f'<div class="menu-wrap">{article}</div>'))
    assert [link.zone for link in found] == [Zone.BODY]


def test_anchors_are_ids_and_names() -> None:
    assert anchors(page('<a name="top"></a><p id="第一条">x</p><input name="q"><div id="">')) == {
        "top",
        "第一条",
    }


def test_links_keep_the_order_of_the_page() -> None:
    found = links(page('<a href=1><img src=2></a><script>location.href="/3"</script><area href=4><a href=5>'))
    assert [link.url.rpartition("/")[2] for link in found] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\x00\xff\xfe<a href=",
        b"<div>" * 30_000,
        b"<a href=x>" * 30_000,
        b"<script>" + b"document.write('" * 20_000,
        b"<script>location.href=" + b'"\\' * 50_000,
        b"<script>" + b"<record><![CDATA[" * 20_000,
        b"<style>" + b"url(" * 50_000,
        b"<img srcset='" + b"a 1x," * 20_000 + b"'>",
        b"<p style='" + b"position:absolute;" * 5_000 + b"'>",
        b"<p onclick='" + b"window.open(" * 5_000 + b"'>",
        b"<table><tr>" * 5_000,
    ],
    ids=range(12),
)
def test_hostile_pages_are_read_to_an_end(source: bytes) -> None:
    links(open_page(URL, source))


FIXTURES = {
    "plain": '<a href="a.html">x</a><img src=" b c.png "><a href="//h.cn/x">y</a><a href="">z</a><a href="?q=1&amp;r=&copy=2">w</a>',
    "broken": '<a href="1.html>甲</a><a href="2.html">乙</a><p><a href=3.html>丙<a href=4.html>丁</p><table><a href=5.html>戊</a><tr><td></table>',
    "base": '<a href="x">1</a><base href="http://b.cn/d/e"><a href="y">2</a><form action="z"></form>',
    "comments": "<!--[if IE]><a href=ie.html><![endif]--><!-- <!-- --><a href=1>1</a> --><!--><a href=2>2</a>",
    "entities": '<a href="/a&#x4e2d;&quot;b&lt;?k=&#20013;&nbsp;">x</a><a href="http&#58;//c.cn">y</a>',
    "script": "<script>var a='<a href=no>';<!-- <script> </script><a href=yes>x</a><noscript><a href=no2>n</a></noscript><textarea><a href=no3></textarea>",
    "svg": '<svg><a href="s.html"><text>x</text></a></svg><a href="after.html">y</a>',
    "frames": '<iframe src="f.html"><a href="inside.html">x</a></iframe><object data="o.swf"><a href="fallback.html">y</a></object>',
}
ATTRIBUTE = {"a": "href", "area": "href", "form": "action", "object": "data"}


def test_chromium_resolves_the_same_addresses() -> None:
    """The same pages in a real browser, scripts forbidden by policy so that noscript stays text."""
    from playwright.sync_api import sync_playwright

    sources = {}
    for name, body in FIXTURES.items():
        for charset, codec in (("utf-8", "utf-8"), ("gb2312", "gb18030")):
            sources[f"http://kjj.example.gov.cn/{name}/{charset}/p.html"] = (
                f"<!DOCTYPE html><meta charset={charset}>{body}".encode(codec)
            )
    ask = """own => Object.entries(own).flatMap(([tag, key]) => [...document.getElementsByTagName(tag)]
        .filter(el => el.hasAttribute(key)).map(el => [tag, tag == 'form' ? new URL(el.getAttribute(key), document.baseURI).href
        : el[key].baseVal !== undefined ? new URL(el[key].baseVal, document.baseURI).href : el[key]]))"""
    tags = ATTRIBUTE | {"img": "src", "iframe": "src"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        headers = {
            "content-type": "text/html",
            "content-security-policy": "script-src 'none'; frame-src 'none'; object-src 'none'",
        }
        tab.route(
            "**/*",
            lambda r: (
                r.fulfill(body=sources[r.request.url], headers=headers)
                if r.request.url in sources
                else r.abort()
            ),
        )
        theirs = {}
        for url in sources:
            tab.goto(url, wait_until="domcontentloaded")
            theirs[url] = Counter((tag, value) for tag, value in tab.evaluate(ask, tags))
        browser.close()
    ours = {
        url: Counter((link.tag, link.url) for link in links(open_page(url, body)) if link.tag in tags)
        for url, body in sources.items()
    }
    assert ours == theirs


@pytest.mark.parametrize(
    "site", ["changxingdao", "cwl-lottery", "jurong", "sichuan-edu", "zhangjiagang-ggzy"]
)
def test_every_link_of_real_pages_is_found(site: str) -> None:
    """Against truth files made with another parser; nothing to compare where the material is absent."""
    folder = REALDATA / "gov-html" / site
    truth: dict[str, Counter[str]] = {}
    if folder.is_dir():
        for line in (folder / "_truth_links.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            name, href, kind, *_ = line.split("\t")
            if kind in ("internal", "external"):
                truth.setdefault(name, Counter())[href] += 1
    for name, hrefs in list(truth.items())[:40]:
        opened = open_page("http://www.example.gov.cn/" + name, (folder / name).read_bytes())
        found = Counter(link.url for link in links(opened) if link.tag == "a")
        for href in hrefs:
            assert (opened.resolve(href) or href.strip()) in found, (name, href)


def test_a_link_is_a_plain_record() -> None:
    assert links(page("<a href=/x>y</a>")) == (
        Link(url="http://kjj.example.gov.cn/x", text="y", tag="a", zone=Zone.BODY),
    )

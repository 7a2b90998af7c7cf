"""One list page per publishing system: its rows, its further pages, its data calls (systems of the field guide)."""

from __future__ import annotations

import pytest

from crawler.extract.links import links
from crawler.extract.lists import listing
from crawler.extract.webpage import open_page

SITE = "http://www.qingshi.example"
HEX = "0123456789abcdef0123456789abcdef"


def rows(address: str, count: int = 6) -> str:
    """List rows of `address` with the number of the row put in; dated 2026-03-26 and before."""
    return "".join(
        f'<li><a href="{address.format(n=n)}">青石市科学技术局关于第{n}批科技计划项目立项的通知</a><span>2026-03-{27 - n:02}</span></li>'
        for n in range(1, count + 1)
    )


def of(address: str, below: str, above: str = "") -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>通知公告</title>{above}</head><body><div class="list"><ul>{rows(address)}</ul></div>{below}</body></html>'


# system: (address of the list, its HTML, address of its first article, further pages, data calls)
DIALECTS: dict[str, tuple[str, str, str, tuple[str, ...], tuple[str, ...]]] = {
    "trs_wcm": (
        "/zwgk/tzgg/",
        of("./202603/t20260326_{n}001.html", "<script>createPageHTML(3, 0, 'index', 'html');</script>"),
        "/zwgk/tzgg/202603/t20260326_1001.html",
        ("/zwgk/tzgg/index_1.html", "/zwgk/tzgg/index_2.html"),
        (),
    ),
    "trs_wcm, pager in a named box": (
        "/zwgk/tzgg/index_1.shtml",
        of(
            "./t20260326_{n}001.shtml",
            "<script>createPageHTML('page_div', 4, 1, 'index', 'shtml', 71);</script>",
        ),
        "/zwgk/tzgg/t20260326_1001.shtml",
        ("/zwgk/tzgg/index_2.shtml", "/zwgk/tzgg/index_3.shtml"),
        (),
    ),
    "trs_wcm, counted by variables": (
        "/zwgk/tzgg/index.html",
        of("./t20260326_{n}001.html", "<script>var currentPage = 0; var countPage = 3;</script>"),
        "/zwgk/tzgg/t20260326_1001.html",
        ("/zwgk/tzgg/index_1.html", "/zwgk/tzgg/index_2.html"),
        (),
    ),
    "trs_wcm, one page only": (
        "/zwgk/tzgg/",
        of("./t20260326_{n}001.html", "<script>createPageHTML(1, 0, 'index', 'html');</script>"),
        "/zwgk/tzgg/t20260326_1001.html",
        (),
        (),
    ),
    "kaipu_ucap": (
        "/qsskjj/c104373/common_list.shtml",
        of(
            "/qsskjj/c104373/202603/" + HEX[:-1] + "{n}.shtml",
            '<div class="pagination"><a>1</a><a href="common_list_2.shtml">2</a><a href="common_list_3.shtml">3</a>'
            '<a href="common_list_2.shtml">下一页</a><a href="common_list_5.shtml">尾页</a></div>',
        ),
        "/qsskjj/c104373/202603/" + HEX[:-1] + "1.shtml",
        tuple(f"/qsskjj/c104373/common_list_{n}.shtml" for n in (2, 3, 4, 5)),
        (),
    ),
    "gov_cn_like": (
        "/zhengce/home.htm",
        of(
            "/zhengce/202603/content_700000{n}.htm",
            '<div><a href="home_1.htm">2</a><a href="home_2.htm">3</a><a href="home_1.htm">下一页</a></div>',
        ),
        "/zhengce/202603/content_7000001.htm",
        ("/zhengce/home_1.htm", "/zhengce/home_2.htm"),
        (),
    ),
    "gkmlpt": (
        "/gkmlpt/index#2572",
        '<html><head><script>window._CONFIG = { SID: \'200031\', TREE: [{"id":2572,"name":"机构职能"}] }</script></head>'
        '<body><div id="app"></div></body></html>',
        "",
        (),
        ("/gkmlpt/api/all/2572?page=1&sid=200031",),
    ),
    "vsb": (
        "/tzgg.htm",
        of(
            "info/1668/12971{n}.htm",
            '<div>共23条 1/3 首页 上页 <a href="tzgg/2.htm">下页</a> <a href="tzgg/1.htm">尾页</a></div>',
        ),
        "/info/1668/129711.htm",
        ("/tzgg/2.htm", "/tzgg/1.htm"),
        (),
    ),
    "vsb, by query": (
        "/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1002",
        of(
            "content.jsp?urltype=news.NewsContentUrl&wbtreeid=1002&wbnewsid=512{n}",
            '<div><a href="?totalpage=3&PAGENUM=2&urltype=tree.TreeTempUrl&wbtreeid=1002">下页</a>'
            '<a href="?totalpage=3&PAGENUM=3&urltype=tree.TreeTempUrl&wbtreeid=1002">尾页</a></div>',
        ),
        "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1002&wbnewsid=5121",
        tuple(f"/list.jsp?totalpage=3&PAGENUM={n}&urltype=tree.TreeTempUrl&wbtreeid=1002" for n in (2, 3)),
        (),
    ),
    "longxun": (
        "/content/column/6796431",
        of(
            "/tzgg/200162829{n}.html",
            '<div class="ls-page"><a href="/content/column/6796431?pageIndex=2">2</a><a href="/content/column/6796431?pageIndex=3">3</a>'
            '<a href="/content/column/6796431?pageIndex=2">下一页</a></div>',
        ),
        "/tzgg/2001628291.html",
        ("/content/column/6796431?pageIndex=2", "/content/column/6796431?pageIndex=3"),
        (),
    ),
    "jeecms": (
        "/tzgg/index.jhtml",
        of(
            "/tzgg/460645{n}.jhtml",
            '<div>共 41 条记录 1/3 页 <a href="index_2.jhtml">下一页</a> <a href="index_3.jhtml">尾页</a></div>',
        ),
        "/tzgg/4606451.jhtml",
        ("/tzgg/index_2.jhtml", "/tzgg/index_3.jhtml"),
        (),
    ),
    "easysite": (
        "/customs/302249/index.html",
        of(
            "/customs/302249/{n}/index.html",
            '<input name="article_paging_list_hidden" totalpage="3"><a tagname="/customs/302249/11871-2.html"'
            ' onclick="queryArticleByCondition(this,1)">下一页</a><a tagname="[LASTPAGE]">尾页</a>',
        ),
        "/customs/302249/1/index.html",
        ("/customs/302249/11871-2.html", "/customs/302249/11871-3.html"),
        (),
    ),
    "epoint": (
        "/zwgk/002004/moreinfo.html",
        of(
            "/zwgk/002004/20260326/0a1b2c3d-1111-2222-3333-44445555666{n}.html",
            '<div class="ewb-page"><a href="/zwgk/002004/2.html">2</a><a href="/zwgk/002004/3.html">3</a>'
            '<a href="/zwgk/002004/2.html">下页</a></div>',
        ),
        "/zwgk/002004/20260326/0a1b2c3d-1111-2222-3333-444455556661.html",
        ("/zwgk/002004/2.html", "/zwgk/002004/3.html"),
        (),
    ),
    "rednet": (
        "/37584/38146/index.htm",
        of(
            "/37584/38146/38306/content_118019{n}.html",
            '<div><a href="index_2.htm">下一页</a><a href="index_4.htm">尾页</a></div>',
        ),
        "/37584/38146/38306/content_1180191.html",
        ("/37584/38146/index_2.htm", "/37584/38146/index_3.htm", "/37584/38146/index_4.htm"),
        (),
    ),
    "liaoning_web": (
        "/kjt/zwgk/tzgg/index.shtml",
        of("/kjt/zwgk/tzgg/2026032600{n}/index.shtml", '<div><a href="index_2.shtml">下一页</a></div>'),
        "/kjt/zwgk/tzgg/20260326001/index.shtml",
        ("/kjt/zwgk/tzgg/index_2.shtml",),
        (),
    ),
    "empirecms_like": (
        "/a/tzgg/list_12_1.html",
        of(
            "/a/tzgg/2026/0326/3{n}.html",
            '<ul class="pagelist"><li><a href="list_12_2.html">2</a></li><li><a href="list_12_3.html">3</a></li>'
            '<li><a href="list_12_2.html">下一页</a></li><li><a href="list_12_3.html">末页</a></li></ul>',
        ),
        "/a/tzgg/2026/0326/31.html",
        ("/a/tzgg/list_12_2.html", "/a/tzgg/list_12_3.html"),
        (),
    ),
    "self_made, by query": (
        "/Column.shtml?p5=28",
        of(
            "News.shtml?p5=53055{n}",
            '<div>第1页 共3页 <a href="Column.shtml?p5=28&pageNo=2">下一页</a><a href="Column.shtml?p5=28&pageNo=3">最后一页</a></div>',
        ),
        "/News.shtml?p5=530551",
        ("/Column.shtml?p5=28&pageNo=2", "/Column.shtml?p5=28&pageNo=3"),
        (),
    ),
    "self_made, select box": (
        "/Column.shtml?p5=28",
        of(
            "News.shtml?p5=53055{n}",
            '<form action="toto.asp"><select name="pageNo" onChange="gotoCurrentPage(this.value)">'
            + "".join(f"<option value={n}>{n}</option>" for n in range(1, 4))
            + "</select></form>",
        ),
        "/News.shtml?p5=530551",
        ("/toto.asp?pageNo=2", "/toto.asp?pageNo=3"),
        (),
    ),
}


@pytest.mark.parametrize("system", DIALECTS)
def test_rows_further_pages_and_data_calls(system: str) -> None:
    address, html, first, further, calls = DIALECTS[system]
    page = open_page(SITE + address, html.encode())
    found = listing(page)
    assert tuple(url.removeprefix(SITE) for url in found.next_pages) == further
    assert tuple(url.removeprefix(SITE) for url in found.data_calls) == calls
    assert found.state == ("unreadable" if calls else "static")
    if first:
        assert found.items[0].url == SITE + first
        assert [str(item.date) for item in found.items] == [f"2026-03-{day}" for day in range(26, 20, -1)]
        assert {item.url for item in found.items} <= {link.url for link in links(page)}


def scripted(html: str) -> str:
    where = '<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; 通知公告</div>'
    foot = '<div class="footer"><p>主办：青石市科学技术局</p></div>'
    return f'<html><head><meta charset="utf-8"><title>通知公告-青石市科学技术局</title></head><body>{where}<div class="list">{html}</div>{foot}</body></html>'


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("first.shtml", "<ul class='list'></ul><script>$.getJSON('/common/search/' + channel, {page: 1}, show);</script>"),
        ("index.html", "<p>加载中...</p><script>var siteId=33; $.ajax({url: '/igs/front/list/' + chnl, success: fill});</script>"),
        ("index.html", '<ul id="rows"><li v-for="row in rows"><a :href="row.url">{{ row.title }}</a></li></ul><script src="app.js"></script>'),
    ],
    ids=["kaipu_ucap", "igs", "vue"],
)  # fmt: skip
def test_lists_that_only_a_script_fills_are_not_called_empty(name: str, html: str) -> None:
    assert listing(open_page(f"{SITE}/tzgg/{name}", scripted(html).encode())).state == "unreadable"

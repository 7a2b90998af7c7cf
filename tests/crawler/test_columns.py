"""Breadcrumbs, kinds of pages, classes of names, menus."""

from __future__ import annotations

import pytest

from crawler.evidence.records import PageKind
from crawler.extract.columns import CLASSES, clean_name, column_class, column_path, name_class, page_kind
from crawler.extract.dates import published
from crawler.extract.lists import listing
from crawler.extract.navigation import navigation
from crawler.extract.text import main_text, text
from crawler.extract.webpage import WebPage, open_page

SITE = "http://www.qingshi.example"
PROSE = (
    "<p>"
    + "我局贯彻执行科技工作方针政策和法律法规，拟订全市科技发展规划并组织实施，承办市政府交办的其他事项。" * 4
    + "</p>"
)


def page(
    body: str, url: str = f"{SITE}/xwzx/gzdt/", title: str = "青石市科学技术局", head: str = ""
) -> WebPage:
    return open_page(
        url,
        f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{body}</body></html>".encode(),
    )


@pytest.mark.parametrize(
    ("crumb", "path"),
    [
        (
            "当前位置：<a href=/>首页</a> &gt; <a href=/zwgk/>政务公开</a> &gt; 通知公告",
            ("政务公开", "通知公告"),
        ),
        (
            "您现在的位置：<a>网站首页</a>&gt;&gt;<a>政务公开</a>&gt;&gt;<a>规划计划</a>&gt;&gt;正文",
            ("政务公开", "规划计划"),
        ),
        ("<span>当前位置：</span><a>首页</a><span>/</span><a>组织机构</a>", ("组织机构",)),
        ("您当前的位置是：首页 --&gt; 通知公告 --&gt; 列表", ("通知公告",)),
        (
            "<div>当前位置：</div><ul><li><a>首页</a> &gt;</li><li><a>新闻中心</a> &gt;</li><li>工作动态</li></ul>",
            ("新闻中心", "工作动态"),
        ),
        ("<a href=/>首页</a> >> 团委动态", ("团委动态",)),
        ("所在位置：首页 → 办事服务 → 办事指南", ("办事服务", "办事指南")),
        ("当前位置：首页 - 机构设置 - 科室", ("机构设置", "科室")),
        ("当前位置：<a>首页</a>&nbsp;<a>政府信息公开</a>&nbsp;<a>公开指南</a>", ("政府信息公开", "公开指南")),
        ("当前位置：${Catalog.Name}", ()),
        ("<p>该项目位置：位于城东新区，占地约三百亩，交通便利。</p>", ()),
        ("", ()),
    ],
)
def test_breadcrumbs(crumb: str, path: tuple[str, ...]) -> None:
    assert column_path(page(f"<div class=x>{crumb}</div><h2>标题</h2>{PROSE}")) == path


def test_the_articles_title_is_no_column() -> None:
    title = "青石市召开科技创新工作推进会暨重点项目调度会"
    crumb = f"当前位置：首页 &gt; 新闻中心 &gt; 工作动态 &gt; {title}"
    assert column_path(page(crumb, title=f"{title}-青石市科学技术局")) == ("新闻中心", "工作动态")
    short = "当前位置：首页 &gt; 工作动态 &gt; 科技活动周启动"
    assert column_path(page(short, head='<meta name="ArticleTitle" content="科技活动周启动">')) == (
        "工作动态",
    )


def test_the_columns_tag_where_there_is_no_breadcrumb() -> None:
    assert column_path(page(PROSE, head='<meta name="ColumnName" content="通知公告">')) == ("通知公告",)
    assert column_path(page(PROSE, head='<meta name="ColumnName" content="政务公开&gt;通知公告">')) == (
        "政务公开",
        "通知公告",
    )
    assert column_path(page(PROSE, head='<meta name="ColumnName" content="栏目名称">')) == ()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("· 通知公告 >>", "通知公告"),
        ("通 知 公 告", "通知公告"),
        ("通知公告 更多>>", "通知公告"),
        ("通知公告(12)", "通知公告"),
        ("【政策文件】", "政策文件"),
        ("　工作动态 |", "工作动态"),
    ],
)
def test_names_are_cleaned(label: str, name: str) -> None:
    assert clean_name(label) == name


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("新闻中心", "工作动态"), "news"),
        (("质监动态",), "news"),
        (("市科技局动态要闻",), "news"),
        (("政务公开", "通知公告"), "notice"),
        (("公示公告",), "notice"),
        (("政策文件",), "policy"),
        (("行政规范性文件",), "policy"),
        (("政策解读",), "interpretation"),
        (("人事信息",), "personnel"),
        (("招考录用",), "personnel"),
        (("规划计划",), "plan"),
        (("旅游规划",), "plan"),
        (("统计数据",), "statistics"),
        (("办事指南",), "service"),
        (("局长信箱",), "interaction"),
        (("在线访谈",), "interaction"),
        (("意见征集",), "interaction"),
        (("机构职能",), "static"),
        (("领导之窗",), "static"),
        (("信息公开指南",), "static"),
        (("领导信箱",), "interaction"),
        (("领导活动",), "news"),
        (("财政预决算",), "other"),
        (("专题专栏", "党史学习教育（已归档）"), "archived"),
        (("历史专题", "科技活动周"), "archived"),
        (("某某",), "other"),
        ((), "other"),
    ],
)
def test_classes_of_columns(path: tuple[str, ...], kind: str) -> None:
    assert column_class(path) == kind


def test_a_vague_name_takes_the_class_above_it() -> None:
    assert column_class(("政策解读", "上级")) == "interpretation"
    assert column_class(("人事信息", "2026年")) == "personnel"
    assert column_class(("政策法规科",)) == "other"
    assert column_class(("机构设置", "政策法规科")) == "static"
    assert column_class(("党建动态",)) == "other"
    assert column_class(("科普百科",)) == "other"
    assert all(name_class(name)[0] in CLASSES for name in ("通知公告", "某某", "", "动态"))


def kind_of(one: WebPage) -> PageKind:
    content = main_text(one)
    return page_kind(one, listing(one).items, content, published(one, content, text(one)))


def test_kinds() -> None:
    rows = "".join(
        f"<li><a href='/xwzx/gzdt/{n}.html'>关于组织申报科技计划项目的通知之{n}</a><span>2026-03-{n:02}</span></li>"
        for n in range(1, 9)
    )
    assert kind_of(page(f"<ul>{rows}</ul>", f"{SITE}/")) is PageKind.HOME
    assert kind_of(page(f"<ul>{rows}</ul>", f"{SITE}/index.html")) is PageKind.HOME
    assert kind_of(page(f"<ul>{rows}</ul>")) is PageKind.LIST
    assert (
        kind_of(page(f"<h1>标题一二三四</h1><p>发布时间：2026-03-01</p>{PROSE}", f"{SITE}/xwzx/1234567.html"))
        is PageKind.ARTICLE
    )
    assert kind_of(page(f"<h1>机构职能</h1>{PROSE}", f"{SITE}/jgzn/index.html")) is PageKind.ARTICLE
    blocks = "".join(
        f"<div><h3>栏目{c}<a href='/zwgk/{c}/'>更多</a></h3><ul>"
        + "".join(
            f"<li><a href='/zwgk/{c}/{n}.html'>关于开展科技工作的通知{n}</a><span>2026-02-{n:02}</span></li>"
            for n in range(1, 5)
        )
        + "</ul></div>"
        for c in ("a", "b", "c")
    )
    assert kind_of(page(blocks, f"{SITE}/zwgk/")) is PageKind.INDEX
    assert kind_of(page("<p>空</p>", f"{SITE}/x.html")) is PageKind.OTHER


def test_menu_with_levels() -> None:
    menu = """<div class="nav"><ul>
      <li><a href="/">首页</a></li>
      <li><a href="/xwzx/">新闻中心</a><ul><li><a href="/xwzx/gzdt/">工作动态</a></li><li><a href="/xwzx/tzgg/">通知公告</a></li></ul></li>
      <li><a href="javascript:void(0)">信息公开</a><ul><li><a href="/zn/">公开指南</a></li></ul></li>
      <li><a href="javascript:alert('建设中')">互动</a></li>
    </ul></div><div class="box"><h3><a href="/zcjd/">政策解读</a><a href="/zcjd/">更多&gt;&gt;</a></h3></div>
    <div class="footer"><a href="/lxwm/">联系我们</a></div>"""
    assert navigation(page(menu, f"{SITE}/")) == (
        ("新闻中心", f"{SITE}/xwzx/", 1),
        ("工作动态", f"{SITE}/xwzx/gzdt/", 2),
        ("通知公告", f"{SITE}/xwzx/tzgg/", 2),
        ("信息公开", "", 1),
        ("公开指南", f"{SITE}/zn/", 2),
        ("政策解读", f"{SITE}/zcjd/", 0),
    )


def test_menu_of_an_image_map_and_of_pictures() -> None:
    body = '<map name="m"><area shape="rect" href="/jzxx/" alt="局长信箱"></map><nav><a href="/ldzc/"><img alt="领导之窗" src="a.gif"></a></nav>'
    assert navigation(page(body, f"{SITE}/")) == (
        ("局长信箱", f"{SITE}/jzxx/", 1),
        ("领导之窗", f"{SITE}/ldzc/", 1),
    )

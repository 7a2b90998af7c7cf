"""The column tree of a site from streamed facts."""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.evidence.records import Column, Item, PageKind, Published
from crawler.extract.navigation import NavEntry, navigation
from crawler.extract.reading import read_page
from crawler.extract.webpage import open_page
from crawler.survey import Declared, PageFacts, Survey, discover, folder_key, list_key

SITE = "http://www.qingshi.example"
AS_OF = dt.date(2026, 3, 31)
ROOT = Path(__file__).resolve().parents[2]
REALDATA = ROOT.parent / "shared" / "realdata" / "gov-html"
NAV: tuple[NavEntry, ...] = (
    ("首页", f"{SITE}/", 1),
    ("新闻中心", f"{SITE}/xwzx/", 1),
    ("工作动态", f"{SITE}/xwzx/gzdt/", 2),
    ("通知公告", f"{SITE}/xwzx/tzgg/", 2),
    ("信息公开", "", 1),
    ("机构职能", f"{SITE}/zwgk/jgzn/", 2),
    ("规划计划", f"{SITE}/zwgk/ghjh/", 2),
    ("专题专栏", f"{SITE}/ztzl/", 1),
    ("省厅网站", "http://kjt.example/", 1),
)


def item(url: str, day: str | None, title: str = "关于组织申报科技计划项目的通知") -> Item:
    return Item(title=title, url=f"{SITE}{url}", date=dt.date.fromisoformat(day) if day else None)


def listed(
    path: str,
    *items: Item,
    crumb: tuple[str, ...] = (),
    state: str | None = "static",
    next_pages: tuple[str, ...] = (),
) -> PageFacts:
    return PageFacts(
        url=f"{SITE}{path}", kind=PageKind.LIST, depth=2, column_path=crumb, items=items, listing=state,
        next_pages=tuple(f"{SITE}{page}" for page in next_pages),
    )  # fmt: skip


def article(path: str, day: str | None, crumb: tuple[str, ...] = (), title: str = "某某通知") -> PageFacts:
    shown = (
        Published(date=dt.date.fromisoformat(day), source="label", quote=day, confidence=0.97)
        if day
        else None
    )
    return PageFacts(
        url=f"{SITE}{path}", kind=PageKind.ARTICLE, depth=3, title=title, column_path=crumb, published=shown
    )


PAGES = (
    PageFacts(
        url=f"{SITE}/", kind=PageKind.HOME, items=(item("/xwzx/tzgg/9.html", "2026-03-01"),), listing="static"
    ),
    listed(
        "/xwzx/gzdt/",
        item("/xwzx/gzdt/1.html", "2026-03-20"),
        item("/xwzx/gzdt/2.html", None),
        crumb=("新闻中心", "工作动态"),
        next_pages=("/xwzx/gzdt/index_1.html",),
    ),
    listed(
        "/xwzx/gzdt/index_1.html",
        item("/xwzx/gzdt/3.html", "2026-03-25"),
        item("/xwzx/gzdt/1.html", "2026-03-20"),
        crumb=("新闻中心", "工作动态"),
    ),
    listed(
        "/xwzx/tzgg/index.html",
        item("/xwzx/tzgg/9.html", "2026-03-01"),
        item("/xwzx/tzgg/8.html", "2031-01-01"),
    ),
    listed("/zwgk/ghjh/", crumb=("规划计划",), state="empty"),
    PageFacts(
        url=f"{SITE}/zwgk/jgzn/index.html",
        kind=PageKind.ARTICLE,
        depth=2,
        title="机构职能",
        column_path=("信息公开", "机构职能"),
    ),
    listed("/ztzl/", item("/ztzl/kjhdz/1.html", "2021-05-20"), crumb=("专题专栏",)),
    listed("/ztzl/kjhdz/", item("/ztzl/kjhdz/1.html", "2021-05-20"), crumb=("专题专栏", "科技活动周")),
    article("/xwzx/gzdt/4.html", "2026-03-26", ("工作动态",)),
    article("/zwgk/rsxx/1.html", "2025-11-02", ("信息公开", "人事信息")),
    article("/zwgk/rsxx/2.html", None, ("信息公开", "人事信息")),
    listed("/zcjd/", crumb=("政策解读",), state="unreadable"),
)


def columns(pages: tuple[PageFacts, ...] = PAGES, declared: tuple[Declared, ...] = ()) -> dict[str, Column]:
    return {
        "/".join(column.path): column
        for column in discover(pages, NAV, declared, as_of=AS_OF, home_url=f"{SITE}/")
    }


def test_the_tree_in_the_order_of_the_menu() -> None:
    assert list(columns()) == [
        "新闻中心", "新闻中心/工作动态", "新闻中心/通知公告", "专题专栏", "专题专栏/科技活动周",
        "政策解读", "信息公开", "信息公开/机构职能", "信息公开/规划计划", "信息公开/人事信息",
    ]  # fmt: skip


def test_pages_of_a_list_are_one_column_and_its_newest_is_the_newest_of_all() -> None:
    column = columns()["新闻中心/工作动态"]
    assert (column.url, column.column_class, column.listing) == (f"{SITE}/xwzx/gzdt/", "news", "static")
    assert (column.items, column.dated) == (3, 2)
    assert column.newest == Published(
        date=dt.date(2026, 3, 26), source="label", quote="2026-03-26", confidence=0.97
    )
    assert column.newest_url == f"{SITE}/xwzx/gzdt/4.html"


def test_a_parent_has_the_newest_of_its_children() -> None:
    column = columns()["新闻中心"]
    assert column.newest is not None
    assert (column.newest.date, column.items, column.first_level, column.readable) == (
        dt.date(2026, 3, 26),
        0,
        True,
        True,
    )


def test_future_rows_do_not_make_a_column_fresh() -> None:
    column = columns()["新闻中心/通知公告"]
    assert column.newest is not None
    assert (column.newest.date, column.items, column.dated, column.on_home) == (
        dt.date(2026, 3, 1),
        2,
        2,
        True,
    )


def test_columns_without_a_list_without_words_and_without_data() -> None:
    found = columns()
    assert (found["信息公开/规划计划"].listing, found["信息公开/规划计划"].items) == ("empty", 0)
    assert (found["政策解读"].listing, found["政策解读"].readable) == ("unreadable", False)
    static = found["信息公开/机构职能"]
    assert (static.column_class, static.listing, static.readable) == ("static", None, True)


def test_a_column_that_only_breadcrumbs_name() -> None:
    column = columns()["信息公开/人事信息"]
    assert (column.column_class, column.items, column.dated, column.on_home) == ("personnel", 2, 1, False)


def test_finished_topics() -> None:
    assert columns()["专题专栏/科技活动周"].column_class == "archived"
    fresh = (*PAGES, article("/ztzl/kjhdz/2.html", "2026-03-01", ("专题专栏", "科技活动周")))
    assert columns(fresh)["专题专栏/科技活动周"].column_class == "other"


def test_declared_columns_are_renamed_reclassed_and_exempted() -> None:
    declared = (
        Declared(
            url=f"{SITE}/xwzx/tzgg/", path=("公告公示",), column_class="notice", exempt="机构合并，暂无发布"
        ),
    )
    column = columns(declared=declared)["公告公示"]
    assert (column.declared, column.items, column.exempt) == (True, 2, "机构合并，暂无发布")


def test_the_order_of_pages_does_not_matter() -> None:
    expected = discover(PAGES, NAV, as_of=AS_OF, home_url=f"{SITE}/")
    for seed in range(5):
        shuffled = list(PAGES)
        random.Random(seed).shuffle(shuffled)
        assert discover(shuffled, NAV, as_of=AS_OF, home_url=f"{SITE}/") == expected


def test_each_page_finds_its_column() -> None:
    survey = Survey(NAV, as_of=AS_OF, home_url=f"{SITE}/")
    for page in PAGES:
        survey.add(page)
    found = survey.columns()
    places = {
        page.url.removeprefix(SITE): survey.column_of(page.url, page.column_path, page.column_name)
        for page in PAGES
    }
    names = {url: "/".join(found[place].path) if place is not None else None for url, place in places.items()}
    assert names["/xwzx/gzdt/index_1.html"] == names["/xwzx/gzdt/4.html"] == "新闻中心/工作动态"
    assert names["/zwgk/rsxx/2.html"] == "信息公开/人事信息"
    assert names["/"] is None
    stray = survey.column_of(f"{SITE}/xwzx/tzgg/202603/t20260301_7.html", ())
    assert "/".join(found[stray or 0].path) == "新闻中心/通知公告"


def test_nothing_at_all() -> None:
    assert discover((), (), as_of=AS_OF, home_url=f"{SITE}/") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://h/xw/", "http://h/xw/index.html"),
        ("http://h/xw/index.html", "http://h:80/xw/index_3.html"),
        ("http://h/xw/list.shtml", "http://h/xw/list_12.shtml"),
        ("http://h/c.do?id=5", "http://h/c.do?id=5&pageNo=3"),
        ("http://h/col/col12/index.html?uid=7&pageNum=2", "http://h/col/col12/index.html?uid=7"),
    ],
)
def test_addresses_of_one_list(one: str, other: str) -> None:
    assert list_key(one) == list_key(other)


def test_addresses_of_different_lists() -> None:
    assert (
        len(
            {
                list_key(u)
                for u in (
                    "http://h/xw/",
                    "http://h/tz/",
                    "http://h/c.do?id=5",
                    "http://h/c.do?id=6",
                    "http://h/gkmlpt/index#1",
                    "http://h/gkmlpt/index#2",
                )
            }
        )
        == 6
    )
    assert (
        folder_key("http://h/xw/202603/t20260301_7.html")
        == "h/xw/"
        == folder_key("http://h/xw/2026/3/1/abc.html")
    )


def test_a_large_site_keeps_only_aggregates() -> None:
    survey = Survey((), as_of=AS_OF, home_url=f"{SITE}/")
    for number in range(30_000):
        survey.add(
            article(
                f"/xw/c{number % 40}/202603/t20260301_{number}.html",
                "2026-03-01",
                ("新闻", f"栏目{number % 40:02}"),
            )
        )
    assert len(survey.columns()) == 41


def paths_of(*pages: PageFacts, nav: tuple[NavEntry, ...] = NAV) -> set[tuple[str, ...]]:
    return {column.path for column in discover(pages, nav, as_of=AS_OF, home_url=f"{SITE}/")}


def test_an_article_in_a_menu_is_no_column() -> None:
    hot = replace(
        article("/xwzx/gzdt/7.html", "2026-03-02", ("新闻中心", "工作动态")), labels=("全市科技工作会议召开",)
    )
    own = replace(article("/zwgk/ldfg.html", None, ("信息公开", "领导分工")), labels=("领导分工",))
    found = paths_of(hot, own)
    assert ("信息公开", "领导分工") in found
    assert not [path for path in found if "会议" in path[-1]]


def test_a_column_may_bear_the_name_of_the_one_above() -> None:
    nav = (("政策解读", f"{SITE}/zcjd/", 1), ("政策解读", f"{SITE}/zcjd/zcjd/", 0))
    assert paths_of(nav=nav) == {("政策解读",), ("政策解读", "政策解读")}


def test_articles_that_write_the_name_above_differently() -> None:
    crumb, other = ("城东分中心", "通知公告"), ("城东市分中心", "通知公告")
    rows = [item(f"/cd/tzgg/{n}.html", "2026-03-01") for n in range(4)]
    read = [article(f"/cd/tzgg/{n}.html", "2026-03-01", other) for n in range(4)]
    found = paths_of(listed("/cd/tzgg/", *rows, crumb=crumb), *read, nav=())
    assert found == {("城东分中心",), crumb}


def test_on_home_is_what_the_home_page_links_to() -> None:
    pages = [
        PageFacts(url=f"{SITE}/", kind=PageKind.HOME, links=(f"{SITE}/zt/a/index.html",)),
        listed("/zt/a/", item("/zt/x/1.html", "2026-03-01"), crumb=("专题甲",)),
        listed("/zt/b/", item("/zt/y/1.html", "2026-03-01"), crumb=("专题乙",)),
    ]
    found = discover(pages, (), as_of=AS_OF, home_url=f"{SITE}/")
    assert {column.name: column.on_home for column in found} == {"专题甲": True, "专题乙": False}


def test_a_year_alone_is_no_column() -> None:
    read = [article(f"/tzgg/2026/{n}.html", "2026-03-01", ("2026年",)) for n in range(4)]
    assert paths_of(*read, nav=()) == set()


def test_what_a_flat_site_map_marks_alike_stands_below_its_heading() -> None:
    rows = (
        ("gzfw/", "公众服务", ""), ("/gzfw/wjxz/", "文件下载", "span"), ("/mail/list.html", "网上留言", "span"),
        ("/jggk/", "机构概况", ""), ("/lxwm/", "联系我们", ""), ("/gzfw/", "公众服务的首页", "span"),
    )  # fmt: skip
    links = "".join(
        f'<li><a href="{url}">{f"<{tag}>{label}</{tag}>" if tag else label}</a></li>'
        for url, label, tag in rows
    )
    bar = '<div class="nav"><ul><li><a href="/gzfw/">公众服务</a></li><li><a href="/jggk/">机构概况</a></li></ul></div>'
    page = open_page(f"{SITE}/", f'<body><div class="menu"><ul>{links}</ul></div>{bar}</body>'.encode())
    assert [(label, level) for label, _, level in navigation(page)] == [
        ("公众服务", 1),
        ("网上留言", 2),
        ("文件下载", 0),
        ("机构概况", 1),
        ("联系我们", 1),
        ("公众服务的首页", 1),
    ]


@pytest.mark.parametrize(
    "site", sorted(path.stem for path in (ROOT / "tests" / "columns_truth").glob("*.tsv"))
)
def test_hand_marked_sites(site: str) -> None:
    """Real sites beside the repository against the columns marked by hand, where they are there."""
    folder = REALDATA / site
    if not folder.is_dir():
        return
    base = f"http://{site}.gov.cn/"
    nav: list[NavEntry] = []
    facts = []
    for file in sorted(folder.rglob("*.html")):
        page = open_page(base + file.relative_to(folder).as_posix(), file.read_bytes())
        reading = read_page(page)
        if reading.kind is PageKind.HOME:
            nav += [entry for entry in navigation(page) if entry not in nav]
        facts.append(
            PageFacts(
                url=page.url, kind=reading.kind, title=reading.title, column_path=reading.column_path,
                column_name=page.meta.get("columnname", ""), items=reading.items, published=reading.published,
                listing=reading.listing, next_pages=reading.next_pages,
            )
        )  # fmt: skip
    found = {
        "/".join(column.path) for column in discover(facts, nav, as_of=dt.date(2021, 6, 30), home_url=base)
    }
    with (ROOT / "tests" / "columns_truth" / f"{site}.tsv").open(encoding="utf-8", newline="") as truth:
        want = {row["path"] for row in csv.DictReader(truth, delimiter="\t")}
    assert 2 * len(want & found) / (len(want) + len(found)) >= 0.93

"""Publication dates: formats, grounds and their order, and the dates that are none."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.evidence.records import Published
from crawler.extract import dates
from crawler.extract.dates import dates_in, published, row_date, url_date
from crawler.extract.text import main_text, text
from crawler.extract.webpage import open_page

REALDATA = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"
BODY = (
    "近日，我局组织召开全市科技创新工作推进会，总结上一阶段工作，部署下一阶段重点任务，各科室负责人参加了会议。"
    * 3
)


def read(
    body: str, url: str = "http://www.qingshi.example/xwzx/1234567.html", head: str = ""
) -> Published | None:
    html = f"<html><head><meta charset=utf-8><title>科技创新推进会召开-青石市科学技术局</title>{head}</head><body>{body}</body></html>"
    page = open_page(url, html.encode())
    return published(page, main_text(page), text(page))


def article(
    line: str, *, url: str = "http://www.qingshi.example/xwzx/1234567.html", head: str = "", tail: str = ""
) -> Published | None:
    return read(
        f"<div class=con><h1>科技创新推进会召开</h1><p>{line}</p><div id=zoom><p>{BODY}</p>{tail}</div></div>",
        url,
        head,
    )


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("发布时间：2017-03-26", "label"),
        ("【信息发布时间：2017-03-26 阅读次数：12】", "label"),
        ("发布日期：2017年3月26日 10:24 信息来源：办公室", "label"),
        ("来源：本局 发布时间：2017/03/26 字体：大 中 小", "label"),
        ("发布时间：<span>2017.03.26</span>", "label"),
        ("发 布 时 间 ： 2017-3-26", "label"),
        ("发布时间：二〇一七年三月二十六日", "label"),
        ("发布日期：20170326", "label"),
        ("上载日期：2017-03-26 发文日期：2017-03-20", "label"),
        ("时间：2017-03-26 来源：办公室", "label-plain"),
        ("更新时间：2017-03-26", "label-updated"),
        ("来源：青石市科技局   2017-03-26 00:00", "byline"),
        ("文章来源： 2017-03-26 10:44:17", "byline"),
        ("2017-03-26 10:11 | 来源：办公室 | 阅读：12", "under-title"),
        ("<table><tr><td>发布日期</td><td>2017-03-26</td></tr></table>", "label"),
        ("2017-03-26 10:11", "under-title"),
        ("2017年03月26日 来源：新华社", "under-title"),
        ("新华网河北频道 ( 2017-03-26 09:20:26 )", "under-title"),
        ("登记日期：2017-03-26", "label-registered"),
    ],
)
def test_lines_under_a_title(line: str, source: str) -> None:
    found = article(line)
    assert found is not None
    assert (found.date, found.source) == (dt.date(2017, 3, 26), source)
    assert "2017" in found.quote or "二〇一七" in found.quote


@pytest.mark.parametrize(
    "line",
    [
        "成文日期：2017-03-26",
        "生效日期：2017-03-26 废止日期：2020-01-01",
        "报名截止时间：2017-03-26",
        "会议时间：2017年3月26日",
        "办公时间：2017年3月26日起 9:00-17:00",
        "公示时间：2017年3月26日至4月2日",
        "索引号：640502030/2019-00012 监督索引号53230000449501000",
        "索引号：2017-03-00018",
        "青科发〔2017〕67号",
        "今天是2017年3月26日 星期日",
        "今天是：2017-03-26",
        "版权所有 2012-2017",
        "点击量：20170326",
        "电话：0953-20170326",
        "发布时间：2017-02-30",
        "出生日期：1967-03-26",
    ],
)
def test_dates_that_are_no_publication_date(line: str) -> None:
    assert article(line) is None


def test_a_signature_is_the_documents_date_not_the_pages() -> None:
    assert article("来源：本局", tail="<p>青石市科学技术局</p><p>2017年3月26日</p>") is None


def test_the_shown_date_beats_address_and_tags() -> None:
    moved = "http://www.qingshi.example/zwgk/201804/t20180402_729635.html"
    found = article(
        "发表时间：2017-06-21 10:42:00", url=moved, head='<meta name="PubDate" content="2018-04-02">'
    )
    assert found is not None
    assert (found.date, found.source) == (dt.date(2017, 6, 21), "label")
    confirmed = article("发布时间：2017-06-21", head='<meta name="PubDate" content="2017-06-21 10:00">')
    assert confirmed is not None
    assert confirmed.confidence == 0.99


def test_tags_without_a_shown_date() -> None:
    for tag in ('<meta name="PubDate" content="2017-06-21 10:42">', '<meta property="article:published_time" content="2017-06-21T10:42:00+08:00">',
                '<script type="application/ld+json">{"datePublished": "2017-06-21T10:42:00+08:00"}</script>'):  # fmt: skip
        found = article("来源：本局", head=tag)
        assert found is not None
        assert found.date == dt.date(2017, 6, 21)


def test_an_article_that_is_data_of_the_page() -> None:
    data = '<script>window._CONFIG = {SID: \'200031\', DETAIL: {"title": "科技发展规划", "date": 1490457600, "content": "&lt;p&gt;规划&lt;/p&gt;"}}</script>'
    found = read(
        "<div id=app></div>", "http://www.qingshi.example/gkmlpt/content/10/10694/post_10694346.html", data
    )
    assert found is not None
    assert (found.date, found.source) == (dt.date(2017, 3, 26), "page-data")


def test_the_address_is_the_last_resort() -> None:
    found = article("来源：本局", url="http://www.qingshi.example/zwgk/201703/t20170326_12345.html")
    assert found == Published(
        date=dt.date(2017, 3, 26), source="url", quote="/zwgk/201703/t20170326_12345.html", confidence=0.4
    )


def test_document_date_gives_way_to_the_catalogues_publication_date() -> None:
    table = "<table><tr><td>索引号：</td><td>2016-07-00018</td><td>发文日期：</td><td>2016-07-01</td></tr><tr><td>成文日期：</td><td>2016-06-28</td><td>发布日期：</td><td>2016-07-04</td></tr></table>"
    found = read(f"{table}<h1>科技创新推进会召开</h1><p>{BODY}</p>")
    assert found is not None
    assert found.date == dt.date(2016, 7, 4)


def test_a_list_has_no_date_of_its_own() -> None:
    rows = "".join(
        f"<li><a href='/x/{n}.html'>关于组织申报科技计划项目的通知之{n}</a><span>2026-03-{n:02}</span></li>"
        for n in range(1, 9)
    )
    assert read(f"<h2>通知公告</h2><ul>{rows}</ul>", "http://www.qingshi.example/xwzx/tzgg/") is None
    labelled = "".join(
        f"<div><a href='/x/{n}.html'>某通知{n}</a><p>发布时间：2026-03-{n:02}</p></div>" for n in range(1, 9)
    )
    assert read(labelled, "http://www.qingshi.example/xwzx/tzgg/") is None


def test_one_row_of_a_list_is_no_byline() -> None:
    body = "<h2>机构职能</h2><span>2017-11-07</span><a href='/c/1.html'>机构职能</a><p>更多</p>"
    assert read(body, "http://www.qingshi.example/zzjg/jgzn/index.html") is None


def test_related_articles_do_not_count() -> None:
    related = "".join(
        f"<li><a href='/x/{n}.html'>相关报道之{n}：会议召开</a> 发布时间：2020-01-0{n}</li>"
        for n in range(1, 5)
    )
    found = article("发布时间：2017-03-26", tail=f"<ul>{related}</ul>")
    assert found is not None
    assert found.date == dt.date(2017, 3, 26)


@pytest.mark.parametrize(
    ("row", "hint", "date"),
    [
        ("[2017-03-26]", None, "2017-03-26"),
        ("2017/3/6", None, "2017-03-06"),
        ("2017年3月26日 10:24", None, "2017-03-26"),
        ("26 2017-03", None, "2017-03-26"),
        ("03-26 2017", None, "2017-03-26"),
        ("[03-26]", None, None),
        ("[03-26]", 2017, "2017-03-26"),
        ("02-29", 2017, None),
        ("索引号 2026-02-00018 2026-03-01", None, "2026-03-01"),
        ("二〇一七年十二月三十一日", None, "2017-12-31"),
        ("二○一七年一月廿三日", None, "2017-01-23"),
        ("Apr 10, 2017", None, "2017-04-10"),
        ("20170326", None, "2017-03-26"),
        ("共20条 1/3", None, None),
        ("2017-13-45", None, None),
        ("", None, None),
    ],
)
def test_row_date(row: str, hint: int | None, date: str | None) -> None:
    assert row_date(row, hint) == (dt.date.fromisoformat(date) if date else None)


@pytest.mark.parametrize(
    ("url", "date"),
    [
        ("http://h/zwgk/201703/t20170326_12345.html", "2017-03-26"),
        ("http://h/art/2017/3/6/art_123_456.html", "2017-03-06"),
        ("http://h/2017-03/12/content_ef6d.shtml", "2017-03-12"),
        ("http://h/zwgk/002004/20170326/8d0a.html", "2017-03-26"),
        ("http://h/sj/zxfb/2020/1215/1812345.html", "2020-12-15"),
        ("http://h/201106/t1008913.shtml", None),
        ("http://h/37584/38146/38306/content_1180192.html", None),
        ("http://h/info/1668/129719.htm", None),
        ("http://h/2017/99/99/x.html", None),
    ],
)
def test_url_date(url: str, date: str | None) -> None:
    assert url_date(url) == (dt.date.fromisoformat(date) if date else None)


def test_dates_in_text_with_places() -> None:
    said = "自2017年1月1日起施行，有效期至2021年12月31日。青科发〔2016〕3号"
    assert [(str(s.date), said[s.start : s.end]) for s in dates_in(said)] == [
        ("2017-01-01", "2017年1月1日"),
        ("2021-12-31", "2021年12月31日"),
    ]


def test_hostile_text_takes_no_time() -> None:
    for evil in (
        "2017-" * 20_000,
        "发布时间：" * 20_000,
        "来源：" + "一" * 50_000,
        "(" * 50_000,
        "二〇" * 30_000,
    ):
        assert read(f"<p>{evil}</p>") is None


@pytest.mark.parametrize("name", ["date-extraction-zh"])
def test_labelled_pages(name: str) -> None:
    """The hand-labelled pages beside the repository, where they are there."""
    folder = REALDATA / name
    if not folder.is_dir():
        return
    with (folder / "_truth.tsv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong = []
    for row in truth:
        page = open_page(row["url"], (folder / row["file"]).read_bytes())
        found = published(page, main_text(page), text(page))
        if found is None or found.date.isoformat() != row["date"]:
            wrong.append((row["file"], row["date"], found))
    assert wrong == []


_EDGES = st.sampled_from(
    ["2024-05-01", "2019年1月2日", " 12:30", "10时5分6秒", "12:30:01.5", "[", "】", "（", " ", "关于会议", "20", "19", "T8:1", "日", "秒"]
)  # fmt: skip


@given(st.lists(st.lists(_EDGES, max_size=6).map("".join), max_size=6))
def test_rows_with_dates_are_those_the_pattern_finds(lines: list[str]) -> None:
    found = [
        line
        for line in lines
        if 6 <= len(line) <= 160
        and ("20" in line or "19" in line)
        and dates._ROW_EDGE.search(line.strip(" \t　·•\xa0[]【】()（）"))
    ]
    assert dates.date_rows("\n".join(lines)) == len(found)


@given(
    st.lists(st.text(alphabet="发布更新时间于", min_size=1, max_size=4), min_size=1, max_size=6),
    st.text(alphabet="发布更新时间于 　", max_size=12),
)
def test_any_of_the_words_blanks_allowed(words: list[str], text: str) -> None:
    long = re.compile("|".join(map(dates._spaced, words)))
    assert bool(re.search(dates._one_of(words), text)) == bool(long.search(text))

"""Lists of every dialect: rows, dates, further pages, and what could not be read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from crawler.extract.lists import Listing, listing, read_data_call
from crawler.extract.webpage import open_page

PAGES = Path(__file__).parent / "pages"
SITE = "http://www.qingshi.example"
LIST = f"{SITE}/xwzx/gzdt/index.html"


def read(name: str, url: str = LIST) -> Listing:
    return listing(open_page(url, (PAGES / name).read_bytes()))


def answer(name: str, url: str) -> Listing:
    return read_data_call((PAGES / name).read_bytes(), None, url)


def days(found: Listing) -> list[str]:
    return [item.date.isoformat() if item.date else "" for item in found.items]


def march(*numbers: int) -> list[str]:
    return [f"2026-03-{number:02}" for number in numbers]


def test_trs_list_has_pages_that_only_a_script_names() -> None:
    found = read("trs_list.html")
    assert (found.state, days(found)) == ("static", march(26, 25, 24, 23, 22, 21))
    assert found.items[0].title == "我局召开全市科技创新工作推进会"
    assert found.items[0].url == f"{SITE}/xwzx/gzdt/202603/t20260326_9000.html"
    assert found.next_pages == (f"{SITE}/xwzx/gzdt/index_1.html", f"{SITE}/xwzx/gzdt/index_2.html")


def test_trs_second_page_names_the_third() -> None:
    found = read("trs_list_page2.html", f"{SITE}/xwzx/gzdt/index_1.html")
    assert found.next_pages == (f"{SITE}/xwzx/gzdt/index_2.html",)


def test_trs_stub_is_no_list() -> None:
    assert read("trs_stub.html", f"{SITE}/xwzx/gzdt/index_2.html") == Listing()


def test_parts_of_an_article_are_no_pages_of_a_list() -> None:
    found = read("trs_article_parts.html", f"{SITE}/ghjh/201708/t20170803_1095855.html")
    assert (found.items, found.next_pages, found.state) == ((), (), None)


def test_rows_written_by_script_from_variables() -> None:
    found = read("trs_written.html", f"{SITE}/zwgk/gfxwj/index.shtml")
    assert found.state == "script"
    assert [(item.url, item.date) for item in found.items] == [
        (f"{SITE}/zwgk/gfxwj/202602/t20260214_273052.shtml", dt.date(2026, 2, 14)),
        (f"{SITE}/zwgk/gfxwj/202601/t20260114_273051.shtml", dt.date(2026, 1, 14)),
    ]


def test_hanweb_records_and_the_calls_for_the_rest() -> None:
    found = read("hanweb_column.html", f"{SITE}/col/col12/index.html")
    assert (found.state, days(found)) == ("script", march(26, 25, 24))
    assert found.items[0].title == "我局召开全市科技创新工作推进会"
    assert found.data_calls[0].startswith(
        f"{SITE}/module/web/jpage/dataproxy.jsp?startrecord=4&endrecord=48&perpage=15&col=1&"
    )
    assert "columnid=12" in found.data_calls[0]
    assert "unitid=7543749" in found.data_calls[0]
    assert len(found.data_calls) == 2


def test_hanweb_without_records_is_unreadable_and_says_where_the_data_is() -> None:
    found = read("hanweb_unreadable.html", f"{SITE}/col/col12/index.html")
    assert (found.state, found.items) == ("unreadable", ())
    assert found.data_calls[0].startswith(
        f"{SITE}/module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&"
    )


def test_hanweb_answer() -> None:
    call = f"{SITE}/module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&columnid=12"
    found = answer("hanweb_dataproxy.xml", call)
    assert (found.state, days(found)) == ("script", march(26, 25, 24))
    assert found.data_calls == (call.replace("startrecord=1&endrecord=45", "startrecord=46&endrecord=90"),)


def test_an_answer_without_records_says_nothing_about_the_column() -> None:
    assert answer("hanweb_empty.xml", f"{SITE}/module/web/jpage/dataproxy.jsp") == Listing(state="unreadable")


def test_gkmlpt_column_is_in_the_fragment() -> None:
    found = read("gkmlpt_index.html", f"{SITE}/gkmlpt/index#2572")
    assert (found.state, found.data_calls) == (
        "unreadable",
        (f"{SITE}/gkmlpt/api/all/2572?page=1&sid=200031",),
    )
    whole = read("gkmlpt_index.html", f"{SITE}/gkmlpt/index")
    assert [call.split("/")[-1].split("?")[0] for call in whole.data_calls] == ["2571", "2572", "2580"]


def test_gkmlpt_answer() -> None:
    found = answer("gkmlpt_answer.json", f"{SITE}/gkmlpt/api/all/2572?page=1&sid=200031")
    assert (found.state, days(found)) == ("script", ["2026-03-26", "2026-02-13"])
    assert found.items[1].pinned
    assert found.data_calls == (f"{SITE}/gkmlpt/api/all/2572?page=2&sid=200031",)


def test_jpaas_list_and_answer() -> None:
    found = read("jpaas_list.html", f"{SITE}/xwzx/gzdt/index.html")
    assert found.state == "unreadable"
    assert found.data_calls[0].startswith(
        f"{SITE}/api-gateway/jpaas-publish-server/front/page/build/unit?webId=3061&pageId=1229218"
    )
    answered = answer("jpaas_answer.json", found.data_calls[0])
    assert (answered.state, days(answered)) == ("script", march(26, 25, 24))


def test_select_box_with_a_thousand_pages() -> None:
    found = read("select_pager.html", f"{SITE}/Column.shtml?p5=28")
    assert (found.state, days(found)) == ("static", march(26, 25, 24, 23, 22, 21))
    assert found.next_pages[0] == f"{SITE}/Column.shtml?p5=28&pageNo=2"
    assert len(found.next_pages) == 200


def test_more_by_post_loads_the_same_list() -> None:
    found = read("post_more.html", f"{SITE}/bmsite/index2.action?id=3")
    assert (found.state, days(found)) == ("static", march(26, 25, 24, 23))


def test_vsb_counts_down() -> None:
    found = read("vsb_list.html", f"{SITE}/gzdt.htm")
    assert (found.state, days(found)) == ("static", march(26, 25, 24, 23, 22, 21))
    assert found.next_pages == tuple(f"{SITE}/gzdt/{number}.htm" for number in range(11, 0, -1))


def test_easysite_pager_has_no_href() -> None:
    found = read("easysite_list.html", f"{SITE}/customs/302249/index.html")
    assert days(found) == march(26, 25, 24, 23, 22, 21)
    assert found.next_pages == tuple(f"{SITE}/customs/302249/11871-{number}.html" for number in range(2, 18))


def test_jeecms_data_url_and_its_rows_with_the_year_in_a_comment() -> None:
    found = read("jeecms_list.html", f"{SITE}/tzgg/index.jhtml")
    assert found.state == "unreadable"
    assert found.data_calls == (
        f"{SITE}/tzgg/list_date_article.jhtml?classid=0123456789abcdef0123456789abcdef",
    )
    rows = answer("jeecms_rows.html", found.data_calls[0])
    assert (rows.state, days(rows)) == ("script", ["2018-04-08", "2018-03-26"])


def test_list_in_a_frame() -> None:
    found = read("iframe_list.html", f"{SITE}/tzgg/index.jsp")
    assert (found.state, found.data_calls) == ("unreadable", (f"{SITE}/tzgg/list_frame.jsp?lm=12",))


def test_month_and_day_take_the_year_from_a_comment_or_the_address_or_not_at_all() -> None:
    assert days(read("month_day.html")) == ["2018-04-08", "2018-03-26", ""]


def test_pinned_future_unsorted_and_undated_rows_and_a_ranking_beside_them() -> None:
    found = read("pinned.html")
    assert [(str(item.date), item.pinned) for item in found.items] == [
        ("2019-05-01", True), ("2031-01-01", False), ("2026-02-03", False), ("2026-03-12", False), ("None", False)
    ]  # fmt: skip


def test_of_two_dates_in_a_table_row_the_published_one() -> None:
    assert days(read("boxes.html")) == march(19, 18, 17, 16)


def test_day_over_year_and_month() -> None:
    found = read("day_boxes.html")
    assert days(found) == march(26, 25, 24, 23)
    assert found.items[0].title == "我局召开全市科技创新工作推进会"


def test_rows_separated_by_breaks_only() -> None:
    assert days(read("flat.html")) == march(26, 25, 24, 23, 22)


def test_chinese_numerals() -> None:
    assert days(read("chinese_numerals.html")) == ["2017-03-26", "2017-03-10", "2017-03-03"]


@pytest.mark.parametrize(
    "name", ["empty_words.html", "empty_building.html", "empty_count.html", "empty_silent.html"]
)
def test_empty_four_ways(name: str) -> None:
    assert read(name, f"{SITE}/zwgk/ghjh/index.html") == Listing(state="empty")


@pytest.mark.parametrize("name", ["script_list.html", "script_target.html", "vue_list.html"])
def test_filled_by_script_is_never_empty(name: str) -> None:
    assert read(name, f"{SITE}/zwgk/ghjh/index.html").state == "unreadable"


def test_hostile_input_does_not_raise() -> None:
    for body in (
        b"",
        b"<",
        b"<ul>" * 3000,
        b"<li><a href='x'>2026-03-26" * 500,
        b"<record><![CDATA[" * 200,
        b"\xff\xfe\x00",
    ):
        assert isinstance(listing(open_page(LIST, body)), Listing)
        assert isinstance(read_data_call(body, "application/json", LIST), Listing)
    deep = b"[" * 50_000
    assert read_data_call(deep, None, LIST) == Listing(state="unreadable")

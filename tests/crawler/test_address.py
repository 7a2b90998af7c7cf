"""Addresses as browsers read them. The expectations were taken from Chromium."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.address import Resolver, fetchable, host, normal, resolve

BASE = "http://www.x.gov.cn/a/b/c.html?q=1#z"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("", "http://www.x.gov.cn/a/b/c.html?q=1"),
        ("#", "http://www.x.gov.cn/a/b/c.html?q=1#"),
        ("#第一章", "http://www.x.gov.cn/a/b/c.html?q=1#%E7%AC%AC%E4%B8%80%E7%AB%A0"),
        ("?p=2", "http://www.x.gov.cn/a/b/c.html?p=2"),
        ("/x", "http://www.x.gov.cn/x"),
        ("./201703/t20170326_1.html", "http://www.x.gov.cn/a/b/201703/t20170326_1.html"),
        ("../../../../k/", "http://www.x.gov.cn/k/"),
        ("../..", "http://www.x.gov.cn/"),
        (".", "http://www.x.gov.cn/a/b/"),
        ("/a/%2e%2E/b/./c/..", "http://www.x.gov.cn/b/"),
        ("/a//b/../c", "http://www.x.gov.cn/a//c"),
        ("//zwgk.x.gov.cn/y", "http://zwgk.x.gov.cn/y"),
        ("\\\\host\\path\\f.html", "http://host/path/f.html"),
        ("..\\pic\\1.jpg", "http://www.x.gov.cn/a/pic/1.jpg"),
        ("http:/x", "http://www.x.gov.cn/x"),
        ("http:x.html", "http://www.x.gov.cn/a/b/x.html"),
        ("http:///www.a.cn/", "http://www.a.cn/"),
        ("https:/www.a.cn/x", "https://www.a.cn/x"),
        ("http:\\\\www.a.cn\\x", "http://www.a.cn/x"),
        ("http://http://www.a.cn/", "http://http//www.a.cn/"),
        ("  /p \n q.html\t", "http://www.x.gov.cn/p%20%20q.html"),
        ("/Column.shtml?p5=3599 ", "http://www.x.gov.cn/Column.shtml?p5=3599"),
        ("HTTP://WWW.A.CN:80/Ab", "http://www.a.cn/Ab"),
        ("https://a.cn:443/", "https://a.cn/"),
        ("http://a.cn:8080", "http://a.cn:8080/"),
        ("http://a.cn./x/", "http://a.cn./x/"),
        ("http://ｗｗｗ．gov。cn/", "http://www.gov.cn/"),
        ("http://科技局.中国/", "http://xn--dgt58lv2v.xn--fiqs8s/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://0x7f.0.0.1/", "http://127.0.0.1/"),
        ("http://[::0001]:80/", "http://[::1]/"),
        ("http://a b/", "http://a%20b/"),
        ("http://a.cn\u00a0", "http://a.cn%20/"),
        ("http://u:p@a.cn/", "http://u:p@a.cn/"),
        ("/通知 公告/a.html", "http://www.x.gov.cn/%E9%80%9A%E7%9F%A5%20%E5%85%AC%E5%91%8A/a.html"),
        ('/a"<>`{}|^[]', "http://www.x.gov.cn/a%22%3C%3E%60%7B%7D%7C%5E[]"),
        ("/a?b c\"d<e>f'g`{}|^[]", "http://www.x.gov.cn/a?b%20c%22d%3Ce%3Ef%27g`{}|^[]"),
        ("/a?x=1&&amp;y", "http://www.x.gov.cn/a?x=1&&amp;y"),
        ("www.a.cn/", "http://www.x.gov.cn/a/b/www.a.cn/"),
        ("mailto:a@b.cn", "mailto:a@b.cn"),
        ("TEL:0953-1", "tel:0953-1"),
        ("file:///D:/下载/a.doc", "file:///D:/%E4%B8%8B%E8%BD%BD/a.doc"),
        ("whatsapp://send?text=a b", "whatsapp://send?text=a%20b"),
        ("%zz%4", "http://www.x.gov.cn/a/b/%zz%4"),
    ],
)
def test_an_href_resolves_as_in_a_browser(href: str, url: str) -> None:
    assert resolve(BASE, href) == url


@pytest.mark.parametrize(
    "href", ["http://", "http://a.cn:99999/", "http://a.cn:x/", "http://[1::/", "//", "http://1.2.3.400/"]
)
def test_what_no_browser_can_read_gives_no_address(href: str) -> None:
    assert resolve(BASE, href) is None


@pytest.mark.parametrize(
    ("charset", "url"),
    [
        ("utf-8", "http://www.x.gov.cn/%E6%9F%A5?q=%E6%9F%A5"),
        ("gbk", "http://www.x.gov.cn/%E6%9F%A5?q=%B2%E9"),
        ("gb18030", "http://www.x.gov.cn/%E6%9F%A5?q=%B2%E9"),
        ("big5", "http://www.x.gov.cn/%E6%9F%A5?q=%ACd"),
        ("windows-1252", "http://www.x.gov.cn/%E6%9F%A5?q=%26%2326597%3B"),
    ],
)
def test_paths_are_utf_8_and_queries_are_in_the_page_s_charset(charset: str, url: str) -> None:
    assert resolve(BASE, "/查?q=查", charset) == url


def test_characters_outside_gbk_become_entities_in_queries() -> None:
    assert resolve(BASE, "?n=𠮷&e=€", "gbk") == "http://www.x.gov.cn/a/b/c.html?n=%26%23134071%3B&e=%80"
    assert resolve(BASE, "?n=𠮷", "gb18030") == "http://www.x.gov.cn/a/b/c.html?n=%954%B25"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://A.cn:80/./b/../c?x#y", "http://a.cn/c?x"),
        ("http://a.cn/x/.well-known/y", "http://a.cn/x/.well-known/y"),
        ("http://a.cn", "http://a.cn/"),
        ("http://a.cn/x?b=2&a=1&&c", "http://a.cn/x?b=2&a=1&&c"),
        ("http://a.cn/%e4%b8%ad?", "http://a.cn/%e4%b8%ad?"),
        ("http://a.cn/中", "http://a.cn/%E4%B8%AD"),
        ("http://a.cn/a/b/../../..", "http://a.cn/"),
        ("mailto:a@b.cn", "mailto:a@b.cn"),
        ("http://a<b/#x", "http://a<b/"),
    ],
)
def test_the_normal_form_changes_nothing_that_is_fetched(url: str, key: str) -> None:
    assert normal(url) == key
    assert normal(key) == key


def test_the_resolver_answers_as_resolve_does_and_remembers_within_bounds() -> None:
    resolver = Resolver(BASE, "gbk")
    for href in ("/x?q=查", "./y", "", "#a", "?p", "http://B.cn", "//c.cn", "http://a b/"):
        for _ in range(2):
            found = resolver(href)
            assert (found.url if found else None) == resolve(BASE, href, "gbk")
    other = Resolver("http://www.x.gov.cn/d/e.html", "utf-8")
    assert other("y.html") == ("http://www.x.gov.cn/d/y.html", None)
    assert other("/x?q=查") == ("http://www.x.gov.cn/x?q=%E6%9F%A5", None)
    for number in range(600):
        Resolver(f"http://www.x.gov.cn/{number}/", "utf-8")("a.html")
    assert len(Resolver._remembered) <= 256
    for number in range(5000):
        other(f"{number}.html")
    assert len(other._folder) <= 4096


@pytest.mark.parametrize(
    ("href", "written"),
    [
        ("www.other.gov.cn/a", "www.other.gov.cn/a"),
        ("www.html", None),
        ("/x.html", None),
        ("http://www.a.cn/", None),
        ("/通知.html", None),
        ("http://http://www.a.cn/", "http://http://www.a.cn/"),
        ("/x.html ", "/x.html "),
        ("\\x", "\\x"),
        ("http://www.a.cn\u00a0", "http://www.a.cn\u00a0"),
        ("http://ｗww.a.cn/", "http://ｗww.a.cn/"),
        ("http:/www.a.cn/", "http:/www.a.cn/"),
        ("http;//www.a.cn/", "http;//www.a.cn/"),
    ],
)
def test_a_typing_fault_is_kept_as_written(href: str, written: str | None) -> None:
    found = Resolver(BASE)(href)
    assert found is not None
    assert found.written == written


def test_hosts_and_fetchable_addresses() -> None:
    assert host("http://u@WWW.A.CN.:80/x") == "www.a.cn"
    assert host("http://[::1]:8/") == "[::1]"
    assert host("mailto:a@b") == ""
    assert fetchable("http://a.cn/")
    assert fetchable("HTTPS://a.cn")
    assert not fetchable("httpx://a.cn/")
    assert not fetchable("http://a b/")
    assert not fetchable("ftp://a.cn/")


def test_hostile_addresses_end() -> None:
    for href in (
        "/" + "../" * 5_000,
        "a" * 1_000_000,
        "http://" + "a." * 9_000,
        "/" + "%2e/" * 4_000,
        "?" + "查" * 9_000,
        "\ud800",
        "http://\ud800/",
    ):
        resolve(BASE, href, "gbk")
        normal(href)


BASES = [
    "http://a.cn/",
    "http://a.cn/x",
    "http://a.cn/x/y/z.html?q",
    "http://a.cn/x//y/",
    "https://a.cn:8080/é/k|l/",
]
PIECES = [
    "../",
    "./",
    "..",
    ".",
    "/",
    "a",
    "b.html",
    "%2e",
    "?",
    ":",
    "#",
    "x=1",
    "%",
    "é",
    "\\",
    "http:",
    "=",
    " ",
]


@given(base=st.sampled_from(BASES), href=st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_the_quick_ways_lead_where_the_standard_does(base: str, href: str) -> None:
    found = Resolver(base)(href)
    assert (found.url if found else None) == resolve(base, href)

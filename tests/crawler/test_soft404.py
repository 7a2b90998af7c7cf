"""Pages that say they are not there, and walls that answer instead of the site."""

from __future__ import annotations

import pytest

from crawler.extract.soft404 import fingerprint, not_found_words, similar
from crawler.extract.walls import inner_network, restricted, wall
from crawler.extract.webpage import open_page

ARTICLE = "为贯彻落实创新驱动发展战略，市科学技术局组织开展科技型中小企业评价工作，现将有关事项通知如下。"


@pytest.mark.parametrize(
    ("text", "title", "words"),
    [
        ("温馨提示：您访问的页面不存在或已删除", "", "您访问的页面不存在"),
        ("抱歉，该文章已删除", "", "抱歉，该文章已删除"),
        ("对不起，您要查看的信息不存在！5 秒后返回首页", "", "对不起，您要查看的信息不存在"),
        ("返回首页", "404 Not Found", "404"),
        ("", "错误提示", "错误提示"),
        ("HTTP Status 404 – /x.jsp", "", "HTTP Status 404"),
        (ARTICLE, "关于开展评价工作的通知", None),
        ("服务热线 404-1234567 咨询", "联系我们", None),
        ("您访问的页面不存在" + ARTICLE * 20, "关于网站改版的说明", None),
        ("", "", None),
    ],
)
def test_words_that_hint_at_a_missing_page(text: str, title: str, words: str | None) -> None:
    found = not_found_words(text, title)
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert found in words or words in found


def test_two_missing_pages_are_alike_whatever_they_echo() -> None:
    frame = "首页 政务公开 办事服务 互动交流 您访问的页面不存在，请核对地址后重试，{} 或者返回首页查看其他内容。版权所有 某某市科学技术局"
    one, two = (
        fingerprint(frame.format(echo))
        for echo in ("/zzqq-not-here-1f3.html 2026-01-01 10:00", "/a/b/t20170326_12.html")
    )
    assert similar(one, two) == 1.0
    assert len(one) <= 256
    assert similar(one, fingerprint(ARTICLE * 3)) < 0.2


def test_articles_in_the_same_frame_are_not_alike() -> None:
    frame = "首页 政务公开 办事服务 互动交流 当前位置 {} 版权所有 主办单位 联系电话"
    other = "我市三项成果获得自治区科学技术进步奖，其中一等奖一项，二等奖两项，获奖数量创历年新高，实现历史性突破。"
    assert similar(fingerprint(frame.format(ARTICLE)), fingerprint(frame.format(other))) < 0.6


def test_too_little_to_tell_is_no_likeness() -> None:
    assert fingerprint("404") == b""
    assert similar(b"", b"") == 0.0


@pytest.mark.parametrize(
    ("status", "headers", "body", "name"),
    [
        (412, {}, "", "瑞数"),
        (202, {"set-cookie": "enable_924omrTVcFch=true; path=/"}, "<script>", "瑞数"),
        (200, {}, "<script>$_ts=window['$_ts'];</script>", "瑞数"),
        (521, {"Set-Cookie": "__jsluid_h=abc; max-age=3"}, "<script>document.cookie='x'", "加速乐/创宇盾"),
        (403, {}, "<p>reason: GeoBL</p>", "360网站卫士"),
        (405, {}, "由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。", "阿里云盾"),
        (302, {"Set-Cookie": "CT6T=1"}, "", "Cookie 校验跳转"),
        (
            200,
            {},
            "<script>document.cookie='C3VK=8a1b2c; max-age=300';location.reload()</script>",
            "Cookie 校验页",
        ),
        (429, {}, "", "访问频率或人机验证拦截"),
        (200, {}, "<p>" + ARTICLE * 10 + "本次测试采用滑块验证。</p>", None),
        (200, {"Set-Cookie": "acw_tc=1; HttpOnly"}, "<p>" + ARTICLE, None),
        (200, {"Set-Cookie": "__jsluid_h=abc"}, "<p>" + ARTICLE, None),
        (404, {}, "<h1>404 Not Found</h1>", None),
        (403, {}, "<h1>403 Forbidden</h1>", None),
        (500, {}, "", None),
    ],
)
def test_walls(status: int, headers: dict[str, str], body: str, name: str | None) -> None:
    assert wall(status, headers, body) == name


def test_places_that_are_not_open_to_everyone() -> None:
    login = open_page(
        "http://oa.example.gov.cn/", "<title>登录</title>用户名<input><input type=PASSWORD>密码".encode()
    )
    front = open_page(
        "http://www.example.gov.cn/", f"<p>{ARTICLE * 10}</p>登录<input type=password>".encode()
    )
    assert restricted(login.url, login) == "login"
    assert restricted(front.url, front) is None
    assert restricted("http://192.168.1.5/oa/") == "intranet"
    assert restricted("http://www.example.gov.cn/") is None


@pytest.mark.parametrize(
    ("url", "inner"),
    [
        ("http://127.0.0.1/", True),
        ("http://10.1.2.3:88/x", True),
        ("http://[::1]/", True),
        ("http://oaserver/x", True),
        ("http://files.local/", True),
        ("http://61.153.144.78:80/", False),
        ("http://www.example.gov.cn/", False),
        ("mailto:a@b", False),
    ],
)
def test_addresses_of_inner_networks(url: str, inner: bool) -> None:
    assert inner_network(url) is inner

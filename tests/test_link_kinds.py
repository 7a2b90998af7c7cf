"""Every kind of link that can lead nowhere, and every way to write one wrong: found, once, with its page and place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.crawler.attachments import make_docx, make_pdf, make_xlsx
from tests.crawler.walking import config_for
from tests.server import Behaviour, Server, answer, page, serving
from xuncha.audit import audit

MADE = "/made.html"
HTML = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>各种链接</title>
<link rel="stylesheet" href="/site.css"><link rel="icon" href="/gone/icon.ico">
<script src="/gone/a.js"></script><style>.a{background:url(/gone/inner.png)}</style></head><body>
<div class="menu" style="background:url('/gone/inline.png')"><a href="/gone/nav.html">导航里的</a></div>
<div class="content"><h1>各种链接</h1><p>{words}</p><p><a href="/gone/a.html">正文里的链接</a>
<a href="/gone/中文 名.html">有空格的中文名</a> <a href="  /gone/spaces.html  ">前后有空格</a>
<a href="\\gone\\back.html">反斜杠</a><img src="/gone/p.jpg" alt="图"><img srcset="/gone/p2.jpg 2x">
<a href="/gone/file.doc">附件一</a><a href="/a.docx">附件二</a><a href="/a.xlsx">附件三</a><a href="/a.pdf">附件四</a></p>
<map name="m"><area href="/gone/area.html" alt="图上的"></map><img src="/map.png" usemap="#m">
<iframe src="/gone/frame.html"></iframe><video src="/gone/v.mp4"></video><audio><source src="/gone/a.mp3"></audio>
<object data="/gone/o.swf"></object><embed src="/gone/e.swf"><table background="/gone/t.gif"><tr><td>表</td></tr></table>
<form action="/gone/search.jsp"><input name="q"><input type="image" src="/gone/go.gif"></form>
<a href="javascript:window.open('/gone/opened.html')">弹出</a><span onclick="location.href='/gone/clicked.html'">点我</span>
<select><option value="/gone/chosen.html">选项</option></select>
<a href="/jump.html">自动跳转</a><a href="/script.html">脚本跳转</a>
<a href="#no-such">本页定位</a><a href="/there.html#no-such">别页定位</a><a href="/there.html#附件">中文定位</a>
<a href="http://http://www.x.example/">写两遍</a><a href="http：//www.x.example/">全角</a><a href="www.x.gov.cn/a">漏协议</a>
<a href="http://www.x.example&nbsp;/">空格符</a><a href="file:///C:/a.doc">本机文件</a><a href="http://192.168.3.4/oa">内网</a>
<a href="http://user:pass@www.x.example/">带口令</a><a href="/gone/a:b@c.html">带符号的路径</a><a href="http://no-such-name.invalid/">没有的域名</a></div>
<div class="footer"><a href="/gone/foot.html">页脚里的</a></div></body></html>"""

DEAD = [
    "icon.ico",
    "a.js",
    "inner.png",
    "inline.png",
    "nav.html",
    "a.html",
    "spaces.html",
    "back.html",
    "p.jpg",
    "p2.jpg",
    "file.doc",
    "area.html",
    "frame.html",
    "v.mp4",
    "a.mp3",
    "o.swf",
    "e.swf",
    "t.gif",
    "search.jsp",
    "go.gif",
    "opened.html",
    "clicked.html",
    "chosen.html",
    "foot.html",
]


def _made(make: Callable[[Path, str], None], path: Path, address: str) -> Behaviour:
    make(path, address)
    return answer(path.read_bytes(), kind="application/octet-stream")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """(address of the site, findings)."""
    folder = tmp_path_factory.mktemp("kinds")
    site = Server()
    with serving(site):
        gone = f"{site.base}/gone"
        site.routes = {
            "/": page("某局", MADE, "/plain.html"),
            "/plain.html": page("一般的一页"),
            MADE: answer(HTML.replace("{words}", "这一段是正文，说明本页的来历和用途，字数足够多。" * 12)),
            "/site.css": answer(
                "body{background:url(img/sheet.png)} @import 'gone/other.css';", kind="text/css"
            ),
            "/map.png": answer(b"\x89PNG", kind="image/png"),
            "/there.html": page("那一页", '<h2 id="有">有</h2>'),
            "/jump.html": answer(
                '<meta http-equiv="refresh" content="0; url=/gone/refreshed.html"><title>跳</title>'
            ),
            "/script.html": answer(
                "<title>跳</title><script>window.location.href='/gone/located.html'</script>"
            ),
            "/a.docx": _made(make_docx, folder / "a.docx", f"{gone}/in-docx.html"),
            "/a.xlsx": _made(make_xlsx, folder / "a.xlsx", f"{gone}/in-xlsx.html"),
            "/a.pdf": _made(make_pdf, folder / "a.pdf", f"{gone}/in-pdf.html"),
        }
        files = audit(config_for(site.base), folder, formats=("json",)).files
    [file] = [f for f in files if f.name == "findings.json"]
    return site.base, json.loads(file.read_text(encoding="utf-8"))["findings"]


def sources(rows: list[dict[str, Any]], check: str, base: str) -> dict[str, set[tuple[str, str]]]:
    """By target: the pages it is cited on and the grade."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        if row["check"] == check:
            target = str(row["facts"].get("target_url") or row["subject"]["url"]).removeprefix(base)
            found[target] = {(cited["url"].removeprefix(base), row["grade"]) for cited in row["citations"]}
    return found


def test_dead_targets_of_every_kind_are_found_with_their_page(told: tuple[str, list[dict[str, Any]]]) -> None:
    base, rows = told
    expected = {f"/gone/{name}": {(MADE, "fail")} for name in DEAD} | {
        "/gone/%E4%B8%AD%E6%96%87%20%E5%90%8D.html": {(MADE, "fail")},
        "/img/sheet.png": {("/site.css", "fail")},
        "/gone/other.css": {("/site.css", "fail")},
        "/gone/refreshed.html": {("/jump.html", "fail")},
        "/gone/located.html": {("/script.html", "fail")},
        "/gone/in-docx.html": {("/a.docx", "fail")},
        "/gone/in-xlsx.html": {("/a.xlsx", "fail")},
        "/gone/in-pdf.html": {("/a.pdf", "fail")},
        "/gone/a:b@c.html": {(MADE, "fail")},
        "http://no-such-name.invalid/": {(MADE, "fail")},
    }
    found = sources(rows, "dead-link", base)
    assert {t: s for t, s in found.items() if "x.example" not in t and "x.gov.cn" not in t} == expected


def test_every_place_is_named(told: tuple[str, list[dict[str, Any]]]) -> None:
    base, rows = told
    where = {
        row["facts"]["target_url"].removeprefix(f"{base}/gone/"): (
            row["facts"]["zone"],
            row["facts"]["label"],
        )
        for row in rows
        if row["check"] == "dead-link"
    }
    assert where["nav.html"] == ("导航", "导航里的")
    assert where["a.html"] == ("正文", "正文里的链接")
    assert where["foot.html"] == ("页脚", "页脚里的")
    assert all(
        cited["where"].endswith("个链接")
        for row in rows
        if row["check"] == "dead-link"
        for cited in row["citations"]
    )


def test_one_finding_a_target(told: tuple[str, list[dict[str, Any]]]) -> None:
    _, rows = told
    targets = [row["facts"]["target_url"] for row in rows if row["check"] == "dead-link"]
    assert len(targets) == len(set(targets))


def test_what_is_written_wrong_is_called_so(told: tuple[str, list[dict[str, Any]]]) -> None:
    _, rows = told
    reasons = {
        row["facts"]["label"]: (row["check"], row["facts"].get("reason"))
        for row in rows
        if row["check"] in ("mistyped-link", "private-address", "broken-anchor")
    }
    assert reasons == {
        "本页定位": ("broken-anchor", "页面上没有这个位置"),
        "别页定位": ("broken-anchor", "页面上没有这个位置"),
        "中文定位": ("broken-anchor", "页面上没有这个位置"),
        "写两遍": ("mistyped-link", "写了两遍 http://"),
        "全角": ("mistyped-link", "含有全角字符"),
        "漏协议": ("mistyped-link", "漏写了 http://"),
        "空格符": ("mistyped-link", "夹着空格符号"),
        "本机文件": ("private-address", "指向本机文件"),
        "内网": ("private-address", "指向内网地址"),
        "带口令": ("private-address", "的地址里带着用户名和密码"),
    }
    assert "pass@" not in json.dumps(rows, ensure_ascii=False)

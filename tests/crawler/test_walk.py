"""Walks over a hostile loopback server: everything linked is asked for, and how it ended is on record."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.evidence.records import FetchOutcome
from crawler.evidence.schema import MANIFEST_FILE
from crawler.progress import Progress
from crawler.walk import walk
from tests.crawler.walking import by_path, config_for, ending, run_of, walked
from tests.server import (
    Server,
    answer,
    by_method,
    drip,
    hang,
    in_turn,
    missing,
    page,
    raw,
    redirect,
    reset,
    serving,
)

ENDINGS = {
    "/ok.html": (page("好"), "ok", 200),
    "/gone.html": (answer("", 410), "http_error", 410),
    "/broken.html": (answer("内部错误", 500), "http_error", 500),
    "/forbidden.html": (answer("禁止", 403), "http_error", 403),
    "/reset.html": (reset(), "reset", None),
    "/empty-close.html": (raw(b""), "reset", None),
    "/no-http.html": (raw(b"220 smtp ready\r\n\r\n"), "reset", None),
    "/hang.html": (hang(), "timeout", None),
    "/drip.html": (drip(), "timeout", 200),
    "/cut.html": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>half"),
        "truncated",
        200,
    ),
    "/large.html": (answer(b"x" * 400_000), "too_large", 200),
    "/wall.html": (answer("<script>document.cookie='__jsl_clearance=1'</script>", 521), "blocked", 521),
    "/ruishu.html": (answer('<meta r="m"><script>$_ts=window["$_ts"]</script>', 412), "blocked", 412),
    "/packed.html": (answer("<title>压缩</title>", packed=True), "ok", 200),
    "/chunked.html": (answer("<title>分块</title>" + "字" * 300, chunked=True), "ok", 200),
    "/bare.html": (
        raw(b"HTTP/1.0 200 OK\nno colon here\nContent-Type: text/html\n\n<title>bare</title>"),
        "ok",
        200,
    ),
    "/loop-a.html": (redirect("/loop-b.html"), "redirect_loop", None),
    "/loop-b.html": (redirect("/loop-a.html"), "redirect_loop", None),
    "/to-dead.html": (redirect("/dead-end.html", 301), "http_error", 404),
    "/bad-place.html": (redirect("http://"), "http_error", 302),
}


def test_every_target_is_asked_for_and_its_ending_recorded(tmp_path: Path) -> None:
    server = Server(routes={path: behaviour for path, (behaviour, _, _) in ENDINGS.items()})
    server.routes["/"] = page(
        "首页",
        *ENDINGS,
        "http://127.0.0.3:9/refused.html",
        "http://nowhere.invalid/",
        "http://10.1.2.3/intranet",
        "mailto:a@b.example",
        "javascript:void(0)",
        '<img src="/missing.png">',
    )
    with (
        serving(server),
        walked(config_for(server.base, timeout=0.3, page_megabytes=0.3), tmp_path) as evidence,
    ):
        targets = by_path(evidence, server.base)
        assert {path: ending(targets[path]) for path in ENDINGS} == {
            path: (outcome, status) for path, (_, outcome, status) in ENDINGS.items()
        }
        assert ending(targets["/missing.png"]) == ("http_error", 404)
        assert ending(targets["http://127.0.0.3:9/refused.html"]) == ("refused", None)
        assert ending(targets["http://nowhere.invalid/"]) == ("dns_failure", None)
        assert ending(targets["http://10.1.2.3/intranet"]) == ("not_fetched", None)
        assert targets["/to-dead.html"].fetches[0].final_url == f"{server.base}/dead-end.html"
        assert targets["/loop-a.html"].fetches[0].redirects == (
            f"{server.base}/loop-b.html",
            f"{server.base}/loop-a.html",
        )
        read = {p.url.removeprefix(server.base): p.title for p in evidence.pages()}
        assert read["/packed.html"] == "压缩"
        assert read["/chunked.html"] == "分块"
        assert read["/bare.html"] == "bare"
        assert evidence.run.coverage["pages"].state == "complete"
        assert evidence.run.coverage["links"].counts["left"] == 0


def test_failures_get_a_second_look_later_with_a_control(tmp_path: Path) -> None:
    server = Server(
        routes={
            "/": page("首页", "/dead.html", "/hiccup.html", "http://127.0.0.3:9/down", '<img src="/no.png">'),
            "/hiccup.html": in_turn(answer("", 500), page("恢复了")),
        }
    )
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        targets = by_path(evidence, server.base)
        dead = targets["/dead.html"]
        assert [(f.method, f.attempt, f.status) for f in dead.fetches] == [("GET", 1, 404), ("GET", 2, 404)]
        assert dead.control_ok is True
        assert [f.status for f in targets["/hiccup.html"].fetches] == [500, 200]
        down = targets["http://127.0.0.3:9/down"]
        assert [f.outcome for f in down.fetches] == [FetchOutcome.REFUSED] * 2
        assert down.control_ok is False
        assert [(f.method, f.status) for f in targets["/no.png"].fetches] == [("GET", 404), ("GET", 404)]


def test_a_head_that_fails_is_no_verdict(tmp_path: Path) -> None:
    lies = {
        f"/{name}.png": by_method(HEAD=bad, GET=answer(b"PNG", kind="image/png"))
        for name, bad in {
            "not-found": missing(),
            "no-method": answer("", 405),
            "hang": hang(),
            "reset": reset(),
        }.items()
    }
    server = Server(routes={"/": page("首页", *(f'<img src="{path}">' for path in lies)), **lies})
    with serving(server), walked(config_for(server.base, timeout=0.3), tmp_path) as evidence:
        targets = by_path(evidence, server.base)
        assert {path: (len(targets[path].fetches), *ending(targets[path])) for path in lies} == dict.fromkeys(
            lies, (1, "ok", 200)
        )
        assert all(targets[path].fetches[0].method == "GET" for path in lies)


def test_a_page_reached_by_redirects_is_stored_once_and_the_chain_kept(tmp_path: Path) -> None:
    server = Server(
        routes={
            "/": page("首页", "/r3/a.html", "/r2/a.html", "/a.html"),
            "/r3/a.html": redirect("/r2/a.html", 301),
            "/r2/a.html": redirect("../a.html"),
            "/a.html": page("正文"),
        }
    )
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        targets = by_path(evidence, server.base)
        first = targets["/r3/a.html"].fetches[0]
        assert (first.redirects, first.final_url) == ((f"{server.base}/r2/a.html",), f"{server.base}/a.html")
        assert [p.url.removeprefix(server.base) for p in evidence.pages()] == ["/", "/a.html"]


def test_a_server_that_wants_its_cookie_back_gets_it(tmp_path: Path) -> None:
    class Cookie:
        async def __call__(self, request, writer) -> None:  # type: ignore[no-untyped-def]
            behaviour = (
                page("进来了")
                if "CT6T=1" in request.headers.get("cookie", "")
                else answer("", 302, headers=(("Location", "/c.html"), ("Set-Cookie", "CT6T=1; path=/")))
            )
            await behaviour(request, writer)

    server = Server(routes={"/": page("首页", "/c.html"), "/c.html": Cookie()})
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        assert ending(by_path(evidence, server.base)["/c.html"]) == ("ok", 200)


def test_chinese_addresses_on_a_gbk_page_are_asked_for_as_browsers_do(tmp_path: Path) -> None:
    server = Server(
        routes={
            "/": page("首页", "/附件.html", "/s?q=通", charset="gb18030"),
            "/%E9%99%84%E4%BB%B6.html": page("附件", charset="gb18030"),
            "/s?q=%CD%A8": page("检索", charset="gb18030"),
        }
    )
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        assert {p.title for p in evidence.pages()} == {"首页", "附件", "检索"}


@pytest.mark.parametrize(
    "kind", ["same text", "to an error page", "to the home page", "home page echoed", "folder"]
)
def test_soft_404(kind: str, tmp_path: Path) -> None:
    home = page(
        "某某局门户网站",
        "/real.html",
        "/e/lost.html",
        text="今日要闻与通知公告、政策文件、办事服务、互动交流，欢迎访问。",
    )
    sorry = page("提示信息", text="抱歉，您访问的页面不存在或已被删除，请返回首页重新查找。")
    other = {
        "same text": sorry,
        "to an error page": redirect("/404.html"),
        "to the home page": redirect("/"),
        "home page echoed": home,
        "folder": missing(),
    }[kind]

    async def folder(request, writer) -> None:  # type: ignore[no-untyped-def]
        await (sorry if kind == "folder" and request.path.startswith("/e/") else other)(request, writer)

    server = Server(routes={"/": home, "/real.html": page("真有其页"), "/404.html": sorry}, other=folder)
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        suspected = {p.url.removeprefix(server.base) for p, _ in evidence.facts("soft-404")}
        if kind == "to the home page":
            # Nothing but the redirect tells: the target is the home page, stored once.
            assert by_path(evidence, server.base)["/e/lost.html"].fetches[0].final_url == f"{server.base}/"
            assert suspected == set()
        else:
            assert suspected == {"/404.html" if kind == "to an error page" else "/e/lost.html"}


def test_robots_are_kept_and_said(tmp_path: Path) -> None:
    server = Server(
        routes={
            "/robots.txt": answer("User-agent: *\nDisallow: /private/\n", kind="text/plain"),
            "/": page("首页", "/private/a.html", "/open.html", '<img src="/private/b.png">'),
            "/open.html": page("公开"),
        }
    )
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        targets = by_path(evidence, server.base)
        assert ending(targets["/private/a.html"]) == ("robots", None)
        assert ending(targets["/private/b.png"]) == ("robots", None)
        assert not [p for p in server.paths() if p.startswith("/private/")]
    with serving(server), walked(config_for(server.base, respect_robots=False), tmp_path / "all") as evidence:
        assert ending(by_path(evidence, server.base)["/private/a.html"]) == ("http_error", 404)


def test_limits_that_were_hit_are_in_the_coverage(tmp_path: Path) -> None:
    routes = {f"/{n}.html": page(f"第{n}页", f"/{n + 1}.html") for n in range(1, 30)}
    server = Server(routes={"/": page("首页", "/1.html"), **routes})
    with serving(server), walked(config_for(server.base, max_pages=5), tmp_path / "pages") as evidence:
        assert evidence.page_count() == 5
        assert (evidence.run.coverage["pages"].state, evidence.run.coverage["pages"].why) == (
            "partial",
            ("达到页数上限",),
        )
    with serving(server), walked(config_for(server.base, max_depth=3), tmp_path / "depth") as evidence:
        assert evidence.page_count() == 4
        assert [n.kind for n in evidence.notes("depth")] == ["depth"]
        assert (evidence.run.coverage["pages"].state, evidence.run.coverage["pages"].why) == (
            "partial",
            ("只跟进到第 3 层；更深的页面只核查能否打开，不读内容",),
        )
    server.routes["/"] = page("首页", *routes)
    with serving(server), walked(config_for(server.base, max_pages=5), tmp_path / "left") as evidence:
        assert evidence.run.coverage["pages"].counts == {"pages": 5, "left": 25}
    with (
        serving(server),
        walked(config_for(server.base, max_per_pattern=10), tmp_path / "pattern") as evidence,
    ):
        assert evidence.page_count() == 11
        assert evidence.run.coverage["pages"].why == ("同一形状的地址超过 10 个，其余没有访问",)
    server.routes["/slow.html"] = hang()
    server.routes["/"] = page("首页", "/slow.html", *routes)
    with (
        serving(server),
        walked(config_for(server.base, max_minutes=0.005, timeout=1), tmp_path / "minutes") as evidence,
    ):
        assert evidence.run.coverage["pages"].why[0] == "达到时间上限（0.005 分钟）"
    with (
        serving(server),
        walked(config_for(server.base, max_megabytes=0.001), tmp_path / "bytes") as evidence,
    ):
        assert evidence.run.coverage["pages"].why == ("达到下载量上限",)


def test_a_site_that_cannot_be_opened_leaves_absent_evidence(tmp_path: Path) -> None:
    with walked(config_for("http://127.0.0.3:9"), tmp_path) as evidence:
        assert evidence.page_count() == 0
        assert evidence.run.coverage["pages"].state == "absent"
        assert [f.outcome for t in evidence.targets() for f in t.fetches] == [FetchOutcome.REFUSED] * 2


def test_pages_that_only_the_sitemap_names_are_read_too(tmp_path: Path) -> None:
    server = Server(routes={"/": page("首页"), "/hidden.html": page("没人链接的页")})

    async def sitemap(request, writer) -> None:  # type: ignore[no-untyped-def]
        text = f"<urlset><url><loc>{server.base}/hidden.html</loc></url><url><loc>http://else.example/</loc></url></urlset>"
        await answer(text, kind="text/xml")(request, writer)

    server.routes["/sitemap.xml"] = sitemap
    with serving(server), walked(config_for(server.base, sitemap=True), tmp_path) as evidence:
        assert {p.title for p in evidence.pages()} == {"首页", "没人链接的页"}
        assert [n.kind for n in evidence.notes("sitemap")] == ["sitemap"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rows_that_a_script_would_fetch_are_fetched_and_belong_to_the_list(
    method: str, tmp_path: Path
) -> None:
    records = "".join(
        f"<record><![CDATA[<li><a href='/art/2018/4/{n}/art_1_{n}.html'>关于第{n}项工作的通知</a><span>2018-04-{n:02}</span></li>]]></record>"
        for n in range(1, 9)
    )
    column = (
        "<html><title>通知公告</title><body><div id='1'></div><script>$(function(){$.ajax({type:'POST',"
        "url:'/module/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&col=1&appid=1&webid=1&path=/&columnid=9"
        "&sourceContentType=1&unitid=7&webname=x&permissiontype=0'})})</script></body></html>"
    )
    xml = f"<datastore><totalrecord>8</totalrecord><recordset>{records}</recordset></datastore>"
    server = Server(
        routes={"/": page("首页", "/col/col9/index.html"), "/col/col9/index.html": answer(column)}
    )

    async def other(request, writer) -> None:  # type: ignore[no-untyped-def]
        data = answer(xml, kind="text/xml") if request.method == method else answer("", 405)
        await (data if "dataproxy" in request.path else page("通知正文"))(request, writer)

    server.other = other
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        listed = evidence.page_at(f"{server.base}/col/col9/index.html")
        assert listed is not None
        if not any(True for _ in evidence.facts("data-calls")):
            pytest.fail("the list's data call was not found by the extractor")
        assert listed.listing == "script"
        assert len(evidence.items(listed.id)) == 8
        assert evidence.page_count() >= 10


def test_attachments_of_the_site_are_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("说明.txt", "预算说明文字")
    server = Server(
        routes={
            "/": page("首页", "/a.zip", "/error.doc"),
            "/a.zip": answer(buffer.getvalue(), kind="application/zip"),
            "/error.doc": answer("<html><body>页面不存在</body></html>"),
        }
    )
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        documents = {d.url.removeprefix(server.base): d for d in evidence.documents()}
        assert "预算说明文字" in documents["/a.zip"].text
        assert not documents["/error.doc"].readable
        assert ending(by_path(evidence, server.base)["/a.zip"]) == ("ok", 200)


def test_attachments_that_wait_to_be_read_hold_the_walk_back_and_not_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.frontier._UNSAFE_BYTES", 3000)
    files = {f"/{n}.csv": answer(f"项目,金额\n第{n}项,{n}\n" * 20, kind="text/csv") for n in range(60)}
    server = Server(routes={"/": page("首页", *files), **files})
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        assert len(list(evidence.documents())) == 60


def test_an_endless_calendar_ends(tmp_path: Path) -> None:
    async def calendar(request, writer) -> None:  # type: ignore[no-untyped-def]
        month = int(request.path.rpartition("=")[2]) if "m=" in request.path else 0
        await page(f"日历{month}", f"/cal?m={month + 1}", "/cal/cal/cal/cal/x.html")(request, writer)

    server = Server(routes={"/": page("首页", "/cal?m=0")}, other=calendar)
    with serving(server), walked(config_for(server.base, max_depth=500), tmp_path) as evidence:
        assert evidence.page_count() < 200
        assert {n.kind for n in evidence.notes("trap")} == {"trap"}


def test_the_archive_holds_what_came_over_the_wire(tmp_path: Path) -> None:
    server = Server(routes={"/": answer("<title>压缩</title>" + "内容" * 50, packed=True)})
    with (
        serving(server),
        walked(config_for(server.base), tmp_path) as evidence,
        (tmp_path / "pages.warc.gz").open("rb") as file,
    ):
        records = {}
        for record in ArchiveIterator(file, check_digests="raise"):
            if record.rec_type == "response":
                records[record.rec_headers.get_header("WARC-Target-URI")] = record.content_stream().read()
        body = records[f"{server.base}/"]
        assert body == ("<title>压缩</title>" + "内容" * 50).encode()
        home = evidence.home()
        assert home is not None
        assert home.body_sha256 == hashlib.sha256(body).hexdigest()
        assert home.warc_offset is not None


def test_a_second_process_reads_the_same(tmp_path: Path) -> None:
    routes = {f"/{n}.html": page(f"第{n}页", "/", f"/{n * 7 % 40}.html") for n in range(40)}
    server = Server(routes={"/": page("首页", *routes), **routes})
    told: list[Progress] = []
    with serving(server):
        config = config_for(server.base)
        with walked(config, tmp_path / "one") as one:
            alone = {(p.url, p.title, p.depth) for p in one.pages()}
        walk(config, tmp_path / "two", run_of(config), told.append, own_process=True)
        with walked(config, tmp_path / "two") as two:
            assert {(p.url, p.title, p.depth) for p in two.pages()} == alone
            assert len(alone) == 41
    assert (tmp_path / "two" / MANIFEST_FILE).exists()
    assert told
    assert told[-1].seen <= 41


@pytest.mark.parametrize(
    ("first", "second", "follows"), [("localhost", "www.localhost", True), ("localhost", "127.0.0.1", False)]
)
def test_a_home_page_that_moved_to_its_other_name_is_followed(
    first: str, second: str, follows: bool, tmp_path: Path
) -> None:
    async def by_host(request, writer) -> None:  # type: ignore[no-untyped-def]
        moved = request.headers["host"].startswith(f"{first}:") and request.path == "/"
        behaviour = redirect(f"http://{second}:{server.port}/home.html") if moved else page("首页", "/a.html")
        await behaviour(request, writer)

    server = Server(other=by_host)
    with serving(server):
        config = config_for(f"http://{first}:{server.port}", check_outside=False)
        with walked(config, tmp_path) as evidence:
            pages = [p.url for p in evidence.pages()]
            if follows:
                assert pages == [
                    f"http://{second}:{server.port}/home.html",
                    f"http://{second}:{server.port}/a.html",
                ]
                assert evidence.run.site.home_url == pages[0]
            else:
                assert pages == []
                assert [n.kind for n in evidence.notes("moved")] == ["moved"]

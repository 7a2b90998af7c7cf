"""Data calls by POST: written as one address, only those that plainly read, asked again without a browser."""

import asyncio
import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.settings import Settings
from scrapy.utils.defer import maybe_deferred_to_future

from crawler import rendering
from crawler.downloader import GentleDownloader, Limits
from crawler.evidence.reader import Evidence
from crawler.extract.lists import read_data_call
from crawler.extract.postcalls import FORM, JSON, LONGEST_BODY, Posting, as_call, posting_of
from crawler.extract.posted import AS_FORM
from crawler.fetching import Fetcher
from crawler.frontier import ToAsk
from crawler.scope import Scope
from crawler.walk import walk
from tests.crawler.test_rendering import rows
from tests.crawler.walking import config_for, run_of
from tests.server import Server, answer, page, serving

HOST = "http://a.gov.cn"


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20) | st.integers(), max_size=6),
    st.sampled_from(["/list.do", "/api/rows?site=1", "/通知"]),
)
def test_a_written_call_asks_the_same(fields: dict[str, Any], path: str) -> None:
    asked = Posting(HOST + path, json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace"), JSON)
    call = as_call(asked)
    if call is not None:
        assert posting_of(call) == asked
        assert "#" not in call
        assert call.isascii() or not path.isascii()


@pytest.mark.parametrize("body", ["", "channelId=7&pageNo=1&q=%E9%80%9A+x", "a={'b':[1]}&c"])
def test_a_form_goes_as_it_was(body: str) -> None:
    kind = "application/x-www-form-urlencoded" if body else ""
    call = as_call(Posting(f"{HOST}/list.do?x=1", body.encode(), kind))
    assert call is not None
    asked = posting_of(call)
    assert asked is not None
    assert (asked.url, asked.content_type) == (f"{HOST}/list.do?x=1", FORM)
    assert asked.body.decode().replace("%7B", "{").replace("%7D", "}") == body


@pytest.mark.parametrize(
    "path",
    ["/list.do", "/api/articles/page", "/es/search/findByColumn.action", "/front/page/build/unit",
     "/country/account/list", "/committee/news", "/portal/getArticleList", "/openInfo/queryAddress"],
)  # fmt: skip
def test_calls_that_read(path: str) -> None:
    fields = {"pageCount": 3, "pageSize": 15, "orderBy": "createTime desc", "tplSetId": "x", "isDelete": 0}
    assert as_call(Posting(HOST + path, json.dumps(fields).encode(), JSON)) is not None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *((path, "id=7") for path in (
            "/api/save", "/article/addHits.do", "/updatecount.jsp", "/visit/", "/api/getClickNum", "/user/login",
            "/vote/submit", "/api/article/praise", "/liuyan/delete", "/msg/send", "/front/tijiao", "/del",
            "/api/article/count?site=1", "/list?action=remove", "/%73ave")),
        ("/api", "method=saveVisit"),
        ("/api", "op=add&id=3"),
        ("/api", "a=%61dd"),
        ("/api", "password=x"),
    ],
)  # fmt: skip
def test_calls_that_may_change_something_are_not_written(path: str, body: str) -> None:
    assert as_call(Posting(HOST + path, body.encode(), FORM)) is None


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"a" * (LONGEST_BODY + 1)),
        (JSON, b"{"),
        (FORM, b"\xff"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"a=1"),
        ("", b"a=1"),
    ],
)
def test_what_is_no_small_form_or_json_is_not_written(kind: str, body: bytes) -> None:
    assert as_call(Posting(f"{HOST}/list", body, kind)) is None


def test_a_form_may_be_answered_by_a_piece_of_a_page() -> None:
    piece = "".join(
        f'<li><a href="/a{n}.html">关于第{n}项工作安排的通知</a><span>2018-04-0{n}</span></li>'
        for n in range(1, 7)
    )
    found = read_data_call(piece.encode(), "text/html; charset=utf-8", f"{HOST}/list.do?POST&channel=7")
    assert [i.url for i in found.items] == [f"{HOST}/a{n}.html" for n in range(1, 7)]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/list.do?channelId=7&pageNo=1", ["GET", "POST"]),
        ("/list.do", ["GET"]),
        ("/saveVisit.do?id=7", ["GET"]),
        ("/api?op=%61dd&id=7", ["GET"]),
    ],
)
def test_a_call_that_get_did_not_answer_is_posted_unless_it_may_change_something(
    path: str, methods: list[str]
) -> None:
    with serving(Server(other=answer("", 405))) as (server,):
        asyncio.run(asked(f"{server.base}{path}"))
        assert [request.method for request in server.seen] == methods
        assert server.seen[-1].path == (path.partition("?")[0] if len(methods) > 1 else path)


def test_a_post_without_a_body_says_so() -> None:
    with serving(Server(other=answer("[]", kind="application/json"))) as (server,):
        asyncio.run(asked(f"{server.base}/list.do{AS_FORM}"))
        (request,) = server.seen
        assert (request.method, request.headers.get("content-length")) == ("POST", "0")
        assert "content-type" not in request.headers


async def asked(url: str) -> None:
    """Ask for a data call as the walk does."""
    config = config_for(url.rpartition("/")[0]).with_limits(respect_robots=False)
    spider: Any = SimpleNamespace(
        fetcher=Fetcher(config, Scope(config), lambda *_: None), limits=Limits(1_000_000, 1_000_000)
    )
    crawler: Any = SimpleNamespace(spider=spider, settings=Settings())
    request = Request(url, meta={"target": ToAsk(1, url, 0, "data"), "verbatim_url": True})
    await maybe_deferred_to_future(GentleDownloader(crawler).fetch(request))
    spider.fetcher.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


# --- with a real browser

SHELL = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>通知公告</title></head><body><div id="list"></div>
<script>
const ask = (path, kind, body) => fetch(path, {method: 'POST', headers: {'Content-Type': kind}, body});
ask('/api/saveVisit', 'application/x-www-form-urlencoded', 'id=7');
ask('/api/rows', KIND, BODY).then(r => r.json()).then(rows => {
  document.getElementById('list').innerHTML = '<ul>' + rows.map(r =>
    `<li><a href="${r.u}">${r.t}</a><span>${r.d}</span></li>`).join('') + '</ul>';
});
</script></body></html>"""

FORM_BODY = "channelId=7&pageNo=1&q=%E9%80%9A"
JSON_BODY = '{"channelId":7,"page":{"no":1},"q":"通知"}'


class Rows:
    """Answers with rows whoever posts the right thing, with none whoever does not. `fresh`: each body only once."""

    def __init__(self, kind: str, body: str, *, fresh: bool = False) -> None:
        self.kind, self.body, self.fresh = kind, body, fresh
        self.bodies: list[str] = []

    async def __call__(self, request: Any, writer: Any) -> None:
        body = request.body.decode()
        right = (
            request.method == "POST"
            and request.headers.get("content-type", "").startswith(self.kind)
            and (body not in self.bodies if self.fresh else body == self.body)
        )
        self.bodies.append(body)
        await answer(rows(1, 6) if right else "[]", kind="application/json")(request, writer)


def site(service: Rows, script_body: str) -> Server:
    return Server(
        routes={
            "/": page("首页", "/tzgg/"),
            "/tzgg/": answer(SHELL.replace("KIND", repr(service.kind)).replace("BODY", script_body)),
            "/api/rows": service,
            # Were it remembered, these rows would come by it as well.
            "/api/saveVisit": answer(rows(1, 6), kind="application/json"),
            **{f"/a{n}.html": page(f"关于第{n}项工作安排的通知") for n in range(1, 7)},
        }
    )


def listed(folder: Path, base: str) -> tuple[str | None, list[str]]:
    with Evidence(folder) as evidence:
        found = evidence.page_at(f"{base}/tzgg/")
        assert found is not None
        return found.listing, [i.title for i in evidence.items(found.id)]


ALL = ("script", [f"关于第{n}项工作安排的通知" for n in range(1, 7)])


@pytest.mark.parametrize(
    ("kind", "body"), [("application/x-www-form-urlencoded", FORM_BODY), ("application/json", JSON_BODY)]
)
def test_the_next_run_posts_itself_what_the_page_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, body: str
) -> None:
    with serving(site(Rows(kind, body), repr(body))) as (server,):
        config = config_for(server.base, render=True, timeout=8)
        walk(config, tmp_path / "1", run_of(config), own_process=False)
        assert listed(tmp_path / "1", server.base) == ALL
        assert sorted(server.paths("POST")) == ["/api/rows", "/api/saveVisit"]
        monkeypatch.setattr(rendering, "_CHROMIUM", ())
        for run_id in ("2", "3"):
            server.seen.clear()
            walk(config, tmp_path / run_id, dataclasses.replace(run_of(config), id=run_id), own_process=False)
            assert listed(tmp_path / run_id, server.base) == ALL
            (posted,) = [r for r in server.seen if r.method == "POST"]
            assert (posted.path, posted.body.decode()) == ("/api/rows", body)
        # Who wants no browser wants nothing of what it found either.
        server.seen.clear()
        config = config_for(server.base, render=False, timeout=8)
        walk(config, tmp_path / "4", dataclasses.replace(run_of(config), id="4"), own_process=False)
        assert listed(tmp_path / "4", server.base) == ("unreadable", [])
        assert not server.paths("POST")


def test_a_call_that_brings_no_rows_any_more_sends_the_page_to_the_browser(tmp_path: Path) -> None:
    service = Rows("application/json", "", fresh=True)
    with serving(site(service, "JSON.stringify({channelId: 7, at: Date.now()})")) as (server,):
        config = config_for(server.base, render=True, timeout=8)
        for run_id in ("1", "2", "3"):
            run = dataclasses.replace(run_of(config), id=run_id)
            walk(config, tmp_path / run_id, run, own_process=False)
            assert listed(tmp_path / run_id, server.base) == ALL
        # Each later run asks what the browser asked last, once, and then the browser asks anew.
        first, second, second_anew, third, third_anew = service.bodies
        assert (first, second_anew) == (second, third)
        assert third_anew not in (first, second_anew)


def test_a_call_that_fails_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(site(Rows("application/json", JSON_BODY), repr(JSON_BODY))) as (server,):
        config = config_for(server.base, render=True, timeout=8)
        walk(config, tmp_path / "1", run_of(config), own_process=False)
        monkeypatch.setattr(rendering, "_CHROMIUM", ())
        server.routes["/api/rows"] = answer("", 500)
        server.seen.clear()
        walk(config, tmp_path / "2", dataclasses.replace(run_of(config), id="2"), own_process=False)
        assert [r.method for r in server.seen if r.path.startswith("/api")] == ["POST"]
        with Evidence(tmp_path / "2") as evidence:
            assert [n.kind for n in evidence.notes("not-rendered")] == ["not-rendered"]

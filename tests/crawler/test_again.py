"""The next run asks only what changed, and knows the same as a run that read everything afresh."""

import dataclasses
import hashlib
import sqlite3
from pathlib import Path
from typing import Any

from crawler.evidence.reader import Evidence
from crawler.evidence.schema import EVIDENCE_FILE
from crawler.pagework import PageWork
from crawler.siteconfig import SiteConfig
from crawler.walk import walk
from tests.crawler.test_resume import facts_of
from tests.crawler.walking import config_for, run_of
from tests.server import Server, answer, page, redirect, serving


class Tagged:
    """A page with an ETag, answered 304 to whoever holds it. `etag` False: a server that knows no validators."""

    def __init__(self, body: bytes, kind: str = "text/html", etag: bool = True) -> None:
        self.body, self.kind, self.etag = body, kind, etag

    async def __call__(self, request: Any, writer: Any) -> None:
        tag = f'"{hashlib.md5(self.body).hexdigest()}"'
        if self.etag and request.headers.get("if-none-match") == tag:
            await answer(b"", 304)(request, writer)
        else:
            headers = (("ETag", tag),) if self.etag else ()
            await answer(self.body, kind=self.kind, headers=headers)(request, writer)


def html(title: str, *links: str) -> bytes:
    rows = "".join(f'<li><a href="{link}">链接到{link}</a></li>' for link in links)
    return f"<html><title>{title}</title><body><h1>{title}</h1><p>{title}的正文。</p><ul>{rows}</ul></body></html>".encode()


def first_site() -> dict[str, Any]:
    return {
        "/": Tagged(
            html("首页", "/list.html", "/old.html", "/moved.html", "/dead.html").replace(
                b"<body>", b'<link rel="stylesheet" href="/look.css"><body>'
            )
        ),
        "/list.html": Tagged(html("列表", *(f"/a{n}.html" for n in range(20)), "/table.csv")),
        **{
            f"/a{n}.html": Tagged(html(f"文章{n}", "/", "/list.html", f"/i{n}.png#x"), etag=n % 2 == 0)
            for n in range(20)
        },
        "/old.html": Tagged(html("要撤下的页", "/only-here.html")),
        "/only-here.html": Tagged(html("只有旧页链接")),
        "/moved.html": redirect("/a1.html"),
        "/table.csv": Tagged("项目,金额\n甲,1\n".encode(), "text/csv"),
        "/look.css": Tagged(b"nav{background:url(/gone.png)}", "text/css"),
    }


def walked_as(config: SiteConfig, folder: Path, run_id: str) -> None:
    walk(config, folder, dataclasses.replace(run_of(config), id=run_id), own_process=False)


def without_status(facts: tuple[Any, ...]) -> Any:
    pages, links, endings = facts
    return (
        pages,
        links,
        [
            (url, [(outcome, status) for _, outcome, status in tries if status != 304])
            for url, tries in endings
        ],
    )


def test_nothing_changed(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        config = config_for(server.base)
        walked_as(config, tmp_path / "1", "1")
        walked_as(config, tmp_path / "2", "2")
        first, second = facts_of(tmp_path / "1"), facts_of(tmp_path / "2")
        assert first[:2] == second[:2]
        with Evidence(tmp_path / "1") as one, Evidence(tmp_path / "2") as two:
            assert {p.url: (p.depth, p.kind) for p in one.pages()} == {
                p.url: (p.depth, p.kind) for p in two.pages()
            }
            assert {d.url: d.text for d in one.documents()} == {d.url: d.text for d in two.documents()}
            assert one.run.coverage == two.run.coverage
            assert [(c.path, c.url, c.items) for c in one.columns()] == [
                (c.path, c.url, c.items) for c in two.columns()
            ]
            unread = [t for t in two.targets() if t.fetches[0].status == 304]
            assert len(unread) >= 14
            assert min(p.seen_at for p in two.pages()) >= max(p.seen_at for p in one.pages())


def test_what_changed_went_and_came_is_known(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        config = config_for(server.base)
        walked_as(config, tmp_path / "1", "1")
        server.routes["/"] = Tagged(html("首页", "/list.html", "/new.html", "/moved.html"))
        server.routes["/new.html"] = Tagged(html("新来的页"))
        server.routes["/a3.html"] = Tagged(html("改过的文章", "/a4.html"))
        server.routes["/moved.html"] = page("不再跳转")
        del server.routes["/a5.html"]
        del server.routes["/old.html"]
        walked_as(config, tmp_path / "2", "2")
        (tmp_path / "fresh").mkdir()
        walked_as(config, tmp_path / "fresh" / "3", "3")
        assert (
            without_status(facts_of(tmp_path / "2"))[:2]
            == without_status(facts_of(tmp_path / "fresh" / "3"))[:2]
        )
        with Evidence(tmp_path / "2") as two:
            titles = {p.title for p in two.pages()}
            assert {"新来的页", "改过的文章", "不再跳转"} <= titles
            assert not {"要撤下的页", "只有旧页链接", "文章5", "文章3"} & titles
            gone = next(t for t in two.targets() if t.url.endswith("/a5.html"))
            assert [f.status for f in gone.fetches] == [404, 404]
            assert {(n.url or "").removeprefix(server.base): n.detail for n in two.notes("gone-page")} == {
                "/a5.html": "上次检查时在的页面，这次已经打不开（状态码 404）",
                "/old.html": "上次检查时在的页面，这次没有页面再链接到它",
                "/only-here.html": "上次检查时在的页面，这次没有页面再链接到它",
            }
    for run in ("1", "2", "fresh/3"):
        # While it writes, SQLite does not look whether what a row names is there.
        with sqlite3.connect(tmp_path / run / EVIDENCE_FILE) as sql:
            assert sql.execute("PRAGMA foreign_key_check").fetchall() == []


def test_another_configuration_or_version_begins_afresh(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        walked_as(config_for(server.base), tmp_path / "1", "1")
        walked_as(config_for(server.base, max_depth=5), tmp_path / "2", "2")
        assert not [r for r in server.seen if "if-none-match" in r.headers]


def large_site() -> dict[str, Any]:
    """Two columns of 30 articles each; the second pages of the lists hold the older half."""
    routes: dict[str, Any] = {"/": Tagged(html("首页", "/xw/", "/gg/"))}
    for column in ("xw", "gg"):
        names = [f"/{column}/a{n}.html" for n in range(30)]
        rows = [f'<li><a href="{name}">关于{name}的通知</a><span>2018-04-{n % 28 + 1:02}</span></li>'
                for n, name in enumerate(names)]  # fmt: skip
        for number, part in ((1, rows[:15]), (2, rows[15:])):
            address = f"/{column}/" if number == 1 else f"/{column}/index_1.html"
            body = f"<html><title>{column}</title><body><ul>{''.join(part)}</ul><a href='/{column}/index_1.html'>下一页</a></body></html>"
            routes[address] = Tagged(body.encode())
        routes |= {name: Tagged(html(f"通知{name}", "/", f"/{column}/")) for name in names}
    return routes


def asked_for(server: Server) -> list[str]:
    """The site's pages asked for since the last time, in order."""
    others = ("/robots.txt", "/sitemap.xml", "/zzqq-not-here-40417.html")
    paths = dict.fromkeys(r.path for r in server.seen if r.path not in others)
    server.seen.clear()
    return list(paths)


def test_runs_that_are_cut_short_take_turns(tmp_path: Path) -> None:
    site = large_site()
    with serving(Server(routes=site)) as (server,):
        config = config_for(server.base, max_pages=20, concurrency=4)
        everything = set(server.routes)
        runs: list[list[str]] = []
        for number in range(1, 7):
            if number == 4:
                fresh = b'<li><a href="/xw/new.html">\xe6\x96\xb0</a><span>2018-04-30</span></li><li>'
                site["/xw/"].body = site["/xw/"].body.replace(b"<li>", fresh, 1)
                server.routes["/xw/new.html"] = Tagged(html("新来的通知"))
            walked_as(config, tmp_path / str(number), str(number))
            runs.append(asked_for(server))
            with Evidence(tmp_path / str(number)) as evidence:
                # What was not looked at is no evidence of this run.
                assert {p.url.removeprefix(server.base) for p in evidence.pages()} == set(runs[-1])
                assert evidence.run.coverage["pages"].state == "partial"
                assert evidence.notes("gone-page") == ()
        assert [len(asked) for asked in runs] == [20] * 6
        assert all(set(asked[:3]) == {"/", "/xw/", "/gg/"} for asked in runs)
        assert set().union(*runs[:4]) >= everything
        # What is new is looked at once more, then it goes round with the rest.
        assert [("/xw/new.html" in asked) for asked in runs] == [False, False, False, True, True, False]
        assert "/xw/new.html" in runs[3][3:5]
        # The round begins anew with what was looked at longest ago.
        assert set(runs[4][3:] + runs[5][3:]) >= set(runs[0][3:])


def test_a_run_that_takes_turns_and_is_killed_goes_on_in_its_turn(tmp_path: Path) -> None:
    with serving(Server(routes=large_site())) as (server,):
        config = config_for(server.base, max_pages=20, concurrency=1)
        walked_as(config, tmp_path / "1", "1")
        first = set(asked_for(server))
        run = dataclasses.replace(run_of(config), id="2")
        work = PageWork(config, tmp_path / "2", run)
        work.start([])
        work.abandon()
        walk(config, tmp_path / "2", run, own_process=False)
        second = asked_for(server)
        assert set(second) & first == {"/", "/xw/", "/gg/"}
        with Evidence(tmp_path / "2") as evidence:
            assert evidence.page_count() == 20

"""The next run asks only what changed, and knows the same as a run that read everything afresh."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

from crawler.evidence.reader import Evidence
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


def test_another_configuration_or_version_begins_afresh(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        walked_as(config_for(server.base), tmp_path / "1", "1")
        walked_as(config_for(server.base, max_depth=5), tmp_path / "2", "2")
        assert not [r for r in server.seen if "if-none-match" in r.headers]

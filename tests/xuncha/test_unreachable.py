"""A site that could not be examined: said in words, never judged, and walked anew the next time."""

import sqlite3
import tomllib
from pathlib import Path

import pytest

import xuncha.audit
from crawler.evidence.records import FetchOutcome
from crawler.evidence.schema import EVIDENCE_FILE
from tests.crawler.walking import config_for
from tests.server import Server, answer, page, redirect, serving
from xuncha.audit import audit
from xuncha.faults import SiteUnreachable

SHELL = '<html><head><title>云州市科学技术局</title></head><body><div id="app"></div><script src="/app.js"></script></body></html>'


def refused(server: Server, out: Path) -> str:
    with pytest.raises(SiteUnreachable) as caught:
        audit(config_for(server.base, again_after=0, render=False), out)
    return str(caught.value)


def test_every_ending_has_words() -> None:
    rows = tomllib.loads(Path(xuncha.audit.__file__).with_name("unreachable.toml").read_text("utf-8"))["why"]
    assert {row["outcome"] for row in rows if "status" not in row} == set(FetchOutcome)
    assert all(row["words"] and row["advice"] for row in rows)


def test_a_wall_is_said_and_the_next_audit_asks_again(tmp_path: Path) -> None:
    with serving(Server(routes={"/": answer("拦截", 403)})) as (server,):
        said = refused(server, tmp_path)
        assert "服务器不让程序访问（状态码 403）" in said
        assert "放行" in said
        server.routes |= {"/": page("云州市科学技术局", "/a.html"), "/a.html": page("通知")}
        config = config_for(server.base, again_after=0, render=False)
        first = audit(config, tmp_path, formats=("csv",))
        server.routes["/"] = answer("拦截", 403)
        refused(server, tmp_path)
        server.routes["/"] = page("云州市科学技术局", "/a.html")
        second = audit(config, tmp_path, formats=("csv",))
        with sqlite3.connect(second.folder / EVIDENCE_FILE) as db:
            # What was read before the wall came up is taken over.
            assert db.execute("SELECT seen_in, count(*) FROM pages").fetchall() == [(first.folder.name, 2)]
        db.close()
        assert len(list(first.folder.parent.glob("*"))) == 4


def test_a_home_page_elsewhere_is_named(tmp_path: Path) -> None:
    other = Server(address="127.0.0.2", routes={"/": page("另一个网站")})
    with serving(other), serving(Server(other=redirect(other.base + "/"))) as (server,):
        said = refused(server, tmp_path)
        assert f"首页跳转到另一个网站 {other.base}/，没有跟过去检查" in said


def test_a_site_of_empty_shells_is_not_judged(tmp_path: Path) -> None:
    with serving(Server(routes={"/": answer(SHELL)})) as (server,):
        assert "由脚本生成，设置了不用浏览器读取" in refused(server, tmp_path)


def test_what_an_unread_home_page_would_name_is_not_called_missing(tmp_path: Path) -> None:
    routes = {"/": answer(SHELL), "/a.html": page("通知", text="各科室请按时报送材料。")}
    server = Server(routes=routes)
    with serving(server):
        listed = f"<urlset><url><loc>{server.base}/a.html</loc></url></urlset>"
        server.routes["/sitemap.xml"] = answer(listed, kind="application/xml")
        done = audit(config_for(server.base, again_after=0, render=False, sitemap=True), tmp_path)
    pages = done.assessments[0].run.coverage["pages"]
    assert (pages.state, pages.why) == (
        "partial",
        ("首页没有可读的文字（多半由脚本生成）",),
    )
    assert not [f for f in done.assessments[0].findings if f.check == "missing-item" and f.grade == "fail"]

"""Looking again: each kind of answer once, nothing visited beyond the list, nothing signed off unseen."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from checks.registry import CHECKS
from checks.standard import PLANNED
from crawler.evidence.earlier import begin_again, last_run
from crawler.evidence.reader import Evidence
from crawler.evidence.schema import MANIFEST_FILE
from crawler.evidence.writer import file_sha256
from crawler.pagework import PageWork
from crawler.siteconfig import SiteConfig, from_url
from reports.ledger import Answer, open_ledger
from tests.server import Server, answer, page, serving
from xuncha.audit import Audited, audit
from xuncha.columns import finished_runs
from xuncha.faults import UnknownName
from xuncha.ledger import LEDGER_FILE
from xuncha.recheck import ANSWERS_FILE, Rechecked, recheck
from xuncha.visits import families, spread

AS_OF = dt.date(2018, 4, 16)
LATER = dt.date(2018, 5, 16)
WALL = answer("<script>document.cookie='__jsl_clearance=1'</script>", 521)
FILL = "全市科技工作会议在市政务中心召开，各县区科技局和局机关各科室负责同志参加，会议听取了情况汇报并就下一步工作提出要求。"
NUMBER = "11010519491231002X"
"""The sample identity number of the national standard."""
OTHER = "为方便群众办事，服务大厅自本月起调整开放时间，周一至周五上午八点半至下午五点半对外服务，节假日安排另行公布。"


def article(title: str, text: str, *links: str) -> str:
    body = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{title}</h1>"
        f"<p>发布时间：2018-04-12</p><div class='content'><p>{text}</p>{FILL}{body}</div></body></html>"
    )


def rows(*dated: tuple[str, str]) -> str:
    items = "".join(f'<li><a href="{url}">{url}的工作动态</a><span>{day}</span></li>' for url, day in dated)
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>工作动态</title></head><body>"
        "<div class='position'>当前位置：<a href='/'>首页</a> &gt; <a href='/gzdt/'>工作动态</a></div>"
        f"<h1>工作动态</h1><div class='list'><ul>{items}</ul></div><div class='footer'>某局主办</div></body></html>"
    )


def before() -> dict[str, str]:
    news = [("/gzdt/n1.html", "2018-02-12"), ("/gzdt/n2.html", "2018-02-10"), ("/gzdt/n3.html", "2018-02-08")]
    pages = {
        "/gzdt/": rows(*news),
        "/wz/partly1.html": article("部分之一", "会议布署全年工作。"),
        "/wz/partly2.html": article("部分之二", "局里布署春季检查。"),
        "/wz/partly3.html": article("部分之三", "再次布署安全生产。"),
        "/wz/mended.html": article("已改", "纪律不能松驰。"),
        "/wz/walled.html": article("拦住", "要有英雄气慨。"),
        "/wz/deleted.html": article("删除", "大厅里人群穿流不息。"),
        "/wz/replaced.html": article("换掉的文章", "工作要再接再励。"),
        "/wz/same.html": article("没改", "大家一愁莫展。"),
        "/wz/shell.html": article("脚本", "同志们按步就班。" + 3 * FILL),
        "/wz/soft.html": article("不见了", "他谈笑风声。" + FILL),
        "/wz/links.html": article(
            "链接", "见下。", "/wz/gone.html", "/wz/back.html", f"/wz/cx_%1.html?id={NUMBER}"
        ),
        "/wz/removed.html": article("去掉链接", "见下。", "/wz/dropped.html"),
    }
    pages |= {url: article(f"{url}的工作动态", "内容。").replace("2018-04-12", day) for url, day in news}
    return pages


def home(paths: list[str]) -> str:
    menu = (
        "<div class='nav'><ul><li><a href='/'>首页</a></li><li><a href='/gzdt/'>工作动态</a></li></ul></div>"
    )
    links = "".join(f'<p><a href="{path}">{path}</a></p>' for path in paths)
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>某局</title></head><body>"
        f"{menu}<div>{links}<a href='/untouched.html'>不在台账上的</a></div></body></html>"
    )


def mend(server: Server) -> None:
    """What the bureau did since the audit."""
    after = {
        "/gzdt/": rows(
            ("/gzdt/new.html", "2018-05-14"), ("/gzdt/n1.html", "2018-02-12"), ("/gzdt/n2.html", "2018-02-10")
        ),
        "/gzdt/new.html": article("/gzdt/new.html的工作动态", "新发布的内容。").replace(
            "2018-04-12", "2018-05-14"
        ),
        "/wz/partly1.html": article("部分之一", "会议部署全年工作。"),
        "/wz/partly2.html": article("部分之二", "局里部署春季检查。"),
        "/wz/mended.html": article("已改", "纪律不能松弛。"),
        "/wz/replaced.html": article("服务大厅时间调整", "").replace(FILL, OTHER),
        "/wz/back.html": article("回来了", "内容。"),
        "/wz/shell.html": article("脚本", "").replace(
            FILL, "<div id='app'></div><script src='/app.js'></script>"
        ),
        "/wz/soft.html": article("提示信息", "您访问的页面不存在或已删除。").replace(FILL, ""),
        "/wz/removed.html": article("去掉链接", "见下。"),
    }
    for path, html in after.items():
        server.routes[path] = answer(html)
    server.routes["/wz/walled.html"] = WALL
    del server.routes["/wz/deleted.html"]


class Looked(NamedTuple):
    audited: Audited
    site: Path
    config: SiteConfig
    first: Rechecked
    again: Rechecked
    asked: tuple[list[str], list[str]]
    base: str


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    out = tmp_path_factory.mktemp("audits")
    server = Server()
    pages = before()
    server.routes = {path: answer(html) for path, html in pages.items()}
    server.routes["/"] = answer(home(list(pages)))
    server.routes["/untouched.html"] = page("不在台账上的")
    with serving(server):
        config = from_url(f"{server.base}/").with_limits(timeout=2, sitemap=False, render=False)
        audited = audit(config, out, as_of=AS_OF)
        site = out / config.id
        server.seen.clear()
        first = recheck(site, as_of=AS_OF)
        before_mending = server.paths()
        mend(server)
        server.seen.clear()
        again = recheck(site, as_of=LATER)
        after_mending = server.paths()
    return Looked(audited, site, config, first, again, (before_mending, after_mending), server.base)


def told(done: Rechecked) -> dict[str, Answer]:
    """Answer by what a row is about: the wrong word, or the end of its address."""
    return {
        str(
            row.fault.facts.get("wrong")
            or (row.fault.subject.url or "").rpartition("/")[2]
            or row.fault.subject.key
        ): row.answer
        for row in done.answers
    }


WATCHED = {
    "布署": Answer.PARTLY,
    "松驰": Answer.FIXED,
    "气慨": Answer.BLOCKED,
    "穿流不息": Answer.UNREACHABLE,
    "再接再励": Answer.CHANGED,
    "一愁莫展": Answer.NOT_FIXED,
    "按步就班": Answer.CHANGED,
    "谈笑风声": Answer.CHANGED,
    "gone.html": Answer.NOT_FIXED,
    "cx_%1.html?id=110105********002X": Answer.NOT_FIXED,
    "back.html": Answer.FIXED,
    "dropped.html": Answer.FIXED,
}


def test_each_kind_of_answer_is_given(looked: Looked) -> None:
    answers = told(looked.again)
    assert {name: answers[name] for name in WATCHED} == WATCHED
    stale = next(row for row in looked.again.answers if row.fault.check == "stale-column")
    assert (stale.fault.subject.key, stale.answer) == ("工作动态", Answer.FIXED)


def test_nothing_is_mended_before_anything_was_done(looked: Looked) -> None:
    assert {row.answer for row in looked.first.answers} <= {Answer.NOT_FIXED, Answer.BLOCKED}
    assert {told(looked.first)[name] for name in WATCHED} == {Answer.NOT_FIXED}
    assert len(looked.first.answers) == len(looked.again.answers)


def test_places_are_counted(looked: Looked) -> None:
    row = next(row for row in looked.again.answers if row.fault.facts.get("wrong") == "布署")
    assert (row.before, row.now, row.note) == (3, 1, "原有 3 处，现在还有 1 处")


def test_only_what_is_listed_is_asked_for(looked: Looked) -> None:
    made_up = "zzqq-not-here-40417.html"
    beside = {"/robots.txt", f"/{made_up}", f"/wz/{made_up}"}
    with Evidence(looked.again.folder) as evidence:
        visit = {url.removeprefix(looked.base) for url in evidence.run.config["recheck"]["visit"]}
    for asked, new in zip(looked.asked, (set(), {"/gzdt/new.html"}), strict=True):
        assert set(asked) - beside - visit == new
    # The second look is later and on its own, the rest is asked for once.
    often = {path for path in looked.asked[1] if looked.asked[1].count(path) > 1} - beside
    dead = {"/wz/gone.html", f"/wz/cx_%1.html?id={NUMBER}"}
    assert often <= dead | {"/wz/dropped.html", "/wz/deleted.html", "/wz/walled.html", "/"}


def test_a_recheck_is_no_whole_walk(looked: Looked) -> None:
    assert finished_runs(looked.site) == [looked.audited.folder]
    with Evidence(looked.audited.folder) as evidence:
        run = evidence.run
    assert (
        last_run(looked.site / "runs" / "next", dataclasses.replace(run, id="next")) == looked.audited.folder
    )
    with Evidence(looked.again.folder) as evidence:
        assert evidence.run.is_recheck
        assert evidence.run.coverage["pages"].why[0].startswith("复查：只访问了台账所列的")
    sealed = json.loads((looked.again.folder / MANIFEST_FILE).read_text(encoding="utf-8"))["files"]
    assert {name: file_sha256(looked.again.folder / name) for name in sealed} == {
        name: row["sha256"] for name, row in sealed.items()
    }


def test_the_ledger_takes_the_answers(looked: Looked) -> None:
    assert looked.again.recorded
    with open_ledger(looked.site / LEDGER_FILE) as ledger:
        entries = {entry.number: entry for entry in ledger.entries()}
    assert {row.fault.number: row.answer for row in looked.again.answers} == {
        number: entry.recheck_answer for number, entry in entries.items()
    }
    kept = json.loads((looked.again.folder / ANSWERS_FILE).read_text(encoding="utf-8"))
    assert kept == looked.again.as_json()
    assert sum(kept["counts"].values()) == len(entries)


def test_one_number_visits_only_what_it_needs(looked: Looked, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(looked.site, site)
    (site / LEDGER_FILE).unlink()
    server = Server(address="127.0.0.1")
    server.port = int(looked.base.rpartition(":")[2])
    server.routes = {path: answer(html) for path, html in before().items()}
    number = next(row.fault.number for row in looked.first.answers if row.fault.facts.get("wrong") == "松驰")
    with serving(server):
        done = recheck(site, findings=[number], as_of=AS_OF)
    assert [row.answer for row in done.answers] == [Answer.NOT_FIXED]
    assert set(server.paths()) == {"/robots.txt", "/zzqq-not-here-40417.html", "/wz/mended.html"}
    assert not done.recorded
    with Evidence(done.folder) as evidence:
        fresh = [seen.url for seen in evidence.pages() if seen.seen_at >= evidence.run.started_at]
        assert evidence.page_count() > 10
    assert fresh == [f"{looked.base}/wz/mended.html"]
    with pytest.raises(UnknownName, match="没有这个问题编号：x-1"):
        recheck(site, findings=["x-1"], as_of=AS_OF)


def test_a_site_that_is_down_signs_nothing_off(looked: Looked, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(looked.site, site)
    done = recheck(site, as_of=LATER)
    assert {row.answer for row in done.answers} <= {Answer.BLOCKED, Answer.UNREACHABLE}


def test_a_killed_recheck_goes_on_where_it_was(looked: Looked, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(looked.site, site)
    for done in (looked.first, looked.again):
        shutil.rmtree(site / "runs" / done.folder.name)
    folder = site / "runs" / looked.first.folder.name
    begin_again(looked.audited.folder, folder, looked.first.run)
    work = PageWork(looked.config, folder, looked.first.run)
    work.revisit()
    work.stop()
    server = Server()
    server.port = int(looked.base.rpartition(":")[2])
    pages = before()
    server.routes = {path: answer(html) for path, html in pages.items()}
    server.routes["/"] = answer(home(list(pages)))
    mend(server)
    with serving(server):
        done = recheck(site, as_of=AS_OF)
    assert done.folder == folder
    answers = told(done)
    assert {name: answers[name] for name in WATCHED} == WATCHED


def test_families_name_checks_that_exist() -> None:
    known = {check.id for check in CHECKS} | PLANNED
    named = [check for family in families() for check in family.checks]
    assert set(named) <= known
    assert len(named) == len(set(named))
    assert families()[-1].checks == ()


def test_a_spread_begins_with_the_first_and_stays_in_order() -> None:
    urls = [str(n) for n in range(10)]
    assert spread(urls, 4) == ["0", "2", "5", "7"]
    assert spread(urls, 20) == urls

"""Lists that a script fills are read through a browser that has no network of its own."""

import dataclasses
from pathlib import Path

import pytest

from crawler import rendering
from crawler.evidence.reader import Evidence
from crawler.walk import walk
from tests.crawler.walking import config_for, run_of, walked
from tests.server import Server, answer, page, serving

SHELL = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>通知公告</title></head><body><div id="list"></div>
<script>
fetch('/api/rows').then(r => r.json()).then(rows => {
  document.getElementById('list').innerHTML = '<ul>' + rows.map(r =>
    `<li><a href="${r.u}">${r.t}</a><span>${r.d}</span></li>`).join('') + '</ul>';
});
fetch('http://10.1.2.3/secret'); new Image().src = '/pixel.png'; fetch('/api/write', {method: 'DELETE'});
</script></body></html>"""


def rows(first: int, last: int) -> str:
    found = (
        f'{{"u":"/a{n}.html","t":"关于第{n}项工作安排的通知","d":"2018-04-0{n}"}}'
        for n in range(first, last + 1)
    )
    return f"[{','.join(found)}]"


def site() -> Server:
    routes = {f"/a{n}.html": page(f"关于第{n}项工作安排的通知") for n in range(1, 7)}
    return Server(
        routes={
            "/": page("首页", "/tzgg/"),
            "/tzgg/": answer(SHELL),
            "/api/rows": answer(rows(1, 6), kind="application/json"),
            **routes,
        }
    )


def test_rows_that_only_a_script_brings_are_read(tmp_path: Path) -> None:
    with (
        serving(site()) as (server,),
        walked(config_for(server.base, render=True, timeout=8), tmp_path) as evidence,
    ):
        listed = evidence.page_at(f"{server.base}/tzgg/")
        assert listed is not None
        assert [i.title for i in evidence.items(listed.id)] == [
            f"关于第{n}项工作安排的通知" for n in range(1, 7)
        ]
        assert listed.listing == "script"
        assert evidence.page_count() == 8
        assert [f.data for _, f in evidence.facts("rendered")] == [
            {"data_calls": [f"{server.base}/api/rows"]}
        ]
        assert not [r for r in server.seen if r.path in ("/pixel.png", "/api/write")]


def test_without_a_browser_such_pages_are_said_not_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_CHROMIUM", ())
    with serving(site()) as (server,), walked(config_for(server.base, render=True), tmp_path) as evidence:
        assert evidence.page_count() == 2
        (note,) = evidence.notes("not-rendered")
        assert "xuncha[browser]" in note.detail


def test_the_next_run_asks_the_data_calls_itself_and_needs_no_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(site()) as (server,):
        config = config_for(server.base, render=True, timeout=8)
        walk(config, tmp_path / "1", run_of(config), own_process=False)
        monkeypatch.setattr(rendering, "_CHROMIUM", ())
        for number, run_id in ((7, "2"), (8, "3")):
            server.routes["/api/rows"] = answer(rows(number - 4, number), kind="application/json")
            server.routes[f"/a{number}.html"] = page(f"关于第{number}项工作安排的通知")
            del server.routes[f"/a{number - 6}.html"]
            walk(
                config,
                tmp_path / run_id,
                dataclasses.replace(run_of(config), id=run_id),
                own_process=False,
            )
            with Evidence(tmp_path / run_id) as evidence:
                listed = evidence.page_at(f"{server.base}/tzgg/")
                assert listed is not None
                assert [(i.title, str(i.date)) for i in evidence.items(listed.id)] == [
                    (f"关于第{n}项工作安排的通知", f"2018-04-0{n}") for n in range(number - 4, number + 1)
                ]
                assert (listed.listing, evidence.notes("not-rendered")) == ("script", ())
                # What the list no longer names is not asked for, and what it names is linked from it.
                assert all(t.fetches[-1].status in (200, 304) for t in evidence.targets())
                newest = next(t for t in evidence.targets() if t.url.endswith(f"/a{number}.html"))
                assert [p.page_url for p in evidence.places(newest.id)] == [listed.url]
        # A page whose source changed may ask for something else.
        server.routes["/tzgg/"] = answer(SHELL.replace("/api/rows", "/api/other"))
        walk(config, tmp_path / "4", dataclasses.replace(run_of(config), id="4"), own_process=False)
        with Evidence(tmp_path / "4") as evidence:
            assert [n.kind for n in evidence.notes("not-rendered")] == ["not-rendered"]
            assert not [t for t in evidence.targets() if t.url.endswith("/api/rows")]

"""Lists that a script fills are read through a browser that has no network of its own."""

from pathlib import Path

import pytest

from crawler import rendering
from tests.crawler.walking import config_for, walked
from tests.server import Server, answer, page, serving

SHELL = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>通知公告</title></head><body><div id="list"></div>
<script>
fetch('/api/rows').then(r => r.json()).then(rows => {
  document.getElementById('list').innerHTML = '<ul>' + rows.map(r =>
    `<li><a href="${r.u}">${r.t}</a><span>${r.d}</span></li>`).join('') + '</ul>';
});
fetch('http://10.1.2.3/secret'); new Image().src = '/pixel.png'; fetch('/api/write', {method: 'DELETE'});
</script></body></html>"""


def site() -> Server:
    rows = ",".join(
        f'{{"u":"/a{n}.html","t":"关于第{n}项工作安排的通知","d":"2018-04-0{n}"}}' for n in range(1, 7)
    )
    routes = {f"/a{n}.html": page(f"关于第{n}项工作安排的通知") for n in range(1, 7)}
    return Server(
        routes={
            "/": page("首页", "/tzgg/"),
            "/tzgg/": answer(SHELL),
            "/api/rows": answer(f"[{rows}]", kind="application/json"),
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

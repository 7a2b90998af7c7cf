"""Killed at any moment, the same call goes on: the same pages and links, nothing recorded twice."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.evidence.reader import Evidence
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE
from crawler.walk import walk
from crawler.workline import Started
from tests.crawler.walking import config_for, run_of, walked
from tests.server import Server, answer, page, serving

PAGES = 240
ROOT = Path(__file__).resolve().parents[2]


def site() -> Server:
    menu = [f"/c{n}/" for n in range(12)] + ["/dead.html", '<img src="/logo.png">']
    routes = {"/": page("首页", *menu), "/logo.png": answer(b"PNG", kind="image/png")}
    for n in range(12):
        routes[f"/c{n}/"] = page(f"栏目{n}", *menu, *(f"/c{n}/{k}.html" for k in range(PAGES // 12)))
        for k in range(PAGES // 12):
            routes[f"/c{n}/{k}.html"] = page(
                f"文章{n}-{k}", *menu, f"/f{n}-{k % 3}.png", text=f"第{n * 100 + k}号正文。" * 40
            )
    server = Server(routes=routes)
    server.pause = 0.002
    return server


def facts_of(folder: Path) -> tuple[object, ...]:
    """What two runs must agree on."""
    with Evidence(folder) as evidence:
        pages = sorted((p.url, p.title, p.body_sha256) for p in evidence.pages())
        links = sorted(
            (t.url, tuple(sorted((p.page_url, p.text) for p in evidence.places(t.id))))
            for t in evidence.targets()
        )
        endings = sorted(
            (t.url, tuple((f.attempt, str(f.outcome), f.status) for f in t.fetches))
            for t in evidence.targets()
        )
        return pages, links, endings


def begun(base: str, folder: Path) -> subprocess.Popen[bytes]:
    """The same walk in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from crawler.walk import walk;"
        "from tests.crawler.walking import config_for, run_of;"
        "c = config_for(sys.argv[1], concurrency=4); walk(c, Path(sys.argv[2]), run_of(c), own_process=sys.argv[3] == '1')"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, base, str(folder), "1" if folder.name == "two" else "0"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("processes", ["one", "two"])
def test_kill_9_and_go_on(processes: str, tmp_path: Path) -> None:
    with serving(site()) as (server,):
        config = config_for(server.base, concurrency=4)
        walk(config, tmp_path / "calm", run_of(config), own_process=False)
        undisturbed = facts_of(tmp_path / "calm")
        asked = len(server.seen)
        folder = tmp_path / processes
        for requests in (20, 90, 60):
            reached = server.after(requests)
            process = begun(server.base, folder)
            assert reached.wait(30)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            assert not (folder / MANIFEST_FILE).exists()
        walk(config, folder, run_of(config), own_process=processes == "two")
        assert facts_of(folder) == undisturbed
        # A kill costs at most what was under way or not yet committed.
        assert len(server.seen) - asked < asked + 3 * 170
    with sqlite3.connect(folder / EVIDENCE_FILE) as db:
        twice = "SELECT url_id, attempt, count(*) FROM fetches GROUP BY 1, 2 HAVING count(*) > 1"
        assert db.execute(twice).fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_ctrl_c_leaves_a_run_that_goes_on_and_a_sealed_one_is_left_alone(tmp_path: Path) -> None:
    with serving(site()) as (server,):
        reached = server.after(80)
        process = begun(server.base, tmp_path / "two")
        assert reached.wait(30)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) != 0
        with Evidence(tmp_path / "two") as evidence:
            before = evidence.page_count()
            assert before > 0
        config = config_for(server.base, concurrency=4)
        with walked(config, tmp_path / "two") as evidence:
            assert evidence.page_count() == PAGES + 13
        asked = len(server.seen)
        walk(config, tmp_path / "two", run_of(config))
        assert len(server.seen) == asked


def test_a_page_that_kills_its_reader_is_left_out_and_the_walk_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os\n"
        "import crawler.readers as readers\n"
        "calm = readers.read_page\n"
        "def read(page):\n"
        "    if 'deadly' in page.html: os.kill(os.getpid(), 9)\n"
        "    return calm(page)\n"
        "readers.read_page = read\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    routes = {f"/{n}.html": page(f"第{n}页", text="deadly" if n == 7 else "安好") for n in range(20)}
    server = Server(routes={"/": page("首页", *routes), **routes})
    with serving(server), walked(config_for(server.base), tmp_path / "run", own_process=True) as evidence:
        read = {p.title for p in evidence.pages()}
        assert read == {"首页", *(f"第{n}页" for n in range(20) if n != 7)}
        left_out = next(t for t in evidence.targets() if t.url.endswith("/7.html"))
        assert "未能读取" in (left_out.fetches[0].detail or "")


def test_page_work_that_was_started_ahead_is_the_one_that_works(tmp_path: Path) -> None:
    started = Started()
    with serving(Server(routes={"/": page("首页", "/a.html"), "/a.html": page("甲")})) as (server,):
        config = config_for(server.base)
        walk(config, tmp_path / "run", run_of(config), own_process=True, started=started)
    with Evidence(tmp_path / "run") as evidence:
        assert {p.title for p in evidence.pages()} == {"首页", "甲"}
    assert (started.opened, started.process.returncode) == (True, 0)


def test_page_work_that_is_not_needed_ends() -> None:
    started = Started()
    started.close()
    assert started.process.returncode == 0

"""What audits of several sites share about addresses of others."""

import datetime as dt
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.links.dead_link import ladder
from checks.security import hijacked_link
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Fetch, FetchOutcome, Target
from crawler.extract.face import language
from crawler.fetching import Got
from crawler.outside import OUTSIDE_FILE, Outside, beside
from crawler.siteconfig import HostAccess, from_url
from tests.crawler.walking import by_path, config_for, walked
from tests.server import Server, answer, in_turn, missing, page, reset, serving

URL = "http://www.other.example/a.html"


def got(
    outcome: FetchOutcome = FetchOutcome.OK, *, url: str = URL, age: float = 0.0, peer: str | None = None
) -> Got:
    """An answer of `age` minutes ago."""
    at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=age)
    status = {FetchOutcome.OK: 200, FetchOutcome.HTTP_ERROR: 404}.get(outcome)
    return Got(Fetch(url=url, method="GET", at=at, outcome=outcome, status=status), None, b"", peer)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / OUTSIDE_FILE


def shared(file: Path | None, **limits: float) -> Outside:
    return Outside(from_url("http://kjj.example/").with_limits(**limits), file)


@pytest.fixture
def sites() -> Iterator[tuple[Server, Server, Server]]:
    """Two sites that link to the same pages of a third."""
    other = Server(address="127.0.0.2", routes={"/": page("外单位"), "/fine.html": page("外单位的文章")})
    one, two = Server(), Server(address="127.0.0.3")
    with serving(one, two, other):
        links = [f"{other.base}{path}" for path in ("/", "/fine.html", "/dead.html")]
        for site in (one, two):
            site.routes["/"] = page("首页", *links)
        yield one, two, other


def targets(site: Server, audits: Path, **limits: float) -> tuple[dict[str, Target], list[str]]:
    """What one audit below `audits` left: targets by address, notes about shared answers."""
    with walked(config_for(site.base, **limits), audits / site.address / "runs" / "r1") as evidence:
        return by_path(evidence, site.base), [n.detail for n in evidence.notes("outside-reused")]


def test_a_second_site_asks_only_again_what_failed(
    sites: tuple[Server, Server, Server], tmp_path: Path
) -> None:
    one, two, other = sites
    first, said = targets(one, tmp_path)
    assert said == []
    asked = len(other.seen)
    second, said = targets(two, tmp_path)
    again = [(r.method, r.path) for r in other.seen[asked:] if r.path != "/"]
    assert again == [("GET", "/dead.html")]
    assert len(said) == 1
    assert said[0].startswith("有 3 个外站地址沿用了本机检查其他网站时的核查结果")
    for path in ("/", "/fine.html"):
        [fetch] = second[other.base + path].fetches
        [origin] = first[other.base + path].fetches
        assert (fetch.outcome, fetch.status, fetch.method) == (FetchOutcome.OK, 200, origin.method)
        assert fetch.at == origin.at
        assert fetch.detail == f"沿用本机 {origin.at:%Y-%m-%d %H:%M} UTC 的核查结果"


def test_a_shared_failure_alone_confirms_nothing(
    sites: tuple[Server, Server, Server], tmp_path: Path
) -> None:
    one, two, other = sites
    first, _ = targets(one, tmp_path)
    dead = f"{other.base}/dead.html"
    assert ladder(first[dead]) == "dead"
    second, _ = targets(two, tmp_path)
    shared_look, own_look = second[dead].fetches
    assert shared_look.at == first[dead].fetches[-1].at
    assert "沿用本机" in (shared_look.detail or "")
    assert own_look.at > shared_look.at
    assert own_look.detail is None
    assert second[dead].control_ok is True
    assert ladder(second[dead]) == "dead"
    only_shared = Target(id=1, url=dead, internal=False, fetches=(shared_look,), control_ok=True)
    assert ladder(only_shared) == "suspect"


def test_what_works_again_is_no_longer_held_against_the_link(
    sites: tuple[Server, Server, Server], tmp_path: Path
) -> None:
    one, two, other = sites
    targets(one, tmp_path)
    other.routes["/dead.html"] = page("又有了")
    second, _ = targets(two, tmp_path)
    assert ladder(second[f"{other.base}/dead.html"]) == "ok"


def test_off_means_no_file_and_no_answer(sites: tuple[Server, Server, Server], tmp_path: Path) -> None:
    one, two, other = sites
    targets(one, tmp_path, outside_hours=0)
    assert not (tmp_path / OUTSIDE_FILE).exists()
    asked = len(other.seen)
    targets(two, tmp_path, outside_hours=0)
    assert len(other.seen) - asked == asked


@pytest.mark.parametrize("damage", ["no database", "another table", "torn"])
def test_a_damaged_file_is_made_anew(
    damage: str, sites: tuple[Server, Server, Server], tmp_path: Path
) -> None:
    file = tmp_path / OUTSIDE_FILE
    if damage == "no database":
        file.write_bytes(b"not a database at all" * 500)
    elif damage == "another table":
        with sqlite3.connect(file) as db:
            db.execute("CREATE TABLE answers (url TEXT PRIMARY KEY, at INTEGER)")
        db.close()
    else:
        kept = shared(file)
        for n in range(300):
            kept.learn(got(url=f"{URL}?{n}"))
        kept.close()
        whole = file.read_bytes()
        file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    one, two, _ = sites
    targets(one, tmp_path)
    _, said = targets(two, tmp_path)
    assert said[0].startswith("有 3 个")


def test_failures_live_shorter_than_successes(file: Path) -> None:
    kept = shared(file, outside_hours=2, outside_failed_minutes=10)
    for n, (outcome, age) in enumerate(
        [
            # Far enough from the limits for a machine that stands still for minutes.
            (FetchOutcome.OK, 100),
            (FetchOutcome.OK, 121),
            (FetchOutcome.HTTP_ERROR, 2),
            (FetchOutcome.HTTP_ERROR, 11),
            (FetchOutcome.BLOCKED, 11),
            (FetchOutcome.OUTDATED_TLS, 11),
            (FetchOutcome.OK, -30),
        ]
    ):
        kept.learn(got(outcome, url=f"{URL}?{n}", age=age))
    fresh = [kept.known(f"{URL}?{n}") is not None for n in range(7)]
    kept.close()
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM answers").fetchone() == (7,)
    db.close()
    assert fresh == [True, False, True] + [False] * 4


def test_nothing_of_ones_own_is_shared(file: Path) -> None:
    access = HostAccess(name="oa.example", headers={"X-Token": "1"})
    config = from_url("http://kjj.example/").model_copy(update={"host": (access,)})
    kept = Outside(config, file)
    for url in ("http://kjj.example/a.html", "http://oa.example/a.html", "http://u:p@other.example/"):
        kept.learn(got(url=url))
        assert kept.known(url) is None
    kept.learn(got(FetchOutcome.ROBOTS))
    kept.learn(got(FetchOutcome.NOT_FETCHED))
    kept.learn(got(peer="10.1.2.3"))
    kept.learn(got(), doubtful=True)
    assert kept.known(URL) is None
    kept.learn(got(peer="203.0.114.9"))
    assert kept.known(URL) is not None
    kept.close()


def test_an_older_answer_does_not_replace_a_newer_one(file: Path) -> None:
    kept = shared(file)
    kept.learn(got(age=1))
    kept.learn(got(FetchOutcome.HTTP_ERROR, age=5))
    known = kept.known(URL)
    assert known is not None
    assert known[0].outcome is FetchOutcome.OK
    kept.close()


_MANY = """
import datetime as dt, sys
from pathlib import Path
from crawler.evidence.records import Fetch, FetchOutcome
from crawler.fetching import Got
from crawler.outside import Outside
from crawler.siteconfig import from_url
kept = Outside(from_url("http://kjj.example/"), Path(sys.argv[1]))
for n in range(150):
    for name in (sys.argv[2], "both"):
        fetch = Fetch(url=f"http://{name}.example/{n}", method="GET", at=dt.datetime.now(dt.UTC), outcome=FetchOutcome.OK)
        kept.learn(Got(fetch, None, b"", None))
        assert kept.known(fetch.url) is not None
kept.close()
"""


def test_several_processes_write_at_once(file: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", _MANY, str(file), name], cwd=Path(__file__).parents[2])
        for name in ("one", "two", "three")
    ]
    assert [process.wait(30) for process in started] == [0, 0, 0]
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM answers").fetchone() == (600,)
    db.close()


def test_a_file_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    (tmp_path / OUTSIDE_FILE).mkdir()
    kept = shared(tmp_path / OUTSIDE_FILE)
    kept.learn(got())
    assert kept.known(URL) is None
    kept.close()


def test_where_the_shared_file_lies() -> None:
    assert beside(Path("/a/audits/kjj/runs/r1")) == Path("/a/audits") / OUTSIDE_FILE
    assert beside(Path("/a/somewhere/r1")) is None


def test_walls_and_resets_are_shared_as_what_they_were(tmp_path: Path) -> None:
    other = Server(
        address="127.0.0.2",
        routes={
            "/": page("外单位"),
            "/walled.html": answer("", 412),
            "/reset.html": in_turn(reset(), missing()),
        },
    )
    one, two = Server(), Server(address="127.0.0.3")
    with serving(one, two, other):
        for site in (one, two):
            site.routes["/"] = page("首页", f"{other.base}/walled.html", f"{other.base}/reset.html")
        targets(one, tmp_path)
        second, _ = targets(two, tmp_path)
    assert ladder(second[f"{other.base}/walled.html"]) == "blocked"
    assert [f.outcome for f in second[f"{other.base}/walled.html"].fetches] == [FetchOutcome.BLOCKED] * 2


def faces(evidence: Evidence) -> dict[str, tuple[str, str | None]]:
    """By address: the title now, and the one that an earlier run saw."""
    return {url: (f["title"], (f["before"] or {}).get("title")) for _, url, f in evidence.faces()}


def test_what_an_outside_page_shows_is_compared_with_the_first_owner_run_after_run(tmp_path: Path) -> None:
    other = Server(address="127.0.0.2", routes={"/": page("某市技术学会")})
    site = Server()
    lapsed = page("真人百家乐", text="注册就送彩金，真人百家乐老虎机在线。")
    with serving(site, other):
        home = f"{other.base}/"
        site.routes["/"] = page("首页", home, "/a.html", f"{other.base}/logo.png")
        site.routes["/a.html"] = page("甲")
        seen, judged = [], []
        for run, now in enumerate(
            [page("某市技术学会"), missing(), page("某市技术学会网站"), lapsed, lapsed], 1
        ):
            other.routes["/"] = now
            # Another configuration each time: what is compared with does not depend on it.
            config = config_for(site.base, outside_hours=0, timeout=run)
            with walked(config, tmp_path / "runs" / f"r{run}", id=f"r{run}") as evidence:
                seen.append(faces(evidence))
                rows = hijacked_link.examine(evidence, hijacked_link.CHECK.limits)
                judged.append([(v.subject.key, str(v.grade)) for v in rows if v.subject.key == home])
    assert seen == [
        {home: ("某市技术学会", None)},
        {},
        {home: ("某市技术学会网站", "某市技术学会")},
        {home: ("真人百家乐", "某市技术学会网站")},
        {home: ("真人百家乐", "某市技术学会网站")},
    ]
    assert judged == [[(home, "ok")]] * 3 + [[(home, "fail")]] * 2


def test_of_a_long_page_only_the_beginning_is_read(tmp_path: Path) -> None:
    long = "<html><head><title>很长的页面</title></head><body>" + "字" * 400_000
    other = Server(address="127.0.0.2", routes={"/": answer(long), "/index.html": answer(long, chunked=True)})
    site = Server()
    with serving(site, other):
        links = [f"{other.base}/", f"{other.base}/index.html"]
        site.routes["/"] = page("首页", *links)
        with walked(config_for(site.base), tmp_path) as evidence:
            targets = by_path(evidence, site.base)
            for link in links:
                [fetch] = targets[link].fetches
                assert (fetch.outcome, fetch.method) == (FetchOutcome.OK, "GET")
                assert 32_768 <= (fetch.bytes or 0) < 400_000
            assert faces(evidence) == dict.fromkeys(links, ("很长的页面", None))


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("某市技术学会欢迎您的到来，这里是学会网站的首页。", "zh"),
        ("ようこそ、これはわたしたちのページです。お知らせ", "ja"),
        ("Welcome to the home page of our new online shop", "latin"),
        ("Добро пожаловать на нашу главную страницу", "ru"),
        ("短", None),
    ],
)
def test_languages_by_their_script(text: str, lang: str | None) -> None:
    assert language(text) == lang

"""Counted on the server: never more at once, never closer together than agreed, patience when asked for it."""

import asyncio
import datetime as dt
import time
from itertools import pairwise
from pathlib import Path

import pytest

from crawler import fetching
from crawler import walk as walking
from crawler.evidence.records import FetchOutcome
from crawler.fetching import Fetcher
from crawler.hosts import retry_after, seconds_until_open
from crawler.scope import Scope
from crawler.siteconfig import SiteConfig, from_url
from tests.crawler.walking import by_path, config_for, ending, walked
from tests.server import Server, answer, hang, in_turn, page, raw, serving


def many(count: int) -> Server:
    links = [f"/{n}.html" for n in range(count)] + [f'<img src="/{n}.png">' for n in range(count)]
    server = Server(routes={"/": page("首页", *links)}, other=answer("<title>页</title>"))
    server.pause = 0.005
    return server


@pytest.mark.parametrize("together", [1, 3])
def test_no_more_requests_at_once_than_agreed_even_without_delay(together: int, tmp_path: Path) -> None:
    server = many(20)
    with serving(server), walked(config_for(server.base, concurrency=together), tmp_path):
        assert server.most_at_once == together
        assert len(server.seen) >= 40


def test_an_address_that_ends_connections_is_asked_on_one_kept_and_one_new_connection(tmp_path: Path) -> None:
    server = many(20)
    names = "/", *(f"/{n}.html" for n in range(20))
    server.routes["/19.html"] = page("最后", "/ends.html")
    server.routes["/ends.html"] = raw(b"")
    with serving(server), walked(config_for(server.base, concurrency=6, again_after=0), tmp_path) as evidence:
        target = by_path(evidence, server.base)["/ends.html"]
        asked = [r for r in server.seen if r.path == "/ends.html"]
        assert server.most_at_once > 2
        assert (len(target.fetches), len(asked)) == (2, 3)
        assert {by_path(evidence, server.base)[name].fetches[-1].status for name in names} == {200}


def test_the_delay_lies_between_any_two_requests(tmp_path: Path) -> None:
    server = many(6)
    with serving(server):
        began = time.monotonic()
        with walked(config_for(server.base, delay=0.03, again_after=0), tmp_path):
            at = [r.at for r in server.seen]
    assert len(at) >= 13
    # A busy machine can only make a request come later than it was sent, never earlier: this holds under any load.
    assert [n for n, seen in enumerate(at) if seen < began + 0.03 * n] == []
    # One that came late leaves a short gap behind it; most do not come late.
    gaps = sorted(b - a for a, b in pairwise(at))
    assert gaps[len(gaps) // 2] > 0.0295
    assert gaps[len(gaps) // 4] > 0.02


def test_a_crawl_delay_is_kept(tmp_path: Path) -> None:
    server = many(3)
    server.routes["/robots.txt"] = answer("User-agent: *\nCrawl-delay: 0.1\n", kind="text/plain")
    with serving(server), walked(config_for(server.base), tmp_path) as evidence:
        gaps = [b.at - a.at for a, b in pairwise(server.seen)]
        # The first pair is robots.txt itself and what waited for it.
        assert sorted(gaps[1:])[len(gaps) // 4] > 0.09
        assert [n.kind for n in evidence.notes("robots")] == ["robots"]


def test_retry_after_is_waited_for_and_the_page_then_read(tmp_path: Path) -> None:
    busy = answer("", 429, headers=(("Retry-After", "1"),))
    server = Server(
        routes={"/": page("首页", "/busy.html", "/calm.html"), "/busy.html": in_turn(busy, page("轮到了"))}
    )
    server.routes["/calm.html"] = page("不受影响")
    with serving(server), walked(config_for(server.base, concurrency=1), tmp_path) as evidence:
        asked = [r.at for r in server.seen if r.path == "/busy.html"]
        assert asked[1] - asked[0] >= 0.99
        assert [r.path for r in server.seen if asked[0] < r.at < asked[0] + 0.99] == []
        assert ending(by_path(evidence, server.base)["/busy.html"]) == ("ok", 200)
        assert [n.kind for n in evidence.notes("pause")] == ["pause"]


def test_every_request_says_who_asks_and_how_to_reach_them(tmp_path: Path) -> None:
    server = many(2)
    with serving(server), walked(config_for(server.base, contact="mailto:web@kjj.example"), tmp_path):
        agents = {r.headers.get("user-agent") for r in server.seen}
        assert len(agents) == 1
        assert "mailto:web@kjj.example" in agents.pop()


def test_other_hosts_are_asked_once_per_target_and_never_followed(tmp_path: Path) -> None:
    outside = Server(address="127.0.0.2", routes={"/x.html": page("外站", "/trap.html")})
    server = Server(routes={"/a.html": page("甲"), "/b.html": page("乙")})
    with serving(server, outside):
        for path in ("/a.html", "/b.html"):
            server.routes[path] = page(path, f"{outside.base}/x.html", f"{outside.base}/x.html#part")
        outside.routes["/y.html"] = page("外站另一页", "/trap.html")
        server.routes["/"] = page(
            "首页", "/a.html", "/b.html", f"{outside.base}/x.html", f"{outside.base}/y.html"
        )
        with walked(config_for(server.base), tmp_path) as evidence:
            # The first of a host shows whose it is; of the others a HEAD is enough.
            assert (outside.paths("GET"), outside.paths("HEAD")) == (["/x.html"], ["/y.html"])
            for path in ("/x.html", "/y.html"):
                assert ending(by_path(evidence, server.base)[outside.base + path]) == ("ok", 200)


def test_headers_cookies_and_password_go_to_their_host_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KJJ_PASSWORD", "s3cret")
    outside = Server(address="127.0.0.2", routes={"/": page("外站")})
    server = Server()
    with serving(server, outside):
        server.routes["/"] = page("首页", f"{outside.base}/")
        config = SiteConfig.model_validate(
            config_for(server.base)._raw()
            | {
                "host": [
                    {
                        "name": "127.0.0.1",
                        "headers": {"X-Audit": "yes"},
                        "cookies": {"lang": "zh"},
                        "basic_auth": {"user": "u", "password": "${KJJ_PASSWORD}"},
                    }
                ]
            }
        )
        with walked(config, tmp_path) as evidence:
            mine = next(r for r in server.seen if r.path == "/").headers
            assert (mine["x-audit"], mine["cookie"], mine["authorization"]) == (
                "yes",
                "lang=zh",
                "Basic dTpzM2NyZXQ=",
            )
            assert not {"x-audit", "cookie", "authorization"} & set(outside.seen[0].headers)
            assert "s3cret" not in str(evidence.run.config)
    assert b"s3cret" not in (tmp_path / "evidence.db").read_bytes()


def test_private_addresses_are_not_asked_unless_the_site_itself_lies_there() -> None:
    async def outcome(config: SiteConfig, url: str) -> FetchOutcome:
        fetcher = Fetcher(config, Scope(config), lambda *_: None)
        got = await fetcher.get(url, admit=lambda head: 0, priority=0)
        fetcher.close()
        return got.fetch.outcome

    public = from_url("http://kjj.example.gov.cn/").with_limits(timeout=0.2)
    for url in (
        "http://127.0.0.1:9/",
        "http://[::1]:9/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[::ffff:7f00:1]/",
    ):
        assert asyncio.run(outcome(public, url)) is FetchOutcome.NOT_FETCHED
    allowed = SiteConfig.model_validate(public._raw() | {"allow_private": True})
    assert asyncio.run(outcome(allowed, "http://127.0.0.1:9/")) is FetchOutcome.REFUSED
    loopback = from_url("http://127.0.0.1:9/").with_limits(timeout=0.2)
    assert asyncio.run(outcome(loopback, "http://127.0.0.2:9/")) is FetchOutcome.REFUSED
    assert asyncio.run(outcome(loopback, "http://192.168.1.1/")) is FetchOutcome.NOT_FETCHED


def test_hours_and_retry_after_are_read() -> None:
    night = ("22:00-06:00",)
    assert seconds_until_open((), dt.datetime(2018, 4, 16, 12, 0, tzinfo=dt.UTC)) == 0
    assert seconds_until_open(night, dt.datetime(2018, 4, 16, 23, 0, tzinfo=dt.UTC)) == 0
    assert seconds_until_open(night, dt.datetime(2018, 4, 16, 5, 59, tzinfo=dt.UTC)) == 0
    assert seconds_until_open(night, dt.datetime(2018, 4, 16, 21, 0, tzinfo=dt.UTC)) == 3600
    now = dt.datetime(2018, 4, 16, 12, 0, tzinfo=dt.UTC)
    assert retry_after("120", now) == 120
    assert retry_after("Mon, 16 Apr 2018 12:01:00 GMT", now) == 60
    assert retry_after("soon", now) is None


def test_outside_the_agreed_hours_nothing_is_asked() -> None:
    """Windows made from the present hour: one that is open, one that opens in two hours."""

    async def asked(server: Server, hours: str) -> bool:
        config = config_for(server.base, hours=(hours,))
        fetcher = Fetcher(config, Scope(config), lambda *_: None)
        try:
            async with asyncio.timeout(0.3):
                await fetcher.get(f"{server.base}/", admit=lambda head: 0, priority=0)
        except TimeoutError:
            return False
        finally:
            fetcher.close()
        return True

    now = dt.datetime.now().astimezone()
    opened, later, end = (f"{now + dt.timedelta(hours=h):%H:%M}" for h in (-1, 2, 3))
    with serving(Server(routes={"/": page("首页")})) as (server,):
        assert not asyncio.run(asked(server, f"{later}-{end}"))
        assert server.seen == []
        assert asyncio.run(asked(server, f"{opened}-{later}"))


def test_a_host_that_keeps_silent_is_given_up_and_its_other_targets_are_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.3)
    outside = Server(address="127.0.0.2", other=hang())
    server = Server()
    with serving(server, outside):
        server.routes["/"] = page("首页", *(f"{outside.base}/{n}.html" for n in range(60)))
        with walked(config_for(server.base, timeout=0.2, concurrency=4), tmp_path) as evidence:
            endings = [ending(t)[0] for t in evidence.targets() if t.url.startswith(outside.base)]
            assert len(endings) == 60
            assert set(endings) == {"timeout", "not_fetched"}
            assert 10 <= endings.count("timeout") <= 20
            # Nobody is called dead without a second attempt.
            assert all(
                len(t.fetches) == (2 if ending(t)[0] == "timeout" else 1)
                for t in evidence.targets()
                if t.url.startswith(outside.base)
            )


def test_a_site_that_falls_silent_ends_the_walk_and_the_rest_is_said_not_to_be_visited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE_WITH_HOME", 0.3)
    pages = [f"/{n}.html" for n in range(400)]
    server = Server(routes={"/": page("首页", *pages)}, other=hang())
    for path in pages[:5]:
        server.routes[path] = page("还在")
    with serving(server), walked(config_for(server.base, timeout=0.2, concurrency=4), tmp_path) as evidence:
        coverage = evidence.run.coverage["pages"]
        assert (coverage.state, coverage.why) == (
            "partial",
            ("网站接连没有回应，提前结束，其余页面没有访问",),
        )
        assert evidence.page_count() == 6
        assert coverage.counts["left"] > 250


def test_an_address_that_hangs_beyond_every_deadline_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "_STUCK_TIMES", 0)
    monkeypatch.setattr(walking, "_STUCK_SECONDS", 0.2)
    monkeypatch.setattr(walking, "_WATCH_SECONDS", 0.05)
    server = Server(routes={"/": page("首页", "/slow.html", "/quick.html"), "/slow.html": hang()})
    server.routes["/quick.html"] = page("快")
    with serving(server), walked(config_for(server.base, timeout=1), tmp_path) as evidence:
        assert [(n.kind, n.url) for n in evidence.notes("stuck")] == [("stuck", f"{server.base}/slow.html")]


def test_another_host_of_the_site_in_the_menu_is_a_candidate_and_not_walked(tmp_path: Path) -> None:
    server = Server()

    async def by_host(request, writer) -> None:  # type: ignore[no-untyped-def]
        here = request.headers["host"].startswith("localhost")
        menu = "".join(
            f'<li><a href="http://{h}:{server.port}/">{h}</a></li>' for h in ("xxgk.localhost", "127.0.0.1")
        )
        home = page("首页", f'<div class="nav"><ul><li><a href="/">首页</a></li>{menu}</ul></div>')
        await (home if here else page("信息公开", "/never.html"))(request, writer)

    server.other = by_host
    with serving(server), walked(config_for(f"http://localhost:{server.port}"), tmp_path) as evidence:
        assert [n.url for n in evidence.notes("candidate-host")] == [f"http://xxgk.localhost:{server.port}/"]
        assert [p.url for p in evidence.pages()] == [f"http://localhost:{server.port}/"]
        assert "/never.html" not in server.paths()

"""Runs that a limit cuts short go round a site: lists, what changed lately, then whatever was seen longest ago."""

import dataclasses
import datetime as dt
import itertools
import sqlite3
from pathlib import Path
from typing import Any

from crawler.evidence.earlier import begin_from
from crawler.evidence.schema import EVIDENCE_FILE
from crawler.siteconfig import SiteConfig
from crawler.walk import walk
from tests.crawler.test_again import Tagged, asked_for, html
from tests.crawler.walking import config_for, run_of
from tests.server import Server, answer, serving


def walked_on_day(config: SiteConfig, folder: Path, day: int) -> None:
    """The run of one day; rotation goes by when the runs were."""
    at = dt.datetime(2018, 4, 16, tzinfo=dt.UTC) + dt.timedelta(days=day)
    run = dataclasses.replace(run_of(config), id=str(day), started_at=at, as_of=at.date())
    walk(config, folder / f"{day:02}", run, own_process=False)


def listing(title: str, names: list[str]) -> Tagged:
    rows = "".join(
        f'<li><a href="{name}">关于{name}的通知</a><span>2018-04-{n % 28 + 1:02}</span></li>'
        for n, name in enumerate(names)
    )
    return Tagged(f"<html><title>{title}</title><body><ul>{rows}</ul></body></html>".encode())


def site(columns: int, articles: int) -> dict[str, Any]:
    """A home page with columns of some articles each."""
    paths = [f"/lm{c}/" for c in range(columns)]
    menu = "".join(f'<a href="{path}">第{n}号栏目</a>' for n, path in enumerate(paths))
    home = f"<html><title>首页</title><body><div class='nav'>{menu}</div><h1>首页</h1></body></html>"
    routes: dict[str, Any] = {"/": Tagged(home.encode())}
    for path in paths:
        names = [f"{path}a{n}.html" for n in range(articles)]
        routes[path] = listing(path, names)
        routes |= {name: Tagged(html(f"通知{name}", "/", path)) for name in names}
    return routes


def test_what_changed_when_last_seen_comes_before_what_was_seen_longer_ago(tmp_path: Path) -> None:
    with serving(Server(routes=site(1, 30))) as (server,):
        config = config_for(server.base, max_pages=20, concurrency=1)
        walked_on_day(config, tmp_path, 1)
        first = asked_for(server)
        assert first[:2] == ["/", "/lm0/"]
        again, steady = first[2], first[3]
        server.routes[again] = Tagged(html("改过的通知", "/"))
        walked_on_day(config, tmp_path, 2)
        second = asked_for(server)
        # What was never asked goes first, and both are in the run.
        assert {again, steady} <= set(second)
        assert not set(first) & set(second[2:14])
        walked_on_day(config, tmp_path, 3)
        third = asked_for(server)
        assert third[:3] == ["/", "/lm0/", again]
        assert third.index(steady) > 12
        # Found as it was, it goes round with the rest.
        walked_on_day(config, tmp_path, 4)
        assert again not in asked_for(server)[:12]


def test_pages_that_always_change_do_not_keep_the_rest_from_being_seen(tmp_path: Path) -> None:
    routes = site(1, 60)
    number = itertools.count()

    async def counting(request: Any, writer: Any) -> None:
        await answer(html(f"第{next(number)}次打开的通知", "/"))(request, writer)

    routes |= dict.fromkeys(list(routes)[2:32], counting)
    with serving(Server(routes=routes)) as (server,):
        config = config_for(server.base, max_pages=20, concurrency=1)
        seen: list[set[str]] = []
        for day in range(1, 10):
            walked_on_day(config, tmp_path, day)
            seen.append(set(asked_for(server)))
        everything = set(routes)
        # 62 pages, of which a run sees at least 20 - 10 - 5 that are neither lists nor changed.
        assert set().union(*seen[:4]) >= everything
        assert set().union(*seen[4:]) >= everything


def test_more_columns_than_a_run_may_see_are_seen_in_turn(tmp_path: Path) -> None:
    routes = site(30, 2)
    with serving(Server(routes=routes)) as (server,):
        config = config_for(server.base, max_pages=20, concurrency=1)
        columns = {path for path in routes if path.endswith("/")}
        runs: list[list[str]] = []
        for day in range(1, 11):
            walked_on_day(config, tmp_path, day)
            runs.append(asked_for(server))
        assert all(len(asked) == 20 and asked[0] == "/" for asked in runs)
        assert set().union(*runs[:3]) >= columns
        assert set().union(*runs) >= set(routes)
        for start in range(3, 7):
            assert set().union(*runs[start : start + 4]) >= columns


def test_a_run_of_an_older_version_is_gone_on_from(tmp_path: Path) -> None:
    with serving(Server(routes=site(1, 30))) as (server,):
        config = config_for(server.base, max_pages=20)
        walked_on_day(config, tmp_path, 1)
        walked_on_day(config, tmp_path, 2)
    with sqlite3.connect(tmp_path / "02" / EVIDENCE_FILE) as db:
        db.execute("ALTER TABLE last_looks DROP COLUMN body")
        db.execute("ALTER TABLE last_looks DROP COLUMN changed")
        db.execute("DELETE FROM _sqlite_migrations WHERE name='changes'")
    db.close()
    begin_from(tmp_path / "02", tmp_path / "03")
    with sqlite3.connect(tmp_path / "03" / EVIDENCE_FILE) as db:
        looks = db.execute("SELECT count(*), count(body), sum(changed) FROM last_looks").fetchone()
        turns = dict(
            db.execute("SELECT turn, count(*) FROM urls WHERE state=0 AND role='page' GROUP BY turn")
        )
    db.close()
    assert looks == (32, 20, 0)
    assert turns[-1] == 2
    assert 1 not in turns

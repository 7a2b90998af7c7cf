"""The line into the page work's process: calls in pieces, and batches looked at before their turn."""

from __future__ import annotations

import datetime as dt
import pickle
import socket
import sqlite3
import struct
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import answers
from crawler.answers import Seen, packed
from crawler.evidence.records import Coverage, Fetch, FetchOutcome, Run
from crawler.serving import _Calls
from crawler.siteconfig import from_url
from crawler.wire import Head
from crawler.workline import Started

BASE = "http://127.0.0.1:8001/"
NOW = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)


def framed(name: str, *arguments: Any) -> bytes:
    return b"".join(packed((name, arguments)))


@settings(max_examples=50, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 300), min_size=1, max_size=6),
    piece=st.integers(30, 400),
    looks=st.booleans(),
)
def test_calls_come_whole_and_in_order_however_they_are_cut(
    sizes: list[int], piece: int, looks: bool
) -> None:
    near, far = socket.socketpair()
    sent_pages = [page(n)._replace(body=b"x" * size) for n, size in enumerate(sizes)]
    # So that some bodies go beside their pickle.
    with near, far, mock.patch.object(answers, "_LARGE", 100):
        calls = _Calls(far)
        sent = b"".join(framed("work", n, seen) for n, seen in enumerate(sent_pages))
        seen: list[int] = []
        for at in range(0, len(sent), piece):
            near.sendall(sent[at : at + piece])
            if looks and (call := calls.look()) is not None:
                seen.append(call[1][0])
        near.close()
        got = []
        while (call := calls.next()) is not None:
            got.append(call[1])
        assert got == list(enumerate(sent_pages))
        assert all(type(answer.body) is bytes for _, answer in got)
        assert seen in ([], [0])


def page(n: int) -> Seen:
    links = "".join(f"<a href='/{(n * k) % 97}.html'>第{k}条消息</a>" for k in range(1, 30))
    body = f"<title>第{n}页</title><p>{'正文' * n}</p>{links}".encode()
    url = BASE if n == 0 else f"{BASE}{n}.html"
    fetch = Fetch(url=url, method="GET", at=NOW, outcome=FetchOutcome.OK, status=200)
    return Seen(
        n + 1, "page", 1, fetch, Head(200, "OK", [("Content-Type", "text/html; charset=utf-8")]), body, None
    )


def stored(folder: Path, *, together: bool) -> dict[str, list[Any]]:
    """The rows of a run whose batches were sent all at once, or each after the reply to the one before."""
    config = from_url(BASE)
    run = Run(
        id="r",
        site=config.site(),
        as_of=NOW.date(),
        started_at=NOW,
        finished_at=None,
        version="",
        config={},
        coverage={},
    )
    started = Started()
    replies = started.link.makefile("rb")

    def reply() -> Any:
        return pickle.loads(replies.read(struct.unpack("<I", replies.read(4))[0]))

    started.opened = True
    batches = [[page(n) for n in range(at, at + 12)] for at in range(0, 60, 12)]
    calls = [
        framed("open", config, folder, run, (), 1),
        *(framed("work", batch, {"page": 9}) for batch in batches),
        framed("finish", NOW, {"pages": Coverage(state="complete")}, run),
    ]
    if together:
        started.link.sendall(b"".join(calls))
    for call in calls:
        if not together:
            started.link.sendall(call)
        reply()
    replies.close()
    started.link.close()
    started.process.wait()
    with sqlite3.connect(folder / "evidence.db") as db:
        tables = ("urls", "strings", "blocks", "links", "page_blocks", "facts", "fetches")
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}


def test_batches_that_are_begun_ahead_are_stored_as_if_each_had_come_alone(tmp_path: Path) -> None:
    ahead = stored(tmp_path / "ahead", together=True)
    assert ahead == stored(tmp_path / "alone", together=False)
    assert len(ahead["fetches"]) == 60

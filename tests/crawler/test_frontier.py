"""The walk's side of the frontier: who asks waits while the page work is behind."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

import pytest

from crawler.answers import Seen, Stored
from crawler.evidence.records import Fetch, FetchOutcome
from crawler.fetching import Got
from crawler.frontier import Frontier, ToAsk
from crawler.workline import WorkLine

NOW = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)


class Slow:
    """A line to a page work that answers when it is told to."""

    def __init__(self) -> None:
        self.unsafe: dict[int, Seen] = {}
        self.may = asyncio.Event()

    async def call(self, name: str, batch: Sequence[Seen], wants: dict[str, int]) -> Stored:
        await self.may.wait()
        return Stored({}, [seen.target for seen in batch], 0, 0, None)

    def forget(self, targets: Sequence[int]) -> None:
        for target in targets:
            del self.unsafe[target]


def answer(frontier: Frontier, number: int) -> None:
    url = f"http://127.0.0.1/{number}"
    fetch = Fetch(url=url, method="GET", at=NOW, outcome=FetchOutcome.OK, status=200)
    frontier.answered(ToAsk(number, url, 1, "page"), Got(fetch, None, b"x" * 2_000_000, None), keep_body=True)


@pytest.mark.parametrize("ends", ["caught up", "stopped", "failed"])
def test_who_asks_waits_until_the_page_work_has_caught_up_or_the_walk_ends(ends: str) -> None:
    async def walk() -> None:
        line: Any = Slow()
        frontier = Frontier(cast(WorkLine, line), pages_left=100, progress=None)
        await asyncio.wait_for(frontier.room(), 1)
        for number in range(8):
            answer(frontier, number)
        assert frontier.full
        waiting = [asyncio.create_task(frontier.room()) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in waiting)
        if ends == "failed":
            frontier.fail(RuntimeError())
        else:
            if ends == "stopped":
                frontier.stop()
            line.may.set()
        await asyncio.wait_for(asyncio.gather(*waiting), 1)
        assert frontier.full == (ends == "failed")

    asyncio.run(walk())

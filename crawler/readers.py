"""Reading pages, by this process and by helpers beside it: what takes longest in a walk uses every core."""

from __future__ import annotations

import ctypes
import dataclasses
import gc
import hashlib
import os
import pickle
import select
import signal
import socket
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from crawler.evidence.blocks import Block, cut, frame
from crawler.evidence.ids import Ids
from crawler.evidence.records import Fact, Item, PageKind, Reading
from crawler.extract.navigation import navigation
from crawler.extract.reading import read_page
from crawler.extract.webpage import open_page

_FRAME = struct.Struct("<I")
_PORTION = 5
_STORING = 0.5
"""Of the time of reading a page, what storing it takes."""
_WORTH_HELP = 6
_PR_SET_PDEATHSIG = 1
_MOST_HELD = 30_000
"""Blocks of links that a helper knows to be stored; some hundred bytes each."""


class Unread(NamedTuple):
    """A page to read: `body` without content coding."""

    target: int
    url: str
    content_type: str | None
    body: bytes
    home: bool


class PageRead(NamedTuple):
    """What a page said, None with `fault` when an extractor could not bear it; `sha256` of its body.

    `blocks` and `frame` are its links and what stands around its content, ready to be stored. A reading that came
    from a helper has neither links nor text, and its blocks that are stored already come without their links.
    """

    reading: Reading | None
    fault: str | None
    sha256: bytes
    blocks: Sequence[Block] = ()
    frame: str = ""


def read_one(page: Unread) -> PageRead:
    sha = hashlib.sha256(page.body).digest()
    try:
        opened = open_page(page.url, page.body, page.content_type)
        reading = read_page(opened)
        if page.home or reading.kind is PageKind.HOME:
            menu = Fact(kind="navigation", data={"entries": navigation(opened)})
            reading = dataclasses.replace(reading, facts=(*reading.facts, menu))
        return PageRead(reading, None, sha, cut(reading.links, pieces=opened.outline.pieces), frame(reading))
    except Exception as error:  # One page that an extractor cannot bear must not end the walk of all others.
        return PageRead(None, f"{type(error).__name__}: {error}"[:300], sha)


class Readers:
    """Reads batches of pages in order, with the help of `helpers` further processes."""

    def __init__(self, helpers: int) -> None:
        self._helpers = [_Helper() for _ in range(helpers)]

    def read(self, pages: Sequence[Unread]) -> Iterator[PageRead]:
        """What the pages say, in their order. Helpers read from the near end, and go on while the caller stores.

        This process reads from the far end when the next page is not there yet, but leaves to the helpers what they can
        read while it stores the rest. Raises ConnectionError when a helper died: the page it died of is among these.
        """
        helpers = self._helpers if len(pages) >= _WORTH_HELP else []
        done: dict[int, PageRead] = {}
        left = deque(range(len(pages)))
        for helper in helpers:
            helper.give(left, pages)
        for place in range(len(pages)):
            while True:
                for helper in helpers:
                    if helper.ready():
                        helper.take(done)
                        helper.give(left, pages)
                if place in done:
                    break
                if helpers and len(left) <= (len(pages) - place) * _STORING * len(helpers):
                    select.select([helper.link for helper in helpers if helper.busy], [], [])
                else:
                    far = left.pop() if helpers else left.popleft()
                    done[far] = read_one(pages[far])
            yield done.pop(place)

    def stored(self, blocks: Sequence[Block]) -> None:
        """Take note that these blocks are in the evidence: helpers need not send their links again."""
        if self._helpers:
            new = [block.sha for block in blocks if block.links is not None]
            for helper in self._helpers:
                helper.news.extend(new)

    def close(self) -> None:
        for helper in self._helpers:
            helper.close()
        self._helpers = []


class _Helper:
    """A forked process that reads what it is given; forked and not started anew, it shares what is loaded."""

    def __init__(self) -> None:
        near, far = socket.socketpair()
        self.busy: list[int] = []
        """The places it is reading: one portion at a time, so that neither side waits for the other to read."""
        self.news: deque[bytes] = deque(maxlen=_MOST_HELD)
        """Blocks that were stored since it was last given something."""
        self.pid = os.fork()
        if self.pid == 0:
            near.close()
            _help(far)
        far.close()
        self.link = near
        self._stream = near.makefile("rb")

    def give(self, left: deque[int], pages: Sequence[Unread]) -> None:
        """Take a portion from the near end of what is left, at the end no more than half of it."""
        portion = [left.popleft() for _ in range(min(_PORTION, (len(left) + 1) // 2))]
        if portion:
            _send(self.link, ([pages[place] for place in portion], list(self.news)))
            self.news.clear()
            self.busy = portion

    def ready(self) -> bool:
        return bool(self.busy) and bool(select.select([self.link], [], [], 0)[0])

    def take(self, done: dict[int, PageRead]) -> None:
        places, self.busy = self.busy, []
        for place, flat in zip(places, _receive(self._stream), strict=True):
            done[place] = rebuilt(flat)

    def close(self) -> None:
        self._stream.close()
        self.link.close()
        os.waitpid(self.pid, 0)


def _help(link: socket.socket) -> None:
    """The helper's life: read portions until the link closes. Never returns."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    gc.freeze()
    stream = link.makefile("rb")
    held: Ids[bytes] = Ids(_MOST_HELD // 2)
    try:
        while True:
            pages, news = _receive(stream)
            for sha in news:
                held[sha] = 1
            _send(link, [flat(read_one(page), held) for page in pages])
    except ConnectionError:
        os._exit(0)
    finally:
        os._exit(1)


def _send(link: socket.socket, message: Any) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    link.sendall(_FRAME.pack(len(data)) + data)


def _receive(stream: Any) -> Any:
    size = stream.read(_FRAME.size)
    if len(size) < _FRAME.size:
        raise ConnectionResetError
    return pickle.loads(stream.read(_FRAME.unpack(size)[0]))


_FIELDS = tuple(f.name for f in dataclasses.fields(Reading) if f.name not in ("links", "text"))


def flat(read: PageRead, held: Ids[bytes]) -> tuple[Any, ...]:
    """What was read as bare tuples, without the links of the blocks in `held`: to pickle records costs more than to read."""
    reading = read.reading
    if reading is None:
        return (None, read.fault, read.sha256, (), "")
    values = [
        [tuple(item) for item in reading.items] if name == "items" else getattr(reading, name)
        for name in _FIELDS
    ]
    blocks = [
        (
            start,
            sha,
            zone,
            None
            if links is None or held.get(sha)
            else [(url, text, tag, zone, href) for url, text, tag, _, href in links],
        )
        for start, sha, zone, links in read.blocks
    ]
    return (values, read.fault, read.sha256, blocks, read.frame)


def rebuilt(flat: tuple[Any, ...]) -> PageRead:
    values, fault, sha, blocks, around = flat
    if values is None:
        return PageRead(None, fault, sha)
    named = dict(zip(_FIELDS, values, strict=True))
    named["items"] = tuple(map(Item._make, named["items"]))
    return PageRead(Reading(**named, links=(), text=""), fault, sha, tuple(map(Block._make, blocks)), around)

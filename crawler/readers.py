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
from itertools import accumulate, islice
from typing import Any, NamedTuple

from crawler.evidence.blocks import Block, cut, frame
from crawler.evidence.ids import Ids
from crawler.evidence.records import Fact, Item, PageKind, Reading
from crawler.extract.navigation import navigation
from crawler.extract.reading import read_page
from crawler.extract.webpage import open_page

_FRAME = struct.Struct("<I")
_PORTION = 5
_PORTIONS = 2
_WAITING_BYTES, _SHA_BYTES = 100_000, 20
"""Of a portion that waits while another is read: as much as a socket holds, so that neither side waits for the other to read."""
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
    """Reads pages in the order they are begun, with the help of `helpers` further processes."""

    def __init__(self, helpers: int) -> None:
        self._helpers = [_Helper() for _ in range(helpers)]
        self._begun = self._taken = 0
        self._left: deque[tuple[int, Unread]] = deque()
        self._done: dict[int, PageRead] = {}

    def begin(self, pages: Sequence[Unread]) -> Iterator[int]:
        """Numbers to ask for these pages with, in their order. Helpers read while the caller does something else."""
        numbers = range(self._begun, self._begun + len(pages))
        self._begun = numbers.stop
        self._left.extend(zip(numbers, pages, strict=True))
        self.look()
        return iter(numbers)

    def look(self) -> None:
        """Take what helpers have read, and give them more. A few pages are not worth it."""
        for helper in self._helpers:
            while helper.ready():
                self._done.update(helper.take())
            if helper.busy or len(self._left) >= _WORTH_HELP:
                helper.give(self._left)

    def read(self, number: int) -> PageRead:
        """What the next page says; `number` counts on from the last that was asked for.

        When it is not there yet this process reads from the far end, but leaves to the helpers what they can read while
        the rest is stored. Raises ConnectionError when a helper died: of a page that was begun.
        """
        self._taken = number
        while True:
            self.look()
            if number in self._done:
                return self._done.pop(number)
            busy = [helper.link for helper in self._helpers if helper.busy]
            if not busy:
                found, page = self._left.popleft()
                self._done[found] = read_one(page)
            elif len(self._left) <= (self._begun - number) * _STORING * len(self._helpers):
                select.select(busy, [], [])
            else:
                found, page = self._left.pop()
                self._done[found] = read_one(page)

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
        self._portions: deque[list[int]] = deque()
        """Numbers of the pages it was given: one portion that it reads, and one that waits for it."""
        self.news: deque[bytes] = deque(maxlen=_MOST_HELD)
        """Blocks that were stored since it was last given something."""
        self.pid = os.fork()
        if self.pid == 0:
            near.close()
            _help(far)
        far.close()
        self.link = near

    @property
    def busy(self) -> bool:
        return bool(self._portions)

    def give(self, left: deque[tuple[int, Unread]]) -> None:
        """Give it portions from the near end of what is left, at the end no more than half of it."""
        while left and len(self._portions) < _PORTIONS:
            most = min(_PORTION, (len(left) + 1) // 2)
            if self._portions:
                room = _WAITING_BYTES - _SHA_BYTES * len(self.news)
                sizes = accumulate(len(page.body) for _, page in islice(left, most))
                most = sum(size <= room for size in sizes)
            if not most:
                break
            portion = [left.popleft() for _ in range(most)]
            send(self.link, ([page for _, page in portion], list(self.news)))
            self.news.clear()
            self._portions.append([number for number, _ in portion])

    def ready(self) -> bool:
        return bool(self._portions) and bool(select.select([self.link], [], [], 0)[0])

    def take(self) -> Iterator[tuple[int, PageRead]]:
        """The pages of its first portion, after their numbers."""
        return zip(self._portions.popleft(), map(rebuilt, _receive(self.link)), strict=True)

    def close(self) -> None:
        self.link.close()
        os.waitpid(self.pid, 0)


def _help(link: socket.socket) -> None:
    """The helper's life: read portions until the link closes. Never returns."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    gc.freeze()
    held: Ids[bytes] = Ids(_MOST_HELD // 2)
    try:
        while True:
            pages, news = _receive(link)
            for sha in news:
                held[sha] = 1
            send(link, [flat(read_one(page), held) for page in pages])
    except ConnectionError:
        os._exit(0)
    finally:
        os._exit(1)


def send(link: socket.socket, message: Any) -> None:
    """Send a message, pickled, with its length."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    link.sendall(_FRAME.pack(len(data)) + data)


def _receive(link: socket.socket) -> Any:
    return pickle.loads(_exactly(link, _FRAME.unpack(_exactly(link, _FRAME.size))[0]))


def _exactly(link: socket.socket, size: int) -> memoryview:
    """So many bytes. Not by a stream: what lies in its buffer, the link does not show as come."""
    whole = rest = memoryview(bytearray(size))
    while rest:
        came = link.recv_into(rest)
        if not came:
            raise ConnectionResetError
        rest = rest[came:]
    return whole


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

"""The process of the page work: calls come over a socket, answers go back in the same order."""

from __future__ import annotations

import gc
import os
import socket
from collections import deque
from typing import Any

from crawler.answers import COLLECT_AFTER, unpacking
from crawler.memory import give_back
from crawler.pagework import PageWork
from crawler.readers import send
from crawler.room import NO_ROOM_EXIT, is_no_room

_AHEAD = 1
"""Calls that are looked at before their turn."""


class _Calls:
    """The calls that come over a socket, each (method, arguments)."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._came: deque[tuple[str, tuple[Any, ...]]] = deque()
        self._parts: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        self._call = unpacking()
        self._missing = next(self._call)

    def next(self) -> tuple[str, tuple[Any, ...]] | None:
        """The next call, None when there will be no more."""
        while not self._came:
            if not self._take_in(0):
                return None
        return self._came.popleft()

    def look(self) -> tuple[str, tuple[Any, ...]] | None:
        """A call that has come meanwhile and was not looked at before; it stays the next."""
        if len(self._came) >= _AHEAD:
            return None
        try:
            while not self._came and self._take_in(socket.MSG_DONTWAIT):
                pass
        except BlockingIOError:
            return None
        return self._came[0] if self._came else None

    def _take_in(self, flags: int) -> int:
        """Take in what is there of the next part; how many bytes."""
        came = self._link.recv(self._missing, flags)
        self._parts.append(came)
        self._missing -= len(came)
        if came and not self._missing:
            part = came if len(self._parts) == 1 else b"".join(self._parts)
            self._parts.clear()
            try:
                self._missing = self._call.send(part)
            except StopIteration as whole:
                self._came.append(whole.value)
                self._begin()
        return len(came)


def serve(handle: int) -> None:
    """Answer the calls that come over a socket until it closes.

    Batches are begun as soon as they come: helpers read one while the one before it is stored.
    """
    link = socket.socket(fileno=handle)
    give_back()
    gc.set_threshold(*COLLECT_AFTER)
    calls = _Calls(link)
    work: PageWork | None = None

    def look_ahead() -> None:
        call = calls.look()
        if call is not None and call[0] == "work" and work is not None:
            work.begin(call[1][0])

    try:
        while (call := calls.next()) is not None:
            name, arguments = call
            result: Any = None
            if name == "open":
                work = PageWork(*arguments)
                work.meanwhile = look_ahead
            elif work is None:
                # The walk was interrupted before anything was opened.
                break
            else:
                result = getattr(work, name)(*arguments)
                if name in ("finish", "stop"):
                    work = None
            send(link, result)
    except ConnectionError:
        # The walk is gone; what was stored so far is whole and is kept.
        pass
    except Exception as error:
        if work is not None:
            work.abandon()
            work = None
        if is_no_room(error):
            os._exit(NO_ROOM_EXIT)
        raise
    finally:
        if work is not None:
            work.stop()

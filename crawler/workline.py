"""The line to the page work: calls go out in order, batches of answers with back-pressure.

With two cores or more the page work is a process of its own; should it die (a hostile page, a kill), it is
started again and given once more what it had not yet committed, one answer at a time, leaving out the one
it dies of.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import socket
import sqlite3
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.answers import Seen, packed
from crawler.evidence.records import Run
from crawler.room import NO_ROOM_EXIT, NoRoom, is_no_room
from crawler.siteconfig import SiteConfig

_FRAME = struct.Struct("<I")
_ROOT = Path(__file__).resolve().parents[1]
# What was read is given back by the end itself: to take it apart piece by piece costs half a second.
_SERVE = "import os; from crawler.serving import serve; serve({}); os._exit(0)"
_MOST_RESTARTS = 20
_MOST_TRIES = 3

STUCK_SECONDS = 90.0
"""A call that takes longer is given up: reading one page is a matter of milliseconds."""


if TYPE_CHECKING:
    from crawler.pagework import PageWork


class WorkLost(Exception):
    """Raised when the page work cannot be kept running."""


def worth_own_process() -> bool:
    return len(os.sched_getaffinity(0)) > 1


class Started:
    """The process of the page work, started and not yet opened: it loads what it needs while its starter does the same."""

    def __init__(self) -> None:
        self.link, far = socket.socketpair()
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE.format(far.fileno())],
            pass_fds=[far.fileno()],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        far.close()
        self.opened = False

    def close(self) -> None:
        """Let it end, if it was never opened."""
        if not self.opened:
            self.link.close()
            self.process.wait()


class OwnProcess:
    """Calls `PageWork` in another process. `calls` wait in order; each gets its reply."""

    def __init__(self, config: SiteConfig, folder: Path, run: Run, started: Started | None = None) -> None:
        self._opening = (config, folder, run)
        self._started = started
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._pieces: asyncio.Queue[bytes | memoryview] = asyncio.Queue()
        self._sending: asyncio.Task[None] | None = None
        self._calls: deque[tuple[str, tuple[Any, ...], asyncio.Future[Any]]] = deque()
        self._replies: asyncio.Task[None] | None = None
        self._closing = False
        self._alarm: asyncio.TimerHandle | None = None

    async def open(self, issued: Sequence[int] = ()) -> None:
        started = self._started or Started()
        started.opened = True
        self._process, near = started.process, started.link
        near.setblocking(False)
        self._sending = asyncio.create_task(self._send_on(near.dup()))
        self._reader, self._writer = await asyncio.open_connection(sock=near)
        opened = asyncio.get_running_loop().create_future()
        helpers = max(1, len(os.sched_getaffinity(0)) - 1)
        self._send("open", (*self._opening, tuple(issued), helpers))
        self._calls.appendleft(("open", (), opened))
        self._replies = asyncio.create_task(self._listen())
        await opened

    async def call(self, name: str, *arguments: Any) -> Any:
        """Raises WorkLost when the process died meanwhile, NoRoom when it died of a full disk."""
        if self._replies is not None and self._replies.done():
            raise self._end()
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._send(name, arguments)
        self._calls.append((name, arguments, reply))
        self._watch()
        return await reply

    def _send(self, name: str, arguments: tuple[Any, ...]) -> None:
        for piece in packed((name, arguments)):
            self._pieces.put_nowait(piece)

    async def _send_on(self, link: socket.socket) -> None:
        """Send what is to be sent, from where it lies: a stream's writer would copy attachments once or twice more."""
        loop = asyncio.get_running_loop()
        with link, contextlib.suppress(ConnectionError):
            while True:
                await loop.sock_sendall(link, await self._pieces.get())

    async def _listen(self) -> None:
        assert self._reader is not None
        try:
            while True:
                size = _FRAME.unpack(await self._reader.readexactly(_FRAME.size))[0]
                result = pickle.loads(await self._reader.readexactly(size))
                _, _, reply = self._calls.popleft()
                self._watch()
                if not reply.done():
                    reply.set_result(result)
        except (asyncio.IncompleteReadError, ConnectionError):
            assert self._process is not None
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, 5)
            while self._calls:
                reply = self._calls.popleft()[2]
                if not reply.done():
                    reply.set_exception(self._end())

    def _end(self) -> Exception:
        """What the end of the process means."""
        if self._process is not None and self._process.poll() == NO_ROOM_EXIT:
            return NoRoom()
        return WorkLost("页面处理进程意外退出")

    def _watch(self) -> None:
        """Kill the process when the oldest call takes too long; what follows is as if it had died."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._calls and self._calls[0][0] == "work" and self._process is not None:
            self._alarm = asyncio.get_running_loop().call_later(STUCK_SECONDS, self._process.kill)

    async def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait([self._sending])
        if self._writer is not None:
            self._writer.close()
        if self._process is not None:
            try:
                await asyncio.to_thread(self._process.wait, 15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._replies is not None:
            await self._replies


class SameProcess:
    """Calls `PageWork` directly: one core, or a test."""

    def __init__(self, config: SiteConfig, folder: Path, run: Run) -> None:
        self._opening = (config, folder, run)
        self._work: PageWork | None = None

    async def open(self, issued: Sequence[int] = ()) -> None:
        # The extractors weigh tens of megabytes: only a process that reads pages loads them.
        from crawler.pagework import PageWork

        try:
            self._work = PageWork(*self._opening, tuple(issued))
        except (OSError, sqlite3.Error) as error:
            if is_no_room(error):
                raise NoRoom() from error
            raise

    async def call(self, name: str, *arguments: Any) -> Any:
        if self._work is None:
            raise WorkLost("页面处理已经停止")
        work, self._work = self._work, None
        try:
            result = getattr(work, name)(*arguments)
        except Exception as error:
            work.abandon()
            if is_no_room(error):
                raise NoRoom() from error
            raise
        if name not in ("finish", "stop"):
            self._work = work
        # Reading a page takes milliseconds: let the network have its turn.
        await asyncio.sleep(0)
        return result

    async def close(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.stop()


class WorkLine:
    """Hands answers over in batches and keeps each until it is committed."""

    def __init__(
        self,
        config: SiteConfig,
        folder: Path,
        run: Run,
        *,
        own_process: bool | None = None,
        started: Started | None = None,
    ) -> None:
        self._opening = (config, folder, run)
        self._own_process = worth_own_process() if own_process is None else own_process
        self._line = self._make(started)
        self._restarts = 0
        self._mending: asyncio.Lock = asyncio.Lock()
        self.unsafe: dict[int, Seen] = {}
        """Answers handed over and not yet committed, by target."""
        self.issued: Callable[[], Sequence[int]] = tuple
        """Ids of the targets that the walk holds."""

    def _make(self, started: Started | None = None) -> OwnProcess | SameProcess:
        return OwnProcess(*self._opening, started) if self._own_process else SameProcess(*self._opening)

    async def open(self) -> None:
        await self._line.open()

    async def call(self, name: str, *arguments: Any) -> Any:
        """Call a method of `PageWork`. Raises WorkLost when it cannot be kept running."""
        for tried in range(_MOST_TRIES):
            line = self._line
            try:
                return await line.call(name, *arguments)
            except WorkLost:
                if name in ("finish", "stop") or tried == _MOST_TRIES - 1:
                    raise
                await self._mend(line)
                if name == "work":
                    # The batch was among the uncommitted answers and has been given again.
                    arguments = ((), arguments[1])
        raise AssertionError

    async def _mend(self, broken: OwnProcess | SameProcess) -> None:
        async with self._mending:
            if self._line is not broken:
                return
            await broken.close()
            culprit: Seen | None = None
            while True:
                self._restarts += 1
                if self._restarts > _MOST_RESTARTS:
                    raise WorkLost("页面处理进程反复退出，检查中止；再次运行同一命令可以继续")
                line = self._make()
                await line.open([*self.issued(), *self.unsafe])
                try:
                    for seen in list(self.unsafe.values()):
                        culprit = seen
                        stored = await line.call("work", (seen,), {})
                        self.forget(stored.committed)
                    self._line = line
                    return
                except WorkLost:
                    await line.close()
                    if culprit is not None and culprit.body:
                        self.unsafe[culprit.target] = culprit._replace(
                            body=b"", fetch=_with_detail(culprit, "页面内容使读取程序退出，未能读取")
                        )

    def forget(self, targets: Sequence[int]) -> None:
        for target in targets:
            self.unsafe.pop(target, None)

    async def close(self) -> None:
        await self._line.close()


def _with_detail(seen: Seen, detail: str) -> Any:
    from dataclasses import replace

    return replace(seen.fetch, detail=detail)

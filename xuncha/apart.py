"""Work done in a forked process, so that its memory is given back when it ends: the walk, before the judging begins."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, BinaryIO, Generic, NoReturn, TypeVar

_PR_SET_PDEATHSIG = 1

Told = TypeVar("Told")
Result = TypeVar("Result")
Tell = Callable[[Told], None] | None
Work = Callable[[Callable[[Told], None]], Result]


class Apart(Generic[Told, Result]):
    """`work(tell)` under way in a process of its own, which ends with this one.

    Where forking is not safe, since this process has threads, the work is done here, when its result is asked for.
    """

    def __init__(self, work: Work[Told, Result]) -> None:
        self._work = work
        self._child: int | None = None
        if threading.active_count() > 1:
            return
        here, there = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self._child = os.fork()
        if self._child == 0:
            os.close(here)
            _do(work, there, parent)
        _own_group(self._child)
        os.close(there)
        self._from = here

    def result(self, tell: Tell[Told] = None) -> Result:
        """What the work came to; raises what it raised. `tell` is given what it told on the way."""
        if self._child is None:
            return self._work(tell or _unheard)
        child = self._child

        def interrupt(number: int, frame: FrameType | None) -> None:
            os.kill(child, signal.SIGINT)

        def pause(number: int, frame: FrameType | None) -> None:
            os.kill(child, signal.SIGSTOP)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.kill(child, signal.SIGCONT)

        before = signal.signal(signal.SIGINT, interrupt), signal.signal(signal.SIGTSTP, pause)
        kind: str = "lost"
        what: Any = None
        try:
            with open(self._from, "rb") as stream, contextlib.suppress(EOFError):
                while kind not in ("done", "raised"):
                    kind, what = pickle.load(stream)
                    if kind == "told" and tell is not None:
                        tell(what)
        finally:
            os.waitpid(child, 0)
            signal.signal(signal.SIGINT, before[0])
            signal.signal(signal.SIGTSTP, before[1])
        if kind == "raised":
            raise what
        if kind != "done":
            from crawler.workline import WorkLost

            raise WorkLost("页面处理进程意外退出")
        result: Result = what
        return result


def _unheard(told: object) -> None:
    """Nobody watches."""


def _do(work: Work[Any, Any], there: int, parent: int) -> NoReturn:
    """The process's life: the work, and word of it to the other end. Never returns."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _own_group(0)
        if os.getppid() == parent:
            with open(there, "wb") as stream:
                try:
                    message = ("done", work(lambda told: _send(stream, ("told", told))))
                except BaseException as error:
                    message = ("raised", _portable(error))
                _send(stream, message)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _own_group(child: int) -> None:
    """Ctrl-C reaches the work through the parent, and only once. Both sides call this: either may come first."""
    with contextlib.suppress(OSError):
        os.setpgid(child, 0)


def _send(stream: BinaryIO, message: tuple[str, Any]) -> None:
    pickle.dump(message, stream)
    stream.flush()


def _portable(error: BaseException) -> BaseException:
    """An exception that crosses over, with its traceback as a note."""
    said = "".join(traceback.format_exception(error))
    error.add_note(said)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # What it is made of cannot be sent: what it says can.
        return RuntimeError(said)
    return error

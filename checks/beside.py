"""A share of the judging that a forked process does while this one does the rest."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, NoReturn

_PR_SET_PDEATHSIG = 1
_END = None


def second_core() -> bool:
    """Whether a forked process would have a core to itself."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


class Beside:
    """A forked process that works out rows, none of them None; forked and not started anew, it shares what is loaded."""

    def __init__(self, work: Callable[[], Iterable[Any]]) -> None:
        """Fork before anything big is loaded; `work` opens its own connections."""
        near, far = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(near)
            _work(work, os.fdopen(far, "wb"))
        os.close(far)
        self._stream: BinaryIO = os.fdopen(near, "rb")

    def rows(self) -> list[Any] | None:
        """All rows, waited for; None when the process died, of a fault or for want of memory."""
        found: list[Any] = []
        try:
            while (row := pickle.load(self._stream)) is not _END:
                found.append(row)
        except (EOFError, pickle.UnpicklingError):
            return None
        finally:
            self.close()
        return found

    def close(self) -> None:
        """End the process, whether or not it has come to its end."""
        if not self._stream.closed:
            self._stream.close()
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _work(work: Callable[[], Iterable[Any]], stream: BinaryIO) -> NoReturn:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Ctrl-C goes to both; the other one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()
    try:
        for row in work():
            pickle.dump(row, stream, pickle.HIGHEST_PROTOCOL)
        pickle.dump(_END, stream)
        stream.close()
        os._exit(0)
    finally:
        os._exit(1)

"""A disk that is full: known by the fault it causes, told from process to process by an exit code."""

from __future__ import annotations

import errno
import sqlite3

NO_ROOM_EXIT = 28
"""How a process ends that found no room, so that it is not started again."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_MESSAGE = "证据写不进磁盘（空间不足或磁盘故障）；腾出空间后再执行同一条命令会接着做"


class NoRoom(Exception):
    """Raised when evidence cannot be written. What was committed is whole; the same call goes on from there."""

    def __init__(self, words: str = _MESSAGE) -> None:
        super().__init__(words)


def is_no_room(error: BaseException) -> bool:
    """Whether a fault says that the disk takes nothing more."""
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_FULL
    return isinstance(error, OSError) and error.errno in _FULL

"""Memory of bodies that come and go, given back to the machine."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_TRIM_BYTES, _OWN_BYTES = 1_000_000, 131_072


def give_back() -> None:
    """Let blocks from 128 kB on lie apart and be returned when they are freed.

    Left alone, glibc puts ever larger blocks among the small ones once it has freed a large one, and a walk's
    attachments and batches leave holes: some twenty megabytes a process that nobody uses.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is not None:
        adjust(_M_MMAP_THRESHOLD, _OWN_BYTES)
        adjust(_M_TRIM_THRESHOLD, _TRIM_BYTES)

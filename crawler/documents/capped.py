"""Reading in a process of its own with a memory limit and a time limit: a hostile file ends that, not the crawl."""

from __future__ import annotations

import atexit
import json
import os
import resource
import select
import struct
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from crawler.documents.kinds import kind_of
from crawler.documents.record import DocumentText, Limits, unreadable

_LOOK = 200
"""Documents after which the worker is looked at: parsers keep memory."""

_GROWN = 120
"""Megabytes beyond which it is then replaced; with every parser loaded it begins with 45."""

_RECOGNISING = 3_000
"""Megabytes of address space that recognition needs; half of it was too little for a rendered page."""

_ROOT = Path(__file__).resolve().parents[2]


class CappedReader:
    """One reading process, started when first needed and again after it died. Safe to share between threads."""

    def __init__(self, megabytes: int = 1500) -> None:
        self._megabytes = megabytes
        self._worker: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._lock = threading.Lock()

    def read(
        self, data: bytes, name: str = "", seconds: float = 30, limits: Limits | None = None
    ) -> DocumentText:
        """`data` as `reading.read` gives it; "too-slow", "too-large" or "crashed" when the process had to be given up."""
        limits = limits or Limits()
        if len(data) > limits.file_bytes:
            return unreadable("unknown", "too-large")
        with self._lock:
            try:
                reply = self._ask(data, name, seconds, limits)
            except (OSError, EOFError, ValueError):
                self._stop()
                return unreadable(_kind(data, name), "crashed")
            if reply is None:
                self._stop()
                return unreadable(_kind(data, name), "too-slow")
            self._served += 1
            if reply.get("why") == "too-large" or (self._served % _LOOK == 0 and self._grown()):
                self._stop()
        return _document(reply)

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _ask(self, data: bytes, name: str, seconds: float, limits: Limits) -> dict[str, Any] | None:
        """The worker's answer, None when it took longer than `seconds`."""
        worker = self._running()
        assert worker.stdin is not None
        assert worker.stdout is not None
        head = json.dumps(
            {"name": name, "seconds": seconds, "limits": {f: getattr(limits, f) for f in Limits.__slots__}}
        ).encode()
        os.set_blocking(worker.stdout.fileno(), True)
        try:
            worker.stdin.write(struct.pack("<II", len(head), len(data)) + head)
            worker.stdin.write(data)
            worker.stdin.flush()
        except BrokenPipeError as error:
            raise EOFError from error
        poll = select.poll()
        poll.register(worker.stdout, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return None
        size = struct.unpack("<I", _exactly(worker.stdout, 4))[0]
        reply: dict[str, Any] = json.loads(_exactly(worker.stdout, size))
        return reply

    def _running(self) -> subprocess.Popen[bytes]:
        if self._worker is None or self._worker.poll() is not None:
            self._stop()
            path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "crawler.documents.worker", str(self._megabytes)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}, start_new_session=True,
            )  # fmt: skip
            self._served = 0
        return self._worker

    def _grown(self) -> bool:
        """Whether the worker holds on to more memory than a new one would need."""
        if self._worker is None:
            return False
        pages = int(Path(f"/proc/{self._worker.pid}/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize() > _GROWN << 20

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


_readers: dict[int, CappedReader] = {}
_readers_lock = threading.Lock()


def read_capped(
    data: bytes, name: str = "", seconds: float = 30, megabytes: int = 1500, *, limits: Limits | None = None
) -> DocumentText:
    """`data` read in a shared child process with at most `megabytes` of memory, within `seconds`.

    Recognising pictures (`limits.ocr_pages`) takes a process of its own with at least 3,000 megabytes.
    """
    if limits is not None and limits.ocr_pages:
        megabytes = max(megabytes, _RECOGNISING)
    with _readers_lock:
        reader = _readers.get(megabytes)
        if reader is None:
            reader = _readers[megabytes] = CappedReader(megabytes)
    return reader.read(data, name, seconds, limits)


@atexit.register
def close_readers() -> None:
    """End the shared processes; they start again when needed."""
    with _readers_lock:
        for reader in _readers.values():
            reader.close()
        _readers.clear()


def _exactly(pipe: Any, size: int) -> bytes:
    data: bytes = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _kind(data: bytes, name: str) -> str:
    kind = kind_of(data[:4096], name)
    return "unknown" if "-" in kind or kind == "empty" else kind


def _document(reply: dict[str, Any]) -> DocumentText:
    """The document out of the worker's JSON. JSON, not pickle: the worker may have been taken over."""
    document = DocumentText(
        kind=str(reply["kind"]),
        text=str(reply["text"]),
        tables=tuple(tuple(tuple(map(str, row)) for row in table) for table in reply["tables"]),
        title=str(reply["title"]),
        links=tuple(map(str, reply["links"])),
        readable=bool(reply["readable"]),
        why=reply["why"],
        cut=bool(reply["cut"]),
        recognised=bool(reply["recognised"]),
    )
    members = tuple((str(name), _document(member)) for name, member in reply["members"])
    return replace(document, members=members) if members else document

"""The reading process of `capped`: takes documents from standard input one by one, answers in JSON."""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from typing import Any, BinaryIO

from crawler.documents.reading import read
from crawler.documents.record import DocumentText, Limits, unreadable


def main() -> None:
    megabytes = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not mix with the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while head := source.read(8):
        if len(head) < 8:
            return
        sizes = struct.unpack("<II", head)
        asked = json.loads(source.read(sizes[0]))
        _answer(source.read(sizes[1]), asked["name"], Limits(**asked["limits"]), asked["seconds"], sink)


def _answer(data: bytes, name: str, limits: Limits, seconds: float, sink: BinaryIO) -> None:
    """Read one document and send it. The processor limit ends this process even when the parent is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 5, hard))
    try:
        reply = json.dumps(_flat(read(data, name, limits=limits))).encode()
    except MemoryError:
        reply = json.dumps(_flat(unreadable("unknown", "too-large"))).encode()
    sink.write(struct.pack("<I", len(reply)) + reply)
    sink.flush()


def _flat(document: DocumentText) -> dict[str, Any]:
    """A document for JSON. `dataclasses.asdict` would copy every cell of every table first."""
    flat = {name: getattr(document, name) for name in DocumentText.__slots__}
    return flat | {"members": [(name, _flat(member)) for name, member in document.members]}


if __name__ == "__main__":
    main()

"""One attachment read by what its bytes are. Never raises on what is inside."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

from crawler.documents.kinds import kind_of
from crawler.documents.record import DocumentText, Limits, Unreadable, unreadable

_INNER = {"ole-encrypted": "encrypted", "ole-broken": "broken", "ole-unknown": "unsupported", "zip-unknown": "unsupported", "7z": "unsupported", "unknown": "unsupported", "empty": "empty"}  # fmt: skip


def read(data: bytes, name: str = "", *, limits: Limits = Limits()) -> DocumentText:  # noqa: B008 (frozen)
    """Text, tables and addresses of `data`, or why not. `name` (file name or address) is only a hint.

    Bounded in size, not in time: a hostile file is read with `read_capped`.
    """
    name = name.split("?")[0].split("#")[0]
    if len(data) > limits.file_bytes:
        return unreadable(_named(kind_of(data[:4096], name)), "too-large")
    kind = kind_of(data, name)
    if kind in _INNER:
        return unreadable(_named(kind), _INNER[kind])
    try:
        return _read(kind, data, name, limits)
    except Unreadable as fault:
        return replace(unreadable(kind, fault.why), members=fault.members)
    except (MemoryError, RecursionError):
        return unreadable(kind, "too-large")
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        OSError,
        ArithmeticError,
        EOFError,
        struct.error,
        zlib.error,
    ):
        # Third-party readers raise whatever a damaged file provokes.
        return unreadable(kind, "broken")


def _format(module: str) -> Any:
    """A format's module, loaded when first met: the crawl itself never loads the parsers, only the worker does."""
    return import_module(f"crawler.documents.{module}")


def _read(kind: str, data: bytes, name: str, limits: Limits) -> DocumentText:
    found: DocumentText
    if kind in ("pdf", "docx", "ofd"):
        found = _format(kind).read(data, limits)
    elif kind in ("doc", "wps"):
        found = _format("doc").read(data, kind, limits)
    elif kind in ("xlsx", "xls", "et"):
        found = _format("sheets").read(data, kind, limits)
    elif kind in ("odt", "ods"):
        found = _format("odf").read(data, kind, limits)
    elif kind == "html":
        found = _format("markup").read_html(data, name, limits)
    elif kind in ("rtf", "mht", "txt"):
        found = getattr(_format("markup"), f"read_{kind}")(data, limits)
    elif kind == "image":
        found = _format("ocr").read(data, limits)
    else:
        found = _archive(kind, data, limits)
    return found


def _archive(kind: str, data: bytes, limits: Limits) -> DocumentText:
    if limits.depth <= 0:
        raise Unreadable("bomb")
    deeper = replace(
        limits,
        depth=limits.depth - 1,
        unpacked_bytes=limits.unpacked_bytes // 2,
        members=limits.members // 2 + 1,
    )
    found: DocumentText = getattr(_format("archives"), f"read_{kind}")(
        data, limits, partial(read, limits=deeper)
    )
    return found


def _named(kind: str) -> str:
    return "unknown" if kind in _INNER and kind != "7z" else kind

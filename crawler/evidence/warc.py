"""Original bytes and headers of what was fetched, in the format archives use."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import struct
import uuid
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from isal import isal_zlib
from warcio.warcwriter import WARCWriter

from crawler.evidence.schema import WARC_FILE

_READ = 65_536
_HEAD = 4_096
_LARGEST = 20_000_000
"""Bytes of one record that are read back."""
_LIGHTLY = 1
"""Level of packing."""
_PIECE = 1 << 20
"""Bytes packed at a time: a large body is not held once more as a whole."""
_BUFFER = 1 << 18
"""Bytes gathered before they are written: a page is some thousand."""
_MEMBER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Begins a member of a gzip file, without name and time."""
_STORED = struct.Struct("<BHH")
_LONGEST_STORED = 0xFFFF
"""Bytes that a deflate block holds at most which is not packed; before it whether it is the last, and its length twice."""
_MEMBER_END = struct.Struct("<II")
_SAMPLES, _SAMPLE = 4, 256
"""Places of a body that are packed on trial, and bytes taken at each."""
_WORTHWHILE = 0.95
_NOT_IN_TEXT = bytes(range(9))

_SAME_BODY = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"


class WarcFile:
    """Appends responses to pages.warc.gz. A file cut short by a crash is cut back to its last whole record."""

    def __init__(self, folder: Path, *, keep: int | None = None, largest: int = 50_000_000) -> None:
        """`keep`: bytes of an unfinished file that the evidence database vouches for; None keeps all."""
        self._path = folder / WARC_FILE
        self._largest = largest
        fresh = not self._path.exists()
        self._file = self._path.open("ab", _BUFFER)
        if keep is not None and not fresh:
            self._file.truncate(keep)
            self._file.seek(keep)
        self._writer = WARCWriter(self._file, gzip=True)
        self._series = str(uuid.uuid4())[:24]
        self._records = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def info(self, software: str, at: dt.datetime) -> None:
        """Write the file's own description; once, at its beginning."""
        record = self._writer.create_warcinfo_record(
            WARC_FILE, {"software": software, "format": "WARC File Format 1.1"}
        )
        record.rec_headers.replace_header("WARC-Date", _stamp(at))
        self._writer.write_record(record)

    def response(
        self,
        url: str,
        at: dt.datetime,
        status: int,
        reason: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        address: str | None = None,
    ) -> int:
        """Append one response as it came over the wire and return its offset in the file."""
        offset = self._file.tell()
        truncated = len(body) > self._largest
        kept = memoryview(body)[: self._largest]
        # Made by hand and packed lightly: warcio's own record builder costs four times as much a page.
        # Chunks were put together before: the header that announced them would make readers look for them.
        # Without the optional digest of the block: what it covers beyond the payload, the packing's checksum covers.
        fields = (f"{k}: {v}\r\n" for k, v in headers if k.lower() != "transfer-encoding")
        head = _in_headers(f"HTTP/1.1 {status} {reason}\r\n{''.join(fields)}\r\n")
        self._records += 1
        lines = [
            "WARC/1.0",
            "WARC-Type: response",
            f"WARC-Record-ID: <urn:uuid:{self._series}{self._records:012x}>",
            f"WARC-Target-URI: {url}",
            f"WARC-Date: {_stamp(at)}",
            f"WARC-Payload-Digest: {_digest(kept)}",
            "Content-Type: application/http; msgtype=response",
            f"Content-Length: {len(head) + len(kept)}",
        ]
        if address:
            lines.append(f"WARC-IP-Address: {address}")
        if truncated:
            lines.append("WARC-Truncated: length")
        before = _in_headers("\r\n".join(lines)) + b"\r\n\r\n" + head
        self._file.writelines((_stored if _is_packed(kept) else _packed)(before, kept, b"\r\n\r\n"))
        return offset

    def revisit(self, url: str, at: dt.datetime, seen_before: dt.datetime, body: bytes) -> int:
        """Append a note that what was seen before is unchanged; `body` as it came, empty when the server said so itself."""
        offset = self._file.tell()
        self._records += 1
        lines = [
            "WARC/1.0",
            "WARC-Type: revisit",
            f"WARC-Record-ID: <urn:uuid:{self._series}{self._records:012x}>",
            f"WARC-Target-URI: {url}",
            f"WARC-Date: {_stamp(at)}",
            f"WARC-Profile: {_SAME_BODY if body else _NOT_MODIFIED}",
            f"WARC-Refers-To-Target-URI: {url}",
            f"WARC-Refers-To-Date: {_stamp(seen_before)}",
            "Content-Type: application/http; msgtype=response",
            "Content-Length: 0",
        ]
        if body:
            lines.append(f"WARC-Payload-Digest: {_digest(body)}")
        self._file.write(isal_zlib.compress(_in_headers("\r\n".join(lines)) + b"\r\n\r\n" * 2, _LIGHTLY, 31))
        return offset

    def tell(self) -> int:
        self._file.flush()
        return self._file.tell()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One response as it lies in the archive. Header names in lower case; the body as it came over the wire."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def read_response(path: Path, offset: int) -> Archived | None:
    """The response at an offset of an archive; None when there is none that can be read."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            record, _ = _member(file, b"")
    except (OSError, ValueError, zlib.error):
        return None
    return _response(record)


def find_responses(path: Path, urls: Collection[str], *, most: int = 2_000_000_000) -> dict[str, Archived]:
    """The first response of each of the addresses, read from the archive's beginning; `most` bytes are looked through."""
    found: dict[str, Archived] = {}
    wanted = {f"WARC-Target-URI: {url}\r\n".encode("utf-8", "replace") for url in urls}
    rest = b""
    try:
        with path.open("rb") as file:
            while len(found) < len(wanted) and file.tell() < most:
                record, rest = _member(file, rest)
                if not record:
                    break
                head = record[:_HEAD]
                if any(line in head for line in wanted) and (seen := _response(record)) is not None:
                    found.setdefault(seen.url, seen)
    except (OSError, ValueError, zlib.error):
        return found
    return found


def _member(file: BinaryIO, rest: bytes) -> tuple[bytes, bytes]:
    """The next record unpacked, cut at its largest size, and what was read beyond it."""
    unpacker = zlib.decompressobj(31)
    parts: list[bytes] = []
    size = 0
    while not unpacker.eof:
        data = rest or file.read(_READ)
        rest = b""
        if not data:
            break
        part = unpacker.decompress(data)
        if size < _LARGEST:
            parts.append(part[: _LARGEST - size])
        size += len(part)
        if size > 20 * _LARGEST:
            raise ValueError("record too large")
    return b"".join(parts), unpacker.unused_data


def _response(record: bytes) -> Archived | None:
    head, _, block = record.partition(b"\r\n\r\n")
    if b"WARC-Type: response" not in head:
        return None
    http, _, body = block.partition(b"\r\n\r\n")
    lines = http.decode("latin-1").split("\r\n")
    uri = next((x for x in head.split(b"\r\n") if x.startswith(b"WARC-Target-URI: ")), b"")
    status = lines[0].split(" ")[1:2]
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines[1:])
    }
    return Archived(
        url=uri.partition(b": ")[2].decode("utf-8", "replace"),
        status=int(status[0]) if status and status[0].isdigit() else 0,
        headers=headers,
        body=body.removesuffix(b"\r\n\r\n"),
    )


def _packed(before: bytes, body: memoryview, after: bytes) -> Iterator[bytes]:
    """A member of a gzip file."""
    packer = isal_zlib.compressobj(_LIGHTLY, isal_zlib.DEFLATED, 31)
    yield packer.compress(before)
    for at in range(0, len(body), _PIECE):
        yield packer.compress(body[at : at + _PIECE])
    yield packer.compress(after)
    yield packer.flush()


def _stored(*parts: bytes | memoryview) -> Iterator[bytes | memoryview]:
    """A member of a gzip file whose bytes stand in it as they are: a packer would still look at each of them."""
    yield _MEMBER
    checksum = size = 0
    for part in parts:
        checksum = isal_zlib.crc32(part, checksum)
        size += len(part)
        for at in range(0, len(part), _LONGEST_STORED):
            piece = part[at : at + _LONGEST_STORED]
            yield _STORED.pack(0, len(piece), len(piece) ^ _LONGEST_STORED)
            yield piece
    yield _STORED.pack(1, 0, _LONGEST_STORED)
    yield _MEMBER_END.pack(checksum, size & 0xFFFFFFFF)


def _stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def _is_packed(body: memoryview) -> bool:
    """Whether packing would gain nothing: a body that is packed already (PDF, Office files, pictures, gzip)."""
    step = len(body) // _SAMPLES
    if step < _SAMPLE:
        return False
    sample = b"".join(body[at : at + _SAMPLE] for at in range(step // 2, len(body), step))
    if len(sample.translate(None, _NOT_IN_TEXT)) == len(sample):
        # A thousand packed bytes without one control character do not occur: pages need no trial.
        return False
    return len(isal_zlib.compress(sample, _LIGHTLY)) > _WORTHWHILE * len(sample)


def _digest(data: bytes | memoryview) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii")


def _in_headers(text: str) -> bytes:
    """Header text as it came over the wire (latin-1), or UTF-8 where it holds more than that."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")

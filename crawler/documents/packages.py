"""Opening zip containers that may be hostile: sizes, ratios and entries are checked before unpacking."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from lxml import etree

from crawler.documents.record import Limits, Unreadable

_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    OSError,
    NotImplementedError,
    IndexError,
    KeyError,
)


class Package:
    """A zip container within `limits`. `read` gives one entry, b"" when it is absent."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._left = limits.unpacked_bytes
        self._limits = limits
        self._entries = {info.filename: info for info in archive.infolist()}

    @property
    def infos(self) -> list[zipfile.ZipInfo]:
        return self._archive.infolist()

    def names(self) -> list[str]:
        return list(self._entries)

    def read(self, name: str) -> bytes:
        info = self._entries.get(name)
        return self.unpack(info) if info is not None else b""

    def unpack(self, info: zipfile.ZipInfo) -> bytes:
        """The bytes of one entry. Raises `Unreadable` for a bomb, a lock or damage."""
        if info.flag_bits & 0x1:
            raise Unreadable("encrypted")
        if info.file_size > self._left or (
            info.file_size > 1_000_000 and info.file_size > self._limits.ratio * max(info.compress_size, 1)
        ):
            raise Unreadable("bomb")
        try:
            with self._archive.open(info) as entry:
                # The directory may lie about the size: never read more than it promised.
                data = entry.read(info.file_size + 1)
        except _FAULTS as error:
            raise Unreadable("broken") from error
        except RuntimeError as error:
            raise Unreadable("encrypted") from error
        self._left -= len(data)
        return data

    def xml(self, name: str) -> etree._Element | None:
        """An entry parsed without entities and network, None when absent or empty. Raises `Unreadable`."""
        data = self.read(name)
        return parse(data) if data.strip() else None


@contextmanager
def opened(data: bytes, limits: Limits) -> Iterator[Package]:
    """`data` as a package. Raises `Unreadable` when it is no zip or has too many entries."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _FAULTS as error:
        raise Unreadable("broken") from error
    with archive:
        if len(archive.infolist()) > limits.entries:
            raise Unreadable("bomb")
        yield Package(archive, limits)


def parse(data: bytes) -> etree._Element:
    """XML of a document. A document type (the door for entity bombs) is refused: Office files have none."""
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise Unreadable("bomb")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("broken") from error

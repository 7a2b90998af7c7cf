"""What a file is, by its first bytes and inner names. Names and content types lie; bytes rarely."""

from __future__ import annotations

import io
import re
import zipfile

import olefile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body|meta|table|div|script|p\b)",
    re.I | re.S,
)
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_SEVEN = b"7z\xbc\xaf\x27\x1c"
_OPEN = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
"""First entry of an OpenDocument package -> kind."""
_OTHER = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"MZ",
    b"\x7fELF",
    b"CWS",
    b"FWS",
    b"OggS",
    b"ID3",
    b"\x1aE\xdf\xa3",
)


def kind_of(data: bytes, name: str = "") -> str:
    """The kind of `data` (see `DocumentText.kind`); `name` only tells WPS and ET from DOC and XLS.

    Also "ole-encrypted" (a locked Office file), "ole-unknown" and "zip-unknown" (a container that is no known document).
    """
    head = data[:4096]
    if not head.strip(b"\0 \t\r\n"):
        return "empty"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if head.startswith(_OLE):
        return _ole_kind(data, name)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(b"Rar!\x1a\x07"):
        return "rar"
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "image"
    if head.startswith(_SEVEN):
        return "7z"
    if head.startswith(_OTHER) or head[4:8] == b"ftyp":
        return "unknown"
    if re.match(rb"(?:[\w-]+:[^\n]*\n|[ \t][^\n]*\n){0,12}MIME-Version:", head, re.I):
        return "mht"
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(plain):
        return "html"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "txt"
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)
    return "txt" if control == 0 else "unknown"


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist()[:5000])
            if "content.xml" in names and "mimetype" in names:
                with archive.open("mimetype") as entry:
                    declared = entry.read(100).strip().removesuffix(b"-template")
                return _OPEN.get(declared, "zip-unknown")
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
        return "zip"
    if "word/document.xml" in names or "word/document2.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "OFD.xml" in names:
        return "ofd"
    if "ppt/presentation.xml" in names or "content.xml" in names:
        return "zip-unknown"
    return "zip"


def _ole_kind(data: bytes, name: str) -> str:
    extension = name.rpartition(".")[2].lower()
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if ole.exists("EncryptedPackage"):
                return "ole-encrypted"
            if ole.exists("WordDocument"):
                return "wps" if extension in ("wps", "wpt") else "doc"
            if ole.exists("Workbook") or ole.exists("Book"):
                return "et" if extension in ("et", "ett") else "xls"
    except (OSError, ValueError, IndexError, KeyError, TypeError, OverflowError):
        return "ole-broken"
    return "ole-unknown"

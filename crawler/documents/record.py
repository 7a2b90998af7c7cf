"""What reading an attachment gives, and how far reading may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Table = tuple[tuple[str, ...], ...]
"""Rows of cell strings. A merged cell's text stands in every cell it covers; blanks are ""."""

WHY: Mapping[str, str] = {
    "scanned": "是图片或扫描件，没有可以读取的文字",
    "encrypted": "文件设了密码，打不开",
    "broken": "文件损坏，打不开",
    "too-large": "文件太大，未读取",
    "too-slow": "读取超过规定时间，已停止",
    "bomb": "压缩内容异常膨胀，为安全起见未解压",
    "html-error-page": "下载到的不是文件，而是一个网页（多为“页面不存在”）",
    "empty": "文件是空的",
    "unsupported": "本机不能读取这种格式",
    "no-text": "文件能打开，但读不出文字",
    "crashed": "读取程序中途退出，未读成",
}
"""Why a document was not read: code -> plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one reading; beyond them text is cut (`DocumentText.cut`) or the file refused.

    `file_bytes` and `unpacked_bytes` in bytes, `text` and `cell` in characters, `ratio` unpacked to packed
    size of one archive member, `depth` archives within archives, `ocr_pages` pages or pictures recognised
    when the `ocr` extra is installed (0: none).
    """

    file_bytes: int = 60_000_000
    unpacked_bytes: int = 300_000_000
    ratio: int = 200
    entries: int = 2_000
    members: int = 60
    depth: int = 3
    text: int = 2_000_000
    cell: int = 20_000
    cells: int = 300_000
    pages: int = 600
    table_pages: int = 60
    ocr_pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """An attachment as far as it could be read.

    `kind` pdf | docx | doc | xls | xlsx | wps | et | ofd | odt | ods | rtf | mht | zip | rar | 7z (told, not read) | image | html | txt |
    unknown, by its bytes (wps and et: a DOC or XLS that the name calls so). `text` paragraphs one a line,
    table rows one a line with tabs. `title` the line it begins with. `links` addresses inside, in order.
    `why` a key of `WHY` when `readable` is False. `members` of an archive. `cut` when a limit ended the reading.
    `recognised` when text came from pictures: it may be misread, so no judgement may rest on it alone.
    """

    kind: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    title: str = ""
    links: tuple[str, ...] = ()
    readable: bool = True
    why: str | None = None
    members: tuple[tuple[str, DocumentText], ...] = ()
    cut: bool = False
    recognised: bool = False

    @property
    def reason(self) -> str:
        """`why` in plain Chinese words, "" when readable."""
        return WHY.get(self.why or "", "")


class Unreadable(Exception):
    """Raised by a format module when the document cannot be read; `why` is a key of `WHY`.

    `members` when it is an archive of which no member could be read.
    """

    def __init__(self, why: str, members: tuple[tuple[str, DocumentText], ...] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.members = members


def unreadable(kind: str, why: str) -> DocumentText:
    return DocumentText(kind=kind, readable=False, why=why)

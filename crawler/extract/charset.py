"""Which characters a page's bytes stand for, as a browser would decide it, and better where it errs."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from crawler.evidence.records import Charset

_PRESCAN = 4096
_SAMPLE = 2000
"""Characters looked at when two codecs are weighed against each other."""
_SLIPS = 8
"""UTF-8 stays the answer while it has this many good characters for each broken one."""
_SLIPS_DECLARED_OTHERWISE = 50
"""The same when the page declares another charset."""
_MANY = 20
"""So many characters beyond ASCII are never valid UTF-8 by chance."""
_CHINESE = 0.3
"""From this share of frequent characters on a text reads as Chinese."""

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.I)
_META = re.compile(rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:\-]+)", re.I)
_XML = re.compile(rb"^\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w.:\-]+)", re.I)
_FOREIGN = re.compile(rb"[\x80-\xff]")
_FOREIGN_RUN = re.compile(r"[^\x00-\x7f]+")
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_GB = {
    "gb2312",
    "gbk",
    "gb18030",
    "x-gbk",
    "gb_2312-80",
    "gb_2312",
    "gb2312-80",
    "chinese",
    "csgb2312",
    "cp936",
    "ms936",
    "936",
}
_BIG5 = {"big5", "big5-hkscs", "x-x-big5", "cn-big5", "csbig5", "cp950"}
_LATIN = {
    "iso-8859-1",
    "iso8859-1",
    "iso_8859-1",
    "latin1",
    "latin-1",
    "l1",
    "windows-1252",
    "cp1252",
    "us-ascii",
    "ascii",
}
_OTHERS = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "windows-1251": "cp1251",
    "koi8-r": "koi8_r", "windows-1250": "cp1250", "iso-8859-2": "iso8859_2", "windows-1256": "cp1256",
    "windows-874": "cp874", "tis-620": "cp874", "windows-1258": "cp1258", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
}  # fmt: skip
_COMMON = frozenset(
    "".join(
        line
        for line in (Path(__file__).parent / "data" / "common_characters.txt")
        .read_text(encoding="utf-8")
        .splitlines()
        if not line.startswith("#")
    )
)


def decode(body: bytes, content_type: str | None = None) -> tuple[str, Charset]:
    """The page's text and how it was decoded. Never raises; bytes that mean nothing become U+FFFD."""
    for bom, marked in _BOMS:
        if body.startswith(bom):
            text, broken = _read(body[len(bom) :], marked)
            return text, Charset(declared=marked, used=marked, fault="broken-bytes" if broken else None)
    declared = _declared(body, content_type)
    codec = _codec(declared)
    if body.isascii() and codec not in ("utf-16le", "utf-16be", "iso-2022-jp"):
        return body.decode("ascii"), Charset(declared=declared, used=codec or "utf-8")
    text, used, broken = _decide(body, codec)
    fault = None
    if declared is None:
        fault = "undeclared"
    elif used != codec:
        fault = "declared-wrong"
    elif broken:
        fault = "broken-bytes"
    return text, Charset(declared=declared, used=used, fault=fault)


def _declared(body: bytes, content_type: str | None) -> str | None:
    """The charset as named by the header, else by the page itself."""
    if content_type and (named := _HEADER.search(content_type)):
        return named.group(1).lower()
    head = body[:_PRESCAN]
    found = _META.search(head)
    comment = head.find(b"<!--")
    if comment >= 0 and (found is None or found.end() > comment):
        head = _COMMENT.sub(b"", head)
        found = _META.search(head)
    found = found or _XML.search(head)
    return found.group(1).decode("ascii", "replace").lower() if found else None


def _codec(label: str | None) -> str | None:
    """The codec a browser takes for a label; None for none or an unknown one."""
    if label is None:
        return None
    if label in ("utf-8", "utf8", "unicode-1-1-utf-8", "utf-16"):
        return "utf-8"
    if label in _GB:
        return "gb18030"
    if label in _BIG5:
        return "big5"
    if label in _LATIN:
        return "windows-1252"
    return label if label in _OTHERS else None


def _decide(body: bytes, codec: str | None) -> tuple[str, str, int]:
    """Text, codec and number of broken bytes; the declared codec wins where it reads as well as any."""
    other = codec if codec not in (None, "utf-8", "windows-1252") else None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        first = _FOREIGN.search(body)
        if other and first is not None and error.start - first.start() < _MANY * 3:
            read, broken = _read(body, other)
            if not broken:
                return read, other, 0
    else:
        if other is None or (len(body) - len(text)) // 2 > _MANY:
            return text, "utf-8", 0
        read, broken = _read(body, other)
        return (text, "utf-8", 0) if broken or _weight(text) >= _weight(read) else (read, other, 0)
    text, broken = _read(body, "utf-8")
    good = len(text) - len(text.encode("ascii", "ignore")) - broken
    if good > broken * (_SLIPS_DECLARED_OTHERWISE if other else _SLIPS):
        return text, "utf-8", broken
    return _best(body, codec, (text, broken))


def _best(body: bytes, codec: str | None, utf8: tuple[str, int]) -> tuple[str, str, int]:
    """The candidate that reads most like Chinese; ties go to the declared one, then to GB18030."""
    if codec not in (None, "utf-8", "windows-1252", "gb18030", "big5"):
        return _named({codec: _read(body, codec)}, codec)
    texts = {"gb18030": _read(body, "gb18030")}
    if _rank(*texts["gb18030"]) > _CHINESE:
        return _named(texts, "gb18030")
    texts |= {"big5": _read(body, "big5"), "utf-8": utf8}
    if codec == "windows-1252":
        texts[codec] = _read(body, codec)
    rank = {name: round(_rank(*read), 3) for name, read in texts.items()}
    if codec == "windows-1252" and max(rank.values()) < _CHINESE / 2:
        return _named(texts, codec)
    return _named(
        texts,
        max((name for name in (codec, "gb18030", "big5", "utf-8") if name in texts), key=rank.__getitem__),
    )


def _named(texts: dict[str, tuple[str, int]], name: str) -> tuple[str, str, int]:
    text, broken = texts[name]
    return text, name, broken


def _read(body: bytes, codec: str) -> tuple[str, int]:
    name = {"big5": "big5hkscs", "windows-1252": "cp1252"}.get(codec) or _OTHERS.get(codec, codec)
    try:
        return body.decode(name), 0
    except UnicodeDecodeError:
        text = body.decode(name, "replace")
        return text, max(1, text.count("\ufffd"))


def _rank(text: str, broken: int) -> float:
    return _weight(text) - 4 * broken / max(1, len(text))


def _weight(text: str) -> float:
    """The share of frequent characters among the first ones beyond ASCII, 0..1."""
    sample = "".join(_FOREIGN_RUN.findall(text, 0, _SAMPLE * 10))[:_SAMPLE]
    return sum(map(_COMMON.__contains__, sample)) / len(sample) if sample else 0.0

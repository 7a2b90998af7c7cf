"""Decoding: as a browser decides, and better where header, page and bytes disagree."""

from __future__ import annotations

import pytest

from crawler.evidence.records import Charset
from crawler.extract.charset import decode

SIMPLIFIED = (
    "关于印发《2017年科技工作要点》的通知，各科室、直属单位：现将工作要点印发给你们，请认真贯彻执行。镕喆"
)
TRADITIONAL = "關於印發工作要點的通知，各科室、直屬單位：現將工作要點印發給你們，請認真貫徹執行。"
FOUR_BYTES = "𠮷野家㐀"


def html(text: str, declared: str | None = None) -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    return f"<html><head>{meta}<title>{text[:8]}</title></head><body>{text}</body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "meta", "header", "charset"),
    [
        (SIMPLIFIED, "utf-8", "utf-8", None, Charset(declared="utf-8", used="utf-8")),
        (SIMPLIFIED, "utf-8", None, "utf-8", Charset(declared="utf-8", used="utf-8")),
        (SIMPLIFIED, "utf-8", None, None, Charset(declared=None, used="utf-8", fault="undeclared")),
        (SIMPLIFIED, "utf-8", "gb2312", None, Charset(declared="gb2312", used="utf-8", fault="declared-wrong")),
        (SIMPLIFIED, "utf-8", None, "ISO-8859-1", Charset(declared="iso-8859-1", used="utf-8", fault="declared-wrong")),
        (SIMPLIFIED, "gb18030", "gb2312", None, Charset(declared="gb2312", used="gb18030")),
        (SIMPLIFIED, "gb18030", "x-gbk", None, Charset(declared="x-gbk", used="gb18030")),
        (SIMPLIFIED + FOUR_BYTES, "gb18030", "gbk", None, Charset(declared="gbk", used="gb18030")),
        (SIMPLIFIED, "gb18030", None, None, Charset(declared=None, used="gb18030", fault="undeclared")),
        (SIMPLIFIED, "gb18030", "utf-8", None, Charset(declared="utf-8", used="gb18030", fault="declared-wrong")),
        (SIMPLIFIED, "gb18030", "gb2312", "utf-8", Charset(declared="utf-8", used="gb18030", fault="declared-wrong")),
        (SIMPLIFIED, "gb18030", "gb2312", "iso-8859-1", Charset(declared="iso-8859-1", used="gb18030", fault="declared-wrong")),
        (SIMPLIFIED, "gb18030", "klingon", None, Charset(declared="klingon", used="gb18030", fault="declared-wrong")),
        (TRADITIONAL, "big5", "big5", None, Charset(declared="big5", used="big5")),
        (TRADITIONAL, "big5", None, None, Charset(declared=None, used="big5", fault="undeclared")),
        (TRADITIONAL, "big5", "utf-8", None, Charset(declared="utf-8", used="big5", fault="declared-wrong")),
        ("これは日本語のページです", "shift_jis", "shift_jis", None, Charset(declared="shift_jis", used="shift_jis")),
        ("Русская версия сайта", "cp1251", "windows-1251", None, Charset(declared="windows-1251", used="windows-1251")),
        ("café déjà vu", "latin-1", "iso-8859-1", None, Charset(declared="iso-8859-1", used="windows-1252")),
        ("plain", "ascii", None, None, Charset(declared=None, used="utf-8")),
        ("plain", "ascii", "gb2312", None, Charset(declared="gb2312", used="gb18030")),
    ],
)  # fmt: skip
def test_what_is_read_and_what_is_wrong_with_it(
    text: str, codec: str, meta: str | None, header: str | None, charset: Charset
) -> None:
    source = html(text, meta)
    assert decode(source.encode(codec), f"text/html; charset={header}" if header else None) == (
        source,
        charset,
    )


def test_short_texts_are_told_apart() -> None:
    for text in ("通知公告", "领导信息", "政务公开", "工作动态"):
        assert decode(text.encode("gb18030"))[0] == text
        assert decode(text.encode("utf-8"))[0] == text


def test_a_byte_order_mark_rules() -> None:
    source = html(SIMPLIFIED, "gb2312")
    assert decode(b"\xef\xbb\xbf" + source.encode())[0] == source
    assert decode(b"\xff\xfe" + source.encode("utf-16-le"), "text/html; charset=gbk") == (
        source,
        Charset(declared="utf-16-le", used="utf-16-le"),
    )


@pytest.mark.parametrize("declared", ["utf-8", None, "gb2312"])
@pytest.mark.parametrize("at", [0, 5_000, 29_000])
def test_a_stray_byte_does_not_turn_a_utf_8_page_into_another(declared: str | None, at: int) -> None:
    text = SIMPLIFIED * 200
    body = bytearray(html(text, declared).encode())
    body[at + 200 : at + 200] = b"\xa9"
    read, charset = decode(bytes(body))
    assert charset.used == "utf-8"
    assert (
        charset.fault == {"utf-8": "broken-bytes", None: "undeclared", "gb2312": "declared-wrong"}[declared]
    )
    assert read.count("\ufffd") <= 3


def test_titles_cut_in_the_middle_of_a_character_stay_local() -> None:
    row = "<li><a>" + SIMPLIFIED + "</a></li>"
    body = html(row * 20, "gb2312").encode("gb18030")
    cut = body.replace("镕喆</a>".encode("gb18030"), "镕喆".encode("gb18030")[:-1] + b"</a>", 2)
    read, charset = decode(cut)
    assert charset == Charset(declared="gb2312", used="gb18030", fault="broken-bytes")
    assert read.count("</a></li>") == 20
    assert read.count("\ufffd") == 2


def test_a_declaration_in_a_comment_does_not_count() -> None:
    source = f"<!-- <meta charset=big5> --><meta charset='utf-8'>{SIMPLIFIED}"
    assert decode(source.encode())[1] == Charset(declared="utf-8", used="utf-8")


def test_xml_declarations_count() -> None:
    source = f'<?xml version="1.0" encoding="GB2312"?><a>{SIMPLIFIED}</a>'
    assert decode(source.encode("gb18030"), "text/xml")[1] == Charset(declared="gb2312", used="gb18030")


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"\x80" * 5_000, bytes(range(256)) * 40, b"<meta charset=" * 2_000, b"<!--" * 3_000],
)
def test_any_bytes_give_a_text(body: bytes) -> None:
    text, charset = decode(body, "text/html; charset=\xff")
    assert isinstance(text, str)
    assert charset.used

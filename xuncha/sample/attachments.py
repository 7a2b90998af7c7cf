"""Small real files made at build time: PDF, DOCX, XLSX and the pictures of the sample."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import docx
import xlsxwriter

_MADE = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)


def make(file: Mapping[str, Any], article: Mapping[str, Any]) -> bytes:
    """The bytes of one attachment. `file`: name, title, and lines or rows; money articles supply their own rows."""
    title = str(file.get("title", article["title"]))
    lines = [str(line) for line in file.get("lines", ())]
    rows = [[str(cell) for cell in row] for row in file.get("rows", ())]
    if "money" in article:
        rows = _sangong_rows(article["money"])
        lines = ["单位：万元"]
    kind = str(file["name"]).rsplit(".", 1)[-1]
    return {"pdf": _pdf, "docx": _docx, "xlsx": _xlsx}[kind](title, lines, rows)


def pictures() -> dict[str, bytes]:
    """Emblem, banner and portraits, by path."""
    red, gold, blue = (190, 30, 30), (250, 210, 80), (30, 90, 160)
    grey, skin, pale = (205, 212, 220), (240, 214, 190), (230, 235, 241)

    def emblem(x: int, y: int) -> tuple[int, int, int]:
        radius = (x - 36) ** 2 + (y - 36) ** 2
        return gold if radius < 150 or 700 < radius < 820 else red if radius < 1200 else (255, 255, 255)

    def portrait(shirt: tuple[int, int, int]) -> Any:
        def pixel(x: int, y: int) -> tuple[int, int, int]:
            if (x - 45) ** 2 + (y - 42) ** 2 < 480:
                return skin
            return shirt if ((x - 45) / 38) ** 2 + ((y - 125) / 56) ** 2 < 1 else grey

        return pixel

    def banner(x: int, y: int) -> tuple[int, int, int]:
        ridge = 60 + abs((x * 3) % 240 - 120) // 4 + abs((x * 5 + 90) % 310 - 155) // 6
        return (70 + y // 2, 130 + y // 2, 200) if y < ridge else (40, 95 + (y - ridge) // 4, 90)

    files = {"images/emblem.png": _png(72, 72, emblem), "images/banner.png": _png(1000, 150, banner)}
    for number in range(1, 5):
        files[f"images/leader{number}.png"] = _png(
            90, 120, portrait((40 + 20 * number, 60, blue[2] - 20 * number))
        )
    for name, colour in (("badge", blue), ("party", red)):
        files[f"images/{name}.png"] = _png(
            20, 20, lambda x, y, c=colour: c if abs(x - 10) + abs(y - 10) < 10 else pale
        )
    for number in (1, 2):
        files[f"images/news{number}.png"] = _png(
            400, 160, lambda x, y, n=number: banner((x * n) % 1000, min(y, 149))
        )
    return files


def _sangong_rows(statement: Any) -> list[list[str]]:
    amounts = statement.sangong
    return [
        ["项目", f"{statement.year}年{statement.kind}数"],
        ["合计", amounts["total"]],
        ["因公出国（境）费", amounts["abroad"]],
        ["公务接待费", amounts["reception"]],
        ["公务用车购置及运行维护费", amounts["vehicles"]],
        ["其中：公务用车购置费", amounts["purchase"]],
        ["公务用车运行维护费", amounts["running"]],
    ]


def _png(width: int, height: int, pixel: Any) -> bytes:
    raw = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(raw, 9))
        + chunk(b"IEND", b"")
    )


def _pdf(title: str, lines: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """One page of text in a standard Chinese font that every reader brings along, so nothing is embedded."""
    table = [[title], *([line] for line in lines), *rows]
    shown = "".join(
        f"1 0 0 1 {60 + 300 * place} {780 - 26 * number} Tm <{cell.encode('utf-16-be').hex()}> Tj "
        for number, row in enumerate(table)
        for place, cell in enumerate(row)
    )
    stream = f"BT /F1 13 Tf {shown}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _docx(title: str, lines: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = _MADE
    document.core_properties.author = ""
    document.add_heading(title, level=1)
    for line in lines:
        document.add_paragraph(line)
    if rows:
        table = document.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return _undated(out)


def _undated(package: io.BytesIO) -> bytes:
    """The same package with fixed member times: the same sources give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _MADE.timetuple()[:6]), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _xlsx(title: str, lines: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet("附表")
        money = book.add_format({"num_format": "0.00"})
        for number, row in enumerate([[title], *([line] for line in lines), *rows]):
            for place, cell in enumerate(row):
                if place and cell.replace(".", "", 1).isdigit():
                    sheet.write_number(number, place, float(cell), money)
                else:
                    sheet.write_string(number, place, cell)
    return out.getvalue()

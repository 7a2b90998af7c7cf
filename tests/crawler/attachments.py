"""Makes attachments of every kind for the tests, with one text and one table."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Sequence
from html import escape
from pathlib import Path

import docx
import typst
import xlsxwriter

HEADING = "云州市科学技术局2017年部门预算"
SENTENCE = "2017年“三公”经费预算5.6万元，其中：公务接待费3.6万元，公务用车购置及运行费2万元。"
ROWS = (
    ("项目", "2016年", "2017年"),
    ("公务接待费", "", "3.6"),
    ("公务用车费", "3", "2"),
    ("合计", "7", "5.6"),
)
TAIL = "注：空白表示没有支出。"
ADDRESS = "http://kjj.example.test/files/1.html"


def make_docx(path: Path, address: str = ADDRESS) -> None:
    document = docx.Document()
    document.add_paragraph(HEADING)
    document.add_paragraph(SENTENCE)
    table = document.add_table(rows=len(ROWS), cols=3)
    for row, values in zip(table.rows, ROWS, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    paragraph = document.add_paragraph(TAIL)
    target = document.part.relate_to(
        address,
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    link = docx.oxml.parse_xml(
        '<w:hyperlink xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        f' r:id="{target}"><w:r><w:t>附件</w:t></w:r></w:hyperlink>'
    )
    paragraph._p.append(link)
    document.save(str(path))


def make_xlsx(path: Path, address: str = ADDRESS) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("三公经费")
        sheet.merge_range(0, 0, 0, 2, HEADING)
        for index, row in enumerate(ROWS, start=1):
            for column, value in enumerate(row):
                if value.replace(".", "").isdigit():
                    sheet.write_number(index, column, float(value))
                elif value:
                    sheet.write_string(index, column, value)
        sheet.write_number(5, 1, 0.1 + 0.2)
        sheet.write_url(6, 0, address, string="附件")


def make_pdf(path: Path, address: str = ADDRESS) -> None:
    rows = ", ".join(f"[{cell}]" for row in ROWS for cell in row)
    typeset(
        f'{HEADING}\n\n{SENTENCE}#link("{address}")[附件]\n\n#table(columns: 3, {rows})\n\n{TAIL}\n', path
    )


def typeset(body: str, path: Path) -> None:
    head = '#set page(width: 21cm, height: 29.7cm)\n#set text(font: "Noto Serif CJK SC", lang: "zh")\n'
    path.write_bytes(typst.compile((head + body).encode()))


def convert(source: Path, *targets: str) -> None:
    """LibreOffice makes `targets` ("doc", "xls", ...) beside `source`."""
    profile = source.parent / "profile"
    for target in targets:
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", target, source.name],
            cwd=source.parent, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    shutil.rmtree(profile, ignore_errors=True)


def make_ofd(lines: Sequence[str] = (HEADING, SENTENCE, *("\t".join(row) for row in ROWS), TAIL)) -> bytes:
    """One page, each line's parts (split at tabs) as text objects in columns."""
    objects = []
    for index, line in enumerate(lines):
        for column, part in enumerate(line.split("\t")):
            objects.append(
                f'<ofd:TextObject ID="{index}{column}" Boundary="{20 + column * 60} {20 + index * 10} 180 8" Font="1" Size="4">'
                f'<ofd:TextCode X="0" Y="4">{escape(part)}</ofd:TextCode></ofd:TextObject>'
            )
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    return make_zip(
        {
            "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f'<ofd:Document {space}><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
            # Written backwards: only the places on the page tell the order.
            "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {space}><ofd:Content><ofd:Layer>{''.join(reversed(objects))}</ofd:Layer></ofd:Content></ofd:Page>",
        }
    )


def make_zip(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def make_gbk_zip(members: dict[str, bytes]) -> bytes:
    """A ZIP as Chinese Windows writes it: names in GBK, no UTF-8 flag."""
    parts, directory, offset = [], [], 0
    for name, data in members.items():
        raw = name.encode("gbk")
        fields = struct.pack(
            "<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(raw), 0
        )
        local = b"PK\x03\x04" + fields + raw + data
        directory.append(
            b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, offset) + raw
        )
        parts.append(local)
        offset += len(local)
    central = b"".join(directory)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(members), len(members), len(central), offset, 0)
    return b"".join(parts) + central + end


def make_rar(members: dict[str, bytes], method: int = 0x30) -> bytes:
    """A RAR 4 archive; `method` 0x30 stores, 0x33 claims packed data."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0, b"\0" * 6)
    for name, data in members.items():
        raw = name.encode()
        body = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 2, zlib.crc32(data), 0x50210000, 20, method, len(raw), 0x20
        )
        out += block(0x74, 0x8000, body + raw) + data
    return out + block(0x7B, 0x4000, b"")


def locked_doc(data: bytes) -> bytes:
    """A DOC with the mark of encryption set in its file information block."""
    at = data.index(b"\xec\xa5")
    return data[: at + 11] + bytes([data[at + 11] | 1]) + data[at + 12 :]


def locked_ooxml(data: bytes) -> bytes:
    """A compound file whose main stream is called EncryptedPackage, as Office writes locked DOCX and XLSX."""
    old = "WordDocument".encode("utf-16-le")
    at = data.index(old)
    name = "EncryptedPackage".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack("<H", len(name) + 2)
    return data[:at] + entry + data[at + 66 :]

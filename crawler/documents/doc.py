"""DOC and WPS by hand: file information block, piece table, table rows. [MS-DOC] names are kept."""

from __future__ import annotations

import io
import re
import struct
from bisect import bisect_right

import olefile

from crawler.documents.characters import cell, first_line, normal, row_line
from crawler.documents.record import DocumentText, Limits, Table, Unreadable

_FIELD = re.compile(r'HYPERLINK\s+(?:\\l\s+)?"([^"]{1,2000})"')
_ROW_END = 0x2417
_IN_TABLE = 0x2416


def read(data: bytes, kind: str, limits: Limits) -> DocumentText:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return _read(ole, kind, limits)
    except (
        OSError,
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        struct.error,
        OverflowError,
        AttributeError,
    ) as error:
        raise Unreadable("broken") from error


def _read(ole: olefile.OleFileIO, kind: str, limits: Limits) -> DocumentText:
    stream = ole.openstream("WordDocument").read(limits.unpacked_bytes)
    if len(stream) < 0x1AA + 4:
        raise Unreadable("broken")
    magic, version = struct.unpack_from("<HH", stream, 0)
    flags = struct.unpack_from("<H", stream, 0x0A)[0]
    if flags & 0x0100:
        raise Unreadable("encrypted")
    if magic != 0xA5EC or version < 0xC1:
        return _word95(stream, kind, limits)
    table_name = "1Table" if flags & 0x0200 else "0Table"
    if not ole.exists(table_name):
        raise Unreadable("broken")
    table = ole.openstream(table_name).read(limits.unpacked_bytes)
    pieces = _pieces(stream, table)
    counts = struct.unpack_from("<8i", stream, 0x4C)
    text, offsets = _text(stream, pieces, limits)
    out, tables, links = _layout(text, offsets, _paragraphs(stream, table), _kept(counts, len(text)), limits)
    if not out.strip():
        pictures = ole.exists("Data") and ole.get_size("Data") > 2000
        raise Unreadable("scanned" if pictures else "empty")
    return DocumentText(
        kind=kind, text=out[: limits.text], tables=tables, title=first_line(out), links=links,
        cut=len(text) >= limits.text,
    )  # fmt: skip


def _pieces(stream: bytes, table: bytes) -> list[tuple[int, int, int, bool]]:
    """(first character, after last, byte offset, one byte a character) of each piece of the text."""
    offset, size = struct.unpack_from("<II", stream, 0x1A2)
    clx = table[offset : offset + size]
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise Unreadable("broken")
    length = struct.unpack_from("<I", clx, at + 1)[0]
    plc = clx[at + 5 : at + 5 + length]
    count = (len(plc) - 4) // 12
    if count < 1 or count > 200_000:
        raise Unreadable("broken")
    bounds = struct.unpack_from(f"<{count + 1}I", plc, 0)
    pieces = []
    for index in range(count):
        where = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0]
        packed = bool(where & 0x40000000)
        start = (where & 0x3FFFFFFF) // 2 if packed else where & 0x3FFFFFFF
        pieces.append((bounds[index], bounds[index + 1], start, packed))
    return pieces


def _text(
    stream: bytes, pieces: list[tuple[int, int, int, bool]], limits: Limits
) -> tuple[str, list[tuple[int, int, int]]]:
    """The characters in order, and (first character, byte offset, bytes a character) per piece."""
    parts: list[str] = []
    offsets: list[tuple[int, int, int]] = []
    length = 0
    for first, last, start, packed in pieces:
        wide = 1 if packed else 2
        size = min(max(last - first, 0), limits.text - length)
        if size <= 0:
            continue
        raw = stream[start : start + size * wide]
        part = raw.decode("cp1252", "replace") if packed else raw.decode("utf-16-le", "surrogatepass")
        if len(part) != size and not packed:
            # Surrogate pairs count twice in the file; keep one character each so that offsets stay true.
            part = "".join(
                chr(unit) for unit in struct.unpack(f"<{len(raw) // 2}H", raw[: len(raw) // 2 * 2])
            )
        offsets.append((length, start, wide))
        parts.append(part)
        length += len(part)
    return "".join(parts), offsets


def _paragraphs(stream: bytes, table: bytes) -> list[tuple[int, int, bool]]:
    """(first byte, after last, ends a row) of every paragraph inside a table, sorted."""
    offset, size = struct.unpack_from("<II", stream, 0x102)
    plc = table[offset : offset + size]
    count = (len(plc) - 4) // 8
    found: list[tuple[int, int, bool]] = []
    for index in range(min(max(count, 0), 100_000)):
        page = struct.unpack_from("<I", plc, 4 * (count + 1) + 4 * index)[0] & 0x3FFFFF
        fkp = stream[page * 512 : page * 512 + 512]
        if len(fkp) < 512:
            continue
        runs = fkp[511]
        if 4 * (runs + 1) + 13 * runs > 511:
            continue
        bounds = struct.unpack_from(f"<{runs + 1}I", fkp, 0)
        for run in range(runs):
            at = fkp[4 * (runs + 1) + 13 * run] * 2
            if at and _has(fkp, at, _IN_TABLE):
                found.append((bounds[run], bounds[run + 1], _has(fkp, at, _ROW_END)))
    return sorted(found)


def _has(fkp: bytes, at: int, wanted: int) -> bool:
    """Whether the paragraph properties at `at` set the flag `wanted`."""
    size = fkp[at] * 2 - 1 if fkp[at] else (fkp[at + 1] * 2 if at + 1 < 512 else 0)
    at += 1 if fkp[at] else 2
    sprms = fkp[at + 2 : at + size]
    i = 0
    while i + 2 <= len(sprms):
        code = sprms[i] | sprms[i + 1] << 8
        operand = (1, 1, 2, 4, 2, 2, 0, 3)[code >> 13]
        i += 2
        if code == wanted:
            return i < len(sprms) and sprms[i] == 1
        if code >> 13 == 6:
            if i >= len(sprms):
                return False
            # sprmTDefTable counts its length in two bytes, every other long property in one.
            operand = (
                (sprms[i] | (sprms[i + 1] << 8 if i + 1 < len(sprms) else 0)) + 1
                if code == 0xD608
                else sprms[i] + 1
            )
        i += operand
    return False


def _kept(counts: tuple[int, ...], length: int) -> list[tuple[int, int]]:
    """Character ranges of main text, footnotes, endnotes and text boxes; headers and comments are left out."""
    ranges: list[tuple[int, int]] = []
    at = 0
    for part, size in enumerate(counts):
        size = max(size, 0)
        # Order of the counts: text, footnotes, headers, macros, comments, endnotes, boxes, header boxes.
        if part == 3:
            continue
        if part in (0, 1, 5, 6) and size:
            ranges.append((at, min(at + size, length)))
        at += size
    return ranges


def _layout(
    text: str, offsets: list[tuple[int, int, int]], paragraphs: list[tuple[int, int, bool]],
    kept: list[tuple[int, int]], limits: Limits,
) -> tuple[str, tuple[Table, ...], tuple[str, ...]]:  # fmt: skip
    """Lines, tables and addresses out of the control characters: 7 ends a cell or row, 19-20-21 a field."""
    firsts = [first for first, _, _ in offsets]
    starts = [start for start, _, _ in paragraphs]

    def in_table(position: int) -> bool | None:
        """None outside tables, else whether the paragraph here is the end mark of a row."""
        piece = offsets[bisect_right(firsts, position) - 1]
        where = piece[1] + (position - piece[0]) * piece[2]
        index = bisect_right(starts, where) - 1
        return paragraphs[index][2] if index >= 0 and where < paragraphs[index][1] else None

    lines: list[str] = []
    tables: list[Table] = []
    links: list[str] = []
    rows: list[tuple[str, ...]] = []
    row: list[str] = []
    buffer: list[str] = []
    fields: list[list[str]] = []
    in_code: list[bool] = []
    cells = 0

    def close_table() -> None:
        if rows:
            tables.append(tuple(rows))
            rows.clear()

    for first, last in kept:
        for position in range(first, last):
            char = text[position]
            if char == "\x13":
                fields.append([])
                in_code.append(True)
            elif char in "\x14\x15" and fields:
                if in_code[-1] and (found := _FIELD.search("".join(fields[-1]))):
                    links.append(found[1])
                in_code[-1] = False
                if char == "\x15":
                    fields.pop()
                    in_code.pop()
            elif in_code and in_code[-1]:
                fields[-1].append(char)
            elif char == "\x07":
                value = cell("".join(buffer), limits.cell)
                buffer.clear()
                if row and not value and (in_table(position) if paragraphs else text[position - 1] == "\x07"):
                    if cells <= limits.cells:
                        rows.append(tuple(row))
                    lines.append(row_line(tuple(row)))
                    row.clear()
                else:
                    row.append(value)
                    cells += 1
            elif char in "\r\x0c":
                paragraph = "".join(buffer)
                if row or (paragraphs and in_table(position) is not None):
                    buffer.append("\n")
                    continue
                buffer.clear()
                close_table()
                lines.append(paragraph)
            elif char == "\x0b":
                buffer.append("\n")
            elif char == "\t" or char >= " ":
                buffer.append(char)
            elif char == "\x1e":
                buffer.append("-")
        if buffer:
            lines.append("".join(buffer))
            buffer.clear()
        row.clear()
        close_table()
    out = "\n".join(line for line in lines if line.strip())
    return normal(out), tuple(tables), tuple(dict.fromkeys(links))[:2000]


def _word95(stream: bytes, kind: str, limits: Limits) -> DocumentText:
    """Word 6 and 95: plain bytes between two offsets, unless the file was saved in pieces."""
    if (
        struct.unpack_from("<H", stream, 0)[0] not in (0xA5DC, 0xA5EC)
        or struct.unpack_from("<H", stream, 0x0A)[0] & 0x4
    ):
        raise Unreadable("unsupported")
    start, end = struct.unpack_from("<II", stream, 0x18)
    raw = stream[start : min(end, start + limits.text)].replace(b"\x07", b"\t").replace(b"\r", b"\n")
    text = normal(raw.decode("gb18030", "replace"))
    if not text.strip():
        raise Unreadable("empty")
    return DocumentText(kind=kind, text=text, title=first_line(text))

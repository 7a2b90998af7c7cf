"""PDF: text by pdfium; tables only of pages drawn with lines and holding figures, else by their text."""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from crawler.documents import ocr
from crawler.documents.aligned import aligned_tables
from crawler.documents.characters import first_line, normal, unwrap
from crawler.documents.record import DocumentText, Limits, Table, Unreadable

if TYPE_CHECKING:
    from crawler.documents.ruled import RuledTables

_STRAY_QUOTES = re.compile(r"“\s*”|”\s*“(?=\s*”)|‘\s*’")
"""Quotation marks drawn in another font come before or after the words they enclose."""
_REORDERED = 8_000
"""Characters of a page that are still put in order by their place, one by one."""
_DIGIT = re.compile(r"\d")
_LOST = re.compile("[\ue000-\uf8ff\ufffd]")


def read(data: bytes, limits: Limits) -> DocumentText:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Unreadable(
            "encrypted" if "assword" in str(error) or "ecurity" in str(error) else "broken"
        ) from error
    try:
        return _read(document, data, limits)
    except pdfium.PdfiumError as error:
        raise Unreadable("broken") from error
    finally:
        document.close()


def _read(document: pdfium.PdfDocument, data: bytes, limits: Limits) -> DocumentText:
    total = len(document)
    if total == 0:
        raise Unreadable("broken")
    pages: list[str] = []
    ruled: RuledTables | None = None
    ruled_pages = 0
    aligned: list[Table] = []
    links: dict[str, None] = {}
    pictures = 0
    recognised = False
    length = 0
    for index in range(min(total, limits.pages)):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            continue
        try:
            layer = page.get_textpage()
            raw = layer.get_text_range()
            if _STRAY_QUOTES.search(raw) and len(raw) < _REORDERED:
                raw = _by_place(layer)
            for link in _links(document, page):
                links[link] = None
            objects = pdfium_c.FPDFPage_CountObjects(page)
            lines, images = _drawn(page, objects)
            pictures += images > 0
            said = normal(raw)
            text = unwrap(said)
            if not text and pictures and index < limits.ocr_pages:
                text = ocr.page(document, index)
                recognised = recognised or bool(text)
            if lines >= 6 and len(_DIGIT.findall(text)) >= 6 and ruled_pages < limits.table_pages:
                ruled = ruled or _ruled(data, limits)
                ruled.read(index, page, layer)
                ruled_pages += 1
            layer.close()
        finally:
            page.close()
        if lines < 6:
            aligned.extend(aligned_tables(said))
        pages.append(text)
        length += len(text)
        if length > limits.text:
            break
    text = "\n".join(page for page in pages if page)
    visible = len(re.sub(r"\s", "", text))
    if visible < 10 + 3 * len(pages) and pictures * 2 >= len(pages):
        raise Unreadable("scanned")
    if visible == 0:
        raise Unreadable("no-text" if any(pages) or total > 1 or pictures else "empty")
    if len(_LOST.findall(text)) > 0.2 * visible:
        raise Unreadable("no-text")
    return DocumentText(
        kind="pdf", text=text[: limits.text], tables=(*(ruled.tables if ruled else ()), *aligned[:200]), title=first_line(text),
        links=tuple(links)[:2000], cut=total > limits.pages or length > limits.text, recognised=recognised,
    )  # fmt: skip


def _by_place(layer: pdfium.PdfTextPage) -> str:
    """The page's characters line by line, left to right, whatever order they were drawn in."""
    x, y = ctypes.c_double(0), ctypes.c_double(0)
    found: list[tuple[float, float, float, str]] = []
    text = layer.raw
    for index in range(layer.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(text, index)
        if code > 32:
            pdfium_c.FPDFText_GetCharOrigin(text, index, x, y)
            found.append((y.value, x.value, pdfium_c.FPDFText_GetFontSize(text, index) or 10.0, chr(code)))
    found.sort(key=lambda char: -char[0])
    lines: list[list[tuple[float, float, float, str]]] = []
    for char in found:
        if lines and lines[-1][0][0] - char[0] < 0.4 * char[2]:
            lines[-1].append(char)
        else:
            lines.append([char])
    out: list[str] = []
    for line in lines:
        line.sort(key=lambda char: char[1])
        text, end = "", line[0][1]
        for _, left, size, letter in line:
            text += (" " if left - end > 0.45 * size else "") + letter
            end = left + size * (1.0 if letter > "\u2000" else 0.5)
        out.append(text)
    return "\n".join(out)


def _drawn(page: pdfium.PdfPage, objects: int) -> tuple[int, int]:
    """How many paths (up to 40) and images (up to 1) the page draws, of its first objects."""
    paths = images = 0
    drawn = page.raw
    for index in range(min(objects, 3000)):
        kind = pdfium_c.FPDFPageObj_GetType(pdfium_c.FPDFPage_GetObject(drawn, index))
        paths += kind == pdfium_c.FPDF_PAGEOBJ_PATH
        images += kind in (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_FORM)
        if paths >= 40:
            break
    return paths, images


def _links(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> list[str]:
    """Addresses of the page's link annotations."""
    found: list[str] = []
    position = ctypes.c_int(0)
    link = pdfium_c.FPDF_LINK()
    while len(found) < 500 and pdfium_c.FPDFLink_Enumerate(page, ctypes.byref(position), ctypes.byref(link)):
        action = pdfium_c.FPDFLink_GetAction(link)
        if not action:
            continue
        size = pdfium_c.FPDFAction_GetURIPath(document, action, None, 0)
        if 1 < size < 4000:
            buffer = ctypes.create_string_buffer(size)
            pdfium_c.FPDFAction_GetURIPath(document, action, buffer, size)
            if uri := buffer.value.decode("utf-8", "replace").strip():
                found.append(uri)
    return found


def _ruled(data: bytes, limits: Limits) -> RuledTables:
    # Only now: most workers never meet a drawn table, and its reader weighs more than all others together.
    from crawler.documents.ruled import RuledTables

    return RuledTables(data, limits)

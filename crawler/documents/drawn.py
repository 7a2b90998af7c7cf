"""What a PDF page draws: its straight edges and its characters, read by pdfium in the form pdfplumber looks for tables in.

pdfplumber reads a page by pdfminer, which parses fonts and content once more, in Python: fifty times as long.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pdfplumber.utils.geometry import curve_to_edges, line_to_edge, rect_to_edges

from crawler.documents.characters import folding

MOST_EDGES = 5_000
"""A page with more of them is a drawing."""
MOST_CHARS = 20_000
_BELOW = 0.12
"""Of a character's height, what stands below its line."""
_HYPHEN = 2
"""How pdfium writes a hyphen at the end of a line."""
_NO_WIDTH = 0.01

_DEEPEST = 12
"""Forms inside one another."""

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
Object = dict[str, Any]
"""A character, line, rectangle or edge with its place as pdfplumber names it: points from the left and from the top."""


class Sheet:
    """A page as pdfplumber's TableFinder asks for it."""

    def __init__(self, page: pdfium.PdfPage, edges: list[Object]) -> None:
        self.edges = edges
        self.bbox = (0.0, 0.0, *page.get_mediabox()[2:])


def sheet(page: pdfium.PdfPage) -> Sheet | None:
    """The page with its edges; None when it is turned or does not begin at the origin: not for this reader."""
    left, bottom, _, height = page.get_mediabox()
    if page.get_rotation() or left or bottom:
        return None
    lines: list[Object] = []
    rects: list[Object] = []
    curves: list[Object] = []
    for item, matrix in _objects(page, pdfium_c.FPDF_PAGEOBJ_PATH):
        if pdfium_c.FPDFPath_CountSegments(item) > 4 * MOST_EDGES:
            return Sheet(page, [])
        for shape, points in _strokes(item, matrix):
            placed = _placed([(x, height - y) for x, y in points])
            if shape in ("ml", "mlh"):
                lines.append(line_to_edge(placed))
            elif shape in ("mllll", "mlllh") and _is_square(points):
                rects += rect_to_edges(placed)
            else:
                curves += curve_to_edges(placed)
        if len(lines) + len(rects) + len(curves) > MOST_EDGES:
            return Sheet(page, [])
    return Sheet(page, lines + rects + curves)


def _objects(page: pdfium.PdfPage, kind: int) -> Iterator[tuple[Any, Matrix]]:
    """The page's objects of a kind, those of its forms too, each with what turns its points into the page's."""
    drawn = page.raw
    for index in range(pdfium_c.FPDFPage_CountObjects(drawn)):
        yield from _inside(pdfium_c.FPDFPage_GetObject(drawn, index), kind, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0)


def _has_forms(page: pdfium.PdfPage) -> bool:
    drawn = page.raw
    kinds = (
        pdfium_c.FPDFPageObj_GetType(pdfium_c.FPDFPage_GetObject(drawn, index))
        for index in range(pdfium_c.FPDFPage_CountObjects(drawn))
    )
    return pdfium_c.FPDF_PAGEOBJ_FORM in kinds


def _inside(item: Any, kind: int, around: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    own = pdfium_c.FPDFPageObj_GetType(item)
    if own == kind:
        yield item, _within(item, around)
    elif own == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        within = _within(item, around)
        for index in range(pdfium_c.FPDFFormObj_CountObjects(item)):
            yield from _inside(pdfium_c.FPDFFormObj_GetObject(item, index), kind, within, depth + 1)


def _within(item: Any, around: Matrix) -> Matrix:
    """The matrix of an object, then that of the form it stands in."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(item, matrix)
    a, b, c, d, e, f = matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f
    p, q, r, s, t, u = around
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _strokes(item: Any, matrix: Matrix) -> Iterator[tuple[str, list[Point]]]:
    """Each stroke of a path without a lift of the pen: its operators (m, l, c, h) and the points they lead to."""
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    shape = ""
    points: list[Point] = []
    beziers = 0
    for index in range(pdfium_c.FPDFPath_CountSegments(item)):
        segment = pdfium_c.FPDFPath_GetPathSegment(item, index)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            if len(shape) > 1:
                yield _closed(shape, points)
            shape, points, beziers = "", [], 0
        elif kind == pdfium_c.FPDF_SEGMENT_BEZIERTO:
            beziers += 1
            if beziers % 3:
                continue
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        # Single precision: what was written as 72.1 is that again.
        points.append((round(a * x.value + c * y.value + e, 3), round(b * x.value + d * y.value + f, 3)))
        shape += "m" if not shape else "c" if kind == pdfium_c.FPDF_SEGMENT_BEZIERTO else "l"
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            shape += "h"
            points.append(points[0])
    if len(shape) > 1:
        yield _closed(shape, points)


@cache
def _folded() -> frozenset[str]:
    return frozenset(folding().values())


def _closed(shape: str, points: list[Point]) -> tuple[str, list[Point]]:
    """The stroke without a last line that only leads back to where it is closed anyway."""
    if len(shape) > 3 and shape.endswith("lh") and points[-2] == points[0]:
        return shape[:-2] + "h", points[:-1]
    return shape, points


def _is_square(points: list[Point]) -> bool:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3), last = points
    return last == points[0] and (
        (x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0) or (y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0)
    )


def _placed(points: list[Point]) -> Object:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x0, x1, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return {
        "object_type": "line",
        "pts": points,
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "doctop": top,
        "y0": -bottom,
        "y1": -top,
        "width": x1 - x0,
        "height": bottom - top,
    }


def chars(page: pdfium.PdfPage, layer: pdfium.PdfTextPage) -> list[Object] | None:
    """The characters as they are drawn; None when some stand on their side or where cannot be told."""
    height = page.get_mediabox()[3]
    text = layer.raw
    box = pdfium_c.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    found = _blanks(page, height)
    plain = False
    for index in range(pdfium_c.FPDFText_CountChars(text)):
        code = pdfium_c.FPDFText_GetUnicode(text, index)
        if code <= 32 and (code == 0 or pdfium_c.FPDFText_IsGenerated(text, index) == 1):
            continue
        if pdfium_c.FPDFText_GetCharAngle(text, index):
            return None
        if not pdfium_c.FPDFText_GetLooseCharBox(text, index, box):
            continue
        letter = chr(code)
        left, right, top, bottom = box.left, box.right, box.top, box.bottom
        if letter in _folded():
            pdfium_c.FPDFText_GetCharOrigin(text, index, x, y)
            if left != x.value:
                # Folded from a radical: the box is that of the ink, and in a form its size is not told.
                plain = plain or not _has_forms(page)
                if not plain:
                    return None
                matrix = pdfium_c.FS_MATRIX()
                pdfium_c.FPDFText_GetMatrix(text, index, matrix)
                size = pdfium_c.FPDFText_GetFontSize(text, index)
                left, right = x.value, x.value + size * matrix.a
                bottom = y.value - _BELOW * size * matrix.d
                top = bottom + size * matrix.d
        if len(found) > MOST_CHARS:
            break
        found.append(_char("-" if code == _HYPHEN else letter, left, right, height - top, height - bottom))
    return found


def _blanks(page: pdfium.PdfPage, height: float) -> list[Object]:
    """Blanks that were drawn by themselves, in another font than the words around: pdfium's text has none of them."""
    size = ctypes.c_float()
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    found: list[Object] = []
    for item, (_, _, _, d, e, f) in _objects(page, pdfium_c.FPDF_PAGEOBJ_TEXT):
        pdfium_c.FPDFPageObj_GetBounds(item, left, bottom, right, top)
        if right.value - left.value < _NO_WIDTH:
            pdfium_c.FPDFTextObj_GetFontSize(item, size)
            tall = size.value * d
            below = height - f + _BELOW * tall
            found.append(_char(" ", e, e, below - tall, below))
    return found


def _char(letter: str, left: float, right: float, top: float, bottom: float) -> Object:
    return {
        "text": letter,
        "x0": left,
        "x1": right,
        "top": top,
        "doctop": top,
        "bottom": bottom,
        "height": bottom - top,
        "upright": True,
    }

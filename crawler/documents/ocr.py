"""Text of pictures, when the optional `ocr` extra is installed. Without it nothing is recognised."""

from __future__ import annotations

import io
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from crawler.documents.characters import first_line
from crawler.documents.record import DocumentText, Limits, Unreadable

_LARGEST = 2000
"""Pixels of the longer side a picture is recognised at: A4 at 180 dpi, where 小四 type is still read."""


def read(data: bytes, limits: Limits) -> DocumentText:
    """A picture file. Raises `Unreadable("scanned")` when no text was recognised."""
    text = picture(data) if limits.ocr_pages else ""
    if not text:
        raise Unreadable("scanned")
    return DocumentText(kind="image", text=text, title=first_line(text), recognised=True)


def available() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@cache
def _engine() -> Any:
    return import_module("rapidocr").RapidOCR()


def _recognised(picture: Any) -> str:
    """Lines of one picture from top to bottom, parts on one height joined with a tab."""
    result = _engine()(picture)
    if result is None or result.txts is None:
        return ""
    parts = sorted(
        (float(min(y for _, y in box)), float(min(x for x, _ in box)), float(max(y for _, y in box)), text)
        for box, text in zip(result.boxes, result.txts, strict=True)
    )
    lines: list[list[tuple[float, float, float, str]]] = []
    for part in parts:
        if lines and part[0] < (lines[-1][0][0] + lines[-1][0][2]) / 2:
            lines[-1].append(part)
        else:
            lines.append([part])
    return "\n".join(
        "\t".join(text for _, _, _, text in sorted(line, key=lambda part: part[1])) for line in lines
    )


def page(document: Any, index: int) -> str:
    """The recognised text of a PDF page, "" without the extra."""
    if not available():
        return ""
    sheet = document[index]
    try:
        width, height = sheet.get_size()
        bitmap = sheet.render(scale=min(2.5, _LARGEST / max(width, height, 1)))
        return _recognised(bitmap.to_numpy())
    finally:
        sheet.close()


def picture(data: bytes) -> str:
    """The recognised text of a picture file, "" without the extra or when it cannot be opened."""
    if not available():
        return ""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > 40_000_000:
                return ""
            image.thumbnail((_LARGEST, _LARGEST))
            import numpy

            return _recognised(numpy.asarray(image.convert("RGB")))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""

"""OFD, the national page format: text objects of each page, put in lines by their place, tables by aligned figures."""

from __future__ import annotations

import posixpath
import re
from itertools import islice

from crawler.documents.aligned import aligned_tables
from crawler.documents.characters import first_line, normal
from crawler.documents.packages import Package, opened
from crawler.documents.record import DocumentText, Limits, Unreadable

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?")


def read(data: bytes, limits: Limits) -> DocumentText:
    with opened(data, limits) as package:
        root = package.xml("OFD.xml")
        if root is None:
            raise Unreadable("broken")
        pages: list[str] = []
        cut = False
        pictures = any("/Res/" in name or name.endswith((".png", ".jpg", ".jb2")) for name in package.names())
        title = next((node.text or "" for node in root.iter("{*}Title")), "").strip()
        for body in islice(root.iter("{*}DocRoot"), 20):
            where = (body.text or "").strip().lstrip("/")
            document = package.xml(where)
            if document is None:
                continue
            for sheet in document.iterfind(".//{*}Pages/{*}Page"):
                if len(pages) >= limits.pages:
                    cut = True
                    break
                pages.append(_page(package, _join(where, sheet.get("BaseLoc", ""))))
    text = normal("\n".join(page for page in pages if page))
    if not text.strip():
        raise Unreadable("scanned" if pictures else "empty")
    return DocumentText(
        kind="ofd",
        text=text[: limits.text],
        tables=tuple(aligned_tables(text)[:200]),
        title=first_line(text) or title[:80],
        cut=cut or len(text) > limits.text,
    )


def _join(base: str, place: str) -> str:
    return (
        place.lstrip("/")
        if place.startswith("/")
        else posixpath.normpath(posixpath.join(posixpath.dirname(base), place))
    )


def _page(package: Package, where: str) -> str:
    page = package.xml(where)
    if page is None:
        return ""
    runs: list[tuple[float, float, float, str]] = []
    for node in islice(page.iter("{*}TextObject"), 100_000):
        left, top, *_ = [*_numbers(node.get("Boundary")), 0.0, 0.0]
        matrix = _numbers(node.get("CTM")) or [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
        scale = abs(matrix[3]) if len(matrix) == 6 and matrix[3] else 1.0
        size = (_numbers(node.get("Size")) or [4.0])[0] * scale
        x, y = 0.0, 0.0
        for code in node.iterfind("{*}TextCode"):
            x = (_numbers(code.get("X")) or [x])[0]
            y = (_numbers(code.get("Y")) or [y])[0]
            if code.text and code.text.strip():
                runs.append((top + y * scale, left + x * scale, size, code.text))
    return "\n".join(_lines(runs))


def _lines(runs: list[tuple[float, float, float, str]]) -> list[str]:
    """Runs on one height make a line, left to right; a wide gap becomes a tab."""
    lines: list[list[tuple[float, float, float, str]]] = []
    for run in sorted(runs, key=lambda run: (run[0], run[1])):
        if lines and abs(run[0] - lines[-1][0][0]) < 0.5 * max(run[2], 1.0):
            lines[-1].append(run)
        else:
            lines.append([run])
    out = []
    for line in lines:
        line.sort(key=lambda run: run[1])
        text, end = "", line[0][1]
        for _, x, size, part in line:
            text += ("\t" if text and x - end > 1.5 * size else "") + part
            end = x + size * sum(1.0 if char > "\u2000" else 0.5 for char in part)
        out.append(text)
    return out


def _numbers(value: str | None) -> list[float]:
    return [float(part) for part in _NUMBER.findall((value or "")[:500])]

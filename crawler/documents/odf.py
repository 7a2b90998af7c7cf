"""OpenDocument text and sheets (ODT, ODS): paragraphs and tables of content.xml, in reading order."""

from __future__ import annotations

from lxml import etree

from crawler.documents.characters import cell, first_line, normal, row_line
from crawler.documents.packages import opened
from crawler.documents.record import DocumentText, Limits, Table, Unreadable

_NS = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE = _NS + "text:1.0}", _NS + "table:1.0}", _NS + "office:1.0}"
_LINK, _HREF = _TEXT + "a", "{http://www.w3.org/1999/xlink}href"
_SKIP = {_TEXT + "tracked-changes", _OFFICE + "annotation", _TEXT + "sequence-decls", _OFFICE + "forms"}
_PARAGRAPHS = {_TEXT + "p", _TEXT + "h"}
_REPEATED = 64
"""Times a cell or row is written out that says it stands several times."""
_DEPTH = 60


def read(data: bytes, kind: str, limits: Limits) -> DocumentText:
    """`kind` "odt" or "ods". Raises `Unreadable`."""
    with opened(data, limits) as package:
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise Unreadable("encrypted")
        root = package.xml("content.xml")
        pictures = any(name.startswith("Pictures/") for name in package.names())
    body = root.find(_OFFICE + "body") if root is not None else None
    if body is None:
        raise Unreadable("broken")
    lines: list[str] = []
    tables: list[Table] = []
    sheets = kind == "ods" and len(list(body.iter(_TABLE + "table"))) > 1
    _blocks(body, lines, tables, limits, sheets)
    text = normal("\n".join(line for line in lines if line.strip()))
    if not text.strip():
        raise Unreadable("scanned" if pictures else "empty")
    links = (node.get(_HREF, "").strip() for node in body.iter(_LINK))
    return DocumentText(
        kind=kind,
        text=text[: limits.text],
        tables=tuple(table for table in tables if table),
        title=first_line(text),
        links=tuple(dict.fromkeys(link for link in links if link))[:2000],
        cut=len(text) > limits.text,
    )


def _blocks(
    parent: etree._Element,
    lines: list[str],
    tables: list[Table],
    limits: Limits,
    sheets: bool,
    depth: int = 0,
) -> None:
    for node in parent:
        if node.tag in _PARAGRAPHS:
            lines.append(_words(node, 0))
        elif node.tag == _TABLE + "table":
            table = _table(node, limits)
            tables.append(table)
            if sheets and table:
                lines.append(cell(node.get(_TABLE + "name", ""), 100))
            lines.extend(row_line(row) for row in table)
        elif node.tag not in _SKIP and isinstance(node.tag, str) and depth < _DEPTH:
            _blocks(node, lines, tables, limits, sheets, depth + 1)


def _words(node: etree._Element, depth: int) -> str:
    """The text of a paragraph, without comments and tracked deletions."""
    parts = [node.text or ""]
    for inner in node if depth < _DEPTH else ():
        if inner.tag == _TEXT + "s":
            parts.append(" " * min(_number(inner, _TEXT + "c"), _REPEATED))
        elif inner.tag == _TEXT + "tab":
            parts.append("\t")
        elif inner.tag == _TEXT + "line-break":
            parts.append("\n")
        elif isinstance(inner.tag, str) and inner.tag not in _SKIP:
            parts.append(_words(inner, depth + 1))
        parts.append(inner.tail or "")
    return "".join(parts)


def _table(node: etree._Element, limits: Limits) -> Table:
    """Rows of a table; a merged cell's text stands in every cell it covers, blank rows and columns at the end left out."""
    rows: list[tuple[str, ...]] = []
    below: dict[int, tuple[int, str]] = {}
    """Column -> (rows still covered from above, text)."""
    count = 0
    for line in node.iter(_TABLE + "table-row"):
        if next(line.iterancestors(_TABLE + "table"), None) is not node:
            continue
        row: list[str] = []
        left = ""
        for box in line:
            if box.tag not in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
                continue
            times = min(_number(box, _TABLE + "number-columns-repeated"), _REPEATED)
            covered = box.tag == _TABLE + "covered-table-cell"
            text = (
                left
                if covered
                else cell("".join(_words(p, 0) for p in box.iterchildren(*_PARAGRAPHS)), limits.cell)
            )
            for _ in range(times):
                column = len(row)
                if covered and column in below and below[column][0] > 0:
                    row.append(below[column][1])
                    below[column] = (below[column][0] - 1, below[column][1])
                    continue
                row.append(text)
            spanned = _number(box, _TABLE + "number-rows-spanned")
            if not covered:
                left = text
                width = min(_number(box, _TABLE + "number-columns-spanned"), _REPEATED)
                for column in range(len(row) - 1, len(row) - 1 + width):
                    below[column] = (min(spanned, 1000) - 1, text)
        while row and not row[-1]:
            row.pop()
        for _ in range(min(_number(line, _TABLE + "number-rows-repeated"), _REPEATED) if row else 1):
            count += len(row)
            rows.append(tuple(row))
        if count > limits.cells or len(rows) > limits.cells:
            break
    while rows and not rows[-1]:
        rows.pop()
    width = max(map(len, rows), default=0)
    return tuple(row + ("",) * (width - len(row)) for row in rows)


def _number(node: etree._Element, name: str) -> int:
    value = node.get(name, "1")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 and value != "0" else 1

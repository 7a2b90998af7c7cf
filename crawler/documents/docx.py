"""DOCX: paragraphs, tables and hyperlinks of word/document.xml, in reading order."""

from __future__ import annotations

from lxml import etree

from crawler.documents.characters import cell, first_line, normal, row_line
from crawler.documents.packages import Package, opened, parse
from crawler.documents.record import DocumentText, Limits, Table, Unreadable

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_SKIP = {_W + "del", _W + "moveFrom", _W + "instrText", _W + "pPr", _W + "rPr", _W + "delText"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read(data: bytes, limits: Limits) -> DocumentText:
    with opened(data, limits) as package:
        raw = package.read("word/document.xml") or package.read("word/document2.xml")
        if not raw:
            raise Unreadable("broken")
        if _STRICT.encode() in raw[:4096]:
            raw = raw.replace(_STRICT.encode(), _W[1:-1].encode())
        body = parse(raw).find(_W + "body")
        if body is None:
            raise Unreadable("broken")
        lines: list[str] = []
        tables: list[Table] = []
        _blocks(body, lines, tables, limits, depth=0)
        for part in ("word/footnotes.xml", "word/endnotes.xml"):
            notes = package.xml(part)
            if notes is not None:
                lines.extend(_paragraph(node) for node in notes.iter(_W + "p"))
        links = _links(package)
        pictures = any(name.startswith("word/media/") for name in package.names())
    text = normal("\n".join(line for line in lines if line.strip()))
    if not text.strip():
        raise Unreadable("scanned" if pictures else "empty")
    return DocumentText(
        kind="docx", text=text[: limits.text], tables=tuple(tables), title=first_line(text), links=links,
        cut=len(text) > limits.text,
    )  # fmt: skip


def _blocks(
    parent: etree._Element, lines: list[str], tables: list[Table], limits: Limits, depth: int
) -> None:
    for node in parent:
        if node.tag == _W + "p":
            lines.append(_paragraph(node))
            for box in node.iter(_W + "txbxContent"):
                if not _inside(box, _FALLBACK, node):
                    _blocks(box, lines, tables, limits, depth + 1)
        elif node.tag == _W + "tbl":
            if depth < 8:
                table = _table(node, limits)
                tables.append(table)
                lines.extend(row_line(row) for row in table)
        elif (
            node.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "smartTag", _W + "customXml")
            and depth < 30
        ):
            _blocks(node, lines, tables, limits, depth + 1)


def _inside(node: etree._Element, tag: str, top: etree._Element) -> bool:
    parent = node.getparent()
    while parent is not None and parent is not top:
        if parent.tag == tag:
            return True
        parent = parent.getparent()
    return False


def _paragraph(paragraph: etree._Element) -> str:
    parts: list[str] = []
    stack = [iter(paragraph)]
    while stack:
        for node in stack[-1]:
            tag = node.tag
            if tag == _W + "t":
                parts.append(node.text or "")
            elif tag in (_W + "tab", _W + "ptab"):
                parts.append("\t")
            elif tag in (_W + "br", _W + "cr"):
                parts.append("\n")
            elif tag == _W + "noBreakHyphen":
                parts.append("-")
            elif tag not in _SKIP and tag not in (_FALLBACK, _W + "txbxContent", _W + "p"):
                stack.append(iter(node))
                break
        else:
            stack.pop()
    return "".join(parts)


def _table(node: etree._Element, limits: Limits) -> Table:
    rows: list[tuple[str, ...]] = []
    count = 0
    for line in node.iter(_W + "tr"):
        if next(line.iterancestors(_W + "tbl"), None) is not node:
            continue
        row: list[str] = []
        for box in line.iter(_W + "tc"):
            if next(box.iterancestors(_W + "tr"), None) is not line:
                continue
            text = cell("".join(_paragraph(p) for p in box.iter(_W + "p")), limits.cell)
            merge = box.find(f"{_W}tcPr/{_W}vMerge")
            if (
                merge is not None
                and merge.get(_W + "val", "continue") == "continue"
                and rows
                and len(row) < len(rows[-1])
            ):
                text = rows[-1][len(row)]
            row.extend([text] * _span(box))
        count += len(row)
        if count > limits.cells:
            break
        rows.append(tuple(row))
    return tuple(rows)


def _span(box: etree._Element) -> int:
    span = box.find(f"{_W}tcPr/{_W}gridSpan")
    value = span.get(_W + "val", "1") if span is not None else "1"
    return min(int(value), 64) if value.isascii() and value.isdigit() and value != "0" else 1


def _links(package: Package) -> tuple[str, ...]:
    relations = package.xml("word/_rels/document.xml.rels")
    if relations is None:
        return ()
    found = (r.get("Target", "") for r in relations.iter(_REL) if r.get("Type", "").endswith("/hyperlink"))
    return tuple(dict.fromkeys(target.strip() for target in found if target.strip()))[:2000]

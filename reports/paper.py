"""A formal paper as a list of blocks, set for Word and as PDF/A from the same blocks."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from reports.rectification import clean
from reports.word import fixed_times
from reports.word_template import set_chinese, set_fonts

WIDTH = 166
"""Millimetres between the margins of an upright page."""
ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """`newpage` begins an annex."""

    text: str
    newpage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph; `indent` sets in its first line by two characters."""

    text: str
    align: str = "left"
    indent: bool = True
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`widths` in millimetres, WIDTH together. `centred` columns; `label` shades the first column instead of a head."""

    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    centred: tuple[int, ...] = ()
    label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. `number` is the line under the title, `to` the addressee; either may be empty."""

    title: str
    number: str
    to: str
    blocks: tuple[Heading | Text | Table, ...]
    foot: str
    seal: dt.datetime


def as_pdf(paper: Paper) -> bytes:
    """The paper as PDF/A-2b. Raises ReportError."""
    from reports.pdf import typeset

    return typeset("paper.typ", _data(paper), paper.seal)


def as_docx(paper: Paper) -> bytes:
    """The paper for Word. Same paper, same bytes."""
    made = Document()
    set_chinese(made)
    _styles(made)
    made.add_paragraph(clean(paper.title, 200), style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    if paper.number:
        made.add_paragraph(clean(paper.number, 200)).alignment = WD_ALIGN_PARAGRAPH.CENTER
    if paper.to:
        made.add_paragraph(clean(paper.to, 200))
    for block in paper.blocks:
        if isinstance(block, Heading):
            heading = made.add_heading(clean(block.text, 200), 1)
            heading.paragraph_format.page_break_before = block.newpage
        elif isinstance(block, Text):
            line = made.add_paragraph()
            line.add_run(clean(block.text, 4000)).bold = block.bold
            line.alignment = ALIGN[block.align]
            if block.indent:
                line.paragraph_format.first_line_indent = Pt(24)
        else:
            made.element.body.insert_element_before(parse_xml(_table_xml(block)), "w:sectPr")
            made.add_paragraph().paragraph_format.space_after = Pt(0)
    _page_numbers(made, paper.foot)
    made.core_properties.title = clean(paper.title, 200)
    made.core_properties.author = "巡查"
    made.core_properties.created = made.core_properties.modified = paper.seal.replace(tzinfo=None)
    out = io.BytesIO()
    made.save(out)
    return fixed_times(out.getvalue())


def _data(paper: Paper) -> dict[str, Any]:
    return {
        "title": clean(paper.title, 200),
        "number": clean(paper.number, 200),
        "to": clean(paper.to, 200),
        "foot": clean(paper.foot, 300),
        "date": [paper.seal.year, paper.seal.month, paper.seal.day],
        "blocks": [_block(block) for block in paper.blocks],
    }


def _block(block: Heading | Text | Table) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": clean(block.text, 200), "newpage": block.newpage}
    if isinstance(block, Text):
        return {
            "kind": "text",
            "text": clean(block.text, 4000),
            "align": block.align,
            "indent": block.indent,
            "bold": block.bold,
        }
    return {
        "kind": "table",
        "heads": list(block.heads),
        "widths": list(block.widths),
        "rows": [[clean(cell, 2000) for cell in row] for row in block.rows],
        "centred": list(block.centred),
        "label": block.label,
    }


def _styles(made: WordDocument) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(28), Mm(25)
    for name, font, size in (("Normal", "仿宋", 12), ("Title", "宋体", 22), ("Heading 1", "黑体", 14)):
        set_fonts(made.styles[name], font, size)
    made.styles["Title"].font.bold = True
    border = made.styles["Title"].element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        border.getparent().remove(border)
    # Exact, as official papers have it: a share of the font's own height differs from font to font.
    made.styles["Normal"].paragraph_format.line_spacing = Pt(22)
    made.styles["Title"].paragraph_format.line_spacing = Pt(34)
    made.styles["Normal"].paragraph_format.space_after = Pt(3)


def _page_numbers(made: WordDocument, foot: str) -> None:
    line = made.sections[0].footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece in (clean(foot, 300) + "　第 ", "PAGE", " 页，共 ", "NUMPAGES", " 页"):
        if not piece.isupper():
            line.add_run(piece).font.size = Pt(9)
            continue
        # A field is three runs; its number takes the looks of the run that it stands in.
        for kind in ("begin", "", "end"):
            run = line.add_run()
            run.font.size = Pt(9)
            mark = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark.text = piece
            run._r.append(mark)


def _table_xml(table: Table) -> str:
    """The table as WordprocessingML: python-docx needs minutes for ten thousand rows."""
    twips = [round(width * 56.7) for width in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    rows = "".join(_rows_xml(table, twips))
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _rows_xml(table: Table, twips: Sequence[int]) -> Iterator[str]:
    if table.heads:
        cells = "".join(
            _cell_xml(head, width, bold=True, centred=True)
            for head, width in zip(table.heads, twips, strict=True)
        )
        yield f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"
    for row in table.rows:
        cells = "".join(
            _cell_xml(
                cell,
                width,
                bold=table.label and place % 2 == 0,
                centred=place in table.centred,
            )
            for place, (cell, width) in enumerate(zip(row, twips, strict=True))
        )
        yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _cell_xml(words: str, width: int, *, bold: bool, centred: bool) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="EEF1F4"/>' if bold else ""
    look = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="18"/></w:rPr>'
    place = '<w:jc w:val="center"/>' if centred else ""
    spacing = '<w:spacing w:before="20" w:after="20" w:line="260" w:lineRule="exact"/>'
    lines = "".join(
        f"<w:p><w:pPr>{spacing}{place}</w:pPr>"
        f'<w:r>{look}<w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
        for line in clean(words, 2000).split("\n")
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{lines}</w:tc>'

"""Makes templates/report.docx, the editable Word template: python -m reports.word_template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

PATH = Path(__file__).parent / "templates" / "report.docx"
BODY, HEAD = "仿宋", "黑体"


def template() -> Paper:
    """The template with its placeholders; {%tr %} and {%p %} rows repeat."""
    paper = Document()
    set_chinese(paper)
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(22)
    for name, font, size in (
        ("Normal", BODY, 11),
        ("Title", HEAD, 24),
        ("Heading 1", HEAD, 15),
        ("Heading 2", HEAD, 12),
    ):
        set_fonts(paper.styles[name], font, size)
    for words, style in (
        ("政府网站检测报告", "Normal"),
        ("{{ site_name }}", "Title"),
        ("监测时间点：{{ as_of }}", "Normal"),
    ):
        paper.add_paragraph(words, style=style).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _rows(paper, "facts", ("项目", "内容"), ("{{ row[0] }}", "{{ row[1] }}"), (30, 136))
    paper.add_heading("一、检查结论", 1)
    _lines(
        paper,
        "{%p for one in tables %}",
        "{{ one.title }}{{ one.unofficial }}：{{ one.standing_words }}。{{ one.conclusion }}{{ one.basis }}",
        "{%p endfor %}",
        "{% for figure in figures %}{{ figure[0] }}{{ figure[1] }}{% if not loop.last %}，{% endif %}{% endfor %}。{{ changes }}",
    )
    _lines(paper, "{%p for one in tables %}")
    paper.add_heading("{{ one.title }}：单项否决指标", 2)
    _rows(
        paper,
        "one.vetoes",
        ("单项否决指标", "已发现 / 否决线", "结果"),
        (
            "{{ row.title }}（{{ row.id }}）",
            "{{ row.distance if row.examined else row.line }}",
            "{{ row.outcome }}",
        ),
        (98, 40, 28),
    )
    _lines(paper, "{%p endfor %}")
    _lines(paper, "{%p for block in ahead %}")
    paper.add_heading("{{ block.title }}", 2)
    _lines(paper, "{{ block.lead }}")
    heads = tuple(f"{{{{ block.heads[{column}] }}}}" for column in range(4))
    cells = tuple(f"{{{{ row[{column}] }}}}" for column in range(4))
    _rows(paper, "block.rows", heads, cells, (52, 46, 32, 36))
    _lines(paper, "{%p endfor %}")
    paper.add_heading("问题分类", 2)
    _rows(
        paper,
        "by_check",
        ("问题类型", "问题", "待核实"),
        ("{{ row[0] }}", "{{ row[1] }}", "{{ row[2] }}"),
        (106, 30, 30),
    )
    paper.add_heading("二、整改清单", 1)
    _rows(
        paper,
        "issues",
        ("序号", "条款", "问题和位置", "怎么改"),
        ("{{ row.number }}", "{{ row.clause }}", "{{ row.words }}", "{{ row.fix }}"),
        (12, 28, 84, 42),
    )
    paper.add_heading("三、检查范围和没有检查的内容", 1)
    _rows(
        paper,
        "coverage",
        ("内容", "采集", "数量", "没有看全的原因"),
        ("{{ row[0] }}", "{{ row[1] }}", "{{ row[2] }}", "{{ row[3] }}"),
        (25, 20, 45, 76),
    )
    paper.add_heading("没有检查或没有查完的条款", 2)
    _rows(
        paper,
        "unexamined",
        ("条款", "结果", "原因"),
        ("{{ row.title }}（{{ row.id }}）", "{{ row.outcome }}", "{{ row.reason }}"),
        (66, 30, 70),
    )
    paper.add_heading("四、人工核查表", 1)
    _rows(
        paper,
        "to_answer",
        ("条款", "怎么核查", "结果"),
        ("{{ row.title }}（{{ row.id }}）", "{{ row.how }}", "{{ row.result }}"),
        (56, 70, 40),
    )
    paper.add_heading("五、评分表", 1)
    _rows(
        paper,
        "score_rows",
        ("一级指标", "二级指标", "考察点", "扣分细则", "存在的问题", "扣分"),
        (
            "{{ row.group }}",
            "{{ row.indicator }}",
            "{{ row.title }}（{{ row.id }}）",
            "{{ row.text }}",
            "{{ row.found }}",
            "{{ row.marks }}",
        ),
        (23, 22, 28, 42, 37, 14),
    )
    _lines(paper, "{{ score_end }}", "{{ end }}")
    return paper


def set_chinese(paper: Paper) -> None:
    """Say that the text is Chinese: without, substitute fonts draw its punctuation the Japanese way."""
    for part in (paper.styles.element, paper.settings.element):
        for tag in ("w:lang", "w:themeFontLang"):
            for mark in part.iter(qn(tag)):
                mark.set(qn("w:eastAsia"), "zh-CN")


def set_fonts(style: Any, font: str, size: int) -> None:
    """Give a style one font for Latin and Chinese, its size in points and the ink of our papers."""
    style.font.name, style.font.size = font, Pt(size)
    style.font.color.rgb = RGBColor(0x1D, 0x21, 0x26)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(key), font)
    for key in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(key), None)


def _lines(paper: Paper, *lines: str) -> None:
    for line in lines:
        paper.add_paragraph(line)


def _rows(
    paper: Paper, name: str, heads: tuple[str, ...], cells: tuple[str, ...], widths: tuple[int, ...]
) -> None:
    table = paper.add_table(rows=4, cols=len(heads), style="Table Grid")
    table.autofit = False
    for column, (head, cell, width) in enumerate(zip(heads, cells, widths, strict=True)):
        table.cell(0, column).paragraphs[0].add_run(head).bold = True
        table.cell(2, column).text = cell
        table.columns[column].width = Mm(width)
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(header.makeelement(qn("w:tblHeader"), {}))
    table.cell(1, 0).text = "{%tr for row in " + name + " %}"
    table.cell(3, 0).text = "{%tr endfor %}"
    for cell in (cell for row in table.rows for cell in row.cells):
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(2)
            for run in paragraph.runs:
                run.font.size = Pt(9.5)
    paper.add_paragraph()


if __name__ == "__main__":
    template().save(str(PATH))

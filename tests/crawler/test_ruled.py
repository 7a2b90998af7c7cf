"""Drawn tables of PDFs: what pdfium says of a page gives the tables that pdfminer gives."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
import typst

from crawler.documents import DocumentText, read, ruled
from tests.crawler import attachments

HEAD = (
    '#set text(font: ("Libertinus Serif", "Noto Serif CJK SC"), lang: "zh", size: 7pt)\n2023 年度部门决算\n'
)
FIGURES = ", ".join(f"[支出 项目 {n}], [1,{n:03}.50], [—], [Fund A 合计{n}]" for n in range(6))
BODIES = {
    "merged": f"#table(columns: 4, table.cell(colspan: 3)[收入支出决算总表], table.cell(rowspan: 2)[备注], [a], [b], [c], {FIGURES})",
    "shaded": f"#table(columns: 4, stroke: none, fill: (x, y) => if calc.odd(x + y) {{ gray }} else {{ silver }}, {FIGURES})",
    "over pages": f"#set page(height: 8cm)\n#table(columns: 4, {', '.join([FIGURES] * 4)})",
    "two": f"#table(columns: 4, {FIGURES})\n#line(length: 50%)\n#table(columns: 2, [1], [22], [一], [说明\\ 第二行])",
    "a drawing": "#curve(curve.move((0pt, 9pt)), curve.line((9pt, 3pt)), curve.cubic(none, (9pt, 50pt), (50pt, 9pt)))\n"
    * 6,
}


def long_way(data: bytes, patched: pytest.MonkeyPatch) -> DocumentText:
    with patched.context() as patch:
        patch.setattr(ruled, "_drawn", lambda page, layer: None)
        return read(data)


@pytest.mark.parametrize("name", BODIES)
def test_same_tables_as_by_pdfminer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = typst.compile((HEAD + BODIES[name]).encode())
    document = read(data)
    assert document == long_way(data, monkeypatch)
    assert bool(document.tables) == (name != "a drawing")


def test_tables_of_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page put on another one, as headers and stamps are: its lines and words stand in the other's measure."""
    below, above = (
        pdfium.PdfDocument(typst.compile((HEAD + BODIES[name]).encode())) for name in ("two", "merged")
    )
    form = pdfium_c.FPDF_NewFormObjectFromXObject(pdfium_c.FPDF_NewXObjectFromPage(below.raw, above.raw, 0))
    pdfium_c.FPDFPageObj_SetMatrix(form, pdfium_c.FS_MATRIX(0.5, 0, 0, 0.5, 90, 50))
    page = below[0]
    pdfium_c.FPDFPage_InsertObject(page.raw, form)
    pdfium_c.FPDFPage_GenerateContent(page.raw)
    below.save(tmp_path / "a.pdf")
    data = (tmp_path / "a.pdf").read_bytes()
    assert len(read(data).tables) == 3
    assert read(data) == long_way(data, monkeypatch)


def test_pdfminer_is_asked_where_words_stand_on_their_side(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"#table(columns: 4, rotate(-90deg, reflow: true)[项目 一], [1], [2], [3], {FIGURES})"
    asked: list[int] = []
    plumbed = ruled.RuledTables._plumbed

    def counted(self: ruled.RuledTables, index: int) -> ruled.Found:
        asked.append(index)
        return plumbed(self, index)

    monkeypatch.setattr(ruled.RuledTables, "_plumbed", counted)
    (table,) = read(typst.compile((HEAD + body).encode())).tables
    assert asked == [0]
    assert table[1] == ("支出 项目 0", "1,000.50", "—", "Fund A 合计0")


def test_tables_of_an_office_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = "".join(
        f"<tr><td>支出 {n}</td><td>{n}.50</td><td colspan=2>一般公共服务 Fund</td></tr>" for n in range(9)
    )
    (tmp_path / "a.html").write_text(f"<meta charset=utf-8><table border=1>{cells}</table>", "utf-8")
    attachments.convert(tmp_path / "a.html", "pdf")
    data = (tmp_path / "a.pdf").read_bytes()
    assert read(data) == long_way(data, monkeypatch)

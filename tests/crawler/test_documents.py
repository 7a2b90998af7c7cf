"""Attachments: every kind read whole, every hostile file answered and survived."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.documents import WHY, DocumentText, Limits, read, read_capped
from crawler.documents.capped import CappedReader
from crawler.documents.characters import normal, unwrap
from crawler.extract.tables import tables_of


def _load() -> ModuleType:
    spec = spec_from_file_location("attachments", Path(__file__).parent / "attachments.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = _load()
LINES = [make.HEADING, make.SENTENCE, *("\t".join(row) for row in make.ROWS), make.TAIL]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of every kind that needs an office program, made once."""
    folder = tmp_path_factory.mktemp("attachments")
    make.make_docx(folder / "a.docx")
    make.make_xlsx(folder / "b.xlsx")
    make.make_pdf(folder / "c.pdf")
    make.convert(folder / "a.docx", "doc", "rtf", "pdf", "odt")
    make.convert(folder / "b.xlsx", "xls", "ods")
    locked = 'pdf:writer_pdf_Export:{"EncryptFile":{"type":"boolean","value":"true"},"DocumentOpenPassword":{"type":"string","value":"x"}}'
    (folder / "locked").mkdir()
    (folder / "locked" / "a.docx").write_bytes((folder / "a.docx").read_bytes())
    make.convert(folder / "locked" / "a.docx", locked)
    return folder


@pytest.fixture(scope="module")
def reader() -> Iterator[CappedReader]:
    reader = CappedReader(1500)
    yield reader
    reader.close()


def words(document: DocumentText) -> str:
    return document.text.replace("附件", "")


@pytest.mark.parametrize(("name", "kind"), [("a.docx", "docx"), ("a.doc", "doc"), ("a.rtf", "rtf")])
def test_word_files_read_whole(folder: Path, name: str, kind: str) -> None:
    document = read((folder / name).read_bytes(), name)
    assert (document.kind, document.readable, document.why) == (kind, True, None)
    assert words(document).splitlines() == LINES
    assert document.tables == (make.ROWS,)
    assert document.title == make.HEADING
    if kind != "rtf":
        assert document.links == (make.ADDRESS,)


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [("b.xlsx", "b.xlsx", "xlsx"), ("b.xls", "b.xls", "xls"), ("b.xls", "表.et", "et")],
)
def test_workbooks_read_whole(folder: Path, name: str, given: str, kind: str) -> None:
    document = read((folder / name).read_bytes(), given)
    assert document.kind == kind
    assert document.tables == (((make.HEADING,) * 3, *make.ROWS, ("", "0.3", ""), ("附件", "", "")),)
    assert document.text.splitlines()[:2] == ["三公经费", make.HEADING]
    assert document.title == make.HEADING
    assert document.links == ((make.ADDRESS,) if kind == "xlsx" else ())


def test_pdf_text_table_and_address(folder: Path) -> None:
    document = read((folder / "c.pdf").read_bytes(), "c.pdf")
    assert document.kind == "pdf"
    assert document.tables == (make.ROWS,)
    assert document.title == make.HEADING
    assert document.links == (make.ADDRESS,)
    assert words(document).splitlines()[:2] == [make.HEADING, make.SENTENCE]
    assert document.text.splitlines()[-1] == make.TAIL


def test_pdf_table_without_lines(tmp_path: Path) -> None:
    rows = (("项目", "2017年预算数"), ("合计", "5.60"), ("公务接待费", "3.60"), ("公务用车费", "2.00"))
    cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
    make.typeset(
        f"{make.HEADING}\n\n单位：万元\n\n#table(columns: 2, stroke: none, {cells})", tmp_path / "a.pdf"
    )
    document = read((tmp_path / "a.pdf").read_bytes())
    assert document.tables == (rows,)
    assert document.title == make.HEADING


def test_wps_is_a_doc_by_another_name(folder: Path) -> None:
    document = read((folder / "a.doc").read_bytes(), "预算.wps")
    assert document.kind == "wps"
    assert document.tables == (make.ROWS,)


def test_names_lie(folder: Path) -> None:
    assert read((folder / "a.docx").read_bytes(), "a.pdf").kind == "docx"
    assert read((folder / "c.pdf").read_bytes(), "c.doc").kind == "pdf"


def test_ofd_lines_follow_their_places() -> None:
    document = read(make.make_ofd(), "a.ofd")
    expected = [
        make.HEADING,
        make.SENTENCE,
        "项目\t2016年\t2017年",
        "公务接待费\t3.6",
        "公务用车费\t3\t2",
        "合计\t7\t5.6",
        make.TAIL,
    ]
    assert (document.kind, document.text.splitlines()) == ("ofd", expected)


def test_figures_of_an_ofd_page_are_a_table() -> None:
    rows = (("项目", "2017年决算数"), ("合计", "30"), ("公务接待费", "6"), ("公务用车费", "13"))
    document = read(make.make_ofd(["三公经费", *("\t".join(row) for row in rows)]), "a.ofd")
    assert document.tables == (rows,)


def test_zip_with_gbk_names(folder: Path) -> None:
    data = make.make_gbk_zip(
        {"2017年预算/说明.docx": (folder / "a.docx").read_bytes(), "图.jpg": b"\xff\xd8\xff\xe0" + b"\0" * 64}
    )
    document = read(data, "附件.zip")
    assert [(name, member.kind, member.why) for name, member in document.members] == [
        ("2017年预算/说明.docx", "docx", None),
        ("图.jpg", "image", "scanned"),
    ]
    assert (document.kind, document.readable, document.tables, document.title) == (
        "zip",
        True,
        (make.ROWS,),
        make.HEADING,
    )


def test_rar_stored_members_need_no_tool(folder: Path) -> None:
    document = read(make.make_rar({"shuoming.docx": (folder / "a.docx").read_bytes()}), "a.rar")
    assert [(name, member.kind) for name, member in document.members] == [("shuoming.docx", "docx")]
    assert document.tables == (make.ROWS,)


def test_rar_packed_member_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    import rarfile

    def no_tool(*args: object, **kwargs: object) -> None:
        raise rarfile.RarCannotExec("no tool")

    monkeypatch.setattr(rarfile, "tool_setup", no_tool)
    document = read(make.make_rar({"a.txt": b"packed"}, method=0x33), "a.rar")
    assert (document.readable, document.why) == (False, "unsupported")
    assert [(name, member.why) for name, member in document.members] == [("a.txt", "unsupported")]


def test_text_and_html_files() -> None:
    assert read("预算说明\r\n第二行".encode("gbk"), "a.txt").text == "预算说明\n第二行"
    office = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><body><table><tr><td>合计</td><td>5.6</td></tr></table></body></html>'
    sheet = read(office.encode(), "报表.xls")
    assert (sheet.kind, sheet.readable, sheet.tables) == ("html", True, ((("合计", "5.6"),),))


def test_a_page_in_place_of_a_file_is_an_error_page() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>404</title></head><body>您访问的页面不存在</body></html>".encode()
    )
    document = read(page, "http://kjj.example.test/files/2017ys.doc")
    assert (document.kind, document.readable, document.why) == ("html", False, "html-error-page")
    assert document.reason == WHY["html-error-page"]


def test_image_without_recognition_is_a_scan() -> None:
    document = read(b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "公开表.png")
    assert (document.kind, document.readable, document.why) == ("image", False, "scanned")


def test_scanned_pdf(tmp_path: Path) -> None:
    import typst

    picture = tmp_path / "p.svg"
    picture.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><rect width="300" height="200" fill="red"/></svg>'
    )
    import numpy
    from PIL import Image

    Image.fromarray(numpy.full((300, 300, 3), 200, dtype=numpy.uint8)).save(tmp_path / "p.png")
    (tmp_path / "m.typ").write_text('#image("p.png")')
    document = read(typst.compile(str(tmp_path / "m.typ")), "a.pdf")
    assert (document.kind, document.why) == ("pdf", "scanned")


@pytest.mark.parametrize("data", [b"", b"\0" * 512, b"  \r\n"])
def test_empty(data: bytes) -> None:
    assert (read(data, "a.doc").readable, read(data, "a.doc").why) == (False, "empty")


def test_locked_files(folder: Path) -> None:
    doc = (folder / "a.doc").read_bytes()
    answers = [
        read(data).why
        for data in (make.locked_doc(doc), make.locked_ooxml(doc), (folder / "locked" / "a.pdf").read_bytes())
    ]
    assert answers == ["encrypted"] * 3


@pytest.mark.parametrize("name", ["a.docx", "a.doc", "a.rtf", "b.xlsx", "b.xls", "c.pdf"])
def test_damage_never_raises(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    for part in (0.02, 0.1, 0.3, 0.5, 0.8, 0.95):
        document = read(whole[: int(len(whole) * part)], name)
        assert document.readable or document.why in WHY
    for step in (7, 61, 997):
        garbled = bytearray(whole)
        for at in range(600, len(garbled), step * 13):
            garbled[at] ^= 0x5A
        document = read(bytes(garbled), name)
        assert document.readable or document.why in WHY


@pytest.mark.parametrize(("first", "other"), [("a.docx", "a.odt"), ("b.xlsx", "b.ods")])
def test_open_document_files_read_like_their_twins(folder: Path, first: str, other: str) -> None:
    twin, document = (read((folder / name).read_bytes(), name) for name in (first, other))
    assert document.kind == other.partition(".")[2]
    assert (document.tables, document.links) == (twin.tables, twin.links)
    assert twin.text.endswith(document.text)  # the workbook names its only filled sheet


def test_a_cell_repeated_without_end_is_bounded() -> None:
    head = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    )
    cells = (
        '<table:table-cell table:number-columns-repeated="99999999"><text:p>合计</text:p></table:table-cell>'
    )
    content = (
        f"{head}<office:body><office:spreadsheet><table:table>"
        f'<table:table-row table:number-rows-repeated="99999999">{cells}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    members = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    document = read(make.make_zip(members), "a.ods")
    assert (document.kind, document.readable, len(document.tables[0]), len(document.tables[0][0])) == (
        "ods",
        True,
        64,
        64,
    )


def test_what_is_told_but_not_read() -> None:
    packed = read(b"7z\xbc\xaf\x27\x1c" + b"\0\4" + bytes(60), "a.7z")
    assert (packed.kind, packed.readable, packed.why) == ("7z", False, "unsupported")
    drawing = make.make_zip(
        {"mimetype": "application/vnd.oasis.opendocument.graphics", "content.xml": "<a/>"}
    )
    assert (read(drawing, "a.odg").kind, read(drawing, "a.odg").why) == ("unknown", "unsupported")
    locked = make.make_zip(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x", "META-INF/manifest.xml": "<encryption-data/>"}
    )  # fmt: skip
    assert read(locked, "a.odt").why == "encrypted"


def test_bombs() -> None:
    zeros = make.make_zip({"a.txt": b"\0" * 30_000_000})
    assert read(zeros, "a.zip").why == "bomb"
    nested = make.make_zip({"a.txt": "文字"})
    for _ in range(6):
        nested = make.make_zip({"inner.zip": nested})
    assert read(nested, "a.zip").why == "bomb"
    many = make.make_zip({f"{n}.txt": "a" for n in range(3000)})
    assert read(many, "a.zip").why == "bomb"


def test_billion_laughs(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.docx") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    members["word/document.xml"] = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "ha">{entities}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>"
    ).encode()
    assert read(make.make_zip(members), "a.docx").why == "bomb"


def test_sheet_with_far_cells(folder: Path) -> None:
    with zipfile.ZipFile(folder / "b.xlsx") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    assert read(make.make_zip(members), "b.xlsx").why == "bomb"


def test_text_beyond_the_limit_is_cut() -> None:
    document = read(("字" * 5000).encode(), "a.txt", limits=Limits(text=1000))
    assert (len(document.text), document.cut, document.readable) == (1000, True, True)
    assert read(b"%PDF-1.4" + b"\0" * 100, limits=Limits(file_bytes=50)).why == "too-large"


def test_the_worker_is_replaced_when_it_has_grown_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.documents.capped._LOOK", 2)
    reader = CappedReader(700)
    try:
        pids = []
        for grown in (10_000, 0):
            monkeypatch.setattr("crawler.documents.capped._GROWN", grown)
            for _ in range(4):
                assert reader.read("预算说明".encode(), "a.txt").text == "预算说明"
                pids.append(reader._worker.pid if reader._worker is not None else None)
    finally:
        reader.close()
    assert len(set(pids[:5])) == 1
    assert pids[5] is None
    assert pids[6] not in (None, pids[4])
    assert pids[7] is None


def test_capped_reads_the_same(folder: Path, reader: CappedReader) -> None:
    for name in ("a.docx", "a.doc", "b.xls", "c.pdf"):
        data = (folder / name).read_bytes()
        assert reader.read(data, name) == read(data, name)
    archive = make.make_zip({"a.docx": (folder / "a.docx").read_bytes()})
    assert reader.read(archive, "a.zip") == read(archive, "a.zip")


def test_capped_survives_slow_and_greedy_files(folder: Path) -> None:
    reader = CappedReader(700)
    try:
        good = (folder / "a.docx").read_bytes()
        rows = "".join(
            f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="ZZ{n}"><v>1</v></c></row>'
            for n in range(1, 60_001)
        )
        with zipfile.ZipFile(folder / "b.xlsx") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["xl/worksheets/sheet1.xml"] = (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            + rows
            + "</sheetData></worksheet>"
        )
        heavy = make.make_zip(members)
        greedy = reader.read(heavy, "b.xlsx", seconds=20)
        assert (greedy.readable, greedy.why in ("crashed", "too-large", "bomb")) == (False, True)
        assert reader.read(good, "a.docx", seconds=20).readable
        assert reader.read(heavy, "b.xlsx", seconds=0.01).why == "too-slow"
        assert reader.read(good, "a.docx", seconds=20).tables == (make.ROWS,)
    finally:
        reader.close()


def test_shared_process(folder: Path) -> None:
    from crawler.documents.capped import close_readers

    assert read_capped((folder / "a.doc").read_bytes(), "a.doc").title == make.HEADING
    close_readers()


def test_radicals_become_characters() -> None:
    assert normal("第1⻚ ⽬录 ⻅附件，①ＡＢ") == "第1页 目录 见附件，①ＡＢ"


def test_broken_lines_are_joined() -> None:
    page = "一、部门职责\r\n根据市委、市政府的部署，负责全市科技创新规划的编制和组织实施，推动科技成果\r\n转化，2017 年预算支出 1200.5 万元。\r\n二、机构设置\r\n"
    assert unwrap(page).splitlines() == [
        "一、部门职责",
        "根据市委、市政府的部署，负责全市科技创新规划的编制和组织实施，推动科技成果转化，2017年预算支出1200.5万元。",
        "二、机构设置",
    ]


def test_html_tables_spread_merged_cells() -> None:
    tree = LexborHTMLParser(
        "<table><tr><td><table>"
        "<tr><th rowspan=2>项目</th><th colspan='2'>金额（万元）</th></tr><tr><th>预算</th><th>决算</th></tr>"
        "<tr><td>公务接待费</td><td>3.6</td></tr>"
        "</table></td></tr></table>"
    )
    assert tables_of(tree) == (
        (("项目", "金额（万元）", "金额（万元）"), ("项目", "预算", "决算"), ("公务接待费", "3.6", "")),
    )
    assert (
        tables_of(LexborHTMLParser("<table><tr><td colspan=99999999 rowspan=99999999>a</td></tr></table>"))[
            0
        ][0][0]
        == "a"
    )


def test_bytes_of_no_kind() -> None:
    assert read(b"7z\xbc\xaf\x27\x1c" + b"\1" * 50).why == "unsupported"
    assert read(io.BytesIO(b"\x00\x01\x02\x03" * 30).getvalue()).why == "unsupported"

"""Every format from one view: equal totals, same bytes, nothing hostile gets through."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdfium2
import pytest
from docx import Document
from python_calamine import CalamineWorkbook

import reports
from checks.columns.history import History
from reports.errors import ReportError
from reports.listing import as_json, findings_document
from reports.pdf import chosen
from reports.rectification import rectification
from reports.render import FORMATS, view_of, write
from reports.word_template import PATH, template
from reports.workbook import NAMES
from tests.reports.made import both, found, link, looking_ahead, run, site, word

SCHEMA = Path(reports.__file__).parent / "findings.schema.json"
ASSESSMENTS = both()
VIEW = rectification(ASSESSMENTS, titles={})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    paths = write(ASSESSMENTS, tmp_path_factory.mktemp("report"), list(FORMATS))
    return {path.name: path.read_bytes() for path in paths}


def sheet(files: dict[str, bytes], name: str) -> list[list[Any]]:
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(files["ledger.xlsx"])).get_sheet_by_name(name).to_python()
    )


def test_totals_are_equal_everywhere(files: dict[str, bytes]) -> None:
    totals = VIEW.totals
    html = files["report.html"].decode()
    document = json.loads(files["findings.json"])
    junit = ElementTree.fromstring(files["junit.xml"]).find("testsuite")
    sarif = json.loads(files["findings.sarif"])["runs"][0]["results"]
    pdf = pypdfium2.PdfDocument(files["report.pdf"])
    cover = pdf[0].get_textpage().get_text_bounded()
    word_text = "\n".join(one.text for one in Document(io.BytesIO(files["report.docx"])).paragraphs)
    assert junit is not None
    assert {
        "html": len(re.findall(r'<tr id="i\d+"', html)),
        "html certain": int(re.findall(r"<b>(\d+)</b>个问题", html)[0]),
        "json": len(document["findings"]),
        "json certain": sum(one["grade"] == "fail" for one in document["findings"]),
        "csv": len(list(csv.reader(io.StringIO(files["findings.csv"].decode("utf-8-sig"))))) - 1,
        "xlsx": len(sheet(files, "整改台账")) - 1,
        "junit": int(junit.attrib["tests"]),
        "junit certain": int(junit.attrib["failures"]),
        "sarif": len(sarif),
        "pdf certain": f"{totals.certain}\r\n个问题" in cover or f"{totals.certain}\n个问题" in cover,
        "docx": f"{totals.certain}个问题，{totals.doubtful}条待人工核实，{totals.places}处位置" in word_text,
    } == {
        "html": totals.issues,
        "html certain": totals.certain,
        "json": totals.issues,
        "json certain": totals.certain,
        "csv": totals.issues,
        "xlsx": totals.issues,
        "junit": totals.issues,
        "junit certain": totals.certain,
        "sarif": totals.issues,
        "pdf certain": True,
        "docx": True,
    }


def test_points_of_the_list_add_up_to_the_score(files: dict[str, bytes]) -> None:
    column = NAMES.index("扣分")
    listed = sum(Decimal(str(row[column] or 0)) for row in sheet(files, "整改台账")[1:])
    assert listed == ASSESSMENTS[0].score.deducted == Decimal("14.5")


def test_same_input_same_bytes(files: dict[str, bytes], tmp_path: Path) -> None:
    again = {path.name: path.read_bytes() for path in write(ASSESSMENTS, tmp_path, list(FORMATS))}
    assert {name for name in files if files[name] != again[name]} == set()


def test_html_is_one_harmless_file(files: dict[str, bytes]) -> None:
    html = files["report.html"].decode()
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search(r'\b(src|on\w+)\s*=\s*["\']', html)
    assert not re.search(r"url\(|@import|<link\b", html)
    assert all(href.startswith(("http://", "https://", "#")) for href in re.findall(r'href="([^"]*)"', html))
    assert "&lt;script&gt;" in html
    assert "\u202e" not in html
    assert "长" * 700 not in html
    assert "{{" in html  # a template in page text stays text


def test_csv_cells_do_not_compute(files: dict[str, bytes]) -> None:
    assert files["findings.csv"].startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(files["findings.csv"].decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]
    assert "'=cmd|'/c calc'!A1" not in {row[0] for row in rows}


def test_workbook_has_no_formula_and_no_link(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files["ledger.xlsx"])) as book:
        parts = {
            name: book.read(name).decode() for name in book.namelist() if name.endswith((".xml", ".rels"))
        }
    sheets = [text for name, text in parts.items() if "worksheets/sheet" in name]
    assert not any("<f>" in text or "<hyperlink" in text for text in sheets)
    assert not any("relationships/hyperlink" in text for text in parts.values())
    assert "待下发,待整改,整改中" in sheets[0]
    assert 'state="frozen"' in sheets[0]
    assert 'paperSize="8"' in sheets[0]
    assert sheet(files, "整改台账")[0] == list(NAMES)
    assert len(sheet(files, "位置")) - 1 == sum(len(issue.places) for issue in VIEW.issues)


def test_json_has_the_published_shape(files: dict[str, bytes]) -> None:
    document = json.loads(files["findings.json"])
    schema = json.loads(SCHEMA.read_text())
    assert list(document) == schema["required"]
    finding = schema["properties"]["findings"]["items"]
    assert all(list(one) == finding["required"] for one in document["findings"])
    result = schema["properties"]["standards"]["items"]["properties"]["results"]["items"]
    assert all(list(one) == result["required"] for table in document["standards"] for one in table["results"])
    score = schema["properties"]["standards"]["items"]["properties"]["score"]
    assert all(list(table["score"]) == score["required"] for table in document["standards"])
    dead = next(one for one in document["findings"] if one["id"] == link(1, home=True).id)
    assert dead["facts"]["target_url"] == "http://kjj.yunzhou.example/zwgk/1/old.html"
    assert [one["url"] for one in dead["citations"]] == [
        f"http://kjj.yunzhou.example/zwgk/list_1_{place}.html" for place in range(3)
    ]


def test_pdf_is_pdf_a_with_embedded_chinese(files: dict[str, bytes]) -> None:
    assert b"pdfaid:part" in files["report.pdf"]
    assert b"%PDF-1.7" in files["report.pdf"][:10]
    assert (
        "云州市科学技术局" in pypdfium2.PdfDocument(files["report.pdf"])[0].get_textpage().get_text_bounded()
    )


def test_pdf_fails_loudly_without_a_chinese_font() -> None:
    with pytest.raises(ReportError, match="没有找到中文字体"):
        chosen(["DejaVu Sans", "Noto Sans"])
    assert chosen(["SimSun"]) == ("SimSun", "SimSun")


def test_pdf_prints_a_box_for_what_no_font_has(tmp_path: Path) -> None:
    made = both([word(1, "🧿\U0010ffff")])
    path = write(made, tmp_path, ["pdf"])[0]
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path))
    assert "“□□”应为“登录”" in text


def test_word_template_is_the_generated_one(tmp_path: Path) -> None:
    template().save(str(tmp_path / "t.docx"))
    with zipfile.ZipFile(tmp_path / "t.docx") as fresh, zipfile.ZipFile(PATH) as kept:
        assert kept.read("word/document.xml") == fresh.read("word/document.xml")


def test_what_changed_since_the_previous_run(tmp_path: Path) -> None:
    before = both([link(1), link(2)], of=run(site(), "20180316-093000"))
    now = both([link(2), link(3)])
    html = write(now, tmp_path, ["html"], previous=before)[0].read_text(encoding="utf-8")
    assert "新出现 1 个，上次已有 1 个，再次出现 0 个；已整改 1 个，本次没有重新检查到 0 个" in html


def test_what_lies_ahead_and_what_is_waived(tmp_path: Path) -> None:
    write([looking_ahead(one) for one in both()], tmp_path, ["html", "json"])
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    rows = {
        name: re.findall(
            r"<tr><td>.*?</tr>", re.findall(rf'<table class="{name}">(.*?)</table>', html, re.S)[0], re.S
        )
        for name in ("outlook", "calendar", "waived", "exempt")
    }
    assert [len(found) for found in rows.values()] == [4, 1, 1, 2]
    assert "没有人事变动</td><td>2018年12月31日</td>" in rows["exempt"][0]
    assert "2018年3月31日，已到期，照常计算" in rows["exempt"][1]
    assert "2018年4月30日（还有 14 天）" in rows["outlook"][0]
    assert ">工作动态</a>" in rows["outlook"][0]
    assert "已经到线" in rows["outlook"][1]
    assert "2018年6月1日（还有 46 天），日期以上级通知为准" in rows["calendar"][0]
    assert "公开 2017 年部门决算" in rows["calendar"][0]
    assert "对方网站正在改版" in rows["waived"][0]
    assert 'href="javascript' not in html
    assert "<script" not in html
    document = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    schema = json.loads(SCHEMA.read_text())["properties"]
    assert list(document["calendar"][0]) == schema["calendar"]["items"]["required"]
    assert list(document["waived"][0]) == schema["waived"]["items"]["required"]
    assert list(document["exempt"][0]) == schema["exempt"]["items"]["required"]
    assert [row["holds"] for row in document["exempt"]] == [True, False]
    outlook = schema["standards"]["items"]["properties"]["outlook"]["items"]["required"]
    assert [list(row) for row in document["standards"][0]["outlook"]] == [outlook, outlook]
    assert (document["standards"][0]["outlook"][0]["crosses_on"], document["calendar"][0]["due"]) == (
        "2018-04-30",
        "2018-06-01",
    )


def test_what_lies_ahead_in_every_document(tmp_path: Path) -> None:
    write([looking_ahead(one) for one in both()], tmp_path, ["docx", "xlsx", "pdf"])
    pdf = pypdfium2.PdfDocument((tmp_path / "report.pdf").read_bytes())
    sheets = CalamineWorkbook.from_filelike(io.BytesIO((tmp_path / "ledger.xlsx").read_bytes()))
    word_file = Document(io.BytesIO((tmp_path / "report.docx").read_bytes()))
    texts = {
        "pdf": "".join(page.get_textpage().get_text_bounded() for page in pdf),
        "xlsx": "\n".join(str(c) for row in sheets.get_sheet_by_name("预警").to_python() for c in row),
        "docx": "\n".join(
            [p.text for p in word_file.paragraphs]
            + [cell.text for table in word_file.tables for row in table.rows for cell in row.cells]
        ),
    }
    words = ("否决倒计时", "还有 14 天", "已经到线", "公开 2017 年部门决算", "没有人事变动", "照常计算", "对方网站正在改版")  # fmt: skip
    bare = {name: "".join(text.split()) for name, text in texts.items()}
    assert {name: [w for w in words if "".join(w.split()) not in text] for name, text in bare.items()} == {
        "pdf": [],
        "xlsx": [],
        "docx": [],
    }


def test_months_of_columns(tmp_path: Path) -> None:
    months = ((dt.date(2018, 3, 1), 0), (dt.date(2018, 4, 1), 6))
    rows = [
        History(path=("<b>动态",), months=months),
        History(path=("空",), months=((dt.date(2018, 4, 1), 0),)),
    ]
    html = write(both([]), tmp_path, ["html"], histories=rows)[0].read_text(encoding="utf-8")
    table = re.findall(r'<table class="history">(.*?)</table>', html, re.S)[0]
    assert table.count("<svg") == 1
    assert "<title>2018-04：6 条</title>" in table
    assert "2 个月共 6 条，其中 1 个月没有更新" in table
    assert "&lt;b&gt;动态" in table


def test_a_clean_site(tmp_path: Path) -> None:
    for path in write(both([]), tmp_path, list(FORMATS)):
        assert path.stat().st_size > 0
    assert "没有需要整改的问题" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="没有这种格式：odt；可用的有 html"):
        write(ASSESSMENTS, tmp_path, ["odt"])


def test_two_thousand_findings(tmp_path: Path) -> None:
    paths = write(both(found(2000)), tmp_path, [name for name in FORMATS if name not in ("pdf", "docx")])
    assert len(json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))["findings"]) == 2012
    assert len(paths) == len(FORMATS) - 2


@pytest.mark.parametrize("count", [0, 3])
def test_the_document_written_in_pieces_is_the_document(count: int) -> None:
    assessments = both(found(count))
    whole = json.dumps(findings_document(assessments), ensure_ascii=False, indent=1) + "\n"
    view = view_of(assessments)
    assert b"".join(as_json(assessments, view)) == whole.encode("utf-8", "replace")

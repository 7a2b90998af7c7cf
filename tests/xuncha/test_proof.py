"""`xuncha proof`: every route a draft takes, from the command line."""

import json
import zipfile
from pathlib import Path

import pytest
from docx import Document
from typer.testing import CliRunner

from tests.crawler.attachments import typeset
from xuncha.cli import app
from xuncha.proof import proof_files

DRAFT = "关于布署工作的通知\n截止2023年12月31日，全市共有三所学校，户主手机号13800001234。\n2024年1月5日"
KEYS = {"start", "end", "text", "suggestion", "category", "severity", "grade", "rule", "reason"}


def told(*arguments: str, data: str | None = None) -> str:
    result = CliRunner().invoke(app, ["proof", *arguments], input=data)
    assert result.exit_code == 0, result.output
    return result.output


def test_json_is_as_designed(tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text(DRAFT, encoding="utf-8")
    lines = told(str(draft), str(tmp_path / "none.txt"), "--json").splitlines()
    first, second = map(json.loads, lines)
    assert set(first) == {"schema", "file", "hits"}
    assert (first["schema"], first["file"]) == (1, str(draft))
    assert all(set(hit) == KEYS for hit in first["hits"])
    assert [(DRAFT[hit["start"] : hit["end"]], hit["suggestion"]) for hit in first["hits"][:2]] == [
        ("布署", "部署"),
        ("截止", "截至"),
    ]
    assert second["hits"] == []
    assert second["error"].startswith("读不到")
    assert "13800001234" not in lines[0]


@pytest.mark.parametrize("kind", ["txt", "gb18030", "html", "docx", "stdin"])
def test_every_kind_of_draft_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / {"gb18030": "draft.txt", "stdin": "-"}.get(kind, f"draft.{kind}")
    if kind == "docx":
        document = Document()
        for line in DRAFT.split("\n"):
            document.add_paragraph(line)
        document.save(str(path))
    elif kind == "html":
        lines = "".join(f"<p>{line}</p>" for line in DRAFT.split("\n"))
        path.write_text(f"<html><body>{lines}</body></html>", encoding="utf-8")
    elif kind != "stdin":
        path.write_bytes(DRAFT.encode("gb18030" if kind == "gb18030" else "utf-8"))
    output = told("-", data=DRAFT) if kind == "stdin" else told(str(path))
    assert "关于【布署】工作的通知" in output
    assert "【截止】2023年12月31日" in output
    assert "138****1234" in output
    assert "13800001234" not in output


def test_a_hit_is_explained(tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text("布署工作", encoding="utf-8")
    output = told(str(draft), "--why")
    assert "规则 W" in output
    assert "错例：" in output
    assert "来源：" in output


def test_statistics_are_asked_for(tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text("各级党委要加强对组积工作的领导，确保各项任务落到实处。", encoding="utf-8")
    without = [hit.layer for found in proof_files([str(draft)]) for hit in found.hits]
    with_them = [hit.layer for found in proof_files([str(draft)], statistics=True) for hit in found.hits]
    assert "statistics" not in without
    assert len(with_them) >= max(1, len(without))


@pytest.mark.parametrize("name", ["draft.docx", "draft.txt"])
def test_the_marked_copy_comments_each_hit(tmp_path: Path, name: str) -> None:
    draft, out = tmp_path / name, tmp_path / "marked.docx"
    if name.endswith("docx"):
        document = Document()
        document.add_paragraph("关于").add_run("布署工作").bold = True
        document.save(str(draft))
    else:
        draft.write_text("关于布署工作", encoding="utf-8")
    told(str(draft), "--marked", str(out))
    marked = Document(str(out))
    comments = [comment.text for comment in marked.comments]
    assert "".join(paragraph.text for paragraph in marked.paragraphs) == "关于布署工作"
    assert len(comments) == 1
    assert "部署" in comments[0]


def test_one_marked_copy_at_a_time(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["proof", "a.txt", "b.txt", "--marked", str(tmp_path / "m.docx")])
    assert result.exit_code == 2


def test_a_pdf_is_read_over_its_line_ends(tmp_path: Path) -> None:
    """Whatever the line break cuts: each slip is found once with its place, and no line end is taken for a fault."""
    filler = "各县区人民政府要深入贯彻落实党中央、国务院关于安全生产工作的决策和要求，切实保障人民群众生命财产安全，"
    opening = "根据市人民政府第十二次常务会议精神并结合我市实际情况现就有关事项通知如下"
    paragraphs = [
        f"{opening[:at]}，{filler}全面布署年度各项工作，确保各项任务落到实处。" for at in range(8, 34, 2)
    ]
    typeset("\n\n".join(paragraphs), tmp_path / "draft.pdf")
    found = next(iter(proof_files([str(tmp_path / "draft.pdf")])))
    assert [found.text[hit.start : hit.end] for hit in found.hits] == ["布署"] * len(paragraphs)
    assert [line for line in found.text.split("\n") if line] == paragraphs


def test_all_that_a_web_page_shows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "draft.html"
    path.write_text(
        "<html><head><style>.布署{}</style><script>var a='布署工作'</script></head><body><div class=nav><a href=/>布署动态</a></div>"
        "<div class=content><p>认真布<b>署</b>工作。</p></div></body></html>",
        encoding="utf-8",
    )
    found = next(iter(proof_files([str(path)])))
    lines = found.text.split("\n")
    assert [lines[found.text.count("\n", 0, hit.start)] for hit in found.hits] == [
        "布署动态",
        "认真布署工作。",
    ]


def test_tables_and_footnotes_of_a_word_draft(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("正文没有错字。")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "甲局布署", "3"
    plain, noted = tmp_path / "plain.docx", tmp_path / "draft.docx"
    document.save(str(plain))
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="2">'
        "<w:p><w:r><w:t>本表截止2023年12月31日。</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(noted, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.writestr("word/footnotes.xml", notes)
    found = next(iter(proof_files([str(noted)])))
    assert [(hit.text, hit.suggestion) for hit in found.hits] == [("布署", "部署"), ("截止", "截至")]

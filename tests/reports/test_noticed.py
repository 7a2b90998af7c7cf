"""What the walk noticed reaches the reader: grouped, counted, capped, harmless; what needs a hand is said at the end."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
from docx import Document
from python_calamine import CalamineWorkbook

import crawler
from checks.assessment import Assessment
from checks.noticed import MOST, Noticed, Sight, noticed
from checks.store import load, save
from crawler.evidence.reader import Evidence
from crawler.evidence.writer import EvidenceWriter
from reports.noticed import SOME, kinds
from reports.render import write
from tests.reports.made import AT, HOSTILE, both, run, site
from xuncha.audit import Audited
from xuncha.summary import summary

CANDIDATE = "菜单链接到同属本网站的另一个域名 xxgk.yunzhou.example，没有检查；需要检查请写进 hosts"
GONE = "上次检查时在的页面，这次没有页面再链接到它"
NOTICED = (
    Noticed(
        kind="candidate-host",
        count=1,
        sights=(Sight(detail=CANDIDATE, url="http://xxgk.yunzhou.example/"),),
    ),
    Noticed(
        kind="gone-page",
        count=500,
        sights=tuple(
            Sight(detail=GONE, url=f"http://kjj.yunzhou.example/a{n}.html") for n in range(MOST)
        ),
    ),
    Noticed(kind="soft-404-control", count=1, sights=(Sight(detail='{"status": 200}', url=None),)),
    Noticed(
        kind="trap", count=len(HOSTILE), sights=tuple(Sight(detail=h, url=h) for h in HOSTILE)
    ),
)  # fmt: skip


def made() -> list[Assessment]:
    return [replace(one, noticed=NOTICED) for one in both()]


def test_every_kind_that_a_walk_notes_has_a_name() -> None:
    source = "".join(p.read_text("utf-8") for p in Path(crawler.__file__).parent.rglob("*.py"))
    noted = set(re.findall(r'(?:\bnote|_noticed|_say|_note)\(\s*"([a-z0-9-]+)"', source))
    assert {"candidate-host", "trap", "pause", "gone-page", "moved"} <= noted
    assert noted == {kind.id for kind in kinds()}
    assert all(kind.advice for kind in kinds() if kind.shown)


def test_beside_the_coverage(tmp_path: Path) -> None:
    html = write(made(), tmp_path, ["html"])[0].read_text(encoding="utf-8")
    rows = re.findall(
        r"<tr><td>(.*?)</tr>", re.findall(r'<table class="noticed">(.*?)</table>', html, re.S)[0], re.S
    )
    assert [row.partition("</td>")[0] for row in rows] == [
        "本网站可能还有别的域名（1）",
        "上次检查时在、这次不在的页面（500）",
        f"没有尽头的地址（{len(HOSTILE)}）",
    ]
    assert (rows[1].count(GONE), rows[1].count("<a "), "其余 490 处从略" in rows[1]) == (1, SOME, True)
    assert 'href="javascript' not in html
    assert "<script" not in html
    assert len(rows[2]) < 10_000


def test_in_every_document(tmp_path: Path) -> None:
    write(made(), tmp_path, ["docx", "xlsx", "pdf", "json"])
    pdf = pypdfium2.PdfDocument((tmp_path / "report.pdf").read_bytes())
    word = Document(io.BytesIO((tmp_path / "report.docx").read_bytes()))
    sheets = CalamineWorkbook.from_filelike(io.BytesIO((tmp_path / "ledger.xlsx").read_bytes()))
    texts = {
        "pdf": "".join(page.get_textpage().get_text_bounded() for page in pdf),
        "docx": "".join(c.text for table in word.tables for row in table.rows for c in row.cells),
        "xlsx": "".join(str(c) for row in sheets.get_sheet_by_name("预警").to_python() for c in row),
    }
    words = ("本网站可能还有别的域名", "其余490处从略")
    found = {name: [w for w in words if w in "".join(text.split())] for name, text in texts.items()}
    assert found == {name: list(words) for name in texts}
    document = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))["run"]["noticed"]
    assert [(one["kind"], one["count"], len(one["sights"])) for one in document] == [
        ("candidate-host", 1, 1),
        ("gone-page", 500, MOST),
        ("trap", len(HOSTILE), len(HOSTILE)),
    ]


def test_the_end_of_an_audit_says_only_what_needs_a_hand() -> None:
    said = summary(Audited(folder=Path(), assessments=tuple(made()), files=()))
    assert CANDIDATE in said
    assert GONE not in said
    hostile = replace(NOTICED[0], sights=(Sight(detail="\x1b[2J坏", url=None),))
    said = summary(Audited(folder=Path(), assessments=(replace(made()[0], noticed=(hostile,)),), files=()))
    assert "\x1b" not in said


def test_from_the_evidence_through_the_store(tmp_path: Path) -> None:
    with EvidenceWriter(tmp_path, run(site())) as writer:
        writer.note("wall", "网站防护拦截程序访问（联系 13912345678）", AT, "http://kjj.yunzhou.example/")
        for n in range(MOST + 3):
            writer.note("gone-page", GONE, AT, f"http://kjj.yunzhou.example/{n}")
        writer.finish(AT, {})
    with Evidence(tmp_path) as evidence:
        seen = noticed(evidence)
    assert [(one.kind, one.count, len(one.sights)) for one in seen] == [
        ("gone-page", MOST + 3, MOST),
        ("wall", 1, 1),
    ]
    assert "13912345678" not in seen[1].sights[0].detail
    save(tmp_path / "findings.db", [replace(both()[0], noticed=seen)])
    assert load(tmp_path / "findings.db")[0].noticed == seen

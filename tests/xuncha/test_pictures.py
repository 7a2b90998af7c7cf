"""Evidence in the report: pictures are taken without any network, copies belong to the problems they show."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from checks.store import load
from crawler.rendering import NoBrowser
from crawler.siteconfig import from_url
from reports.errors import ReportError
from tests.server import Server, answer, serving
from xuncha import pictures, report
from xuncha.audit import audit
from xuncha.copies import Copy, Sought
from xuncha.exhibits import exhibits
from xuncha.pictures import camera
from xuncha.verify import State, verify

NUMBER = "43990019010307000X"
MARK = "<p>会议要<mark class='xuncha' id='here'>布署</mark>工作。</p>"


def article(title: str, text: str) -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>"
        "<link rel='stylesheet' href='/site.css'><style>h1{color:#15457f}</style></head>"
        f"<body><h1>{title}</h1><p>发布时间：2018-04-12</p><div class='content'><p>{text}</p>"
        "<p>全市科技工作会议在市政务中心召开，各县区科技局和局机关各科室负责同志参加会议。</p></div></body></html>"
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    server = Server()
    server.routes = {
        "/": answer("<html><head><meta charset='utf-8'><title>某局</title></head><body><a href='/word.html'>一</a>"
                    "<a href='/person.html'>二</a><a href='/link.html'>三</a></body></html>"),
        "/word.html": answer(article("讲话", "会议布署全年工作。<script>alert(1)</script>")),
        "/person.html": answer(article("公示名单", f"张某，身份证号：{NUMBER}，现予公示。")),
        "/link.html": answer(article("通知", "见<a href='/gone.html'>申报表</a>。")),
        "/site.css": answer("h1{font-size:30px}", kind="text/css"),
    }  # fmt: skip
    with serving(server):
        config = from_url(f"{server.base}/").with_limits(timeout=2, sitemap=False, render=False)
        return audit(config, tmp_path_factory.mktemp("audits"), as_of=dt.date(2018, 4, 16)).folder


def test_a_picture_asks_nobody_and_shows_the_mark(tmp_path: Path) -> None:
    server = Server()
    with serving(server), camera(60) as shot:
        content = (
            f"<img src='{server.base}/a.png'><div style='background:u\\72l({server.base}/b.png)'>{MARK}</div>"
        )
        css = f"@im\\port '{server.base}/c.css';p{{background:u\\72l({server.base}/d.png)}}@font-face{{src:u\\72l({server.base}/e)}}"
        picture = shot(content, css)
        assert shot("<p>没有标出的地方</p>", "") is None
        assert shot(MARK.replace("<p>", "<p style='display:none'>"), "") is None
        assert shot(MARK, "mark{display:none!important}p{margin-left:-9000px}") is None
        assert shot(MARK, "") is not None
    assert server.seen == []
    assert picture is not None
    assert picture.startswith(b"\xff\xd8\xff")
    assert 1_000 < len(picture) < pictures.LARGEST


def test_the_time_for_pictures_is_limited() -> None:
    with camera(0) as shot:
        assert shot(MARK, "") is None


def test_each_problem_gets_its_copy_and_its_picture(run: Path) -> None:
    made = exhibits(run, load(run / "findings.db"), pictures=10)
    found = {f.id: f for one in load(run / "findings.db") for f in one.findings}
    with_picture = {found[number].check for number, one in made.of.items() if one.picture}
    assert with_picture >= {"misused-word", "exposed-personal-data", "dead-link"}
    for number, one in made.of.items():
        name, _, anchor = one.copy.removeprefix("pages/").partition("#")
        assert re.fullmatch(r"[0-9a-f]{16}\.html", name)
        assert one.picture == b"" or anchor == number
        assert not anchor or f'id="{anchor}"'.encode() in made.copies[name]


def test_the_report_shows_them_and_keeps_people_masked(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / run.name
    shutil.copytree(run, folder)
    report.report(folder, ["html", "csv", "xlsx"], pictures=10)
    html = (folder / "report" / "report.html").read_text(encoding="utf-8")
    shown = html.count('<img class="shot" src="data:image/jpeg;base64,')
    assert shown >= 3
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*[\"']?https?:", html)
    links = set(re.findall(r'href="(pages/[^"#]+)', html))
    files = {path.relative_to(folder / "report").as_posix() for path in (folder / "report").rglob("*.html")}
    assert links == files - {"report.html"}
    assert len(list((folder / "report" / "pictures").glob("*.jpg"))) == shown
    for path in (folder / "report").rglob("*.html"):
        assert NUMBER not in path.read_text(encoding="utf-8")
        assert "<script" not in path.read_text(encoding="utf-8")
    assert {row.state for row in verify(folder)} == {State.SAME}
    report.report(folder, ["csv"])
    assert not list((folder / "report").rglob("*.jpg"))
    with (folder / "report" / "findings.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) > 3


def test_without_a_browser_there_is_a_hint(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    with pytest.raises(NoBrowser, match="没有找到 chromium"), camera(1):
        pass
    with pytest.raises(ReportError, match=r"不能截图（没有找到 chromium）.*pip install"):
        report.report(run, ["csv"], pictures=1)


def test_a_page_that_is_not_archived_is_left_out(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / run.name
    shutil.copytree(run, folder)
    whole = (folder / "pages.warc.gz").read_bytes()
    (folder / "pages.warc.gz").write_bytes(whole[: len(whole) // 2] + b"\x00" * 200)
    some = exhibits(folder, load(folder / "findings.db"))
    (folder / "pages.warc.gz").unlink()
    none = exhibits(folder, load(folder / "findings.db"))
    assert len(none.of) == 0 < len(some.copies) < len(exhibits(run, load(run / "findings.db")).copies)


def test_the_marked_passage_is_the_one_of_the_finding() -> None:
    from crawler.extract.webpage import open_page

    copy = Copy(open_page("http://127.0.0.1/", article("讲话", "会议布署全年工作。").encode(), "text/html"))
    place = copy.find(Sought(quotes=("会议布署全年工作。",)))
    assert place is not None
    assert '<mark class="xuncha" id="here">布署</mark>' in copy.html(
        [(*copy.narrowed(place, "布署"), "here")]
    )

"""Papers, answers, history and proof of one real run of the sample bureau, from the command line."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from checks.store import load, save
from xuncha.appeal import appeal, verify_pack
from xuncha.cli import app
from xuncha.faults import NotSealed, UnknownName
from xuncha.papers import FILES, Kind
from xuncha.verify import State, chain, head, verify


def xuncha(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from xuncha.cli import main; main()", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    done = xuncha("demo", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return next((folder / "audits").glob("*"))


@pytest.fixture
def site(audited: Path, tmp_path: Path) -> Path:
    """A copy of the site's folder to spoil."""
    return Path(shutil.copytree(audited, tmp_path / "site"))


def told(*arguments: str | Path) -> Any:
    """The command in this process."""
    return CliRunner().invoke(app, [str(one) for one in arguments])


def run_of(site: Path) -> Path:
    return sorted((site / "runs").glob("*"))[-1]


def states(folder: Path) -> dict[str, State]:
    return {one.name: one.state for one in verify(folder)}


def spoilt(folder: Path) -> set[str]:
    return {name for name, state in states(folder).items() if state is not State.SAME}


def flip(path: Path, place: int) -> None:
    body = bytearray(path.read_bytes())
    body[place] ^= 1
    path.write_bytes(body)


def test_every_paper_is_written_twice_the_same(site: Path) -> None:
    finding = next(one for one in load(run_of(site) / "findings.db")[0].findings if one.check == "dead-link")
    made: list[dict[str, bytes]] = []
    for _ in range(2):
        for kind in Kind:
            extra = ["--finding", finding.id] if kind is Kind.APPEAL else []
            done = told("document", kind.value, site, *extra)
            assert done.exit_code == 0, done.stderr
            written = [Path(line).name for line in done.stdout.split()]
            assert len(written) == len(FILES[kind][1])
        made.append({path.name: path.read_bytes() for path in (run_of(site) / "report").iterdir()})
    assert made[0] == made[1]
    assert spoilt(run_of(site)) == set()


def test_wrong_use_is_told_in_one_line(site: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (("document", "通知", site), "没有“通知”这种文书"),
        (("document", "评分表", site, "--format", "odt"), "可用的有 xlsx、docx、pdf"),
        (("document", "申诉材料包", site), "--finding"),
        (("document", "申诉材料包", site, "--finding", "nothing-0"), "没有编号为 nothing-0"),
        (("document", "整改通知书", site, "--date", "四月"), "2018-04-20"),
        (("document", "整改通知书", tmp_path), "没有已评判的检查"),
    ):
        done = told(*arguments)
        assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
        assert "Traceback" not in done.stderr


def test_answers_settle_the_score_and_survive_a_new_judgement(site: Path) -> None:
    run = run_of(site)
    form = site / "form.toml"
    row = '[[answer]]\nclause = "I19-V01b"\nresult = "有问题"\ncount = 1\nby = "核查员甲"\non = 2018-04-20\n'
    form.write_text(row, encoding="utf-8")
    done = told("answers", run, form)
    assert done.exit_code == 0, done.stderr
    assert "I19-V01b" in done.stdout
    assert "I19-V01b" in load(run / "findings.db")[1].score.vetoes
    assert "人工核查：有问题（1 处），核查员甲，2018-04-20" in (run / "report" / "report.html").read_text(
        "utf-8"
    )
    assert told("check", run).exit_code == 0
    assert "I19-V01b" in load(run / "findings.db")[1].score.vetoes
    told_to_machines = json.loads((run / "report" / "findings.json").read_text("utf-8"))
    assert [one["answers"] for one in told_to_machines["standards"]] == [
        [],
        [
            {
                "clause": "I19-V01b",
                "result": "faulty",
                "count": 1,
                "by": "核查员甲",
                "on": "2018-04-20",
                "note": "",
            }
        ],
    ]
    assert spoilt(run) == set()
    form.write_text(row.replace("有问题", "没有"), encoding="utf-8")
    wrong = told("answers", run, form)
    assert (wrong.exit_code, "第 1 个" in wrong.stderr) == (2, True)


def test_tables_are_compared(site: Path) -> None:
    tables = ("--standard", "census-2015", "--standard", "inspection-2019-full")
    done = told("check", run_of(site), *tables)
    assert "换成“政府网站与政务新媒体检查指标" in done.stdout
    assert "归到别的条款的问题" in done.stdout
    report: dict[str, Any] = json.loads(told("check", run_of(site), *tables, "--json").stdout)
    assert report["comparison"][0]["standards"] == ["census-2015", "inspection-2019-full"]


def test_a_local_table_is_given_by_its_path(site: Path) -> None:
    table = site / "local.toml"
    table.write_text(
        """extends = "census-2015"
id = "local"
title = "某市评分表"
[scoring]
pass_mark = 99
[limits.stale-column]
windows = { news = "1y" }
[[clause]]
id = "C15-D02a"
points = 4
[[clause]]
id = "L-1"
part = "veto"
group = "单项否决"
indicator = "错别字"
title = "错别字"
text = "出现一处错别字，单项否决。"
source_status = "confirmed"
[[clause.test]]
check = "misused-word"
""",
        encoding="utf-8",
    )
    done = told("check", run_of(site), "--standard", table, "--standard", "census-2015")
    assert done.exit_code == 0, done.stderr
    local, census = load(run_of(site) / "findings.db")
    assert (local.standard.id, "L-1" in local.score.vetoes) == ("local", True)
    marks = {one.standard.id: {row.clause: row.marks for row in one.score.clauses} for one in (local, census)}
    assert marks["local"]["C15-D02a"] == 4 * marks["census-2015"]["C15-D02a"] > 0
    assert marks["local"]["C15-D04a"] < marks["census-2015"]["C15-D04a"]
    assert "从“某市评分表”换成“全国政府网站普查评分表”" in done.stdout
    table.write_text('extends = "census-2015"\nid = "local"\npas_mark = 3\n', encoding="utf-8")
    wrong = told("check", run_of(site), "--standard", table)
    assert (wrong.exit_code, "local.toml：pas_mark = 3，不认识这个键" in wrong.stderr) == (2, True)


def test_a_report_compares_with_the_last_run_by_itself(site: Path) -> None:
    run = run_of(site)
    first, second = run.with_name("20180301-000000-000"), run.with_name("20180401-000000-000")
    for folder, left_out in ((first, ()), (second, ("dead-link", "stale-home"))):
        shutil.copytree(run, folder)
        made = load(run / "findings.db")
        of = replace(made[0].run, id=folder.name)
        save(
            folder / "findings.db",
            [
                replace(
                    one,
                    run=of,
                    findings=tuple(f for f in one.findings if f.check not in left_out),
                    results=tuple(replace(r, findings=()) if r.check in left_out else r for r in one.results),
                )
                for one in made
            ],
        )
    assert told("report", run, "--format", "html").exit_code == 0
    html = (run / "report" / "report.html").read_text(encoding="utf-8")
    assert "与上次 2018年4月16日（20180401-000000-000） 相比" in html
    assert "再次出现</span>" in html
    assert "新出现 0 个" in html
    assert html.count("<circle") == 3


@pytest.mark.parametrize(
    "name",
    ["evidence.db", "pages.warc.gz", "manifest.json", "findings.db", "chain.json", "report/report.html"],
)
def test_one_changed_byte_anywhere_is_named(site: Path, name: str) -> None:
    run = run_of(site)
    for place in (0, (run / name).stat().st_size // 2, -1):
        before = (run / name).read_bytes()
        flip(run / name, place)
        assert name in spoilt(run), place
        assert spoilt(run) <= {name}
        (run / name).write_bytes(before)
    assert spoilt(run) == set()


def test_evidence_says_which_part_changed(site: Path) -> None:
    run = run_of(site)
    place = (run / "pages.warc.gz").stat().st_size // 2
    flip(run / "pages.warc.gz", place)
    (bad,) = [one for one in verify(run) if one.state is State.CHANGED]
    assert bad.where[0].startswith(f"第 {place // 65536 * 65536 + 1} 至 ")
    assert "http://127.0.0.1" in bad.where[0]
    flip(run / "pages.warc.gz", place)
    flip(run / "evidence.db", (run / "evidence.db").stat().st_size // 2)
    (bad,) = [one for one in verify(run) if one.state is State.CHANGED]
    assert (bad.name, "表 " in bad.where[0]) == ("evidence.db", True)


def test_a_damaged_attachment_is_named_like_a_page(site: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    run = run_of(site)
    with (run / "pages.warc.gz").open("rb") as file:
        records = ArchiveIterator(file)
        places = [
            (records.get_record_offset(), records.get_record_length(), record.rec_headers.get_header("WARC-Target-URI"))
            for record in records
            if record.rec_type == "response"
        ]  # fmt: skip
    attachments = [place for place in places if place[2].endswith((".docx", ".xlsx", ".pdf"))]
    assert len(attachments) > 3
    for offset, length, url in (*attachments, *places[:5]):
        flip(run / "pages.warc.gz", offset + length // 2)
        (bad,) = [one for one in verify(run) if one.state is State.CHANGED]
        assert bad.where[0].partition("：")[2] == url
        flip(run / "pages.warc.gz", offset + length // 2)


def test_what_is_gone_or_added_is_named(site: Path) -> None:
    run = run_of(site)
    (run / "report" / "findings.csv").unlink()
    (run / "report" / "note.txt").write_text("x")
    found = states(run)
    assert found["report/findings.csv"] is State.MISSING
    assert found["report/note.txt"] is State.UNLISTED
    chain(run)
    assert spoilt(run) == set()
    (run / "chain.json").unlink()
    assert states(run)["chain.json"] is State.MISSING
    (run / "manifest.json").unlink()
    with pytest.raises(NotSealed):
        list(verify(run))


@pytest.fixture
def pack(audited: Path, tmp_path: Path) -> Path:
    found = next(
        one for one in load(run_of(audited) / "findings.db")[0].findings if one.check == "serious-wording"
    )
    name, body = appeal(run_of(audited), found.id)
    (tmp_path / name).write_bytes(body)
    return tmp_path / name


def test_an_appeal_pack_can_be_checked_without_the_program(audited: Path, pack: Path) -> None:
    import hashlib

    from warcio.archiveiterator import ArchiveIterator

    with zipfile.ZipFile(pack) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    sums = dict(reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    records = [row.split(",") for row in files["records.csv"].decode("utf-8-sig").splitlines()[1:]]
    archive = (run_of(audited) / "pages.warc.gz").read_bytes()
    pieces = [archive[int(start) : int(start) + int(length)] for _, start, length, _ in records]
    assert b"".join(pieces) == files["pages.warc.gz"]
    finding = json.loads(files["finding.json"])
    read = list(ArchiveIterator(io.BytesIO(files["pages.warc.gz"]), check_digests="raise"))
    uris = [one.rec_headers["WARC-Target-URI"] for one in ArchiveIterator(io.BytesIO(files["pages.warc.gz"]))]
    assert len(read) == len(records) >= 1
    assert finding["citations"][0]["url"] in uris
    manifest = json.loads(files["manifest.json"])
    assert manifest["files"]["pages.warc.gz"]["sha256"] == hashlib.sha256(archive).hexdigest()
    assert finding["citations"][0]["url"] in files["requests.csv"].decode("utf-8-sig")


def test_a_changed_pack_is_found_out(pack: Path) -> None:
    assert {one.state for one in verify_pack(pack)} == {State.SAME}
    with zipfile.ZipFile(pack) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    body = bytearray(files["pages.warc.gz"])
    body[-20] ^= 1
    files["pages.warc.gz"] = bytes(body)
    del files["finding.json"]
    with zipfile.ZipFile(pack, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    found = {one.name: one for one in verify_pack(pack)}
    assert found["finding.json"].state is State.MISSING
    assert found["pages.warc.gz"].state is State.CHANGED
    assert found["pages.warc.gz"].where
    pack.write_bytes(b"no zip")
    assert [one.state for one in verify_pack(pack)] == [State.CHANGED]


def test_no_pack_for_an_unknown_finding(audited: Path) -> None:
    with pytest.raises(UnknownName, match="没有编号为 x-1"):
        appeal(run_of(audited), "x-1")


def test_what_is_written_to_the_report_later_is_vouched_for(site: Path) -> None:
    run = run_of(site)
    before = head(run)
    done = told("report", run, "--format", "html", "--copies")
    assert done.exit_code == 0, done.stderr
    copies = sorted((run / "report" / "pages").glob("*.html"))
    said = told("verify", run)
    assert (said.exit_code, head(run) != before, f"链首：{head(run)}" in said.stdout) == (0, True, True)
    flip(copies[0], 100)
    said = told("verify", run)
    assert said.exit_code == 1
    assert f"report/pages/{copies[0].name}：已被改动" in said.stdout


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("update log set who = 'x' where seq = 5", ["记录第 5 行"]),
        ("delete from log where seq = 7", ["记录第 7 行不见了"]),
        ("update entries set state = '已销号' where rowid = 3", ["的 state 是“已销号”"]),
        ("delete from entries where rowid = 2", ["台账里没有这一条"]),
        ("update chain set hash = 'x' where seq = 2", ["记录第 2 行"]),
    ],
)
def test_a_changed_ledger_is_found_out(site: Path, statement: str, found: list[str]) -> None:
    assert told("verify", site).exit_code == 0
    book = sqlite3.connect(site / "ledger.db")
    for (trigger,) in book.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        book.execute(f"drop trigger {trigger}")
    assert book.execute(statement).rowcount == 1
    book.commit()
    book.close()
    done = told("verify", site)
    assert (done.exit_code, "ledger.db：已被改动" in done.stdout) == (1, True)
    named = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    assert len(named) >= len(found)
    assert found[0] in named[0]

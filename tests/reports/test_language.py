"""English: every text has a translation, and only the site's own words stay Chinese."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import sqlite3
import string
import subprocess
import sys
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from checks.registry import CHECKS
from reports import language
from reports.exchange import speak
from reports.language import chosen, say
from reports.wordlist import catalogue_file, msgids

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u4e00-\u9fff]+")
KEPT = re.compile(
    r"“[^”]*”|[（(][^（()）]*[)）]|发布日期|主办单位|[〔〕]|中共中央党校|国家行政学院|\S*[\u4e00-\u9fff]\S*(?= in \d| since|$)"
)


def run_english(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from xuncha.door import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "XUNCHA_LANG": "en", "COLUMNS": "120"},
    )


def run_python(program: str) -> str:
    """What commands print, several in one process: `invoke(*arguments)` runs one."""
    start = (
        "from reports.exchange import speak; speak('en')\n"
        "from typer.testing import CliRunner; from xuncha.cli import app\n"
        "def invoke(*arguments): print(CliRunner().invoke(app, arguments).output)\n"
    )
    made = subprocess.run(
        [sys.executable, "-c", start + program], capture_output=True, text=True, check=False, timeout=120
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the sample bureau with its English reports and papers."""
    out = tmp_path_factory.mktemp("en")
    run_python(f"invoke('demo', '--out', {str(out)!r})")
    run = next((out / "yunling-kjj" / "runs").iterdir())
    made = run_python(
        f"invoke('report', {str(run)!r}, '--format', 'html,json,csv,xlsx,docx,junit,sarif')\n"
        "for paper in ('notice', 'recheck-report', 'sign-off', 'score-sheet', 'checklist'): "
        f"invoke('document', paper, {str(run)!r}, '--format', 'docx')"
    )
    assert made.count(".docx") == 6
    return run


@pytest.fixture
def english() -> Iterator[None]:
    speak("en")
    yield
    speak("zh")


def test_the_catalogue_is_complete_and_has_nothing_else() -> None:
    with catalogue_file("en").open("rb") as file:
        rows = {str(row.id): str(row.string) for row in read_po(file) if row.id}
    wanted = set(msgids())
    assert {text for text in wanted if not rows.get(text)} == set(), "run python -m reports.wordlist"
    assert set(rows) - wanted == set(), "run python -m reports.wordlist"


def test_placeholders_are_the_same_on_both_sides() -> None:
    def fields(text: str) -> list[str]:
        if "{{" in text and "}}" in text:
            return sorted(re.sub(r"\"[^\"]*\"", "", one) for one in re.findall(r"\{[{%].*?[}%]\}", text))
        try:
            return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
        except ValueError:
            return []

    with catalogue_file("en").open("rb") as file:
        rows = [(str(row.id), str(row.string)) for row in read_po(file) if row.id and row.string]
    named = [(one, other) for one, other in rows if not HAN.search("".join(fields(one)))]
    assert [one for one, other in named if fields(one) != fields(other)] == []


def test_translations_hold_no_chinese_but_quoted_words_and_names() -> None:
    with catalogue_file("en").open("rb") as file:
        rows = [row for row in read_po(file) if row.id]
    spoken = [
        str(row.string)
        for row in rows
        if not any(place.startswith(("checks/vocabulary", "explain/")) for place, _ in row.locations)
    ]
    assert [text for text in spoken if HAN.search(KEPT.sub("", text))] == []


def test_help_is_english() -> None:
    told = run_python(
        "for name in app.registered_commands: invoke((name.name or name.callback.__name__).strip('_'), '--help')\n"
        "for name in ('show', 'set', 'export', 'import'): invoke('ledger', 'x', name, '--help')\n"
        "invoke('--help')"
    )
    assert told.count("Usage:") == 17
    assert HAN.findall(told) == []


def test_mistakes_are_told_in_english(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('name = "x"\nhome = "x"\n', encoding="utf-8")
    folder = str(tmp_path)
    wrong = [
        ["explain", "no-such-check"],
        ["audit", str(site)],
        ["verify", folder],
        ["report", folder],
        ["recheck", folder],
        ["ledger", folder, "show"],
        ["document", "score-sheet", folder],
    ]
    told = run_python(f"for one in {wrong!r}: invoke(*one)")
    assert told.count("xuncha: ") == len(wrong)
    assert HAN.findall(told) == []


def test_every_check_is_explained_in_english() -> None:
    told = run_english("explain", "dead-link").stdout
    assert "What it finds: Addresses in pages" in told
    assert HAN.findall(told) == []


def test_only_words_of_the_site_stay_chinese(audited: Path) -> None:
    own = own_words(audited)
    for name, text in written(audited / "report"):
        strange = {one for one in HAN.findall(text) if one not in own}
        assert strange == set(), name


def test_findings_keep_their_facts(audited: Path) -> None:
    findings = json.loads((audited / "report" / "findings.json").read_text(encoding="utf-8"))["findings"]
    dead = next(one for one in findings if one["check"] == "dead-link" and one["grade"] == "fail")
    assert dead["message"].startswith("The link “")
    assert dead["facts"]["reason"] == "页面不存在（状态码 404）"


def test_the_ledger_is_exported_and_read_back_in_english(audited: Path, tmp_path: Path) -> None:
    site, sheet = str(audited.parent.parent), str(tmp_path / "ledger.xlsx")
    told = run_python(
        f"invoke('ledger', {site!r}, 'export', '--out', {sheet!r})\n"
        f"invoke('ledger', {site!r}, 'import', {sheet!r}, '--dry-run')\n"
        f"invoke('ledger', {site!r}, 'show', '--state', 'To be issued')"
    )
    assert re.search(
        r"would change 0 rows, \d\d rows without change, 0 rows not taken\n+To be issued \d\d\n", told
    )


def test_every_message_of_every_check_is_said(english: None) -> None:
    class Facts(dict[str, str]):
        def __missing__(self, name: str) -> str:
            return "7" if name in ("count", "number") else name.upper()

    texts = [
        text
        for check in CHECKS
        for text in (check.message, check.fix, *(one for pair in check.variants.values() for one in pair))
    ]
    said = {text: say(text.format_map(Facts())) for text in texts}
    assert [text for text, told in said.items() if HAN.search(KEPT.sub("", told))] == []


def test_the_language_is_chosen_by_option_then_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XUNCHA_LANG", raising=False)
    assert chosen(["audit", "x"]) == "zh"
    assert chosen(["--lang", "en", "audit"]) == "en"
    assert chosen(["audit", "--lang=en"]) == "en"
    monkeypatch.setenv("XUNCHA_LANG", "en_GB.UTF-8")
    assert (chosen([]), chosen(["--lang", "zh"])) == ("en", "zh")


def test_stored_words_are_said_and_words_of_the_site_are_not(english: None) -> None:
    assert say("链接“首页”打不开：页面不存在（状态码 404）。先后 2 次访问都失败。出现在 3 个页面。") == (
        "The link “首页” does not open: page not found (status 404). All 2 attempts failed. It stands on 3 pages."
    )
    assert say("没有采集；达到页数上限") == "not gathered; limit on pages reached"
    assert say("这句话是网站写的，不动它。") == "这句话是网站写的，不动它。"


def test_text_made_to_keep_it_busy_is_left_alone(english: None) -> None:
    for text in (
        "附件" * 500 + "第" * 500,
        "没有采集、" * 5000,
        "（".join(["没有采集"] * 800),
        "《" + "》中《" * 900,
    ):
        assert HAN.search(say(text + "某"))


def test_chinese_is_left_alone() -> None:
    assert (language.spoken(), say("没有采集")) == ("zh", "没有采集")


def own_words(run: Path) -> str:
    """All that was read on the site, and what the word lists and the table of items say a site should write."""
    texts: list[str] = []
    evidence = sqlite3.connect(run / "evidence.db")
    for (table,) in evidence.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in evidence.execute(f'SELECT * FROM "{table}"'):
            for cell in row:
                texts += (
                    [cell] if isinstance(cell, str) else unpacked(cell) if isinstance(cell, bytes) else []
                )
    evidence.close()
    folder = ROOT / "checks"
    texts += [path.read_text(encoding="utf-8") for path in (folder / "vocabulary").glob("*.tsv")]
    texts.append((folder / "mandated" / "disclosure-items.toml").read_text(encoding="utf-8"))
    for path in (folder / "standards").glob("*.toml"):
        texts.append(tomllib.loads(path.read_text(encoding="utf-8")).get("document_no", ""))
    return "\n".join(texts)


def unpacked(cell: bytes) -> list[str]:
    try:
        return [zlib.decompress(cell).decode()]
    except (zlib.error, UnicodeDecodeError):
        return []


def written(report: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(report.iterdir()):
        if path.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    if name.endswith(("sharedStrings.xml", "document.xml", "workbook.xml", "footer1.xml")):
                        yield f"{path.name} {name}", plain(packed.read(name).decode("utf-8"))
        elif path.suffix == ".csv":
            rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
            yield path.name, "\n".join(cell for row in rows for cell in row)
        elif path.suffix in (".html", ".xml", ".sarif"):
            yield path.name, plain(path.read_text(encoding="utf-8"))


def plain(marked_up: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "\n", marked_up))

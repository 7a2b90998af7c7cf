"""What an earlier judging read is not read again, and nothing else comes of it."""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import lines, read_before
from checks.beside import Beside
from checks.read_before import FILE
from checks.registry import READING
from checks.wording import lexicon, readings
from checks.wording.proofread import Proofreader
from crawler.evidence.reader import Evidence
from crawler.evidence.schema import EVIDENCE_FILE
from tests.checks.cases import write

AS_OF = dt.date(2018, 4, 16)
LONG = "市科学技术局召开会议，研究部署下一阶段的重点工作任务，并对有关事项提出明确要求。"
TEXTS = [
    LONG,
    "坚持问题导向，，狠抓落实。",
    "本页写道：布署。" + LONG,
    "2018年4月16日\n星期二\n" + LONG,
    "保留行政职权21项，其中行政许可7项、行政处罚13项、其他类2项。",
    "保留行政职权21项，其中行政许可7项、行政处罚13项、其他类1项。",
    "公示：身份证号11010119900307803X，联系电话010-62345678。",
    "联系电话010-62345678，传真010-62345679。",
    "本报告由清河市教育局编制，属于政府信息公开的范围。",
    "请到铁道部窗口办理。",
    "“一",
    "测试",
]
DATES = [dt.date(2010, 5, 4), dt.date(2018, 3, 1), dt.date(2030, 1, 1), None]
PAGE = st.fixed_dictionaries(
    {
        "text": st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map("\n".join),
        "frame": st.sampled_from(["", LONG, *TEXTS[1:3]]),
        "title": st.sampled_from(["关于召开会议的通知", "测试", "公示名单", "13912345678"]),
        "published": st.sampled_from(DATES),
    }
)
PAGES = st.lists(PAGE, min_size=1, max_size=5)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(autouse=True, scope="module")
def _quick() -> Iterator[None]:
    """Few texts at once, and every reader built once."""
    built: dict[str, Proofreader] = {}

    def reader(**given: Any) -> Proofreader:
        key = repr(given)
        if key not in built:
            built[key] = Proofreader(**given)
        return built[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_AT_ONCE", 2)
        patch.setattr(readings, "Proofreader", reader)
        yield


def _run(site: Path, pages: list[dict[str, Any]], name: str, as_of: dt.date = AS_OF, **config: Any) -> Path:
    folder = site / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = [{"url": f"/{number}.html", **page} for number, page in enumerate(pages)]
    documents = [
        {"url": "/a.pdf", "kind": "pdf", "text": TEXTS[4]},
        {"url": "/b.pdf", "kind": "pdf", "text": LONG},
    ]
    write(
        {"as_of": as_of, "config": {"wording": config}, "evidence": {"pages": rows, "documents": documents}},
        folder,
    )  # fmt: skip
    return folder


def _judged(folder: Path) -> list[str]:
    with Evidence(folder) as evidence:
        return [
            f"{module.CHECK.id} {verdict!r}"
            for module in READING
            for verdict in module.examine(evidence, module.CHECK.limits)
        ]


def _alone(folder: Path) -> list[str]:
    """Judged where nothing is remembered."""
    other = folder.parent.parent / "other"
    shutil.rmtree(other, ignore_errors=True)
    other.mkdir()
    shutil.copy(folder / EVIDENCE_FILE, other)
    return _judged(other)


def _read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many lines the layers are shown."""
    shown: list[str] = []
    spans = Proofreader.spans

    def counted(self: Proofreader, text: str, *, scope: str) -> Iterator[tuple[int, int]]:
        shown.extend(text.split("\n") if text else ())
        return spans(self, text, scope=scope)

    with monkeypatch.context() as patch:
        patch.setattr(Proofreader, "spans", counted)
        _judged(folder)
    return len(shown)


@settings(max_examples=25, deadline=None)
@given(PAGES, PAGES)
def test_what_is_remembered_changes_nothing(
    site: Path, first: list[dict[str, Any]], later: list[dict[str, Any]]
) -> None:
    (site / FILE).unlink(missing_ok=True)
    one = _run(site, first, "1")
    assert _judged(one) == _judged(one) == _alone(one)
    two = _run(site, first[:2] + later, "2")
    assert _judged(two) == _judged(two) == _alone(two)
    assert _judged(one) == _alone(one)


def test_only_what_is_new_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [{"text": LONG + str(number), "title": "通知"} for number in range(9)]
    one = _run(tmp_path, pages, "1")
    assert _read(one, monkeypatch) > 9
    assert _read(one, monkeypatch) == 0
    changed = _run(tmp_path, [*pages, {"text": "第一行是新的。\n第二行也是。", "title": "新通知"}], "2")
    assert _read(changed, monkeypatch) == 3
    assert _read(changed, monkeypatch) == 0
    assert not list(tmp_path.glob(f"{FILE}.*"))


def test_a_text_answers_for_each_of_its_places(tmp_path: Path) -> None:
    pages = [{"text": TEXTS[8], "title": LONG}, {"text": LONG, "frame": TEXTS[8], "title": TEXTS[8]}]
    one = _run(tmp_path, pages, "1")
    assert _judged(one) == _judged(one) == _alone(one)


def test_what_comes_to_an_end_later_is_read_again(tmp_path: Path) -> None:
    pages = [{"text": LONG, "frame": TEXTS[9]}]
    one = _run(tmp_path, pages, "1", as_of=dt.date(2012, 1, 1))
    assert _judged(one) == _alone(one)
    assert not any("铁道部" in verdict for verdict in _judged(one))
    two = _run(tmp_path, pages, "2")
    assert any("铁道部" in verdict for verdict in _judged(two))
    assert _judged(two) == _alone(two)


def test_another_basis_reads_everything_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [{"text": LONG, "title": "通知"}]
    one = _run(tmp_path, pages, "1")
    everything = _read(one, monkeypatch)
    own = _run(tmp_path, pages, "2", add=[{"wrong": "重点工作", "right": "重要工作"}])
    assert _read(own, monkeypatch) == everything
    assert any("重要工作" in verdict for verdict in _judged(own))
    assert _judged(one) == _alone(one)
    assert _read(one, monkeypatch) == 0
    words = tmp_path / "vocabulary"
    shutil.copytree(lexicon.VOCABULARY, words)
    with (words / "near-words.tsv").open("a", encoding="utf-8") as table:
        table.write("\n")
    monkeypatch.setattr(read_before, "_PROGRAM", words)
    read_before._program.cache_clear()
    assert _read(one, monkeypatch) == everything
    with (words / "near-words.tsv").open("a", encoding="utf-8") as table:
        table.write("\n")
    read_before._program.cache_clear()
    assert _read(one, monkeypatch) == everything
    monkeypatch.undo()
    read_before._program.cache_clear()


def test_the_layer_that_looks_around_remembers_nothing(tmp_path: Path) -> None:
    _judged(_run(tmp_path, [{"text": LONG}], "1", statistics=True))
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "longer", "text"])
def test_a_damaged_file_counts_for_nothing(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = _run(tmp_path, [{"text": text, "title": "通知"} for text in TEXTS], "1")
    judged = _judged(one)
    data = bytearray((tmp_path / FILE).read_bytes())
    whole = bytes(data)
    data[20] ^= 1
    kinds = {
        "flipped": bytes(data),
        "cut": whole[:-8],
        "empty": b"",
        "longer": whole + b"12345678",
        "text": b"x" * 99,
    }
    (tmp_path / FILE).write_bytes(kinds[damage])
    assert _read(one, monkeypatch) > 10
    assert (tmp_path / FILE).read_bytes() == whole
    assert _judged(one) == judged


def test_a_folder_that_may_not_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = _run(tmp_path, [{"text": text} for text in TEXTS], "1")
    (tmp_path / FILE).mkdir()
    assert _judged(one) == _alone(one)
    assert not list(tmp_path.glob(f"{FILE}.*"))

    opened = Path.open

    def refused(path: Path, mode: str = "r", **how: Any) -> Any:
        if "w" in mode:
            raise PermissionError
        return opened(path, mode, **how)

    shutil.rmtree(tmp_path / FILE)
    monkeypatch.setattr(Path, "open", refused)
    assert _judged(one) == _alone(one)
    assert not (tmp_path / FILE).exists()


def test_two_processes_at_once(tmp_path: Path) -> None:
    runs = [_run(tmp_path, [{"text": text + str(n)} for text in TEXTS], str(n)) for n in range(2)]
    alone = [_alone(run) for run in runs]
    for _ in range(3):
        both = [Beside(lambda run=run: [_judged(run)]) for run in runs]  # type: ignore[misc]
        assert [one.rows() for one in both] == [[found] for found in alone]
    assert [_judged(run) for run in runs] == alone
    assert sorted(os.listdir(tmp_path)) == ["other", "runs", FILE]


def test_every_question_has_a_bit_and_a_name_of_its_own() -> None:
    assert len(lines.asked()) == len(set(lines.asked())) <= 4

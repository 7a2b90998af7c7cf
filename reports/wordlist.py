"""Collects every text that has to be translated and writes it into the catalogues, keeping what is translated:
`python -m reports.wordlist`. Prints what still has none.
"""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from checks.catalogue import sections
from checks.registry import MODULES
from reports.exchange import pieces, speaking, words_of
from reports.language import CJK, HAN, LANGUAGES, LOCALE

ROOMS = ("crawler", "checks", "reports", "xuncha")
STORED = (
    "checks.answers",
    "checks.columns",
    "checks.identity.bad_domain",
    "checks.identity.missing_footer_mark",
    "checks.identity.missing_page_tag",
    "checks.identity.missing_search",
    "checks.interaction",
    "checks.links",
    "checks.mandated.incomplete_item",
    "checks.mandated.missing_division_of_work",
    "checks.mandated.missing_item",
    "checks.mandated.outdated_item",
    "checks.mandated.contradicting_contact",
    "checks.mandated.profile",
    "checks.money",
    "checks.privacy.exposed_personal_data",
    "checks.runner",
    "checks.scoring",
    "checks.security",
    "checks.services",
    "checks.store",
    "checks.unread",
    "checks.waiver",
    "checks.wording",
    "crawler.documents.record",
    "crawler.evidence",
    "crawler.fetching",
    "crawler.frontier",
    "crawler.listed",
    "crawler.outcomes",
    "crawler.outside",
    "crawler.pagework",
    "crawler.rendering",
    "crawler.revisit",
    "crawler.room",
    "crawler.scope",
    "crawler.survey",
    "crawler.walk",
    "crawler.wire",
    "crawler.workline",
    "reports.ledger.book",
    "reports.ledger.entry",
    "xuncha.answering",
)
"""Rooms whose words are stored with a run and said when they are shown."""
LOOKS_FOR = re.compile(
    r"^[＝＋－＠]$|^\.政务$|^[。！？；，、\n!?]{3,}$|\\[dswnSDWu]|\(\?|\[\^?[\u4e00-\u9fff]|[\u4e00-\u9fff]\|[\u4e00-\u9fff]|[\]\)][*+?{]"
)
"""Patterns, which look for words of a site and are no words of ours."""
SILENT_KEYS = frozenset(
    {"source", "id", "check", "words", "has", "phrase", "from", "stale", "need", "profiles"}
)
"""Keys of tables that no reader sees, or whose words are looked for on a site."""
UNSHOWN = frozenset(
    {
        "人民政府$|政府门户$|政府$",
        "{RECEPTION}|公务接待",
        "合计$|总计$|小计$",
        "一二三四五六七八九十",
        "一二三四五六日",
        "一二三四五六七八九",
        "中全会",
        "一是",
        "八届",
        "十一",
        "周年",
        "市县区旗州省局委员会厅办公室和与管理",
        "一二三四五六七八九十两",
        "的和与及",
        "的和与及等新大最更总了",
        "一二三四五六七八九十百千万两半",
        "《中华人民共和国{0}》",
        "请到{self.old}窗口办理。",
        "请到原{self.old}窗口办理。",
        "部局",
        "在到说出率、，。：； \n",
        "的了和与等在对为将及是把被以由向从并经中上内前后按据省市县区镇乡村党各该本我不未已应须可其年月日个项次家名人",
        "{tens}十{one}",
        "{0}是",
        "〇零一二两三四五六七八九十百千万亿",
    }
)
"""Words that are looked for on a site, in rooms that otherwise hold words to show."""
UNITS = frozenset({"天", "年", "元", "空", "无", "与", "有", "名", "法"})
"""Words of one character that are shown; others of stored rooms are looked for."""
ASIDE: Mapping[str, tuple[str, ...]] = {
    "security/hijack.toml": ("kind",),
    "mandated/disclosure-items.toml": ("why",),
    "money/words.toml": ("name",),
}
"""Tables of words to look for, and the keys in them whose words are shown."""
ROOT = Path(__file__).parent.parent


def msgids() -> dict[str, str]:
    """Chinese text -> where it stands, in a fixed order."""
    found: dict[str, str] = {}
    for place, text in (*_code(), *_tables(), *_reasons()):
        if CJK.search(text) and not LOOKS_FOR.search(text) and text not in UNSHOWN:
            found.setdefault(text, place)
    for place, text in (*_checks(), *_templates()):
        if CJK.search(text):
            found.setdefault(text, place)
    return dict(sorted(found.items(), key=lambda row: (row[1], row[0])))


def _code() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        spec = find_spec(room)
        folder = Path(str(spec.origin)).parent if spec else Path(room)
        for path in sorted(folder.rglob("*.py")):
            module = ".".join((room, *path.relative_to(folder).with_suffix("").parts))
            module = module.removesuffix(".__init__")
            stored = any(module == one or module.startswith(one + ".") for one in STORED)
            if not stored and not speaking(module):
                continue
            for _, text in words_of(ast.parse(path.read_text(encoding="utf-8"))):
                if not stored or "{" in text or len(HAN.findall(text)) > 1 or text in UNITS:
                    yield path.relative_to(folder.parent).as_posix(), text


def _checks() -> Iterator[tuple[str, str]]:
    for module in MODULES:
        check = module.CHECK
        place = f"checks/{check.id}"
        yield from ((place, text) for text in (check.title, check.message, check.fix))
        yield from ((place, text) for pair in check.variants.values() for text in pair)
        yield from ((f"explain/{check.id}", text) for _, text in sections(module))


def _tables() -> Iterator[tuple[str, str]]:
    folder = ROOT / "checks"
    for path in (
        *sorted((folder / "standards").glob("*.toml")),
        folder / "mandated" / "disclosure-items.toml",
        folder / "mandated" / "profiles.toml",
        folder / "vocabulary" / "categories.toml",
        folder / "causes.toml",
        ROOT / "reports" / "ledger" / "steps.toml",
        ROOT / "reports" / "noticed.toml",
    ):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if path.stem == "profiles":
            table = {"profile": [{"name": row["words"]} for row in table["profile"]]}
        yield from ((path.relative_to(ROOT).as_posix(), text) for text in _values(table))
    for name, keys in ASIDE.items():
        rows = _rows(tomllib.loads((folder / name).read_text(encoding="utf-8")))
        yield from ((f"checks/{name}", str(row[key])) for row in rows for key in keys if key in row)


def _rows(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, Mapping):
        yield value
        for one in value.values():
            yield from _rows(one)
    elif isinstance(value, list):
        for one in value:
            yield from _rows(one)


def _reasons() -> Iterator[tuple[str, str]]:
    """Why a word is pointed out, row by row of the word lists."""
    folder = ROOT / "checks" / "vocabulary"
    for path in sorted(folder.glob("*.tsv")):
        lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield f"checks/vocabulary/{path.name}", row.get("reason") or ""
    patterns = tomllib.loads((folder / "patterns.toml").read_text(encoding="utf-8"))["pattern"]
    yield from (("checks/vocabulary/patterns.toml", row["reason"]) for row in patterns)


def _values(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if key not in SILENT_KEYS:
                yield from _values(one)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one)


def _templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "reports" / "templates").iterdir()):
        if path.suffix in (".j2", ".typ", ".css"):
            source = path.read_text(encoding="utf-8")
            for start, end in pieces(source, typst=path.suffix != ".j2"):
                yield path.relative_to(ROOT).as_posix(), source[start:end]


def catalogue_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "xuncha.po"


def rewrite(language: str, more: Mapping[str, str] | None = None) -> list[str]:
    """Write the catalogue of a language anew with what is translated already; the texts that are not."""
    path = catalogue_file(language)
    known: dict[str, Any] = dict(more or {})
    if path.exists():
        with path.open("rb") as file:
            known = {str(row.id): row.string for row in read_po(file) if row.id and row.string} | known
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = Catalog(locale=language, project="xuncha", header_comment="", creation_date=day, revision_date=day)
    missing = []
    for text, place in msgids().items():
        made.add(text, known.get(text, ""), locations=[(place, 0)])
        if not known.get(text):
            missing.append(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_po(out, made, width=0, omit_header=False)
    return missing


def main() -> None:
    for language in LANGUAGES:
        if language != "zh":
            missing = rewrite(language)
            print(f"{language}: {len(msgids())} texts, {len(missing)} without translation")
            for text in missing[:50]:
                print(f"  {text!r}")


if __name__ == "__main__":
    main()

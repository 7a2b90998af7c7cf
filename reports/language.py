"""The reader's language. Words are written in Chinese where they are used; this turns them into another language.

Two ways, one catalogue (`locale/<language>/LC_MESSAGES/xuncha.po`):

- Words of the rooms that speak are exchanged when their modules are loaded (`exchange`).
- Words that were stored in Chinese with evidence and findings stay as they are in the files. They are
  exchanged by `say` where they are shown.

Chinese is what the modules hold: for it nothing is installed and `say` gives back its argument.
"""

from __future__ import annotations

import functools
import os
import re
import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.assessment import Assessment
    from checks.standard import Standard

LANGUAGES = ("zh", "en")
VARIABLE = "XUNCHA_LANG"
LOCALE = Path(__file__).parent / "locale"
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’·…—]")
STORED_IN = ("checks", "crawler", "reports/ledger", "xuncha/answering")
"""Where the catalogue's stored words come from."""
SITE = frozenset(
    {"sentence", "quote", "href", "title", "column", "host", "wrong", "suggestion", "own", "body"}
)
"""Fields of messages that hold words of the site even where no quotation marks stand around them."""
LONGEST = 3000
"""Characters of a text of ours at most."""
DEEPEST = 6
"""Texts within texts that are said."""
MOST_PARTS = 60
"""A list of more parts is not taken apart: it is no sentence of ours."""
OURS = frozenset({"item", "mark"})
"""Kinds of subject whose title is the name of an item of ours."""
QUOTING = frozenset({"missing-page-tag"})
"""Checks whose quotation is what they miss, in our words."""
OWN = frozenset({"name", "part", "words", "kind.words"})
"""Fields of messages that may hold the name of an item of ours, in quotation marks too."""
HAN = re.compile(r"[\u4e00-\u9fff]")
WIDE = str.maketrans({"，": ", ", "。": ". ", "；": "; ", "：": ": ", "（": " (", "）": ")", "、": ", "})

_spoken = "zh"


def chosen(arguments: Sequence[str]) -> str:
    """The language asked for by `--lang` or the environment; Chinese when neither names one that there is."""
    wanted = os.environ.get(VARIABLE, "")
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            wanted = arguments[at + 1]
        elif argument.startswith("--lang="):
            wanted = argument.partition("=")[2]
    wanted = wanted.partition(".")[0].partition("_")[0].lower()
    return wanted if wanted in LANGUAGES else "zh"


def use(language: str) -> None:
    """Speak this language from now on."""
    global _spoken
    _spoken = language


def spoken() -> str:
    return _spoken


def catalogue(language: str) -> dict[str, str]:
    """Chinese text -> text of this language."""
    return _words(language)


@functools.cache
def _words(language: str) -> dict[str, str]:
    return {source: target for source, (target, _) in _entries(language).items()}


@functools.cache
def _entries(language: str) -> dict[str, tuple[str, bool]]:
    """Chinese text -> (text of this language, whether it is one of those that are stored)."""
    from babel.messages.pofile import read_po

    with (LOCALE / language / "LC_MESSAGES" / "xuncha.po").open("rb") as file:
        return {
            str(row.id): (str(row.string), any(place.startswith(STORED_IN) for place, _ in row.locations))
            for row in read_po(file)
            if row.id and row.string
        }


def say(text: str) -> str:
    """Text that was stored in Chinese, in the reader's language. What the catalogue does not know stays."""
    return text if _spoken == "zh" else _said(text)


def heard(text: str, words: Iterable[str]) -> str | None:
    """The one of our stored Chinese words that a reader wrote, in Chinese or in the language spoken."""
    return next((word for word in words if text in (word, say(word))), None)


@functools.lru_cache(maxsize=20_000)
def _said(text: str, depth: int = 0) -> str:
    """`depth` counts the texts this one is a part of: a hostile text may be nested without an end."""
    if not HAN.search(text):
        return text.translate(WIDE)
    words = catalogue(_spoken)
    if text in words:
        return words[text]
    if depth > DEEPEST or len(text) > LONGEST:
        return text
    if "。" in text:
        return (
            _by_template(text, depth) or _by_parts(text, "。；、，", depth) or _by_form(text, depth) or text
        )
    return (
        _by_parts(text, "；、", depth)
        or _by_template(text, depth)
        or _by_parts(text, "，", depth)
        or _by_form(text, depth)
        or text
    )


def _by_template(text: str, depth: int) -> str | None:
    for piece, pattern, fields, target in _templates(_spoken):
        if piece in text and (found := pattern.fullmatch(text)):
            values = [
                (name, said(value, depth + 1))
                for (name, said), value in zip(fields, found.groups(), strict=True)
            ]
            return _filled(target, dict(values))
    return None


def _filled(target: str, values: dict[str, str]) -> str:
    if not all(values.values()):
        # What stood before or after a part that is not there goes with it.
        target = re.sub(r" ?\{([\w.]+)\}", lambda field: field[0] if values[field[1]] else "", target)
    return re.sub(r"\{([\w.]+)\}", lambda field: values[field[1]], target)


def _by_parts(text: str, marks: str, depth: int) -> str | None:
    """A list or sentences in a row, if every part of it is known. A known part may hold the mark itself."""
    words = catalogue(_spoken)
    for mark in marks:
        parts = [part for part in text.split(mark) if part]
        if len(parts) > MOST_PARTS:
            continue
        said: list[str] = []
        while parts and (len(parts) > 1 or said or text.endswith(mark)):
            most = next(n for n in range(len(parts), 0, -1) if n == 1 or mark.join(parts[:n]) in words)
            part = mark.join(parts[:most])
            said.append(_said(part, depth + 1))
            if said[-1] == part and HAN.search(part):
                break
            parts = parts[most:]
        if said and not parts:
            end = words.get(mark, mark)
            return end.join(said) + (end.rstrip() if text.endswith(mark) else "")
    return None


def _by_form(text: str, depth: int) -> str | None:
    """A sum, a figure with what it is and its unit, words with more after them, two words in a row."""
    words = catalogue(_spoken)
    if " + " in text or " = " in text:
        return "".join(
            part if part in (" + ", " = ") else _said(part, depth + 1) for part in re.split("( [+=] )", text)
        )
    if found := re.fullmatch(r"(?:(\D+) )?(\d[\d.,]*) ?(\D+)", text):
        unit = _said(found[3], depth + 1)
        return (
            " ".join((*([_said(found[1], depth + 1)] if found[1] else []), found[2], unit.strip()))
            if unit != found[3]
            else None
        )
    if found := re.fullmatch(r"([^（）]+)(（([^（）]+)）)", text):
        return _said(found[1], depth + 1) + words.get(found[2], f" ({_said(found[3], depth + 1)})")
    if (mark := text.find("：") + 1) and text[:mark] in words:
        return words[text[:mark]] + _said(text[mark:], depth + 1)
    for at in [place.start() for place in re.finditer("，", text)][:4]:
        head, tail = _said(text[:at], depth + 1), words.get(text[at:]) or _by_template(text[at:], depth)
        if tail and head != text[:at]:
            return head + tail
    for at in range(2, min(len(text) - 1, 12)):
        if text[:at] in words and text[at:] in words:
            return f"{words[text[:at]]} {words[text[at:]]}"
    return None


Say = Callable[[str, int], str]


@functools.cache
def _templates(language: str) -> list[tuple[str, re.Pattern[str], list[tuple[str, Say]], str]]:
    """(longest literal, pattern, fields with how they are said, translation), the most literal first.

    Words of the site, which stand in quotation marks or in fields known for it, stay as they are.
    """
    made = []
    for source, (target, stored) in _entries(language).items():
        parts = list(string.Formatter().parse(source)) if stored and _is_template(source) else []
        literals = [literal for literal, *_ in parts]
        if not HAN.search("".join(literals)):
            continue
        fields: list[tuple[str, Say]] = []
        pattern = ""
        for at, (literal, name, _, _) in enumerate(parts):
            pattern += re.escape(literal)
            if name is not None:
                after = literals[at + 1] if at + 1 < len(parts) else ""
                quoted = literal.endswith(("“", "《")) and after.startswith(("”", "》"))
                fields.append(
                    (name, _exactly if name in OWN else _as_it_is if quoted or name in SITE else _said)
                )
                pattern += r"(\d+)" if name == "count" or after.startswith("年") else "(.*?)"
        made.append((max(literals, key=len), re.compile(pattern, re.DOTALL), fields, target))
    return sorted(made, key=lambda row: (-len(HAN.findall(row[1].pattern)), -len(row[1].pattern)))


def _as_it_is(text: str, depth: int = 0) -> str:
    return text


def _exactly(text: str, depth: int = 0) -> str:
    return catalogue(_spoken).get(text, text)


def _is_template(text: str) -> bool:
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return False
    return bool(fields) and all(re.fullmatch(r"[\w.]+", name) for name in fields)


def presented(assessments: Sequence[Assessment]) -> tuple[Assessment, ...]:
    """Assessments with the words of their tables, messages and reasons in the reader's language; facts stay."""
    if _spoken == "zh":
        return tuple(assessments)
    return tuple(_presented(one) for one in assessments)


def _presented(one: Assessment) -> Assessment:
    coverage = {
        kind: replace(seen, why=tuple(say(why) for why in seen.why))
        for kind, seen in one.run.coverage.items()
    }
    return replace(
        one,
        run=replace(one.run, coverage=coverage),
        standard=presented_table(one.standard),
        results=tuple(replace(row, reason=say(row.reason)) for row in one.results),
        findings=tuple(
            replace(
                row,
                message=say(row.message),
                fix=say(row.fix),
                subject=replace(row.subject, title=_exactly(row.subject.title))
                if row.subject.title and row.subject.kind in OURS
                else row.subject,
                citations=tuple(
                    replace(
                        place,
                        where=say(place.where),
                        quote=say(place.quote) if row.check in QUOTING else place.quote,
                    )
                    for place in row.citations
                ),
            )
            for row in one.findings
        ),
        score=replace(
            one.score, clauses=tuple(replace(row, reason=say(row.reason)) for row in one.score.clauses)
        ),
        outlook=tuple(replace(row, title=say(row.title)) for row in one.outlook),
        calendar=tuple(replace(row, name=say(row.name), basis=say(row.basis)) for row in one.calendar),
    )


def presented_table(table: Standard) -> Standard:
    """A table with its words in the reader's language."""
    if _spoken == "zh":
        return table
    clauses = tuple(
        replace(
            clause,
            group=say(clause.group),
            indicator=say(clause.indicator),
            title=say(clause.title),
            text=say(clause.text),
            manual=clause.manual and say(clause.manual),
            pending=clause.pending and say(clause.pending),
            confirm=clause.confirm and say(clause.confirm),
        )
        for clause in table.clauses
    )
    return replace(
        table,
        clauses=clauses,
        title=say(table.title),
        document_no=say(table.document_no),
        issuer=say(table.issuer),
        note=say(table.note),
    )

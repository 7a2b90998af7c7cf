"""Text as people read it: compatibility characters and radicals put back, broken lines joined."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

_CJK = r"㐀-鿿"
_CONTROL = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f\ufeff\u200b-\u200d\u2060\ufffe\uffff]|[\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t\xa0\u3000]+")
_BETWEEN = re.compile(rf"(?<=[{_CJK}，。；：、（）“”《》]) +(?=[{_CJK}，。；：、（）“”《》])")
_PROSE = re.compile("[，。；、：]")
_UNIT = "(?:年|月|日|万|亿|元|%|％|个|项|人|次|批|辆|件|条)"
_FIGURE_GAP = re.compile(rf"(?<=[{_CJK}，。；：、（）“”]) (?=\d[\d.,]{{0,15}} ?{_UNIT})|(?<=\d) (?={_UNIT})")
_STARTS = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十]+[)）]?\s*[、.．]|[（(][一二三四五六七八九十\d]+[)）]|\d+\s*[、.．](?!\d)|第[一二三四五六七八九十]+[章节条部])"
)


@cache
def folding() -> dict[int, str]:
    """Code point -> the ordinary character, for the blocks that stand in for one."""
    rows = (Path(__file__).parent / "radicals.tsv").read_text("utf-8").splitlines()
    table = {ord(row[0]): row.split("\t")[1] for row in rows if row and not row.startswith("#")}
    for start, end in ((0x2F00, 0x2FE0), (0xF900, 0xFB07), (0x2F800, 0x2FA20)):
        for code in range(start, end):
            table[code] = unicodedata.normalize("NFKC", chr(code))
    return table


def normal(text: str) -> str:
    """`text` without radicals, ligatures and control characters. Full-width forms and punctuation stay.

    Only the Kangxi, radical and compatibility ideograph blocks are folded: NFKC on everything would
    turn "，" into "," and "①" into "1", which a wording check would then judge.
    """
    return _CONTROL.sub("", text if text.isascii() else text.translate(folding()))


def cell(value: str, limit: int) -> str:
    """One table cell on one line."""
    return _BLANKS.sub(" ", normal(value).replace("\r", " ").replace("\n", " ")).strip()[:limit]


def row_line(row: tuple[str, ...]) -> str:
    """A table row as a line of text: words that merging repeated stand once."""
    shown = [
        value
        for index, value in enumerate(row)
        if not (index and value == row[index - 1] and len(value) > 1 and not value.isascii())
    ]
    return "\t".join(shown).rstrip("\t")


def unwrap(page: str) -> str:
    """`page` with the lines of a paragraph joined: a full line that ends in mid-sentence continues below."""
    lines = [
        _closed(_BETWEEN.sub("", _BLANKS.sub(" ", line)).strip())
        for line in re.split(r"\r\n|\r|\n|\x0c", page)
    ]
    widths = list(map(_width, lines))
    ordered = sorted(filter(None, widths))
    if not ordered:
        return ""
    full = max(30, 0.82 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])
    out: list[str] = []
    joinable = joined = False
    for line, width in zip(lines, widths, strict=True):
        if not line:
            joinable = joined = False
            continue
        if joinable and not _STARTS.match(line):
            gap = " " if out[-1][-1].isascii() and line[0].isascii() and out[-1][-1].isalpha() else ""
            out[-1] += gap + line
            joined = True
        else:
            out.append(line)
            joined = False
        # A wide line without any mark is a title or a row of a table, unless a paragraph runs through it.
        prose = joined or _PROSE.search(line) is not None
        joinable = prose and width >= full and line[-1] not in "。！？；：:"
    return "\n".join(map(_closed, out))


def _closed(line: str) -> str:
    """A line of prose without the gaps that typesetting leaves around figures; rows of a table keep theirs."""
    if line.count(" ") > 2 and not _PROSE.search(line):
        return line
    return _FIGURE_GAP.sub("", line)


def _width(line: str) -> int:
    return len(line) if line.isascii() else sum([1 if char < "\u2000" else 2 for char in line])


def first_line(text: str) -> str:
    """The line a document begins with, at most 80 characters."""
    for line in text[:4000].splitlines():
        if len(line.strip()) > 1:
            return line.strip()[:80]
    return ""

"""`xuncha proof`: the wording of a draft, before it is published."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from checks.check import Grade, Severity
from checks.privacy.personal_data import exposures, mask
from checks.wording.passage import Hit
from checks.wording.proofread import LAYERS, Proofreader
from checks.wording.readings import categories
from crawler.documents import read as read_document
from crawler.extract.charset import decode
from reports.language import say

SCHEMA = 1

_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_BINARY = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")
_SIGNED = re.compile(r"(?m)^[ \t　]*((?:19|20)\d\d)\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日[ \t　]*$")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?年")
_SENTENCE_ENDS = "。！？；\n"
_REACH = 40
_KINDS = {"identity": "居民身份证号", "mobile": "手机号", "card": "银行卡号"}
_GRADES = {Grade.FAIL: "错误", Grade.REVIEW: "请核实"}
_SEVERITIES = {Severity.VETO: "严重", Severity.MAJOR: "一般", Severity.MINOR: "轻微"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found in one draft. Offsets of `hits` count characters of `text`; `error` says why there is none."""

    file: str
    text: str = ""
    hits: tuple[Hit, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """One line of `proof --json`."""
        if self.error:
            return {"schema": SCHEMA, "file": self.file, "error": self.error, "hits": []}
        return {
            "schema": SCHEMA,
            "file": self.file,
            "hits": [
                {
                    "start": hit.start,
                    "end": hit.end,
                    "text": hit.text,
                    "suggestion": hit.suggestion,
                    "category": hit.category,
                    "severity": hit.severity.value,
                    "grade": hit.grade.value,
                    "rule": hit.rule,
                    "reason": hit.reason,
                }
                for hit in self.hits
            ],
        }

    def as_text(self, *, why: bool = False) -> str:
        """The same for people: every sentence with the words marked 【】."""
        if self.error:
            return f"{self.file}：{self.error}"
        if not self.hits:
            return f"{self.file}：没有发现问题。"
        lines = [f"{self.file}：{len(self.hits)} 处"]
        for number, hit in enumerate(self.hits, 1):
            line = self.text.count("\n", 0, hit.start) + 1
            advice = f"，建议写作“{hit.suggestion}”" if hit.suggestion else ""
            lines.append(
                f"\n{number:3}. 第{line}行 [{_GRADES[hit.grade]}·{_SEVERITIES[hit.severity]}] {say(hit.reason)}{advice}"
            )
            lines.append(f"     {_marked_sentence(self.text, hit)}")
            if why:
                lines.append(f"     {_explained(hit)}")
        return "\n".join(lines)


def proof_files(
    files: Iterable[str],
    *,
    marked: Path | None = None,
    site: Mapping[str, Any] | None = None,
    statistics: bool = False,
) -> Iterator[Proof]:
    """Proofread drafts; "-" is standard input. A file that cannot be read gives a line with `error`.

    `marked` is where a Word copy with comments of the (only) draft is saved. `site` is the `[wording]`
    table of a site. Raises ValueError when `marked` is asked for more than one draft.
    """
    names = list(files)
    if marked is not None and len(names) != 1:
        raise ValueError("带批注的 Word 稿一次只能做一份，请只给一个稿件")
    today = dt.datetime.now(dt.UTC).astimezone().date()
    reader = Proofreader(layers=(*LAYERS, "statistics") if statistics else LAYERS, site=site, as_of=today)
    for name in names:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            yield Proof(file=name, error=f"读不到：{error.strerror or error}")
            continue
        if marked is not None:
            from xuncha.marking import draft_paragraphs, save_marked

            paragraphs = draft_paragraphs(data, partial(_plain, data, name))
            text, error_text = "\n".join(paragraphs.texts), None
        else:
            paragraphs = None
            text, error_text = _text(data, name)
        if error_text:
            yield Proof(file=name, error=error_text)
            continue
        found = Proof(file=name, text=text, hits=tuple(hits(text, reader, today)))
        if marked is not None and paragraphs is not None:
            save_marked(paragraphs, found.hits, marked, explained=_comment)
        yield found


def hits(text: str, reader: Proofreader, today: dt.date) -> list[Hit]:
    """Wording and personal data of a draft, in order of place."""
    scope = "title" if len(text.strip()) <= 30 else "text"
    found = reader.hits(text, dated=written(text, today), scope=scope)
    for exposure in exposures(text):
        found.append(
            Hit(
                start=exposure.start,
                end=exposure.end,
                text=exposure.masked,
                suggestion=exposure.masked,
                category="privacy",
                severity=Severity.VETO,
                grade=exposure.grade,
                rule=f"exposed-{exposure.kind}",
                reason=f"未遮盖的{_KINDS[exposure.kind]}",
                layer="privacy",
            )
        )
    return sorted(found, key=lambda hit: (hit.start, hit.end))


def written(text: str, today: dt.date) -> dt.date:
    """The date of a draft: its signature line, else the end of the latest year it speaks of, else today."""
    for match in reversed(list(_SIGNED.finditer(text))):
        try:
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
    years = [int(year) for year in _YEAR.findall(text)]
    return min(dt.date(max(years), 12, 31), today) if years else today


def _text(data: bytes, name: str) -> tuple[str, str | None]:
    """The text of a draft and None, or "" and why it could not be read."""
    suffix = Path(name).suffix.lower()
    if suffix in (".htm", ".html", ".shtml", ".xhtml") or _HTML.match(data[:2000]):
        from crawler.extract.text import text as visible_text
        from crawler.extract.webpage import open_page

        return visible_text(open_page("file:///draft.html", data)), None
    if suffix in (".txt", ".md", ".text") or (not suffix and not data.startswith(_BINARY)):
        return decode(data)[0].removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), None
    document = read_document(data, name)
    if not document.readable:
        return "", f"读不到：{document.reason or '不认识的格式'}"
    return document.text, None


def _plain(data: bytes, name: str) -> str:
    return _text(data, name)[0]


def _marked_sentence(text: str, hit: Hit) -> str:
    first = max(text.rfind(mark, max(0, hit.start - _REACH), hit.start) for mark in _SENTENCE_ENDS) + 1
    first = first or max(0, hit.start - _REACH)
    ends = [at for mark in _SENTENCE_ENDS if (at := text.find(mark, hit.end, hit.end + _REACH)) >= 0]
    last = min(ends, default=min(len(text), hit.end + _REACH - 1)) + 1
    before, inside, after = text[first : hit.start], text[hit.start : hit.end], text[hit.end : last]
    if hit.category == "privacy":
        inside = hit.text
    return mask(f"{before}【{inside}】{after}").strip().replace("\n", "⏎")


@cache
def _sources() -> dict[str, tuple[str, str, str]]:
    """Rule id -> bad example, good example, source."""
    from checks.wording.confusions import listed_confusions
    from checks.wording.patterns import listed_patterns

    told = {row.id: (*row.examples(), row.source) for row in listed_confusions()}
    told.update({row.id: (row.bad, row.good, "") for row in listed_patterns()})
    return told


def _explained(hit: Hit) -> str:
    kind = say(categories().get(hit.category, {}).get("name", "个人信息"))
    told = _sources().get(hit.rule)
    parts = [f"规则 {hit.rule}（{kind}）"]
    if told:
        parts.append(f"错例：{told[0]} 对例：{told[1]}")
        if told[2]:
            parts.append(f"来源：{told[2]}")
    if hit.grade is Grade.REVIEW:
        parts.append("机器不能断定，请人核实")
    return "；".join(parts)


def _comment(hit: Hit) -> str:
    advice = f"建议写作“{hit.suggestion}”。" if hit.suggestion and hit.category != "privacy" else ""
    return f"[{_GRADES[hit.grade]}] {say(hit.reason)}。{advice}（规则 {hit.rule}）"

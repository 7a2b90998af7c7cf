"""Letters of a public mailbox and the replies to them, from detail pages, lists and question-and-answer pages."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from crawler.extract import text as texts
from crawler.extract.webpage import WebPage
from crawler.extract.width import half

_MOST = 200
_LONG = 4_000
_DATE = re.compile(r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_SQUEEZE = re.compile(r"[ \u3000\u00a0]+")
_SPACE = re.compile(r"\s+")
_ASK = re.compile(
    r"^(?:\d{1,2}\s*[.、]\s*)?[【\[]?(?:问题?|提问|网[友民][^:：，。]{0,12}?|市民(?:提问|留言|咨询)|[Qq])\s?(?:\d{1,2}|[一二三四五六七八九十]{1,3})?"
    r"[】\]]?\s*[:：]\s*"
)
_ANSWER = re.compile(
    r"^[【\[]?(?:答复?|回答|回复|解答|[Aa])\s?(?:\d{1,2}|[一二三四五六七八九十]{1,3})?[】\]]?\s*[:：]\s*"
)
_DAY = r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
_ASKED = r"(?:留言|咨询|提问|来信|写信|投诉)"
_ANSWERED = r"(?:回复|答复|回信|解答)"
_BY = r"[^,，。;；:：!?！？]{0,24}?"
_ASKED_LINE = re.compile(
    rf"^{_BY}(?:{_ASKED}(?:于|了)?\s*{_DAY}|于?\s*{_DAY}\s*{_ASKED}(?:说|道)?)\s*[:：】\]]?"
)
_ANSWERED_LINE = re.compile(
    rf"^{_BY}(?:{_ANSWERED}(?:于|了)?\s*{_DAY}|于?\s*{_DAY}\s*{_ANSWERED}(?:如下|说)?)\s*[:：】\]]?"
)
_BILLS = re.compile(r"提案|议案|代表建议|建议提案|政协委员")
_NUMBERISH = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_/]{2,40}")
_FOOT = re.compile(r"^(?:版权所有|主办单位|上一篇|下一篇|打印|关闭|分享|责任编辑|网站标识码|【)")


@dataclass(frozen=True, slots=True)
class _Words:
    label: dict[str, str]
    own: frozenset[str]
    start: re.Pattern[str]
    open: re.Pattern[str]
    closed: re.Pattern[str]

    def own_status(self, status: str) -> bool:
        """Whether the words are those of a mailbox, not of any business (已回复, not 已办结)."""
        return any(word in status for word in ("回复", "答复", "回信"))


@cache
def _words() -> _Words:
    data = tomllib.loads((Path(__file__).parent / "data" / "letters.toml").read_text(encoding="utf-8"))
    label = {name: kind for kind, names in data["labels"].items() for name in names}
    names = "|".join(sorted(map(re.escape, label), key=len, reverse=True))
    own = re.compile(data["mailbox"]["words"])
    return _Words(
        label=label,
        own=frozenset(name for name in label if own.search(name)),
        start=re.compile(rf"[【\[]?({names})[】\]]?\s*[:：]"),
        open=re.compile("|".join(data["status"]["open"])),
        closed=re.compile("|".join(data["status"]["closed"])),
    )


@dataclass(slots=True)
class _Letter:
    values: dict[str, str] = field(default_factory=dict)
    long: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    url: str | None = None
    quote: str = ""
    sure: bool = False
    """Whether a label or a status is one that only mailboxes have."""


def letters(
    page: WebPage, title: str, main_text: str, *, mailbox: bool = False
) -> tuple[dict[str, Any], ...]:
    """The letters a page shows, in page order. `mailbox`: the page stands in a column of letters, so that labels
    which permits and notices have as well (受理日期, 办理结果) are those of letters.

        {"number": str | None, "title": str | None, "asked": "YYYY-MM-DD" | None, "answered": ... | None,
         "status": words as shown | None, "open": True | False | None as the status says,
         "letter": text | None, "reply": text | None, "replier": name | None,
         "reply_shown": whether the page has a place for the reply (a list has not),
         "url": address of the letter's own page | None, "quote": str}

    `reply` None with `reply_shown` True is a letter whose reply is empty on its own page.
    """
    words = _words()
    if _BILLS.search(title):
        return ()
    rows = _rows(main_text)
    found = _table(words, page) or _labelled(words, rows)
    if not found or all("letter" in letter.seen and "reply" not in letter.seen for letter in found):
        found = _labelled(words, _rows(texts.text(page))) or found
    found = [letter for letter in found if mailbox or letter.sure]
    if not found:
        found = _questions(rows) or _signed(rows) or _status_rows(words, rows, page, mailbox=mailbox)
    entries = [entry for letter in found[:_MOST] if (entry := _entry(words, letter)) is not None]
    if len(entries) == 1 and entries[0]["title"] is None and not entries[0]["url"]:
        entries[0]["title"] = title or None
    return tuple(entries)


def _rows(text: str) -> list[list[str]]:
    """Lines as cells."""
    rows = [[cell.strip() for cell in line.split("\t")] for line in half(text).splitlines()]
    return [[cell for cell in row if cell] if len(row) == 1 else row for row in rows if any(row)]


@lru_cache(maxsize=1024)
def _name(cell: str) -> str:
    """A cell as a label would be written."""
    return _SQUEEZE.sub("", cell).rstrip(":：").strip("【】[]")


def _kind(words: _Words, cell: str) -> str | None:
    return words.label.get(_name(cell))


# --- a list as a table with a header row


def _table(words: _Words, page: WebPage) -> list[_Letter]:
    """Read from the tree: in text a cell without words is gone."""
    kinds: list[str | None] = []
    names: set[str] = set()
    found: list[_Letter] = []
    for row in page.tree.css("tr")[:2_000]:
        cells = [cell for cell in row.iter() if cell.tag in ("td", "th")]
        texts = [_SPACE.sub(" ", half(cell.text() or "")).strip() for cell in cells]
        if not found and (header := _header(words, texts)):
            kinds, names = header, {_name(text) for text in texts}
            continue
        if len(texts) != len(kinds) or not any(texts):
            continue
        letter = _Letter(quote=" ".join(texts)[:160])
        for kind, text in zip(kinds, texts, strict=True):
            if kind:
                letter.seen.add(kind)
                letter.values.setdefault(kind, text)
        link = row.css_first("a[href]")
        href = (link.attributes.get("href") or "").strip() if link is not None else ""
        letter.url = None if not href or href.lower().startswith(("javascript:", "#")) else page.resolve(href)
        letter.sure = bool(words.own & names) or bool(words.own_status(letter.values.get("status", "")))
        found.append(letter)
    return found


def _header(words: _Words, texts: list[str]) -> list[str | None]:
    """The kinds of a header row's columns; empty when the row is none."""
    kinds = [_kind(words, text) for text in texts]
    known = {kind for kind in kinds if kind and kind != "other"}
    named = (
        len(texts) >= 3
        and known & {"title", "letter"}
        and known & {"asked", "answered", "accepted", "status"}
    ) or (len(texts) == 2 and known == {"letter", "reply"})
    return (
        kinds
        if named and all(len(text) < 16 and ":" not in text and "：" not in text for text in texts)
        else []
    )


def _addresses(page: WebPage) -> dict[str, str]:
    """Text or title of a link -> its address."""
    found: dict[str, str] = {}
    for node in page.tree.css("a[href]")[:3_000]:
        href = (node.attributes.get("href") or "").strip()
        if not href or href.lower().startswith(("javascript:", "#", "mailto:")):
            continue
        for text in (node.attributes.get("title") or "", node.text() or ""):
            said = re.sub(r"\s+", "", half(text))
            if len(said) > 2 and said not in found:
                address = page.resolve(href)
                if address:
                    found[said] = address
    return found


# --- labels with values


def _labelled(words: _Words, rows: list[list[str]]) -> list[_Letter]:
    found: list[_Letter] = []
    current = _Letter()
    running: str | None = None
    headed = False

    def put(name: str, kind: str, value: str, *, heading: bool = False) -> None:
        nonlocal current, running, headed
        again = kind in current.seen and (
            kind in ("title", "asked", "number") or (kind == "letter" and "reply" in current.seen)
        )
        if again and current.seen & {"letter", "reply", "answered", "status", "asked"}:
            found.append(current)
            current = _Letter()
        if kind == "letter" and not current.seen & {"reply", "asked", "title"}:
            # A heading of the page above the table with the same words.
            current.long.pop("letter", None)
        current.seen.add(kind)
        current.sure = current.sure or name in words.own or (kind == "status" and words.own_status(value))
        if kind in ("letter", "reply"):
            running, headed = kind, heading and not value
            current.long.setdefault(kind, [])
            if value:
                current.long[kind].append(value)
        else:
            # Below the heading 回复 stand who answered and when, then the answer.
            waits = running is not None and headed and not current.long[running]
            running = running if waits or (kind == "other" and not value) else None
            if value:
                current.values.setdefault(kind, value)

    for row in rows:
        cells = list(row)
        position = 0
        took = False
        while position < len(cells):
            cell = cells[position]
            position += 1
            if not cell:
                continue
            alone = _kind(words, cell)
            if alone:
                value = cells[position] if position < len(cells) and not _kind(words, cells[position]) else ""
                if value and alone not in ("letter", "reply") and words.start.match(value):
                    value = ""
                position += 1 if value else 0
                put(_name(cell), alone, value, heading=len(cells) == 1 and not cell.endswith((":", "：")))
                took = True
                continue
            parts = _split(words, cell)
            if parts:
                for name, kind, value in parts:
                    put(name, kind, value)
                took = True
            elif running:
                if _FOOT.match(cell):
                    running = None
                else:
                    current.long[running].append(cell)
                took = True
        if not took and running is None:
            continue
    if current.seen:
        found.append(current)
    return [letter for letter in found if _is_letter(letter)]


def _split(words: _Words, cell: str) -> list[tuple[str, str, str]]:
    """标题：甲 来信时间：2018-01-02 -> its labelled parts; none when the line does not begin with a label."""
    if ":" not in cell and "：" not in cell:
        return []
    if not (words.start.match(cell) or words.start.match(cell, 1)):
        return []
    matches = list(words.start.finditer(cell))
    kept = [matches[0]]
    for match in matches[1:]:
        if cell[match.start() - 1] in " |;；,，\u3000】]" or words.label[match.group(1)] in (
            "asked",
            "answered",
            "status",
            "replier",
        ):
            kept.append(match)
        if words.label[kept[0].group(1)] in ("letter", "reply"):
            break
    kept = kept[:1] if words.label[kept[0].group(1)] in ("letter", "reply") else kept
    ends = [match.start() for match in kept[1:]] + [len(cell)]
    return [
        (m.group(1), words.label[m.group(1)], cell[m.end() : end].strip(" |;；"))
        for m, end in zip(kept, ends, strict=True)
    ]


def _is_letter(letter: _Letter) -> bool:
    seen = letter.seen
    if {"letter", "asked"} <= seen and letter.long.get("letter"):
        return True
    return (
        bool(seen & {"letter", "asked", "status"})
        and bool(seen & {"reply", "answered", "status", "replier"})
        and ("asked" in seen or "reply" in seen or "letter" in seen)
    )


# --- question and answer


def _questions(rows: list[list[str]]) -> list[_Letter]:
    found: list[_Letter] = []
    current: _Letter | None = None
    running = ""
    for row in rows:
        line = " ".join(row)
        if ask := _ASK.match(line):
            current = _Letter(seen={"letter"}, quote=line[:160])
            current.long["letter"] = [line[ask.end() :]]
            running = "letter"
            found.append(current)
        elif current is not None and (answer := _ANSWER.match(line)):
            current.seen.add("reply")
            current.long["reply"] = [line[answer.end() :]]
            running = "reply"
        elif current is not None and running and not _FOOT.match(line):
            current.long[running].append(line)
    return (
        [letter for letter in found if "reply" in letter.seen]
        if len(found) > 1 or (found and "reply" in found[0].seen)
        else []
    )


# --- letters without labels: who wrote when, the text, who answered when, the answer


def _signed(rows: list[list[str]]) -> list[_Letter]:
    found: list[_Letter] = []
    current: _Letter | None = None
    running = ""
    for at, row in enumerate(rows):
        line = " ".join(row)
        dated = "20" in line
        if dated and (asked := _ASKED_LINE.match(line)):
            current = _Letter(seen={"letter", "asked"}, values={"asked": asked.group()}, quote=line[:160])
            before = " ".join(rows[at - 1]) if at else ""
            if 4 <= len(before) <= 60 and not before.endswith(("。", "！", "；")) and not _FOOT.match(before):
                current.values["title"] = before
                if found and found[-1].long.get("reply", [])[-1:] == [before]:
                    found[-1].long["reply"].pop()
            current.long["letter"] = [rest] if (rest := line[asked.end() :].strip()) else []
            running = "letter"
            found.append(current)
        elif dated and current is not None and (answered := _ANSWERED_LINE.match(line)):
            current.seen |= {"reply", "answered"}
            current.values.setdefault("answered", answered.group())
            current.long.setdefault("reply", []).extend(
                [rest] if (rest := line[answered.end() :].strip()) else []
            )
            running = "reply"
        elif current is not None and (answer := _ANSWER.match(line)):
            current.seen.add("reply")
            current.long.setdefault("reply", []).append(line[answer.end() :])
            running = "reply"
        elif current is not None and running:
            if _FOOT.match(line):
                running = ""
            else:
                current.long.setdefault(running, []).append(line)
    return found if any("reply" in letter.seen for letter in found) else []


# --- rows that end with a date and a status


def _status_rows(words: _Words, rows: list[list[str]], page: WebPage, *, mailbox: bool) -> list[_Letter]:
    found: list[_Letter] = []
    addresses: dict[str, str] | None = None
    for row in rows:
        line = " ".join(cell for cell in row if cell)
        if len(line) > 160 or "20" not in line or not (dates := list(_DATE.finditer(line))):
            continue
        status = words.closed.search(line) or words.open.search(line)
        if status is None or not _stands_alone(line, status):
            continue
        rest = line
        for piece in [status.group(), *(date.group() for date in dates)]:
            rest = rest.replace(piece, " ", 1)
        subject = re.sub(r"\d{1,2}:\d{2}(?::\d{2})?|[\[\]【】()（）|]", " ", rest).strip(" ·•.-—")
        if len(subject) < 4:
            continue
        addresses = _addresses(page) if addresses is None else addresses
        letter = _Letter(seen={"title", "asked", "status"}, quote=line[:160])
        letter.values = {"title": subject, "asked": dates[0].group(), "status": status.group()}
        if len(dates) > 1:
            letter.values["answered"] = dates[-1].group()
            letter.seen.add("answered")
        letter.url = next(
            (a for text, a in addresses.items() if text in _SQUEEZE.sub("", subject) and len(text) > 4), None
        )
        letter.sure = words.own_status(status.group())
        found.append(letter)
    return found if len(found) > 1 and (mailbox or any(letter.sure for letter in found)) else []


def _stands_alone(line: str, status: re.Match[str]) -> bool:
    """Whether the status is a mark of its own: in a title (加固工程正在处理) it says nothing of a letter."""
    around = line[: status.start()][-1:] + line[status.end() :][:1]
    return not any("一" <= char <= "鿿" for char in around)


# --- the entry


def _entry(words: _Words, letter: _Letter) -> dict[str, Any] | None:
    values = letter.values
    status = values.get("status") or None
    number = values.get("number", "")
    text = "\n".join(letter.long.get("letter", ())).strip()[:_LONG] or (values.get("letter") or None)
    reply = "\n".join(letter.long.get("reply", ())).strip()[:_LONG] or (values.get("reply") or None)
    said = status or ""
    is_open = (
        True
        if words.open.search(said) and not words.closed.search(said)
        else False
        if words.closed.search(said)
        else None
    )
    if said in ("否", "是"):
        is_open = said == "否"
    if reply and len(reply) <= 8 and words.open.search(reply):
        is_open, reply = True, None
    entry = {
        "number": number
        if _NUMBERISH.fullmatch(number) and not (number.isdigit() and len(number) < 4)
        else None,
        "title": values.get("title") or None,
        "asked": _day(values.get("asked")) or _day(values.get("accepted")) or _published(values),
        "answered": _day(values.get("answered")),
        "status": status,
        "open": is_open,
        "letter": text,
        "reply": reply,
        "replier": values.get("replier") or None,
        "reply_shown": "reply" in letter.seen and not letter.url,
        "url": letter.url,
        "quote": letter.quote
        or " ".join(f"{k}" for k in (values.get("title"), values.get("asked"), status) if k)[:160]
        or (text or reply or "")[:160],
    }
    return entry if any(entry[key] for key in ("title", "letter", "reply", "asked")) else None


def _published(values: dict[str, str]) -> str | None:
    """The date of publication stands for that of the letter, unless the answer was there before."""
    day, answered = _day(values.get("published")), _day(values.get("answered"))
    return day if day and (answered is None or day <= answered) else None


def _day(text: str | None) -> str | None:
    match = _DATE.search(text or "")
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return None

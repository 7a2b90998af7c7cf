"""Addresses that inline scripts and event handlers hold as plain words, without running anything.

Only whole string literals count: a literal that is glued to a variable is part of an address that
does not exist as written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

_LONGEST_SCRIPT = 400_000
_MOST_WRITES = 200
_MOST_RECORDS = 2_000
UNKNOWN = "\ufffc"
"""Stands in written-out HTML for a part that only running the script would give."""

_STRING = r"""(?:"(?:[^"\\\n]|\\.){0,4000}"|'(?:[^'\\\n]|\\.){0,4000}')"""


def _after(no: str, *words: str) -> str:
    """A pattern for any of `words` behind no character of `no`. It begins with the words: that is found ten times as fast."""
    return "|".join(rf"{word}(?<!{no}{word})" for word in words)


_WRITE = re.compile(_after(r"\w", "document") + r"\s*\.\s*write(?:ln)?\s*\(")
_LOCATION = re.compile(
    r"(?:(?:" + _after(r"[\w.$]", "window", "top", "self", "parent", "document") + r")\s*\.\s*location|"
    + _after(r"[\w.$]", "location") + r")(?:\s*\.\s*href)?\s*=\s*(" + _STRING + r")\s*(.?)"
    r"|" + _after(r"\w", "location") + r"\s*\.\s*(?:replace|assign)\s*\(\s*(" + _STRING + r")\s*(.?)"
)  # fmt: skip
_OPEN = re.compile(_after(r"\w", "window") + r"\s*\.\s*open\s*\(\s*(" + _STRING + r")\s*(.?)")
_NAMES = ("link", "linkUrl", "docpuburl", "strUrl", "post_url", "titleurl", "URL", "LINKURL")
_VARIABLE = re.compile(
    r"(?:" + _after(r"[\w.$]", "url") + "|" + _after(r"[\w.$]", "href") + r"""(?=["']?\s*:)|"""
    + _after(r"[\w.$]", *_NAMES) + r""")["']?\s*[:=]\s*(""" + _STRING + r")\s*(.?)"
)  # fmt: skip
_TITLE = re.compile(
    "(?:" + _after(r"[\w.$]", "title", "docTitle", "strTitle", "TITLE") + r""")["']?\s*[:=]\s*(""" + _STRING + ")"
)  # fmt: skip
_BACKGROUND_CALL = re.compile(
    r"(?:\$|jQuery)\s*\.\s*(?:get|post|getJSON|getScript|ajax)\s*\(\s*$|\bfetch\s*\(\s*$"
)
"""A call that asks for something behind the reader's back: it leads nowhere."""
_CALL_ARGUMENT = re.compile(r"\(\s*(" + _STRING + r")\s*(.?)")
_PAGE = re.compile(
    r"""(?:https?:/)?[\w./~%@:\-\u4e00-\u9fff]{1,300}\.(?:s?html?|jhtml|jspx?|aspx?|php|do|action|pdf|docx?|xlsx?|wps|et|ofd|zip|rar)"""
    r"""(?:\?[^\s"'<>]{0,300})?(?:#[\w\-]*)?""",
    re.I,
)
_STATIC_PAGE = re.compile(
    r"""(?:https?:/)?[\w./~%@:\-\u4e00-\u9fff]{1,300}\.(?:s?html?|jhtml|pdf|docx?|xlsx?|wps|et|ofd|zip|rar)(?:\?[^\s"'<>]{0,300})?(?:#[\w\-]*)?""",
    re.I,
)
_CONFIG_CONTENT = re.compile(
    r"\bDETAIL\s*:\s*\{.{0,4000}?[\"']?content[\"']?\s*:\s*(\"(?:[^\"\\]|\\.)*\")", re.S
)
_OPERAND = re.compile(r"\s*(?:(" + _STRING + r")|(unescape\s*\()|([()])|(\+|,)|([^\s\"'()+,;]+|.))", re.S)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "", "v": "", "0": ""}
_SKIPPED_TYPES = re.compile(r"template|json|importmap|speculation|mustache|handlebars|jsrender", re.I)


class Address(NamedTuple):
    """An address as written, `place` naming the construct that holds it, `text` a label if one stands by."""

    place: str
    href: str
    text: str


class Written(NamedTuple):
    """HTML that a script puts on the page: `place` as in Address, `at` its offset in the script."""

    place: str
    html: str
    at: int


def is_code(kind: str | None) -> bool:
    """Whether a script element of this type attribute is looked into."""
    return not (kind and _SKIPPED_TYPES.search(kind))


def written_html(code: str) -> list[Written]:
    """What a script writes out or carries as HTML: list records, document.write, article bodies."""
    code = code[:_LONGEST_SCRIPT]
    found: list[Written] = []
    if "<record>" in code:
        found += [Written("record", code[start:end], start) for start, end in _records(code)]
    if "document" in code and "write" in code:
        for _, m in zip(range(_MOST_WRITES), _WRITE.finditer(code), strict=False):
            text = _concatenated(code, m.end())
            if text and "<" in text:
                found.append(Written("write", text, m.start()))
    if "DETAIL" in code and "_CONFIG" in code and (detail := _CONFIG_CONTENT.search(code)):
        body = literal(detail.group(1))
        if "&lt;" in body and "<" not in body:
            body = html.unescape(body)
        found.append(Written("config", body, detail.start()))
    return found


def _records(code: str) -> Iterator[tuple[int, int]]:
    """Where the HTML of each <record><![CDATA[...]]></record> stands."""
    at = 0
    for _ in range(_MOST_RECORDS):
        start = code.find("<record>", at)
        opened = code.find("<![CDATA[", start, start + 200) if start >= 0 else -1
        end = code.find("]]>", opened) if opened >= 0 else -1
        if end < 0:
            return
        yield opened + 9, end
        at = end


def addresses(code: str) -> list[Address]:
    """The addresses a script jumps to, opens or keeps for links it writes."""
    code = code[:_LONGEST_SCRIPT]
    if "<record>" in code:
        return []
    found: list[Address] = []
    if "location" in code:
        for m in _LOCATION.finditer(code):
            found += _whole("location", m.group(1) or m.group(3), m.group(2) or m.group(4), any_form=True)
    if ".open" in code:
        for m in _OPEN.finditer(code):
            found += _whole("open", m.group(1), m.group(2), any_form=True)
    if "url" in code or "URL" in code or "href" in code or "link" in code:
        for m in _VARIABLE.finditer(code):
            title = _TITLE.search(code, m.end(), m.end() + 600)
            found += _whole("variable", m.group(1), m.group(2), text=literal(title.group(1)) if title else "")
    return found


def handler_address(code: str) -> str | None:
    """The one address an event handler or a javascript: href leads to, if it is written out."""
    code = code[:4000]
    for word, pattern in (("open", _OPEN), ("location", _LOCATION)):
        for m in pattern.finditer(code) if word in code else ():
            for address in _whole(
                "", next(g for g in m.groups()[::2] if g), m.group(m.lastindex or 1), any_form=True
            ):
                return address.href
    if "." in code and "(" in code:
        for m in _CALL_ARGUMENT.finditer(code):
            if _BACKGROUND_CALL.search(code, max(0, m.start() - 20), m.start(1)):
                continue
            if _PAGE.fullmatch(literal(m.group(1))) and m.group(2) in ",);":
                return literal(m.group(1))
    return None


def literal(quoted: str) -> str:
    """The value of a JavaScript string literal."""
    inner = quoted[1:-1]
    return inner if "\\" not in inner else _ESCAPE.sub(_unescaped, inner)


def _unescaped(m: re.Match[str]) -> str:
    mark = m.group(1)
    if len(mark) > 1:
        return chr(int(mark[1:], 16))
    return _ESCAPED.get(mark, mark)


def _whole(place: str, quoted: str, after: str, *, text: str = "", any_form: bool = False) -> list[Address]:
    href = literal(quoted).strip()
    if (
        after == "+"
        or not href
        or href[0] == "#"
        or href.lower().startswith(("javascript:", "about:", "data:"))
    ):
        return []
    if any(mark in href for mark in ("{{", "${", "<%", "<", ">")):
        return []
    if any_form:
        looks = "/" in href or _PAGE.fullmatch(href) is not None
    else:
        looks = _STATIC_PAGE.fullmatch(href) is not None
    return [Address(place, href, text)] if looks else []


def _concatenated(code: str, start: int) -> str:
    """The string that starts at `start` of `code` as a sum; parts that are not literals become UNKNOWN."""
    parts: list[str] = []
    depth, at, end = 1, start, min(len(code), start + 20_000)
    coded = False
    while at < end and depth:
        m = _OPERAND.match(code, at)
        if m is None:
            break
        at = m.end()
        if m.group(1):
            parts.append(literal(m.group(1)))
        elif m.group(2):
            coded, depth = True, depth + 1
        elif m.group(3):
            depth += 1 if m.group(3) == "(" else -1
            if m.group(3) == "(":
                parts.append(UNKNOWN)
        elif m.group(4):
            continue
        elif m.group(5) == ";" and depth <= 1:
            break
        elif parts[-1:] != [UNKNOWN]:
            parts.append(UNKNOWN)
    text = "".join(parts)
    if "%u" in text:
        text = re.sub(r"%u([0-9a-fA-F]{4})", lambda m: chr(int(m.group(1), 16)), text)
    return unquote(text) if coded else text

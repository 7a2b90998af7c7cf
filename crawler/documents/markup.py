"""Web pages, RTF, MHT and plain text that are offered as files."""

from __future__ import annotations

import codecs
import email
import email.policy
import re

from selectolax.lexbor import LexborHTMLParser

from crawler.documents.characters import first_line, normal
from crawler.documents.record import DocumentText, Limits, Unreadable
from crawler.extract.charset import decode
from crawler.extract.tables import tables_of

_OFFICE = re.compile(r"urn:schemas-microsoft-com:office|ProgId|mso-|WordSection|x:str|Excel Workbook", re.I)
_GONE = re.compile(
    r"404|不存在|已删除|找不到|无法找到|not found|无法访问|系统错误|拒绝访问|forbidden|请登录|跳转", re.I
)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/table)\b[^>]{0,200}>", re.I)
_RTF = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_RTF_SKIP = {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerf", "footerf", "themedata", "datastore", "latentstyles", "listtable", "listoverridetable", "fldinst", "xmlnstbl", "rsidtbl", "generator", "mmathPr", "colorschememapping", "pgdsctbl"}  # fmt: skip


def read_html(data: bytes, name: str, limits: Limits) -> DocumentText:
    """A page offered as a file: a document when Office saved it or it holds tables, else an error page.

    Raises `Unreadable("html-error-page")` when `name` promises a file and the page is only a page.
    """
    html, _ = decode(data[: limits.file_bytes])
    tree = LexborHTMLParser(html)
    heading = tree.css_first("title")
    title = heading.text(strip=True)[:80] if heading is not None else ""
    tree.strip_tags(["script", "style", "noscript", "template", "title"])
    body = tree.body
    text = _lines(_BREAKS.sub(lambda match: match[0] + "\n", body.html or "")) if body is not None else ""
    tables = tables_of(tree)
    promised = name.rpartition(".")[2].lower() not in (
        "html",
        "htm",
        "shtml",
        "jhtml",
        "jsp",
        "asp",
        "aspx",
        "php",
        "xhtml",
    )
    if (
        promised
        and "." in name
        and not _OFFICE.search(html[:20_000])
        and (not tables or _GONE.search(text[:600] + title))
    ):
        raise Unreadable("html-error-page")
    if not text.strip():
        raise Unreadable("empty")
    links = tuple(dict.fromkeys(a.attributes.get("href") or "" for a in tree.css("a[href]")[:2000]))
    return DocumentText(
        kind="html", text=text[: limits.text], tables=tables, title=title or first_line(text),
        links=tuple(filter(None, links)), cut=len(text) > limits.text,
    )  # fmt: skip


def _lines(html: str) -> str:
    text = LexborHTMLParser(html.replace("</td>", "\t</td>")).text()
    lines = (
        re.sub(r"[ \xa0\u3000]+", " ", line).strip(" ").rstrip("\t") for line in normal(text).splitlines()
    )
    return "\n".join(line for line in lines if line.strip())


def read_txt(data: bytes, limits: Limits) -> DocumentText:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        text, _ = decode(data)
    text = normal(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        raise Unreadable("empty")
    return DocumentText(
        kind="txt", text=text[: limits.text], title=first_line(text), cut=len(text) > limits.text
    )


def read_mht(data: bytes, limits: Limits) -> DocumentText:
    """A saved web page: its first HTML part."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        for part in message.walk():
            if part.get_content_type() == "text/html":
                payload = part.get_payload(decode=True)
                if isinstance(payload, bytes):
                    found = read_html(payload, "", limits)
                    return DocumentText(
                        kind="mht",
                        text=found.text,
                        tables=found.tables,
                        title=found.title,
                        links=found.links,
                        cut=found.cut,
                    )
    except (ValueError, LookupError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable("broken") from error
    raise Unreadable("no-text")


def read_rtf(data: bytes, limits: Limits) -> DocumentText:
    """RTF: control words dropped, hex bytes read as GB18030 unless the file names another code page."""
    source = data[: limits.file_bytes].decode("latin-1")
    page = re.search(r"\\ansicpg(\d{3,5})", source[:2000])
    # LibreOffice writes 1252 and \u escapes; Chinese Office writes 936 with plain hex bytes.
    codec = "gb18030" if page is None or page[1] in ("936", "0", "1252", "54936") else f"cp{page[1]}"
    try:
        codecs.lookup(codec)
    except LookupError:
        codec = "gb18030"
    out: list[str] = []
    pending = bytearray()
    skipping: list[bool] = [False]
    unicode_skip = 1
    to_skip = 0
    tables: list[tuple[tuple[str, ...], ...]] = []
    rows: list[tuple[str, ...]] = []
    row: list[str] = []
    start = 0

    def flush() -> None:
        if pending:
            out.append(pending.decode(codec, "replace"))
            pending.clear()

    for match in _RTF.finditer(source):
        hexed, code, word, number, symbol, brace, plain = match.groups()
        if hexed is None:
            flush()
        if brace == "{":
            if len(skipping) > 500:
                raise Unreadable("bomb")
            skipping.append(skipping[-1])
        elif brace == "}":
            if len(skipping) > 1:
                skipping.pop()
            to_skip = 0
        elif skipping[-1]:
            continue
        elif hexed is not None:
            if to_skip:
                to_skip -= 1
            else:
                pending.append(int(hexed, 16))
        elif code is not None:
            out.append(chr(int(code) % 65536))
            to_skip = unicode_skip
        elif word is not None:
            if word in _RTF_SKIP:
                skipping[-1] = True
            elif word == "uc":
                unicode_skip = min(int(number or 1), 8)
            elif word in ("par", "line", "sect", "page"):
                out.append("\n")
            elif word == "tab":
                out.append("\t")
            elif word == "trowd":
                start = len(out) if not row else start
            elif word == "cell":
                row.append("".join(out[start:]).strip())
                del out[start:]
            elif word == "row" and row:
                rows.append(tuple(row))
                out.append("\t".join(row) + "\n")
                start = len(out)
                row.clear()
            elif word == "pard" and rows and not row and not "".join(out[start:]).strip():
                start = len(out)
        elif symbol is not None:
            if symbol == "*":
                skipping[-1] = True
            elif symbol in "{}\\":
                out.append(symbol)
            elif symbol == "~":
                out.append(" ")
        elif plain is not None:
            out.append(plain[to_skip:])
            to_skip = max(0, to_skip - len(plain))
    flush()
    if rows:
        tables.append(tuple(rows))
    joined = "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = normal("\n".join(line.strip(" ") for line in joined.splitlines() if line.strip()))
    if not text.strip():
        raise Unreadable("empty")
    return DocumentText(
        kind="rtf",
        text=text[: limits.text],
        tables=tuple(tables),
        title=first_line(text),
        cut=len(text) > limits.text,
    )

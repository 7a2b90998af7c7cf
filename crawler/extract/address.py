"""Addresses as browsers read them: the URL standard, with the page's charset in queries.

`resolve` turns an href into the address a browser would fetch, `normal` gives the key under which
an address is fetched once. Neither ever produces an address that a browser would not ask for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import OrderedDict
from functools import lru_cache
from typing import ClassVar, NamedTuple

DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443}

_FOLDERS_KEPT = 256
_HREFS_KEPT = 4096
_LONGEST_HREF = 20_000

_TRIM = "".join(map(chr, range(0x21)))
_DROPPED = str.maketrans("", "", "\t\n\r")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_SLASHES = re.compile(r"[/\\]*")
_AUTHORITY_END = re.compile(r"[/\\?]")
_PLAIN_HOST = re.compile(r"[a-z0-9_\-]+(?:\.[a-z0-9_\-]+)*\.?")
_FORBIDDEN_HOST = re.compile(r"[\x00-\x1f#%/:<>?@\[\\\]^|\x7f]")
_NUMERIC_LABEL = re.compile(r"(?:[0-9]+|0[xX][0-9A-Fa-f]*)")
_DOT = re.compile(r"(?:\.|%2[eE])")
_HAS_DOTS = re.compile(r"(?:^|[/\\])(?:\.|%2[eE]){1,2}(?:[/\\]|$)")
_NEEDS_PATH_CODE = re.compile(r"[^!$%&'()*+,\-./0-9:;=@A-Z\[\]_a-z~\\]")
_NEEDS_QUERY_CODE = re.compile(r"[^!$%&()*+,\-./0-9:;=?@A-Z\[\\\]^_`a-z{|}~]")
_NEEDS_FRAGMENT_CODE = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\\\]^_a-z{|}~]")
_NEEDS_USER_CODE = re.compile(r"[^!$%&()*+,\-.0-9A-Z_a-z~']")
_NEEDS_OPAQUE_CODE = re.compile(r"[^\x20-\x7e]")
_NORMAL = re.compile(
    r"https?://[a-z0-9.\-]+/(?:(?!\.|%2[eE])[\w~!$&'()*+,;=:@%.\-]+(?:/(?!\.|%2[eE])[\w~!$&'()*+,;=:@%.\-]+)*/?)?"
    r"(?:\?[\w~!$&()*+,;=:@%./?\-]*)?",
    re.A,
)
_FILE_NAME = re.compile(r"(?!\.)[\w.\-]+", re.A)
_ORDINARY = re.compile(
    r"(?:https?://[\w.\-]+(?::\d+)?(?=[/?#]|$)|(?![hHtT]|[wW]{3}\.))[\w/.\-?=&%#~+,!@()*]*", re.A
)
_ROOTED = re.compile(
    r"(?:/(?!\.|%2[eE])[\w~!$&'()*+,;=@%.\-]+)+/?(?:\?[\w~!$&()*+,;=@%./?\-]*)?(?:#[\w~!$&'()*+,;=@%./?\-]*)?",
    re.A,
)
_RELATIVE = re.compile(
    r"((?:\.\.?/)*)((?!\.|%2[eE])[\w~!$&'()*+,;=@%.\-]+(?:/(?!\.|%2[eE])[\w~!$&'()*+,;=@%.\-]+)*/?"
    r"(?:\?[\w~!$&()*+,;=@%./?\-]*)?(?:#[\w~!$&'()*+,;=@%./?\-]*)?)",
    re.A,
)
"""Steps through the folders, and a way on without any."""
_NEEDS_LOOK = re.compile(
    r"[\s\\\u00a0\u3000\uff01-\uff5e\u3002\u2018-\u201d\ufffd]|^https?:(?!//[^/])|^https?://[^/]*https?:"
    r"|^[a-z]+[:;,]//+[a-z]+:/|^(?:htp|htpp|hhtp|http;|http//|http\.//|ttp:)"
    r"|^www\.[\w.\-]+\.(?:gov|com|org|net|edu|cn)(?:/|$)",
    re.I,
)
_WHATWG_ENCODERS = {
    "gb18030": "gb18030", "gbk": "gbk", "gb2312": "gbk", "big5": "big5hkscs", "shift_jis": "cp932",
    "euc-jp": "euc_jp", "euc-kr": "cp949", "windows-1252": "cp1252", "iso-8859-1": "cp1252",
}  # fmt: skip


class _Base(NamedTuple):
    """A parsed base address: `path` starts with "/", `query` is None when there is none."""

    scheme: str
    authority: str
    path: str
    query: str | None


class Resolved(NamedTuple):
    """`url` as a browser fetches it; `written` the href when a reader should see how it was typed."""

    url: str
    written: str | None


HOST, FOLDER, PAGE = range(3)


def reach(href: str) -> int:
    """How far `href` leads to the same address: on all pages of a HOST, of a FOLDER, or on this PAGE only."""
    if href[:1] == "/" or href[:7] == "http://" or href[:8] == "https://":
        return HOST
    href = href.lstrip(_TRIM)
    # "http:" without slashes goes on from the page itself.
    return PAGE if not href or href[0] in "?#" or href[:4].lower() == "http" else FOLDER


class Resolver:
    """Resolves the hrefs of one page, remembering across pages what it resolved.

    Hrefs that name host or root are remembered for the whole host, the others for the folder:
    navigation repeats on every page, so nearly every look-up is a hit. Memory is bounded.
    """

    __slots__ = ("_above", "_base", "_charset", "_folder", "_host", "_origin", "folder", "host")

    _remembered: ClassVar[OrderedDict[tuple[str, ...], dict[str, Resolved | None]]] = OrderedDict()

    def __init__(self, base: str, charset: str = "utf-8") -> None:
        self._base = _base(base)
        self._charset = charset
        b = self._base
        self.host: tuple[str, ...] | None = None
        """What an address with the reach HOST is resolved against, None when no base can be made out."""
        self.folder: tuple[str, ...] | None = None
        """The same for the reach FOLDER."""
        self._origin = f"{b.scheme}://{b.authority}" if b is not None and b.scheme != "file" else ""
        if b is None:
            self._host: dict[str, Resolved | None] = {}
            self._folder: dict[str, Resolved | None] = {}
            self._above: dict[str, str] = {}
            return
        self.host = (b.scheme, b.authority, charset)
        folder = b.path.rpartition("/")[0]
        self.folder = (*self.host, folder)
        self._above = {"": f"{self._origin}{folder}/"}
        self._host = self._memory(self.host)
        self._folder = self._memory(self.folder)

    @classmethod
    def _memory(cls, key: tuple[str, ...]) -> dict[str, Resolved | None]:
        held = cls._remembered
        found = held.get(key)
        if found is None:
            found = held[key] = {}
            if len(held) > _FOLDERS_KEPT:
                held.popitem(last=False)
        else:
            held.move_to_end(key)
        return found

    def __call__(self, href: str) -> Resolved | None:
        """The address for `href`, or None when a browser finds no address in it."""
        rooted = href[:1] == "/"
        memory = self._host if rooted or href[:7] == "http://" or href[:8] == "https://" else self._folder
        try:
            return memory[href]
        except KeyError:
            pass
        plain = True
        if rooted and self._origin and _ROOTED.fullmatch(href):
            url: str | None = self._origin + href
        elif (
            not rooted
            and self._origin
            and len(href) <= _LONGEST_HREF
            and (match := _RELATIVE.fullmatch(href))
        ):
            url = self._folder_above(match[1]) + match[2]
            plain = href[0] not in "hHtTwW"
        else:
            url = _parse(href, self._base, self._charset)
            plain = False
        mistyped = not plain and not _ORDINARY.fullmatch(href) and _NEEDS_LOOK.search(href)
        found = None if url is None else Resolved(url, href if mistyped else None)
        if plain or reach(href) != PAGE:
            if len(memory) >= _HREFS_KEPT:
                memory.clear()
            memory[href] = found
        return found

    def _folder_above(self, steps: str) -> str:
        """The address of the folder that `steps` ("../../", "./") lead to."""
        found = self._above.get(steps)
        if found is None:
            assert self.folder is not None
            names = self.folder[-1].split("/")
            found = "/".join(names[: max(1, len(names) - steps.count("../"))])
            found = self._above[steps] = f"{self._origin}{found}/"
        return found


def resolve(base: str, href: str, charset: str = "utf-8") -> str | None:
    """The address a browser would fetch for `href` on a page at `base` written in `charset`.

    None when a browser finds no valid address (`http://`, a host with a space). Schemes other than
    http keep their form (`mailto:a@b`). The fragment is kept.
    """
    return _parse(href, _split_base(base), charset)


def normal(url: str) -> str:
    """The key of an absolute address: what is fetched for it, without the fragment.

    Host in lower case, default port and dot segments gone; nothing that changes what is asked for.
    An address that cannot be parsed is returned without its fragment.
    """
    url = url.partition("#")[0]
    if _NORMAL.fullmatch(url):
        return url
    return _parse(url, None, "utf-8") or url


def host(url: str) -> str:
    """The host of an absolute address, lower case, without port and final dot; "" when there is none."""
    found = re.match(r"[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)", url)
    return found.group(1).lower().rstrip(".") if found else ""


def fetchable(url: str) -> bool:
    """Whether `url` is an http(s) address that can be asked for: one with a host that can exist."""
    found = _parse(url, None, "utf-8") if url[:4].lower() == "http" else None
    return found is not None and found.startswith(("http://", "https://")) and "%" not in host(found)


def _base(url: str) -> _Base | None:
    """`url` parsed; its folder is known from the page before."""
    folder, slash, name = url.rpartition("/")
    if folder[-1:] == "/" or "?" in folder or "#" in folder or not _FILE_NAME.fullmatch(name):
        return _split_base(url)
    above = _split_base(folder + slash)
    return above._replace(path=above.path + name) if above is not None else None


@lru_cache(maxsize=512)
def _split_base(url: str) -> _Base | None:
    absolute = _parse(url, None, "utf-8")
    if absolute is None:
        return None
    scheme, _, rest = absolute.partition("#")[0].partition(":")
    if not rest.startswith("//"):
        return None
    rest, question, query = rest[2:].partition("?")
    authority, slash, path = rest.partition("/")
    return _Base(scheme, authority, slash + path or "/", query if question else None)


def _parse(href: str, base: _Base | None, charset: str) -> str | None:
    if len(href) > _LONGEST_HREF:
        return None
    text = href.strip(_TRIM)
    if "\t" in text or "\n" in text or "\r" in text:
        text = text.translate(_DROPPED)
    text, hash_, fragment = text.partition("#")
    tail = "#" + _encode(fragment, _NEEDS_FRAGMENT_CODE, "utf-8") if hash_ else ""
    match = _SCHEME.match(text)
    if match:
        scheme = match.group()[:-1].lower()
        rest = text[match.end() :]
        if scheme == "file":
            return _file(rest, base) + tail
        if scheme not in DEFAULT_PORTS:
            return f"{scheme}:{_opaque(rest)}{tail}"
        if base is not None and base.scheme == scheme and not rest.startswith("//"):
            text = rest
        else:
            return _with_authority(scheme, _SLASHES.sub("", rest, count=1), charset, tail)
    if base is None:
        return None
    if base.scheme == "file":
        return _file(text, base) + tail
    lead = text[:2].replace("\\", "/")
    if lead == "//":
        return _with_authority(base.scheme, _SLASHES.sub("", text, count=1), charset, tail)
    if not lead:
        query = "" if base.query is None else "?" + base.query
        return f"{base.scheme}://{base.authority}{base.path}{query}{tail}"
    path, question, query = text.partition("?")
    if not path:
        path = base.path
    else:
        path = _path(path if lead[0] == "/" else base.path.rpartition("/")[0] + "/" + path)
    return f"{base.scheme}://{base.authority}{path}{_query(question, query, charset)}{tail}"


def _with_authority(scheme: str, rest: str, charset: str, tail: str) -> str | None:
    end = _AUTHORITY_END.search(rest)
    authority, rest = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    user, at, address = authority.rpartition("@")
    if not address.startswith("["):
        name, _, port = address.partition(":")
    else:
        name, bracket, port = address.partition("]")
        name += bracket
        if port and not port.startswith(":"):
            return None
        port = port[1:]
    found = _host(name)
    if found is None or (port and not (port.isascii() and port.isdigit())):
        return None
    if port:
        number = int(port[:12])
        if number > 65535:
            return None
        port = "" if number == DEFAULT_PORTS[scheme] else f":{number}"
    if at:
        name, _, secret = user.partition(":")
        user = _encode(name, _NEEDS_USER_CODE, "utf-8") + (
            ":" + _encode(secret, _NEEDS_USER_CODE, "utf-8") if secret else ""
        )
        at = "@" if user else ""
    path, question, query = rest.partition("?")
    return f"{scheme}://{user}{at}{found}{port}{_path(path or '/')}{_query(question, query, charset)}{tail}"


@lru_cache(maxsize=2048)
def _host(name: str) -> str | None:
    if name.startswith("["):
        return _ipv6(name)
    name = _percent_decoded(name)
    text = name.lower()
    if not _PLAIN_HOST.fullmatch(text):
        text = _to_ascii(text)
        if not text or _FORBIDDEN_HOST.search(text):
            return None
        # Chromium goes on with these two where the standard gives up: such a host is never found.
        text = text.replace(" ", "%20").replace("*", "%2A")
    last = text.rstrip(".").rpartition(".")[2]
    if _NUMERIC_LABEL.fullmatch(last):
        return _ipv4(text)
    return text


def _percent_decoded(text: str) -> str:
    if "%" not in text:
        return text
    raw = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), text.encode("utf-8", "replace")
    )
    return raw.decode("utf-8", "replace")


def _to_ascii(text: str) -> str:
    """UTS 46 in the measure that hosts of real links need: width, case, ideographic dots, punycode."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"[\u3002\uff0e\uff61]", ".", text)
    text = re.sub(r"[\u00ad\u200b\u2060\ufeff\ufe00-\ufe0f]", "", text)
    labels = []
    for label in text.split("."):
        if label.isascii():
            labels.append(label)
            continue
        if any(
            unicodedata.category(c) in ("Cn", "Co", "Cs", "Zs", "Zl", "Zp", "Cc") or c == "\ufffd"
            for c in label
        ):
            return ""
        labels.append("xn--" + label.encode("punycode", "replace").decode("ascii"))
    return ".".join(labels)


def _ipv4(text: str) -> str | None:
    parts = text.removesuffix(".").split(".")
    if len(parts) > 4:
        return None
    numbers = []
    for part in parts:
        try:
            if part[:2].lower() == "0x":
                numbers.append(int(part[2:] or "0", 16))
            elif len(part) > 1 and part[0] == "0":
                numbers.append(int(part, 8))
            else:
                numbers.append(int(part))
        except ValueError:
            return None
    if any(n > 255 for n in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    value = numbers[-1] + sum(n << (8 * (3 - i)) for i, n in enumerate(numbers[:-1]))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv6(name: str) -> str | None:
    import ipaddress

    try:
        return (
            f"[{ipaddress.IPv6Address(name[1:-1]).compressed}]"
            if name.endswith("]") and "%" not in name
            else None
        )
    except ValueError:
        return None


def _path(path: str) -> str:
    """`path` (starting with a slash) with backslashes turned, dot segments gone and odd characters coded."""
    if "\\" in path:
        path = path.replace("\\", "/")
    if _HAS_DOTS.search(path):
        kept: list[str] = []
        segments = path.split("/")[1:]
        for i, segment in enumerate(segments):
            last = i == len(segments) - 1
            dots = _DOT.sub(".", segment) if len(segment) <= 6 else segment
            if dots == "..":
                if kept:
                    kept.pop()
                if last:
                    kept.append("")
            elif dots == ".":
                if last:
                    kept.append("")
            else:
                kept.append(segment)
        path = "/" + "/".join(kept)
    return _encode(path, _NEEDS_PATH_CODE, "utf-8")


def _query(question: str, query: str, charset: str) -> str:
    return "?" + _encode(query, _NEEDS_QUERY_CODE, charset) if question else ""


def _encode(text: str, needs: re.Pattern[str], charset: str) -> str:
    """`text` with every character that `needs` matches percent-coded in `charset`, as browsers do."""
    if not needs.search(text):
        return text
    codec = _WHATWG_ENCODERS.get(charset, "utf-8")

    def coded(match: re.Match[str]) -> str:
        char = match.group()
        if codec == "utf-8":
            return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
        if codec == "gbk" and char == "€":
            return "%80"
        try:
            raw = char.encode(codec)
        except UnicodeEncodeError:
            return f"%26%23{ord(char)}%3B"
        return "".join(_byte(byte, needs) for byte in raw)

    return needs.sub(coded, text)


def _byte(byte: int, needs: re.Pattern[str]) -> str:
    return chr(byte) if byte < 0x80 and not needs.match(chr(byte)) else f"%{byte:02X}"


def _opaque(rest: str) -> str:
    """What follows an unknown scheme: kept, but for characters that no address may hold."""
    path, question, query = rest.partition("?")
    needs = _NEEDS_PATH_CODE if rest.startswith("//") else _NEEDS_OPAQUE_CODE
    return _encode(path, needs, "utf-8") + _query(question, query, "utf-8")


def _file(rest: str, base: _Base | None) -> str:
    rest = rest.replace("\\", "/")
    path, question, query = rest.partition("?")
    if path.startswith("//"):
        authority, slash, path = path[2:].partition("/")
        if re.fullmatch(r"[A-Za-z][:|]", authority):
            authority, path = "", authority + slash + path
        path = "/" + path
        if authority.lower() == "localhost":
            authority = ""
    else:
        authority = ""
        if base is not None and base.scheme == "file":
            authority = base.authority
            if not path:
                path = base.path
            elif not path.startswith("/"):
                path = base.path.rpartition("/")[0] + "/" + path
        elif not path.startswith("/"):
            path = "/" + path
    return f"file://{authority}{_path(path)}{_query(question, query, 'utf-8')}"

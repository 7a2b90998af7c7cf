"""What belongs to the site, what a target is asked for, and which addresses are a maze.

A target has a role: "page" is fetched, read and its links followed; "file" is downloaded and read;
"probe" is only asked whether it is there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from crawler.evidence.writer import LEFT_OUT, WAITING
from crawler.extract.address import host
from crawler.siteconfig import SiteConfig, is_loopback

_FILE = re.compile(
    r"\.(?:docx?|wps|xlsx?|et|csv|pdf|ofd|ceb|rar|zip|7z|pptx?|rtf)$"
    r"|^/(?:module/download/down|system/_content/download\.jsp|.*/ueditor/(?:net|jsp|php)/upload/)",
    re.I,
)
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|bmp|webp|svg|ico|tiff?|css|m?js|map|json|woff2?|ttf|eot|otf|swf|mp3|mp4|m4a|wmv|wma|wav|avi"
    r"|flv|mov|rmvb?|mpe?g|webm|ogg|exe|msi|apk|ipa|dmg|iso|gz|tar|bz2|jar|txt|xml|rss|atom)$",
    re.I,
)
_NO_PAGE_TAGS = frozenset(
    {"img", "link", "script", "source", "video", "audio", "track", "input", "style", "form"}
)
_SESSION = re.compile(
    r";jsessionid=[^?#/]*|(?<=[?&])(?:jsessionid|phpsessid|aspsessionid\w*|sessionid|session_id|sid)=[0-9a-z]{16,}&?",
    re.I,
)
_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"[0-9a-f]{12,}", re.I)
_YEAR_KEY = re.compile(r"[?&](?:year|y|nian|date|day|month|ym|calendar\w*)=(\d{4})", re.I)

LONGEST = 2_000
"""Characters of an address; longer ones come from mazes, and many servers refuse them."""

_DEEPEST_PATH = 24
_CHAIN = 150
"""Pages of one address pattern in a row that led nowhere but to the next of the same pattern: a maze."""

Note = Callable[[str, str, str | None], None]
"""(kind, detail, address): something the report must say."""


@lru_cache(maxsize=4096)
def netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def related(one: str, other: str) -> bool:
    """Whether two hosts are names of one site: the same but for www. or a part in front."""
    a, b = (name.partition(":")[0].removeprefix("www.") for name in (one, other))
    return a == b or a.endswith("." + b) or b.endswith("." + a)


def private(address: str) -> bool:
    """Whether an IP address is one that the open web does not reach: this machine, an intranet, a link, a cloud's own."""
    try:
        ip = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return not ip.is_global or ip.is_multicast


class Scope:
    """Decides for one site. `note` is told about mazes and limits, once each."""

    def __init__(self, config: SiteConfig, note: Note | None = None) -> None:
        self._config = config
        self._netlocs = config.netlocs
        self._starts = tuple(f"{scheme}://{own}/" for own in config.netlocs for scheme in ("http", "https"))
        self._prefix = config.path_prefix
        self._depth = config.crawl.max_depth
        self._cap = config.crawl.max_per_pattern
        self._outside = config.crawl.check_outside
        self._documents = config.crawl.documents
        self._note = note or (lambda kind, detail, url: None)
        self._counts: dict[int, int] = {}
        self._closed: set[int] = set()
        self._chains: dict[str, int] = {}
        self.chains_changed: dict[str, int] = {}
        """Lengths of the chains that changed since whoever keeps them took them, by shape."""
        self._said: set[tuple[str, int]] = set()
        self._sessions: set[int] = set()
        self._same = self._elsewhere = 0
        self._page_pattern, self._page_shape = 0, ""
        self.pages = 0
        """Addresses met that are to be read as pages."""

    def internal(self, url: str) -> bool:
        """Whether an address belongs to the site: its host, and its folder when the site is part of a portal."""
        parts = _split(url)
        if parts is None or parts[0] not in self._netlocs:
            return False
        return self._prefix == "/" or parts[1].startswith(self._prefix) or parts[1] + "/" == self._prefix

    def own_host(self, url: str) -> bool:
        return url.startswith(self._starts) or netloc(url) in self._netlocs

    def classify(self, url: str, tag: str, depth: int) -> tuple[str, int, int]:
        """(role, state, depth) of a target met for the first time on a page at `depth`."""
        depth += 1
        if url[:7] != "http://" and url[:8] != "https://":
            return "probe", LEFT_OUT, depth
        if tag == "data" and self.own_host(url):
            # Services of a portal lie outside the folder of a bureau whose pages they fill.
            return "data", WAITING, depth
        if not self.internal(url):
            self._elsewhere += tag != "redirect"
            return "probe", WAITING if self._outside or self.own_host(url) else LEFT_OUT, depth
        path = _path(url)
        if _FILE.search(path):
            self._elsewhere += 1
            return "file" if self._documents else "probe", WAITING, depth
        if path[-4:].lower() == ".css" and tag == "link":
            # Read for the pictures and fonts it points to.
            return "file", WAITING, depth
        if tag in _NO_PAGE_TAGS or _NO_PAGE.search(path):
            return "probe", WAITING, depth
        if tag == "redirect":
            self.pages += 1
            return "page", WAITING, depth - 1
        if not self._admit(url, path):
            return "page", LEFT_OUT, depth
        if depth > self._depth:
            self._say("depth", f"只跟进到第 {self._depth} 层；更深的页面只核查能否打开，不读内容", None, 0)
            return "probe", WAITING, depth
        self.pages += 1
        return "page", WAITING, depth

    def _admit(self, url: str, path: str) -> bool:
        if len(url) > LONGEST:
            self._say("trap", f"地址超过 {LONGEST} 个字符，没有访问", url, hash(path))
            return False
        if _repeats(path):
            self._say("trap", "地址里同一段路径反复出现，没有继续访问", url, hash(_first(path)))
            return False
        if ";" in url or "?" in url:
            plain, found = _SESSION.subn("", url)
            if found:
                key = hash(plain)
                if key in self._sessions:
                    return False
                self._sessions.add(key)
            if (year := _YEAR_KEY.search(url)) and not 1990 <= int(year[1]) <= 2100:
                self._say("trap", "日历一类的地址没有尽头，没有继续访问", url, hash(path))
                return False
        shape = pattern_of(url)
        pattern = hash(shape)
        if pattern in self._closed:
            return False
        if shape == url:
            self._elsewhere += 1
            return True
        count = self._counts[pattern] = self._counts.get(pattern, 0) + 1
        if count > self._cap:
            self._say("limit", f"同一形状的地址超过 {self._cap} 个，其余没有访问", url, pattern)
            return False
        if pattern == self._page_pattern:
            self._same += 1
        else:
            self._elsewhere += 1
        return True

    def resume(
        self,
        pages: Iterable[tuple[str, int]],
        notes: Iterable[tuple[str, str | None]],
        chains: Mapping[str, int],
    ) -> None:
        """Know again what was known before an interruption.

        From the (address, state) of every page target met, the (kind, address) of the notes, the lengths of chains.
        """
        self._chains.update((shape, length) for shape, length in chains.items() if length)
        refused: set[int] = set()
        for url, state in pages:
            shape = pattern_of(url)
            if state != LEFT_OUT:
                if (";" in url or "?" in url) and (session := _SESSION.subn("", url))[1]:
                    self._sessions.add(hash(session[0]))
                if shape != url:
                    self._counts[hash(shape)] = self._counts.get(hash(shape), 0) + 1
            elif shape != url and not self._is_maze(url, _path(url)):
                refused.add(hash(shape))
        self._closed = {shape for shape in refused if self._counts.get(shape, 0) < self._cap}
        for kind, at in notes:
            keys = (0,) if at is None else (hash(pattern_of(at)), hash(_path(at)), hash(_first(_path(at))))
            self._said.update((kind, key) for key in keys)

    @staticmethod
    def _is_maze(url: str, path: str) -> bool:
        """Whether an address alone tells that it leads nowhere new."""
        if len(url) > LONGEST or _repeats(path) or _SESSION.search(url):
            return True
        year = _YEAR_KEY.search(url)
        return year is not None and not 1990 <= int(year[1]) <= 2100

    def begin_page(self, url: str) -> None:
        """What is classified from now on was found on the page at `url`."""
        self._page_shape = pattern_of(url)
        self._page_pattern = hash(self._page_shape)
        self._same = self._elsewhere = 0

    def end_page(self, url: str) -> None:
        """The page's links have all been classified: a pattern that only leads to itself is closed in the end."""
        if self._elsewhere:
            if self._chains.pop(self._page_shape, None):
                self.chains_changed[self._page_shape] = 0
        elif self._same:
            chain = self._chains[self._page_shape] = self._chains.get(self._page_shape, 0) + 1
            self.chains_changed[self._page_shape] = chain
            if chain >= _CHAIN and self._page_pattern not in self._closed:
                self._closed.add(self._page_pattern)
                self._say(
                    "trap",
                    f"连续 {_CHAIN} 个同一形状的页面只链向下一个，像是没有尽头，没有继续访问",
                    url,
                    self._page_pattern,
                )

    def _say(self, kind: str, detail: str, url: str | None, key: int) -> None:
        if (kind, key) not in self._said and len(self._said) < 500:
            self._said.add((kind, key))
            self._note(kind, detail, url)

    def may_connect(self, name: str, addresses: list[str]) -> bool:
        """Whether a host that resolves to `addresses` may be asked.

        Private addresses only when the site's configuration says so, or for the site's own configured hosts;
        a site that is audited on this machine may name other addresses of this machine.
        """
        if self._config.allow_private or not any(map(private, addresses)):
            return True
        if any(name == host(f"http://{own}") for own in self._netlocs):
            return True
        return self._config.on_loopback and all(is_loopback(a) for a in addresses)


def pattern_of(url: str) -> str:
    """The shape of an address: numbers and long hex replaced, query values left out."""
    plain, _, query = url.partition("?")
    shape = _DIGITS.sub("0", _HEX.sub("x", plain))
    if not query:
        return shape
    return shape + "?" + "&".join(sorted({p.partition("=")[0] for p in query.split("&")}))


def _repeats(path: str) -> bool:
    """/a/b/a/b/a/b/ and /x/x/x/: relative links that grow."""
    parts = [p for p in path.split("/") if p]
    if len(parts) < 3:
        return False
    if len(parts) > _DEEPEST_PATH:
        return True
    for size in (1, 2, 3):
        for at in range(len(parts) - 3 * size + 1):
            block = parts[at : at + size]
            if block == parts[at + size : at + 2 * size] == parts[at + 2 * size : at + 3 * size] and not all(
                p.isdigit() for p in block
            ):
                return True
    return False


def _path(url: str) -> str:
    parts = _split(url)
    return parts[1] if parts is not None else "/"


def _first(path: str) -> str:
    """The first folder of a path."""
    return path.split("/", 2)[1]


@lru_cache(maxsize=1024)
def _split(url: str) -> tuple[str, str] | None:
    """(netloc without user, path) of an absolute address."""
    at = url.find("//")
    if at < 0:
        return None
    rest = url[at + 2 :]
    for end, char in enumerate(rest):  # noqa: B007
        if char in "/?#":
            break
    else:
        return rest.rpartition("@")[2].lower(), "/"
    authority = rest[:end].rpartition("@")[2].lower()
    path = rest[end:].partition("#")[0].partition("?")[0]
    return authority, path or "/"

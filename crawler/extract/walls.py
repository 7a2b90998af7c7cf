"""Pages that keep us out: walls against robots, log-in pages, addresses of an inner network."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.extract.address import host

if TYPE_CHECKING:
    from crawler.extract.webpage import WebPage

_READ = 60_000
_DATA: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "walls.toml").read_text(encoding="utf-8")
)
_MOST_HAN = int(_DATA["most_han"])
_HAN = re.compile(r"[\u4e00-\u9fff]")
_COOKIE_NAME = re.compile(r"(?:^|[,\n;]\s*)([\w\-]+)=")
_LOGIN = re.compile(r"登录|登陆|统一身份认证|用户名|请输入密码|log\s*in|sign\s*in", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wall:
    name: str
    status: frozenset[int]
    certain: frozenset[int]
    html: re.Pattern[str] | None
    cookies: re.Pattern[str] | None


_WALLS = tuple(
    _Wall(
        name=row["name"],
        status=frozenset(row["status"]),
        certain=frozenset(row.get("certain_status", ())),
        html=re.compile("|".join(row["html"])) if row["html"] else None,
        cookies=re.compile("|".join(row["cookies"])) if row["cookies"] else None,
    )
    for row in _DATA["wall"]
)


def wall(status: int, headers: Mapping[str, str], body_text: str) -> str | None:
    """The name of the wall that answered instead of the site; None when the site itself did.

    `headers` by any case of name, several Set-Cookie lines joined by newline or comma; `body_text` the decoded source.
    """
    source = body_text[:_READ]
    set_cookie = next((value for name, value in headers.items() if name.lower() == "set-cookie"), "")
    cookies = _COOKIE_NAME.findall(set_cookie) + _COOKIE_NAME.findall(
        " ; ".join(re.findall(r"document\.cookie\s*=\s*[\"']([\w\-]+=)", source))
    )
    wordless: bool | None = None
    for one in _WALLS:
        if status in one.status and one.cookies and any(one.cookies.search(name) for name in cookies):
            return one.name
        if one.html is not None and one.html.search(source):
            if status in one.status:
                return one.name
            if wordless is None:
                wordless = _is_wordless(source)
            if wordless and (status == 200 or status >= 400):
                return one.name
    return next((one.name for one in _WALLS if status in one.certain), None)


def _is_wordless(source: str) -> bool:
    # Loaded when needed: the walk asks after walls and otherwise reads no pages.
    from selectolax.lexbor import LexborHTMLParser

    from crawler.extract.outline import outline

    return len(_HAN.findall(outline(LexborHTMLParser(source, scripting=True)).text)) <= _MOST_HAN


def restricted(url: str, page: WebPage | None = None) -> str | None:
    """ "intranet" when the address lies in an inner network, "login" when the page only asks who one is."""
    if inner_network(url):
        return "intranet"
    if page is None or "password" not in page.html.lower():
        return None
    if page.tree.css_first('input[type="password" i]') is None:
        return None
    text = page.outline.text
    if len(_HAN.findall(text)) <= _MOST_HAN and _LOGIN.search(page.html):
        return "login"
    return None


def inner_network(url: str) -> bool:
    """Whether an address names this machine, a private network or a host without a domain."""
    name = host(url)
    if not name:
        return False
    try:
        number = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return "." not in name or name.endswith(
            (".local", ".localhost", ".lan", ".intranet", ".internal", ".localdomain")
        )
    return not number.is_global

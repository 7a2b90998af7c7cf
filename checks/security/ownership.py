"""Whose an address is, and what its name says: hosts, registered domains and the words of `hijack.toml`."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

_TABLE = tomllib.loads((Path(__file__).parent / "hijack.toml").read_text(encoding="utf-8"))
_BEGINNING = re.compile(r"[^/?#]*(?://[^/?#]*)?")
_SECOND_LEVELS = frozenset(_TABLE["registry"]["second_levels"])
_DOMAINS: dict[str, str] = {
    domain: row["kind"] for row in _TABLE["host"] for domain in row.get("domains", ())
}
_LABELS: dict[str, str] = {word: row["kind"] for row in _TABLE["host"] for word in row.get("words", ())}
_WORDS = re.compile("|".join(map(re.escape, _TABLE["words"]["strong"])), re.I)
_LEGITIMATE = re.compile("|".join(_TABLE["words"]["legitimate"]))
_CHEAP = tuple("." + suffix for suffix in _TABLE["cheap"]["suffixes"])
_PUBLIC = (".gov.cn", ".政务", ".xn--zfr164b", ".gov.hk", ".gov.mo", ".edu.cn", ".mil.cn", ".ac.cn")


def beginning(url: str) -> str:
    """An address up to the end of its host: a site links to few of these, a hundred thousand times."""
    found = _BEGINNING.match(url)
    return found[0] if found else url


def host_of(url: str) -> str:
    """The host of a web address in lower case, "" for anything else."""
    if url[:4].lower() != "http":
        return ""
    return _host(beginning(url))


@lru_cache(maxsize=10_000)
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


@lru_cache(maxsize=10_000)
def registered(host: str) -> str:
    """The domain that one owner registered: kjj.example.gov.cn -> example.gov.cn; an address of digits is its own."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        labels = host.split(".")
    return ".".join(labels[-3:] if ".".join(labels[-2:]) in _SECOND_LEVELS else labels[-2:])


def public(host: str) -> bool:
    """Whether only public bodies, schools and academies can own this name."""
    return host.endswith(_PUBLIC)


def cheap(host: str) -> bool:
    return host.endswith(_CHEAP)


@lru_cache(maxsize=10_000)
def kind_of(host: str) -> str | None:
    """What a host's name alone says it is (博彩, 色情, 域名出售或停放), or None."""
    if public(host):
        return None
    named = _DOMAINS.get(registered(host))
    if named:
        return named
    return next((_LABELS[label] for label in re.split(r"[.-]", host) if label in _LABELS), None)


def bad_word(text: str) -> str | None:
    """The first word of gambling, pornography or fraud in a link's text, unless the text speaks against it."""
    found = _WORDS.search(text)
    return found[0] if found and not _LEGITIMATE.search(text) else None


def bad_words(text: str) -> set[str]:
    """The different words of gambling, pornography or fraud in a text."""
    return {word.lower() for word in _WORDS.findall(text)}

"""What the page at an outside address says about who owns it now, and whether that was another one before."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from checks.check import Grade
from checks.security.ownership import bad_word, bad_words, host_of, public, registered

_TABLE = tomllib.loads((Path(__file__).parent / "hijack.toml").read_text(encoding="utf-8"))["face"]
_SALE = re.compile("|".join(row["pattern"] for row in _TABLE["sale"]), re.I)
_PLAIN = re.compile("|".join(row["pattern"] for row in _TABLE["no_owner"]), re.I)
_ENTRY = re.compile(r"/?(?:(?:index|default|home|main)\.\w{2,5})?", re.I)
_NOT_WORDS = re.compile(r"[\W_]+")
_LANGUAGES = {
    "zh": "中文",
    "ja": "日文",
    "ko": "韩文",
    "ru": "俄文",
    "th": "泰文",
    "vi": "越南文",
    "latin": "西文",
}
_CERTAIN_WORDS = 2


def judged(url: str, face: Mapping[str, Any]) -> tuple[Grade, str, str] | None:
    """(grade, variant, reason) of a face that shows another owner, None for one that shows nothing of the kind."""
    title, before = str(face.get("title", "")), face.get("before")
    host = host_of(url)
    name = registered(host).partition(".")[0]
    changed = before is not None and not _same_title(title, str(before.get("title", "")))
    if not public(host) and (sale := _SALE.search(title)):
        certain = changed or name in title.lower()
        return (
            Grade.FAIL if certain else Grade.REVIEW,
            "shows",
            f"页面标题是“{title}”，域名可能正在出售（“{sale[0]}”）",
        )
    if found := _bad_words(face):
        before_clean = before is not None and not _bad_words(before)
        words = "”“".join(found)
        many = len(found) >= _CERTAIN_WORDS
        # One article may tell of gambling; an entry page does not.
        if not public(host) and ((many and _entry(url)) or (changed and before_clean)):
            return Grade.FAIL, "shows", f"页面标题或简介里有“{words}”"
        if many or _entry(url):
            return Grade.REVIEW, "shows", f"页面标题或简介里有“{words}”"
    if before is None or not changed or not _entry(url):
        return None
    was, now = str(before.get("host", "")), str(face.get("host", ""))
    if was and now and registered(was) != registered(now) and not public(now):
        return (
            Grade.REVIEW,
            "changed",
            f"以前打开的是 {was} 的“{before.get('title')}”，现在是 {now} 的“{title}”",
        )
    spoken, speaks = before.get("lang"), face.get("lang")
    if spoken and speaks and spoken != speaks and "zh" in (spoken, speaks):
        languages = f"{_LANGUAGES.get(spoken, spoken)}变成了{_LANGUAGES.get(speaks, speaks)}"
        return Grade.REVIEW, "changed", f"页面由{languages}，标题由“{before.get('title')}”变成了“{title}”"
    return None


def _bad_words(face: Mapping[str, Any]) -> list[str]:
    """The different words of gambling, pornography or fraud in title and description, none if these speak against it."""
    text = f"{face.get('title', '')} {face.get('description', '')}"
    return sorted(bad_words(text)) if bad_word(text) else []


def _entry(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and _ENTRY.fullmatch(parts.path) is not None


def _same_title(one: str, other: str) -> bool:
    """Whether two titles can be one owner's: they share words, or one of them names nobody."""
    a, b = (_NOT_WORDS.sub("", _PLAIN.sub("", title)).lower() for title in (one, other))
    if len(a) < 2 or len(b) < 2:
        return True
    pairs, others = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (a, b))
    return len(pairs & others) >= 0.3 * min(len(pairs), len(others))

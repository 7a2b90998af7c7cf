"""The letters of a run: what a list says and what the letter's own page says, put together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page


@dataclass(slots=True, kw_only=True)
class Letter:
    """One letter. `own_page` whether its own page was read; `is_open` what a status word said, None without one."""

    key: str
    title: str
    url: str
    page: Page
    asked: dt.date | None = None
    answered: dt.date | None = None
    status: str | None = None
    is_open: bool | None = None
    letter: str | None = None
    reply: str | None = None
    replier: str | None = None
    own_page: bool = False
    reply_shown: bool = False
    quotes: list[tuple[Page, str]] = field(default_factory=list)

    @property
    def has_reply(self) -> bool:
        return bool(self.reply) or self.answered is not None or self.is_open is False


def letters(evidence: Evidence) -> list[Letter]:
    """Every letter once, in the order it was met. Keys hold across runs: number, else address, else title and day."""
    found: dict[str, Letter] = {}
    alias: dict[str, str] = {}
    for page, fact in evidence.facts("letter"):
        data = fact.data
        title = data["title"] or (data["letter"] or "")[:40] or page.title
        url = data["url"] or page.url
        names = [f"title/{title}/{data['asked']}"]
        if data["number"]:
            names.insert(0, f"number/{data['number']}")
        alone = data["url"] is not None or (data["reply_shown"] and _alone(evidence, page))
        if alone:
            names.insert(1 if data["number"] else 0, f"url/{url}")
        key = next((alias[name] for name in names if name in alias), names[0])
        for name in names:
            alias.setdefault(name, key)
        letter = found.setdefault(key, Letter(key=f"letter/{key}", title=title, url=url, page=page))
        letter.asked = letter.asked or _day(data["asked"])
        letter.answered = letter.answered or _day(data["answered"])
        letter.status = letter.status or data["status"]
        letter.is_open = (
            data["open"] if letter.is_open is None else letter.is_open and data["open"] is not False
        )
        letter.letter = letter.letter or data["letter"]
        letter.reply = letter.reply or data["reply"]
        letter.replier = letter.replier or data["replier"]
        letter.own_page = letter.own_page or bool(data["reply_shown"])
        letter.reply_shown = letter.reply_shown or bool(data["reply_shown"])
        letter.quotes.append((page, data["quote"]))
    return list(found.values())


def _alone(evidence: Evidence, page: Page) -> bool:
    """Whether the page shows one letter only, so that its address is the letter's."""
    return page.kind.value == "article"


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None

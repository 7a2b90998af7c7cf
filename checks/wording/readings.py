"""One proofreading of every text of a site, shared by all wording checks."""

from __future__ import annotations

import datetime as dt
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from checks.check import Citation, Grade, Severity, Subject, Verdict
from checks.lines import asked, batches, scope
from checks.privacy.personal_data import mask
from checks.read_before import ReadBefore, read_before
from checks.wording.lexicon import table
from checks.wording.passage import Hit
from checks.wording.proofread import LAYERS, Proofreader
from crawler.evidence.reader import Evidence, TextBlock
from crawler.evidence.records import PageKind

LIMITS: Mapping[str, Any] = {"off": (), "places": 20}
"""`off` names layers or rules that stay silent; `places` is how many places a finding cites."""

_HEAD = 600
_ISSUED = re.compile(
    r"^[\u4e00-\u9fff（）()]{2,14}[〔\[]((?:19|20)\d\d)[〕\]]第?\d{1,4}号[ \u3000]*$", re.MULTILINE
)
"""A document's own number, on a line of its own near its beginning."""
_SENTENCE_ENDS = "。！？；\n"
_REACH = 60
_LETTER_LINE = 4
"""Characters from which a line of a letter tells it apart from other text."""
_GUESSES = frozenset({"word", "statistics"})
_OWN_WORD = 5
"""Different sentences that make a word the site's own."""
_MOST_FAULTLESS = 20_000
"""Verdicts on pages without fault kept for the next check: that of a site of usual size."""
_OWN_CHECK_ELSEWHERE = frozenset({"signed-before-period-end", "sum-of-items"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One text that holds a slip. `pages` are the pages showing the text, `quote` the masked sentence."""

    url: str
    title: str
    role: str
    pages: tuple[int, ...]
    quote: str
    offset: int
    dated: dt.date | None


@dataclass(slots=True, kw_only=True)
class Slip:
    """The same rule broken in the same words, wherever on the site."""

    hit: Hit
    check: str
    places: list[Place] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Readings:
    """What proofreading a site gave: the ids of the pages read, in rising order, the attachments read, id -> (url, title),
    and the slips found."""

    pages: array[int]
    documents: dict[int, tuple[str, str]]
    slips: list[Slip]


_READINGS: WeakKeyDictionary[Evidence, Readings] = WeakKeyDictionary()


@cache
def categories() -> Mapping[str, Mapping[str, str]]:
    """Category -> check id and Chinese name."""
    return table("categories.toml")


def check_of(hit: Hit) -> str:
    """The id of the check that speaks for a hit."""
    check = categories()[hit.category]["check"]
    return "serious-wording" if hit.severity is Severity.VETO and check == "misused-word" else check


def sentence(text: str, start: int, end: int) -> str:
    """The sentence around a span, at most 60 characters each side, personal data masked."""
    first = max(text.rfind(mark, max(0, start - _REACH), start) for mark in _SENTENCE_ENDS) + 1
    ends = [at for mark in _SENTENCE_ENDS if (at := text.find(mark, end, end + _REACH)) >= 0]
    last = min(ends, default=min(len(text), end + _REACH - 1)) + 1
    return mask(text[first or max(0, start - _REACH) : last].strip())


def readings(evidence: Evidence) -> Readings:
    """Proofread every text of a site once, however many checks ask."""
    known = _READINGS.get(evidence)
    if known is None:
        known = _READINGS[evidence] = _read(evidence)
    return known


def _read(evidence: Evidence) -> Readings:
    run = evidence.run
    site: dict[str, Any] = dict(run.config.get("wording", {}))
    site["names"] = (*site.get("names", ()), run.site.name, run.site.sponsor)
    site["leaders"] = _leaders(evidence)
    layers = (*LAYERS, "leader", *(("statistics",) if site.get("statistics") else ()))
    reader = Proofreader(layers=layers, site=site, as_of=run.as_of)
    pages = array("q")
    documents: dict[int, tuple[str, str]] = {}
    slips: dict[tuple[str, str], Slip] = {}
    received = _received(evidence)
    # The layer "statistics" weighs a line by what happens to stand beside it: it reads everything every time.
    before = None if "statistics" in layers else read_before(evidence, layers, site, asked())
    for block, stretches in _read_closer(evidence, reader, before):
        if block.role == "document":
            documents[block.id] = block.url, block.title
        else:
            pages.extend(block.pages)
        if stretches is None:
            continue
        dated = _dated(block, run.as_of)
        for hit in reader.hits(block.text, dated=dated, scope=scope(block), stretches=stretches):
            if hit.rule in _OWN_CHECK_ELSEWHERE:
                continue
            if hit.severity is not Severity.VETO and _is_received(block, hit, received):
                continue
            key = (hit.rule, hit.text)
            if key not in slips:
                slips[key] = Slip(hit=hit, check=check_of(hit))
            slips[key].places.append(
                Place(
                    url=block.url,
                    title=block.title,
                    role=block.role,
                    pages=block.pages,
                    quote=sentence(block.text, hit.start, hit.end),
                    offset=hit.start,
                    dated=block.dated,
                )
            )
    if before is not None:
        before.write()
    return Readings(
        pages=_each_once(pages),
        documents=documents,
        slips=[slip for slip in slips.values() if not _is_own_word(slip)],
    )


def _each_once(ids: array[int]) -> array[int]:
    return array("q", np.unique(np.frombuffer(ids, np.int64)).tobytes()) if ids else ids


def _received(evidence: Evidence) -> Mapping[int, frozenset[str]]:
    """Lines that people wrote to the body, by the page that shows them: their slips are not the body's to mend."""
    lines: dict[int, set[str]] = {}
    for page, fact in evidence.facts("letter"):
        for text in (fact.data["title"], fact.data["letter"]):
            lines.setdefault(page.id, set()).update(
                line for line in (text or "").split("\n") if len(line) >= _LETTER_LINE
            )
    return {page: frozenset(found) for page, found in lines.items()}


def _is_received(block: TextBlock, hit: Hit, received: Mapping[int, frozenset[str]]) -> bool:
    """Whether a hit lies inside a line of a letter that the page shows."""
    texts = [line for page in block.pages for line in received.get(page, ())]
    if not texts:
        return False
    start = block.text.rfind("\n", 0, hit.start) + 1
    line = block.text[start:].partition("\n")[0]
    return any(
        (at := line.find(text)) >= 0 and start + at <= hit.start and hit.end <= start + at + len(text)
        for text in texts
    )


def _is_own_word(slip: Slip) -> bool:
    """Whether a guess is what the site itself writes in many different sentences: a name, no slip."""
    return slip.hit.layer in _GUESSES and len({place.quote for place in slip.places}) >= _OWN_WORD


def _leaders(evidence: Evidence) -> Mapping[str, frozenset[str]]:
    """The leaders the site presents: name -> posts."""
    posts: dict[str, set[str]] = {}
    for _, fact in evidence.facts("leader"):
        if fact.data["name"] and fact.data["post"]:
            posts.setdefault(fact.data["name"], set()).add(fact.data["post"])
    return {name: frozenset(held) for name, held in posts.items()}


def _read_closer(
    evidence: Evidence, reader: Proofreader, before: ReadBefore | None
) -> Iterator[tuple[TextBlock, list[tuple[int, int]] | None]]:
    """Every text, and the lines of it that must be read with its date and surroundings.

    None where no line and not the whole of it is odd; no line where only the whole is. Each line is read once, many
    at a time, because a layer's work per call costs most; a text without was perhaps `before` and is not read.
    """
    doubtful: set[str] = set()
    uneven: set[str] = set()
    for batch in batches(evidence, before):
        if batch.anew:
            doubtful.clear()
            uneven.clear()
        for kind, lines in batch.fresh.items():
            starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
            for start, end in reader.spans("\n".join(lines), scope=kind):
                doubtful.update(lines[bisect_right(starts, start) - 1 : bisect_right(starts, end - 1)])
            uneven.update(filter(reader.may_be_odd, lines))
        for block, is_read, answers in zip(batch.blocks, batch.is_read, batch.answers, strict=True):
            if not is_read and not doubtful.isdisjoint(block.lines):
                yield block, _stretches(block.lines, doubtful)
            elif not is_read and not uneven.isdisjoint(block.lines) and reader.is_odd(block.text):
                yield block, []
            else:
                if before is not None:
                    before.keep(block, answers, is_new=not is_read)
                yield block, None


def _stretches(lines: list[str], doubtful: Set[str]) -> list[tuple[int, int]]:
    """Start and end of the doubtful lines; neighbours are one stretch."""
    found: list[tuple[int, int]] = []
    start = 0
    for line in lines:
        end = start + len(line)
        if line in doubtful:
            if found and found[-1][1] + 1 == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        start = end + 1
    return found


def _dated(block: TextBlock, as_of: dt.date) -> dt.date | None:
    """The template around the content is of today; undated content has no date; an older document that was put up
    later speaks in its own time, from the first day of the year in its number. No text is from after the monitoring point.
    """
    if block.role == "frame":
        return as_of
    if block.dated is None:
        return None
    issued = _ISSUED.search(block.text, 0, _HEAD)
    year = int(issued[1]) if issued else block.dated.year
    return min(dt.date(year, 1, 1) if year < block.dated.year else block.dated, as_of)


def verdicts(evidence: Evidence, check: str, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip that belongs to the check, and one OK per page or attachment that has none."""
    off = frozenset(limits["off"])
    read = readings(evidence)
    faulty: set[int] = set()
    for slip in read.slips:
        if slip.check == check and not {slip.hit.rule, slip.hit.layer, slip.hit.category} & off:
            faulty.update(page for place in slip.places for page in place.pages)
            yield _verdict(evidence, slip, int(limits["places"]))
    at, last = 0, len(read.pages)
    for number, url, title in evidence.titles():
        if at < last and number == read.pages[at]:
            at += 1
            if number not in faulty:
                yield _faultless(url, title)
    for number, (url, title) in read.documents.items():
        if number not in faulty:
            yield _faultless(url, title)


@lru_cache(_MOST_FAULTLESS)
def _faultless(url: str, title: str) -> Verdict:
    return Verdict(grade=Grade.OK, subject=Subject(kind="page", key=url, url=url, title=title))


def _verdict(evidence: Evidence, slip: Slip, limit: int) -> Verdict:
    hit = slip.hit
    pages = {page for place in slip.places for page in place.pages}
    places = sorted(
        slip.places, key=lambda place: (_rank(evidence, place), -len(place.pages), place.url, place.offset)
    )
    first = places[0]
    prominent = _rank(evidence, first) < 2
    severity = hit.severity
    if severity is Severity.MAJOR and not prominent:
        severity = Severity.MINOR
    return Verdict(
        grade=hit.grade,
        severity=severity,
        subject=Subject(kind="wording", key=f"{hit.rule}:{mask(hit.text)}", url=first.url, title=first.title),
        facts={
            "wrong": mask(hit.text),
            "suggestion": hit.suggestion,
            "kind": categories()[hit.category]["name"],
            "reason": hit.reason,
            "sentence": first.quote,
            "pages": len(pages),
            "rule": hit.rule,
            "layer": hit.layer,
            "prominent": prominent,
        },
        citations=tuple(
            Citation(url=place.url, title=place.title, quote=place.quote, where=_where(place))
            for place in places[:limit]
        ),
        variant="suggested" if hit.suggestion else None,
    )


def _rank(evidence: Evidence, place: Place) -> int:
    """0 a title, 1 the home page, 2 elsewhere."""
    if place.role == "title":
        return 0
    home = evidence.home()
    return 1 if home is not None and home.id in place.pages and home.kind is PageKind.HOME else 2


def _where(place: Place) -> str:
    part = {"title": "标题", "frame": "页面公共部分", "document": "附件"}.get(place.role, "正文")
    spread = f"，共{len(place.pages)}个页面" if len(place.pages) > 1 else ""
    return f"{part}第{place.offset + 1}字{spread}"

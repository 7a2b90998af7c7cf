"""For each finding of a run: the archived copy of its page with the passage marked, and a picture of it."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from checks.assessment import Assessment
from checks.check import Citation, Finding, Grade, Severity
from crawler.evidence.reader import Evidence
from reports.exhibit import COPIES_FOLDER, Exhibit, Exhibits
from reports.ledger.entry import BEIJING
from xuncha.archive import Archive, ArchivedPage, sheet_urls
from xuncha.copies import Copy, Sought
from xuncha.pictures import camera

MOST_COPIES = 200
MOST_COPY_BYTES = 60_000_000
COPY_SECONDS = 60.0
PICTURE_SECONDS = 180.0
_TRIED = 3
"""Places of a finding that are looked at for a mark."""
_SHORTEST = 2

_RANK = {Severity.VETO: 0, Severity.MAJOR: 1, Severity.MINOR: 2}
_DATE_AT_END = re.compile(r"\s*\d{4}-\d\d-\d\d$")
_QUOTED_FACTS = ("basis", "title", "newest_title", "quote", "sentence", "wrong", "value", "fragment")


@dataclass(slots=True, kw_only=True)
class _Shown:
    """One page and what is marked on it, by finding."""

    archived: ArchivedPage
    name: str
    marks: dict[str, tuple[int, int]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def exhibits(
    folder: Path,
    assessments: Sequence[Assessment],
    *,
    pictures: int = 0,
    seconds: float = PICTURE_SECONDS,
    tell: Callable[[str], None] | None = None,
) -> Exhibits:
    """Copies of the pages that findings stand on, and pictures of the first `pictures` findings, the gravest first.

    Reads only the run's own archive. Raises NoBrowser when pictures are wanted and there is no browser.
    """
    findings = _ranked(assessments)
    with ExitStack() as stack:
        shot = stack.enter_context(camera(seconds)) if pictures else None
        evidence = stack.enter_context(Evidence(folder))
        archive = Archive(folder, evidence)
        pages = _pages(archive, findings)
        copies: dict[str, bytes] = {}
        of: dict[str, Exhibit] = {}
        size = 0
        for shown in pages.values():
            copy = Copy(shown.archived.page)
            marks, anchored = _apart(shown.marks)
            data = copy.page(f"{shown.archived.seen_at.astimezone(BEIJING):%Y-%m-%d %H:%M}", marks)
            if size + len(data) > MOST_COPY_BYTES:
                break
            size += len(data)
            copies[shown.name] = data
            for number in shown.findings:
                anchor = f"#{number}" if number in anchored else ""
                of[number] = Exhibit(copy=f"{COPIES_FOLDER}/{shown.name}{anchor}")
        if shot is not None:
            _take(archive, pages, findings, shot, pictures, of, tell)
    return Exhibits(of=of, copies=copies)


def _take(
    archive: Archive,
    pages: Mapping[str, _Shown],
    findings: Iterable[Finding],
    shot: Callable[[str, str], bytes | None],
    most: int,
    of: dict[str, Exhibit],
    tell: Callable[[str], None] | None,
) -> None:
    by_finding = {number: shown for shown in pages.values() for number in shown.marks}
    wanted = [(finding, by_finding[finding.id]) for finding in _mixed(findings) if finding.id in by_finding]
    sheets = archive.sheets(
        {url for _, shown in wanted[: 2 * most] for url in sheet_urls(shown.archived.page)}
    )
    taken = 0
    for finding, shown in wanted:
        if taken >= most:
            break
        page = shown.archived.page
        styled = Copy(page, styled=True)
        place = _place(styled, finding)
        if place is None:
            continue
        css = "\n".join(sheets.get(url, "") for url in sheet_urls(page)) + _own_styles(page.html)
        picture = shot(styled.html([(*place, "here")]), css)
        if picture is not None:
            taken += 1
            known = of.get(finding.id, Exhibit())
            of[finding.id] = Exhibit(picture=picture, copy=known.copy)
            if tell is not None:
                tell(f"截图 {taken} / {min(most, len(wanted))}")


def _ranked(assessments: Sequence[Assessment]) -> list[Finding]:
    found: dict[str, Finding] = {}
    for assessment in assessments:
        for finding in assessment.findings:
            found.setdefault(finding.id, finding)
    return sorted(found.values(), key=lambda f: (f.grade is not Grade.FAIL, _RANK[f.severity]))


def _mixed(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in turn by kind, what ends an audit first: one frequent kind must not take all the pictures."""
    met: Counter[str] = Counter()
    placed = []
    for finding in findings:
        placed.append((finding.severity is not Severity.VETO, met[finding.check], finding))
        met[finding.check] += 1
    return [finding for *_, finding in sorted(placed, key=lambda row: row[:2])]


def _pages(archive: Archive, findings: Iterable[Finding]) -> dict[str, _Shown]:
    """The page that each finding is shown on: the first of its places that holds what is sought, else the first."""
    pages: dict[str, _Shown] = {}
    copies: dict[str, Copy] = {}
    end = time.monotonic() + COPY_SECONDS

    def opened(url: str) -> _Shown | None:
        if url not in pages:
            room = len(pages) < MOST_COPIES and time.monotonic() < end
            archived = archive.page(url) if room else None
            if archived is None:
                return None
            name = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]
            pages[url] = _Shown(archived=archived, name=f"{name}.html")
            copies[url] = Copy(archived.page)
        return pages[url]

    for finding in findings:
        if not _shows(finding):
            continue
        urls = [citation.url.partition("#")[0] for citation in finding.citations[:_TRIED]]
        if not urls and finding.subject.url:
            urls = [finding.subject.url]
        first: _Shown | None = None
        for url in dict.fromkeys(urls):
            shown = opened(url)
            if shown is None:
                continue
            first = first or shown
            place = _place(copies[url], finding)
            if place is not None:
                shown.marks[finding.id] = place
                shown.findings.append(finding.id)
                break
        else:
            if first is not None:
                first.findings.append(finding.id)
    return {url: shown for url, shown in pages.items() if shown.findings}


def _shows(finding: Finding) -> bool:
    """Whether the fault is something on a page: what is missing from the site or its source cannot be pointed at."""
    return finding.subject.kind not in ("item", "mark") and "tags" not in finding.facts


def _place(copy: Copy, finding: Finding) -> tuple[int, int] | None:
    """Where a finding's passage or link stands in a copy, as narrowly as it can be told."""
    place = (
        copy.find(Sought(targets=_targets(finding)))
        if finding.subject.kind in ("link", "document", "host")
        else None
    )
    if place is not None:
        return place
    for quote in _quotes(finding):
        place = copy.find(Sought(quotes=(quote,)))
        if place is not None:
            return copy.narrowed(place, str(finding.facts.get("wrong") or ""))
    return None


def _targets(finding: Finding) -> tuple[str, ...]:
    facts = finding.facts
    named = [
        *(facts.get("target_urls") or ()),
        facts.get("target_url"),
        finding.subject.url,
        finding.subject.key,
    ]
    return tuple(url for url in named if isinstance(url, str) and ":" in url)


def _quotes(finding: Finding) -> list[str]:
    said = [quote for citation in finding.citations[:_TRIED] for quote in _parts(citation)]
    said += [value for name in _QUOTED_FACTS if isinstance(value := finding.facts.get(name), str)]
    return [quote for quote in dict.fromkeys(said) if len("".join(quote.split())) >= _SHORTEST]


def _parts(citation: Citation) -> list[str]:
    return [citation.quote, _DATE_AT_END.sub("", citation.quote)]


def _apart(marks: Mapping[str, tuple[int, int]]) -> tuple[list[tuple[int, int, str]], set[str]]:
    """The marks of a page that do not overlap, in order of place, and the findings that have one."""
    kept: list[tuple[int, int, str]] = []
    for number, (start, end) in sorted(marks.items(), key=lambda row: row[1]):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, number))
    return kept, {number for _, _, number in kept}


_STYLE = re.compile(r"<style[^>]{0,200}>(.{0,200000}?)</style", re.I | re.S)


def _own_styles(html: str) -> str:
    """The style elements of a page's own source."""
    return "\n".join(match[1] for match in list(_STYLE.finditer(html[:2_000_000]))[:20])

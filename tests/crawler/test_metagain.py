"""Unchanged pages that are carried over in company lead to what they lead to one by one."""

import hashlib
import tempfile
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.evidence.earlier import begin_from
from crawler.evidence.records import Item, Link, Reading, Zone
from crawler.evidence.writer import EvidenceWriter
from tests.crawler.test_evidence import AT, HOME, a_fetch, a_reading, a_run, store

PAGES = [f"{HOME}p{n}.html" for n in range(8)]
OTHERS = [*(f"{HOME}q{n}.html#a" for n in range(4)), *(f"{HOME}r{n}.pdf" for n in range(4))]
MENU = [Link(url=f"{HOME}m{n}.html", text="栏目", tag="area", zone=Zone.NAV) for n in range(3)]

addresses = st.lists(st.sampled_from(PAGES + OTHERS), max_size=6)
said = st.tuples(addresses, addresses, addresses, st.booleans())
"""What a page links to, the rows of its list, its next pages; whether the menu stands on it."""


def page(url: str, links: list[str], rows: list[str], further: list[str], menu: bool) -> Reading:
    own = [Link(url=u, text="链接", tag="link" if u in rows else "a", zone=Zone.BODY) for u in links]
    return a_reading(
        url,
        links=(*(MENU if menu else ()), *own),
        items=tuple(Item(title="标题", url=row, date=None) for row in rows),
        next_pages=tuple(further),
    )


def first_meetings(pages: list[Reading]) -> list[tuple[str, str, int]]:
    """(address, tag, depth) of all that these pages, met at depths 0, 1, 2 …, lead to, in the order it is met."""
    met: dict[str, tuple[str, int]] = {}
    for depth, reading in enumerate(pages):
        further = [item.url for item in reading.items] + list(reading.next_pages)
        for url, tag in [
            (reading.url, "a"),
            *((link.url, link.tag) for link in reading.links),
            *((u, "a") for u in further),
        ]:
            met.setdefault(url.partition("#")[0], (tag, depth))
    return [(url, tag, depth) for url, (tag, depth) in met.items()]


@settings(max_examples=20, deadline=None)
@given(st.lists(said, min_size=2, max_size=8), st.randoms(use_true_random=False), st.sets(st.integers(0, 7)))
def test_in_company_as_one_by_one(
    site: list[tuple[list[str], list[str], list[str], bool]], random: Random, changed: set[int]
) -> None:
    pages = [page(url, *said) for url, said in zip(PAGES, site, strict=False)]
    heard: list[tuple[str, str, int]] = []

    def classify(url: str, tag: str, depth: int) -> tuple[str, int, int]:
        heard.append((url, tag, depth))
        return "page", 0, depth + 1

    with tempfile.TemporaryDirectory() as folder:
        with EvidenceWriter(Path(folder, "1"), a_run()) as writer:
            for reading in pages:
                store(writer, reading)
            writer.finish(AT, {})
        begin_from(Path(folder, "1"), Path(folder, "2"))
        new = {PAGES[n] for n in changed}
        random.shuffle(pages)
        with EvidenceWriter(Path(folder, "2"), a_run("r2"), classify) as writer:
            ids = {reading.url: writer.url_id(reading.url) or 0 for reading in pages}
            assert writer.held([*ids.values(), 999]).keys() == set(ids.values())
            writer.look_ahead([ids[reading.url] for reading in pages if reading.url not in new])
            for depth, reading in enumerate(pages):
                fetch = a_fetch(reading.url)
                writer.store_fetch(fetch, depth=depth)
                if reading.url in new:
                    writer.store_page(fetch, reading, hashlib.sha256(b"").digest(), depth=depth)
                else:
                    assert writer.carry_over(ids[reading.url], fetch, depth) == AT
            assert heard == first_meetings(pages)
            assert not writer.held(list(ids.values()))
            assert writer.counts().keys() <= {"page:0", "page:1", "fragment:1"}

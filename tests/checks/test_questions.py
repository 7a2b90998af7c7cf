"""Narrow questions to the evidence give what sifting the whole would give."""

import datetime as dt
import math
from pathlib import Path

from checks.links.places import Places
from crawler.evidence.opened import at
from crawler.evidence.reader import Evidence
from crawler.evidence.records import FetchOutcome, PageKind
from tests.checks.cases import write


def test_some_targets_and_pages_are_those_of_all_that_fit(tmp_path: Path) -> None:
    write(
        {
            "as_of": dt.date(2018, 4, 16),
            "evidence": {
                "pages": [
                    {"url": "/", "kind": "home"},
                    {"url": "/a.html", "kind": "article", "title": "一"},
                    {"url": "/l/", "kind": "list", "title": "二"},
                ],
                "fetches": [
                    {
                        "url": "/old.html",
                        "outcome": "ok",
                        "status": 200,
                        "final_url": "/",
                        "redirects": ["/"],
                    },
                    {"url": "/round.html", "outcome": "redirect_loop"},
                    {"url": "/round.html", "outcome": "redirect_loop", "attempt": 2},
                    {"url": "https://other.example/x", "outcome": "timeout"},
                    {"url": "http://other.example/y", "outcome": "ok", "status": 200},
                ],
            },
        },
        tmp_path,
    )
    with Evidence(tmp_path) as evidence:
        all_targets = list(evidence.targets())
        home = "http://kjj.example/"
        assert len(all_targets) == 7
        doubtful = list(evidence.targets(doubtful=True))
        assert doubtful == [t for t in all_targets if t in doubtful]
        good = [t for t in all_targets if t not in doubtful]
        assert list(evidence.good_targets()) == [(t.url, t.internal) for t in good]
        assert {t.internal for t in good} == {True, False}
        assert all([f.outcome for f in t.fetches] == [FetchOutcome.OK] for t in good)
        assert not any(t.fetches[-1].final_url or t.fetches[-1].redirects for t in good)
        assert {
            target_id: (url, outcome, at(ms)) for target_id, url, outcome, ms in evidence.last_answers()
        } == {
            t.id: (last.final_url or last.url, last.outcome, last.at)
            for t in all_targets
            for last in t.fetches[-1:]
        }
        assert list(evidence.targets(secure=True)) == [t for t in all_targets if t.url.startswith("https:")]
        turned = [
            t
            for t in all_targets
            if t.fetches[-1].redirects or t.fetches[-1].outcome is FetchOutcome.REDIRECT_LOOP
        ]
        assert len(turned) == 2
        assert list(evidence.targets(turned=True)) == turned
        led = [t for t in all_targets if t.fetches[-1].final_url == home]
        assert led
        assert list(evidence.targets(ended_at=(home,))) == led
        assert list(evidence.attempts(FetchOutcome.REDIRECT_LOOP).values()) == [2]
        pages = list(evidence.pages())
        assert list(evidence.titles()) == [(page.id, page.url, page.title) for page in pages]
        assert list(evidence.metas()) == [evidence.meta(page.id) for page in pages]
        listed = {item.url for page in pages for item in evidence.items(page.id)}
        for kind in (None, PageKind.ARTICLE):
            assert [
                (one.id, one.url, one.kind, one.title, one.column_id, one.column_path or "", at(one.seen_at))
                for one in evidence.outlines(kind=kind, listed=kind is not None)
            ] == [
                (p.id, p.url, p.kind, p.title, p.column_id, "\t".join(p.column_path), p.seen_at)
                for p in pages
                if kind is None or (p.kind is kind and p.url in listed)
            ]
        articles = [page for page in pages if page.kind is PageKind.ARTICLE]
        assert list(evidence.pages(kind=PageKind.ARTICLE)) == articles


def test_places_of_a_link_are_cited_up_to_a_number_and_all_counted(tmp_path: Path) -> None:
    links = [{"url": "/gone.html", "text": text} for text in ("年度计划", "计划", "年度计划")]
    pages = [
        {"url": f"/{n}.html", "links": [{"url": f"/own/{n}"}] * (n % 3) + links[: n % 4]} for n in range(30)
    ]
    write({"as_of": dt.date(2018, 4, 16), "evidence": {"pages": pages}}, tmp_path)
    with Evidence(tmp_path) as evidence:
        target = next(number for number, url in evidence.linked_urls() if url.endswith("/gone.html"))
        for everywhere in (5, 1000):
            limits = {"everywhere_share": 0.0, "everywhere_pages": everywhere}
            whole = Places(evidence, limits, most=math.inf).of(target, "http://kjj.example/gone.html")
            some = Places(evidence, limits, most=7).of(target, "http://kjj.example/gone.html")
            assert whole is not None
            assert some is not None
            assert whole.facts == some.facts
            assert (whole.facts["pages"], whole.facts["places"]) == (22, 43)
            assert len(some.citations) < len(whole.citations)
            assert set(some.citations) <= set(whole.citations)
            assert whole.labels == some.labels == tuple(dict.fromkeys(one.quote for one in whole.citations))

"""A page reads the same whether its stretches were met before or not."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.extract import links as links_of
from crawler.extract import outline as walks
from crawler.extract.outline import outline
from crawler.extract.outlined import Outline
from crawler.extract.stretches import STRETCHES, Key, Stretch, Stretches
from crawler.extract.webpage import WebPage, open_page
from crawler.extract.zones import BODY

REALDATA = Path(__file__).resolve().parents[2].parent / "shared" / "realdata" / "gov-html"

_OPENINGS = [
    "<div>", '<div class="nav">', '<div id="zoom">', '<div style="display:none">', '<div class="gone x">', "<ul>", "<ol>",
    "<table>", "<tr>", "<td>", "<nav>", "<footer>", "<form action=/s>", "<section>", "<li>", "<p>", "<span>", '<a href="/x">',
    '<a href="#top" title="顶">', '<a href="y.html">', '<a href="?p=2" onclick="open(\'z.html\')">', "<a href>", "<a name=n>",
    "<h1>", "<h2>", '<center id="c">', "<article>", '<p style="text-indent:-999px">', "<marquee height=1>", "<b>", "<noscript>",
    "<svg>", "<svg><style>", "<textarea>", "<select>", "<template>", "<button data-url=/b.html>", "<aside>", "<main>", "<pre>\n",
]  # fmt: skip
_LEAVES = [
    "甲", "乙方 ", " 1", "2 ", "\n", " ", "版权所有", "ICP备1号", "长" * 30, "]]>", "&nbsp;", "<br>", "<hr>", '<img src="a.png" alt="图">',
    "<img usemap=#m src=b.png>", "<style>.gone{position:absolute;left:-999px}</style>", "<map name=m>", "<!-- c -->",
    "<option value=/o.html>", "<script>document.write('<div><a href=w.html>写</a></div>')</script>", '<meta name="k" content="v">',
    "<base href=/other/>", "<iframe src=f.html></iframe>", '<a href="{{u}}">模板</a>', "<input type=image src=i.png alt=钮>",
]  # fmt: skip
_CLOSINGS = [
    "</div>",
    "</a>",
    "</ul>",
    "</table>",
    "</p>",
    "</td>",
    "</section>",
    "</svg>",
    "</style>",
    "</nav>",
    "</h1>",
]

_STRETCH = st.lists(st.sampled_from(_OPENINGS + _LEAVES * 2 + _CLOSINGS * 2), max_size=14).map("".join)
_BLOCK = st.builds(
    "<{0}>{1}</{0}>".format, st.sampled_from(["div", "ul", "table", "nav", "section"]), _STRETCH
)


def same(kept: Stretches, html: str) -> None:
    tree = LexborHTMLParser(html, scripting=True)
    assert content(outline(tree, kept)) == content(outline(tree, Stretches(0)))


def content(found: Outline) -> dict[str, Any]:
    values = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    del values["stretches"]
    values["places"] = [(place.tag, place.href, place.text) for place in found.places]
    values["blocks"] = [tuple(block) for block in found.blocks]
    return values


@settings(max_examples=300, deadline=None)
@given(blocks=st.lists(_BLOCK | _STRETCH, min_size=1, max_size=5), seed=st.integers(0, 1000))
def test_a_walk_finds_the_same_with_stretches_met_before(blocks: list[str], seed: int) -> None:
    kept = Stretches()
    chance = random.Random(seed)
    with mock.patch.object(walks, "SHORTEST", 0):
        for _ in range(8):
            chosen = chance.choices(blocks, k=chance.randint(1, 6))
            same(kept, "".join(chosen))
            same(kept, f"<title>题</title><body>首<div id=w>{''.join(chosen)}末</div>")


def test_stretches_are_taken_from_the_store() -> None:
    menu = '<div class="menu">' + "".join(f'<a href="/c{n}/">栏目{n}</a>' for n in range(20)) + "</div>"
    kept = Stretches()
    pages = [LexborHTMLParser(f"<body>{menu}<p>第{n}页</p>{menu}") for n in range(4)]
    found = [outline(page, kept) for page in pages]
    assert len(found[0].stretches) == 0
    # What opens the page and what comes later differ: no white space is due before the first words.
    assert len(found[3].stretches) == 2
    assert len(kept) == 2


def test_the_store_is_bounded_and_forgets_what_it_has_not_met_for_long() -> None:
    kept = Stretches(20_000)
    for n in range(300):
        kept.keep(key(n), a_stretch())
        kept.find(key(0), 1)
    assert kept.bytes <= 20_000
    assert 3 < len(kept) < 30
    assert kept.find(key(0), 1)
    assert not kept.find(key(5), 1)
    old = a_stretch()
    kept.keep_links(old, "base", ((),))
    assert not old.links


def test_a_spot_that_never_repeats_is_asked_now_and_then_only() -> None:
    kept = Stretches()
    asked = 0
    for n in range(1000):
        if kept.worth(7):
            asked += 1
            kept.find(key(n), 7)
    assert 10 < asked < 60


def test_links_of_a_stretch_are_resolved_for_each_page() -> None:
    rooted = (
        "".join(f'<a href="/c{n}/">栏目{n}</a>' for n in range(10)) + '<a href="#top">顶</a><a href="">空</a>'
    )
    beside = "".join(f'<a href="../c{n}/">栏目{n}</a>' for n in range(10)) + '<img usemap="#m" src="b.png">'
    html = f'<meta charset="utf-8"><body><div class="a">{rooted}</div><div class="b">{beside}</div>'
    for round_ in range(3):
        for url in (
            "http://a.gov.cn/x/y/1.html",
            "http://a.gov.cn/z/2.html?q=1",
            "https://b.gov.cn/",
            "http://a.gov.cn/x/y/3.html",
        ):
            for more in ("", '<map name="m"><area href=/k></map>', "<base href=/other/deep/>"):
                page = open_page(url, (html + more).encode())
                assert links_of.links(page) == links_cold(page), (round_, url, more)


def links_cold(page: WebPage) -> tuple[Any, ...]:
    fresh = WebPage(url=page.url, html=page.html, charset=page.charset)
    fresh.__dict__["outline"] = outline(fresh.tree, Stretches(0))
    return links_of.links(fresh)


@pytest.mark.skipif(not REALDATA.exists(), reason="needs the shared pages")
def test_real_pages_read_the_same_in_any_order() -> None:
    files = sorted(f for f in REALDATA.rglob("*.*htm*") if f.is_file() and f.stat().st_size < 300_000)
    chosen = random.Random(5).sample(files, min(len(files), 250))
    STRETCHES.clear()
    taken = 0
    for order in (1, 2, 3):
        random.Random(order).shuffle(chosen)
        for file in chosen:
            page = open_page(f"http://www.example.gov.cn/{file.parent.name}/{file.name}", file.read_bytes())
            cold = WebPage(url=page.url, html=page.html, charset=page.charset)
            cold.__dict__["outline"] = outline(cold.tree, Stretches(0))
            assert content(page.outline) == content(cold.outline), file
            assert links_of.links(page) == links_of.links(cold), file
            taken += len(page.outline.stretches)
    assert taken > len(chosen)


def key(number: int) -> Key:
    return Key(f"<div>{number}</div>", BODY, False, frozenset())


def a_stretch() -> Stretch:
    return Stretch(
        nodes=1, parts=["词"], places=[], zones=[], anchors=[], headings=[], blocks=[], frames=[], footers=[], weight=1, chars=0,
        label=None, labels_read=0,
    )  # fmt: skip

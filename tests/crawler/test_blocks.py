"""Links cut into blocks, and pages handed over without what is stored already."""

import dataclasses
import pickle
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crawler.readers as readers
from crawler.evidence.blocks import CUT, Piece, cut
from crawler.evidence.ids import Ids
from crawler.evidence.records import Link, Zone
from crawler.readers import PageRead, Readers, Unread, flat, read_one, rebuilt
from tests.crawler.test_resume import facts_of
from tests.crawler.walking import config_for, walked
from tests.server import Server, page, serving

LINKS = st.lists(
    st.builds(
        Link,
        url=st.integers(0, 60).map(lambda n: f"http://a.cn/页{n}"),
        text=st.sampled_from(["", "首页", "半\ud800"]),
        tag=st.sampled_from(["a", "img"]),
        zone=st.sampled_from(Zone),
        href=st.none() | st.just("../x"),
    ),
    max_size=80,
)


@given(LINKS, st.integers(0, 1000))
def test_blocks_hold_all_links_in_order_and_end_where_content_says(links: list[Link], start: int) -> None:
    blocks = cut(links, start)
    assert [link for block in blocks for link in block.links or ()] == links
    at = start
    for n, block in enumerate(blocks):
        held = block.links or ()
        assert block.start == at
        assert held
        at += len(held)
        assert {link.zone for link in held} == {block.zone}
        ends = [not zlib.crc32(link.url.encode()) & CUT for link in held]
        assert not any(ends[:-1])
        if n + 1 < len(blocks):
            assert ends[-1] or blocks[n + 1].zone != block.zone


@given(st.lists(st.tuples(LINKS, LINKS), max_size=5), st.integers(0, 1000))
def test_links_that_stand_on_many_pages_make_no_other_blocks(
    parts: list[tuple[list[Link], list[Link]]], start: int
) -> None:
    links: list[Link] = []
    pieces = []
    for shared, own in parts:
        pieces.append((len(links), Piece(shared)))
        links += shared + own
    blocks = cut(links, start, pieces)
    plain = cut(links, start)
    assert [block._replace(links=None) for block in blocks] == [block._replace(links=None) for block in plain]
    assert [link for block in blocks for link in block.links or ()] == links


def html(n: int) -> bytes:
    menu = "".join(f'<li><a href="/m{k}.html">栏目{k}</a></li>' for k in range(60))
    return f"<title>第{n}页</title><ul>{menu}</ul><p>正文{n}</p><a href='/{n + 1}.html'>下一页</a>".encode()


def unread(n: int) -> Unread:
    return Unread(n, f"http://a.cn/{n}.html", "text/html; charset=utf-8", html(n), False)


def test_a_page_from_a_helper_says_the_same_and_leaves_out_only_what_is_held() -> None:
    read = read_one(unread(1))
    assert read.reading is not None
    held: Ids[bytes] = Ids(100)
    bare = dataclasses.replace(read.reading, links=(), text="")
    sent = rebuilt(pickle.loads(pickle.dumps(flat(read, held))))
    assert sent == read._replace(
        reading=bare,
        blocks=tuple(b._replace(links=[tuple(link) for link in b.links or ()]) for b in read.blocks),  # type: ignore[misc]
    )
    held[read.blocks[0].sha] = 1
    sent = rebuilt(pickle.loads(pickle.dumps(flat(read, held))))
    assert [block.links is None for block in sent.blocks] == [True] + [False] * (len(read.blocks) - 1)
    assert rebuilt(flat(PageRead(None, "fault", b"1"), held)) == PageRead(None, "fault", b"1")


def test_a_helper_sends_a_block_until_it_is_told_that_it_is_stored() -> None:
    crew = Readers(1)
    try:
        pages = [unread(n) for n in range(12)]
        first = [crew.read(n) for n in crew.begin(pages)]
        again = [crew.read(n) for n in crew.begin(pages)]
        assert all(block.links for read in (*first, *again) for block in read.blocks)
        for read in again:
            crew.stored(read.blocks)
        third = [crew.read(n) for n in crew.begin(pages)]
        assert any(block.links is None for read in third for block in read.blocks)
        assert [[b[:3] for b in r.blocks] for r in first] == [[b[:3] for b in r.blocks] for r in third]
    finally:
        crew.close()


def test_a_block_that_is_not_known_after_all_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = {f"/{n}.html": page(f"第{n}页", *(f"/{k}.html" for k in range(n))) for n in range(40)}
    server = Server(routes={"/": page("首页", *routes), **routes})
    with serving(server):
        config = config_for(server.base)
        with walked(config, tmp_path / "calm"):
            pass
        # Every block is left out, whether it is stored or not.
        monkeypatch.setattr(
            readers,
            "cut",
            lambda links, pieces: [block._replace(links=None) for block in cut(links, pieces=pieces)],
        )
        monkeypatch.setattr("crawler.pagework.read_one", calm_read)
        with walked(config, tmp_path / "left-out"):
            pass
    assert facts_of(tmp_path / "left-out") == facts_of(tmp_path / "calm")


def calm_read(unread: Unread) -> PageRead:
    read = read_one(unread)
    assert read.reading is not None
    return read._replace(blocks=cut(read.reading.links))

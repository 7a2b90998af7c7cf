"""How attempts end, over real sockets with real certificates, and in what words."""

import asyncio
import errno
import socket
import ssl
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import wire
from crawler.evidence.records import FetchOutcome
from crawler.fetching import Fetcher, Got, decoded
from crawler.outcomes import (
    ConnectTimeout,
    DnsTimeout,
    Dropped,
    NotAllowed,
    NotHttp,
    Stalled,
    TooManyRedirects,
    classify,
)
from crawler.scope import Scope
from crawler.siteconfig import from_url
from crawler.wire import Head
from tests.crawler.walking import config_for, walked
from tests.server import Server, hang, page, raw, serving, tls_context


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (200, FetchOutcome.OK),
        (204, FetchOutcome.OK),
        (401, FetchOutcome.HTTP_ERROR),
        (404, FetchOutcome.HTTP_ERROR),
        (412, FetchOutcome.BLOCKED),
        (429, FetchOutcome.BLOCKED),
        (503, FetchOutcome.HTTP_ERROR),
        (521, FetchOutcome.BLOCKED),
        (socket.gaierror(socket.EAI_NONAME, "x"), FetchOutcome.DNS_FAILURE),
        (DnsTimeout(), FetchOutcome.TIMEOUT),
        (ConnectTimeout(), FetchOutcome.TIMEOUT),
        (TimeoutError(), FetchOutcome.TIMEOUT),
        (Stalled(), FetchOutcome.TIMEOUT),
        (ConnectionRefusedError(), FetchOutcome.REFUSED),
        (ConnectionResetError(), FetchOutcome.RESET),
        (Dropped(), FetchOutcome.RESET),
        (NotHttp(), FetchOutcome.RESET),
        (OSError(errno.EHOSTUNREACH, "x"), FetchOutcome.TIMEOUT),
        (ssl.SSLError(1, "[SSL: BAD] bad"), FetchOutcome.TLS_FAILURE),
        (TooManyRedirects("绕圈"), FetchOutcome.REDIRECT_LOOP),
        (NotAllowed("内网"), FetchOutcome.NOT_FETCHED),
    ],
)
def test_every_ending_has_an_outcome_and_words(result: BaseException | int, outcome: FetchOutcome) -> None:
    found, detail = classify(result)
    assert found is outcome
    assert isinstance(result, int) or detail


@given(st.lists(st.text(st.sampled_from("ab: \t\r-é"), max_size=6), max_size=8))
def test_a_head_reads_the_same_whether_its_lines_are_known_or_not(lines: list[str]) -> None:
    raw = "\n".join(["HTTP/1.1 200 OK", *lines]).encode("latin-1")
    wire._LINES.clear()
    first = wire._head(raw)
    assert wire._head(raw) == first
    assert first is not None
    named = [line.partition(":") for line in lines]
    assert first.headers == [
        (name.rstrip(), value.strip())
        for name, colon, value in named
        if colon and name and name[0] not in " \t"
    ]


def test_what_takes_too_long_ends_about_when_it_should() -> None:
    with serving(Server(other=hang())) as (server,):
        began = time.monotonic()
        got, _ = ask(f"{server.base}/", timeout=0.4)
        assert got.fetch.outcome is FetchOutcome.TIMEOUT
        assert 0.4 <= time.monotonic() - began < 2


def ask(url: str, timeout: float = 1.0) -> tuple[Got, dict[str, str]]:
    async def go() -> tuple[Got, dict[str, str]]:
        config = from_url(url).with_limits(timeout=timeout, respect_robots=False)
        fetcher = Fetcher(config, Scope(config), lambda *_: None)
        try:
            return await fetcher.get(url, admit=lambda head: 1_000_000, priority=0), fetcher.wire.certificates
        finally:
            fetcher.close()
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("name", "days", "words"),
    [
        ("127.0.0.1", (-1, 30), "自己签发"),
        ("127.0.0.1", (-30, -1), "过期"),
        ("other.example", (-1, 30), "不"),
    ],
)
def test_a_bad_certificate_is_noted_and_the_page_read_all_the_same(
    name: str, days: tuple[int, int], words: str, tmp_path: Path
) -> None:
    server = Server(context=tls_context(tmp_path, name=name, days=days), routes={"/": page("证书")})
    with serving(server):
        got, certificates = ask(f"{server.base}/")
        assert (got.fetch.outcome, got.fetch.status) == (FetchOutcome.OK, 200)
        assert list(certificates) == ["127.0.0.1"]
    if days[1] > 0 and name == "127.0.0.1":
        assert words in certificates["127.0.0.1"]


def test_old_tls_is_its_own_outcome_and_the_page_is_read(tmp_path: Path) -> None:
    server = Server(
        context=tls_context(tmp_path, old=True),
        routes={"/": page("老网站", "/a.html"), "/a.html": page("甲")},
    )
    with serving(server), walked(config_for(server.base), tmp_path / "run") as evidence:
        assert {p.title for p in evidence.pages()} == {"老网站", "甲"}
        assert {f.outcome for t in evidence.targets() for f in t.fetches} == {FetchOutcome.OUTDATED_TLS}


def test_what_is_no_tls_at_all_is_a_tls_failure() -> None:
    with serving(Server(banner=b"220 mail.example ready\r\n")) as (server,):
        got, _ = ask(server.base.replace("http:", "https:") + "/")
        assert (got.fetch.outcome, got.fetch.status) == (FetchOutcome.TLS_FAILURE, None)


def test_hostile_heads_end_an_attempt_and_nothing_more() -> None:
    long = b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 100_000
    cases = {
        b"HTTP/1.1 abc\r\n\r\n": FetchOutcome.RESET,
        long: FetchOutcome.RESET,
        b"\x00\xff\xfe garbage, no protocol": FetchOutcome.RESET,
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nall the same": FetchOutcome.OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n": FetchOutcome.TRUNCATED,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe": FetchOutcome.TRUNCATED,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n": FetchOutcome.OK,
        b"HTTP/1.1 302 Moved\r\nLocation: /\xd6\xd0\xce\xc4.html\r\nContent-Length: 0\r\n\r\n": FetchOutcome.REDIRECT_LOOP,
    }
    for data, outcome in cases.items():
        with serving(Server(other=raw(data))) as (server,):
            assert ask(f"{server.base}/", timeout=0.5)[0].fetch.outcome is outcome, data[:60]


def test_a_bomb_unpacks_to_its_limit_only() -> None:
    import gzip

    head = Head(200, "OK", [("Content-Encoding", "gzip")])
    assert len(decoded(head, gzip.compress(b"0" * 5_000_000), 1000)) == 1000
    assert decoded(head, b"not packed at all", 1000) == b"not packed at all"


@given(st.binary(max_size=300), st.integers(1, 40), st.sampled_from(["gzip", "zlib", "raw"]), st.integers(0, 400), st.binary(max_size=9))  # fmt: skip
def test_a_packed_body_comes_out_as_far_as_it_is_whole(
    start: bytes, times: int, how: str, cut: int, tail: bytes
) -> None:
    body = start * times
    packer = zlib.compressobj(6, zlib.DEFLATED, {"gzip": 31, "zlib": 15, "raw": -15}[how])
    packed = packer.compress(body) + packer.flush()
    head = Head(200, "OK", [("Content-Encoding", "gzip" if how == "gzip" else "deflate")])
    for most in (10, 1_000_000):
        assert decoded(head, packed + tail, most) == body[:most]
    if how == "gzip":
        assert body.startswith(decoded(head, packed[: max(10, cut)], 1_000_000))

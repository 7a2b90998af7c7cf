"""The archive as the tools of archives see it: whole records, right digests, revisits that point back."""

import datetime as dt
import gzip
import random
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawler.evidence.schema import WARC_FILE
from crawler.evidence.warc import WarcFile, read_response
from tests.crawler.test_again import first_site, walked_as
from tests.crawler.walking import config_for
from tests.server import Server, answer, page, serving

AT = dt.datetime(2018, 4, 16, 8, tzinfo=dt.UTC)


def checked(path: Path) -> None:
    """warcio's own check of a file."""
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", str(path)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout


def test_every_run_passes_the_check_and_later_ones_point_back_to_the_first(tmp_path: Path) -> None:
    server = Server(routes=first_site() | {"/packed.html": answer("<title>压缩</title>", packed=True)})
    server.routes["/chunked.html"] = answer("<title>分块</title>" + "字" * 300, chunked=True)
    server.routes["/a19.html"] = page("还有", "/packed.html", "/chunked.html")
    with serving(server):
        config = config_for(server.base)
        walked_as(config, tmp_path / "1", "1")
        walked_as(config, tmp_path / "2", "2")
        walked_as(config, tmp_path / "3", "3")
    digests: dict[str, str] = {}
    dates: dict[str, str] = {}
    for run in ("1", "2", "3"):
        checked(tmp_path / run / WARC_FILE)
        profiles = []
        with (tmp_path / run / WARC_FILE).open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                header = record.rec_headers.get_header
                if record.rec_type == "response":
                    digests[header("WARC-Target-URI")] = header("WARC-Payload-Digest")
                    dates[header("WARC-Target-URI")] = header("WARC-Date")
                    record.content_stream().read()
                elif record.rec_type == "revisit":
                    url = header("WARC-Refers-To-Target-URI")
                    profiles.append(header("WARC-Profile").rpartition("/")[2])
                    if profiles[-1] == "identical-payload-digest":
                        assert header("WARC-Payload-Digest") == digests[url]
                    # The record with the body, however many runs ago.
                    assert header("WARC-Refers-To-Date") == dates[url]
        if run == "1":
            assert profiles == []
            continue
        assert profiles.count("server-not-modified") >= 14
        assert profiles.count("identical-payload-digest") >= 10
        # One page comes by a redirect as well and may be kept as a response again; style sheets are always read anew.
        assert len(profiles) >= len(digests) - 2


def test_a_record_is_cut_at_its_cap_and_says_so(tmp_path: Path) -> None:
    with WarcFile(tmp_path, largest=1000) as archive:
        archive.info("xuncha test", AT)
        archive.response(
            "http://kjj.example/a.zip", AT, 200, "OK", [("Content-Type", "application/zip")], b"z" * 5000
        )
        archive.response("http://kjj.example/附件.zip", AT, 200, "OK", [("X", "名")], b"")
    checked(tmp_path / WARC_FILE)
    with (tmp_path / WARC_FILE).open("rb") as file:
        sizes = [
            (len(record.content_stream().read()), record.rec_headers.get_header("WARC-Truncated"))
            for record in ArchiveIterator(file, check_digests="raise")
            if record.rec_type == "response"
        ]
    assert sizes == [(1000, "length"), (0, None)]


def test_what_a_crash_left_behind_is_cut_off_when_the_run_goes_on(tmp_path: Path) -> None:
    with WarcFile(tmp_path) as archive:
        archive.info("xuncha test", AT)
        archive.response("http://kjj.example/1", AT, 200, "OK", [], b"one")
        kept = archive.tell()
        archive.response("http://kjj.example/2", AT, 200, "OK", [], b"two")
    path = tmp_path / WARC_FILE
    path.write_bytes(path.read_bytes()[:-7])
    with WarcFile(tmp_path, keep=kept) as archive:
        archive.response("http://kjj.example/3", AT, 200, "OK", [], b"three")
    checked(path)
    assert gzip.decompress(path.read_bytes()).count(b"WARC-Type: response") == 2


NOISE = random.Random(7).randbytes(300_000)
PAGE = ("<p>市科技局关于2017年度预算公开的说明</p>\r\n" * 4_000).encode()


def test_what_is_packed_already_is_stored_as_it_is_and_the_rest_is_packed(tmp_path: Path) -> None:
    mixed = NOISE[:50_000] + PAGE
    with WarcFile(tmp_path) as archive:
        ends = [archive.tell()]
        bodies = (NOISE, PAGE, PAGE.decode().encode("gb18030"), PAGE.decode().encode("utf-16"), mixed)
        for number, body in enumerate(bodies):
            archive.response(f"http://kjj.example/{number}", AT, 200, "OK", [], body)
            ends.append(archive.tell())
    checked(tmp_path / WARC_FILE)
    sizes = [after - before for before, after in pairwise(ends)]
    assert len(NOISE) < sizes[0] < 1.01 * len(NOISE)
    assert all(size < 0.1 * len(body) for size, body in zip(sizes[1:4], bodies[1:4], strict=True))
    assert sizes[4] < 0.5 * len(mixed)
    assert [read_response(tmp_path / WARC_FILE, at).body for at in ends[:-1]] == list(bodies)  # type: ignore[union-attr]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=4), st.integers(0, 200_000), st.booleans())
def test_any_body_comes_back_as_it_was(sizes: list[int], start: int, text: bool) -> None:
    source = (PAGE if text else NOISE) * 20
    with tempfile.TemporaryDirectory() as folder:
        with WarcFile(Path(folder), largest=2_000_000) as archive:
            places = [archive.response("http://kjj.example/", AT, 200, "OK", [], source[start:][:size]) for size in sizes]  # fmt: skip
        with (Path(folder) / WARC_FILE).open("rb") as file:
            read = [(r.rec_headers.get_header("WARC-Record-ID"), r.content_stream().read()) for r in ArchiveIterator(file, check_digests="raise")]  # fmt: skip
        found = [read_response(Path(folder) / WARC_FILE, at) for at in places]
    wanted = [source[start:][: min(size, 2_000_000)] for size in sizes]
    assert [body for _, body in read] == wanted
    assert [one.body for one in found if one is not None] == wanted
    assert len({name for name, _ in read}) == len(sizes)

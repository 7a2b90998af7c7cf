"""`xuncha audit --full` asks for everything anew; without it what did not change is taken over."""

import json
from pathlib import Path

from typer.testing import CliRunner

from crawler.evidence.reader import Evidence
from crawler.evidence.schema import MANIFEST_FILE
from tests.crawler.test_again import first_site
from tests.server import Server, serving
from xuncha.cli import app


def run_again(base: str, out: Path, *options: str) -> Path:
    """One more run of the same site; its folder."""
    result = CliRunner().invoke(app, ["audit", f"{base}/", "--out", str(out), "--json", *options])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["schema"] == 1
    return max(out.glob("*/runs/*"))


def test_full_asks_without_validators_and_reads_every_page_itself(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        run_again(server.base, tmp_path)
        first = len(server.seen)
        run_again(server.base, tmp_path)
        assert any("if-none-match" in request.headers for request in server.seen[first:])
        second = len(server.seen)
        newest = run_again(server.base, tmp_path, "--full")
        assert not [r.path for r in server.seen[second:] if "if-none-match" in r.headers]
        with Evidence(newest) as evidence:
            # 20 articles, the home page, a list, two that only the home page and the old page link to.
            assert evidence.page_count() == 24
            assert {fetch.status for t in evidence.targets() for fetch in t.fetches} == {200, 404}


def test_full_does_not_continue_a_run_that_took_pages_over(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        run_again(server.base, tmp_path)
        broken_off = run_again(server.base, tmp_path)
        (broken_off / MANIFEST_FILE).unlink()
        assert run_again(server.base, tmp_path, "--full") != broken_off
        assert not (broken_off / MANIFEST_FILE).exists()
        assert run_again(server.base, tmp_path) > broken_off
        assert (broken_off / MANIFEST_FILE).exists()


def test_a_run_that_was_walked_and_not_judged_is_judged_without_visiting_again(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        folder = run_again(server.base, tmp_path)
        asked = len(server.seen)
        whole = {path.name for path in (folder / "report").iterdir()}
        (folder / "report" / "findings.csv").unlink()
        assert run_again(server.base, tmp_path) == folder
        assert {path.name for path in (folder / "report").iterdir()} == whole
        assert len(server.seen) == asked
        assert run_again(server.base, tmp_path) > folder

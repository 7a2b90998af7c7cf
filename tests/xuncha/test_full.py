"""Which run `xuncha audit` goes on with, and what `--full` leaves behind: everything is asked for anew."""

import json
from pathlib import Path

from typer.testing import CliRunner

from crawler.evidence.reader import Evidence
from crawler.evidence.schema import MANIFEST_FILE
from tests.crawler.test_again import first_site
from tests.server import Server, serving
from xuncha.cli import app


def run_again(base: str, out: Path, *options: str) -> Path:
    """One more audit of the same site; its folder."""
    result = CliRunner().invoke(app, ["audit", f"{base}/", "--out", str(out), "--json", *options])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["schema"] == 1
    return max(out.glob("*/runs/*"))


def test_the_next_run_takes_over_what_did_not_change_and_full_nothing(tmp_path: Path) -> None:
    with serving(Server(routes=first_site())) as (server,):
        first = run_again(server.base, tmp_path)
        asked = len(server.seen)
        second = run_again(server.base, tmp_path)
        assert second > first
        assert any("if-none-match" in request.headers for request in server.seen[asked:])

        # Walked and not judged to its end: judged, not walked again.
        asked = len(server.seen)
        written = {path.name for path in (second / "report").iterdir()}
        (second / "report" / "findings.csv").unlink()
        assert run_again(server.base, tmp_path) == second
        assert {path.name for path in (second / "report").iterdir()} == written
        assert len(server.seen) == asked

        # Broken off with pages taken over: --full does not go on with it.
        (second / MANIFEST_FILE).unlink()
        newest = run_again(server.base, tmp_path, "--full")
        assert newest > second
        assert not (second / MANIFEST_FILE).exists()
        assert not [r.path for r in server.seen[asked:] if "if-none-match" in r.headers]
        with Evidence(newest) as evidence:
            # 20 articles, the home page, a list, two that only the home page and the old page link to.
            assert evidence.page_count() == 24
            assert {fetch.status for t in evidence.targets() for fetch in t.fetches} == {200, 404}

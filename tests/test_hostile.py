"""A site that wants to do harm: the audit ends, and nothing of it gets out of its quotes."""

import contextlib
import csv
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.test_end_to_end import xuncha

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"
HUGE = b"<html><title>huge</title>" + b"<p>x" * 5_000_000
PAGES: dict[str, bytes] = {
    "/": f"""<html><title>{SCRIPT}</title><body><p>政务公开</p>
        <a href="/formula.html">{FORMULA}</a> <a href="/huge.html">@SUM(1)</a> <a href="/broken.html">坏</a>
        <a href="/gone.html">{FORMULA}</a> <a href="/gone2.html">&lt;script&gt;alert(2)&lt;/script&gt;"&gt;&lt;img src=x onerror=alert(1)&gt;</a>
        <a href="javascript:alert(document.cookie)">js</a> <a href="http://169.254.169.254/latest/">meta</a>
        <a href="/../../etc/passwd">up</a> <a href="/%00.html">nul</a></body></html>""".encode(),
    "/formula.html": f"<html><title>{FORMULA}</title><h1>{FORMULA}</h1><p>{SCRIPT}</p></html>".encode(),
    "/huge.html": HUGE,
    "/broken.html": b"<html><title>\xff\xfe\x00\x81</title><p>"
    + bytes(range(256)) * 40
    + b"</p>"
    + b"<div>" * 20_000,
}


class _Hostile(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body or SCRIPT.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def report_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hostile) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = folder / "site.toml"
        config.write_text(
            f'id = "h"\nname = "x"\nhome_url = "http://127.0.0.1:{server.server_port}/"\n'
            "[crawl]\ndelay = 0\nagain_after = 0\ntimeout = 10\n",
            encoding="utf-8",
        )
        done = xuncha("audit", config, "--as-of", "2018-04-16", cwd=folder)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    run = next((folder / "audits").glob("*/runs/*"))
    done = xuncha("report", run, "--format", "html,json,csv,xlsx,docx", cwd=folder)
    assert done.returncode == 0, done.stderr
    return run / "report"


def test_markup_stays_text_in_the_report(report_folder: Path) -> None:
    page = (report_folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "onerror=alert(1)>" not in page
    assert 'href="javascript:' not in page
    assert "&lt;script&gt;" in page


def test_no_cell_is_a_formula(report_folder: Path) -> None:
    with (report_folder / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert any(FORMULA in cell for cell in cells)
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell not in ("", "-")] == []


def test_everything_was_looked_at_or_said_not_to_be(report_folder: Path) -> None:
    report = json.loads((report_folder / "findings.json").read_text(encoding="utf-8"))
    dead = {
        f["facts"]["target_url"].rpartition("/")[2] for f in report["findings"] if f["check"] == "dead-link"
    }
    assert {"gone.html", "gone2.html"} <= dead
    private = [f["facts"]["target_url"] for f in report["findings"] if f["check"] == "private-address"]
    assert private == ["http://169.254.169.254/latest/"]
    assert report["run"]["coverage"]["pages"]["counts"]["pages"] >= 3

"""`inspect` on files, saved pages and an address."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from xuncha.inspect import describe, inspect_lines

SOURCE = "<html><head><meta charset=gb2312>{head}<title>通知公告_某某市科学技术局</title></head><body><a href='1.html'>甲</a></body></html>"
KEYS = [
    "schema",
    "file",
    "url",
    "charset",
    "title",
    "kind",
    "column_path",
    "published",
    "items",
    "links",
    "mandated",
    "text",
]


def write(folder: Path, name: str, head: str = "") -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SOURCE.format(head=head).encode("gb18030"))
    return str(path)


def test_a_line_has_the_agreed_shape(tmp_path: Path) -> None:
    name = write(tmp_path, "a.html")
    (line,) = inspect_lines([name], "http://kjj.example.gov.cn/tzgg/index.html")
    assert list(line) == KEYS
    assert json.loads(json.dumps(line)) == line
    assert line | {"kind": "", "items": [], "column_path": [], "mandated": []} == {
        "schema": 1,
        "file": name,
        "url": "http://kjj.example.gov.cn/tzgg/index.html",
        "charset": {"declared": "gb2312", "used": "gb18030", "fault": None},
        "title": "通知公告",
        "kind": "",
        "column_path": [],
        "published": None,
        "items": [],
        "links": [{"url": "http://kjj.example.gov.cn/tzgg/1.html", "text": "甲", "tag": "a", "zone": "body"}],
        "mandated": [],
        "text": "甲",
    }
    assert "通知公告" in describe(line)


def test_the_address_of_a_file(tmp_path: Path) -> None:
    plain = write(tmp_path, "p.html")
    canonical = write(tmp_path, "c.html", "<link rel=canonical href='http://kjj.example.gov.cn/c/'>")
    saved = write(tmp_path, "s.html", "<!-- saved from url=(0027)http://kjj.example.gov.cn/s/ -->")
    assert [line["url"] for line in inspect_lines([plain, canonical, saved])] == [
        Path(plain).resolve().as_uri(),
        "http://kjj.example.gov.cn/c/",
        "http://kjj.example.gov.cn/s/",
    ]


def test_several_files_lie_under_one_address(tmp_path: Path) -> None:
    names = [write(tmp_path, "index.html"), write(tmp_path, "tzgg/a.html")]
    assert [line["url"] for line in inspect_lines(names, "http://kjj.example.gov.cn/")] == [
        "http://kjj.example.gov.cn/index.html",
        "http://kjj.example.gov.cn/tzgg/a.html",
    ]


def test_what_cannot_be_read_says_so_and_the_rest_goes_on(tmp_path: Path) -> None:
    missing, folder, good = str(tmp_path / "none.html"), str(tmp_path), write(tmp_path, "a.html")
    lines = list(inspect_lines([missing, folder, good]))
    assert [("error" in line) for line in lines] == [True, True, False]
    assert lines[0] == {"schema": 1, "file": missing, "error": "读不到：没有这个文件"}
    assert "没有这个文件" in describe(lines[0])


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Content-Type", "text/html; charset=gbk")
        self.end_headers()
        self.wfile.write(SOURCE.format(head="").encode("gb18030"))

    def log_message(self, *args: object) -> None:
        pass


def test_an_address_is_fetched_once_whatever_its_status() -> None:
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        lines = list(inspect_lines([f"{root}/x/", f"{root}/gone"]))
        server.shutdown()
    assert [(line["url"], line["charset"]["declared"], line["title"]) for line in lines] == [
        (f"{root}/x/", "gbk", "通知公告"),
        (f"{root}/gone", "gbk", "通知公告"),
    ]

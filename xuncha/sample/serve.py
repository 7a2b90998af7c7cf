"""Serve the sample on loopback, with the misbehaviour some faults need.

The bureau answers on 127.0.0.1, the outside site it links to on 127.0.0.2 at the same port.
HTML goes out without a charset, so that pages speak for themselves.
"""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from xuncha.sample.build import AS_OF, build, site_toml

__all__ = ["AS_OF", "serve", "site_toml"]

CONTENT_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "application/javascript",
    ".jsp": "text/xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".txt": "text/plain",
}
SLOW_SECONDS = 2.0
_BIND_TRIES = 20

_NOT_FOUND = """<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>"""
_SOFT = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>提示信息</title></head>
<body><div><p>温馨提示：您访问的页面不存在或已删除。</p><p>5秒后自动返回首页</p></div></body></html>"""
_WALL = """<!DOCTYPE html><html><head><meta charset="utf-8"><meta id="r" content="x" r="m"></head>
<body><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=51023;</script></body></html>"""
_ALIVE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>科技项目申报系统</title></head>
<body><h1>科技项目申报系统</h1><p>本系统受理市级科技计划项目的网上申报，申报单位凭注册账号登录。</p></body></html>"""
_PARTNER = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>省级科技服务平台</title></head>
<body><h1>省级科技服务平台</h1><p>本页由示例站点配套提供，代表本站所链接的外部网站。</p></body></html>"""


class _Handler(BaseHTTPRequestHandler):
    server_version = "sample"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        self._respond(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the audit has its own log."""

    def _respond(self, with_body: bool) -> None:
        raise NotImplementedError

    def _send(self, status: int, body: bytes, content_type: str, with_body: bool, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _page(self, status: int, html: str, with_body: bool) -> None:
        self._send(status, html.encode(), "text/html", with_body)

    def _redirect(self, location: str, with_body: bool) -> None:
        self._send(302, b"", "text/html", with_body, Location=location)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


class _BureauHandler(_Handler):
    """The built folder plus the odd corners: see `faults.toml` for the links that lead there."""

    folder: Path

    def _respond(self, with_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/kjxm/cx.html":
            self._page(500, "<html><body>HTTP Status 500</body></html>", with_body)
        elif path == "/kjxm/tj.html":
            self._reset()
        elif path in ("/go/1.html", "/go/2.html"):
            self._redirect("/go/2.html" if path == "/go/1.html" else "/go/1.html", with_body)
        elif path == "/go/sb.html":
            self._redirect("/kjxm/sb.html", with_body)
        elif path == "/kjxm/sb.html":
            time.sleep(SLOW_SECONDS)
            self._page(200, _ALIVE, with_body)
        elif path == "/kjxm/dl.html":
            self._page(200 if with_body else 405, _ALIVE, with_body)
        elif path == "/ws/index.html":
            self._page(412, _WALL, with_body)
        elif path.startswith("/oldweb/"):
            self._page(200, _SOFT, with_body)
        else:
            self._file(path, with_body)

    def _file(self, path: str, with_body: bool) -> None:
        target = (self.folder / path.lstrip("/")).resolve()
        if not target.is_relative_to(self.folder):
            self._page(404, _NOT_FOUND, with_body)
        elif target.is_dir() and not path.endswith("/"):
            self._redirect(f"{path}/", with_body)
        else:
            target = target / "index.html" if target.is_dir() else target
            if target.is_file():
                kind = CONTENT_TYPES.get(target.suffix, "application/octet-stream")
                self._send(200, target.read_bytes(), kind, with_body)
            else:
                self._page(404, _NOT_FOUND, with_body)


class _PartnerHandler(_Handler):
    """The outside site: everything is there but what lies under /gone/."""

    def _respond(self, with_body: bool) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/gone/"):
            self._page(404, _NOT_FOUND, with_body)
        elif path.endswith(".js"):
            self._send(200, b"", "application/javascript", with_body)
        else:
            self._page(200, _PARTNER, with_body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hangs up is no event."""


@contextmanager
def serve(folder: Path | None = None, *, healthy: bool) -> Iterator[str]:
    """Build the sample into `folder` (or one of its own), serve it, and yield its base URL without a final slash."""
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xuncha-sample-")))
        handler = type("BureauHandler", (_BureauHandler,), {"folder": folder.resolve()})
        servers = _bind(handler)
        base_url = f"http://127.0.0.1:{servers[0].server_port}"
        build(folder, healthy, base_url)
        threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
        for thread in threads:
            thread.start()
        try:
            yield base_url
        finally:
            for server, thread in zip(servers, threads, strict=True):
                server.shutdown()
                server.server_close()
                thread.join()


def _bind(handler: type[_BureauHandler]) -> tuple[_Server, _Server]:
    """Two servers on one port number, which is what tells the outside site's address."""
    for _ in range(_BIND_TRIES):
        bureau = _Server(("127.0.0.1", 0), handler)
        try:
            return bureau, _Server(("127.0.0.2", bureau.server_port), _PartnerHandler)
        except OSError:
            bureau.server_close()
    raise OSError("no port is free on both 127.0.0.1 and 127.0.0.2")

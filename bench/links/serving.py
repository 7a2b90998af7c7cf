"""Folders on loopback as a plain web server shows them, and one walk over them."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import mimetypes
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from checks.registry import module_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.siteconfig import from_url
from crawler.walk import walk

CASES = "/_cases.html"
INDEXES = ("index.html", "index.htm", "Default.html")
JUDGES = (
    "dead-link",
    "soft-404",
    "redirect-loop",
    "broken-anchor",
    "mistyped-link",
    "private-address",
    "broken-attachment",
)
AT = dt.datetime(2021, 6, 1, tzinfo=dt.UTC)


class Folder(http.server.ThreadingHTTPServer):
    """`roots` are looked in one after the other; `made` holds pages that no file has,
    `stand_ins` paths whose files the copy left out. `mends_slash` False: an address that lacks a folder's last
    slash is not found, as where files are served by their names alone."""

    daemon_threads = True

    def __init__(
        self,
        roots: Sequence[Path],
        made: Mapping[str, str],
        *,
        suffixes: Sequence[str] = ("",),
        stand_ins: Sequence[str] = (),
        mends_slash: bool = True,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.roots, self.made, self.suffixes, self.stand_ins = roots, made, suffixes, frozenset(stand_ins)
        self.mends_slash = mends_slash

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that has seen enough may go."""

    def found(self, path: str) -> tuple[Path, bool] | None:
        """The file at a path, and whether the address lacks the slash of a folder."""
        for root in self.roots:
            for suffix in self.suffixes:
                file = root / (path.lstrip("/") + suffix)
                if ".." in file.parts or "\0" in path:
                    return None
                with contextlib.suppress(OSError):
                    if file.is_dir():
                        for name in INDEXES:
                            if (file / name).is_file():
                                return file / name, not path.endswith("/")
                    elif file.is_file() and not path.endswith("/"):
                        return file, False
        return None


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Folder

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path in self.server.made:
            kind = "text/plain" if path.endswith(".txt") else "text/html; charset=utf-8"
            self._say(200, self.server.made[path].encode(), kind)
            return
        found = self.server.found(path)
        if found is None and path in self.server.stand_ins:
            self._say(200, b"stand-in", "application/octet-stream")
        elif found is None or (found[1] and not self.server.mends_slash):
            self._say(404, b"<html><title>404</title><h1>not found</h1></html>", "text/html")
        elif found[1]:
            self._say(301, b"", "text/html", quote(path) + "/")
        else:
            kind = mimetypes.guess_type(found[0].name)[0] or "application/octet-stream"
            self._say(200, found[0].read_bytes(), kind)

    do_HEAD = do_GET

    def _say(self, status: int, body: bytes, kind: str, location: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Folder) -> Iterator[Folder]:
    thread = threading.Thread(target=folder.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield folder
    finally:
        folder.shutdown()
        folder.server_close()


@contextlib.contextmanager
def walked(start: str, into: Path, *, robots: bool = True) -> Iterator[Evidence]:
    """One walk from `start`, whose evidence is then open. Outside hosts are not asked."""
    config = from_url(start).with_limits(
        delay=0, timeout=5, again_after=0, sitemap=False, render=False, check_outside=False, documents=False,
        respect_robots=robots,
    )  # fmt: skip
    run = Run(
        id="bench", site=config.site(), as_of=AT.date(), started_at=AT, finished_at=None, version="bench",
        config=config.public(), coverage={},
    )  # fmt: skip
    walk(config, into, run, own_process=False)
    with Evidence(into) as evidence:
        yield evidence


def faults(evidence: Evidence, judges: Sequence[str] = JUDGES) -> dict[str, set[tuple[str, str]]]:
    """By page: (address, check) of everything that is not in order there, whatever the rung."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for check in judges:
        module = module_of(check)
        limits = {**module.CHECK.limits}
        if "everywhere_pages" in limits:
            limits["everywhere_pages"] = 10**9  # every place by name
        for verdict in module.examine(evidence, limits):
            if verdict.grade == "ok":
                continue
            target = str(verdict.facts.get("target_url") or verdict.subject.key)
            for citation in verdict.citations:
                found[citation.url].add((target, check))
    return found


def cases_page(paths: Sequence[str]) -> str:
    rows = "\n".join(f'<p><a href="{quote(path)}">{i}</a></p>' for i, path in enumerate(paths))
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>cases</title></head><body>{rows}</body></html>'

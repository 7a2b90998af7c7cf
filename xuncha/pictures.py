"""Pictures of archived pages with the fault marked. The browser has no network: it is shown one page that we wrote.

The page is rebuilt as in `copies`, with the style sheets of the archive and without its pictures; scripts do not run.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.rendering import HOW_TO_INSTALL, NoBrowser

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

HINT = HOW_TO_INSTALL.replace("可以读取", "可以截图")
WIDTH, HEIGHT = 1100, 800
"""Of the window, in pixels."""
SHOWN_WIDTH, SHOWN_HEIGHT = 640, 300
"""Of a picture at most, in pixels."""
QUALITY = 62
LOAD_SECONDS = 6.0
SCROLL_SECONDS = 2.0
LARGEST = 250_000
"""Bytes of one picture."""

_PAGE = "http://archive.invalid/"
_MARGIN = 70
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MARK_CSS = (
    "html,body{background:#fff}mark.xuncha{all:unset!important;background:#fff0b3!important;color:#a61b1b!important;"
    "outline:3px solid #d81e06!important;outline-offset:2px!important;visibility:visible!important}"
    "i.picture{color:#888;font-style:normal}"
)
_REFERENCE = re.compile(
    r"url\s*\(|@import|@charset|expression\s*\(|image-set\s*\(|-moz-binding|behavior\s*:", re.I
)
_IMPORT = re.compile(r"@(?:import|charset|namespace)[^;]{0,500};?", re.I)
_URL = re.compile(r"url\s*\([^)]{0,20000}\)?", re.I)

Shot = Callable[[str, str], bytes | None]
"""(content with one element #here marked, style sheets) -> a JPEG, None when the mark does not show."""


@contextmanager
def camera(seconds: float) -> Iterator[Shot]:
    """Take pictures for at most `seconds` in all; afterwards every answer is None. Raises NoBrowser on entering."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise NoBrowser("没有浏览器组件") from error
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        raise NoBrowser("没有找到 chromium")
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu", "--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    end = time.monotonic() + seconds
    with sync_playwright() as tool:
        try:
            browser = tool.chromium.launch(executable_path=program, args=arguments)
        except Error as error:
            raise NoBrowser("浏览器没有启动") from error
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            java_script_enabled=False,
            service_workers="block",
            accept_downloads=False,
            offline=False,
            locale="zh-CN",
        )

        pages: list[Page] = []

        def shot(content: str, css: str) -> bytes | None:
            left = end - time.monotonic()
            if left <= 0:
                return None
            if not pages:
                pages.append(context.new_page())
            try:
                return _taken(pages[0], content, css, min(left, LOAD_SECONDS))
            except Error:
                # A page that hangs or crashed is not used again.
                with contextlib.suppress(Error):
                    pages.pop().close()
                return None

        try:
            yield shot
        finally:
            browser.close()


def _taken(page: Page, content: str, css: str, seconds: float) -> bytes | None:
    document = (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{harmless(css)}</style><style>{_MARK_CSS}</style></head><body>{content}</body></html>"
    )

    def answer(route: Route) -> None:
        if route.request.url == _PAGE and route.request.is_navigation_request():
            route.fulfill(status=200, content_type="text/html; charset=utf-8", body=document)
        else:
            route.abort()

    page.set_default_timeout(seconds * 1000)
    page.unroute_all()
    page.route("**/*", answer)
    page.goto(_PAGE, wait_until="domcontentloaded", timeout=seconds * 1000)
    mark = page.locator("#here").first
    if not mark.count() or mark.bounding_box() is None:
        return None
    mark.scroll_into_view_if_needed(timeout=min(seconds, SCROLL_SECONDS) * 1000)
    box = mark.bounding_box(timeout=seconds * 1000)
    if box is None or box["width"] < 2 or box["height"] < 2:
        return None
    width, height = min(SHOWN_WIDTH, WIDTH), min(SHOWN_HEIGHT, max(180, box["height"] + 2 * _MARGIN))
    x = min(max(0.0, box["x"] + min(box["width"], width) / 2 - width / 2), WIDTH - width)
    y = min(max(0.0, box["y"] + min(box["height"], height) / 2 - height / 2), HEIGHT - height)
    if not (-1 <= box["y"] < HEIGHT and -1 <= box["x"] < WIDTH):
        return None
    picture = page.screenshot(
        type="jpeg",
        quality=QUALITY,
        animations="disabled",
        caret="hide",
        clip={"x": x, "y": y, "width": width, "height": height},
        timeout=seconds * 1000,
    )
    return picture if len(picture) <= LARGEST else None


def harmless(css: str) -> str:
    """Style sheets that do not end the style element and name no address.

    An address written with escapes may stay; the policy of the page, the routing and the resolver all refuse it.
    """
    plain = _URL.sub("none", _IMPORT.sub("", css.replace("<", "")))
    return "" if _REFERENCE.search(plain) else plain

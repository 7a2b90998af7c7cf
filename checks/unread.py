"""Why an attachment counts as published but not checked, in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.evidence.records import Document

OCR = "装上 ocr 组件并在 site.toml 设 crawl.ocr_pages 后可识别"
WHYS = {
    "scanned": f"扫描件，{OCR}",
    "encrypted": "设了密码",
    "broken": "文件损坏",
    "html-error-page": "链接打开的是网页",
    "empty": "空文件",
    "unsupported": "本机不能读取这种格式",
    "no-text": "读不出文字",
    "too-large": "文件过大",
    "too-slow": "读取超时",
    "bomb": "压缩包异常",
    "crashed": "读取失败",
}


def reason(why: str | None) -> str:
    """The reason behind `Document.why`; a readable file that is named here was recognised, not read."""
    return "文字由图片识别，可能认错" if why is None else WHYS.get(why, "读不出")


def named(documents: Iterable[Document]) -> str:
    """The files with their reasons, one sentence part."""
    return "；".join(
        f"附件“{document.title or document.url.rpartition('/')[2]}”{reason(document.why)}"
        for document in documents
    )

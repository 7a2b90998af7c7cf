"""检测报告 as PDF/A, typeset by typst. Fails loudly without a Chinese font: empty boxes are no report."""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typst

from reports.errors import ReportError
from reports.exchange import template_said
from reports.plain import plain
from reports.rectification import Rectification

TEMPLATES = Path(__file__).parent / "templates"
BODY = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
)
HEAD = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "STZhongsong",
    "SimSun",
    "Songti SC",
)
STANDARD: Any = ["a-2b"]
BOX = "□"


def as_pdf(view: Rectification) -> bytes:
    """The report as PDF/A-2b. Raises ReportError when no Chinese font is installed or setting fails."""
    return typeset("report.typ", plain(view), view.seal)


def typeset(template: str, data: dict[str, Any], seal: dt.datetime) -> bytes:
    """A template of ours set with data as PDF/A-2b. Raises ReportError."""
    fonts = typst.Fonts()
    body, head = chosen(fonts.families())
    unset = unprintable(characters(data), [body, head], fonts)
    if unset:
        data = _mapped(data, lambda text: "".join(BOX if one in unset else one for one in text))
    data = {**data, "fonts": {"body": [body], "head": [head]}}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        source = Path(folder) / template
        words = (TEMPLATES / template).read_text(encoding="utf-8")
        source.write_text(template_said(words, typst=True), encoding="utf-8")
        try:
            compiler = typst.Compiler(source, root=folder, font_paths=fonts)
            made, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards=STANDARD, pdf_tags=False, timestamp=int(seal.timestamp())
            )
        except typst.TypstError as error:
            raise ReportError(f"PDF 排版失败：{error.message}") from error
    missing = [warning.message for warning in warnings if "font" in warning.message]
    if missing:
        raise ReportError(f"PDF 缺字体：{missing[0]}")
    if not isinstance(made, bytes):
        raise ReportError("PDF 排版没有产生文件")
    return made


def chosen(families: Sequence[str]) -> tuple[str, str]:
    """Body and heading font among the installed families. Raises ReportError when none is Chinese."""
    body = next((name for name in (*BODY, *HEAD) if name in families), None)
    head = next((name for name in (*HEAD, *BODY) if name in families), None)
    if body is None or head is None:
        raise ReportError(
            f"没有找到中文字体，PDF 会是空白方块。请安装其中一种：{'、'.join((*BODY, *HEAD))}（Debian：apt install fonts-noto-cjk）"
        )
    return body, head


def characters(data: Any) -> frozenset[str]:
    """Every character the document will set."""
    found: set[str] = set()
    for text in _texts(data):
        found.update(text)
    return frozenset(found)


def unprintable(wanted: frozenset[str], families: Sequence[str], fonts: typst.Fonts) -> frozenset[str]:
    """Characters that no installed font has: PDF/A forbids leaving them blank."""
    order = sorted(wanted)
    lines = ["#set document(date: datetime(year: 2000, month: 1, day: 1))"]
    named = ", ".join(json.dumps(name, ensure_ascii=False) for name in families)
    lines += [f"#set text(font: ({named},))"]
    lines += [f'#"\\u{{{ord(one):x}}}" \\' for one in order]
    source = ("\n".join(lines) + "\n").encode()
    missing: set[str] = set()
    try:
        typst.Compiler(source, font_paths=fonts).compile(format="pdf", pdf_standards=STANDARD)
    except typst.TypstError as error:
        for place in re.findall(r"\.typ:(\d+):", error.diagnostic):
            missing.add(order[int(place) - 3])
    return frozenset(missing)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _mapped(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {key: value if key == "href" else _mapped(value, change) for key, value in data.items()}
    if isinstance(data, list):
        return [_mapped(value, change) for value in data]
    return data

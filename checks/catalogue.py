"""The checks as a reader knows them: what the module docstrings say, section by section."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from checks.registry import MODULES, CheckModule

HEADINGS = {
    "What it finds": "找什么",
    "Why it matters": "为什么要改",
    "Known problems": "已知局限",
    "Good": "正例",
    "Bad": "反例",
}
"""Headings of a check's docstring and how they are shown. The text under them is in the reader's language."""

LEVELS = {"veto": "单项否决级", "major": "重要", "minor": "一般"}
EVIDENCE = {
    "pages": "页面",
    "links": "链接",
    "columns": "栏目",
    "documents": "附件",
    "home_probes": "首页监测",
}


def sections(module: CheckModule) -> Iterator[tuple[str, str]]:
    """(heading, text) of a check module's docstring in order, the English summary left out."""
    parts = re.split(rf"^({'|'.join(HEADINGS)}): ?", inspect.cleandoc(module.__doc__ or ""), flags=re.M)
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        # Chinese runs on without a space where the source breaks a line.
        yield HEADINGS[heading], re.sub(r"\s*\n\s*", "", text.strip())


def markdown() -> str:
    """The page docs/checks.md."""
    lines = [
        "# 检查项",
        "",
        "本页由检查模块生成：`python -m checks.catalogue > docs/checks.md`。",
        "级别是默认级别；扣几分、是否否决由所用的表决定（`xuncha explain 条款号`）。",
    ]
    for module in MODULES:
        check = module.CHECK
        needs = "、".join(EVIDENCE[need] for need in check.needs)
        lines += [
            "",
            f"## {check.id}  {check.title}",
            "",
            f"级别：{LEVELS[check.severity]}；依据的证据：{needs}。",
            "",
        ]
        lines += [f"- **{heading}**：{text}" for heading, text in sections(module)]
        lines.append(f"- **怎么改**：{check.fix}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")

"""答复用语不当（雷人雷语）。

What it finds: 答复里粗暴、讥讽、推脱责任的话，原句引出。

Why it matters: 这类答复极易引发负面舆情，检查中属于严重问题。

Known problems: 程序只认字面，分不清是答复人自己的话还是引用来信人的话，一律只请人核实。

Good: 您反映的情况我们已到现场核实，施工方将于本周五前清理完毕。
Bad: 不服你去告。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.interaction.letters import letters
from checks.interaction.wordless import phrases
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="unseemly-reply",
    title="答复用语不当",
    severity=Severity.MAJOR,
    needs=("pages",),
    message="留言“{title}”的答复疑似用语不当：“{quote}”。",
    fix="请核实这句话是谁说的；确是答复用语的，立即撤换并重新答复。",
)
_QUOTED = re.compile(r"[“\"「][^”\"」]{0,200}[”\"」]")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per letter with a reply. Words inside quotation marks are somebody else's."""
    for letter in letters(evidence):
        if not letter.reply:
            continue
        own_words = _QUOTED.sub("", letter.reply)
        match = phrases().unseemly.search(own_words)
        quote = _sentence(own_words, match) if match else ""
        page = letter.quotes[-1][0]
        yield Verdict(
            grade=Grade.REVIEW if match else Grade.OK,
            subject=Subject(kind="letter", key=letter.key, url=letter.url, title=letter.title),
            facts={"title": letter.title, "quote": quote},
            citations=(
                Citation(url=page.url, seen_at=page.seen_at, quote=quote, where="答复", title=letter.title),
            )
            if match
            else (),
        )


def _sentence(text: str, match: re.Match[str]) -> str:
    start = max(text.rfind(end, 0, match.start()) for end in "。！？!?\n") + 1
    stops = [at for end in "。！？!?\n" if (at := text.find(end, match.end())) >= 0]
    return text[start : min(stops) + 1 if stops else len(text)].strip()[:120]

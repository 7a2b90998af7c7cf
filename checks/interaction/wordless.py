"""What a reply says beyond courtesy: its core, its empty phrases, its concrete parts."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_NAMED_BODY = re.compile(
    r"(?<![有相])(?<!其他)(?:[住市县区省国镇乡][\u4e00-\u9fff]{0,8}|[\u4e00-\u9fff]{2,8}?)(?:(?<![我本])局|委员会|委|办事处|政府|法院|中心|公司|支队|大队|派出所|交警)"
)
_REFERRED = 0.8
"""A reply that names who is in charge may be right, short as it is: never more than a bare formula."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    frame: tuple[re.Pattern[str], ...]
    empty: tuple[tuple[re.Pattern[str], float], ...]
    whole: frozenset[str]
    concrete: re.Pattern[str]
    unseemly: re.Pattern[str]


@cache
def phrases() -> Phrases:
    """The phrase table of replies.toml, compiled."""
    data = tomllib.loads((Path(__file__).parent / "replies.toml").read_text(encoding="utf-8"))
    return Phrases(
        frame=tuple(re.compile(pattern) for pattern in data["frame"]),
        empty=tuple((re.compile(row["seen"]), row["weight"]) for row in [*data["ack"], *data["shift"]]),
        whole=frozenset(data["whole"]),
        concrete=re.compile("|".join(f"(?:{pattern})" for pattern in data["concrete"])),
        unseemly=re.compile("|".join(f"(?:{pattern})" for pattern in data["unseemly"])),
    )


def core(reply: str) -> str:
    """The reply without salutation, thanks, wishes and date."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", reply))[:4_000]
    for _ in range(3):
        before = text
        for pattern in phrases().frame:
            text = pattern.sub("", text).strip("，,。!！;；")
        if text == before:
            break
    return text


def score(reply: str) -> float:
    """0 for a reply with something concrete, else how empty it is: 0.8 a bare formula, 0.9 and more nothing but promises."""
    said = core(reply)
    bare = said.strip("。.！!，,")
    if not bare or bare in phrases().whole:
        return 0.8
    if phrases().concrete.search(said):
        return 0.0
    weight = sum(weight for pattern, weight in phrases().empty if pattern.search(said))
    if not weight:
        return 0.0
    if _NAMED_BODY.search(said):
        weight = min(weight, _REFERRED)
    left = said
    for pattern, _ in phrases().empty:
        left = pattern.sub("", left)
    return min(1.0, weight) if len(said) < 40 or len(left) < 12 else 0.0


def same(reply: str) -> str:
    """A reply in the form in which copies are equal: the core without digits and names in the salutation."""
    return re.sub(r"[\d\W_]+", "", core(reply))

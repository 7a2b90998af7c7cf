"""What kind of body a site belongs to: as its configuration says, else as its name makes likely."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.evidence.records import Site

BUREAU = "bureau"
_ASKED = frozenset(("public-institution", "party-group"))
"""Kinds of body that the rules on government information do not surely bind."""
_TITLE_WORDS = re.compile(
    r"(?:官方|门户|政务)?(?:网站|官网|网|平台|首页|主页)+(?:群)?$|^欢迎(?:访问|光临|来到)"
)
_BREAK = re.compile(r"[-_|—–·,，\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The kind of body that is asked for items. `given` by the configuration; `known` at least made likely by the name.

    `words` names it for readers, `why` says in a sentence where it is from and how to change it.
    """

    id: str
    words: str
    given: bool
    known: bool
    why: str

    @property
    def blamed(self) -> bool:
        """Whether a missing item of this body may be a fault: the rules that bind it surely are known."""
        return self.known and self.id not in _ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    id: str
    words: str
    name: re.Pattern[str]
    unless: re.Pattern[str] | None


@cache
def _kinds() -> tuple[_Kind, ...]:
    rows = tomllib.loads((Path(__file__).parent / "profiles.toml").read_text(encoding="utf-8"))["profile"]
    return tuple(
        _Kind(
            id=row["id"],
            words=row["words"],
            name=re.compile(row["name"]),
            unless=re.compile(row["not"]) if "not" in row else None,
        )
        for row in rows
    )


def profile_of(site: Site) -> Profile:
    """The profile that a site's items are asked by."""
    kinds = {kind.id: kind for kind in _kinds()}
    if site.profile:
        kind = kinds.get(site.profile, kinds[BUREAU])
        why = f"按“{kind.words}”核对应公开的事项（site.toml 的 profile）"
        return Profile(id=kind.id, words=kind.words, given=True, known=True, why=why)
    ids = "、".join(f"{kind.id}（{kind.words}）" for kind in _kinds())
    change = f"不对的，在 site.toml 写 profile，可写 {ids}"
    for name in filter(None, (site.name, site.sponsor)):
        for part in _parts(name):
            for kind in _kinds():
                if kind.name.search(part) and not (kind.unless and kind.unless.search(part)):
                    why = f"按“{kind.words}”核对应公开的事项（由名称“{part}”推定；{change}）"
                    return Profile(id=kind.id, words=kind.words, given=False, known=True, why=why)
    words = kinds[BUREAU].words
    why = f"没有写明也推定不出网站类别，暂按“{words}”核对应公开的事项，缺的只列为待核（{change}）"
    return Profile(id=BUREAU, words=words, given=False, known=False, why=why)


def _parts(name: str) -> list[str]:
    """The name without words of a web title; of "甲局 - 某市人民政府" each half."""
    text = unicodedata.normalize("NFKC", name[:200])
    return [part for piece in _BREAK.split(text) if len(part := _TITLE_WORDS.sub("", piece)) >= 2]

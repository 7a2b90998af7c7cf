"""Titles and texts of a page: what a reader sees, and the part that is the content."""

from __future__ import annotations

import re

from crawler.extract.outlined import Block, plain
from crawler.extract.webpage import WebPage

_SPLIT = re.compile(r"\s*(?:[_|｜—–·»>]+|\s-\s|(?<=[\u4e00-\u9fff”》）\]】])-(?=[\u4e00-\u9fff“《（【]))\s*")
_SITE = re.compile(
    r"(?:网|网站|门户|平台|人民政府|政府|管委会|委员会|[局委厅部署院会馆社中心处站]|官网|首页|主页)$"
)
_SHARE = 0.6
"""A block is entered while one child holds this share of its words."""
_TITLE = 8
_ARTICLE = 40
"""A block with the page's title and so many characters is the article, whatever stands beside it."""
_FEWEST = 200
"""A page with fewer characters outside links and frames than this has no prose."""
_NAMED_SHARE = 0.1
"""A container named as content counts from this share of the page's words on."""


def raw_title(page: WebPage) -> str:
    """The <title> element as written, white space apart."""
    return page.raw_title


def title(page: WebPage) -> str:
    """The page's title as its reader takes it: without the name of the site, whole where <title> is cut."""
    raw = raw_title(page)
    meta = page.meta
    tagged = plain(meta.get("articletitle", ""))
    if tagged:
        return tagged
    site = plain(meta.get("sitename", ""))
    parts = [part for part in _SPLIT.split(raw) if part]
    heading = _heading(page, raw, parts, site)
    if heading:
        return heading
    if all(part == site or _SITE.search(part) for part in parts):
        own = [
            said for tag, said in page.outline.headings if tag == "h1" and said not in raw and len(said) > 5
        ]
        if len(own) == 1 or not raw:
            return own[0] if own else ""
    if len(parts) < 2:
        return raw
    kept = [part for part in parts if part != site]
    if len(kept) == len(parts):
        if _SITE.search(parts[-1]):
            kept = parts[:-1]
        elif _SITE.search(parts[0]):
            kept = parts[1:]
    return kept[0] if kept else raw


def _heading(page: WebPage, raw: str, parts: list[str], site: str) -> str:
    """A heading that repeats <title> or completes it."""
    for level in ("h1", "h2", "h3"):
        for tag, said in page.outline.headings:
            if tag != level or said == site or len(said) < 4 or len(said) > 200:
                continue
            if said in parts or (len(said) >= 8 and said in raw):
                return said
            first = parts[0].rstrip(".…") if parts else ""
            if len(first) >= 8 and said.startswith(first):
                return said
    return ""


def text(page: WebPage) -> str:
    """The visible text in reading order: blocks on lines of their own, table cells parted by tabs."""
    return page.outline.text


def main_text(page: WebPage) -> str:
    """The content without frame and navigation; the whole text when no part stands out."""
    found = page.outline
    if found.article:
        return found.article
    if not any(block.end > block.start for block in found.blocks):
        return found.text
    named = [block for block in found.blocks if block.named and block.weight >= 10]
    if named:
        fewest = _NAMED_SHARE * max(block.weight for block in found.blocks)
        named = [block for block in named if block.weight >= fewest]
    if named:
        best = max(named, key=lambda b: b.weight)
        inner = [
            b for b in named if b.start >= best.start and b.end <= best.end and b.weight >= best.weight * 0.8
        ]
        best = min(inner, key=lambda b: b.end - b.start)
        return _joined(found.parts, best)
    return _joined(found.parts, _densest(found.blocks, _title_at(page))) or found.text


def _title_at(page: WebPage) -> int:
    """The only part of the text that is the page's title, as of an article; -1 without."""
    said = _SPLIT.split(raw_title(page))[0]
    parts = page.outline.parts
    if len(said) < _TITLE or parts.count(said) != 1:
        return -1
    return parts.index(said)


def _densest(blocks: list[Block], title_at: int = -1) -> Block:
    """Go down from the page into the child that holds most of the words outside links, while there is one.

    On a page without prose the words of links count too: there the list is the content.
    """
    children: list[list[int]] = [[] for _ in range(len(blocks) + 1)]
    """By parent; the outermost ones last."""
    for index, block in enumerate(blocks):
        children[block.parent].append(index)
    top = max(children[-1], key=lambda i: blocks[i].weight + blocks[i].labels)
    weights = [block.weight for block in blocks]
    page_weight = weights[top]
    most = max(_FEWEST, page_weight * 0.5)
    framed = [block.frame and block.weight < most for block in blocks]
    if page_weight - sum(weights[i] for i in _outermost(top, children, framed)) < _FEWEST:
        weights = [block.weight + block.labels for block in blocks]
    here = top
    while True:
        inside = children[here]
        own = weights[here] - sum(weights[i] for i in inside if framed[i])
        best = max((i for i in inside if not framed[i]), key=weights.__getitem__, default=-1)
        titled = next(
            (i for i in inside if not framed[i] and blocks[i].start <= title_at < blocks[i].end), best
        )
        if titled != best and weights[titled] >= _ARTICLE:
            # A short article beside a longer column.
            best, own = titled, weights[titled]
        if best < 0 or weights[best] < own * _SHARE or weights[best] < 10:
            return blocks[here]
        here = best


def _outermost(top: int, children: list[list[int]], framed: list[bool]) -> list[int]:
    """The framed blocks below `top` that stand in no other framed block."""
    found, waiting = [], list(children[top])
    while waiting:
        index = waiting.pop()
        if framed[index]:
            found.append(index)
        else:
            waiting += children[index]
    return found


def _joined(parts: list[str], block: Block) -> str:
    return "".join(parts[block.start : block.end]).strip()

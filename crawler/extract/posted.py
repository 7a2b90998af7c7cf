"""The further pages of a list that only a form brings: `__doPostBack` and pagers that post a page number.

A form is used only where it plainly turns pages: its call names a page, or one of its fields is the page number
and the page shows a pager. Nothing else is ever posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode

from selectolax.lexbor import LexborNode

from crawler.extract.postcalls import AS_FORM as AS_FORM
from crawler.extract.rows import MARKS
from crawler.extract.signs import any_in
from crawler.extract.webpage import WebPage

MOST_POSTED = 20
LONGEST = 120_000
"""Characters of all calls of one page: a form carries the state of its page with it."""

_BACK = re.compile(
    r"__doPostBack\(\s*(?:'|&#39;)([\w$:.-]{1,120})(?:'|&#39;)\s*,\s*(?:'|&#39;)([\w$ -]{0,40})(?:'|&#39;)\s*\)"
)
_PAGED = re.compile(r"^(?:Page\$)?(\d{1,5}|Next|Last|Prev|First)?$")
_PAGER_NAME = re.compile(r"(?i)pager|page|(?:lbtn|lnk|lb|btn|link|lbn)_?(?:next|down)")
_PAGE_FIELD = re.compile(
    r"(?i)^(?:\w{1,20}\.)?(?:page|page_?no|page_?num(?:ber)?|page_?index|cur(?:r|rent)?_?page(?:no|num)?|now_?page|cpage|goto_?page|to_?page|pn|pagecurrent|pager\.pageno|intpage)$"
)
_NEXT = frozenset(MARKS["pager"]["next"])
_NEXT_WORDS = {
    word[-1] if word[-1] > "z" else word: tuple(w for w in _NEXT if w[-1] == word[-1])
    for word in _NEXT
    if len(word) > 1
}
_LAST = frozenset(MARKS["pager"]["last"])
_TOTAL = re.compile(MARKS["pager"]["total"])
_OF = re.compile(r"(?<!\d)\d{1,5}\s?/\s?(\d{1,5})\s?页")
_TURN = re.compile(r"(?i)page|yema|jump|turn|goto|next|fanye|\bgo\(")


def may_turn(html: str) -> bool:
    """Whether a page holds anything that turns pages by a form or a script; most hold nothing of it."""
    return "__doPostBack" in html or any_in(html, _NEXT_WORDS)


def posted_pages(
    page: WebPage, anchors: Sequence[tuple[str, str, LexborNode]], *, answer: bool = False
) -> tuple[str, ...]:
    """Data calls that bring the further pages of this list, at most MOST_POSTED, in order.

    The answer to such a call names only the page after it, and that only where pages have no numbers.
    """
    if "__doPostBack" in page.html:
        calls = _posted_back(page, anchors, numbers=not answer)
    elif not answer and ("<form" in page.html or "<FORM" in page.html):
        calls = _numbered_form(page, anchors)
    else:
        return ()
    unique: dict[str, None] = {}
    left = LONGEST
    for call in calls:
        left -= len(call)
        if left < 0 or len(unique) >= MOST_POSTED:
            break
        unique.setdefault(call)
    return tuple(unique)


def turned_by_script(anchors: Sequence[tuple[str, str, LexborNode]]) -> bool:
    """Whether a link named "next page" has no address: only its script knows where it leads."""
    return any(
        _words(label) in _NEXT and len(_words(label)) > 1 and _no_address(href) and not _dead(node)
        for label, href, node in anchors
    )


def _words(label: str) -> str:
    return label.strip("[]【】()（） \xa0")


def _no_address(href: str) -> bool:
    bare = href.strip().lower()
    return not bare or bare.startswith(("#", "javascript:"))


def _dead(node: LexborNode) -> bool:
    """Whether the link is greyed out: the list has one page."""
    state = f"{node.attributes.get('class') or ''} {node.attributes.get('disabled') or ''}".lower()
    if "disabled" in node.attributes or "disable" in state:
        return True
    written = f"{node.attributes.get('href') or ''} {node.attributes.get('onclick') or ''}".lower()
    return not _TURN.search(written) and "(" not in written


def _posted_back(
    page: WebPage, anchors: Sequence[tuple[str, str, LexborNode]], *, numbers: bool
) -> Iterator[str]:
    """ASP.NET: one call for every page number up to the last, else one for the next page."""
    numbered: dict[str, set[int]] = {}
    following: tuple[LexborNode, str, str] | None = None
    form: dict[str, LexborNode] = {}
    for label, href, node in anchors:
        words = _words(label)
        if not (words.isdigit() or words in _NEXT or words in _LAST):
            continue
        match = _BACK.search(href) or _BACK.search(node.attributes.get("onclick") or "")
        if match is None or "disabled" in node.attributes:
            continue
        target, argument = match[1], match[2]
        paged = _PAGED.match(argument)
        if paged is None:
            continue
        number = paged[1] or ""
        if number.isdigit():
            key = f"{target}\t{argument[: len(argument) - len(number)]}"
            numbered.setdefault(key, set()).add(int(number))
            form.setdefault(key, node)
        elif words in _NEXT and (number or _PAGER_NAME.search(target)):
            following = following or (node, target, argument)
    for key, known in numbered.items():
        target, _, lead = key.partition("\t")
        first = max(2, min(known))
        for number in range(first, min(max(known), first + MOST_POSTED) + 1) if numbers else ():
            argument = f"{lead}{number}"
            if call := _call(page, form[key], {"__EVENTTARGET": target, "__EVENTARGUMENT": argument}):
                yield call
        return
    if following is not None:
        node, target, argument = following
        if call := _call(page, node, {"__EVENTTARGET": target, "__EVENTARGUMENT": argument}):
            yield call


def _numbered_form(page: WebPage, anchors: Sequence[tuple[str, str, LexborNode]]) -> Iterator[str]:
    """A form that posts a page number, where the links of the pager have no addresses of their own."""
    if not turned_by_script(anchors):
        return
    for node in page.tree.css("form")[:20]:
        if (node.attributes.get("method") or "").lower() != "post":
            continue
        fields = [
            name
            for one in node.css("input[name], select[name]")[:60]
            if _PAGE_FIELD.match(name := one.attributes.get("name") or "")
        ]
        if len(fields) != 1 or node.css_first("textarea, input[type=password], input[type=file]") is not None:
            continue
        for number in range(2, min(_last_page(page, anchors), MOST_POSTED + 1) + 1):
            if call := _call(page, node, {fields[0]: str(number)}):
                yield call
        return


def _last_page(page: WebPage, anchors: Sequence[tuple[str, str, LexborNode]]) -> int:
    """The number of pages the pager speaks of, 2 when it only has a next one."""
    found = _TOTAL.search(page.html) or _OF.search(page.outline.text)
    if found is not None:
        return int(found[1])
    numbers = [
        int(w)
        for label, href, _ in anchors
        if (w := _words(label)).isdigit() and len(w) < 4 and _no_address(href)
    ]
    return max([2, *numbers])


def _call(page: WebPage, node: LexborNode, given: dict[str, str]) -> str | None:
    """The call that sends the form around `node` with its own values and those given; None without a form."""
    form: LexborNode | None = node
    for _ in range(60):
        if form is None or form.tag == "form":
            break
        form = form.parent
    if form is None or form.tag != "form":
        form = page.tree.css_first("form") if "__EVENTTARGET" in given else None
    if form is None:
        return None
    action = (form.attributes.get("action") or "").strip()
    address = page.resolve(action) if action else page.url.split("#")[0]
    if address is None or not address.startswith(("http://", "https://")):
        return None
    fields: dict[str, str] = {}
    for field in form.css(
        "input[type=hidden][name], input[type=text][name], input:not([type])[name], select[name]"
    )[:80]:
        name = field.attributes.get("name") or ""
        fields.setdefault(name, _value(field))
    fields.update(given)
    # The address itself may hold fields: they stay in it, for the mark stands behind them.
    return f"{quote(address, safe=_KEPT)}{AS_FORM}{urlencode(fields)}"


_KEPT = "%/:?=&;,@!$'()*+~[]#"


def _value(field: LexborNode) -> str:
    if field.tag != "select":
        return field.attributes.get("value") or ""
    chosen = field.css_first("option[selected]") or field.css_first("option")
    return (chosen.attributes.get("value") or chosen.text().strip()) if chosen is not None else ""

"""Leaders of a body as their pages present them: name, post, photo, résumé, division of work of each person.

Serves every layout met: a table, one page a person, a notice on the division of work, a list by post,
cards with hidden text or data in a script, a wall of photos. The page is read as a line of texts and
pictures; a person starts where a name stands with a post and ends at the next one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag

from crawler.extract.names import person_name
from crawler.extract.webpage import WebPage
from crawler.extract.width import half
from crawler.extract.width import line as line_of

_MOST_PEOPLE = 80
_MOST_LINES = 6_000
_LONG = 1_500
"""Characters of a résumé or a division that are kept."""

_SILENT = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "select",
        "option",
        "textarea",
        "button",
        "svg",
        "title",
        "meta",
    )
)
_INLINE = frozenset(
    (
        "a",
        "b",
        "em",
        "font",
        "i",
        "label",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "ins",
        "o:p",
        "st1:personname",
        "mark",
    )
)
_FRAME = re.compile(
    r"(?:^|[-_\s])(?:nav|menu|foot|footer|header|head|top|breadcrumb|crumb|crumbs|position|sidebar|leftnav|link|links|copyright|share)(?:$|[-_\s\d])",
    re.I,
)
_BLANK = re.compile(r"[\s\u3000\u00a0\u200b\ufeff]+")
_NUMBER = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十\d]{1,3}[、.．])\s*")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_NOTICE = re.compile(r"分工.{0,12}(?:通知|调整|公告)|[〔\[]20\d\d[〕\]]\s*\d+\s*号")
_FIELD = re.compile(
    r"[\"']?([A-Za-z_]{2,30})[\"']?\s*:\s*(?:\"((?:[^\"\\]|\\.){1,3000})\"|'((?:[^'\\]|\\.){1,3000})')"
)
_OBJECT = re.compile(r"\{[^{}]{12,6000}\}")
_TAGS = re.compile(r"<[^>]{0,500}>")


@dataclass(frozen=True, slots=True)
class _Words:
    post_end: re.Pattern[str]
    post_only: re.Pattern[str]
    division: re.Pattern[str]
    division_label: re.Pattern[str]
    resume_label: re.Pattern[str]
    post_label: re.Pattern[str]
    name_label: re.Pattern[str]
    resume: re.Pattern[str]
    empty: re.Pattern[str]
    stop: re.Pattern[str]
    bureau_duty: re.Pattern[str]
    not_portrait: re.Pattern[str]


@cache
def _words() -> _Words:
    data = tomllib.loads((Path(__file__).parent / "data" / "people.toml").read_text(encoding="utf-8"))
    posts = "|".join(sorted((re.escape(post) for post in data["posts"]), key=len, reverse=True))
    label = r"^[【\[（(]?(?:{})[】\]）)]?\s*(?:[:：]|$)"
    return _Words(
        post_end=re.compile(rf"(?:{posts})(?:[（(][^（()）]{{1,20}}[)）])?"),
        post_only=re.compile(
            rf"[\u4e00-\u9fa5A-Za-z（()）“”\"·・/]{{0,40}}?(?:{posts})(?:[（(][^（()）]{{1,20}}[)）])?"
            rf"(?:[、，,；;兼和/\s]+[\u4e00-\u9fa5（()）“”·]{{0,40}}?(?:{posts})(?:[（(][^（()）]{{1,20}}[)）])?){{0,6}}"
        ),
        division=re.compile("|".join(f"(?:{pattern})" for pattern in data["division"])),
        division_label=re.compile(label.format(data["division_labels"])),
        resume_label=re.compile(label.format(data["resume_labels"])),
        post_label=re.compile(label.format(data["post_labels"])),
        name_label=re.compile(label.format(data["name_labels"])),
        resume=re.compile("|".join(f"(?:{pattern})" for pattern in data["resume"])),
        empty=re.compile(data["empty"]),
        stop=re.compile(data["stop"]),
        bureau_duty=re.compile(data["bureau_duty"]),
        not_portrait=re.compile(data["not_portrait"], re.I),
    )


@dataclass(slots=True)
class _Line:
    """A run of text or a picture, in reading order."""

    text: str = ""
    image: str | None = None
    link: str | None = None
    cell: bool = False
    hidden: bool = False


@dataclass(slots=True)
class _Person:
    name: str
    post: str | None = None
    photo: str | None = None
    url: str | None = None
    layout: str = "list"
    quote: str = ""
    division: list[str] = field(default_factory=list)
    resume: list[str] = field(default_factory=list)
    blank_division: bool = False


def leaders(page: WebPage, title: str, main_text: str) -> tuple[dict[str, Any], ...]:
    """The persons on a leaders' page, in page order, one entry each:

        {"name": str, "post": str | None, "photo": address | None, "resume": str | None,
         "division": str | None, "layout": "table" | "person" | "notice" | "list" | "card" | "script" | "image",
         "url": address of the person's own page | None, "quote": the words that named the person}

    `division` is None when the page gives none; on a list of links that only says that the page itself
    gives none. A page of pictures without any name yields one entry with the name "" and the layout "image".
    Meant for pages already known to be about leaders: BeautifulSoup reads the whole page.
    """
    words = _words()
    lines = _lines(page, main_text)
    own = _head(words, _plain(title))
    own = own[:1] if len(own) == 1 else []
    if not own and (name := person_name(title)):
        own = [_Person(name=name, quote=title.strip())]
    people = _people(words, lines, own)
    if not people:
        people = list(_from_scripts(words, page)) or _linked_names(lines)
    if not people:
        return _picture_only(words, lines, page, main_text)
    if len(people) > 2 and people[-1].photo and not any(person.photo for person in people[:-1]):
        people[-1].photo = None  # a picture below the list, not a portrait
    if _NOTICE.search(title) or _NOTICE.search(main_text[:600]):
        for person in people:
            person.layout = "notice"
    return tuple(_entry(person, page) for person in _merged(people)[:_MOST_PEOPLE])


# --- the page as lines


def _lines(page: WebPage, main_text: str) -> list[_Line]:
    soup = BeautifulSoup(page.html, "lxml")
    body = soup.body or soup
    lines: list[_Line] = []
    for line in _walk(body):
        if len(lines) >= _MOST_LINES:
            break
        if line.image is not None or line.text:
            lines.append(line)
    return _content(lines, main_text)


def _walk(root: Tag) -> Iterator[_Line]:
    """Depth-first without recursion: hostile pages nest deeply."""
    text: list[str] = []
    link: str | None = None
    stack: list[tuple[str, Any, bool, bool]] = [("open", root, False, False)]
    hidden_now = cell_now = False

    def flush() -> Iterator[_Line]:
        nonlocal link
        said = _plain("".join(text))
        text.clear()
        if said:
            yield _Line(text=said, link=link, cell=cell_now, hidden=hidden_now)
        link = None

    while stack:
        step, node, hidden, cell = stack.pop()
        if step == "break":
            yield from flush()
            continue
        if isinstance(node, NavigableString):
            if type(node) is NavigableString:
                hidden_now, cell_now = hidden, cell
                text.append(str(node))
            continue
        if not isinstance(node, Tag) or node.name in _SILENT or _is_frame(node):
            continue
        if node.name == "img":
            yield from flush()
            yield _Line(image=_source(node), link=_href(node.find_parent("a")), hidden=hidden, cell=cell)
            if alt := _plain(str(node.get("alt") or "")):
                text.append("")
                yield _Line(text=alt, hidden=True, cell=cell) if person_name(alt) else _Line()
            continue
        if node.name == "br":
            yield from flush()
            continue
        if node.name == "a":
            link = link or _href(node)
        block = node.name not in _INLINE
        hidden = hidden or bool(_HIDDEN.search(str(node.get("style") or "")))
        cell = cell or node.name in ("td", "th")
        if block:
            yield from flush()
            stack.append(("break", None, hidden, cell))
        stack.extend(("open", child, hidden, cell) for child in reversed(list(node.children)))
    yield from flush()


def _is_frame(node: Tag) -> bool:
    if node.name in ("nav", "footer", "header"):
        return True
    names = node.get("class")
    label = " ".join(names) if isinstance(names, list) else str(names or "")
    return (
        bool(_FRAME.search(label) or _FRAME.search(str(node.get("id") or "")))
        and len(node.find_all("img", limit=3)) < 3
    )


def _source(node: Tag) -> str:
    for attribute in ("data-src", "data-original", "src", "oldsrc"):
        value = str(node.get(attribute) or "").strip()
        if value and not value.startswith("data:"):
            return value
    return ""


def _href(node: Tag | None) -> str | None:
    value = str(node.get("href") or "").strip() if node is not None else ""
    return value if value and not value.lower().startswith(("javascript:", "#", "mailto:", "tel:")) else None


def _plain(text: str) -> str:
    return line_of(text)


def _content(lines: list[_Line], main_text: str) -> list[_Line]:
    """The lines from the first to the last that belong to the content, hidden ones between them included."""
    squeezed = _BLANK.sub("", half(main_text))
    if len(squeezed) < 8:
        return lines
    inside = [
        number
        for number, line in enumerate(lines)
        if len(line.text) > 3 and _BLANK.sub("", line.text) in squeezed
    ]
    if not inside:
        return lines
    first, last = inside[0], inside[-1]
    near = [
        line.image is not None or (len(line.text) > 1 and _BLANK.sub("", line.text) in squeezed)
        for line in lines
    ]
    while first > 0 and near[first - 1] and inside[0] - first < 4:
        first -= 1
    while last + 1 < len(lines) and (lines[last + 1].hidden or (near[last + 1] and last - inside[-1] < 4)):
        last += 1
    for back in range(max(0, first - 40), first):
        line = lines[back]
        if line.text and (
            len(_head(_words(), line.text)) == 1 or (person_name(line.text) and _next_is_post(lines, back))
        ):
            first = back - 1 if back and lines[back - 1].image is not None else back
            break
    return lines[first : last + 1]


def _next_is_post(lines: list[_Line], number: int) -> bool:
    following = next((line.text for line in lines[number + 1 : number + 3] if line.text), "")
    return _post(_words(), _BLANK.sub("", following))


# --- persons


def _people(words: _Words, lines: list[_Line], own: list[_Person]) -> list[_Person]:
    people: list[_Person] = []
    current: _Person | None = own[0] if own else None
    if current is not None:
        current.layout = "person"
        people.append(current)
    loose_image: str | None = None
    image_first: bool | None = None
    mode = ""
    waiting_post: tuple[int, str] | None = None
    skip = 0
    for number, line in enumerate(lines):
        if skip:
            skip -= 1
            continue
        if line.image is not None:
            if line.image and not words.not_portrait.search(line.image):
                if (
                    current is not None
                    and current.photo is None
                    and (image_first is False or current.layout == "person")
                ):
                    current.photo = line.image
                else:
                    loose_image = line.image
                    if image_first is None and current is None:
                        image_first = True
            continue
        if words.stop.search(line.text) and len(line.text) < 60:
            if people:
                current, mode = None, ""
            continue
        heads, taken = _heads(words, lines, number, waiting_post)
        if heads and not (
            current is not None
            and current.layout == "person"
            and len(heads) == 1
            and heads[0].name == current.name
        ):
            waiting_post = None
            mode = ""
            for head in heads:
                head.layout = "card" if line.hidden else "table" if line.cell else "list"
                head.url = head.url or line.link
                people.append(head)
            if len(heads) == 1 and loose_image:
                heads[0].photo, loose_image = loose_image, None
                image_first = True if image_first is None else image_first
            elif image_first is None:
                image_first = False
            current = heads[-1] if len(heads) == 1 else None
            skip = taken - 1
            if len(people) > _MOST_PEOPLE:
                break
            continue
        said = _BLANK.sub("", line.text)
        waiting_post = (number, said) if _post(words, said) else waiting_post
        if current is not None:
            if heads and current.post is None:
                current.post = heads[0].post
            if words.bureau_duty.search(said):
                current, mode = None, ""
                continue
            mode = _take(words, current, line.text, mode)
    return people


def _heads(
    words: _Words, lines: list[_Line], number: int, waiting_post: tuple[int, str] | None
) -> tuple[list[_Person], int]:
    """The persons a line introduces and how many lines that took."""
    line = lines[number]
    found = _head(words, line.text)
    if found:
        return found, 1
    name = _labelled_name(words, line.text) or person_name(line.text)
    if name is None:
        return [], 1
    following = [other for other in lines[number + 1 : number + 4] if other.image is None][:2]
    for offset, other in enumerate(following, 1):
        said = _BLANK.sub("", other.text)
        label = words.post_label.match(other.text)
        post = (
            (_BLANK.sub("", other.text[label.end() :]) if label else said)
            .removeprefix(name)
            .lstrip("，,、:：")
        )
        if _post(words, post) or (label and len(said) <= 40):
            between = number + offset + sum(1 for o in lines[number + 1 : number + 4] if o.image is not None)
            same = offset == 1
            return [
                _Person(name=name, post=post or None, quote=f"{line.text} {other.text}", url=line.link)
            ], (2 if same and between == number + 1 else 1)
        if person_name(other.text):
            break
    if waiting_post and number - waiting_post[0] <= 2:
        return [
            _Person(name=name, post=waiting_post[1], quote=f"{waiting_post[1]} {line.text}", url=line.link)
        ], 1
    if _labelled_name(words, line.text) or any(
        words.division_label.match(other.text)
        or words.resume_label.match(other.text)
        or words.division.match(other.text)
        for other in following[:1]
    ):
        return [_Person(name=name, quote=line.text, url=line.link)], 1
    return [], 1


def _labelled_name(words: _Words, text: str) -> str | None:
    label = words.name_label.match(text)
    return person_name(text[label.end() :]) if label and label.group().endswith((":", "：")) else None


def _head(words: _Words, text: str) -> list[_Person]:
    """Persons that a line names with their posts: 局长：张某, 张某 局长, 副局长：张某、李某, 张某同志主持全面工作。"""
    text = _NUMBER.sub("", text)
    if len(text) <= 70:
        found = _post_first(words, text) or _name_first(words, text)
        if found:
            return found
    return _prose(words, text)


def _post_first(words: _Words, text: str) -> list[_Person]:
    """局长：张某 / 局 长 张某 / 局长：张某 副局长：李某、王某."""
    said = _BLANK.sub("", text)
    people: list[_Person] = []
    position = 0
    while position < len(said):
        match = words.post_only.match(said, position)
        if match is None:
            break
        rest = said[match.end() :]
        separator = rest[:1] in ":：-—"
        rest = rest.lstrip(":：-—")
        end = len(said) - len(rest)
        names: list[str] = []
        taken = 0
        for part in re.split(r"(?<=[、，,;；/])", rest):
            name, used = _leading_name(words, part.rstrip("、，,;；/"))
            if name is None:
                break
            names.append(name)
            taken += len(part) if used == len(part.rstrip("、，,;；/")) else used
            if used < len(part.rstrip("、，,;；/")):
                break
        if not names or (not separator and len(names) > 1):
            break
        people.extend(_Person(name=name, post=match.group(), quote=text) for name in names)
        position = end + taken
    return people if people and position >= len(said) else []


def _sole_name(text: str) -> str | None:
    """A name cut out of a longer run: one that swallowed the start of a post is none."""
    name = person_name(text)
    return (
        None
        if name is None
        or any(sign in name for sign in ("副", "党", "局", "现任", "负责", "主持", "分管", "协助"))
        else name
    )


def _leading_name(words: _Words, part: str) -> tuple[str | None, int]:
    """A name at the start of `part`, followed by nothing or by the next post."""
    whole = person_name(part)
    if whole:
        return whole, len(part)
    for size in (3, 2, 4):
        name = _sole_name(part[:size])
        if name and words.post_only.match(part, size) and _POST_START.match(part, size):
            return name, size
    return None, 0


_POST_START = re.compile(
    r"(?:中共|党|副|正|总|局|主任|书记|市|县|区|省|厅|委|工委|纪|机关|调研|巡视|[一二三四]级|处|科|四级|政|常委|督|部|院|校|所|站|队|负责人|成员|分管|常务|第一|原|现任|派驻|驻)"
)


def _name_first(words: _Words, text: str) -> list[_Person]:
    """张某 局长 / 张某（局长） / 张某：党组书记、局长."""
    said = _BLANK.sub("", text)
    pieces = text.split(" ", 2)
    cuts: list[tuple[str, str]] = []
    for count in (1, 2):
        if len(pieces) > count:
            cuts.append(("".join(pieces[:count]), _BLANK.sub("", "".join(pieces[count:]))))
    cuts.extend((said[:size], said[size:]) for size in (3, 2, 4) if len(said) > size)
    for left, right in cuts:
        name = _sole_name(left.removesuffix("同志"))
        post = right.lstrip(":：,，-—|").removeprefix("同志").strip("（）()")
        if name is None or not post:
            continue
        if _post(words, post) and (
            _POST_START.match(post) or right[:1] in ":：,，（(-—|" or left == pieces[0]
        ):
            return [_Person(name=name, post=post, quote=text)]
    return []


def _prose(words: _Words, text: str) -> list[_Person]:
    """张某（党组书记、局长）：主持全面工作 / 局长张某同志负责 ... : one paragraph a person."""
    if not 8 <= len(text) <= 1_200:
        return []
    said = _BLANK.sub("", text)
    head, _, _ = said.partition("。")
    opening = head[:60]
    for match in words.post_end.finditer(opening):
        for size in (3, 2, 4):
            rest = opening[match.end() : match.end() + size]
            name = person_name(rest)
            after = said[match.end() + size :].removeprefix("同志").lstrip(":：,，")
            post = opening[: match.end()]
            if name and len(post) <= 40 and _post(words, post) and words.division.match(after):
                return [_with_text(words, name, post, text, after)]
    for size in (3, 2, 4):
        name = _sole_name(said[:size])
        if name is None:
            continue
        after = said[size:].removeprefix("同志")
        post_match = words.post_only.match(after.lstrip("（(,，:：")) if after[:1] in "（(,，:：" else None
        rest = after.lstrip("（(,，:：")[post_match.end() :] if post_match else after
        rest = rest.lstrip("）),，:：。;；")
        if words.division.match(rest):
            return [_with_text(words, name, post_match.group() if post_match else None, text, rest)]
    return []


def _with_text(words: _Words, name: str, post: str | None, text: str, duties: str) -> _Person:
    person = _Person(name=name, post=post, quote=text[:120])
    person.division.append(duties[:_LONG])
    return person


def _post(words: _Words, text: str) -> bool:
    return 2 <= len(text) <= 80 and words.post_only.fullmatch(text) is not None


def _take(words: _Words, person: _Person, text: str, mode: str) -> str:
    """Put a line into the person's résumé or division; returns what unlabelled lines belong to from here on."""
    for label, name in ((words.division_label, "division"), (words.resume_label, "resume")):
        match = label.match(text)
        if match:
            rest = text[match.end() :].strip()
            if name == "division" and rest and words.empty.match(rest):
                person.blank_division = True
                return ""
            if rest:
                _add(words, person, rest, name)
            return name
    if words.post_label.match(text) and person.post is None:
        person.post = _BLANK.sub("", text[words.post_label.match(text).end() :]) or None  # type: ignore[union-attr]
        return mode
    said = _BLANK.sub("", text)
    if person.post is None and _post(words, said):
        person.post = said
        return mode
    _add(words, person, text, mode)
    return mode


def _add(words: _Words, person: _Person, text: str, mode: str) -> None:
    said = _BLANK.sub("", text)
    is_resume = bool(words.resume.search(said))
    is_division = bool(words.division.search(said))
    if (
        mode == "division"
        and not is_resume
        and (is_division or len(said) >= 4)
        and not words.empty.match(said)
    ):
        person.division.append(text)
    elif is_resume or mode == "resume":
        person.resume.append(text)
        if is_resume and is_division and (tail := _division_tail(words, text)):
            person.division.append(tail)
    elif is_division and len(said) >= 4:
        person.division.append(text)


def _division_tail(words: _Words, text: str) -> str | None:
    """The last sentences of a résumé paragraph where they are the present division: ...现任局长。主持全面工作。"""
    parts = [part for part in re.split(r"(?<=[。；;])", text) if part.strip()]
    tail = [
        part
        for part in parts
        if words.division.search(part) and not words.resume.search(part) and not re.search(r"\d{4}", part)
    ]
    return "".join(tail).strip() or None


def _merged(people: Iterable[_Person]) -> list[_Person]:
    """One entry a name: a name list above and the cards below are the same persons."""
    by_name: dict[str, _Person] = {}
    for person in people:
        known = by_name.get(person.name)
        if known is None:
            by_name[person.name] = person
            continue
        known.post = known.post or person.post
        known.photo = known.photo or person.photo
        known.url = known.url or person.url
        known.division = known.division or person.division
        known.resume = known.resume or person.resume
        if person.layout == "card" and (person.division or person.resume):
            known.layout = "card"
    return list(by_name.values())


def _entry(person: _Person, page: WebPage) -> dict[str, Any]:
    return {
        "name": person.name,
        "post": person.post,
        "photo": page.resolve(person.photo) if person.photo else None,
        "resume": "\n".join(person.resume)[:_LONG] or None,
        "division": "\n".join(person.division)[:_LONG] or None,
        "layout": person.layout,
        "url": page.resolve(person.url) if person.url else None,
        "quote": person.quote[:160],
    }


def _linked_names(lines: list[_Line]) -> list[_Person]:
    """Bare names that lead to a page each, where the page names nobody in any other way."""
    found = [(name, line) for line in lines if line.link and (name := person_name(line.text))]
    return (
        [_Person(name=name, quote=line.text, url=line.link) for name, line in found] if len(found) > 1 else []
    )


# --- data in scripts, pictures only


def _from_scripts(words: _Words, page: WebPage) -> Iterator[_Person]:
    """Cards filled by a script whose data stands in the page: objects with a name and a post or duties."""
    for node in page.tree.css("script:not([src])")[:60]:
        source = node.text() or ""
        if not words.post_end.search(source[:200_000]):
            continue
        for found in _OBJECT.finditer(source[:200_000]):
            values = [_TAGS.sub(" ", _unescape(a or b)) for _, a, b in _FIELD.findall(found.group())]
            name = next((n for value in values[:12] if (n := person_name(value))), None)
            if name is None:
                continue
            person = _Person(name=name, layout="script", quote=name)
            for value in values:
                said = _BLANK.sub("", half(value))
                if person_name(value) or not said:
                    continue
                if person.post is None and _post(words, said):
                    person.post = said
                elif re.search(r"\.(?:jpe?g|png|gif|bmp|webp)$", said, re.I):
                    person.photo = said
                else:
                    _take(words, person, _plain(value), "")
            if person.post or person.division:
                yield person


def _unescape(text: str) -> str:
    return re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda m: chr(int(m[1], 16)) if m[1] else {"n": "\n", "t": " "}.get(m[2], m[2]),
        text,
    )


def _picture_only(
    words: _Words, lines: list[_Line], page: WebPage, main_text: str
) -> tuple[dict[str, Any], ...]:
    pictures = [line.image for line in lines if line.image and not words.not_portrait.search(line.image)]
    if not pictures or len(_BLANK.sub("", main_text)) > 300:
        return ()
    photo = page.resolve(pictures[0])
    return (
        {
            "name": "", "post": None, "photo": photo, "resume": None, "division": None, "layout": "image", "url": None,
            "quote": f"{len(pictures)} 张图片",
        },
    )  # fmt: skip

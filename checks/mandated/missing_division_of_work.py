"""领导信息没有分工。

What it finds: 领导信息页上列出的每一位领导，姓名、职务之外有没有主管或分管的工作；同时列出照片、简历缺哪些。
同一人在两个页面上职务不同、后来的任免消息说已免去职务而仍列着的，请人核实。

Why it matters: 群众要知道哪件事归谁管；各级检查都看领导信息是否有姓名、职务和分工。

Known problems: 一人一页的，本人的页面没有采集到时不判；分工写在图片里读不到，只请人核实。
职级公务员（调研员等）通常没有分工，只请人核实。

Good: 周某某，党组成员、副局长，分管农村科技科、办公室。
Bad: 周某某，党组成员、副局长。（此外没有内容）
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated.items import SURE
from checks.mandated.profile import profile_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page

CHECK = Check(
    id="missing-division-of-work",
    title="领导信息没有分工",
    severity=Severity.MINOR,
    needs=("pages",),
    message="领导信息中的“{name}”（{post}）没有分工，缺：{lacks}。",
    fix="请在领导信息里写明“{name}”主管或分管的工作，补齐：{lacks}。",
    variants={
        "rank": (
            "领导信息中的“{name}”（{post}）没有读到分工。这类职级的人员不一定有分工，请核实。",
            "有分工的请写明；没有的不用处理。",
        ),
        "other-body": (
            "领导信息中的“{name}”（{post}）没有分工，缺：{lacks}。事业单位或类别不明的网站不一定有这项要求，请核实。",
            "应当公布分工的，请写明主管或分管的工作，补齐：{lacks}。",
        ),
        "unread": (
            "领导信息中的“{name}”（{post}）有自己的页面，但没有采集到，没有读到分工。",
            "请打开本人的页面核实；确实没有分工的，请补上。",
        ),
        "image": (
            "领导信息页只有图片，没有文字，程序读不到姓名、职务和分工。",
            "请核实图片内容，并改用文字公布姓名、职务和分工。",
        ),
        "posts": (
            "“{name}”在两个页面上的职务不同：{posts}。",
            "请核实现任职务，把过时的页面改过来。",
        ),
        "removed": (
            "“{name}”仍列在领导信息里，但{when}的任免信息说已免去其职务：{quote}。",
            "请核实；确已离任的，请从领导信息里撤下。",
        ),
    },
)

_RANK = re.compile(r"调研员|巡视员|主任科员|协理员|(?:县|处|科)级(?:干部)?$|督察专员|督查专员|警长$")
_NOT_LEADING = re.compile(r"(?:副)?(?:局长|书记|主任|厅长|部长|组长|院长|会长|总.{2,3}师)|党组成员|党委委员")
_PERSONNEL = re.compile(r"任免|免职|免去|任职|职务调整|离任|人事任命")
_REMOVED = (
    r"免去[:：\s]*(?:[\u4e00-\u9fff]{{2,4}}(?:同志)?[、，,]\s*){{0,8}}{name}\s*(?:同志)?"
    r"(?P<post>[^。；;\n]{{0,40}}?(?:职务|局长|书记|主任|成员|组长))"
)


@dataclass(slots=True)
class _Person:
    name: str
    posts: dict[str, Page] = field(default_factory=dict)
    division: bool = False
    resume: bool = False
    photo: bool = False
    urls: set[str] = field(default_factory=set)
    pages: list[Page] = field(default_factory=list)
    quote: str = ""


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per leader named on the site's leaders' pages, more for posts that differ and removals."""
    pages = {
        page.id for page, found in evidence.mandated() if found.item == "DI-04" and found.confidence >= SURE
    }
    people: dict[str, _Person] = {}
    pictures: list[Page] = []
    for page, fact in evidence.facts("leader"):
        data = fact.data
        if page.id not in pages and data["layout"] not in ("person", "image"):
            continue
        if not data["name"]:
            pictures.append(page)
            continue
        person = people.setdefault(data["name"], _Person(name=data["name"]))
        person.division = person.division or bool(data["division"])
        person.resume = person.resume or bool(data["resume"])
        person.photo = person.photo or bool(data["photo"])
        person.quote = person.quote or data["quote"]
        person.pages.append(page)
        if data["url"]:
            person.urls.add(data["url"])
        if data["post"]:
            person.posts.setdefault(data["post"], page)
    blamed = profile_of(evidence.run.site).blamed
    for person in people.values():
        yield _division(evidence, person, blamed)
        yield from _posts(person)
    yield from _removed(evidence, people)
    if not people:
        for page in pictures[:1]:
            yield Verdict(
                grade=Grade.REVIEW,
                subject=Subject(kind="leader", key=f"leaders/{page.url}", url=page.url, title=page.title),
                facts={},
                citations=(_cite(page, page.title),),
                variant="image",
            )


def _division(evidence: Evidence, person: _Person, blamed: bool) -> Verdict:
    post = next(iter(person.posts), "") or "职务未写"
    lacks = [
        word
        for word, there in (("照片", person.photo), ("简历", person.resume), ("分工", person.division))
        if not there
    ]
    facts = {"name": person.name, "post": post, "lacks": "、".join(lacks)}
    subject = Subject(kind="leader", key=f"leader/{person.name}", url=person.pages[0].url, title=person.name)
    if person.division:
        return Verdict(grade=Grade.OK, subject=subject, facts=facts)
    variant = None
    if any(evidence.page_at(url) is None for url in person.urls):
        variant = "unread"
    elif _RANK.search(post) and not _NOT_LEADING.search(post):
        variant = "rank"
    elif not blamed:
        variant = "other-body"
    return Verdict(
        grade=Grade.FAIL if variant is None else Grade.REVIEW,
        subject=subject,
        facts=facts,
        citations=tuple(_cite(page, person.quote) for page in person.pages[:3]),
        variant=variant,
    )


def _posts(person: _Person) -> Iterator[Verdict]:
    """Posts of one person on two pages when neither holds the other (副局长 and 党组成员、副局长 agree)."""
    posts = list(person.posts)
    for number, one in enumerate(posts):
        for other in posts[number + 1 :]:
            if person.posts[one].id == person.posts[other].id or _agree(one, other):
                continue
            yield Verdict(
                grade=Grade.REVIEW,
                subject=Subject(
                    kind="leader",
                    key=f"leader/{person.name}/posts",
                    url=person.posts[one].url,
                    title=person.name,
                ),
                facts={"name": person.name, "posts": f"“{one}”和“{other}”"},
                citations=(
                    _cite(person.posts[one], f"{person.name} {one}"),
                    _cite(person.posts[other], f"{person.name} {other}"),
                ),
                variant="posts",
            )
            return


def _agree(one: str, other: str) -> bool:
    parts = [set(re.split(r"[、，,;；\s]+", post)) for post in (one, other)]
    return bool(parts[0] & parts[1]) or any(
        a.endswith(b) or b.endswith(a) for a in parts[0] for b in parts[1]
    )


def _removed(evidence: Evidence, people: dict[str, _Person]) -> Iterator[Verdict]:
    """A personnel page, later than the leader's page, that says a listed leader was removed."""
    if not people:
        return
    names = "|".join(re.escape(name) for name in people)
    pattern = re.compile(_REMOVED.format(name=f"({names})"))
    told: set[str] = set()
    personnel = {page.id for page, found in evidence.mandated() if found.item == "DI-37"}
    for number, _, title in evidence.titles():
        if not (number in personnel or _PERSONNEL.search(title)):
            continue
        page = evidence.page(number)
        if page.published is None:
            continue
        for match in pattern.finditer(evidence.text(page.id)):
            person = people[match.group(1)]
            if not _holds(person, match["post"]):
                continue
            listed = [p.published.date for p in person.pages if p.published is not None]
            if person.name in told or (listed and max(listed) >= page.published.date):
                continue
            told.add(person.name)
            quote = match.group()[:80]
            yield Verdict(
                grade=Grade.REVIEW,
                subject=Subject(
                    kind="leader",
                    key=f"leader/{person.name}/removed",
                    url=person.pages[0].url,
                    title=person.name,
                ),
                facts={"name": person.name, "when": page.published.date.isoformat(), "quote": quote},
                citations=(_cite(person.pages[0], person.quote), _cite(page, quote)),
                variant="removed",
            )


def _holds(person: _Person, removed: str) -> bool:
    """Whether a post that was taken is one that the site still lists; a person without a listed post may hold it."""
    parts = [part for post in person.posts for part in re.split(r"[、，,;；\s]+", post) if len(part) >= 2]
    return not parts or any(re.search(rf"(?<!副){re.escape(part)}", removed) for part in parts)


def _cite(page: Page, quote: str) -> Citation:
    return Citation(url=page.url, seen_at=page.seen_at, quote=quote, where="领导信息", title=page.title)

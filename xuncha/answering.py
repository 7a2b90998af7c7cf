"""From what was seen again to the answer for each listed fault. What could not be seen is never signed off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from checks.check import Finding, Grade
from checks.links.dead_link import ladder, reason
from checks.privacy.personal_data import mask_address
from crawler.evidence.reader import Evidence
from crawler.evidence.records import FetchOutcome, Target
from crawler.extract.soft404 import fingerprint, similar
from reports.ledger import Answer
from xuncha.visits import Fault, Wanted

ALIKE = 0.3
"""Below this share of common wording a page is another text under the same address."""

LEAST_TEXT, LEFT_OF_IT = 100, 0.1
"""A page of so many characters that keeps less than this share of them shows its text no longer."""

NOT_GATHERED = "没有采集到所需的内容"
_DOUBT = ("blocked", "unreachable", "suspect")
"""Rungs of the ladder that say nothing against the link."""

_OPENS = (FetchOutcome.OK, FetchOutcome.TRUNCATED, FetchOutcome.TOO_LARGE)
_OTHERWISE = (FetchOutcome.REDIRECT_LOOP, FetchOutcome.TLS_FAILURE, FetchOutcome.OUTDATED_TLS)


class Seen(StrEnum):
    """How looking at one page again ended."""

    SEEN = "seen"
    CHANGED = "changed"
    GONE = "gone"
    DOWN = "down"
    BLOCKED = "blocked"
    LEFT = "left"


_WORDS = {
    Seen.CHANGED: "已是另一篇内容",
    Seen.GONE: "已打不开（页面不存在）",
    Seen.DOWN: "没有打开",
    Seen.BLOCKED: "拒绝程序访问",
    Seen.LEFT: "没有看到",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One row's answer. `before` and `now` count places, `now` None when they were not counted."""

    fault: Fault
    answer: Answer
    note: str
    before: int
    now: int | None

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.fault.number,
            "fingerprint": self.fault.fingerprint,
            "check": self.fault.check,
            "subject": {"url": self.fault.subject.url, "key": self.fault.subject.key},
            "answer": self.answer.value,
            "note": self.note,
            "places": {"before": self.before, "now": self.now},
        }


class Answering:
    """Answers row after row.

    `findings` are those of judging again, `judged` the checks that did, with their faults, `well` (check, key) of
    the subjects that a check called well.
    """

    def __init__(
        self,
        old: Evidence,
        new: Evidence,
        findings: Mapping[str, Finding],
        judged: Mapping[str, str],
        well: Collection[tuple[str, str]],
    ) -> None:
        self._old = old
        self._new = new
        self._since = new.run.started_at
        self._findings = findings
        self._judged = judged
        self._well = well
        self._paths = {"/".join(column.path) for column in new.columns()}
        self._missing = {page.url for page, _ in new.facts("soft-404")}
        self._doubtful = {page.url for page, _ in new.facts("soft-404-words")}
        self._seen: dict[str, Seen] = {}

    def of(self, wanted: Wanted) -> Answered:
        """The answer for one row."""
        fault = wanted.fault
        before = count(fault, wanted.family.count)
        if fault.check not in self._judged:
            return self._say(wanted, Answer.BLOCKED, "所用的表里没有这个检查项，请做整站检查", before, None)
        if self._judged[fault.check]:
            words = f"检查程序出错，没有得出结论（{self._judged[fault.check]}）"
            return self._say(wanted, Answer.BLOCKED, words, before, None)
        still = self._still(wanted)
        if still is not None:
            return self._still_there(wanted, still, before)
        if wanted.family.by in ("target", "source"):
            return self._link_gone(wanted, before)
        return self._no_longer(wanted, before)

    def _still(self, wanted: Wanted) -> Finding | None:
        """The same fault among what was found now, also where its key moved with the year."""
        fault = wanted.fault
        found = self._findings.get(fault.fingerprint)
        if found is not None:
            return found
        if wanted.family.key == "item":
            item = fault.subject.key.partition("/")[0]
            for other in self._findings.values():
                if other.check == fault.check and other.subject.key.partition("/")[0] == item:
                    return other
        if wanted.family.same == "places":
            # What several pages share is named by the first of them.
            pages = set(map(mask_address, wanted.places))
            for other in self._findings.values():
                if other.check == fault.check and other.subject.url in pages:
                    return other
        return None

    def _still_there(self, wanted: Wanted, still: Finding, before: int) -> Answered:
        fault, family = wanted.fault, wanted.family
        now = count(still, family.count)
        looked = Counter(self._look(url, changes=False) for url in wanted.places)
        rung = str(still.facts.get("verdict", ""))
        if family.by == "target":
            if rung in _DOUBT and (fault.grade is Grade.FAIL or rung != "suspect"):
                return self._say(wanted, Answer.BLOCKED, still.message, before, None)
            asked = any(self._asked(url) for url in wanted.targets)
        else:
            asked = bool(looked[Seen.SEEN])
        if not asked:
            return self._unseen(wanted, looked, before)
        if still.grade is Grade.REVIEW and fault.grade is Grade.FAIL:
            return self._say(
                wanted, Answer.BLOCKED, f"程序不能断定，请人工核实：{still.message}", before, None
            )
        left = self._left_words(wanted, looked)
        if now < before:
            return self._say(wanted, Answer.PARTLY, f"原有 {before} 处，现在还有 {now} 处{left}", before, now)
        return self._say(wanted, Answer.NOT_FIXED, f"{still.message}{left}", before, now)

    def _link_gone(self, wanted: Wanted, before: int) -> Answered:
        """The fault of a link is no longer found: the address answers now, or no page leads there any more."""
        targets = [target for url in wanted.targets if (target := self._new.target_at(url)) is not None]
        if wanted.family.by == "target" and targets and all(_opens(target) for target in targets):
            return self._say(wanted, Answer.FIXED, "地址已能正常打开", before, 0)
        linking = self._linking(wanted)
        looked = Counter(self._look(url, changes=False) for url in wanted.places)
        if not linking and looked[Seen.SEEN] + looked[Seen.GONE]:
            if wanted.left_out or looked[Seen.BLOCKED] + looked[Seen.DOWN] + looked[Seen.LEFT]:
                return self._partly_seen(wanted, looked, before)
            return self._say(wanted, Answer.FIXED, "来源页面已不再链接到这个地址", before, 0)
        if wanted.family.by == "target":
            bad = [t for t in targets if t.fetches[-1].outcome in _OTHERWISE or ladder(t) == "dead"]
            if bad:
                words = f"地址仍有问题：{reason(bad[0].fetches[-1])}"
                return self._say(wanted, Answer.NOT_FIXED, words, before, len(linking))
            if targets:
                return self._say(
                    wanted, Answer.BLOCKED, f"没能核实：{reason(targets[0].fetches[-1])}", before, None
                )
        return self._unseen(wanted, looked, before)

    def _linking(self, wanted: Wanted) -> set[str]:
        return {page for url in wanted.linked for page in self._new.linking_pages(url)}

    def _no_longer(self, wanted: Wanted, before: int) -> Answered:
        family = wanted.family
        looked = Counter(self._look(url, changes=family.by == "text") for url in wanted.places)
        if family.gone == "mended":
            looked[Seen.SEEN] += looked.pop(Seen.GONE, 0)
        total = looked.total()
        if not total:
            return self._say(wanted, Answer.BLOCKED, "没有可以复查的网址，请做整站检查", before, None)
        if looked[Seen.SEEN] == total and not wanted.left_out:
            if family.by == "column" and wanted.fault.subject.key not in self._paths:
                words = "栏目已改名、合并或撤下，请核实"
                return self._say(wanted, Answer.CHANGED, words, before, None)
            if family.told and not self._told(wanted):
                words = "页面已变，程序没有再认出这一内容，请人工核实"
                return self._say(wanted, Answer.CHANGED, words, before, None)
            return self._say(wanted, Answer.FIXED, f"看过 {total} 处，问题已不在", before, 0)
        if looked[Seen.SEEN]:
            return self._partly_seen(wanted, looked, before)
        return self._unseen(wanted, looked, before)

    def _told(self, wanted: Wanted) -> bool:
        fault = wanted.fault
        if (fault.check, fault.subject.key) in self._well:
            return True
        item = fault.subject.key.partition("/")[0]
        return wanted.family.key == "item" and any(
            check == fault.check and key.partition("/")[0] == item for check, key in self._well
        )

    def _partly_seen(self, wanted: Wanted, looked: Counter[Seen], before: int) -> Answered:
        words = f"看过的 {looked[Seen.SEEN]} 处已改{self._left_words(wanted, looked)}"
        return self._say(wanted, Answer.PARTLY, words, before, None)

    def _unseen(self, wanted: Wanted, looked: Counter[Seen], before: int) -> Answered:
        """Nothing of it was seen: which answer says so depends on what came instead."""
        kinds = {kind for kind, number in looked.items() if number}
        words = f"没有看到{self._left_words(wanted, looked)}"
        if kinds and kinds <= {Seen.GONE, Seen.DOWN}:
            return self._say(wanted, Answer.UNREACHABLE, words, before, None)
        if kinds and kinds <= {Seen.CHANGED, Seen.GONE}:
            return self._say(wanted, Answer.CHANGED, words, before, None)
        return self._say(wanted, Answer.BLOCKED, words, before, None)

    def _left_words(self, wanted: Wanted, looked: Counter[Seen]) -> str:
        parts = [f"{looked[kind]} 处{words}" for kind, words in _WORDS.items() if looked[kind]]
        if wanted.left_out:
            parts.append(f"{wanted.left_out} 处太多没有看，需要整站检查")
        return f"；另有 {'，'.join(parts)}" if parts else ""

    def _look(self, url: str, *, changes: bool) -> Seen:
        """How looking at a page again ended; `changes` tells another text from a mended one."""
        known = self._seen.get(url)
        if known is None:
            known = self._seen[url] = self._looked(url)
        if changes and known is Seen.SEEN and self._other_text(url):
            return Seen.CHANGED
        return known

    def _looked(self, url: str) -> Seen:
        target = self._new.target_at(url)
        if target is None or target.fetches[-1].at < self._since:
            return Seen.LEFT
        last = target.fetches[-1]
        if last.outcome in _OPENS:
            final = last.final_url or url
            page = self._new.page_at(final)
            if page is not None:
                if final in self._missing:
                    return Seen.GONE
                same = final == url and final not in self._doubtful and not self._emptied(url)
                return Seen.SEEN if same else Seen.CHANGED
            return Seen.SEEN if final == url or self._new.document_at(url) is not None else Seen.CHANGED
        rung = ladder(target)
        if rung == "dead" and last.outcome is FetchOutcome.HTTP_ERROR:
            return Seen.GONE if last.status in (404, 410) else Seen.DOWN
        return Seen.BLOCKED if rung in ("blocked", "restricted", None) else Seen.DOWN

    def _asked(self, url: str) -> bool:
        target = self._new.target_at(url)
        return target is not None and target.fetches[-1].at >= self._since

    def _emptied(self, url: str) -> bool:
        """Whether a page says next to nothing any more: a script fills it, or it is a shell."""
        before, now = self._old.page_at(url), self._new.page_at(url)
        if before is None or now is None or before.body_sha256 == now.body_sha256:
            return False
        was = len(self._old.text(before.id))
        return was >= LEAST_TEXT and len(self._new.text(now.id)) < was * LEFT_OF_IT

    def _other_text(self, url: str) -> bool:
        before, now = self._old.page_at(url), self._new.page_at(url)
        if before is None or now is None or before.title == now.title:
            return False
        was = fingerprint(self._old.text(before.id))
        return bool(was) and similar(was, fingerprint(self._new.text(now.id))) < ALIKE

    def _say(self, wanted: Wanted, answer: Answer, note: str, before: int, now: int | None) -> Answered:
        return Answered(fault=wanted.fault, answer=answer, note=note, before=before, now=now)


def count(row: Fault | Finding, facts: Iterable[str]) -> int:
    """How many places a fault has: the facts that count them together, else the places of the finding."""
    counted = sum(value for name in facts if isinstance(value := row.facts.get(name), int))
    return counted or row.places


def _opens(target: Target) -> bool:
    return target.fetches[-1].outcome in _OPENS

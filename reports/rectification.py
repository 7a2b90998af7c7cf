"""The view model: assessments as a bureau reads them. Every format shows this; totals are counted here, once."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from checks.answers import askable, choices
from checks.assessment import Assessment, ClauseScore, Glance, Standing, Waived
from checks.check import Citation, Finding, Grade, Outcome, Severity, Subject
from checks.columns.exemptions import Exemption, exemptions
from checks.compare import compare, once_fixed
from checks.mandated.calendar import DueSoon
from checks.mandated.profile import profile_of
from checks.outlook import Countdown
from checks.standard import Clause, Part, Per, SourceStatus, Standard
from reports.language import say
from reports.ledger.entry import Kept

if TYPE_CHECKING:
    from reports.noticed import NoticedView
    from reports.shortest import WayView
    from reports.trend import Trend

PART_WORDS = {Part.VETO: "单项否决", Part.DEDUCT: "扣分", Part.BONUS: "加分", Part.ADVISORY: "建议"}
STANDING_WORDS = {
    Standing.QUALIFIED: "合格",
    Standing.UNQUALIFIED: "不合格",
    Standing.UNDECIDED: "尚不能判定",
}
OUTCOME_WORDS = {
    Outcome.PASS: "未发现问题",
    Outcome.FAIL: "有问题",
    Outcome.REVIEW: "待人工核实",
    Outcome.NOT_APPLICABLE: "不适用",
    Outcome.NOT_EXAMINED: "未检查",
    Outcome.ERROR: "检查出错",
}
SEVERITY_WORDS = {Severity.VETO: "严重", Severity.MAJOR: "较重", Severity.MINOR: "一般"}
GRADE_WORDS = {Grade.FAIL: "问题", Grade.REVIEW: "待核实", Grade.OK: "正常"}
SOURCE_WORDS = {
    SourceStatus.CONFIRMED: "",
    SourceStatus.DERIVED: "推算所得",
    SourceStatus.RECALLED: "出处待核",
}
CHANGE_WORDS = {"new": "新出现", "persisting": "上次已有", "came_back": "再次出现"}
KIND_WORDS = {
    "pages": ("页面", "个"),
    "links": ("链接", "个"),
    "columns": ("栏目", "个"),
    "documents": ("附件", "个"),
    "home_probes": ("首页探测", "次"),
}
STATE_WORDS = {"complete": "完整", "partial": "部分", "absent": "未采集"}
SOME = 3
"""Problems named in one cell of the score table; the list has the rest."""
GLOSSARY = (
    ("问题", "检查到的事实明确违反条款，应当整改。"),
    ("待核实", "程序提出的线索，可能有例外，请人工核实后再决定是否整改；核实前不扣分。"),
    ("未发现问题", "该条款涉及的内容都检查过，没有发现问题。"),
    ("不适用", "网站上没有该条款所说的内容，无从检查。"),
    ("未检查", "没有看到或没有看全，不能说有问题，也不能说没问题。"),
    ("检查出错", "检查程序自身出错，与网站无关，结果不计。"),
    ("尚不能判定", "还有条款需要人工核查或没有检查完，现在下结论为时过早。"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it was seen. `href` is the address when it is safe to click, else None."""

    title: str
    url: str
    href: str | None
    quote: str
    where: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One numbered problem. `places_total` counts all places, of which `places` were recorded.

    `marks` is its share of the scored table's deductions (None: that table takes nothing for it).
    `others` are ids of further clauses it counts in. `copy` is the archived copy of its page and `picture_file` the
    picture of the fault, both below the report's folder, `picture` the same as a data address; "" without.
    """

    number: int
    id: str
    fingerprint: str
    check: str
    check_title: str
    certain: bool
    grade: str
    severity: str
    kind: str
    title: str
    url: str
    href: str | None
    column: str
    message: str
    fix: str
    quote: str
    where: str
    places: tuple[Place, ...]
    places_total: int
    everywhere: bool
    marks: Decimal | None
    clause: ClauseView
    others: tuple[str, ...]
    change: str
    first_seen: str
    copy: str = ""
    picture: str = ""
    picture_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseView:
    """A clause with its result. `reached` of `line` in `unit`; `filled` 0..1 for the bar; `found` says what is wrong."""

    id: str
    part: Part
    part_words: str
    group: str
    indicator: str
    title: str
    text: str
    source: str
    outcome: Outcome
    outcome_words: str
    examined: int
    failed: int
    review: int
    reached: str
    line: str
    filled: float
    marks: Decimal
    points: str
    reason: str
    open: bool
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A clause that people answer: what to do, the answers to choose from, the one given so far."""

    clause: ClauseView
    how: str
    choices: tuple[str, ...]
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Issues listed under one clause of one table."""

    table: str
    clause: ClauseView
    certain: int
    doubtful: int
    count: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """One standard with its score. `conclusion` and `basis` say in plain words how it stands and why."""

    id: str
    title: str
    document_no: str
    issuer: str
    official: bool
    note: str
    scored: bool
    standing: Standing
    standing_words: str
    conclusion: str
    basis: str
    pass_mark: str
    deducted: str
    bonus: str
    total: str
    at_most: str
    at_least: str
    vetoes: tuple[ClauseView, ...]
    scored_clauses: tuple[ClauseView, ...]
    manual: tuple[tuple[ClauseView, str], ...]
    to_answer: tuple[Asked, ...]
    confirm: tuple[tuple[ClauseView, str], ...]
    unexamined: tuple[ClauseView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    kind: str
    state: str
    complete: bool
    counts: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts over all tables, each finding once."""

    issues: int
    certain: int
    doubtful: int
    severe: int
    places: int
    by_check: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesView:
    """Against the previous run: counts, and what was fixed or could not be looked at again."""

    since: str
    new: int
    persisting: int
    came_back: int
    fixed: tuple[str, ...]
    not_reexamined: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLink:
    name: str
    url: str
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountdownView:
    """The way to one veto line. `crosses` says in words when, `update` what to renew to stay clear of it."""

    table: str
    clause: str
    title: str
    distance: str
    near: bool
    crosses: str
    update: tuple[NamedLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueView:
    """Work that falls due soon. `done` True when it is published already."""

    day: str
    what: str
    basis: str
    state: str
    done: bool
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaivedView:
    """A fault the site has decided to live with until a day."""

    check_title: str
    subject: NamedLink
    reason: str
    owner: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptView:
    """A column that need not be fed, by the site's configuration. `holds` False once that has run out."""

    column: NamedLink
    reason: str
    until: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One column's months as bars: (left, height, words) in pixels; `words` tells the whole in one sentence."""

    name: str
    bars: tuple[tuple[int, int, str], ...]
    width: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """Everything a report shows of one run."""

    site_name: str
    site_code: str
    sponsor: str
    home_url: str
    home_href: str | None
    scope: str
    run_id: str
    as_of: str
    started: str
    finished: str
    version: str
    seal: dt.datetime
    tables: tuple[TableView, ...]
    sections: tuple[Section, ...]
    issues: tuple[Issue, ...]
    urgent: tuple[Issue, ...]
    totals: Totals
    coverage: tuple[CoverageView, ...]
    changes: ChangesView | None
    unexamined_total: int
    scored: bool
    outlook: tuple[CountdownView, ...] = ()
    calendar: tuple[DueView, ...] = ()
    waived: tuple[WaivedView, ...] = ()
    exempt: tuple[ExemptView, ...] = ()
    trend: Trend | None = None
    way: WayView | None = None
    charts: tuple[Chart, ...] = ()
    noticed: tuple[NoticedView, ...] = ()
    kept: Kept | None = None
    glossary: tuple[tuple[str, str], ...] = GLOSSARY


def merged(assessments: Sequence[Assessment]) -> tuple[Finding, ...]:
    """Findings of all assessments, each fingerprint once, as the first table that lists it has it."""
    seen: dict[str, Finding] = {}
    for assessment in assessments:
        for finding in assessment.findings:
            seen.setdefault(finding.fingerprint, finding)
    return tuple(seen.values())


def merged_waived(assessments: Sequence[Assessment]) -> tuple[Waived, ...]:
    """Waived faults of all assessments, each check and subject once."""
    seen: dict[tuple[str, str], Waived] = {}
    for assessment in assessments:
        for row in assessment.waived:
            seen.setdefault((row.check, row.subject.key), row)
    return tuple(seen.values())


def rectification(
    assessments: Sequence[Assessment],
    *,
    previous: Sequence[Assessment] | None = None,
    earlier: Sequence[Glance] = (),
    titles: dict[str, str],
) -> Rectification:
    """Build the view of one run. `titles` names checks by id in the reader's language.

    `previous` is the run to compare with, `earlier` all runs before this one, oldest first.

    Raises ValueError when assessments are none or of several runs.
    """
    if len({assessment.run.id for assessment in assessments}) != 1:
        raise ValueError("assessments of exactly one run expected")
    run, site = assessments[0].run, assessments[0].site
    views = {
        (assessment.standard.id, row.clause): _clause_view(clauses[row.clause], row, said.get(row.clause, ()))
        for assessment in assessments
        for clauses in ({clause.id: clause for clause in assessment.standard.clauses},)
        for said in (_messages(assessment),)
        for row in assessment.score.clauses
    }
    changes, change_of = _changes(assessments, previous, earlier)
    first_seen = _first_seen(assessments, previous, earlier)
    sections, issues = _sections(assessments, views, titles, change_of, first_seen)
    tables = tuple(
        _table_view(assessment, views, first=number == 0) for number, assessment in enumerate(assessments)
    )
    return Rectification(
        site_name=clean(site.name, 60),
        site_code=clean(site.site_code, 60) or "未填写",
        sponsor=clean(site.sponsor, 60) or "未填写",
        home_url=clean(site.home_url, 1000),
        home_href=safe_href(site.home_url),
        scope="、".join(site.hosts)
        + (f"，路径以 {site.path_prefix} 开头" if site.path_prefix not in ("", "/") else "")
        + f"；{say(profile_of(site).why)}",
        run_id=run.id,
        as_of=_day(run.as_of),
        started=_moment(run.started_at),
        finished=_moment(run.finished_at) if run.finished_at else "未完成",
        version=run.version,
        seal=run.finished_at or run.started_at,
        tables=tables,
        sections=sections,
        issues=issues,
        urgent=tuple(sorted(issues, key=_urgency)[:5]),
        totals=_totals(issues),
        coverage=tuple(
            CoverageView(
                kind=KIND_WORDS.get(kind, (kind, "个"))[0],
                state=STATE_WORDS.get(seen.state, seen.state),
                complete=seen.state == "complete",
                counts=_counts(seen.counts),
                why="；".join(seen.why),
            )
            for kind, seen in run.coverage.items()
        ),
        changes=changes,
        unexamined_total=sum(len(table.unexamined) + len(table.manual) for table in tables),
        scored=any(table.scored for table in tables),
        outlook=tuple(
            _countdown_view(assessment.standard, row, run.as_of)
            for assessment in assessments
            for row in assessment.outlook
        ),
        calendar=tuple(_due_view(row, run.as_of) for row in assessments[0].calendar),
        waived=tuple(
            WaivedView(
                check_title=titles.get(row.check, row.check),
                subject=_named_link(row.subject),
                reason=clean(row.reason, 300),
                owner=clean(row.owner, 60),
                until=_day(row.until),
            )
            for row in merged_waived(assessments)
        ),
        exempt=tuple(_exempt_view(row) for row in exemptions(run)),
    )


def _named_link(subject: Subject) -> NamedLink:
    url = subject.url or ""
    return NamedLink(name=clean(subject.title or subject.key, 120), url=clean(url, 1000), href=safe_href(url))


def _exempt_view(row: Exemption) -> ExemptView:
    until = _day(row.until) if row.until else "没有写明"
    return ExemptView(
        column=NamedLink(
            name=clean(" > ".join(row.path), 120), url=clean(row.url, 1000), href=safe_href(row.url)
        ),
        reason=clean(row.reason, 300),
        until=until if row.holds else f"{until}，已到期，照常计算",
        holds=row.holds,
    )


def _ahead(day: dt.date, as_of: dt.date) -> str:
    left = (day - as_of).days
    return f"{_day(day)}（{f'还有 {left} 天' if left else '就是监测时间点当天'}）"


def _countdown_view(standard: Standard, row: Countdown, as_of: dt.date) -> CountdownView:
    if row.crosses_on is None:
        crosses = "不会，临期的栏目不够多"
    elif row.crosses_on <= as_of:
        crosses = "已经到线"
    else:
        crosses = _ahead(row.crosses_on, as_of)
    return CountdownView(
        table=standard.title,
        clause=row.clause,
        title=row.title,
        distance=f"{row.failing} / {row.line}",
        near=row.crosses_on is not None and row.crosses_on <= as_of + dt.timedelta(days=30),
        crosses=crosses,
        update=tuple(
            replace(named, name="首页") if one.subject.kind == "page" else named
            for one in row.update
            for named in (_named_link(one.subject),)
        ),
    )


def _due_view(row: DueSoon, as_of: dt.date) -> DueView:
    states = {True: "已公开", False: "还没有找到", None: "没有看全，请核对"}
    what = f"公开 {row.year} 年{row.name}"
    return DueView(
        day=_ahead(row.day, as_of) + ("" if row.sure else "，日期以上级通知为准"),
        what=what if row.always else f"{what}（有这项任务的单位）",
        basis=row.basis,
        state=states[row.there],
        done=row.there is True,
        href=safe_href(row.url) if row.url else None,
    )


COUNT_WORDS = {
    "pages": "页面",
    "targets": "链接地址",
    "columns": "栏目",
    "documents": "附件",
    "left": "没有看的",
    "seen": "看到",
    "known": "已知",
    "fetched": "已访问",
    "checked": "已检查",
    "failed": "失败",
    "skipped": "跳过",
    "readable": "可读",
    "unreadable": "读不出",
    "total": "共",
}


def _counts(counts: object) -> str:
    if not isinstance(counts, dict):
        return ""
    return "，".join(f"{COUNT_WORDS.get(name, name)} {value:,}" for name, value in counts.items())


def _changes(
    assessments: Sequence[Assessment], previous: Sequence[Assessment] | None, earlier: Sequence[Glance]
) -> tuple[ChangesView | None, dict[str, str]]:
    if not previous:
        return None, {}
    before = {assessment.standard.id: assessment for assessment in previous}
    fixed_before, known_before = once_fixed(earlier)
    of: dict[str, str] = {}
    fixed: dict[str, Finding] = {}
    unseen: dict[str, Finding] = {}
    compared = False
    for assessment in assessments:
        if assessment.standard.id not in before:
            continue
        compared = True
        changed = compare(assessment, before[assessment.standard.id], fixed_before, known_before)
        for name in ("new", "persisting", "came_back"):
            for finding in getattr(changed, name):
                of.setdefault(finding.fingerprint, CHANGE_WORDS[name])
        fixed |= {one.fingerprint: one for one in changed.fixed}
        unseen |= {one.fingerprint: one for one in changed.not_reexamined}
    if not compared:
        return None, {}
    counted = Counter(of.values())
    view = ChangesView(
        since=f"{_day(previous[0].run.as_of)}（{previous[0].run.id}）",
        new=counted[CHANGE_WORDS["new"]],
        persisting=counted[CHANGE_WORDS["persisting"]],
        came_back=counted[CHANGE_WORDS["came_back"]],
        fixed=tuple(_gone_words(one) for key, one in fixed.items() if key not in of),
        not_reexamined=tuple(
            _gone_words(one) for key, one in unseen.items() if key not in fixed and key not in of
        ),
    )
    return view, of


def _gone_words(finding: Finding) -> str:
    return f"{finding.id}　{clean(finding.message, 300)}"


def _first_seen(
    assessments: Sequence[Assessment], previous: Sequence[Assessment] | None, earlier: Sequence[Glance]
) -> dict[str, str]:
    """The day each fault was seen first, by fingerprint."""
    days: dict[str, str] = {}
    for look in earlier:
        for fingerprint in look.found:
            days.setdefault(fingerprint, look.as_of.isoformat())
    for assessment in (*(previous or ()), *assessments):
        for finding in assessment.findings:
            days.setdefault(finding.fingerprint, assessment.run.as_of.isoformat())
    return days


def _sections(
    assessments: Sequence[Assessment],
    views: dict[tuple[str, str], ClauseView],
    titles: dict[str, str],
    change_of: dict[str, str],
    first_seen: dict[str, str],
) -> tuple[tuple[Section, ...], tuple[Issue, ...]]:
    claims = _claims(assessments)
    shares = _shares(assessments)
    sections: list[Section] = []
    issues: list[Issue] = []
    listed: set[str] = set()
    for assessment in assessments:
        by_clause: dict[str, list[Finding]] = {clause.id: [] for clause in assessment.standard.clauses}
        for finding in assessment.findings:
            if finding.fingerprint not in listed:
                listed.add(finding.fingerprint)
                by_clause[finding.clause].append(finding)
        for clause_id, found in by_clause.items():
            if not found:
                continue
            view = views[assessment.standard.id, clause_id]
            mine = []
            for finding in found:
                issue = _issue(
                    len(issues) + 1,
                    finding,
                    view,
                    titles.get(finding.check, finding.check),
                    tuple(one for one in claims.get(finding.fingerprint, ()) if one != clause_id),
                    shares.get(finding.fingerprint),
                    change_of.get(finding.fingerprint, ""),
                    first_seen[finding.fingerprint],
                )
                issues.append(issue)
                mine.append(issue)
            certain = sum(issue.certain for issue in mine)
            sections.append(
                Section(
                    table=assessment.standard.title,
                    clause=view,
                    certain=certain,
                    doubtful=len(mine) - certain,
                    count=_count_words(certain, len(mine) - certain, view.marks),
                    issues=tuple(mine),
                )
            )
    return tuple(sections), tuple(issues)


def _count_words(certain: int, doubtful: int, marks: Decimal) -> str:
    parts = [f"{certain} 个问题"] if certain else []
    parts += [f"{doubtful} 条待核实"] if doubtful else []
    parts += [f"共扣 {marks_words(marks)} 分"] if marks else []
    return "，".join(parts)


def _claims(assessments: Sequence[Assessment]) -> dict[str, list[str]]:
    """Official clauses each finding counts in, in table order."""
    claims: dict[str, list[str]] = {}
    for assessment in assessments:
        prints = {finding.id: finding.fingerprint for finding in assessment.findings}
        advice = {clause.id for clause in assessment.standard.clauses if clause.part is Part.ADVISORY}
        for result in assessment.results:
            if result.clause in advice:
                continue
            for finding in result.findings:
                mine = claims.setdefault(prints[finding], [])
                if result.clause not in mine:
                    mine.append(result.clause)
    return claims


def _shares(assessments: Sequence[Assessment]) -> dict[str, Decimal]:
    """Points each finding costs under the first table that gives points."""
    scored = next((one for one in assessments if one.standard.frame is not None), None)
    if scored is None:
        return {}
    prints = {finding.id: finding.fingerprint for finding in scored.findings}
    shares: dict[str, Decimal] = {}
    for row in scored.score.clauses:
        if row.part is Part.DEDUCT:
            for finding, marks in row.shares.items():
                shares[prints[finding]] = shares.get(prints[finding], Decimal(0)) + marks
    return shares


def _issue(
    number: int,
    finding: Finding,
    clause: ClauseView,
    check_title: str,
    others: tuple[str, ...],
    marks: Decimal | None,
    change: str,
    first_seen: str,
) -> Issue:
    subject = finding.subject
    places = tuple(place_view(citation) for citation in finding.citations)
    first = places[0] if places else None
    url = subject.url or (first.url if first else "")
    return Issue(
        number=number,
        id=finding.id,
        fingerprint=finding.fingerprint,
        check=finding.check,
        check_title=check_title,
        certain=finding.grade is Grade.FAIL,
        grade=GRADE_WORDS[finding.grade],
        severity=SEVERITY_WORDS[finding.severity],
        kind=subject.kind,
        title=clean(subject.title or "", 120),
        url=clean(url, 1000),
        href=safe_href(url),
        column=clean(subject.column or "", 120),
        message=clean(finding.message, 600),
        fix=clean(finding.fix, 600),
        quote=first.quote if first and first.quote != clean(subject.title or "", 120) else "",
        where=first.where if first else "",
        places=places,
        places_total=max(finding.places, len(places)),
        everywhere=finding.facts.get("everywhere") is True,
        marks=marks,
        clause=clause,
        others=others,
        change=change,
        first_seen=first_seen,
    )


def place_view(citation: Citation) -> Place:
    """A citation as a reader sees it."""
    return Place(
        title=clean(citation.title, 120),
        url=clean(citation.url, 1000),
        href=safe_href(citation.url),
        quote=clean(citation.quote, 300),
        where=clean(say(citation.where), 120),
        seen=_moment(citation.seen_at) if citation.seen_at else "",
    )


_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def clean(text: str, most: int) -> str:
    """Text fit to print: no control or direction characters, cut at `most` characters."""
    if len(text) > most:
        text = text[: most - 1] + "…"
    return _UNSEEN.sub("", text)


def safe_href(url: str) -> str | None:
    """The address if a reader may click it: http or https, no control characters or spaces."""
    return url if re.fullmatch(r"https?://[^\s\x00-\x1f\x7f\"<>\\]{1,2000}", url, re.IGNORECASE) else None


def _urgency(issue: Issue) -> tuple[object, ...]:
    veto = issue.clause.part is Part.VETO and issue.clause.outcome is Outcome.FAIL
    heavy = ("严重", "较重", "一般").index(issue.severity)
    return (not veto, not issue.certain, heavy, -(issue.marks or 0), -issue.places_total, issue.number)


def _totals(issues: Sequence[Issue]) -> Totals:
    checks = dict.fromkeys(issue.check_title for issue in issues)
    certain = Counter(issue.check_title for issue in issues if issue.certain)
    doubtful = Counter(issue.check_title for issue in issues if not issue.certain)
    return Totals(
        issues=len(issues),
        certain=certain.total(),
        doubtful=doubtful.total(),
        severe=sum(issue.severity == SEVERITY_WORDS[Severity.VETO] for issue in issues),
        places=sum(issue.places_total for issue in issues),
        by_check=tuple((title, certain[title], doubtful[title]) for title in checks),
    )


def _messages(assessment: Assessment) -> dict[str, list[str]]:
    """The first messages behind each clause, the certain ones first."""
    by_id = {finding.id: finding for finding in assessment.findings}
    said: dict[str, list[str]] = {}
    for result in assessment.results:
        mine = said.setdefault(result.clause, [])
        for finding in result.findings[: SOME - len(mine)]:
            mine.append(clean(by_id[finding].message.partition("。")[0], 80))
    return said


def _found_words(clause: Clause, row: ClauseScore, outcome_words: str, messages: Sequence[str]) -> str:
    if not messages:
        if row.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) and not row.reason:
            return "无" if row.outcome is Outcome.PASS else outcome_words
        if clause.tests and row.reason:
            return f"{outcome_words}：{row.reason}"
        return row.reason or outcome_words
    counts = [f"{row.failed} 处"] if row.failed else []
    counts += [f"待核实 {row.review} 处"] if row.review else []
    more = "等" if row.failed + row.review > len(messages) else ""
    return f"{'；'.join(messages)}{more}（{'，'.join(counts)}）"


def _clause_view(clause: Clause, row: ClauseScore, messages: Sequence[str]) -> ClauseView:
    if row.ratio:
        reached, line = f"{row.reached * 100:.1f}%", f"{row.line * 100:.0f}%"
    else:
        reached, line = f"{row.reached:.0f}", f"{row.line:.0f}"
    return ClauseView(
        id=clause.id,
        part=clause.part,
        part_words=PART_WORDS[clause.part],
        group=clause.group,
        indicator=clause.indicator,
        title=clause.title,
        text=clause.text,
        source=SOURCE_WORDS[clause.source_status],
        outcome=row.outcome,
        outcome_words=_outcome_words(clause, row),
        examined=row.examined,
        failed=row.failed,
        review=row.review,
        reached=reached,
        line=line,
        filled=min(1.0, float(row.reached / row.line)),
        marks=row.marks,
        points=_points_words(clause),
        reason=row.reason,
        open=row.open,
        found=_found_words(clause, row, _outcome_words(clause, row), messages),
    )


def _outcome_words(clause: Clause, row: ClauseScore) -> str:
    if clause.part is Part.VETO:
        if row.outcome is Outcome.FAIL:
            return "已触发"
        if row.outcome is Outcome.PASS:
            return "未触发"
    if clause.part is Part.DEDUCT and row.outcome is Outcome.FAIL and row.open:
        return "有问题，未查完"
    if clause.part is Part.BONUS and row.outcome in (Outcome.PASS, Outcome.FAIL):
        return "得分" if row.outcome is Outcome.PASS else "不得分"
    if row.outcome is Outcome.NOT_EXAMINED:
        if clause.manual is not None:
            return "需人工核查"
        return "未查完" if row.examined else "未检查"
    return OUTCOME_WORDS[row.outcome]


def _points_words(clause: Clause) -> str:
    if clause.points is None:
        return ""
    sign = "加" if clause.part is Part.BONUS else "扣"
    each = {Per.SUBJECT: "每处", Per.SITE: "", Per.PERCENT: "每 1% "}[clause.per]
    return f"{each}{sign} {marks_words(clause.points)} 分"


def marks_words(value: Decimal) -> str:
    """Points without trailing zeros: 3, 0.5, 28.3."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text or "0"


def _table_view(
    assessment: Assessment, views: dict[tuple[str, str], ClauseView], *, first: bool
) -> TableView:
    standard, score = assessment.standard, assessment.score
    mine = [(clause, views[standard.id, clause.id]) for clause in standard.clauses]
    conclusion, basis = _conclusion(assessment)
    return TableView(
        id=standard.id,
        title=standard.title,
        document_no=standard.document_no,
        issuer=standard.issuer,
        official=standard.official,
        note=standard.note,
        scored=standard.frame is not None,
        standing=score.standing,
        standing_words=STANDING_WORDS[score.standing],
        conclusion=conclusion,
        basis=basis,
        pass_mark=marks_words(standard.frame.pass_mark) if standard.frame else "",
        deducted=marks_words(score.deducted),
        bonus=marks_words(score.bonus),
        total="" if score.total is None else marks_words(score.total),
        at_most="" if score.at_most is None else marks_words(score.at_most),
        at_least="" if score.at_least is None else marks_words(score.at_least),
        vetoes=tuple(view for clause, view in mine if clause.part is Part.VETO),
        scored_clauses=tuple(view for clause, view in mine if clause.part in (Part.DEDUCT, Part.BONUS)),
        manual=tuple(
            (view, clause.manual)
            for clause, view in mine
            if clause.manual is not None and view.outcome is Outcome.NOT_EXAMINED
        ),
        to_answer=tuple(
            Asked(
                clause=views[standard.id, clause.id],
                how=how,
                choices=tuple(say(one.value) for one in choices(clause)),
                given=say(given.reason) if given else "",
            )
            for clause, how, given in askable(assessment)
        ),
        confirm=tuple((view, clause.confirm) for clause, view in mine if clause.confirm is not None),
        unexamined=tuple(
            view
            for clause, view in mine
            if clause.manual is None
            and (clause.part is not Part.ADVISORY or first)
            and (view.outcome in (Outcome.NOT_EXAMINED, Outcome.ERROR) or (view.open and view.reason))
        ),
    )


def _conclusion(assessment: Assessment) -> tuple[str, str]:
    """How the site stands and why, in two sentences."""
    standard, score = assessment.standard, assessment.score
    titles = {clause.id: clause.title for clause in standard.clauses}
    open_count = len(score.blocked_by)
    if score.vetoes:
        named = "、".join(titles[clause] for clause in score.vetoes)
        words = f"触发单项否决 {len(score.vetoes)} 项（{named}），按规定判为不合格，不再评分。"
        return words, _marks_so_far(standard, score.deducted)
    frame = standard.frame
    if frame is None:
        if score.standing is Standing.QUALIFIED:
            return "没有触发单项否决。", ""
        return (
            "已检查的单项否决指标都没有触发。",
            f"还有 {open_count} 项需要人工核查或补充检查，之后才能下结论。",
        )
    if score.total is not None:
        line = f"合格线为 {marks_words(frame.pass_mark)} 分。"
        return (
            f"得分 {marks_words(score.total)} 分。",
            f"扣 {marks_words(score.deducted)} 分，加 {marks_words(score.bonus)} 分；{line}",
        )
    least = f"，最低 {marks_words(score.at_least)} 分" if score.at_least is not None else ""
    most = (
        ""
        if score.at_most is None
        else f"得分最高 {marks_words(score.at_most)} 分{least}（合格线 {marks_words(frame.pass_mark)} 分）。"
    )
    if score.standing is Standing.UNQUALIFIED:
        return f"已扣 {marks_words(score.deducted)} 分，低于合格线。", most
    start = f"没有触发单项否决，已扣 {marks_words(score.deducted)} 分。"
    if any(clause.part is Part.VETO and clause.id in score.blocked_by for clause in standard.clauses):
        start = f"已检查的单项否决指标都没有触发，已扣 {marks_words(score.deducted)} 分。"
    return start, f"{most}还有 {open_count} 项需要人工核查或补充检查，之后才能定分。"


def _marks_so_far(standard: Standard, deducted: Decimal) -> str:
    if standard.frame is None:
        return ""
    return f"如不计否决，已查明的问题共扣 {marks_words(deducted)} 分，供参考。"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


BEIJING = dt.timezone(dt.timedelta(hours=8))


def _moment(moment: dt.datetime) -> str:
    """Minute in Beijing time, as official papers give it."""
    local = moment.astimezone(BEIJING) if moment.tzinfo else moment
    return f"{local:%Y-%m-%d %H:%M}"

"""The suites of other link checkers: the same verdict on every case that is about links of one host.

A case is a fixture page and whether its checker says "broken". Left out, with the rule that left it out
(`peers.toml`): cases about an option or a rule that is not about links, and those that need outside hosts.
"""

from __future__ import annotations

import csv
import json
import re
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from bench.links.serving import CASES, Folder, cases_page, faults, serving, walked
from crawler.extract.links import links
from crawler.extract.webpage import open_page

FIXTURES = Path(__file__).parents[3] / "shared" / "realdata" / "linkcheck-fixtures"
RULES = tomllib.loads((Path(__file__).parent / "peers.toml").read_text(encoding="utf-8"))
_OUTSIDE = re.compile(
    r"""(?:href|src|srcset|content|action|data)\s*=\s*["']?[^"'>]*?(?:https?:)?//[\w.\[-]|url\(["']?https?:""",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    suite: str
    name: str
    page: str
    """Path below the suite's folder, or the address for single links."""
    broken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    case: Case
    broken: bool
    said: str
    reason: str = ""


def cases() -> tuple[list[Case], Counter[tuple[str, str]]]:
    """The applicable page cases, and how many were left out by which rule."""
    kept: list[Case] = []
    left: Counter[tuple[str, str]] = Counter()
    for suite, name, fixture, broken, told in _rows():
        why = _left_out(suite, name, fixture, broken, told)
        if why:
            left[suite, why] += 1
        else:
            kept.append(Case(suite=suite, name=name, page=fixture, broken=bool(broken)))
    return kept, left


def _rows() -> Iterator[tuple[str, str, str, bool | None, str]]:
    """(suite, name, fixture, broken or None when the row does not say, everything else it says)."""
    for row in _table("htmltest"):
        count = row["expected_issue_count"]
        told = " ".join((row["expected_issue_texts"], row["options"], row["note"]))
        yield (
            "htmltest",
            row["test"],
            row["fixture"].removeprefix("fixtures/"),
            int(count) > 0 if count else None,
            told,
        )
    for row in _table("html-proofer"):
        count, message = row["expected_failed_checks"], row["expected_messages"]
        broken = int(count) > 0 if count else True if message else None
        yield "html-proofer", row["case"], row["fixture"], broken, " ".join((message, row["options"]))
    for row in _table("linkinator"):
        said = re.search(r"(!?)results\.passed( true| false)?", row["expected"])
        broken = (said[1] == "!" or said[2] == " false") if said else "BROKEN" in row["expected"] or None
        yield "linkinator", row["case"], row["fixture"].removeprefix("test/fixtures/"), broken, row["note"]
    for row in _table("filiph-linkcheck"):
        result = re.search(r"result, (\d)", row["expectations (exit code 0 ok, 1 warnings, 2 errors)"])
        yield (
            "filiph-linkcheck",
            row["case"],
            f"case{row['fixture_case_no']}",
            result is not None and result[1] != "0",
            "",
        )


def _table(suite: str) -> list[dict[str, str]]:
    with (FIXTURES / suite / "expected.tsv").open(encoding="utf-8", newline="") as file:
        return [
            {k: v or "" for k, v in row.items() if k}
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _left_out(suite: str, name: str, fixture: str, broken: bool | None, told: str) -> str | None:
    if broken is None:
        return "no verdict in the row"
    path = FIXTURES / suite / fixture
    if not (path.is_file() or path.is_dir()):
        return "fixture not there"
    said = f"{name} | {fixture} | {told}"
    kept = any(rule["suite"] == suite and re.search(rule["pattern"], said) for rule in RULES["kept"])
    for rule in () if kept else RULES["left_out"]:
        if rule.get("suite", suite) == suite and re.search(rule["pattern"], said):
            return str(rule["why"])
    files = (
        [path]
        if path.is_file()
        else [p for p in path.rglob("*") if p.is_file() and p.suffix in (".html", ".css")]
    )
    if any(_OUTSIDE.search(file.read_text(encoding="utf-8", errors="replace")) for file in files):
        return "needs outside hosts"
    return None


def outcomes(kept: list[Case]) -> Iterator[Outcome]:
    """Walk each fixture folder once and say of every case what we say of its page."""
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in kept:
        path = FIXTURES / case.suite / case.page
        root = case.page if path.is_dir() else str(Path(case.page).parent)
        groups[case.suite, root].append(case)
    for (suite, root), group in sorted(groups.items()):
        found, base = _walk(suite, root, group)
        for case in group:
            whole = (FIXTURES / suite / case.page).is_dir()
            said = {
                (target.removeprefix(base), check)
                for page, rows in found.items()
                if whole or unquote(urlsplit(page).path) == "/" + case.page
                if urlsplit(page).path != CASES
                for target, check in rows
            }
            yield Outcome(
                case=case, broken=bool(said), said="; ".join(f"{c}: {t}" for t, c in sorted(said)[:3]),
                reason=_reason(case.suite, case.name, case.page),
            )  # fmt: skip


def _walk(suite: str, root: str, group: list[Case]) -> tuple[dict[str, set[tuple[str, str]]], str]:
    top = FIXTURES / suite
    if (top / group[0].page).is_dir():
        roots, start, made = [top / root], "/", {}
        if not any((top / root / name).is_file() for name in ("index.html", "index.htm")):
            start = CASES
            made = {
                CASES: cases_page(
                    ["/" + str(p.relative_to(top / root)) for p in sorted((top / root).rglob("*.htm*"))]
                )
            }
    else:
        roots, start = [top, top / root], CASES
        made = {CASES: cases_page(["/" + case.page for case in {c.page: c for c in group}.values()])}
    rules = top / group[0].page / "robots.txt"
    if suite == "filiph-linkcheck" and rules.is_file():
        # Its rules are for an agent of its own name: here they stand for ours.
        made["/robots.txt"] = rules.read_text(encoding="utf-8").replace("linkcheck", "xuncha")
    suffixes = ("", ".html") if suite == "html-proofer" else ("",)
    with (
        serving(
            Folder(
                roots,
                made,
                suffixes=suffixes,
                stand_ins=RULES["stand_ins"].get(suite, ()),
                # htmltest reads folders from the disk, where nobody redirects.
                mends_slash=suite != "htmltest",
            )
        ) as folder,
        tempfile.TemporaryDirectory() as into,
        walked(folder.base + start, Path(into), robots=suite == "filiph-linkcheck") as evidence,
    ):
        return faults(evidence), folder.base


def _reason(suite: str, *said: str) -> str:
    text = " | ".join(said)
    for rule in RULES["policy"]:
        if rule.get("suite", suite) == suite and re.search(rule["pattern"], text):
            return str(rule["why"])
    return ""


def linkchecker() -> Iterator[Outcome]:
    """Every address of this host that a .result file of LinkChecker's names: error, or valid."""
    top = FIXTURES / "linkchecker"
    pages = [
        p
        for p in sorted(top.glob("*.result"))
        if (top / p.stem).is_file() and p.stem.endswith((".html", ".xhtml"))
    ]
    made = {CASES: cases_page([f"/tests/checker/data/{p.stem}" for p in pages])}
    with tempfile.TemporaryDirectory() as held:
        served = Path(held) / "www"
        (served / "tests" / "checker").mkdir(parents=True)
        (served / "tests" / "checker" / "data").symlink_to(top)
        (served / "index.html").write_text("<title>root</title>", encoding="utf-8")
        with serving(Folder([served], made, stand_ins=RULES["stand_ins"]["linkchecker"])) as folder:
            with walked(folder.base + CASES, Path(held) / "run", robots=False) as evidence:
                found = faults(evidence)
            for page in pages:
                here = f"{folder.base}/tests/checker/data/{page.stem}"
                rows = {_same(target): check for target, check in found.get(here, ())}
                for block in page.read_text(encoding="utf-8").split("\n\n"):
                    case = _linkchecker_case(page.stem, block, folder.base)
                    if case is not None and case.page != here:
                        check = rows.get(_same(case.page))
                        yield Outcome(
                            case=case, broken=check is not None, said=f"{check}: {case.page.removeprefix(folder.base)}",
                            reason=_reason("linkchecker", page.stem, case.name),
                        )  # fmt: skip


def _linkchecker_case(page: str, block: str, base: str) -> Case | None:
    real = re.search(r"^real url (.+)$", block, re.M)
    verdict = re.search(r"^(valid|error)$", block, re.M)
    written = re.search(r"^url (.+)$", block, re.M)
    if not (real and verdict and written) or re.search(
        r"^cache key (mailto|ftp|clsid|dns|news)", block, re.M
    ):
        return None
    url = real[1].replace("%%", "%").replace("%(datadir)s", "tests/checker/data")
    for start in ("http://localhost:%(port)d", "file://%(curdir)s"):
        if url.startswith(start):
            return Case(
                suite="linkchecker", name=f"{page}: {written[1]} ({' '.join(re.findall(r'^warning (.+)$', block, re.M))})",
                page=base + url.removeprefix(start), broken=verdict[1] == "error" or "\nwarning Anchor " in block,
            )  # fmt: skip
    return None


def _same(url: str) -> str:
    parts = urlsplit(url)
    return (
        quote(unquote(parts.path))
        + ("?" + unquote(parts.query) if parts.query else "")
        + ("#" + unquote(parts.fragment) if parts.fragment else "")
    )


def broken_link_checker(left: Counter[tuple[str, str]]) -> Iterator[Outcome]:
    """Every element and attribute that broken-link-checker reads an address from: do we see the address?"""
    raw = json.loads(
        (FIXTURES / "broken-link-checker" / "json" / "scrapeHTML.json").read_text(encoding="utf-8")
    )
    for name, row in raw.items():
        page = open_page("http://domain.com/", row["html"].encode(), "text/html; charset=utf-8")
        mine = {link.url for link in links(page)}
        for link in row["links"]:
            url = link["rebasedURL"] or link["resolvedURL"]
            if url is None:
                continue
            why = _reason("broken-link-checker", name)
            if why:
                left["broken-link-checker", f"{name}: {why}"] += 1
                continue
            yield Outcome(
                case=Case(suite="broken-link-checker", name=name, page=url, broken=True), broken=url in mine,
                said=" ".join(sorted(mine)[:3]),
            )  # fmt: skip


def report() -> int:
    """Print the table and every difference; 1 when a difference has no reason."""
    kept, left = cases()
    every = [*outcomes(kept), *linkchecker(), *broken_link_checker(left)]
    suites = list(dict.fromkeys(outcome.case.suite for outcome in every))
    print("| suite | cases | same verdict | share | explained | unexplained | left out |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for suite in [*suites, "all"]:
        rows = [o for o in every if suite in (o.case.suite, "all")]
        same = sum(o.broken == o.case.broken for o in rows)
        told = sum(o.broken != o.case.broken and bool(o.reason) for o in rows)
        out = sum(n for (name, _), n in left.items() if suite in (name, "all"))
        print(
            f"| {suite} | {len(rows)} | {same} | {same / len(rows):.1%} | {told} | {len(rows) - same - told} | {out} |"
        )
    print("\nDifferences:")
    for o in every:
        if o.broken != o.case.broken:
            wanted = "broken" if o.case.broken else "in order"
            print(
                f"- {o.case.suite} | {o.case.name} | {o.case.page} | they: {wanted} | we: {o.said or 'in order'} | {o.reason or '?'}"
            )
    print("\nLeft out:")
    for (suite, why), count in sorted(left.items()):
        print(f"- {suite}: {why}: {count}")
    return int(any(o.broken != o.case.broken and not o.reason for o in every))

"""Writes the report of one run in each wanted format, all from one view."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from checks.assessment import Assessment, Glance
from checks.columns.history import History
from checks.compare import glance
from reports import listing, machines
from reports.ahead import effect, few
from reports.columns import charts
from reports.errors import ReportError
from reports.exchange import template_said
from reports.exhibit import Exhibits, keep, shown
from reports.language import presented, say, spoken
from reports.ledger.entry import Kept
from reports.plain import score_words
from reports.rectification import Rectification, marks_words, rectification

__all__ = ["FORMATS", "ReportError", "html", "write"]

TEMPLATES = Path(__file__).parent / "templates"
MOST_PLACES = 50
_PIECES = 200
"""Pieces of a template that are written together."""


def write(
    assessments: Sequence[Assessment],
    folder: Path,
    formats: Sequence[str],
    *,
    previous: Sequence[Assessment] | None = None,
    earlier: Sequence[Glance] = (),
    histories: Sequence[History] = (),
    kept: Kept | None = None,
    exhibits: Exhibits | None = None,
) -> list[Path]:
    """Write the report of one run into `folder` and return the files, one or more a format.

    `previous` are the assessments of an earlier run to tell what changed, `histories` the months of its columns,
    `kept` what the ledger has of its problems, `exhibits` the copies and pictures that belong to them.
    Raises ReportError.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ReportError(f"没有这种格式：{'、'.join(unknown)}；可用的有 {'、'.join(FORMATS)}")
    assessments = presented(assessments)
    view = _view(assessments, previous=previous, earlier=earlier, histories=histories, kept=kept)
    exhibits = exhibits or Exhibits()
    view = shown(view, exhibits.of)
    folder.mkdir(parents=True, exist_ok=True)
    keep(folder, exhibits)
    files = []
    for name in dict.fromkeys(formats):
        file, render = FORMATS[name]
        path = folder / file
        fresh = path.with_name(path.name + ".new")
        made = render(assessments, view)
        with fresh.open("wb") as written:
            written.writelines((made,) if isinstance(made, bytes) else made)
        fresh.replace(path)
        files.append(path)
    return files


def view_of(
    assessments: Sequence[Assessment],
    *,
    previous: Sequence[Assessment] | None = None,
    earlier: Sequence[Glance] = (),
    histories: Sequence[History] = (),
    kept: Kept | None = None,
) -> Rectification:
    """The one view that every format and paper shows."""
    return _view(presented(assessments), previous=previous, earlier=earlier, histories=histories, kept=kept)


def _view(
    assessments: Sequence[Assessment],
    *,
    previous: Sequence[Assessment] | None,
    earlier: Sequence[Glance],
    histories: Sequence[History],
    kept: Kept | None,
) -> Rectification:
    from reports.noticed import noticed_view
    from reports.shortest import way_view
    from reports.trend import trend

    previous = presented(previous) if previous else None
    view = rectification(assessments, previous=previous, earlier=earlier, titles=_check_titles())
    scored = next((one.standard for one in assessments if one.standard.frame is not None), None)
    return replace(
        view,
        charts=charts(histories),
        noticed=noticed_view(assessments),
        kept=kept,
        trend=trend([*earlier, glance(assessments)], scored),
        way=way_view(assessments, {issue.fingerprint: issue.number for issue in view.issues}),
    )


def _check_titles() -> dict[str, str]:
    from checks.registry import CHECKS

    return {check.id: say(check.title) for check in CHECKS}


@functools.cache
def environment() -> Environment:
    """The template environment: escapes everything, refuses unknown names."""
    made = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["marks"] = marks_words
    made.filters["score"] = score_words
    made.filters["few"] = few
    made.filters["effect"] = effect
    made.globals["most_places"] = MOST_PLACES
    return made


def _source(name: str) -> str:
    return template_said((TEMPLATES / name).read_text(encoding="utf-8"))


def style() -> Markup:
    """The style sheet, and what another language needs besides."""
    css = template_said((TEMPLATES / "report.css").read_text(encoding="utf-8"), typst=True)
    more = TEMPLATES / f"report.{spoken()}.css"
    return Markup(css + more.read_text(encoding="utf-8") if more.exists() else css)


def html(assessments: Sequence[Assessment], view: Rectification) -> Iterator[bytes]:
    """检测报告: one self-contained page."""
    pieces = environment().get_template("report.html.j2").stream(view=view, css=style())
    pieces.enable_buffering(_PIECES)
    for piece in pieces:
        yield piece.encode("utf-8")


def pdf(assessments: Sequence[Assessment], view: Rectification) -> bytes:
    """检测报告 as PDF/A."""
    from reports.pdf import as_pdf

    return as_pdf(view)


def xlsx(assessments: Sequence[Assessment], view: Rectification) -> bytes:
    """整改台账 as a workbook."""
    from reports.workbook import as_xlsx

    return as_xlsx(view)


def docx(assessments: Sequence[Assessment], view: Rectification) -> bytes:
    """检测报告 for Word."""
    from reports.word import as_docx

    return as_docx(view)


Renderer = Callable[[Sequence[Assessment], Rectification], bytes | Iterator[bytes]]
"""Makes a file's bytes, in pieces where a large site's would be hundreds of megabytes."""

FORMATS: dict[str, tuple[str, Renderer]] = {
    "html": ("report.html", html),
    "json": ("findings.json", listing.as_json),
    "csv": ("findings.csv", listing.as_csv),
    "xlsx": ("ledger.xlsx", xlsx),
    "docx": ("report.docx", docx),
    "pdf": ("report.pdf", pdf),
    "junit": ("junit.xml", machines.as_junit),
    "sarif": ("findings.sarif", machines.as_sarif),
}

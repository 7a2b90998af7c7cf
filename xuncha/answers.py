"""People's answers to what no machine can judge: taken from a filled-in form, kept in the run, put into its score."""

from __future__ import annotations

from pathlib import Path

from checks.answers import Answer, answered, as_toml, checked, read_toml
from checks.assessment import Assessment
from checks.store import load, save
from xuncha.runfiles import FINDINGS_FILE

ANSWERS_FILE = "answers.toml"


def answers_of(folder: Path) -> tuple[Answer, ...]:
    """The answers kept in a run, latest last; none when nobody answered. Raises AnswerError."""
    path = folder / ANSWERS_FILE
    if not path.is_file():
        return ()
    return tuple(Answer.of(row) for _, row in read_toml(path))


def take_in(folder: Path, form: Path) -> tuple[tuple[Answer, ...], tuple[Assessment, ...]]:
    """Read a filled-in form (xlsx or toml) into a run: answers are appended, the score is made anew and stored.

    Returns the answers of the form and the new assessments. Raises AnswerError naming every bad place; then
    nothing is taken in.
    """
    # Word and workbooks weigh tens of megabytes: every judging asks for answers, few take some in.
    from reports.forms import read_checklist

    before = load(folder / FINDINGS_FILE)
    rows = read_toml(form) if form.suffix.lower() == ".toml" else read_checklist(form.read_bytes(), form.name)
    given = checked(rows, before)
    kept = answers_of(folder)
    fresh = tuple(answer for answer in given if answer not in kept)
    if fresh:
        path = folder / (ANSWERS_FILE + ".new")
        path.write_text(as_toml([*kept, *fresh]), encoding="utf-8")
        path.replace(folder / ANSWERS_FILE)
    after = tuple(answered(one, [*kept, *fresh]) for one in before)
    save(folder / FINDINGS_FILE, after)
    return given, after

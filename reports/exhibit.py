"""Evidence shown in a report: the picture of a fault and the copy of its page, by the number of the problem."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from reports.rectification import Issue, Rectification

COPIES_FOLDER = "pages"
PICTURES_FOLDER = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """`picture` is a JPEG, empty without one. `copy` is the copy's file below the report's folder, with its anchor."""

    picture: bytes = b""
    copy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibits:
    """`of` by the number of the problem, `copies` file name -> page."""

    of: Mapping[str, Exhibit] = field(default_factory=dict)
    copies: Mapping[str, bytes] = field(default_factory=dict)


def shown(view: Rectification, exhibits: Mapping[str, Exhibit]) -> Rectification:
    """The view with its evidence put to the problems."""
    if not exhibits:
        return view

    def with_exhibit(issue: Issue) -> Issue:
        exhibit = exhibits.get(issue.id)
        if exhibit is None:
            return issue
        picture = base64.b64encode(exhibit.picture).decode("ascii")
        return replace(
            issue,
            copy=exhibit.copy,
            picture=f"data:image/jpeg;base64,{picture}" if picture else "",
            picture_file=f"{PICTURES_FOLDER}/{issue.id}.jpg" if picture else "",
        )

    changed = {issue.id: with_exhibit(issue) for issue in view.issues}
    return replace(
        view,
        issues=tuple(changed[issue.id] for issue in view.issues),
        urgent=tuple(changed[issue.id] for issue in view.urgent),
        sections=tuple(
            replace(section, issues=tuple(changed[issue.id] for issue in section.issues))
            for section in view.sections
        ),
    )


def keep(folder: Path, exhibits: Exhibits) -> None:
    """Write the copies and pictures below the report's folder, in the place of those of an earlier report."""
    copies = {f"{COPIES_FOLDER}/{name}": data for name, data in exhibits.copies.items()}
    pictures = {
        f"{PICTURES_FOLDER}/{name}.jpg": one.picture for name, one in exhibits.of.items() if one.picture
    }
    wanted = copies | pictures
    for pattern in (f"{COPIES_FOLDER}/*.html", f"{PICTURES_FOLDER}/*.jpg"):
        for old in folder.glob(pattern):
            if old.relative_to(folder).as_posix() not in wanted:
                old.unlink()
    for name, data in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

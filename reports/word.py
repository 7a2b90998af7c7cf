"""检测报告 for Word, from the editable template templates/report.docx."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from docxtpl import DocxTemplate

from reports.language import spoken
from reports.plain import plain
from reports.rectification import Rectification
from reports.word_template import PATH, template

EPOCH = (1980, 1, 1, 0, 0, 0)


def as_docx(view: Rectification) -> bytes:
    """The report as a Word document. Same view, same bytes."""
    paper = DocxTemplate(str(PATH) if spoken() == "zh" else _exchanged())
    paper.render(_fields(view), autoescape=True)
    paper.core_properties.title = f"{view.site_name} 检测报告"
    paper.core_properties.author = "巡查"
    paper.core_properties.created = paper.core_properties.modified = view.seal.replace(tzinfo=None)
    out = io.BytesIO()
    paper.save(out)
    return fixed_times(out.getvalue())


def _exchanged() -> io.BytesIO:
    """The template as it is made in the language spoken; the editable file holds the Chinese one."""
    out = io.BytesIO()
    template().save(out)
    out.seek(0)
    return out


def _fields(view: Rectification) -> dict[str, Any]:
    data = plain(view)
    tables = data["tables"]
    data["issues"] = [
        {
            "number": issue["number"],
            "clause": f"{section['part']}　{section['title']}（{section['id']}）",
            "words": "\n".join(
                part
                for part in (
                    issue["tags"] + issue["message"],
                    issue["at"],
                    issue["url"],
                    f"原文：{issue['quote']}" if issue["quote"] else "",
                    issue["places"],
                    issue["tail"],
                )
                if part
            ),
            "fix": issue["fix"] or section["fix"],
        }
        for section in data["sections"]
        for issue in section["issues"]
    ]
    for key in ("unexamined", "to_answer", "score_rows"):
        data[key] = [row for one in tables for row in one[key]]
    data["score_end"] = "".join(f"{one['title']}：{one['marks']}" for one in tables if one["marks"])
    return data


def fixed_times(packed: bytes) -> bytes:
    """The same archive without the time of packing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()

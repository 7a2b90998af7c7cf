"""A Word copy of a draft with a comment at every hit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.exceptions import OpcError
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from checks.wording.passage import Hit

_AUTHOR, _INITIALS = "巡查", "巡"
_PLAIN = frozenset({"t", "rPr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftParagraphs:
    """A Word document and its paragraphs in reading order, table cells included."""

    document: Any
    paragraphs: tuple[Paragraph, ...]
    texts: tuple[str, ...]


def draft_paragraphs(data: bytes, text: Callable[[], str]) -> DraftParagraphs:
    """Open a .docx as it is; of any other draft make a plain document from its text."""
    try:
        document = Document(io.BytesIO(data))
    except (OpcError, zipfile.BadZipFile, KeyError, ValueError):
        document = Document()
        for line in text().split("\n"):
            document.add_paragraph(line)
    paragraphs = tuple(_paragraphs(document))
    texts = tuple("".join(run.text for run in paragraph.runs).replace("\n", " ") for paragraph in paragraphs)
    return DraftParagraphs(document=document, paragraphs=paragraphs, texts=texts)


def _paragraphs(document: Any) -> Iterator[Paragraph]:
    for node in document.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"):
        yield Paragraph(node, document._body)


def save_marked(
    draft: DraftParagraphs, hits: Sequence[Hit], out: Path, *, explained: Callable[[Hit], str]
) -> None:
    """Write the commented copy. Offsets of the hits count in the paragraphs joined by line breaks."""
    start = 0
    for paragraph, text in zip(draft.paragraphs, draft.texts, strict=True):
        end = start + len(text)
        for hit in reversed([hit for hit in hits if start <= hit.start < max(end, start + 1)]):
            runs = _runs(paragraph, hit.start - start, min(hit.end, end) - start)
            if runs:
                draft.document.add_comment(runs, text=explained(hit), author=_AUTHOR, initials=_INITIALS)
        start = end + 1
    draft.document.save(str(out))


def _runs(paragraph: Paragraph, start: int, end: int) -> list[Run]:
    """The runs that hold the span, cut at its edges where they are plain text."""
    found = []
    at = 0
    for run in list(paragraph.runs):
        after = at + len(run.text)
        if at < end and start < after:
            first, last = max(start, at) - at, min(end, after) - at
            found.append(_cut(run, first, last))
        at = after
    return found


def _cut(run: Run, first: int, last: int) -> Run:
    text = run.text
    if (first, last) == (0, len(text)) or any(child.tag.rpartition("}")[2] not in _PLAIN for child in run._r):
        return run
    for part, place in ((text[:first], "before"), (text[last:], "after")):
        if part:
            copy = deepcopy(run._r)
            (run._r.addprevious if place == "before" else run._r.addnext)(copy)
            Run(copy, run._parent).text = part
    run.text = text[first:last]
    return run

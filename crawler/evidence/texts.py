"""Labels and texts, each kept once and named by a number."""

from __future__ import annotations

import hashlib
from array import array

from isal import isal_zlib

from crawler.evidence.ids import Ids
from crawler.evidence.rows import Rows
from crawler.evidence.schema import LONG_LINE, REFERENCE

_LINES_REMEMBERED = 1 << 19
_CLOSELY = 3
"""Level of packing."""
_MOST_STRINGS, _MOST_TEXTS = 100_000, 30_000
"""Ids kept at hand: enough that a site of some ten thousand pages never looks one up."""


def plain(value: str) -> str:
    """`value` without half surrogates, which neither SQLite nor a report can hold."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


class Texts:
    """Gives strings and texts their ids; what has none yet is written."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        # Keyed by hash to stay small; Python's salted hash cannot be steered.
        self._string_ids: Ids[int] = Ids(
            _MOST_STRINGS,
            ((hash(v), i) for v, i in rows.execute("SELECT value, id FROM strings ORDER BY id DESC")),
        )
        self._text_ids: Ids[bytes] = Ids(
            _MOST_TEXTS, rows.execute("SELECT sha, id FROM texts ORDER BY id DESC")
        )
        self._next_string = 1 + (rows.one("SELECT max(id) FROM strings") or 0)
        self._next_text = 1 + (rows.one("SELECT max(id) FROM texts") or 0)
        self._lines_once = array("q", bytes(8 * _LINES_REMEMBERED))

    def string(self, value: str) -> int:
        key = hash(value)
        known = self._string_ids.young.get(key)
        if known is None and (known := self._string_ids.get(key)) is None:
            cleaned = plain(value)
            if value != cleaned:
                # A string cleaned of half characters may exist already.
                known = self.string(cleaned)
            elif not self._string_ids.complete:
                known = self._rows.string_id(value)
            if known is None:
                known = self._next_string
                self._next_string += 1
                self._rows.strings[value] = known
            self._string_ids[key] = known
        return known

    def text(self, text: str) -> int | None:
        """The id of a text; None of an empty one."""
        if not text:
            return None
        data = text.encode("utf-8", "replace")
        sha = hashlib.blake2b(data, digest_size=16).digest()
        known = self._text_ids.get(sha)
        if known is None:
            if not self._text_ids.complete:
                known = self._rows.text_id(sha)
            if known is None:
                known = self._next_text
                self._next_text += 1
                shared = self._with_references(text)
                body = data if shared is text else shared.encode("utf-8", "replace")
                self._rows.later(
                    "INSERT INTO texts VALUES (?,?,?)", [(known, sha, isal_zlib.compress(body, _CLOSELY))]
                )
            self._text_ids[sha] = known
        return known

    def _with_references(self, text: str) -> str:
        """`text` with long lines that stood in an earlier text named by the id of that string.

        The same rows, notices and paragraphs stand on many pages. What was seen once is remembered in a table of
        fixed size: a line pushed out of it is written out once more, nothing worse.
        """
        if REFERENCE in text:
            text = text.replace(REFERENCE, " ")
        lines = text.split("\n")
        once = self._lines_once
        strings = self._string_ids
        mask = len(once) - 1
        some = False
        for n, line in enumerate(lines):
            if len(line) < LONG_LINE:
                continue
            key = hash(line)
            known = strings.young.get(key)
            if known is None:
                if once[key & mask] != key and key not in strings:
                    once[key & mask] = key
                    continue
                known = self.string(line)
            lines[n] = f"{REFERENCE}{known}"
            some = True
        return "\n".join(lines) if some else text

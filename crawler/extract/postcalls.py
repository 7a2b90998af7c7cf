"""Data calls by POST, each written as one address; of those a browser made, only the ones that plainly read.

A call that might write or count something is never written down: only the page's own script asks it.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, unquote_plus, unquote_to_bytes

AS_FORM = "?POST&"
"""Stands between the address of a data call and its fields when they must go as a form."""

AS_JSON = "?POST-JSON&"
"""Stands between the address of a data call and its percent-encoded body when that goes as JSON."""

FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json"

LONGEST_BODY = 4_096
"""Bytes. A list is asked for with a handful of fields; whatever is longer carries something to the site."""

_TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "changing.toml").read_text("utf-8"))
_CHANGING = re.compile("|".join(word for group in _TABLE["changing"] for word in group["words"]))
_HARMLESS = re.compile("|".join(_TABLE["harmless"]["words"]))
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PLAIN = "%&=+!$'()*,-./:;?@[]_~|"
"""What stands in a form's body as it is."""


class Posting(NamedTuple):
    """A request by POST: where to, what, and as what."""

    url: str
    body: bytes
    content_type: str


def posting_of(call: str) -> Posting | None:
    """What a data call asks by POST; None when it goes by GET."""
    if AS_FORM in call:
        address, _, fields = call.partition(AS_FORM)
        return Posting(address, fields.encode("ascii", "replace"), FORM)
    if AS_JSON in call:
        address, _, body = call.partition(AS_JSON)
        return Posting(address, unquote_to_bytes(body), JSON)
    return None


def as_call(asked: Posting) -> str | None:
    """A call that a page's script made, as an address for `posting_of`; None when it is not plainly a reading one."""
    if len(asked.body) > LONGEST_BODY or "#" in asked.url:
        return None
    kind = asked.content_type.partition(";")[0].strip().lower()
    try:
        text = asked.body.decode("utf-8")
        if kind == JSON:
            said = json.dumps(json.loads(text), ensure_ascii=False)
            call = f"{asked.url}{AS_JSON}{quote(text, safe='')}"
        elif kind == FORM.partition(";")[0] or not text:
            said = unquote_plus(text)
            call = f"{asked.url}{AS_FORM}{quote(text, safe=_PLAIN)}"
        else:
            return None
    except (ValueError, RecursionError):
        return None
    path = "/".join(asked.url.split("/")[3:])
    return None if may_change(f"{unquote_plus(path)} {said}") else call


def may_change(text: str) -> bool:
    """Whether a word in a call's path, query or body (decoded) speaks of changing or counting something."""
    words = " ".join(_WORD.findall(unquote(text))).lower()
    return _CHANGING.search(_HARMLESS.sub(" ", words)) is not None

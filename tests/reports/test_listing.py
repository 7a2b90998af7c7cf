"""findings.json is written in pieces: each stands as the library would have set it in the whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.listing import _lines

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.none(), inner),
    max_leaves=20,
)


@given(_VALUES)
@pytest.mark.parametrize("indent", ["", "  "])
def test_values_are_written_as_the_library_writes_them(indent: str, value: Any) -> None:
    plain = json.dumps(value, ensure_ascii=False, indent=1).replace("\n", f"\n{indent}")
    assert _lines(value, indent) == plain

"""The compact sketches name the same candidates as comparing every text with every other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from checks.columns.same_text import COMMON, SHARED, _Sketches

_TEXTS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.integers(0, 400),
        st.sets(st.integers(0, 12) | st.integers(0, 2**32 - 1), max_size=6),
    ),
    max_size=30,
)


@given(_TEXTS)
def test_candidates_are_those_of_a_full_comparison(texts: list[tuple[int, int, set[int]]]) -> None:
    days: list[int] = []
    sketches = _Sketches()
    for older, newer, marks in texts:
        days += sorted((older, newer))
        sketches.add(len(days) - 2, len(days) - 1, sorted(marks))
    holders = {mark: sum(mark in one[2] for one in texts) for text in texts for mark in text[2]}
    expected = [
        (number, other)
        for number, (_, _, marks) in enumerate(texts)
        for other, (_, _, others) in enumerate(texts)
        if number != other
        and (shared := sum(1 < holders[mark] <= COMMON for mark in marks & others))
        and shared >= min(SHARED, len(marks))
        and days[2 * number + 1] - days[2 * other] >= 60
    ]
    assert list(sketches.candidates(days, 60)) == expected

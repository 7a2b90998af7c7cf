"""Every row of the vocabulary shows itself: its bad example is found, its good one is not."""

import datetime as dt
from collections.abc import Iterator

import pytest

from checks.check import Grade, Severity
from checks.wording.confusions import Confusion, Confusions, listed_confusions
from checks.wording.formulas import Formulas, listed_formulas
from checks.wording.idioms import Idioms
from checks.wording.institutions import OldNames, listed_institutions, listed_repealed_laws
from checks.wording.lexicon import rows, words
from checks.wording.passage import Passage
from checks.wording.patterns import Patterns, listed_patterns
from checks.wording.readings import categories

DATED = dt.date(2026, 6, 1)


def accused(layer: Confusions | Formulas | OldNames, text: str, dated: dt.date = DATED) -> list[str]:
    return [hit.text for hit in layer.hits(Passage(text, dated=dated))]


def as_review(row: Confusion) -> Confusion:
    """Hints are silent; here they speak, so that they are tested too."""
    from dataclasses import replace

    return replace(row, grade="review") if row.grade == "hint" else row


def test_every_confusion_finds_its_bad_example_and_spares_its_good_one() -> None:
    listed = [as_review(row) for row in listed_confusions()]
    layer = Confusions(listed)
    missed, cried = [], []
    for row in listed:
        bad, good = row.examples()
        if not any(row.wrong in text or text in row.wrong for text in accused(layer, bad)):
            missed.append(bad)
        if row.wrong in accused(layer, good):
            cried.append(good)
    assert (missed, cried) == ([], [])


def test_every_confusion_row_is_complete() -> None:
    seen: set[str] = set()
    for row in listed_confusions():
        assert row.wrong != row.right, row
        assert row.reason, row
        assert row.source, row
        assert row.category in categories(), row
        assert row.grade in ("fail", "review", "hint"), row
        assert row.wrong not in seen, row
        seen.add(row.wrong)


def test_rows_recalled_only_review() -> None:
    for name in ("institutions.tsv", "repealed-laws.tsv"):
        for row in rows(name):
            assert row["source"], row
            assert row["grade"] in ("review", "hint"), row


@pytest.mark.parametrize("layer", ["institution", "repealed-law"])
def test_every_old_name_holds_from_its_date(layer: str) -> None:
    listed = listed_institutions() if layer == "institution" else listed_repealed_laws()
    told = [row for row in listed if row.grade != "hint"]
    names = OldNames(told, layer=layer)
    for row in told:
        bad, good, dated = row.examples()
        hits = names.hits(Passage(bad, dated=dated))
        assert [hit.grade for hit in hits] == [Grade.REVIEW], bad
        assert names.hits(Passage(good, dated=dated)) == []
        assert names.hits(Passage(bad, dated=row.effective - dt.timedelta(days=1))) == []
        assert names.hits(Passage(bad)) == []


def test_every_formula_is_right_and_its_slips_are_found() -> None:
    listed = listed_formulas()
    layer = Formulas(listed)
    for formula in listed:
        assert accused(layer, f"会议强调，要坚持{formula.text}，抓好落实。") == []
    for phrase in words("formula-lookalikes.txt"):
        assert accused(layer, f"会议强调，要坚持{phrase}，抓好落实。") == [], phrase


def test_idioms_are_right_and_their_lookalikes_are_spared() -> None:
    layer = Idioms()
    for name in ("idioms.txt", "idiom-lookalikes.txt"):
        text = "\n".join(f"本页写道：{idiom}。" for idiom in words(name))
        assert layer.hits(Passage(text)) == []
    assert [hit.suggestion for hit in layer.hits(Passage("那就事伴功倍了。"))] == ["事半功倍"]


def slips(text: str) -> Iterator[tuple[str, str]]:
    for at in range(1, len(text) - 1):
        if all("一" <= char <= "鿿" for char in text[at - 1 : at + 2]):
            yield "drop", text[:at] + text[at + 1 :]
            yield "double", text[:at] + text[at] + text[at:]
            if text[at] != text[at + 1]:
                yield "swap", text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def test_nine_of_ten_slips_in_formulas_are_found() -> None:
    layer = Formulas(listed_formulas())
    planted: dict[str, list[bool]] = {}
    for formula in listed_formulas():
        for kind, slip in slips(formula.text):
            planted.setdefault(kind, []).append(bool(accused(layer, f"会议强调，要坚持{slip}，抓好落实。")))
    rates = {kind: sum(found) / len(found) for kind, found in planted.items()}
    assert all(rate >= 0.9 for rate in rates.values()), rates


@pytest.mark.parametrize("pattern", listed_patterns(), ids=lambda pattern: pattern.id)
def test_every_pattern_finds_its_bad_example_and_spares_its_good_one(pattern) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    shown = replace(pattern, grade="review" if pattern.grade == "hint" else pattern.grade)
    layer = Patterns([shown])
    scope = pattern.scope or "text"
    assert layer.hits(Passage(pattern.bad, scope=scope)), pattern.bad
    assert layer.hits(Passage(pattern.good, scope=scope)) == []
    assert pattern.reason
    assert pattern.category in categories()
    assert isinstance(pattern.severity, Severity)

"""Documentation sits in the checks and is tested with them."""

from pathlib import Path

import pytest

from checks.catalogue import HEADINGS, markdown, sections
from checks.registry import MODULES, CheckModule

ROOT = Path(__file__).parents[2]
IDS = [module.CHECK.id for module in MODULES]


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_every_check_documents_itself_under_all_headings(module: CheckModule) -> None:
    found = dict(sections(module))
    assert list(found) == list(HEADINGS.values())
    assert all(any("一" <= c <= "鿿" for c in text) or len(text) > 3 for text in found.values())


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_a_check_is_the_file_of_its_name(module: CheckModule) -> None:
    assert module.__name__.rsplit(".", 1)[1] == module.CHECK.id.replace("-", "_")  # type: ignore[attr-defined]


def test_ids_are_unique_words() -> None:
    assert len(set(IDS)) == len(IDS)
    assert all(part.isalnum() for name in IDS for part in name.split("-"))


def test_the_page_of_checks_is_up_to_date() -> None:
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == markdown()

"""Ids kept at hand are few; what was let go is found in the file."""

from pathlib import Path

import pytest

from crawler.evidence import addresses, metagain, texts
from crawler.evidence.ids import Ids
from crawler.walk import walk
from tests.crawler.test_resume import facts_of, site
from tests.crawler.walking import config_for, run_of
from tests.server import serving


def test_what_is_asked_for_stays() -> None:
    ids: Ids[str] = Ids(2)
    for number, key in enumerate("abc"):
        ids["a"] = 0
        ids[key] = number
    assert ids.get("a") == 0
    assert [key in ids for key in "abc"] == [True, True, True]
    assert ids.complete
    for number, key in enumerate("defgh"):
        ids[key] = number
    assert ids.get("b") is None
    assert not ids.complete


def test_no_more_rows_are_taken_than_fit() -> None:
    ids = Ids(2, [("c", 3), ("b", 2), ("a", 1)])
    assert (ids.get("c"), ids.get("a"), ids.complete) == (3, None, False)
    assert Ids(2, [("b", 2), ("a", 1)]).complete


def test_a_site_larger_than_what_is_kept_at_hand_is_stored_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(site()) as (server,):
        config = config_for(server.base)
        walk(config, tmp_path / "large", run_of(config), own_process=False)
        for module, name in (
            (addresses, "_MOST_URLS"), (texts, "_MOST_STRINGS"), (texts, "_MOST_TEXTS"), (metagain, "_MOST_BLOCKS"),
        ):  # fmt: skip
            monkeypatch.setattr(module, name, 3)
        walk(config, tmp_path / "small", run_of(config), own_process=False)
        assert facts_of(tmp_path / "small") == facts_of(tmp_path / "large")

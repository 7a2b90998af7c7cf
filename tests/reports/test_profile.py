"""The report says which kind of body was assumed and how to change it."""

from dataclasses import replace

from reports.rectification import rectification
from tests.reports.made import assessment, site


def scope(profile: str) -> str:
    made = replace(assessment("census-2015", []), site=replace(site(), profile=profile))
    return rectification([made], titles={}).scope.partition("；")[2]


def test_an_assumed_profile_is_said_with_the_way_to_change_it() -> None:
    assert scope("").startswith(
        "按“部门”核对应公开的事项（由名称“云州市科学技术局”推定；不对的，在 site.toml 写 profile"
    )


def test_a_given_profile_is_only_named() -> None:
    assert scope("public-institution") == "按“事业单位”核对应公开的事项（site.toml 的 profile）"

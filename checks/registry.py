"""Every check the program knows, in the order reports list them. Adding a check adds a line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from checks.check import Check, Verdict
from checks.columns import (
    blank_column,
    expired_notice,
    few_home_updates,
    impossible_date,
    stale_column,
    stale_home,
    suspect_date,
    undated_article,
)
from checks.identity import bad_domain, missing_footer_mark, missing_page_tag, missing_search
from checks.interaction import (
    few_activities,
    late_reply,
    perfunctory_reply,
    unanswered_message,
    unseemly_reply,
)
from checks.links import (
    broken_anchor,
    broken_attachment,
    dead_link,
    insecure_connection,
    mistyped_link,
    private_address,
    redirect_loop,
    soft_404,
    wrong_charset,
)
from checks.mandated import (
    contradicting_contact,
    incomplete_item,
    missing_division_of_work,
    missing_item,
    outdated_item,
)
from checks.money import (
    comparison_mismatch,
    late_disclosure,
    missing_budget_part,
    number_mismatch,
    sum_mismatch,
    text_table_mismatch,
    wrong_year,
)
from checks.privacy import exposed_personal_data
from checks.security import hidden_link, hijacked_link
from checks.services import incomplete_guide, missing_form, vague_guide
from checks.wording import (
    bad_numbering,
    duplicated_text,
    foreign_body_text,
    garbled_text,
    misused_word,
    outdated_institution,
    placeholder_text,
    serious_wording,
)
from crawler.evidence.reader import Evidence


class CheckModule(Protocol):
    """A module that is a check: its identity and its judgement."""

    __doc__: str | None
    CHECK: Check

    def examine(self, evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
        """One verdict per subject looked at, good ones too."""
        ...


PROOFREADING: tuple[CheckModule, ...] = (
    serious_wording,
    misused_word,
    outdated_institution,
    duplicated_text,
    bad_numbering,
    placeholder_text,
    garbled_text,
    foreign_body_text,
    exposed_personal_data,
)
"""The checks that share one reading of every text of a run."""

READING: tuple[CheckModule, ...] = (*PROOFREADING, number_mismatch)
"""Those and what asks something of every line: about half of the judging, done once when the former come first."""

MODULES: tuple[CheckModule, ...] = (
    dead_link,
    soft_404,
    broken_attachment,
    redirect_loop,
    insecure_connection,
    broken_anchor,
    mistyped_link,
    private_address,
    wrong_charset,
    hijacked_link,
    hidden_link,
    stale_home,
    few_home_updates,
    stale_column,
    blank_column,
    undated_article,
    impossible_date,
    suspect_date,
    expired_notice,
    missing_item,
    incomplete_item,
    outdated_item,
    missing_division_of_work,
    contradicting_contact,
    missing_footer_mark,
    missing_page_tag,
    missing_search,
    bad_domain,
    incomplete_guide,
    vague_guide,
    missing_form,
    few_activities,
    unanswered_message,
    late_reply,
    perfunctory_reply,
    unseemly_reply,
    sum_mismatch,
    text_table_mismatch,
    comparison_mismatch,
    number_mismatch,
    wrong_year,
    late_disclosure,
    missing_budget_part,
    *PROOFREADING,
)

CHECKS: tuple[Check, ...] = tuple(module.CHECK for module in MODULES)


def module_of(check_id: str) -> CheckModule:
    """The module of a check; KeyError for an id that no check has."""
    for module in MODULES:
        if module.CHECK.id == check_id:
            return module
    raise KeyError(check_id)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's policy, cell by cell."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import (
    API_PAGE_URL,
    METHODS,
    NOTICE_URL,
    OPERATIONS,
    RULES,
    TOKEN_ORIGINS,
    TWO_FACTOR_STATES,
    evaluate,
)

# The days at the edges of the five periods of the notice.
BEFORE_TOKEN_MANAGER = (date(2023, 6, 1), date(2024, 1, 31))
WITH_TOKEN_MANAGER = (date(2024, 2, 1), date(2024, 3, 14))
AFTER_TWO_FACTOR_CHANGE = (date(2024, 3, 15), date(2024, 12, 31))
WITHOUT_BASIC_AUTH = (date(2025, 1, 1), date(2031, 7, 1))
EVERY_DAY = (*BEFORE_TOKEN_MANAGER, *WITH_TOKEN_MANAGER, *AFTER_TWO_FACTOR_CHANGE, *WITHOUT_BASIC_AUTH)
BEFORE_THE_CHANGE = (*BEFORE_TOKEN_MANAGER, *WITH_TOKEN_MANAGER)
SINCE_TOKEN_MANAGER = (*WITH_TOKEN_MANAGER, *AFTER_TWO_FACTOR_CHANGE, *WITHOUT_BASIC_AUTH)
UNTIL_2025 = (*BEFORE_THE_CHANGE, *AFTER_TWO_FACTOR_CHANGE)
SINCE_THE_CHANGE = (*AFTER_TWO_FACTOR_CHANGE, *WITHOUT_BASIC_AUTH)

WITH_TWO_FACTOR = ("configuring", "enabled", "forced")
READING = ("use", "list", "get")
MANAGING = ("mint", "delete")
ANY_ORIGIN = ("api", "token_manager", "unknown")


# What the notice permits, forbids or dates; a rule has to come from each of these.
def outcome(method, operation, two_factor, origin, on):
    decision = evaluate(method, operation, two_factor, origin, on)
    return decision.severity, str(decision.since), str(decision.until)


def test_a_rule_is_cited_with_the_page_that_its_sentences_are_from():
    # The one sentence that is not of the notice.
    of_the_api_page = "no longer allowed to create or delete tokens using Token Management APIs"
    for rule in RULES:
        is_from_there = any(of_the_api_page in sentence for sentence in rule.sources)
        assert rule.url == (API_PAGE_URL if is_from_there else NOTICE_URL), rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_explains_itself(rule):
    assert rule.sources
    assert rule.reason.endswith(".")
    assert (rule.remedy.endswith(".")) == (rule.severity != "ok")
    if rule.severity == "deprecated":
        assert str(rule.last_day) in rule.reason
    if rule.severity == "refused":
        dated = rule.first_day or rule.last_day + timedelta(days=1)
        assert str(dated) in rule.reason


def test_no_two_rules_have_the_same_name():
    assert len({rule.name for rule in RULES}) == len(RULES)


@given(
    st.sampled_from(METHODS),
    st.sampled_from(OPERATIONS),
    st.sampled_from(TWO_FACTOR_STATES),
    st.sampled_from(TOKEN_ORIGINS),
    st.one_of(st.sampled_from(EVERY_DAY), st.dates()),
)
def test_exactly_one_rule_applies_where_everything_is_known(method, operation, two_factor, origin, on):
    assert len([rule for rule in RULES if rule.applies(method, operation, two_factor, origin, on)]) == 1


def differing(expected, method, operations, states, origins, days):
    """Return the cells of the table, out of all that are named, in which the policy says something else."""
    cells = product(operations, states, origins, days)
    found = {cell: outcome(method, *cell[:3], cell[3]) for cell in cells}
    return {cell: said for cell, said in found.items() if said != expected}


BASIC_AUTH = [
    pytest.param(["disabled"], UNTIL_2025, ("deprecated", "None", "2024-12-31"), id="without 2FA until 2025"),
    pytest.param(["disabled"], WITHOUT_BASIC_AUTH, ("refused", "2025-01-01", "None"), id="without 2FA from 2025 on"),
    pytest.param(WITH_TWO_FACTOR, BEFORE_THE_CHANGE, ("deprecated", "None", "2024-03-14"), id="2FA before the change"),
    pytest.param(WITH_TWO_FACTOR, SINCE_THE_CHANGE, ("refused", "2024-03-15", "None"), id="2FA since the change"),
    pytest.param(["unknown"], BEFORE_THE_CHANGE, ("deprecated", "None", "2024-03-14"), id="unknown: the earliest end"),
    pytest.param(
        ["unknown"], AFTER_TWO_FACTOR_CHANGE, ("uncertain", "2024-03-15", "2024-12-31"), id="unknown since then"
    ),
    pytest.param(["unknown"], WITHOUT_BASIC_AUTH, ("refused", "2025-01-01", "None"), id="unknown from 2025 on"),
]
ALLOWED = ("ok", "2024-02-01", "None")
GONE = ("refused", "2024-03-15", "None")
ENDING = ("deprecated", "None", "2024-03-14")
TOKENS = [
    pytest.param(OPERATIONS, ["disabled"], ["token_manager"], SINCE_TOKEN_MANAGER, ALLOWED, id="without 2FA"),
    pytest.param(
        OPERATIONS,
        [*TWO_FACTOR_STATES, "unknown"],
        ["token_manager"],
        BEFORE_TOKEN_MANAGER,
        ("refused", "None", "2024-01-31"),
        id="no Token Manager yet",
    ),
    pytest.param(READING, WITH_TWO_FACTOR, ["token_manager"], SINCE_TOKEN_MANAGER, ALLOWED, id="2FA: reading"),
    pytest.param(OPERATIONS, WITH_TWO_FACTOR, ["api"], BEFORE_THE_CHANGE, ENDING, id="2FA: API token until the change"),
    pytest.param(OPERATIONS, WITH_TWO_FACTOR, ["api"], SINCE_THE_CHANGE, GONE, id="2FA: API token since the change"),
    pytest.param(
        MANAGING,
        WITH_TWO_FACTOR,
        ["token_manager"],
        WITH_TOKEN_MANAGER,
        ("deprecated", "2024-02-01", "2024-03-14"),
        id="2FA: managing until the change",
    ),
    pytest.param(MANAGING, WITH_TWO_FACTOR, ANY_ORIGIN, SINCE_THE_CHANGE, GONE, id="2FA: managing since the change"),
]


@pytest.mark.parametrize(("states", "days", "expected"), BASIC_AUTH)
def test_basic_authentication_ends_as_the_notice_says(states, days, expected):
    assert differing(expected, "basic", OPERATIONS, states, ANY_ORIGIN, days) == {}


@pytest.mark.parametrize(("operations", "states", "origins", "days", "expected"), TOKENS)
def test_what_a_token_may_do_depends_on_two_factor_origin_and_day(operations, states, origins, days, expected):
    assert differing(expected, "bearer", operations, states, origins, days) == {}


def test_without_two_factor_a_token_of_the_api_may_do_everything_without_an_end():
    for operation, origin, on in product(OPERATIONS, ["api", "unknown"], EVERY_DAY):
        severity, _since, until = outcome("bearer", operation, "disabled", origin, on)
        assert (severity, until) == ("ok", "None")


def test_basic_authentication_with_unknown_two_factor_says_what_is_not_known():
    uncertain = evaluate("basic", "use", "unknown", "unknown", AFTER_TWO_FACTOR_CHANGE[0])
    assert uncertain.allowed
    assert uncertain.reason.startswith("It is not known whether this account uses two-factor authentication.")
    refused = evaluate("basic", "use", "unknown", "unknown", WITHOUT_BASIC_AUTH[0])
    assert not refused.allowed
    assert refused.reason == "Basic Authentication has ended for every account; it is not supported since 2025-01-01."


class TestUnknown:
    def test_a_token_of_an_account_with_unknown_two_factor_is_allowed_and_said_to_be_uncertain(self):
        for operation, origin, on in product(OPERATIONS, ["api", "unknown"], SINCE_THE_CHANGE):
            decision = evaluate("bearer", operation, "unknown", origin, on)
            assert (decision.allowed, decision.severity, decision.until) == (True, "uncertain", None)
            assert "two_factor" in decision.remedy

    def test_before_the_change_unknown_two_factor_names_the_day_after_which_it_may_be_refused(self):
        for operation, on in product(OPERATIONS, BEFORE_THE_CHANGE):
            decision = evaluate("bearer", operation, "unknown", "api", on)
            assert (decision.severity, str(decision.until)) == ("uncertain", "2024-03-14")

    def test_a_token_of_the_token_manager_is_fine_whatever_the_two_factor_state(self):
        for operation, on in product(READING, SINCE_TOKEN_MANAGER):
            assert evaluate("bearer", operation, "unknown", "token_manager", on).severity == "ok"

    def test_a_token_of_unknown_origin_may_be_used_with_two_factor(self):
        for operation, two_factor, on in product(READING, WITH_TWO_FACTOR, SINCE_THE_CHANGE):
            decision = evaluate("bearer", operation, two_factor, "unknown", on)
            assert (decision.allowed, decision.severity) == (True, "uncertain")
            assert decision.reason.startswith("It is not known whether this token comes from the Token Manager.")

    def test_before_the_token_manager_a_token_of_unknown_origin_is_one_from_the_api(self):
        for case in product(OPERATIONS, [*TWO_FACTOR_STATES, "unknown"], BEFORE_TOKEN_MANAGER):
            operation, two_factor, on = case
            of_api = evaluate("bearer", operation, two_factor, "api", on)
            assert evaluate("bearer", operation, two_factor, "unknown", on) == of_api

    def test_not_knowing_never_forbids_what_some_possible_case_allows_nor_allows_what_all_forbid(self):
        for method, operation, on in product(METHODS, OPERATIONS, EVERY_DAY):
            possible = [evaluate(method, operation, two_factor, "api", on).allowed for two_factor in TWO_FACTOR_STATES]
            assert evaluate(method, operation, "unknown", "api", on).allowed == any(possible)


def test_a_decision_is_shown_in_plain_types():
    assert evaluate("bearer", "mint", "enabled", "api", date(2026, 1, 1)).as_dict() == {
        "allowed": False,
        "severity": "refused",
        "rule": "mint_2fa",
        "since": "2024-03-15",
        "until": None,
        "reason": "Accounts with two-factor authentication cannot mint tokens through the API since 2024-03-15; a "
        "person creates them in the Token Manager.",
        "remedy": "Create the token in the Token Manager of the DCD (Menu > Management > Token Management) and put it "
        "where the old one is.",
        "url": NOTICE_URL,
    }


@pytest.mark.parametrize(
    ("method", "operation", "two_factor", "origin"),
    [
        ("digest", "list", "disabled", "api"),
        ("bearer", "rename", "disabled", "api"),
        ("bearer", "list", "auto", "api"),
        ("bearer", "list", "disabled", "elsewhere"),
    ],
)
def test_a_word_that_the_policy_does_not_know_is_a_programming_error(method, operation, two_factor, origin):
    with pytest.raises(ValueError, match="no "):
        evaluate(method, operation, two_factor, origin, date(2026, 1, 1))

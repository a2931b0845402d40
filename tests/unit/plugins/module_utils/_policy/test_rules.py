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
SINCE_THE_CHANGE = (*AFTER_TWO_FACTOR_CHANGE, *WITHOUT_BASIC_AUTH)

WITH_TWO_FACTOR = ("configuring", "enabled", "forced")
READING = ("use", "list", "get")
MANAGING = ("mint", "delete")
ANY_ORIGIN = ("api", "token_manager", "unknown")

# What the notice permits, forbids or dates; a rule has to come from each of these.
SENTENCES = (
    "Starting from March 15, 2024, authorization via Basic Auth will be discontinued for the users with 2-Factor "
    "Authentication enabled.",
    "With 2-Factor Authentication disabled for their accounts, we will continue to support Basic Authentication till "
    "the end of 2024.",
    "User accounts can authenticate to IONOS' APIs and SDKs only by generating authentication tokens via API/SDK "
    "Authentication Token Manager in the DCD if they:",
    "have started the process of configuring 2FA on their account.",
    "have completed the 2FA process on their account.",
    "have a 2FA process obligated by the contract owner or administrator.",
    "IONOS' APIs and SDKs support users to authenticate using the Basic Authentication support for non-2FA enabled and "
    "forced accounts, which will be available till this year's end.",
    "For 2FA enabled and forced users, once the TTL expires, the tokens cannot be refreshed automatically.",
    "You need to generate a new authentication token via DCD.",
    "Effective March 15, 2024, the Basic Authentication will not be supported for user accounts with 2FA enabled or "
    "forced, and only tokens generated from the Token Manager authenticate users to use the IONOS' APIs and SDKs.",
    "The new API/SDK Authentication Token Manager is available from February 1, 2024.",
    "The APIs/ SDKs will support account security by working with tokens that can only be retrieved from the "
    "Authentication Token Manager.",
    "All user accounts with currently 2FA enabled or forced are impacted by the Basic Authentication deprecation.",
    "New users and existing users opting for the 2FA going forward will also be impacted by this change.",
    "To get started with generating authorization tokens using the API/SDK Authentication Token Manager that is "
    "available in the DCD starting February 1, 2024.",
    "Effective March 15, 2024, only these tokens let users authenticate and use the IONOS' APIs and SDKs.",
    "The Token Manager allows you to create, list, and delete tokens.",
)
# The one sentence that the notice lacks: it stands on the page of the API.
SENTENCE_OF_THE_API_PAGE = (
    "If you have 2-Factor Authentication enabled, then you are no longer allowed to create or delete tokens using "
    "Token Management APIs."
)


def outcome(method, operation, two_factor, origin, on):
    decision = evaluate(method, operation, two_factor, origin, on)
    return decision.severity, str(decision.since), str(decision.until)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_of_the_notice_that_permits_forbids_or_dates_is_the_source_of_a_rule(sentence):
    assert any(sentence in rule.sources for rule in RULES)


def test_no_rule_has_another_source_than_the_vendors_sentences():
    assert {sentence for rule in RULES for sentence in rule.sources} == {*SENTENCES, SENTENCE_OF_THE_API_PAGE}


def test_the_sentence_of_the_api_page_is_cited_with_that_page():
    assert {rule.url for rule in RULES if SENTENCE_OF_THE_API_PAGE in rule.sources} == {API_PAGE_URL}
    assert {rule.url for rule in RULES if SENTENCE_OF_THE_API_PAGE not in rule.sources} == {NOTICE_URL}


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


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("origin", ANY_ORIGIN)
class TestBasicAuth:
    @pytest.mark.parametrize("on", [*BEFORE_THE_CHANGE, *AFTER_TWO_FACTOR_CHANGE])
    def test_without_two_factor_it_is_deprecated_until_the_end_of_2024(self, operation, origin, on):
        assert outcome("basic", operation, "disabled", origin, on) == ("deprecated", "None", "2024-12-31")

    @pytest.mark.parametrize("on", WITHOUT_BASIC_AUTH)
    def test_without_two_factor_it_is_refused_from_2025_on(self, operation, origin, on):
        assert outcome("basic", operation, "disabled", origin, on) == ("refused", "2025-01-01", "None")

    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("on", BEFORE_THE_CHANGE)
    def test_with_two_factor_it_is_deprecated_until_the_change(self, operation, origin, two_factor, on):
        assert outcome("basic", operation, two_factor, origin, on) == ("deprecated", "None", "2024-03-14")

    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("on", SINCE_THE_CHANGE)
    def test_with_two_factor_it_is_refused_since_the_change(self, operation, origin, two_factor, on):
        assert outcome("basic", operation, two_factor, origin, on) == ("refused", "2024-03-15", "None")

    @pytest.mark.parametrize("on", BEFORE_THE_CHANGE)
    def test_with_unknown_two_factor_the_earliest_end_is_announced(self, operation, origin, on):
        assert outcome("basic", operation, "unknown", origin, on) == ("deprecated", "None", "2024-03-14")

    @pytest.mark.parametrize("on", AFTER_TWO_FACTOR_CHANGE)
    def test_with_unknown_two_factor_it_is_uncertain_until_the_end_of_2024(self, operation, origin, on):
        decision = evaluate("basic", operation, "unknown", origin, on)
        assert decision.allowed
        assert (decision.severity, str(decision.until)) == ("uncertain", "2024-12-31")
        assert decision.reason.startswith("It is not known whether this account uses two-factor authentication.")

    @pytest.mark.parametrize("on", WITHOUT_BASIC_AUTH)
    def test_with_unknown_two_factor_it_is_refused_for_everybody_from_2025_on(self, operation, origin, on):
        decision = evaluate("basic", operation, "unknown", origin, on)
        assert not decision.allowed
        assert str(decision.since) == "2025-01-01"
        assert decision.reason == (
            "Basic Authentication has ended for every account; it is not supported since 2025-01-01."
        )


class TestTokens:
    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("origin", ["api", "unknown"])
    @pytest.mark.parametrize("on", EVERY_DAY)
    def test_without_two_factor_a_token_may_do_everything(self, operation, origin, on):
        assert outcome("bearer", operation, "disabled", origin, on)[0] == "ok"
        assert outcome("bearer", operation, "disabled", origin, on)[2] == "None"

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("on", [*WITH_TOKEN_MANAGER, *SINCE_THE_CHANGE])
    def test_without_two_factor_a_token_of_the_token_manager_may_do_everything(self, operation, on):
        assert outcome("bearer", operation, "disabled", "token_manager", on) == ("ok", "2024-02-01", "None")

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("two_factor", [*TWO_FACTOR_STATES, "unknown"])
    @pytest.mark.parametrize("on", BEFORE_TOKEN_MANAGER)
    def test_there_is_no_token_of_the_token_manager_before_it_is_there(self, operation, two_factor, on):
        assert outcome("bearer", operation, two_factor, "token_manager", on) == ("refused", "None", "2024-01-31")

    @pytest.mark.parametrize("operation", READING)
    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("on", [*WITH_TOKEN_MANAGER, *SINCE_THE_CHANGE])
    def test_with_two_factor_a_token_of_the_token_manager_may_use_list_and_get(self, operation, two_factor, on):
        assert outcome("bearer", operation, two_factor, "token_manager", on) == ("ok", "2024-02-01", "None")

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("on", BEFORE_THE_CHANGE)
    def test_with_two_factor_an_api_token_is_deprecated_for_everything_until_the_change(
        self, operation, two_factor, on
    ):
        assert outcome("bearer", operation, two_factor, "api", on) == ("deprecated", "None", "2024-03-14")

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("on", SINCE_THE_CHANGE)
    def test_with_two_factor_an_api_token_is_refused_for_everything_since_the_change(self, operation, two_factor, on):
        assert outcome("bearer", operation, two_factor, "api", on) == ("refused", "2024-03-15", "None")

    @pytest.mark.parametrize("operation", MANAGING)
    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("on", WITH_TOKEN_MANAGER)
    def test_with_two_factor_minting_and_deleting_are_deprecated_until_the_change(self, operation, two_factor, on):
        assert outcome("bearer", operation, two_factor, "token_manager", on) == (
            "deprecated",
            "2024-02-01",
            "2024-03-14",
        )

    @pytest.mark.parametrize("operation", MANAGING)
    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("origin", ANY_ORIGIN)
    @pytest.mark.parametrize("on", SINCE_THE_CHANGE)
    def test_with_two_factor_no_token_mints_or_deletes_since_the_change(self, operation, two_factor, origin, on):
        assert outcome("bearer", operation, two_factor, origin, on) == ("refused", "2024-03-15", "None")


class TestUnknown:
    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("origin", ["api", "unknown"])
    @pytest.mark.parametrize("on", SINCE_THE_CHANGE)
    def test_a_token_of_an_account_with_unknown_two_factor_is_allowed_and_said_to_be_uncertain(
        self, operation, origin, on
    ):
        decision = evaluate("bearer", operation, "unknown", origin, on)
        assert decision.allowed
        assert (decision.severity, decision.until) == ("uncertain", None)
        assert "two_factor" in decision.remedy

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("on", BEFORE_THE_CHANGE)
    def test_before_the_change_unknown_two_factor_names_the_day_after_which_it_may_be_refused(self, operation, on):
        decision = evaluate("bearer", operation, "unknown", "api", on)
        assert (decision.severity, str(decision.until)) == ("uncertain", "2024-03-14")

    @pytest.mark.parametrize("operation", READING)
    @pytest.mark.parametrize("on", [*WITH_TOKEN_MANAGER, *SINCE_THE_CHANGE])
    def test_a_token_of_the_token_manager_is_fine_whatever_the_two_factor_state(self, operation, on):
        assert evaluate("bearer", operation, "unknown", "token_manager", on).severity == "ok"

    @pytest.mark.parametrize("operation", READING)
    @pytest.mark.parametrize("two_factor", WITH_TWO_FACTOR)
    @pytest.mark.parametrize("on", SINCE_THE_CHANGE)
    def test_a_token_of_unknown_origin_may_be_used_with_two_factor(self, operation, two_factor, on):
        decision = evaluate("bearer", operation, two_factor, "unknown", on)
        assert decision.allowed
        assert decision.severity == "uncertain"
        assert decision.reason.startswith("It is not known whether this token comes from the Token Manager.")

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("two_factor", [*TWO_FACTOR_STATES, "unknown"])
    @pytest.mark.parametrize("on", BEFORE_TOKEN_MANAGER)
    def test_before_the_token_manager_a_token_of_unknown_origin_is_one_from_the_api(self, operation, two_factor, on):
        assert evaluate("bearer", operation, two_factor, "unknown", on) == evaluate(
            "bearer", operation, two_factor, "api", on
        )

    @pytest.mark.parametrize(("method", "operation", "on"), list(product(METHODS, OPERATIONS, EVERY_DAY)), ids=str)
    def test_not_knowing_never_forbids_what_some_possible_case_allows_nor_allows_what_all_forbid(
        self, method, operation, on
    ):
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

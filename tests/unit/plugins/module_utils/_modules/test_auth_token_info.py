# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing tokens, and what the policy says of the account."""

from __future__ import annotations

import json

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiUnavailable,
    ConfigurationError,
    PolicyRefusal,
    TokenFormatError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.facts import policy_facts
from support.token_world import TokenWorld

DAY = 86400
OTHER_ID = "1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"


@pytest.fixture
def world():
    return TokenWorld(role="owner")


def refusal(kind, call, *args, **kwargs):
    with pytest.raises(kind) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def listed(result):
    return [token["id"] for token in result["tokens"]]


class TestTokens:
    def test_every_token_is_listed_the_first_to_expire_at_the_head(self, world):
        ending = world.new_token(ttl=DAY)
        result = world.info()
        assert listed(result) == [ending.id, world.issuer.id]
        assert result["tokens"][0] == {
            "id": ending.id,
            "created_at": "2026-03-01T12:00:00Z",
            "expires_at": "2026-03-02T12:00:00Z",
            "remaining_seconds": DAY,
            "expired": False,
        }

    def test_an_expired_token_has_nothing_left(self, world):
        old = world.new_token(ttl=DAY)
        world.emulator.clock.advance(days=1)
        token = world.info(token_id=old.id)["tokens"][0]
        assert (token["expired"], token["remaining_seconds"]) == (True, 0)

    def test_one_token_is_listed_by_its_id_or_its_value(self, world):
        token = world.new_token()
        assert listed(world.info(token_id=token.id.upper())) == [token.id]
        assert listed(world.info(current=token.value + "\n")) == [token.id]

    def test_an_unknown_id_is_an_empty_list(self, world):
        result = world.info(token_id=OTHER_ID)
        assert (result["tokens"], result["count"], result["changed"]) == ([], 0, False)

    @pytest.mark.parametrize(("within", "count"), [("23h", 1), ("1d", 2), ("30d", 2), ("365d", 3)])
    def test_expiring_within_lists_what_ends_by_then_and_what_has_expired(self, world, within, count):
        world.new_token(ttl=60)
        world.new_token(ttl=2 * DAY)
        world.emulator.clock.advance(days=1)
        assert world.info(expiring_within=within)["count"] == count

    def test_the_quota_counts_every_token_whatever_is_listed(self, world):
        world.new_token(ttl=60)
        result = world.info(token_id=OTHER_ID)
        assert result["quota"] == {"limit": 100, "used": 2, "remaining": 98}

    def test_no_value_is_in_the_result(self, world):
        token = world.new_token()
        assert token.value.split(".")[2] not in json.dumps(world.info(current=token.value))

    def test_an_outage_is_an_error_and_no_empty_list(self, world):
        world.emulator.faults.add("gateway_page", "list", count=None)
        refusal(ApiUnavailable, world.info)


class TestAccount:
    def test_the_account_is_that_of_the_credential(self, world):
        assert world.info()["account"] == {
            "user_id": world.user.user_id,
            "contract_number": 31711111,
            "role": "owner",
            "method": "bearer",
            "two_factor": "disabled",
        }

    @pytest.mark.parametrize(
        ("state", "shown"), [("enabled", "enabled"), ("forced", "forced"), ("configuring", "disabled")]
    )
    def test_the_two_factor_state_is_what_the_api_shows(self, state, shown):
        world = TokenWorld(role="owner", two_factor=state)
        world.issuer = world.new_token(origin="token_manager")
        assert world.info()["account"]["two_factor"] == shown

    def test_a_user_who_may_not_ask_has_an_unknown_state(self):
        assert TokenWorld(role="user").info()["account"]["two_factor"] == "unknown"

    def test_what_the_user_says_of_the_account_is_not_asked_for(self, world):
        result = world.info(two_factor="configuring")
        assert result["account"]["two_factor"] == "configuring"
        assert result["policy"]["mint"]["severity"] == "refused"
        assert world.emulator.journal.entries("get_user") == []

    def test_basic_authentication_is_refused_by_the_policy(self, world):
        message = refusal(PolicyRefusal, world.info, world.password())
        assert "Basic Authentication has ended for every account; it is not supported since 2025-01-01." in message
        assert world.emulator.journal.entries("list") == []

    def test_before_its_end_basic_authentication_shows_what_is_known(self, world):
        world.emulator.clock.set("2024-03-01T12:00:00Z")
        world.wall_clock_offset = 0
        account = world.info(world.password())["account"]
        assert (account["method"], account["user_id"], account["role"]) == ("basic", None, None)


class TestPolicy:
    def test_the_policy_is_asked_about_today(self, world):
        policy = world.info()["policy"]
        assert (policy["on"], policy["two_factor"]) == ("2026-03-01", "disabled")
        assert {question: policy[question]["severity"] for question in ("basic", "bearer", "mint", "delete")} == {
            "basic": "refused",
            "bearer": "ok",
            "mint": "ok",
            "delete": "ok",
        }

    def test_the_policy_is_asked_about_another_day(self, world):
        basic = world.info(date="2024-03-14")["policy"]["basic"]
        assert (basic["allowed"], basic["severity"], basic["until"]) == (True, "deprecated", "2024-12-31")

    def test_an_answer_says_since_when_why_and_what_to_do(self, world):
        mint = world.info(two_factor="enabled")["policy"]["mint"]
        assert mint["allowed"] is False
        assert mint["since"] == "2024-03-15"
        assert "a person creates them in the Token Manager" in mint["reason"]
        assert mint["remedy"].startswith("Create the token in the Token Manager")
        assert mint["url"].startswith("https://docs.ionos.com/")

    def test_an_unknown_state_is_said_to_be_uncertain(self):
        facts = policy_facts("unknown", TokenWorld().emulator.clock.now().date())
        assert (facts["mint"]["allowed"], facts["mint"]["severity"]) == (True, "uncertain")
        assert facts["basic"]["allowed"] is False


class TestOptions:
    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"date": "15.03.2024"}, "date is not a date. Write it as YYYY-MM-DD, for example 2024-03-15."),
            ({"date": "2024-02-30"}, "date is not a date."),
            ({"expiring_within": "soon"}, "expiring_within is not a duration."),
            ({"token_id": "mine"}, "token_id is not a token id."),
            ({"token_id": OTHER_ID, "current": ""}, "current and token_id exclude each other here."),
        ],
    )
    def test_options_that_cannot_be_right_are_refused_before_anything_is_asked(self, world, params, message):
        assert refusal(ConfigurationError, world.info, **params).startswith(message)
        assert world.emulator.journal.entries() == []

    def test_a_current_that_is_no_token_is_refused(self, world):
        assert refusal(TokenFormatError, world.info, current="hunter2").startswith(
            "current is not an IONOS Cloud API token"
        )

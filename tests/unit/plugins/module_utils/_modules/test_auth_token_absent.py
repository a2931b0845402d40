# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting tokens: exactly those that are named, with whatever may delete them."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiRefused,
    ApiUnavailable,
    ConfigurationError,
    PolicyRefusal,
    TokenFormatError,
)
from support.token_world import TokenWorld

DAY = 86400
OTHER_ID = "1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"


@pytest.fixture
def world():
    return TokenWorld()


def refusal(kind, call, *args, **kwargs):
    with pytest.raises(kind) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def deleted_ids(deletions):
    return [entry["id"] for entry in deletions.facts()["deleted"]]


class TestOne:
    def test_a_token_is_deleted_by_its_id(self, world):
        token = world.new_token()
        facts = world.absent(token_id=token.id).facts()
        entry = {"id": token.id, "created_at": "2026-03-01T12:00:00Z", "expires_at": "2027-03-01T12:00:00Z"}
        assert (facts["changed"], facts["deleted"]) == (True, [entry])
        assert facts["diff"] == {"before": {"tokens": [entry]}, "after": {"tokens": []}}
        assert world.ids() == {world.issuer.id}

    def test_a_second_run_changes_nothing(self, world):
        token = world.new_token()
        world.absent(token_id=token.id)
        facts = world.absent(token_id=token.id).facts()
        assert (facts["changed"], facts["deleted"]) == (False, [])
        assert facts["diff"]["before"] == facts["diff"]["after"]

    def test_r9_a_token_counts_as_gone_only_when_the_api_says_so_twice(self, world):
        world.absent(token_id=OTHER_ID)
        assert [entry.operation for entry in world.emulator.journal.entries()] == ["get", "get"]

    def test_r14_a_token_deletes_itself_first(self, world):
        token = world.new_token()
        assert deleted_ids(world.absent(current=token.value)) == [token.id]
        assert world.emulator.journal.entries("delete")[0].token_id == token.id

    def test_r14_the_issuer_deletes_a_token_that_cannot_delete_itself(self, world):
        token = world.new_token(ttl=DAY)
        world.emulator.clock.advance(days=2)
        assert deleted_ids(world.absent(current=token.value)) == [token.id]
        assert token.id not in world.ids()

    def test_a_token_deletes_itself_without_any_other_credential(self, world):
        token = world.new_token()
        assert deleted_ids(world.absent(current=token.value, anonymous=True)) == [token.id]

    def test_r25_a_dead_token_counts_as_deleted(self, world):
        token = world.new_token()
        world.emulator.revoke(token.id)
        assert world.absent(current=token.value, anonymous=True).facts()["changed"] is False

    def test_an_outage_is_no_deletion(self, world):
        token = world.new_token()
        world.emulator.faults.add("status", "get", status=500, count=None)
        refusal(ApiUnavailable, world.absent, current=token.value)
        assert token.id in world.ids()

    def test_the_policy_refuses_to_delete_for_an_account_with_two_factor(self):
        world = TokenWorld(two_factor="enabled", role="owner")
        world.issuer = world.new_token(origin="token_manager")
        token = world.new_token(origin="token_manager")
        message = refusal(PolicyRefusal, world.absent, token_id=token.id)
        assert "cannot delete tokens through the API since 2024-03-15" in message
        assert "Delete the token in the Token Manager" in message
        assert token.id in world.ids()

    def test_r8_nothing_is_deleted_while_a_clock_is_wrong_by_hours(self, world):
        token = world.new_token()
        world.wall_clock_offset = -2 * 3600
        refusal(ApiError, world.absent, token_id=token.id)
        assert token.id in world.ids()

    def test_a_dead_credential_is_not_a_deletion(self, world):
        token = world.new_token()
        world.emulator.revoke(world.issuer.id)
        refusal(ApiRefused, world.absent, token_id=token.id)
        assert token.id in world.ids()

    def test_r39_a_token_that_is_shown_without_dates_is_deleted(self, world):
        token = world.new_token()
        world.emulator.faults.add("missing_fields", "get", count=None, fields=["createdDate", "expirationDate"])
        assert deleted_ids(world.absent(token_id=token.id)) == [token.id]
        assert world.ids() == {world.issuer.id}


class TestUnclearAnswers:
    @pytest.mark.parametrize(
        ("fault", "options"),
        [
            ("truncated_body", {}),
            ("truncated_body", {"count": None}),
            ("drop_after", {}),
            ("drop_after", {"count": None}),
            ("gateway_page", {"status": 200, "runs_handler": True}),
            ("success", {"body": '{"success": false}'}),
        ],
    )
    def test_r39_what_is_gone_after_our_own_deletion_was_deleted(self, world, fault, options):
        token = world.new_token()
        world.emulator.faults.add(fault, "delete", **options)
        facts = world.absent(token_id=token.id).facts()
        assert (facts["changed"], [entry["id"] for entry in facts["deleted"]]) == (True, [token.id])
        assert world.ids() == {world.issuer.id}

    def test_r39_a_token_that_deletes_itself_is_looked_for_as_itself(self, world):
        token = world.new_token()
        world.emulator.faults.add("truncated_body", "delete", count=None)
        assert deleted_ids(world.absent(current=token.value, anonymous=True)) == [token.id]

    def test_a_page_in_place_of_the_api_deletes_nothing(self, world):
        token = world.new_token()
        world.emulator.faults.add("gateway_page", "delete", status=200)
        assert "HTML instead of the API's JSON" in refusal(ApiUnavailable, world.absent, token_id=token.id)

    def test_r32_a_deletion_that_knows_no_token_which_is_still_shown_is_none(self, world):
        world.emulator.settings.delete_delay_seconds = 40
        token = world.new_token()
        assert f"no token {token.id} to delete, and still shows it" in refusal(
            ApiUnavailable, world.absent, token_id=token.id
        )
        assert token.id in world.ids()

    def test_r9_a_deletion_that_nobody_can_look_after_is_not_known(self, world):
        token = world.new_token()
        world.emulator.faults.add("drop_after", "delete")
        world.emulator.faults.add("gateway_page", "get", on_call=2, status=503, count=None)
        message = refusal(ApiUnavailable, world.absent, token_id=token.id)
        assert message.startswith(f"It is not known whether token {token.id} was deleted")

    def test_a_token_that_somebody_else_deletes_first_is_no_change(self, world):
        token = world.new_token()
        world.emulator.faults.add("status", "delete", status=404)
        world.emulator.faults.add("status", "get", on_call=2, count=2, status=404)
        assert world.absent(token_id=token.id).facts()["changed"] is False

    def test_r39_all_tokens_are_deleted_although_the_answer_breaks_off(self, world):
        world.new_token()
        world.emulator.faults.add("truncated_body", "delete_by_criteria")
        assert len(deleted_ids(world.absent(criteria="all", force=True))) == 2
        assert world.ids() == set()

    def test_r39_one_by_one_what_is_gone_after_our_own_deletion_was_deleted(self, world):
        kept, token = world.new_token(), world.new_token()
        world.emulator.faults.add("truncated_body", "delete", count=None)
        deleted = deleted_ids(world.absent(criteria="all", force=True, **{"except": [kept.id]}))
        assert deleted == [token.id, world.issuer.id]


class TestCriteria:
    def test_only_what_has_expired_is_deleted(self, world):
        old = world.new_token(ttl=DAY)
        ending = world.new_token(ttl=3 * DAY)
        world.emulator.clock.advance(days=2)
        assert deleted_ids(world.absent(criteria="expired")) == [old.id]
        assert world.ids() == {world.issuer.id, ending.id}

    def test_where_nothing_has_expired_nothing_is_sent(self, world):
        assert world.absent(criteria="expired").facts()["changed"] is False
        assert [entry.operation for entry in world.emulator.journal.entries()] == ["list"]

    def test_all_deletes_every_token_with_one_request(self, world):
        world.new_token()
        assert len(deleted_ids(world.absent(criteria="all", force=True))) == 2
        assert world.ids() == set()
        assert len(world.emulator.journal.entries("delete_by_criteria")) == 1

    def test_except_keeps_what_it_lists(self, world):
        kept = world.new_token()
        world.new_token()
        world.absent(criteria="all", force=True, **{"except": [kept.id.upper(), world.issuer.id]})
        assert world.ids() == {kept.id, world.issuer.id}

    def test_the_token_that_authenticates_is_deleted_last(self, world):
        kept = world.new_token()
        world.new_token()
        world.absent(criteria="all", force=True, **{"except": [kept.id]})
        assert world.emulator.journal.deleted()[-1] == world.issuer.id
        assert world.ids() == {kept.id}

    def test_an_exception_that_does_not_exist_changes_nothing(self, world):
        world.absent(criteria="all", force=True, **{"except": [OTHER_ID]})
        assert world.ids() == set()

    def test_r33_an_exception_that_is_not_listed_yet_is_kept(self, world):
        other = world.new_token()
        world.emulator.clock.advance(minutes=5)
        world.emulator.settings.update({"list_delay_seconds": 60})
        kept = world.new_token()
        world.absent(criteria="all", force=True, **{"except": [kept.id]})
        assert kept.id in world.ids()
        assert other.id not in world.ids()

    def test_a_failure_in_between_tells_how_many_were_deleted(self, world):
        kept = world.new_token()
        world.new_token()
        world.new_token()
        world.emulator.faults.add("status", "delete", status=500, on_call=2, count=None)
        message = refusal(ApiError, world.absent, criteria="all", force=True, **{"except": [kept.id]})
        assert "Until then 1 of 3 tokens were deleted." in message
        assert kept.id in world.ids()

    def test_a_token_of_another_user_is_never_touched(self, world):
        bob = world.emulator.add_user("bob@example.com", "battery staple")
        of_bob, _value = world.emulator.mint(bob)
        world.absent(criteria="all", force=True)
        assert [token.id for token in world.emulator.tokens(bob)] == [of_bob.id]


class TestCheckMode:
    @pytest.mark.parametrize("criteria", ["expired", "all"])
    def test_deletions_are_predicted_and_nothing_happens(self, world, criteria):
        old = world.new_token(ttl=DAY)
        world.emulator.clock.advance(days=2)
        predicted = deleted_ids(world.absent(criteria=criteria, force=True, check_mode=True))
        assert old.id in predicted
        assert len(world.ids()) == 2
        assert set(predicted) == set(deleted_ids(world.absent(criteria=criteria, force=True)))

    def test_a_deletion_by_id_is_predicted(self, world):
        token = world.new_token()
        assert deleted_ids(world.absent(token_id=token.id, check_mode=True)) == [token.id]
        assert token.id in world.ids()

    def test_a_refusal_of_the_policy_is_predicted(self):
        world = TokenWorld(two_factor="enabled", role="owner")
        world.issuer = world.new_token(origin="token_manager")
        token = world.new_token(origin="token_manager")
        refusal(PolicyRefusal, world.absent, current=token.value, check_mode=True)


class TestOptions:
    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({}, "The task does not say what to delete. Give exactly one of token_id, current and criteria."),
            ({"token_id": OTHER_ID, "criteria": "expired"}, "The task does not say what to delete."),
            ({"criteria": "all"}, "This would delete every token of the user on the contract"),
            ({"token_id": OTHER_ID, "except": [OTHER_ID]}, "except has no effect with token_id. Leave it out."),
            ({"token_id": OTHER_ID, "dest": "x"}, "dest has no effect with state: absent. Leave it out."),
            ({"token_id": OTHER_ID, "return_value": True}, "return_value has no effect with state: absent."),
            ({"criteria": "expired", "except": ["mine"]}, "an entry of except is not a token id."),
            ({"token_id": "../users"}, "token_id is not a token id."),
        ],
    )
    def test_options_that_cannot_be_right_are_refused_before_anything_is_asked(self, world, params, message):
        assert refusal(ConfigurationError, world.absent, **params).startswith(message)
        assert world.emulator.journal.entries() == []

    def test_an_empty_current_is_refused_rather_than_taken_for_a_deletion(self, world):
        assert refusal(TokenFormatError, world.absent, current="").startswith("current is empty.")

    @pytest.mark.parametrize("params", [{"token_id": OTHER_ID}, {"criteria": "expired"}])
    def test_without_any_credential_the_message_says_where_to_get_one(self, world, params):
        assert "There is no credential" in refusal(ConfigurationError, world.absent, anonymous=True, **params)

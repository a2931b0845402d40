# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping one token good: when a token is minted, where it goes, and what is left behind when that fails."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiUnavailable,
    ConfigurationError,
    MintError,
    PersonNeeded,
    PolicyRefusal,
    TokenFormatError,
)
from support.jwts import ionos_jwt
from support.token_world import TokenWorld

DAY = 86400
OTHER_ID = "1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"


@pytest.fixture
def world():
    return TokenWorld()


@pytest.fixture
def dest(tmp_path):
    return tmp_path / "token"


def write(path, token):
    path.write_text(token.value)
    path.chmod(0o600)


def refusal(kind, call, *args, **kwargs):
    with pytest.raises(kind) as caught:
        call(*args, **kwargs)
    return str(caught.value)


class TestKeeping:
    def test_a_good_token_is_kept_and_nothing_is_minted(self, world, dest):
        write(dest, world.issuer)
        outcome = world.present(dest=str(dest)).facts()
        assert (outcome["changed"], outcome["action"], outcome["reason"]) == (False, "kept", None)
        assert outcome["token"]["id"] == world.issuer.id
        assert world.emulator.journal.minted() == []

    def test_r21_keeping_a_token_costs_one_request(self, world, dest):
        write(dest, world.issuer)
        world.present(dest=str(dest))
        assert [entry.operation for entry in world.emulator.journal.entries()] == ["get"]

    def test_the_given_token_is_stored_where_the_file_has_none(self, world, dest):
        outcome = world.present(dest=str(dest), current=world.issuer.value + "\n").facts()
        assert (outcome["changed"], outcome["action"]) == (True, "stored")
        assert dest.read_text() == world.issuer.value
        assert world.emulator.journal.minted() == []

    def test_the_given_token_is_stored_where_the_one_in_the_file_is_dead(self, world, dest):
        dead = world.new_token()
        write(dest, dead)
        world.emulator.revoke(dead.id)
        assert world.present(dest=str(dest), current=world.issuer.value).action == "stored"
        assert dest.read_text() == world.issuer.value

    def test_the_file_goes_before_the_given_token(self, world, dest):
        renewed = world.new_token()
        write(dest, renewed)
        old = world.new_token(ttl=DAY)
        outcome = world.present(dest=str(dest), current=old.value)
        assert (outcome.action, outcome.token.id) == ("kept", renewed.id)

    def test_a_file_that_others_can_read_is_closed(self, world, dest):
        write(dest, world.issuer)
        dest.chmod(0o644)
        outcome = world.present(dest=str(dest)).facts()
        assert outcome["action"] == "stored"
        assert dest.stat().st_mode & 0o777 == 0o600
        assert (outcome["diff"]["before"]["mode"], outcome["diff"]["after"]["mode"]) == ("0644", "0600")

    def test_a_token_known_by_its_id_is_kept(self, world):
        outcome = world.present(token_id=world.issuer.id.upper(), return_value=True).facts()
        assert outcome["action"] == "kept"
        assert outcome["token"] == {
            "id": world.issuer.id,
            "created_at": "2026-03-01T12:00:00Z",
            "expires_at": "2027-03-01T12:00:00Z",
            "remaining_seconds": 365 * DAY,
        }

    def test_r9_a_token_is_neither_kept_nor_replaced_while_the_api_gives_no_answer_about_it(self, world, dest):
        write(dest, world.issuer)
        world.emulator.faults.add("gateway_page", "get", count=None)
        assert "502" in refusal(ApiUnavailable, world.present, dest=str(dest))
        assert world.emulator.journal.minted() == []
        assert dest.read_text() == world.issuer.value

    def test_a_second_run_changes_nothing(self, world, dest):
        assert world.present(dest=str(dest)).action == "minted"
        assert world.present(dest=str(dest)).action == "kept"


class TestMinting:
    def test_a_token_is_minted_where_there_is_none(self, world, dest):
        outcome = world.present(dest=str(dest)).facts()
        assert (outcome["changed"], outcome["action"], outcome["reason"]) == (True, "minted", "missing")
        assert dest.read_text() != world.issuer.value
        assert outcome["token"]["id"] in world.ids()
        assert outcome["previous"] == []

    def test_r2_its_lifetime_is_a_little_shorter_than_asked_for(self, world, dest):
        outcome = world.present(dest=str(dest), ttl="30d")
        assert 29 * DAY <= outcome.entry.lifetime <= 30 * DAY - 5

    @pytest.mark.parametrize("current", ["", " \n"])
    def test_an_empty_current_means_that_there_is_none_yet(self, world, current):
        assert world.present(current=current, return_value=True).reason == "missing"

    def test_a_token_with_less_than_renew_before_left_is_replaced_and_stays_alive(self, world, dest):
        old = world.new_token(ttl=30 * DAY)
        write(dest, old)
        world.emulator.clock.advance(days=23, seconds=1)
        outcome = world.present(dest=str(dest), renew_before="7d").facts()
        assert outcome["reason"] == "renew_before"
        assert [(previous["id"], previous["reason"]) for previous in outcome["previous"]] == [(old.id, "renew_before")]
        assert outcome["previous"][0]["fingerprint"] == old.fingerprint
        assert old.id in world.ids()
        assert world.emulator.journal.deleted() == []

    def test_exactly_renew_before_is_enough(self, world, dest):
        write(dest, world.new_token(ttl=30 * DAY))
        world.emulator.clock.advance(days=23)
        assert world.present(dest=str(dest), renew_before="7d").action == "kept"

    @pytest.mark.parametrize("damage", ["revoked", "expired"])
    def test_a_token_that_the_api_refuses_is_replaced(self, world, dest, damage):
        dead = world.new_token(ttl=DAY)
        write(dest, dead)
        if damage == "revoked":
            world.emulator.revoke(dead.id)
        else:
            world.emulator.clock.advance(days=2)
        assert world.present(dest=str(dest)).reason == "refused"

    def test_an_id_that_the_api_does_not_know_is_replaced(self, world):
        outcome = world.present(token_id=OTHER_ID, return_value=True).facts()
        assert outcome["reason"] == "gone"
        assert outcome["previous"] == [{"id": OTHER_ID, "reason": "gone"}]

    def test_a_token_of_another_user_is_replaced_by_one_of_the_issuers(self, world, dest):
        bob = world.emulator.add_user("bob@example.com", "battery staple", contracts=[31711111])
        dest.write_text(world.emulator.mint(bob)[1])
        outcome = world.present(dest=str(dest))
        assert outcome.reason == "other_user"
        assert outcome.token.user_id == world.user.user_id

    def test_a_token_of_another_contract_is_replaced(self, dest):
        world = TokenWorld(contracts=[31711111, 31722222])
        write(dest, world.new_token(contract_number=31722222))
        outcome = world.present(dest=str(dest))
        assert outcome.reason == "other_contract"
        assert outcome.token.contract_number == 31711111

    def test_a_token_renews_itself_where_no_issuer_is_given(self, world, dest):
        old = world.new_token(ttl=30 * DAY)
        write(dest, old)
        world.emulator.clock.advance(days=29)
        assert world.present(dest=str(dest), anonymous=True).reason == "renew_before"
        assert world.emulator.journal.entries("generate")[0].token_id == old.id

    def test_force_replaces_a_good_token_and_keeps_it_alive(self, world, dest):
        write(dest, world.issuer)
        outcome = world.present(dest=str(dest), force=True).facts()
        assert outcome["reason"] == "forced"
        assert [(previous["id"], previous["reason"]) for previous in outcome["previous"]] == [(world.issuer.id, None)]
        assert world.issuer.id in world.ids()

    def test_force_mints_where_no_token_is_named(self, world):
        assert world.present(force=True, return_value=True).reason == "forced"

    def test_r22_a_lost_answer_is_reconciled_to_one_token(self, world, dest):
        world.emulator.faults.add("drop_after", "generate")
        world.present(dest=str(dest))
        journal = world.emulator.journal
        assert (len(journal.minted()), len(journal.deleted())) == (2, 1)
        assert len(world.ids()) == 2

    def test_r3_an_attempt_that_was_never_answered_is_told(self, world, dest):
        world.emulator.faults.add("run_late", "generate", seconds=3600)
        world.present(dest=str(dest))
        assert any("was never answered" in warning for warning in world.warnings)


class TestFailures:
    def test_a_file_that_cannot_be_written_is_found_before_minting(self, world, tmp_path):
        message = refusal(ConfigurationError, world.present, dest=str(tmp_path / "missing" / "token"))
        assert "its directory does not exist" in message
        assert world.emulator.journal.minted() == []

    def test_a_token_that_could_not_be_written_is_deleted_again(self, world, dest, monkeypatch):
        def refuse(source, target):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        message = refusal(MintError, world.present, dest=str(dest))
        minted = world.emulator.journal.minted()
        assert f"The new token {minted[0]} was deleted again." in message
        assert "the disk is full" in message
        assert world.ids() == {world.issuer.id}

    def test_a_token_that_can_neither_be_written_nor_deleted_is_named(self, world, dest, monkeypatch):
        def refuse(source, target):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        world.emulator.faults.add("status", "delete", status=500, count=None)
        message = refusal(MintError, world.present, dest=str(dest))
        minted = world.emulator.journal.minted()
        assert f"The new token {minted[0]} could not be deleted again; it lives until 2026-03-" in message

    def test_r32_a_token_that_is_not_known_yet_is_not_said_to_be_deleted(self, world, dest, monkeypatch):
        def refuse(source, target):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        world.emulator.clock.advance(hours=1)
        world.emulator.settings.update({"delete_delay_seconds": 60})
        message = refusal(MintError, world.present, dest=str(dest))
        minted = world.emulator.journal.minted()
        assert f"The new token {minted[0]} could not be deleted again; it lives until 2026-03-" in message

    def test_a_minted_token_of_somebody_else_is_neither_kept_nor_deleted(self, world, dest):
        world.emulator.faults.add("foreign_token", "generate")
        refusal(MintError, world.present, dest=str(dest))
        assert not dest.exists()
        assert world.emulator.journal.deleted() == []

    def test_r8_nothing_is_minted_while_a_clock_is_wrong_by_hours(self, world, dest):
        world.wall_clock_offset = 2 * 3600
        message = refusal(ApiError, world.present, dest=str(dest))
        assert "2026-03-01T12:00:00Z" in message
        assert "2026-03-01T14:00:00Z" in message
        assert world.emulator.journal.minted() == []

    def test_the_policy_refuses_to_mint_for_an_account_with_two_factor(self, dest):
        world = TokenWorld(two_factor="enabled", role="owner")
        world.issuer = world.new_token(origin="token_manager")
        message = refusal(PolicyRefusal, world.present, dest=str(dest))
        assert "cannot mint tokens through the API since 2024-03-15" in message
        assert world.emulator.journal.minted() == []

    def test_without_any_credential_the_message_says_where_to_get_one(self, world, dest):
        assert "There is no credential for the Auth API." in refusal(
            ConfigurationError, world.present, dest=str(dest), anonymous=True
        )

    def test_r12_at_the_quota_nothing_is_sent(self, world, dest):
        world.emulator.settings.quota = 100
        for _number in range(99):
            world.new_token()
        assert "100" in refusal(MintError, world.present, dest=str(dest))
        assert world.emulator.journal.entries("generate") == []


class TestCheckMode:
    def test_a_mint_is_predicted_and_nothing_happens(self, world, dest):
        outcome = world.present(dest=str(dest), check_mode=True).facts()
        assert (outcome["changed"], outcome["action"], outcome["reason"]) == (True, "minted", "missing")
        assert outcome["token"] is None
        assert not dest.exists()
        assert world.emulator.journal.minted() == []

    def test_storing_is_predicted(self, world, dest):
        assert world.present(dest=str(dest), current=world.issuer.value, check_mode=True).action == "stored"
        assert not dest.exists()

    def test_the_directory_is_not_touched(self, world, dest):
        before = dest.parent.stat().st_mtime_ns
        world.present(dest=str(dest), check_mode=True)
        assert dest.parent.stat().st_mtime_ns == before

    def test_a_refusal_of_the_policy_is_predicted(self, dest):
        world = TokenWorld(two_factor="forced", role="owner")
        world.issuer = world.new_token(origin="token_manager")
        assert "cannot mint" in refusal(PolicyRefusal, world.present, dest=str(dest), check_mode=True)

    def test_a_full_quota_is_predicted(self, world, dest):
        for _number in range(99):
            world.new_token()
        assert "100" in refusal(MintError, world.present, dest=str(dest), check_mode=True)


class TestResults:
    @pytest.mark.parametrize("check_mode", [False, True])
    def test_neither_result_nor_diff_has_a_value(self, world, dest, check_mode):
        old = world.new_token(ttl=DAY)
        write(dest, old)
        result = json.dumps(world.present(dest=str(dest), check_mode=check_mode).facts())
        for secret in (old.value, world.issuer.value, Path(dest).read_text()):
            assert secret.split(".")[2] not in result

    def test_the_diff_of_a_mint_names_both_tokens(self, world, dest):
        old = world.new_token(ttl=DAY)
        write(dest, old)
        world.emulator.clock.advance(seconds=DAY - 60)
        outcome = world.present(dest=str(dest))
        diff = outcome.facts()["diff"]
        assert diff["before"]["token"]["id"] == old.id
        assert diff["after"]["token"]["id"] == outcome.token.id
        assert diff["after"]["dest"] == str(dest)

    def test_the_diff_of_nothing_is_empty(self, world, dest):
        write(dest, world.issuer)
        diff = world.present(dest=str(dest)).facts()["diff"]
        assert diff["before"] == diff["after"]


class TestOptions:
    @pytest.mark.parametrize(
        ("params", "message"),
        [
            (
                {"return_value": True},
                "Without current, token_id or dest this task would mint another token in every run.",
            ),
            ({"current": ""}, "A minted token would be lost"),
            ({"current": "", "token_id": OTHER_ID}, "current and token_id exclude each other here. Give one of them."),
            ({"dest": "x", "token_id": OTHER_ID}, "dest and token_id exclude each other here. Give one of them."),
            ({"dest": "x", "criteria": "all"}, "criteria has no effect with state: present. Leave it out."),
            ({"dest": "x", "except": [OTHER_ID]}, "except has no effect with state: present. Leave it out."),
            ({"dest": "x", "ttl": "soon"}, "ttl is not a duration."),
            ({"dest": "x", "ttl": "59"}, "ttl is 59 seconds, outside of what the Auth API accepts."),
            ({"dest": "x", "ttl": "366d"}, "ttl is 31622400 seconds, outside of what the Auth API accepts."),
            ({"dest": "x", "renew_before": "-1d"}, "renew_before is not a duration."),
            ({"dest": "x", "renew_before": "30d"}, "renew_before leaves no time: renew_before is 30d"),
            ({"token_id": "mine", "return_value": True}, "token_id is not a token id."),
        ],
    )
    def test_options_that_cannot_be_right_are_refused_before_anything_is_asked(self, world, params, message):
        assert refusal(ConfigurationError, world.present, **params).startswith(message)
        assert world.emulator.journal.entries() == []

    @pytest.mark.parametrize("current", ["0123456789abcdef" * 2, ionos_jwt(OTHER_ID)[:-90]])
    def test_a_current_that_is_no_token_is_refused(self, world, current):
        message = refusal(TokenFormatError, world.present, current=current, return_value=True)
        assert message.startswith("current is ")
        assert current not in message


class TestRoundedLifetimes:
    def test_r39_what_a_lost_answer_may_have_left_is_named(self, world):
        world.emulator.settings.lifetime_rounding_seconds = 60
        world.emulator.faults.add("drop_after", "generate")
        assert "this API rounds lifetimes" in refusal(MintError, world.present, force=True, return_value=True)
        [orphan] = world.ids() - {world.issuer.id}
        assert [f"if it rounds lifetimes: {orphan}." in warning for warning in world.warnings] == [False, True]


class TestRefusals:
    def test_r39_a_quota_below_a_hundred_is_not_taken_for_two_factor_authentication(self):
        world = TokenWorld(role="owner")
        world.emulator.settings.quota = 1
        message = refusal(MintError, world.present, force=True, return_value=True)
        assert "no two-factor authentication is seen there" in message
        assert "may have reached a limit" in message

    def test_r39_a_403_of_an_account_that_shows_nothing_asks_a_person(self):
        world = TokenWorld(role="user")
        world.emulator.settings.quota = 1
        message = refusal(PersonNeeded, world.present, force=True, return_value=True)
        assert "Create the token in the Token Manager of the DCD and give it to this task" in message

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed for accounts with 2FA, and when."""

from __future__ import annotations

import pytest

from emulator.messages import ApiError
from emulator.token_manager import TOKEN_MANAGER_TTLS
from emulator.tokens import TOKEN_MANAGER

IMPACTED = ["configuring", "enabled", "forced"]
BEFORE = "2024-03-14T23:59:59Z"
FROM = "2024-03-15T00:00:00Z"


@pytest.fixture(params=IMPACTED)
def impacted(request, offline_emulator):
    offline_emulator.clock.set(BEFORE)
    return offline_emulator.add_user("eve@example.com", "fifth-password", two_factor=request.param)


def test_until_2024_03_14_everything_works_with_two_factor(offline_emulator, connect, impacted):
    token, value = offline_emulator.mint(impacted)

    assert connect(offline_emulator, impacted).generate(60).status_code == 200
    assert connect(offline_emulator, value).generate(60).status_code == 200
    assert connect(offline_emulator, value).delete(token.id).status_code == 200


def test_from_2024_03_15_basic_is_refused_with_two_factor(offline_emulator, connect, impacted):
    offline_emulator.clock.set(FROM)

    assert connect(offline_emulator, impacted).list().status_code == 401


def test_from_2024_03_15_tokens_from_the_api_are_refused_with_two_factor(offline_emulator, connect, impacted):
    dummy, value = offline_emulator.mint(impacted)
    offline_emulator.clock.set(FROM)

    assert connect(offline_emulator, value).list().status_code == 401


def test_a_token_manager_token_lists_and_gets_with_two_factor(offline_emulator, connect, impacted):
    token, value = offline_emulator.mint(impacted, origin=TOKEN_MANAGER)
    offline_emulator.clock.set(FROM)
    client = connect(offline_emulator, value)

    assert client.listed_ids() == [token.id]
    assert client.get(token.id).status_code == 200


@pytest.mark.parametrize("call", ["generate", "delete", "EXPIRED", "ALL", "CURRENT"])
def test_a_token_manager_token_neither_mints_nor_deletes_with_two_factor(offline_emulator, connect, impacted, call):
    token, value = offline_emulator.mint(impacted, origin=TOKEN_MANAGER)
    offline_emulator.clock.set(FROM)
    client = connect(offline_emulator, value)

    response = {"generate": lambda: client.generate(60), "delete": lambda: client.delete(token.id)}.get(
        call, lambda: client.delete_by_criteria(call)
    )()

    assert response.status_code == 403
    assert offline_emulator.tokens() == [token]


def test_a_token_manager_token_uses_the_cloud_api_with_two_factor(offline_emulator, connect, impacted):
    impacted.manages_users = True
    dummy, value = offline_emulator.mint(impacted, origin=TOKEN_MANAGER)
    offline_emulator.clock.set(FROM)

    assert connect(offline_emulator, value).get_user(impacted.user_id).status_code == 200


def test_a_user_who_turns_two_factor_on_tomorrow_is_impacted_from_tomorrow_on(offline_emulator, connect, ann):
    clock = offline_emulator.clock
    clock.set("2026-01-01T12:00:00Z")
    offline_emulator.dcd.set_two_factor(ann.name, "enabled", clock.now().replace(day=2))
    assert connect(offline_emulator, ann).list().status_code == 200

    clock.advance(days=1)

    assert connect(offline_emulator, ann).list().status_code == 401


def test_turning_two_factor_off_brings_basic_and_api_tokens_back(offline_emulator, connect, impacted):
    dummy, value = offline_emulator.mint(impacted)
    offline_emulator.clock.set("2024-06-01")
    offline_emulator.dcd.set_two_factor(impacted.name, "disabled")

    assert connect(offline_emulator, impacted).list().status_code == 200
    assert connect(offline_emulator, value).generate(60).status_code == 200


def test_without_two_factor_every_operation_goes_on_with_bearer(offline_emulator, connect, ann):
    token, value = offline_emulator.mint(ann, origin=TOKEN_MANAGER)
    client = connect(offline_emulator, value)

    assert client.generate(60).status_code == 200
    assert client.get(token.id).status_code == 200
    assert client.delete(token.id).status_code == 200


def test_basic_without_two_factor_is_accepted_after_2024_by_default(offline_emulator, connect, ann):
    offline_emulator.clock.set("2025-01-01")

    assert connect(offline_emulator, ann).list().status_code == 200


def test_basic_can_end_with_2024(offline_emulator, connect, ann):
    offline_emulator.settings.update({"accepts_basic_after_2024": False})
    offline_emulator.clock.set("2024-12-31T23:59:59Z")
    assert connect(offline_emulator, ann).list().status_code == 200

    offline_emulator.clock.set("2025-01-01T00:00:00Z")

    assert connect(offline_emulator, ann).list().status_code == 401


def test_the_token_manager_opens_on_2024_02_01(offline_emulator, ann):
    offline_emulator.clock.set("2024-01-31T23:59:59Z")
    with pytest.raises(ApiError) as refusal:
        offline_emulator.dcd.signed_in(ann).create_token("30d")
    assert refusal.value.status == 403

    offline_emulator.clock.set("2024-02-01T00:00:00Z")

    assert offline_emulator.dcd.signed_in(ann).create_token("30d")[0].origin == TOKEN_MANAGER


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [
        ("1h", 3600),
        ("4h", 14400),
        ("1d", 86400),
        ("7d", 604800),
        ("30d", 2592000),
        ("60d", 5184000),
        ("90d", 7776000),
        ("180d", 15552000),
        ("365d", 31536000),
    ],
)
def test_the_token_manager_offers_the_lifetimes_of_the_page(offline_emulator, ann, ttl, seconds):
    token, dummy = offline_emulator.dcd.signed_in(ann).create_token(ttl)

    assert token.ttl == seconds
    assert len(TOKEN_MANAGER_TTLS) == 9


def test_the_token_manager_knows_no_other_lifetime(offline_emulator, ann):
    with pytest.raises(ApiError) as refusal:
        offline_emulator.dcd.signed_in(ann).create_token("2h")
    assert refusal.value.status == 422


def test_the_token_manager_wants_the_second_factor(offline_emulator, connect, impacted):
    offline_emulator.clock.set(FROM)
    session = offline_emulator.dcd.sign_in(impacted.name, impacted.password)
    with pytest.raises(ApiError) as refusal:
        session.create_token("30d")
    assert refusal.value.status == 403

    token, value = session.pass_second_factor(impacted.second_factor_code).create_token("30d")

    assert connect(offline_emulator, value).listed_ids() == [token.id]


def test_a_wrong_second_factor_is_refused(offline_emulator, impacted):
    session = offline_emulator.dcd.sign_in(impacted.name, impacted.password)

    with pytest.raises(ApiError) as refusal:
        session.pass_second_factor("wrong")

    assert refusal.value.status == 401
    assert session.second_factor_required


def test_showing_the_second_factor_completes_a_set_up(offline_emulator, impacted):
    offline_emulator.dcd.signed_in(impacted)

    assert impacted.two_factor.active(offline_emulator.clock.now())


def test_the_token_manager_deletes_what_the_api_may_not(offline_emulator, impacted):
    offline_emulator.clock.set(FROM)
    token, dummy = offline_emulator.mint(impacted)

    offline_emulator.dcd.signed_in(impacted).delete_token(token.id)

    assert offline_emulator.tokens() == []


def test_the_token_manager_keeps_the_quota(offline_emulator, ann):
    offline_emulator.settings.update({"quota": 1})
    offline_emulator.mint(ann)

    with pytest.raises(ApiError) as refusal:
        offline_emulator.dcd.signed_in(ann).create_token("1h")

    assert refusal.value.status == 403


def test_a_wrong_password_does_not_sign_in(offline_emulator, ann):
    with pytest.raises(ApiError) as refusal:
        offline_emulator.dcd.sign_in(ann.name, "wrong")
    assert refusal.value.status == 401

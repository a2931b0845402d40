# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Cloud API's ``um/users/{id}``."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture
def owner(offline_emulator):
    return offline_emulator.add_user("owner@example.com", "third-password", [31711111], role="owner")


def test_a_user_is_shown_with_the_fields_of_the_page(offline_emulator, connect, owner, ann):
    document = connect(offline_emulator, owner).get_user(ann.user_id).json()

    properties = document["properties"]
    assert (document["id"], document["type"]) == (ann.user_id, "user")
    assert "metadata" in document
    assert properties.pop("s3CanonicalUserId")
    assert properties == {
        "firstname": "Ann",
        "lastname": "Example",
        "email": "ann@example.com",
        "administrator": False,
        "forceSecAuth": False,
        "secAuthActive": False,
        "active": True,
    }


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("disabled", (False, False)),
        ("configuring", (False, False)),
        ("enabled", (True, False)),
        ("forced", (False, True)),
    ],
)
def test_two_factor_shows_when_completed_or_obligatory_but_not_when_begun(
    offline_emulator, connect, owner, ann, state, shown
):
    offline_emulator.dcd.set_two_factor(ann.name, state)

    properties = connect(offline_emulator, owner).get_user(ann.user_id).json()["properties"]

    assert (properties["secAuthActive"], properties["forceSecAuth"]) == shown


def test_a_state_holds_from_its_date_on(offline_emulator, connect, owner, ann):
    clock = offline_emulator.clock
    clock.set("2026-01-01")
    offline_emulator.dcd.set_two_factor(ann.name, "enabled", clock.now().replace(month=2))
    client = connect(offline_emulator, owner)
    assert client.get_user(ann.user_id).json()["properties"]["secAuthActive"] is False

    clock.set("2026-02-01")

    assert client.get_user(ann.user_id).json()["properties"]["secAuthActive"] is True


def test_without_user_management_rights_even_oneself_is_forbidden(offline_emulator, connect, ann):
    assert connect(offline_emulator, ann).get_user(ann.user_id).status_code == 403


def test_the_right_can_be_given_to_a_plain_user(offline_emulator, connect, ann):
    ann.manages_users = True

    assert connect(offline_emulator, ann).get_user(ann.user_id).status_code == 200


def test_a_token_needs_no_contract_header_here(offline_emulator, connect, ben):
    ben.manages_users = True
    dummy, value = offline_emulator.mint(ben, 31722222)

    assert connect(offline_emulator, value).get_user(ben.user_id).status_code == 200


def test_with_basic_the_users_of_every_own_contract_are_seen(offline_emulator, connect, ben):
    ben.manages_users = True
    colleague = offline_emulator.add_user("colleague@example.com", "fourth-password", [31722222])

    assert connect(offline_emulator, ben).get_user(colleague.user_id).status_code == 200
    assert connect(offline_emulator, ben, 31711111).get_user(colleague.user_id).status_code == 404


def test_users_of_other_contracts_and_unknown_ids_are_not_found(offline_emulator, connect, owner):
    stranger = offline_emulator.add_user("stranger@example.com", "fourth-password", [31733333])
    client = connect(offline_emulator, owner)

    assert client.get_user(stranger.user_id).status_code == 404
    assert client.get_user(str(uuid.uuid4())).status_code == 404


def test_bad_credentials_are_refused_here_too(offline_emulator, connect, ann):
    assert connect(offline_emulator).get_user(ann.user_id).status_code == 401

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is let in, and the rules for the contract number."""

from __future__ import annotations

import pytest

from emulator.users import User


@pytest.fixture
def two_contracts_token(offline_emulator, ben):
    dummy, value = offline_emulator.mint(ben, 31711111)
    return value


def test_without_a_credential_nothing_is_shown(offline_emulator, connect, ann):
    response = connect(offline_emulator).list()

    assert response.status_code == 401
    assert response.json() == {"httpStatus": 401, "messages": [{"errorCode": "315", "message": "Unauthorized"}]}


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann@example.com", "wrong"), ("ann@example.com", ""), ("nobody@example.com", "first-password")],
)
def test_wrong_basic_credentials_are_refused(offline_emulator, connect, ann, name, password):
    stranger = User(name=name, password=password, contracts=(31711111,))

    assert connect(offline_emulator, stranger).list().status_code == 401


def test_an_inactive_user_is_refused_with_either_credential(offline_emulator, connect, ann):
    dummy, value = offline_emulator.mint(ann)
    ann.active = False

    assert connect(offline_emulator, ann).list().status_code == 401
    assert connect(offline_emulator, value).list().status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer x.y.z", "Basic ?", "Basic YQ==", "Digest x", ""])
def test_an_unreadable_credential_is_refused(offline_emulator, connect, ann, header):
    assert connect(offline_emulator).list(headers={"Authorization": header}).status_code == 401


def test_a_token_that_was_tampered_with_is_refused(offline_emulator, connect, ann):
    dummy, value = offline_emulator.mint(ann)
    header, payload, signature = value.split(".")

    assert connect(offline_emulator, f"{header}.{payload[:-4]}AAAA.{signature}").list().status_code == 401


def test_a_user_who_has_gone_takes_the_tokens_along(offline_emulator, connect, ann):
    dummy, value = offline_emulator.mint(ann)
    offline_emulator.state.users.remove(ann.name)

    assert connect(offline_emulator, value).list().status_code == 401


def test_a_user_of_one_contract_needs_no_header(offline_emulator, connect, ann):
    dummy, value = offline_emulator.mint(ann)

    assert connect(offline_emulator, ann).list().status_code == 200
    assert connect(offline_emulator, value).list().status_code == 200


def test_a_user_of_several_contracts_must_name_one_with_basic(offline_emulator, connect, ben):
    assert connect(offline_emulator, ben).list().status_code == 403
    assert connect(offline_emulator, ben, 31722222).list().status_code == 200


def test_a_user_of_several_contracts_must_name_one_with_bearer(offline_emulator, connect, two_contracts_token):
    assert connect(offline_emulator, two_contracts_token).list().status_code == 403
    assert connect(offline_emulator, two_contracts_token, 31711111).list().status_code == 200


def test_a_token_is_refused_for_another_contract_of_its_user(offline_emulator, connect, two_contracts_token):
    assert connect(offline_emulator, two_contracts_token, 31722222).list().status_code == 403


def test_a_contract_of_somebody_else_is_refused(offline_emulator, connect, ann):
    dummy, value = offline_emulator.mint(ann)

    assert connect(offline_emulator, ann, 31722222).list().status_code == 403
    assert connect(offline_emulator, value, 31722222).list().status_code == 403


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "9" * 5000])
def test_a_contract_number_that_is_none_is_refused(offline_emulator, connect, ann, number):
    assert connect(offline_emulator, ann, number).list().status_code == 422


@pytest.mark.parametrize("call", ["generate", "list", "delete_by_criteria", "get", "delete"])
def test_every_operation_of_the_auth_api_wants_the_contract(offline_emulator, connect, ben, call):
    token, dummy = offline_emulator.mint(ben, 31711111)
    arguments = {"delete_by_criteria": ["ALL"], "get": [token.id], "delete": [token.id]}.get(call, [])

    response = getattr(connect(offline_emulator, ben), call)(*arguments)

    assert response.status_code == 403
    assert offline_emulator.tokens() == [token]


def test_a_minted_token_is_bound_to_the_contract_asked_for(offline_emulator, connect, ben):
    connect(offline_emulator, ben, 31722222).generate(60)

    assert [token.contract_number for token in offline_emulator.tokens()] == [31722222]


def test_only_the_tokens_of_the_contract_are_listed(offline_emulator, connect, ben):
    offline_emulator.mint(ben, 31711111)
    second, dummy = offline_emulator.mint(ben, 31722222)

    assert connect(offline_emulator, ben, 31722222).listed_ids() == [second.id]

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a token: what it says, what is refused in which words, and that its value never shows."""

from __future__ import annotations

import json
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenFormatError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import LATEST
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import (
    MAXIMUM_LENGTH,
    Token,
    fingerprint,
    is_token_id,
    parse_token,
    require_token_id,
)
from support.jwts import encoded, encoded_json, ionos_jwt, unsigned_jwt

TOKEN_ID = "0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"
USER_ID = "5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


def refusal(text):
    with pytest.raises(TokenFormatError) as caught:
        parse_token(text, "token")
    return caught.value


def test_a_token_says_whose_it_is_and_how_long_it_lives():
    value = ionos_jwt(TOKEN_ID, user_id=USER_ID, contract_number=31711111, issued_at=1000, expires_at=2000)
    assert parse_token(value, "token") == Token(
        value=value,
        id=TOKEN_ID,
        user_id=USER_ID,
        contract_number=31711111,
        role="owner",
        issued_at=1000,
        expires_at=2000,
    )


def test_every_claim_may_be_absent():
    assert parse_token(unsigned_jwt(TOKEN_ID), "token").id == TOKEN_ID


@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", " {}", "\t{}\t"])
def test_white_space_around_a_token_is_cut_off(around):
    value = ionos_jwt(TOKEN_ID)
    assert parse_token(around.format(value), "token").value == value


def test_an_id_in_capitals_is_the_same_id():
    assert parse_token(unsigned_jwt(TOKEN_ID.upper()), "token").id == TOKEN_ID


@pytest.mark.parametrize(
    ("claim", "number"),
    [
        (31711111, 31711111),
        ("31711111", 31711111),
        (True, None),
        (0, None),
        (-1, None),
        (1.5, None),
        (2**63, None),
        ("9" * 400, None),
        ("\u0663", None),
        ([1], None),
        (None, None),
    ],
)
def test_a_contract_number_is_a_positive_whole_number(claim, number):
    value = unsigned_jwt(TOKEN_ID, identity={"contractNumber": claim})
    assert parse_token(value, "token").contract_number == number


@pytest.mark.parametrize("claim", [True, "1000", -1, LATEST + 1, 10**400, float("nan"), float("inf"), [], {}, None])
def test_a_date_that_is_none_is_treated_as_absent(claim):
    token = parse_token(unsigned_jwt(TOKEN_ID, iat=claim, exp=claim), "token")
    assert (token.issued_at, token.expires_at) == (None, None)


@pytest.mark.parametrize("identity", ["owner", 5, [], {"uuid": "a\r\nb", "role": "x" * 129}, {"uuid": {}, "role": 1}])
def test_an_identity_that_is_none_is_treated_as_absent(identity):
    token = parse_token(unsigned_jwt(TOKEN_ID, identity=identity), "token")
    assert (token.user_id, token.role, token.contract_number) == (None, None, None)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_said_to_be_empty(text):
    assert str(refusal(text)) == "token is empty. Give the token's value, or leave the option out."


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0123456789abcdef" * 2 + "." + "Ab3" * 20, "It looks like a key of the IONOS hosting APIs"),
        ("0123456789abcdef" * 2, "It looks like a key of the IONOS Cloud Panel"),
        ("Ab3/" * 23, "It looks like a key of the IONOS Object Storage."),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162", "It is still encrypted with Ansible Vault."),
        ("Bearer " + unsigned_jwt(TOKEN_ID), "It starts with the word Bearer"),
        ('"' + unsigned_jwt(TOKEN_ID) + '"', "It is wrapped in quotes."),
        ("correct horse battery staple", "It does not look like the key of an IONOS product known"),
    ],
)
def test_what_is_no_jwt_is_refused_with_a_hint_at_what_it_looks_like(text, hint):
    error = refusal(text)
    assert error.code == "token_not_jwt"
    assert str(error).startswith(f"token is not an IONOS Cloud API token, which is a JWT and begins with eyJ. {hint}")
    assert str(error).endswith("Create a token in the Token Manager of the DCD and use its value.")
    assert text not in str(error)


@pytest.mark.parametrize("part", range(1, 3))
def test_a_truncated_jwt_is_said_to_be_cut_off(part):
    value = ".".join(unsigned_jwt(TOKEN_ID, identity={"uuid": USER_ID}).split(".")[:part])
    assert str(refusal(value)) == (
        "token is a JWT that is cut off or damaged. "
        "Copy the whole value again: three parts with dots between them, on one line."
    )


@pytest.mark.parametrize("damage", ["\n", " ", "=", "\u200b", "\x00"])
def test_a_jwt_with_something_inside_is_said_to_be_damaged(damage):
    value = unsigned_jwt(TOKEN_ID)
    assert refusal(value[:-5] + damage + value[-5:]).code == "token_truncated"


@pytest.mark.parametrize("key_id", [None, 5, "", "my-key", TOKEN_ID + "/..", "\n" + TOKEN_ID, [TOKEN_ID]])
def test_a_jwt_without_a_token_id_is_said_to_be_of_another_service(key_id):
    error = refusal(unsigned_jwt(TOKEN_ID, header={"kid": key_id}))
    assert str(error).startswith("token is a JWT without a token id (kid), so it is not a token of the IONOS Auth API.")


def test_a_text_of_any_length_is_refused_without_decoding_it():
    assert refusal(unsigned_jwt(TOKEN_ID, padding="x" * MAXIMUM_LENGTH)).code == "token_not_jwt"


def test_deeply_nested_json_is_refused():
    nested = encoded(b"[" * 5000 + b"]" * 5000)
    assert refusal(f"{nested}.{nested}.{nested}").code == "token_not_jwt"


def test_the_value_shows_in_no_representation():
    token = parse_token(ionos_jwt(TOKEN_ID), "token")
    assert token.value not in repr(token)
    assert token.value not in str(token)
    assert token.value.split(".")[2] not in f"{token!r} {token}"


def test_a_fingerprint_is_short_and_differs_from_value_to_value():
    assert fingerprint("a") == "sha256:ca978112ca1bbdca"
    assert parse_token(ionos_jwt(TOKEN_ID), "token").fingerprint == fingerprint(ionos_jwt(TOKEN_ID))
    assert fingerprint("a") != fingerprint("b")


@given(st.uuids())
def test_every_uuid_is_a_token_id_and_is_written_in_lower_case(uuid):
    assert require_token_id(f" {str(uuid).upper()}\n", "token_id") == str(uuid)


@given(st.text(max_size=60) | st.integers() | st.none())
def test_only_a_uuid_is_a_token_id(value):
    if is_token_id(value):
        assert str(UUID(value)) == value.lower()


@pytest.mark.parametrize(
    "text", ["", "latest", "../" + TOKEN_ID, TOKEN_ID + "\r\nX: y", TOKEN_ID[:-1], "{" + TOKEN_ID + "}"]
)
def test_what_is_no_token_id_is_refused_without_showing_it(text):
    with pytest.raises(ConfigurationError) as caught:
        require_token_id(text, "token_id")
    assert str(caught.value) == (
        "token_id is not a token id. Give the UUID that the Token Manager, auth_token_info or the token's kid shows."
    )


@given(JSON, JSON, st.binary(max_size=40))
def test_whatever_a_jwt_contains_it_ends_with_a_token_or_our_error(header, claims, signature):
    value = f"{encoded_json(header)}.{encoded_json(claims)}.{encoded(signature)}"
    with suppress(TokenFormatError):
        assert parse_token(value, "token").value == value


@given(JSON)
def test_whatever_an_identity_contains_the_token_is_read(identity):
    token = parse_token(unsigned_jwt(TOKEN_ID, identity=identity, iat=identity, exp=identity), "token")
    assert token.id == TOKEN_ID
    assert token.user_id is None or token.user_id.isprintable()


@given(st.text(min_size=12, max_size=200) | st.from_regex(r"eyJ[A-Za-z0-9_-]{12,60}(\.[A-Za-z0-9_-]{12,60}){0,3}"))
def test_a_refused_text_never_stands_in_the_message(text):
    try:
        parse_token(text, "option")
    except TokenFormatError as error:
        message = str(error)
    else:
        return
    assert not text.strip() or text.strip() not in message


@given(st.binary(max_size=200))
def test_bytes_that_are_no_json_are_no_token(data):
    with suppress(ValueError):
        json.loads(data)
        return
    assert refusal(f"{encoded(data) or '-'}.e30.e30").code == "token_not_jwt"

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two credentials send, and what they keep to themselves."""

from __future__ import annotations

import base64

import pytest
import requests

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
    Credential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from support.trace import token, token_id


def authorization(credential: Credential) -> str:
    """Return the header that a credential sets."""
    prepared = requests.Request("GET", "https://api.example.com/", auth=credential).prepare()
    return str(prepared.headers["Authorization"])


def test_a_token_is_sent_as_bearer() -> None:
    assert authorization(BearerCredential(token())) == f"Bearer {token().value}"


def test_a_token_knows_its_user_and_contract() -> None:
    credential = BearerCredential(token(contract_number=42))
    assert (credential.method, credential.user_id, credential.contract_number) == ("bearer", token().user_id, 42)


def test_a_password_is_sent_as_utf_8() -> None:
    header = authorization(BasicCredential("jürgen@example.com", "pässword: ☃"))
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "jürgen@example.com:pässword: ☃"


def test_a_username_names_no_user_and_no_contract() -> None:
    credential = BasicCredential("ann@example.com", "pw")
    assert (credential.method, credential.user_id, credential.contract_number) == ("basic", None, None)


@pytest.mark.parametrize("username", ["", "ann:smith"])
def test_a_username_that_basic_authentication_cannot_carry_is_refused(username: str) -> None:
    with pytest.raises(ConfigurationError, match="The username is empty or has a colon in it"):
        BasicCredential(username, "pw")


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="The password is empty"):
        BasicCredential("ann", "")


def test_two_tokens_of_one_user_have_one_identity() -> None:
    assert BearerCredential(token(1)).identity == BearerCredential(token(2)).identity


def test_tokens_that_name_no_user_are_told_apart() -> None:
    first, second = (BearerCredential(Token("hidden", token_id(number))) for number in (1, 2))
    assert first.identity != second.identity


def test_usernames_are_told_apart() -> None:
    assert BasicCredential("ann", "pw").identity != BasicCredential("bob", "pw").identity


def test_an_identity_shows_neither_name_nor_password() -> None:
    identity = BasicCredential("ann@example.com", "hidden-value").identity
    assert "ann" not in identity
    assert "hidden" not in identity


def test_a_repr_shows_the_token_id_at_most() -> None:
    assert repr(BearerCredential(token())) == f"BearerCredential({token_id(1)})"
    assert repr(BasicCredential("ann", "hidden-value")) == "BasicCredential()"

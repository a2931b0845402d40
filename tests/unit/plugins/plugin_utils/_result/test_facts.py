# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report takes from the result of ``vaulted_tokens``: known fields, checked, and never a secret."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import (
    account_facts,
    token_entry,
    token_facts,
)
from support.jwts import ionos_jwt
from support.report_entries import account, all_sorts, current, handoff, place, token

CANARY = "canary-in-the-wrong-place"
TOKEN_ID = "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e"


def test_what_is_not_known_is_ignored_whatever_it_holds() -> None:
    entry = token(secret=CANARY, token={**current(), "value": CANARY}, vaults=[{**place(), "options": {"a": CANARY}}])
    assert CANARY not in repr(token_facts(entry, 0))
    assert CANARY not in repr(account_facts(account(password=CANARY), 0))


@pytest.mark.parametrize("field", ["name", "account", "reason", "message"])
def test_a_token_in_a_text_is_masked(field: str) -> None:
    value = ionos_jwt(TOKEN_ID)
    facts = token_facts(token(**{field: f"see {value} here"}), 0)
    assert getattr(facts, field) == "see (a token) here"


def test_a_token_among_several_texts_is_masked() -> None:
    assert token_facts(token(warnings=[ionos_jwt(TOKEN_ID)]), 0).warnings == ("(a token)",)


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        (token(name=""), "tokens[3].name"),
        (token(name=[CANARY]), "tokens[3].name"),
        (token(failed=CANARY), "tokens[3].failed"),
        (token(ttl_seconds=CANARY), "tokens[3].ttl_seconds"),
        (token(ttl_seconds=-1), "tokens[3].ttl_seconds"),
        (token(token=CANARY), "tokens[3].token"),
        (token(token=current(expires_at=CANARY)), "tokens[3].token.expires_at"),
        (token(token=current(expires_at=None)), "tokens[3].token.expires_at"),
        (token(vaults=CANARY), "tokens[3].vaults"),
        (token(vaults=[CANARY]), "tokens[3].vaults[0]"),
        (token(vaults=[place(in_sync=CANARY)]), "tokens[3].vaults[0].in_sync"),
    ],
)
def test_a_field_that_vaulted_tokens_would_not_return_is_named_and_not_shown(entry: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        token_facts(entry, 3)
    assert caught.value.code == "report_input_invalid"
    assert str(caught.value).startswith(f"{where} is not what vaulted_tokens returns: ")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://example.com/", 'https://example.com/"onclick="x', "https://a b", "data:x"],
)
def test_only_a_safe_address_becomes_a_link(address: str) -> None:
    told = {**handoff()["handoff"], "token_manager": address}
    facts = token_facts(handoff(handoff=told), 0)
    assert facts.handoff is not None
    assert facts.handoff.token_manager is None


def test_a_field_that_is_left_out_counts_as_null() -> None:
    facts = token_facts({"name": "dns"}, 0)
    assert (facts.current, facts.places, facts.handoff, facts.message) == (None, (), None, None)
    assert account_facts({"name": "shop"}, 0).policy is None


@pytest.mark.parametrize("entry", all_sorts()["tokens"], ids=lambda entry: entry["name"])
def test_what_is_written_is_read_as_the_same_facts(entry: dict[str, Any]) -> None:
    facts = token_facts(entry, 0)
    assert token_facts(token_entry(facts), 0) == facts
    written = token_entry(facts)
    assert {name: written[name] for name in entry if name not in ("vaults", "previous", "delete_in_dcd")} == {
        name: value for name, value in entry.items() if name not in ("vaults", "previous", "delete_in_dcd")
    }

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of ``vaulted_tokens``: what is accepted, and that a mistake is named without a value (R23)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import ansible.template
import pytest
from ansible.utils.unsafe_proxy import wrap_var
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import ConnectionSettings
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenOpsError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments, plain
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.accounts import Account
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import Declaration, parse_declaration
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.options import rotation_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from support.jwts import ionos_jwt

TOKEN_ID = "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e"
PLACES = {kind: dict(vault.PLACE_OPTIONS) for kind, vault in vault_kinds().items()}
SPEC = rotation_options(vault_kinds())
SHOWN_BY_DESIGN = ("name", "account", "in", "ca_path")
"""Options whose value a message may show: without it the user could not tell which entry is wrong."""

Path = tuple[Any, ...]


def declaration_of(arguments: Any) -> Declaration:
    """Take the arguments of a task as far as it goes before anything is touched."""
    checked = check_arguments(SPEC, arguments)
    settings = ConnectionSettings.from_params(checked, {})
    return parse_declaration(checked, Account("default", credential=settings.credential), PLACES)


def full_arguments() -> dict[str, Any]:
    """Return arguments with every option of every list, all of them right."""
    return {
        "api_url": "https://api.example.com",
        "token": ionos_jwt(TOKEN_ID),
        "username": "ann@example.com",
        "password": "correct horse",
        "contract_number": 31711111,
        "validate_certs": True,
        "ca_path": "/",
        "certificate_fingerprint": "ab" * 32,
        "timeout": 60,
        "policy": "enforce",
        "two_factor": "auto",
        "accounts": [
            {
                "name": "shop",
                "contract_number": "31711111",
                "user_id": "5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11",
                "two_factor": "disabled",
                "token": ionos_jwt(TOKEN_ID),
                "username": "ann@example.com",
                "password": "correct horse",
            }
        ],
        "vaults": [
            {"name": "files", "ansible_vault_file": {"vault_id": "prod", "ephemeral": False, "lock_timeout": 30}},
            {
                "name": "bao",
                "hashi_vault": {
                    "url": "https://bao.example.com:8200",
                    "auth_method": "approle",
                    "token": "a login",
                    "role_id": "a role",
                    "secret_id": "a secret",
                    "auth_mount": "approle",
                    "mount": "secret",
                    "namespace": "team",
                    "ca_path": "/",
                    "validate_certs": True,
                    "timeout": 30,
                },
            },
        ],
        "tokens": [
            {
                "name": "app",
                "account": "shop",
                "state": "present",
                "ttl": "30d",
                "renew_before": "7d",
                "spread": "5d",
                "overlap": "1d",
                "fail_before": "2d",
                "enforce_ttl": False,
                "retire_adopted": False,
                "vault": {"in": "bao", "mount": "secret", "path": "ionos/app", "key": "token"},
                "replicas": [{"in": "files", "path": "ionos.yml", "variable": "ionos_token", "follow": False}],
                "inbox": {"in": "bao", "mount": "secret", "path": "inbox/app", "key": "token"},
            }
        ],
        "offers": {"app": ionos_jwt(TOKEN_ID)},
        "workers": 8,
        "rate": 5,
        "spread": "0",
        "quota_reserve": 5,
        "max_lost": 3,
        "purge_expired": False,
        "with_accounts": False,
    }


def least_arguments(**options: Any) -> dict[str, Any]:
    """Return arguments with one token and nothing else, and ``options``."""
    return {"tokens": [{"name": "app", "vault": {"path": "ionos.yml", "variable": "ionos_token"}}], **options}


def paths(value: Any, prefix: Path = ()) -> Iterator[Path]:
    """Yield where every value in ``value`` is: mappings, lists and leaves."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*prefix, key)
        yield from paths(item, (*prefix, key))


def replaced(value: Any, path: Path, new: Any) -> Any:
    """Return a copy of ``value`` with ``new`` at ``path``."""
    changed = copy.deepcopy(value)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = new
    return changed


def message_of(arguments: Any) -> str:
    """Return what a user reads of arguments that are wrong."""
    with pytest.raises(ConfigurationError) as caught:
        check_arguments(SPEC, arguments)
    return str(caught.value)


def complaint_about(arguments: Any) -> str:
    """Return what a user reads of arguments that may be wrong; nothing where they make a declaration."""
    try:
        declaration_of(arguments)
    except TokenOpsError as error:
        return str(error)
    return ""


def named(path: Path) -> str:
    return ".".join(map(str, path))


PATHS = list(paths(full_arguments()))


def test_a_token_with_a_name_and_a_place_is_enough() -> None:
    checked = check_arguments(SPEC, least_arguments())
    assert [token["name"] for token in checked["tokens"]] == ["app"]
    assert checked["workers"] == 8
    assert checked["tokens"][0]["state"] == "present"


def test_every_option_at_once_makes_a_declaration() -> None:
    declaration = declaration_of(full_arguments())
    assert [token.name for token in declaration.tokens] == ["app"]
    assert [vault.kind for vault in declaration.vaults] == ["ansible_vault_file", "hashi_vault"]


def test_values_are_converted_to_the_types_of_the_options() -> None:
    checked = check_arguments(SPEC, least_arguments(workers="4", purge_expired="yes", contract_number="31711111"))
    assert (checked["workers"], checked["purge_expired"], checked["contract_number"]) == (4, True, 31711111)


@pytest.mark.parametrize("given", ["0.5", 0.5, "5e-1"])
def test_a_rate_may_be_a_fraction(given: Any) -> None:
    assert check_arguments(SPEC, least_arguments(rate=given))["rate"] == 0.5


def test_a_number_is_accepted_as_a_duration() -> None:
    arguments = least_arguments()
    arguments["tokens"][0]["ttl"] = 86400
    assert declaration_of(arguments).tokens[0].ttl == 86400


def test_a_kind_of_vault_without_options_may_be_left_empty() -> None:
    checked = check_arguments(SPEC, least_arguments(vaults=[{"name": "files", "ansible_vault_file": None}]))
    assert checked["vaults"][0]["ansible_vault_file"] is not None


def test_an_option_that_is_null_counts_as_not_given() -> None:
    assert check_arguments(SPEC, least_arguments(workers=None, api_url=None))["workers"] == 8


@pytest.mark.parametrize(
    ("variable", "option", "value"),
    [
        ("IONOS_API_URL", "api_url", "https://api.example.com"),
        ("IONOS_CONTRACT_NUMBER", "contract_number", "31711111"),
        ("IONOS_CERTIFICATE_FINGERPRINT", "certificate_fingerprint", "ab" * 32),
        ("IONOS_PINNED_CERT", "certificate_fingerprint", "cd" * 32),
    ],
)
def test_the_environment_gives_what_the_task_does_not(
    monkeypatch: pytest.MonkeyPatch, variable: str, option: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert str(check_arguments(SPEC, least_arguments())[option]) == value


def test_the_task_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONOS_API_URL", "https://other.example.com")
    checked = check_arguments(SPEC, least_arguments(api_url="https://api.example.com"))
    assert checked["api_url"] == "https://api.example.com"


def test_the_environment_never_fills_in_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """R7."""
    for name in ("TOKEN", "USERNAME", "PASSWORD", "CONTRACT_NUMBER"):
        monkeypatch.setenv(f"IONOS_{name}", "1234")
    [account] = check_arguments(SPEC, least_arguments(accounts=[{"name": "shop"}]))["accounts"]
    assert {name: value for name, value in account.items() if value is not None} == {
        "name": "shop",
        "two_factor": "auto",
    }


def test_an_unreadable_number_in_the_environment_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONOS_CONTRACT_NUMBER", "swordfish")
    assert message_of(least_arguments()) == (
        "contract_number is not a whole number. Correct the value; it is not shown, since it may be a secret."
    )


def test_no_tokens_at_all_is_an_error_that_names_the_option() -> None:
    assert message_of({}) == (
        "The task lacks the option tokens. Add it (with the role: token_rotation_tokens); "
        "ansible-doc tokenops.ionos.vaulted_tokens describes every option."
    )


@pytest.mark.parametrize(
    ("path", "nothing", "where"),
    [
        (("tokens", 0, "name"), None, "tokens[0]"),
        (("tokens", 0, "name"), "", "tokens[0]"),
        (("tokens", 0, "vault"), None, "tokens[app]"),
        (("accounts", 0, "name"), None, "accounts[0]"),
        (("vaults", 1, "name"), "", "vaults[1]"),
    ],
)
def test_a_required_option_of_an_entry_that_is_missing_is_named(path: Path, nothing: str | None, where: str) -> None:
    message = message_of(replaced(full_arguments(), path, nothing))
    assert message.startswith(f"{where} lacks the option {path[-1]}.")


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (("token_name",), "The task"),
        (("tokens", 0, "token_name"), "tokens[app]"),
        (("tokens", 0, "vault", "token_name"), "tokens[app].vault"),
        (("tokens", 0, "replicas", 0, "token_name"), "tokens[app].replicas[0]"),
        (("accounts", 0, "token_name"), "accounts[shop]"),
        (("vaults", 1, "token_name"), "vaults[bao]"),
        (("vaults", 1, "hashi_vault", "token_name"), "vaults[bao].hashi_vault"),
    ],
    ids=lambda value: named(value) if isinstance(value, tuple) else None,
)
def test_an_unknown_option_is_named_together_with_those_that_exist(path: Path, where: str) -> None:
    message = message_of(replaced(full_arguments(), path, "x"))
    assert message.startswith(
        f"{where} has an option that does not exist here: token_name. Correct it; known here are: "
    )


def test_an_unknown_key_that_does_not_look_like_an_option_is_not_shown() -> None:
    message = message_of(least_arguments(**{"Swordfish 1": "x"}))
    assert "(not shown)" in message
    assert "Swordfish" not in message


@pytest.mark.parametrize(
    ("path", "wrong", "kind"),
    [
        (("tokens",), "app", "a list"),
        (("tokens", 0), "app", "a mapping"),
        (("tokens", 0, "vault"), "ionos.yml", "a mapping"),
        (("tokens", 0, "replicas"), {"path": "x"}, "a list"),
        (("tokens", 0, "ttl"), ["30d"], "a text"),
        (("tokens", 0, "ttl"), True, "a text"),
        (("tokens", 0, "enforce_ttl"), "perhaps", "true or false"),
        (("workers",), "many", "a whole number"),
        (("workers",), 2.5, "a whole number"),
        (("workers",), True, "a whole number"),
        (("workers",), 10**400, "a whole number"),
        (("timeout",), "nan", "a whole number"),
        (("rate",), "many", "a number"),
        (("rate",), True, "a number"),
        (("rate",), [5], "a number"),
        (("rate",), "nan", "a number"),
        (("rate",), float("inf"), "a number"),
        (("rate",), 10**400, "a number"),
        (("offers",), ["x"], "a mapping"),
        (("ca_path",), {"a": "b"}, "a path"),
    ],
)
def test_a_value_of_another_type_is_named_and_not_shown(path: Path, wrong: Any, kind: str) -> None:
    message = message_of(replaced(full_arguments(), path, wrong))
    assert f" is not {kind}. Correct the value; it is not shown, since it may be a secret." in message
    assert str(path[-1] if isinstance(path[-1], str) else "tokens[0]") in message


@pytest.mark.parametrize(
    ("path", "where", "choices"),
    [
        (("policy",), "policy", "enforce, warn"),
        (("two_factor",), "two_factor", "auto, disabled, configuring, enabled, forced"),
        (("tokens", 0, "state"), "tokens[app].state", "present, absent"),
        (("accounts", 0, "two_factor"), "accounts[shop].two_factor", "auto, disabled, configuring, enabled, forced"),
        (("vaults", 1, "hashi_vault", "auth_method"), "vaults[bao].hashi_vault.auth_method", "token, approle"),
    ],
    ids=lambda value: named(value) if isinstance(value, tuple) else None,
)
def test_a_value_that_is_no_choice_is_answered_with_the_choices(path: Path, where: str, choices: str) -> None:
    message = message_of(replaced(full_arguments(), path, "swordfish"))
    assert message == f"{where} is not one of its choices. Choose one of: {choices}."


@pytest.mark.parametrize("path", [path for path in PATHS if path[-1] not in SHOWN_BY_DESIGN], ids=named)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda canary: canary,
        lambda canary: [canary],
        lambda canary: {canary: "x"},
        lambda canary: {"An Unknown Key": canary},
    ],
    ids=["as a value", "in a list", "as a key", "under an unknown key"],
)
def test_no_message_shows_what_stands_in_the_wrong_place(path: Path, wrap: Any) -> None:
    """R23. Not every wrong place is an error: a username may be anything."""
    assert "Swordfish" not in complaint_about(replaced(full_arguments(), path, wrap("Swordfish 42")))


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_no_message_shows_a_token_whatever_place_it_stands_in(path: Path) -> None:
    value = ionos_jwt("7d1f0a52-0000-4000-8000-5a5f8a1d2c3e")
    message = complaint_about(replaced(full_arguments(), path, value))
    assert value.split(".")[2] not in message
    assert value.split(".")[1] not in message


def test_the_repr_of_a_declaration_shows_no_secret() -> None:
    arguments = full_arguments()
    del arguments["accounts"][0]["token"]
    arguments["vaults"][1]["hashi_vault"].update(token="Swordfish 1", secret_id="Swordfish 2")
    arguments["accounts"][0]["password"] = "Swordfish 3"
    shown = repr(declaration_of(arguments))
    assert "Swordfish" not in shown
    assert arguments["offers"]["app"] not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
DURATIONS = st.sampled_from(["", "0", "1s", "60", "2m", "365d", "366d", "99999999999", "-1", "1d1d", "30d"])


@given(path=st.sampled_from(PATHS), value=JSON | DURATIONS | st.sampled_from(["app", "shop", "bao", "files", "token"]))
def test_any_value_anywhere_gives_a_declaration_or_one_of_our_errors(path: Path, value: Any) -> None:
    assert complaint_about(replaced(full_arguments(), path, value)).isprintable()


@given(arguments=st.dictionaries(st.sampled_from([*SPEC, "other"]), JSON))
def test_any_arguments_give_a_declaration_or_one_of_our_errors(arguments: dict[str, Any]) -> None:
    assert complaint_about(arguments).isprintable()


@given(value=JSON)
def test_plain_leaves_plain_values_as_they_are(value: Any) -> None:
    assert repr(plain(value)) == repr(value)


def text_of_ansible(text: str) -> str:
    """Return a text of the class in which templates give it: tagged, or unsafe before ansible-core 2.19."""
    mark: Callable[[str], str] = getattr(ansible.template, "trust_as_template", wrap_var)
    return mark(text)


def test_plain_makes_plain_texts_of_those_of_ansible() -> None:
    text = text_of_ansible("value")
    assert text.__class__ is not str
    converted = plain({text: [text, (text,)]})
    assert converted == {"value": ["value", ["value"]]}
    assert {type(item) for item in (*converted, *converted["value"][:1], *converted["value"][1])} == {str}


class _VaultedText:
    """What ansible-core 2.18 makes of ``!vault``: an object that decrypts when it is asked for its data."""

    @property
    def data(self) -> str:
        return text_of_ansible("swordfish")

    def is_encrypted(self) -> bool:
        return True


def test_plain_decrypts_what_is_still_vaulted() -> None:
    converted = plain({"token": _VaultedText()})
    assert converted == {"token": "swordfish"}
    assert converted["token"].__class__ is str

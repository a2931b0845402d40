# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which credential counts, and which connection options cannot be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import (
    ConnectionSettings,
    environment_secrets,
    select_credential,
    select_credential_options,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.options import connection_argument_spec
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenFormatError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.version import VERSION
from support.trace import token

ROOT = Path(__file__).resolve().parents[5]
T, U, P = "token", "username", "password"


def validated(**options: Any) -> dict[str, Any]:
    """Return options as Ansible hands them to a module."""
    result = ArgumentSpecValidator(connection_argument_spec()).validate(options)
    assert result.error_messages == []
    return dict(result.validated_parameters)


def settings(environ: dict[str, str] | None = None, **options: Any) -> ConnectionSettings:
    return ConnectionSettings.from_params(validated(**options), environ or {})


# The credential


@pytest.mark.parametrize(
    ("options", "environment", "selected"),
    [
        ({}, {}, {}),
        ({T: "t"}, {}, {T: "t"}),
        ({U: "u", P: "p"}, {}, {U: "u", P: "p"}),
        ({}, {T: "T"}, {T: "T"}),
        ({}, {U: "U", P: "P"}, {U: "U", P: "P"}),
        # A token beats username and password in the same place.
        ({T: "t", U: "u", P: "p"}, {}, {T: "t"}),
        ({}, {T: "T", U: "U", P: "P"}, {T: "T"}),
        # An option beats the environment.
        ({T: "t"}, {T: "T"}, {T: "t"}),
        ({T: "t"}, {U: "U", P: "P"}, {T: "t"}),
        ({U: "u", P: "p"}, {T: "T"}, {U: "u", P: "p"}),
        ({U: "u", P: "p"}, {T: "T", U: "U", P: "P"}, {U: "u", P: "p"}),
        # The environment completes a pair.
        ({U: "u"}, {T: "T", P: "P"}, {U: "u", P: "P"}),
        ({P: "p"}, {U: "U", P: "P"}, {U: "U", P: "p"}),
        # Half a pair is selected, to be complained about.
        ({U: "u"}, {T: "T"}, {U: "u"}),
        ({}, {P: "P"}, {P: "P"}),
        # Empty counts as not given.
        ({T: "", U: None}, {T: "T"}, {T: "T"}),
        ({T: ""}, {T: "", U: "U", P: "P"}, {U: "U", P: "P"}),
    ],
)
def test_which_credential_counts(
    options: dict[str, str], environment: dict[str, str], selected: dict[str, str]
) -> None:
    environ = {f"IONOS_{name.upper()}": value for name, value in environment.items()}
    assert select_credential_options(options, environ) == selected


VALUES = st.sampled_from(["", "a", "b"]) | st.none()
PLACE = st.fixed_dictionaries({T: VALUES, U: VALUES, P: VALUES})


@given(options=PLACE, environment=PLACE)
def test_a_token_is_never_selected_together_with_a_username(
    options: dict[str, str | None], environment: dict[str, str | None]
) -> None:
    environ = {f"IONOS_{name.upper()}": value for name, value in environment.items() if value is not None}
    selected = select_credential_options(options, environ)
    assert set(selected) <= {U, P} or set(selected) == {T}
    assert all(selected.values())


def test_a_token_is_stripped() -> None:
    assert isinstance(credential := select_credential({T: f" {token().value}\n"}, {}), BearerCredential)
    assert credential.token == token()


def test_a_username_and_a_password_are_basic_authentication() -> None:
    assert isinstance(select_credential({U: "ann", P: "pw"}, {}), BasicCredential)


def test_no_credential_is_none() -> None:
    assert select_credential({}, {}) is None


@pytest.mark.parametrize("given_half", [{U: "ann"}, {P: "pw"}])
def test_half_a_pair_is_refused(given_half: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="has only one of username and password"):
        select_credential(given_half, {})


@pytest.mark.parametrize(
    ("options", "environ", "where"), [({T: "x"}, {}, "token"), ({}, {"IONOS_TOKEN": "x"}, "IONOS_TOKEN")]
)
def test_a_token_that_is_none_is_named_by_where_it_stands(
    options: dict[str, str], environ: dict[str, str], where: str
) -> None:
    with pytest.raises(TokenFormatError, match=f"^{where} is not an IONOS Cloud API token"):
        select_credential(options, environ)


def test_a_key_of_another_product_is_recognised() -> None:
    with pytest.raises(TokenFormatError, match="It looks like a key of the IONOS hosting APIs"):
        select_credential({T: f"{'0a' * 16}.{'x' * 40}"}, {})


def test_leak_6_secrets_of_the_environment_are_known_for_masking() -> None:
    environ = {"IONOS_TOKEN": "hidden-token", "IONOS_PASSWORD": "hidden-password", "IONOS_USERNAME": "ann", "HOME": "/"}
    assert environment_secrets(environ) == {"hidden-token", "hidden-password"}


# The options


def test_the_defaults_are_those_of_the_vendor() -> None:
    found = settings()
    assert found.endpoints.auth == "https://api.ionos.com/auth/v1"
    assert (found.options.deadline, found.options.validate_certs, found.policy, found.two_factor) == (
        60,
        True,
        "enforce",
        None,
    )


def test_two_factor_that_is_said_is_not_looked_up() -> None:
    assert settings(two_factor="configuring").two_factor == "configuring"


def test_the_environment_completes_the_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONOS_API_URL", "https://api.example.com/cloudapi/v6")
    monkeypatch.setenv("IONOS_CONTRACT_NUMBER", "42")
    monkeypatch.setenv("IONOS_PINNED_CERT", "AB" * 32)
    found = settings()
    assert (found.endpoints.host, found.contract_number) == ("api.example.com", 42)
    assert found.options.certificate_fingerprint == "ab" * 32


def test_the_fingerprint_has_a_name_of_its_own_that_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IONOS_PINNED_CERT", "AB" * 32)
    monkeypatch.setenv("IONOS_CERTIFICATE_FINGERPRINT", "CD" * 32)
    assert settings().options.certificate_fingerprint == "cd" * 32


def test_empty_variables_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IONOS_API_URL", "IONOS_CONTRACT_NUMBER", "IONOS_PINNED_CERT"):
        monkeypatch.setenv(name, "")
    found = settings()
    assert (found.endpoints.host, found.contract_number) == ("api.ionos.com", None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"contract_number": 0}, "contract_number is not a contract number"),
        ({"contract_number": -5}, "contract_number is not a contract number"),
        ({"contract_number": 2**63}, "contract_number is not a contract number"),
        ({"timeout": 0}, "A timeout is out of range"),
        ({"certificate_fingerprint": "ab"}, "certificate_fingerprint is not a SHA-256 fingerprint"),
        ({"ca_path": "/missing/ca.pem"}, "ca_path names neither a readable file nor a directory: /missing/ca.pem"),
        ({"api_url": "http://api.ionos.com"}, "The API's address is http"),
    ],
)
def test_an_option_that_cannot_be_right_is_refused_before_anything_is_sent(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        settings(**options)


def test_the_clients_of_a_task_share_connections_clock_and_policy() -> None:
    connection = settings(token=token().value, contract_number=7).connect()
    issuer, other = connection.issuer(), connection.api_of(token(2))
    assert issuer is not None
    assert (issuer.clock, issuer.contract_number) == (other.clock, other.contract_number)


def test_without_a_credential_there_is_no_issuer() -> None:
    assert settings().connect().issuer() is None


def test_exactly_the_secrets_are_marked() -> None:
    assert {name for name, option in connection_argument_spec().items() if option.get("no_log")} == {T, P}


def test_the_version_is_the_one_of_the_collection() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"] == VERSION

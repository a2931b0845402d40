# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of ``vaulted_tokens`` and what the action takes and returns say the same."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.tokenops.ionos.plugins.modules import vaulted_tokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import task_spec
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from support.plugin_documentation import (
    compared,
    documented_options,
    documented_results,
    keys_of,
    leaves,
    wrongly_typed,
)
from support.rotation_world import RotationWorld, declared

KINDS = vault_kinds()
SPEC = task_spec(
    {name: kind.CONNECTION_OPTIONS for name, kind in KINDS.items()},
    {name: kind.PLACE_OPTIONS for name, kind in KINDS.items()},
)
SECRETS = {
    "accounts.password",
    "accounts.token",
    "offers",
    "password",
    "token",
    "vaults.hashi_vault.secret_id",
    "vaults.hashi_vault.token",
}
OPTIONS: dict[str, Any] = documented_options(vaulted_tokens)
RETURNED: dict[str, Any] = documented_results(vaulted_tokens)
SPECIFIED = dict(leaves(SPEC, "options"))
DOCUMENTED = dict(leaves(OPTIONS, "suboptions"))


def test_the_same_options_are_documented_and_accepted() -> None:
    assert sorted(DOCUMENTED) == sorted(SPECIFIED)


@pytest.mark.parametrize("path", sorted(SPECIFIED))
def test_an_option_is_documented_as_it_is_accepted(path: str) -> None:
    assert compared(DOCUMENTED[path]) == compared(SPECIFIED[path])


def test_secrets_and_nothing_else_are_marked_as_secret() -> None:
    assert {path for path, option in SPECIFIED.items() if option.get("no_log")} == SECRETS


@pytest.mark.parametrize("path", sorted(path for path, option in SPECIFIED.items() if "fallback" in option))
def test_the_environment_variables_behind_an_option_are_documented(path: str) -> None:
    _function, variables = SPECIFIED[path]["fallback"]
    description = " ".join(DOCUMENTED[path]["description"])
    assert [f"E({variable})" for variable in variables if f"E({variable})" not in description] == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_connection_option_of_a_kind_of_vault_is_documented(kind: str) -> None:
    documented = OPTIONS["vaults"]["suboptions"][kind]["suboptions"]
    assert sorted(documented) == sorted(KINDS[kind].CONNECTION_OPTIONS)


@pytest.mark.parametrize(
    ("kind", "option"), [(name, option) for name, kind in KINDS.items() for option in kind.PLACE_OPTIONS]
)
@pytest.mark.parametrize("places", ["vault", "replicas"])
def test_an_option_of_a_place_says_for_which_kind_of_vault_it_is_and_its_default(
    places: str, kind: str, option: str
) -> None:
    documented = OPTIONS["tokens"]["suboptions"][places]["suboptions"][option]
    description = "".join(documented["description"])
    assert f"C({kind})" in description
    default = KINDS[kind].PLACE_OPTIONS[option].get("default")
    assert default is None or f"V({yaml.safe_dump(default).split()[0]}) by default" in description


def test_no_option_of_a_place_names_a_kind_of_vault_that_does_not_have_it() -> None:
    documented = OPTIONS["tokens"]["suboptions"]["vault"]["suboptions"]
    descriptions = {option: str(documented[option]["description"]) for option in documented}
    named = {(kind, option) for option, text in descriptions.items() for kind in KINDS if f"C({kind})" in text}
    assert named == {(name, option) for name, kind in KINDS.items() for option in kind.PLACE_OPTIONS}


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    """The results of runs in which everything that can be reported is: up to a handoff and what is left after it."""
    world = RotationWorld()
    user, _seed, value = world.bootstrap()
    runs = world.run([declared(replicas=[{"path": "app/copy"}])], value)
    world.emulator.clock.advance(days=24)
    runs += world.run([declared()])
    world.emulator.dcd.set_two_factor(user.name, "enabled")
    world.emulator.clock.advance(days=24)
    _token, offered = world.emulator.dcd.signed_in(user).create_token("30d")
    runs += world.run([declared()], account={"two_factor": "enabled"})
    runs += world.run([declared()], offers={"app": offered})
    world.emulator.clock.advance(days=2)
    runs += world.run([declared()])
    return [outcome.as_result() for outcome in runs]


def test_the_same_keys_are_documented_and_returned_for_a_token(results: list[dict[str, Any]]) -> None:
    documented = {path for path, _value in leaves(RETURNED["tokens"]["contains"], "contains")}
    assert documented == set(keys_of(results))


def test_every_value_is_of_the_type_that_is_documented(results: list[dict[str, Any]]) -> None:
    assert list(wrongly_typed(RETURNED["tokens"]["contains"], results)) == []

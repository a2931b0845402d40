# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of ``vaulted_tokens`` and what the action returns say the same; which options are secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.modules import vaulted_tokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.options import rotation_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from support.plugin_documentation import (
    documented_results,
    keys_of,
    leaves,
    wrongly_typed,
)
from support.rotation_world import RotationWorld, declared

SECRETS = {
    "accounts.password",
    "accounts.token",
    "offers",
    "password",
    "token",
    "tokens.inbox.options",
    "tokens.replicas.options",
    "tokens.vault.options",
    "vaults.awx_credential.oauth_token",
    "vaults.awx_credential.password",
    "vaults.hashi_vault.secret_id",
    "vaults.hashi_vault.token",
    "vaults.kubernetes_secret.api_key",
    "vaults.tasks.options",
}
RETURNED: dict[str, Any] = documented_results(vaulted_tokens)
SPECIFIED = dict(leaves(rotation_options(vault_kinds()), "options"))


def test_secrets_and_nothing_else_are_marked_as_secret() -> None:
    assert {path for path, option in SPECIFIED.items() if option.get("no_log")} == SECRETS


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

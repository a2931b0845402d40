# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task may say, and what it gets to know of its accounts (R7, R21)."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.task import rotate_declared
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from support.memory_vault import MemoryVaultKind
from support.rotation_world import TASK_DEFAULTS, RotationWorld, declared


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


class WriteOnlyKind(MemoryVaultKind):
    KIND: ClassVar[str] = "letterbox"
    READABLE: ClassVar[bool] = False


@pytest.mark.parametrize(
    ("option", "minimum", "maximum"), [("workers", 1, 64), ("quota_reserve", 0, 100), ("max_lost", 0, 100)]
)
def test_a_number_out_of_its_range_is_refused_with_the_range(
    world: RotationWorld, option: str, minimum: int, maximum: int
) -> None:
    for number in (minimum, maximum):
        assert world.run([], **{option: number}) == []
    for number in (minimum - 1, maximum + 1):
        with pytest.raises(ConfigurationError, match=rf"{option}.* {minimum} .*{maximum}") as raised:
            world.run([], **{option: number})
        assert raised.value.code == "option_out_of_range"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"vault": {"in": "out", "path": "app/record"}}, "vault_of_record_unreadable"),
        ({"inbox": {"in": "out", "path": "app/inbox"}}, "inbox_unreadable"),
        ({"replicas": [{"in": "out", "path": "app/replica"}]}, None),
    ],
)
def test_what_has_to_be_read_must_not_stand_where_nothing_can_be_read(
    world: RotationWorld, options: dict[str, Any], code: str | None
) -> None:
    vaults = [{"name": "memory", "memory": {}}, {"name": "out", "letterbox": {}}]
    token = declared(**{"vault": {"in": "memory", "path": "app/record"}, **options})
    codes = []
    try:
        rotate_declared(
            {**TASK_DEFAULTS, "token": None, "vaults": vaults, "tokens": [token]},
            {"memory": MemoryVaultKind(world.store), "letterbox": WriteOnlyKind(world.store)},
            Controller(environ={}, base_directory="."),
            world.effects(),
            check_mode=True,
        )
    except ConfigurationError as refused:
        codes.append(refused.code)
    assert codes == ([code] if code else [])


def test_without_being_asked_for_no_accounts_are_told(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    [outcome] = world.run([declared()], value)
    assert world.accounts == []
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.policy) == ("kept", None)


def test_the_facts_of_an_account_are_asked_for_with_a_token_of_it(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap(role="owner")
    world.run([declared()], value)
    [outcome] = world.run([declared()], with_accounts=True, quota_reserve=7)
    [account] = world.accounts
    assert account["quota"] == {"used": 2, "limit": 100, "reserve": 7}
    assert (account["name"], account["two_factor"], account["message"]) == ("default", "disabled", None)
    assert (account["user_id"], account["contract_number"]) == (user.user_id, user.contracts[0])
    assert outcome.policy is not None
    assert (outcome.policy["two_factor"], outcome.policy["allowed"]) == ("disabled", True)


def test_the_facts_of_an_account_that_nobody_can_ask_say_so(world: RotationWorld) -> None:
    account = {"name": "shop", "user_id": "11111111-2222-3333-4444-555555555555", "contract_number": 31711111}
    world.run([declared(account="shop")], accounts=[account], with_accounts=True)
    [facts] = world.accounts
    assert (facts["quota"], facts["two_factor"]) == (None, "unknown")
    assert facts["message"] == "There is no working token and no credential to ask with."
    assert (facts["user_id"], facts["contract_number"]) == (account["user_id"], 31711111)


def test_the_facts_of_an_account_that_the_api_does_not_tell_say_why(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap(role="owner")
    world.run([declared()], value)
    world.emulator.journal.clear()
    world.emulator.faults.add("status", "list", status=503, count=None)
    world.run([declared()], with_accounts=True)
    [facts] = world.accounts
    assert (facts["quota"], facts["two_factor"], facts["user_id"]) == (None, "unknown", user.user_id)
    assert "503" in str(facts["message"])
    assert world.emulator.journal.entries("get_user") == []

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every token of an account with the declared one that it belongs to, and deleting those that nobody declares."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from emulator.users import User
from support.rotation_world import RotationWorld, declared

TOKEN = declared()
NOBODYS = "3f6d2c1e-0000-4000-8000-5a5f8a1d2c3e"


class Account:
    """An account with a credential, a declared token with a previous one, one of another tool and an expired one."""

    def __init__(self) -> None:
        self.world = RotationWorld()
        self.user: User
        self.user, seed, self.issuer = self.world.bootstrap()
        self.credential = seed.id
        self.other = self.world.emulator.mint(self.user, ttl=365 * 86400)[0].id
        self.expired = self.world.emulator.mint(self.user, ttl=3600)[0].id
        self.world.run([TOKEN], self.issuer)
        self.previous = str(self.world.held("app/record"))
        self.world.emulator.clock.advance(hours=2)
        self.world.run([TOKEN], self.issuer, renew_now=["app"])
        self.current = str(self.world.held("app/record"))

    def listed(self, **arguments: Any) -> dict[str, tuple[str | None, str | None]]:
        self.world.run([TOKEN], self.issuer, only=[], with_accounts=True, **arguments)
        [account] = self.world.accounts
        return {entry["id"]: (entry["declared"], entry["role"]) for entry in account["tokens"]}

    def delete(self, *ids: str, **arguments: Any) -> Any:
        self.world.run([TOKEN], self.issuer, only=[], delete_undeclared=list(ids), **arguments)
        return self.world.deletions

    def ids(self) -> set[str]:
        return self.world.token_ids(self.user)


@pytest.fixture
def account() -> Account:
    return Account()


def test_every_token_is_listed_with_the_declared_one_that_it_belongs_to(account: Account) -> None:
    assert account.listed() == {
        account.credential: (None, "credential"),
        account.current: ("app", "current"),
        account.previous: ("app", "previous"),
        account.other: (None, None),
        account.expired: (None, None),
    }


def test_without_a_credential_of_its_own_the_account_is_listed_with_its_current_token(account: Account) -> None:
    account.issuer = ""
    assert account.listed()[account.current] == ("app", "current")


def test_chosen_tokens_that_nobody_declares_are_deleted_and_no_other(account: Account) -> None:
    before = account.ids()
    deletions = account.delete(account.other, account.expired)
    assert (deletions.deleted, deletions.errors) == ([account.other, account.expired], [])
    assert account.ids() == before - {account.other, account.expired}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("current", "delete_but_declared"),
        ("previous", "delete_but_declared"),
        ("credential", "delete_but_credential"),
    ],
)
def test_a_token_in_use_is_refused_and_nothing_is_deleted(account: Account, kind: str, code: str) -> None:
    before = account.ids()
    with pytest.raises(ConfigurationError) as refused:
        account.delete(account.other, getattr(account, kind))
    assert refused.value.code == code
    assert account.ids() == before


def test_what_is_no_id_is_refused_without_being_shown(account: Account) -> None:
    with pytest.raises(ConfigurationError) as refused:
        account.delete("swordfish")
    assert (refused.value.code, "swordfish" in str(refused.value)) == ("token_id_not_uuid", False)


def test_while_a_record_cannot_be_read_nothing_is_deleted(account: Account) -> None:
    def down(operation: str, path: str) -> None:
        raise VaultUnavailable("vault_unreachable", where=path)

    account.world.store.before = down
    with pytest.raises(ConfigurationError) as refused:
        account.delete(account.other)
    assert refused.value.code == "delete_but_unread"
    assert account.other in account.ids()


def test_an_id_that_no_account_lists_is_said(account: Account) -> None:
    deletions = account.delete(NOBODYS)
    assert [error.code for error in deletions.errors] == ["delete_not_listed"]


def test_a_deletion_that_the_api_refuses_is_said(account: Account) -> None:
    account.world.emulator.faults.add("status", "delete", status=403, count=None)
    deletions = account.delete(account.other)
    assert ([error.code for error in deletions.errors], deletions.deleted) == (["delete_not_done"], [])


def test_check_mode_deletes_nothing_and_says_what_it_would(account: Account) -> None:
    deletions = account.delete(account.other, check_mode=True)
    assert deletions.deleted == [account.other]
    assert account.other in account.ids()

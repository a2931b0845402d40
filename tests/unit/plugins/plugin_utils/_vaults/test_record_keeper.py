# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a write is found out, and nothing is assumed (R1, R20)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import Fate, RecordKeeper
from support.memory_vault import MemoryPlace, MemoryStore, MemoryVault
from support.records import new_token, record_of

PATH = "app/record"
DOWN = VaultUnavailable("vault_unreachable", where=PATH)
FULL = VaultUnavailable("vault_overloaded", rejected=True, where=PATH, status=503)
DENIED = VaultDenied("vault_denied", rejected=True, where=PATH, path=PATH, status=403)


class Desk:
    """A keeper of one record in a vault in memory, what it has told, and how long it has waited."""

    def __init__(self, *, check_mode: bool = False) -> None:
        self.store = MemoryStore()
        self.told: list[Record] = []
        self.pauses: list[float] = []
        numbers = itertools.count(1)
        place = MemoryPlace(self.store, PATH)
        self.keeper = RecordKeeper(
            MemoryVault(self.store),
            place,
            place.read(),
            new_write_id=lambda: f"write-{next(numbers)}",
            sleep=self.pauses.append,
            on_change=self.told.append,
            check_mode=check_mode,
        )
        self.store.calls.clear()

    def fail(self, operation: str, errors: list[VaultError], *, after: bool = False) -> None:
        """Let the next calls of an operation fail, one error each, before or after they are carried out."""
        left = list(errors)

        def fail(called: str, path: str) -> None:
            if called == operation and left:
                raise left.pop(0)

        if after:
            self.store.after = fail
        else:
            self.store.before = fail

    def between(self, happens: Callable[[], None]) -> None:
        """Let something happen right after the next write, before it is read back."""

        def after(called: str, path: str) -> None:
            if called == "write":
                self.store.after = lambda called, path: None
                happens()

        self.store.after = after

    def write_as_another(self, record: Record) -> None:
        self.store.entries[PATH] = self.store.entry(PATH).replaced_by(record)

    @property
    def written(self) -> Record | None:
        return self.store.reading(PATH).record


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_write_that_is_read_back_has_landed_and_is_told(desk: Desk) -> None:
    record = record_of(new_token())
    desk.keeper.commit(record)
    assert desk.written == replace(record, write_id="write-1")
    assert desk.told == [desk.written]
    assert (desk.keeper.record, desk.pauses) == (desk.written, [])
    assert desk.store.calls == [("write", PATH), ("read", PATH)]


@pytest.mark.parametrize(("proves_writes", "calls"), [(True, ["write"]), (False, ["write", "read"])])
def test_a_write_that_brings_no_other_token_is_read_back_only_where_the_answer_is_no_proof(
    desk: Desk, proves_writes: bool, calls: list[str]
) -> None:
    record = record_of(new_token())
    desk.keeper.commit(record)
    desk.store.proves_writes = proves_writes
    desk.store.calls.clear()
    desk.keeper.commit(replace(record, synced_at=None))
    assert [operation for operation, _path in desk.store.calls] == calls
    assert desk.keeper.reading == desk.store.reading(PATH)
    assert desk.keeper.record == replace(record, synced_at=None, write_id="write-2")


def test_each_write_builds_on_the_one_before(desk: Desk) -> None:
    for _number in range(3):
        desk.keeper.commit(record_of(new_token()))
    assert [record.write_id for record in desk.told] == ["write-1", "write-2", "write-3"]


def test_a_write_without_an_answer_that_was_carried_out_has_landed(desk: Desk) -> None:
    desk.fail("write", [DOWN], after=True)
    write = desk.keeper.try_commit(record_of(new_token()))
    assert (write.fate, write.error) == (Fate.LANDED, None)
    assert desk.told == [desk.written]


def test_a_write_without_an_answer_that_was_not_carried_out_is_unknown(desk: Desk) -> None:
    desk.fail("write", [DOWN])
    write = desk.keeper.try_commit(record_of(new_token()))
    assert (write.fate, write.error) == (Fate.UNKNOWN, DOWN)
    assert (desk.told, desk.written) == ([], None)


def test_a_write_that_the_vault_certainly_refused_is_rejected(desk: Desk) -> None:
    desk.fail("write", [FULL])
    write = desk.keeper.try_commit(record_of(new_token()))
    assert (write.fate, write.error) == (Fate.REJECTED, FULL)
    desk.fail("write", [FULL])
    with pytest.raises(VaultUnavailable):
        desk.keeper.commit(record_of(new_token()))
    assert desk.told == []


def test_a_conflict_with_another_run_is_rejected_and_leaves_what_that_one_wrote(desk: Desk) -> None:
    theirs = record_of(new_token())
    desk.write_as_another(theirs)
    with pytest.raises(VaultConflict):
        desk.keeper.commit(record_of(new_token()))
    assert (desk.written, desk.told) == (theirs, [])


def test_a_write_on_top_of_which_another_run_has_written_is_overtaken(desk: Desk) -> None:
    theirs = record_of(new_token())
    desk.between(lambda: desk.write_as_another(theirs))
    write = desk.keeper.try_commit(record_of(new_token()))
    assert write.fate is Fate.OVERTAKEN
    assert isinstance(write.error, VaultConflict)
    assert desk.told == []


def test_another_token_beside_our_record_is_not_what_we_wrote(desk: Desk) -> None:
    desk.between(lambda: desk.store.put_token(PATH, new_token().value))
    write = desk.keeper.try_commit(record_of(new_token()))
    assert write.fate is Fate.UNKNOWN
    assert isinstance(write.error, VaultCorrupt)
    assert write.error.code == "vault_read_back_differs"


def test_a_vault_that_is_down_for_a_moment_is_read_again_after_growing_pauses(desk: Desk) -> None:
    desk.fail("read", [DOWN, DOWN, DOWN])
    assert desk.keeper.try_commit(record_of(new_token())).fate is Fate.LANDED
    assert desk.pauses == [0.2, 1.0, 3.0]


def test_a_vault_that_still_shows_what_stood_there_before_is_not_taken_for_overtaken(desk: Desk) -> None:
    """Whoever reads from a standby may be shown less than has been written."""
    desk.keeper.commit(record_of(new_token()))
    desk.store.reads_behind = 2
    assert desk.keeper.try_commit(record_of(new_token())).fate is Fate.LANDED
    assert desk.keeper.record == desk.written
    assert desk.pauses == [0.2, 1.0]


def test_a_vault_that_goes_on_showing_what_stood_there_before_proves_nothing(desk: Desk) -> None:
    desk.keeper.commit(record_of(new_token()))
    desk.store.reads_behind = 5
    write = desk.keeper.try_commit(record_of(new_token()))
    assert write.fate is Fate.UNKNOWN
    assert write.error is not None
    assert write.error.code == "vault_write_unproven"
    with pytest.raises(VaultUnavailable):
        desk.keeper.refresh()
    assert desk.keeper.refresh().record == desk.written


def test_a_write_that_cannot_be_read_back_is_unproven(desk: Desk) -> None:
    desk.fail("read", [DOWN] * 4)
    write = desk.keeper.try_commit(record_of(new_token()))
    assert write.fate is Fate.UNKNOWN
    assert write.error is not None
    assert write.error.code == "vault_write_unproven"
    assert (desk.told, desk.pauses) == ([], [0.2, 1.0, 3.0])


def test_a_vault_that_denies_reading_is_not_asked_again(desk: Desk) -> None:
    desk.fail("read", [DENIED])
    assert desk.keeper.try_commit(record_of(new_token())).fate is Fate.UNKNOWN
    assert desk.store.calls == [("write", PATH), ("read", PATH)]


@pytest.mark.parametrize(("logins", "fate"), [(0, Fate.REJECTED), (1, Fate.LANDED)])
def test_r20_a_denied_write_is_made_again_after_one_login(desk: Desk, logins: int, fate: Fate) -> None:
    desk.store.logins_left = logins
    desk.fail("write", [DENIED])
    assert desk.keeper.try_commit(record_of(new_token())).fate is fate


def test_a_write_that_may_have_landed_is_not_made_again(desk: Desk) -> None:
    desk.store.logins_left = 1
    desk.fail("write", [VaultDenied("vault_denied", rejected=False, where=PATH, path=PATH, status=403)])
    desk.keeper.try_commit(record_of(new_token()))
    assert [operation for operation, _path in desk.store.calls].count("write") == 1


def test_a_withdrawal_succeeds_only_if_it_lands(desk: Desk) -> None:
    assert desk.keeper.withdraw(Record()) is True
    desk.fail("write", [FULL])
    assert desk.keeper.withdraw(Record()) is False


def test_what_was_erased_is_neither_there_nor_remembered(desk: Desk) -> None:
    desk.keeper.commit(record_of(new_token()))
    desk.keeper.erase()
    assert desk.store.entry(PATH).is_empty
    assert (desk.keeper.record, desk.keeper.reading.token) == (Record(), None)


def test_a_token_that_the_record_does_not_know_is_told_from_one_that_it_does(desk: Desk) -> None:
    assert desk.keeper.holds_unmanaged_token is False
    desk.store.put_token(PATH, new_token().value)
    desk.keeper.refresh()
    assert desk.keeper.holds_unmanaged_token is True
    desk.keeper.commit(record_of(new_token()))
    assert desk.keeper.holds_unmanaged_token is False


def test_check_mode_only_assumes_what_would_be_written() -> None:
    desk = Desk(check_mode=True)
    record = record_of(new_token())
    desk.keeper.commit(record)
    assert (desk.keeper.record, desk.keeper.reading.token, desk.told) == (record, record.token, [record])
    desk.keeper.commit(Record(state="retiring"))
    assert desk.keeper.reading.token == record.token
    assert desk.store.calls == []

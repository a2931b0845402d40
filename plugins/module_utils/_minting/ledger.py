# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger of mints in one run: which lifetimes are taken and how many of a user's slots are used (R2, R12)."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Callable, Collection, Container, Iterable, Mapping

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry, TokenList
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import MintError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.declaration_mark import DeclarationMark
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import is_lifetime, reserve_ttl

QUOTA = 100


class Reservation:
    """A lifetime and a slot that nobody else in this run uses.

    :ivar ttl: the TTL to send.
    :ivar started_at: the API's time at which it was reserved.
    :ivar listed_ids: the tokens that existed before.
    :ivar below_reserve: whether the slot is one of those to keep free.
    """

    def __init__(self, ttl: int, started_at: int, listed_ids: frozenset[str], below_reserve: bool) -> None:
        self.ttl = ttl
        self.started_at = started_at
        self.listed_ids = listed_ids
        self.below_reserve = below_reserve


class _Listings:
    """The lists of one user's tokens on one contract, each asked for on behalf of all who wait for it.

    One is on its way at a time. It had begun before those came who meet it, so they wait for the next one: what each of
    them is given was asked for after it had asked.
    """

    def __init__(self, take: Callable[[TokenList], None]) -> None:
        self._take = take
        self._condition = threading.Condition()
        self._is_on_its_way = False
        self._begun = 0
        self._arrived = 0

    def renew(self, list_tokens: Callable[[], TokenList]) -> None:
        """Return once a list that began after this call has been taken in.

        :raises ApiError: if it is this thread that asks, and the tokens cannot be listed.
        """
        number = self._turn()
        if number is None:
            return
        try:
            self._take(list_tokens())
        except BaseException:
            number = 0
            raise
        finally:
            with self._condition:
                self._is_on_its_way = False
                self._arrived = max(self._arrived, number)
                self._condition.notify_all()

    def _turn(self) -> int | None:
        """Return the number of the list that this thread is to ask for; None once another one's has arrived."""
        with self._condition:
            wanted = self._begun + 1
            self._condition.wait_for(lambda: self._arrived >= wanted or not self._is_on_its_way)
            if self._arrived >= wanted:
                return None
            self._is_on_its_way = True
            self._begun += 1
            return self._begun


class _UserLedger:
    """What a run knows of the tokens of one user. Used under its lock, but for :meth:`list_anew`.

    :ivar lock: held while a lifetime is reserved.
    :ivar lifetimes: every lifetime reserved in this run; none is ever used twice.
    :ivar pending: reservations without a known outcome: each may be a token.
    :ivar unlisted: tokens minted in this run that no list has shown yet.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.lifetimes: set[int] = set()
        self.pending: list[Reservation] = []
        self.unlisted: set[str] = set()
        self.deleted: set[str] = set()
        self._entries_by_contract: dict[int | None, TokenList] = {}
        self._listings: dict[int | None, _Listings] = {}

    def list_anew(self, api: AuthApi) -> None:
        """Return once a list of the client's contract that began after this call has been taken in.

        :raises ApiError: if the tokens cannot be listed.
        """
        contract_number = api.contract_number
        with self.lock:
            listings = self._listings.get(contract_number)
            if listings is None:
                listings = _Listings(lambda listed: self._take_list(contract_number, listed))
                self._listings[contract_number] = listings
        listings.renew(api.list_tokens)

    def _take_list(self, contract_number: int | None, listed: TokenList) -> None:
        with self.lock:
            self._entries_by_contract[contract_number] = listed
            self.unlisted -= {entry.id for entry in listed} | listed.unreadable_ids

    @property
    def unreadable_ids(self) -> frozenset[str]:
        """The ids of listed entries that cannot be read, of every contract that has been listed."""
        return frozenset().union(*(listed.unreadable_ids for listed in self._entries_by_contract.values()))

    def entries(self) -> dict[str, TokenEntry]:
        """Return the tokens of every contract that has been listed, by id, less those deleted since."""
        found = {entry.id: entry for entries in self._entries_by_contract.values() for entry in entries}
        return {token_id: entry for token_id, entry in found.items() if token_id not in self.deleted}

    def used_slots(self, entries: Mapping[str, TokenEntry]) -> int:
        """Count every token once: those that exist, and reservations that may become one or may be one already.

        :param entries: as :meth:`entries` returns them.
        """
        existing = entries.keys() | (self.unlisted - self.deleted)
        unreadable = sum(len(listed.unreadable) for listed in self._entries_by_contract.values())
        return len(existing) + unreadable + sum(1 for item in self.pending if not _is_listed(item, entries.values()))


class MintLedger:
    """The mints of one run, over all users. Safe to share between threads.

    Between several controllers, slots are counted as well as the lists allow.

    :param random: gives numbers from 0 up to 1.
    :param quota: the tokens that a user may have.
    :param quota_reserve: the slots to keep free; using one of them is told in the reservation.
    """

    def __init__(self, random: Callable[[], float], quota: int = QUOTA, quota_reserve: int = 0) -> None:
        self._random = random
        self._quota = quota
        self._quota_reserve = quota_reserve
        self._lock = threading.Lock()
        self._users: dict[str, _UserLedger] = {}
        self._known_ids: set[str] = set()
        self._sought: dict[str, frozenset[int]] = {}
        self._seekers: Counter[int] = Counter()

    def note_known(self, ids: Iterable[str]) -> None:
        """Take in ids of tokens that come from elsewhere, such as those in records: no search returns them."""
        with self._lock:
            self._known_ids.update(ids)

    def note_sought(self, name: str, ttls: frozenset[int]) -> None:
        """Take in the TTLs of mints that are still looked for: a new token keeps away from them where it can.

        :param name: of whoever looks for these and, from now on, for no others.
        """
        with self._lock:
            before = self._sought.pop(name, frozenset())
            self._seekers.subtract(before)
            self._seekers.update(ttls)
            for ttl in before - ttls:
                if not self._seekers[ttl]:
                    del self._seekers[ttl]
            if ttls:
                self._sought[name] = ttls

    @property
    def _sought_ttls(self) -> list[int]:
        with self._lock:
            return list(self._seekers)

    def reserve(self, api: AuthApi, wanted_ttl: int, mark: DeclarationMark | None = None) -> Reservation:
        """Reserve a slot and a lifetime, under the user's lock, once the user's tokens have been listed since the call.

        :param mark: of the declaration to mint for; one of its lifetimes is reserved if any is free.
        :raises MintError: ``quota_reached``.
        :raises ConfigurationError: ``ttl_no_room``.
        :raises ApiError: if the tokens cannot be listed.
        """
        user = self._user(api)
        user.list_anew(api)
        with user.lock:
            entries = user.entries()
            used = user.used_slots(entries)
            if used >= self._quota:
                raise MintError("quota_reached", used=used, quota=self._quota)
            started_at = api.clock.confirmed_now(api.host)
            reservation = Reservation(
                ttl=reserve_ttl(
                    wanted_ttl,
                    (entry.lifetime for entry in entries.values()),
                    self._random,
                    user.lifetimes,
                    self._sought_ttls,
                    mark.lifetimes(wanted_ttl, started_at) if mark else (),
                ),
                started_at=started_at,
                listed_ids=frozenset(entries) | user.unreadable_ids,
                below_reserve=self._quota - used <= self._quota_reserve,
            )
            user.lifetimes.add(reservation.ttl)
            user.pending.append(reservation)
            return reservation

    def minted(self, api: AuthApi, reservation: Reservation, token_id: str) -> None:
        """Note the token that a reservation has become: from now on it is known."""
        self.note_known([token_id])
        user = self._user(api)
        with user.lock:
            user.pending.remove(reservation)
            if token_id not in user.entries():
                user.unlisted.add(token_id)

    def released(self, api: AuthApi, reservation: Reservation) -> None:
        """Note that no token came or will come of a reservation."""
        user = self._user(api)
        with user.lock:
            user.pending.remove(reservation)

    def deleted(self, api: AuthApi, token_id: str) -> None:
        """Note a token that was deleted, so that its slot is free whatever an older list says."""
        user = self._user(api)
        with user.lock:
            user.deleted.add(token_id)

    @property
    def known_ids(self) -> Container[str]:
        """Every id that is known to come from elsewhere, or from an earlier mint of this run; it grows with them."""
        return self._known_ids

    def _user(self, api: AuthApi) -> _UserLedger:
        with self._lock:
            return self._users.setdefault(api.credential.identity, _UserLedger())


def _is_listed(reservation: Reservation, entries: Collection[TokenEntry]) -> bool:
    # No other token has this lifetime: it was chosen so.
    return any(is_lifetime(entry, reservation.ttl) for entry in entries)

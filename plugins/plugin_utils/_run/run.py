# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the declared tokens of one run share: clocks, the stop flag, and which token ids are in use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import MintLedger
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Intent, Owner, Record

Use = Literal["issuer", "shared", "unread"]
"""What keeps a token from being deleted: an account mints with it, another declaration holds it, or might."""

LEASE = 600
"""Seconds for which an intent keeps other runs away (R13)."""

UNCONFIRMED_RETENTION = 86400
"""Seconds for which an attempt of unknown outcome is looked for (R3)."""


class _Names:
    """Which names go with an id, where each name has a few ids. Not safe to share."""

    def __init__(self) -> None:
        self._ids: dict[str, frozenset[str]] = {}
        self._names: dict[str, set[str]] = {}

    def put(self, name: str, ids: frozenset[str]) -> None:
        """Have a name go with these ids alone."""
        before = self.ids(name)
        self._ids[name] = ids
        for token_id in before - ids:
            self._names[token_id].discard(name)
        for token_id in ids - before:
            self._names.setdefault(token_id, set()).add(name)

    def ids(self, name: str) -> frozenset[str]:
        """Return the ids that go with a name."""
        return self._ids.get(name, frozenset())

    def of(self, token_id: str) -> list[str]:
        """Return the names that go with an id, sorted."""
        return sorted(self._names.get(token_id, ()))


@dataclass
class TokenRegistry:
    """Which token ids are in use anywhere in this run (R4). Safe to use from several threads."""

    issuer_ids: frozenset[str] = frozenset()
    unread: set[str] = field(default_factory=set)
    _holders: _Names = field(default_factory=_Names)
    _namers: _Names = field(default_factory=_Names)
    _tokens: dict[str, Token] = field(default_factory=dict)
    _records: dict[str, Record] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, record: Record) -> None:
        """Take in what the record of the declared token ``name`` says: whatever it does not hold any more is free."""
        with self._lock:
            self._holders.put(name, frozenset([record.current.id] if record.current else []))
            self._namers.put(name, record.known_ids)
            self._tokens.pop(name, None)
            self._records[name] = record
            if record.token is not None:
                self._tokens[name] = record.token

    def belonging(self, token_id: str) -> tuple[str, str] | None:
        """Return the declared token whose record names an id, and as what; None if no record that was read does.

        :returns: the name, and ``current``, ``previous`` or ``to_delete``.
        """
        with self._lock:
            for name in self._namers.of(token_id):
                role = self._records[name].role_of(token_id)
                if role is not None:
                    return name, role
        return None

    def tokens_besides(self, name: str) -> list[Token]:
        """Return the current tokens of all other declared tokens, as their records have them."""
        with self._lock:
            return [token for holder, token in sorted(self._tokens.items()) if holder != name]

    def note_unread(self, name: str) -> None:
        """Remember that the record of ``name`` could not be read: what it holds is not known."""
        with self._lock:
            self.unread.add(name)

    def claim(self, name: str, token_id: str) -> bool:
        """Have ``name`` hold ``token_id``, unless another one does (R4).

        What it held before stays held until its record has landed without it (R34).
        """
        with self._lock:
            if self._holder(token_id, name) is not None:
                return False
            self._holders.put(name, self._holders.ids(name) | {token_id})
            return True

    def holder(self, token_id: str, besides: str | None = None) -> str | None:
        """Return a declared token that has this id as its current one, or is about to, or None.

        :param besides: a declared token that does not count.
        """
        with self._lock:
            return self._holder(token_id, besides)

    def _holder(self, token_id: str, besides: str | None) -> str | None:
        return next((name for name in self._holders.of(token_id) if name != besides), None)

    def require_unused(self, token_id: str, name: str, codes: Mapping[Use, str], *, besides: str | None = None) -> None:
        """Refuse to delete, for the declared token ``name``, what somebody else uses, or may use (R4).

        :param codes: of the error for each use that is in the way.
        :param besides: a declared token whose own use does not count.
        :raises ConfigurationError: one of ``codes``.
        """
        if token_id in self.issuer_ids:
            raise ConfigurationError(codes["issuer"], name=name, token_id=token_id)
        other = self.holder(token_id, besides)
        if other is not None:
            raise ConfigurationError(codes["shared"], name=name, token_id=token_id, other=other)
        if self.unread:
            raise ConfigurationError(codes["unread"], name=name, others=", ".join(sorted(self.unread)))

    def is_in_use(self, token_id: str) -> bool:
        """Tell whether the id is current in any record or a configured issuer, so that it must never be retired."""
        return token_id in self.issuer_ids or self.holder(token_id) is not None


@dataclass
class Run:
    """One run over all declared tokens.

    :ivar clock: the API's clock.
    :ivar monotonic: seconds from an arbitrary start.
    :ivar new_write_id: gives a random id for each write of a record.
    :ivar deadline: the client's total deadline of one request in seconds.
    """

    owner: Owner
    owner_is_dead: Callable[[Owner], bool]
    clock: ApiClock
    ledger: MintLedger
    registry: TokenRegistry
    stop: threading.Event
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    new_write_id: Callable[[], str]
    deadline: float
    max_lost: int
    purge_expired: bool
    check_mode: bool
    lease: int = LEASE
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.monotonic()
        self.ledger.note_known(self.registry.issuer_ids)

    def began_at(self) -> int:
        """Return when the run began, before it had read any record, by the API's clock."""
        return self.clock.now() - int(self.monotonic() - self._began)

    def note_record(self, name: str, record: Record) -> None:
        """Take in what the record of ``name`` says: which ids it knows and looks for, and which is in use."""
        self.ledger.note_known(record.known_ids)
        self.ledger.note_sought(name, record.sought_ttls)
        self.registry.note(name, record)

    def new_intent(self, ttl: int | None) -> Intent:
        """Return an intent of this process that starts now.

        :param ttl: the lifetime in seconds that is about to be sent, or None for an intent that only fences.
        """
        now = self.clock.now()
        return Intent(owner=self.owner, started_at=now, lease_until=now + self.lease, ttl=ttl)

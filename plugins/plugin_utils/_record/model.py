# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record: what the vault of record holds about one declared token.

Instants are seconds since the epoch by the API's clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import (
    Token,
)

Origin = Literal["minted", "adopted"]
State = Literal["active", "retiring"]


@dataclass(frozen=True)
class Job:
    """A job of AWX or Automation Platform, whose host and processes say nothing to anybody once it has ended.

    :ivar awx: host name of the AWX, with its port if it has one of its own.
    """

    id: int
    awx: str

    def __str__(self) -> str:
        """Return the job as people know it."""
        return f"job {self.id} of {self.awx}"


@dataclass(frozen=True)
class Owner:
    """The process behind an intent: enough to prove on the same host that it is dead (R13).

    ``process_started_at`` is in clock ticks since boot, as the kernel counts them.
    """

    host: str
    boot_id: str
    process_id: int
    process_started_at: int
    job: Job | None = None


@dataclass(frozen=True)
class Intent:
    """Written before minting: lock and write-ahead log in one.

    ``ttl`` is the lifetime in seconds that this attempt sends, or None for an intent that only fences.
    """

    owner: Owner
    started_at: int
    lease_until: int
    ttl: int | None = None


@dataclass(frozen=True)
class UnconfirmedMint:
    """An attempt whose outcome nobody knows; its token, if there is one, has exactly this lifetime (R3).

    :ivar token_id: of its token, if that was seen and only its deletion was not (R32); then the id alone counts.
    """

    ttl: int
    started_at: int
    forget_at: int
    token_id: str | None = None


@dataclass(frozen=True)
class Current:
    """The token that the record says is current. ``token`` is None if only its metadata is left."""

    id: str
    fingerprint: str
    created_at: int
    expires_at: int
    origin: Origin
    token: Token | None = None


@dataclass(frozen=True)
class Previous:
    """A token that was current before; it is retired once the overlap has passed.

    :ivar synced_at: since when every vault has held a successor of it, or None (R35).
    """

    id: str
    expires_at: int | None
    origin: Origin
    replaced_at: int
    token: Token | None = None
    synced_at: int | None = None


@dataclass(frozen=True)
class Undeletable:
    """A token that the API will not delete: a person has to do it in the DCD."""

    id: str
    expires_at: int | None
    since: int


@dataclass(frozen=True)
class Publication:
    """Which token was published where, in a place that only the user's own tasks reach, and that cannot be read back.

    :ivar vault: the declared name of the place's vault.
    :ivar target: what the place is called in that vault.
    """

    vault: str
    target: str
    token_id: str
    published_at: int

    @property
    def spot(self) -> tuple[str, str]:
        """The place, by the names of its vault and its target."""
        return (self.vault, self.target)


@dataclass(frozen=True)
class Record:
    """What the vault of record knows. ``synced_at`` is when the last vault came to hold the current token (R10)."""

    current: Current | None = None
    previous: tuple[Previous, ...] = ()
    intent: Intent | None = None
    unconfirmed: tuple[UnconfirmedMint, ...] = ()
    delete_in_dcd: tuple[Undeletable, ...] = ()
    user_id: str | None = None
    contract_number: int | None = None
    synced_at: int | None = None
    state: State = "active"
    write_id: str = ""
    published: tuple[Publication, ...] = ()

    @property
    def token(self) -> Token | None:
        """The current token with its value, or None."""
        return self.current.token if self.current else None

    @property
    def is_bare(self) -> bool:
        """True if there is nothing but a token to write: the content of a replica."""
        return self == replace(Record(), current=self.current)

    @property
    def known_ids(self) -> frozenset[str]:
        """Every token id that this record names."""
        current = (self.current.id,) if self.current else ()
        return frozenset((*current, *(item.id for item in self.previous), *(item.id for item in self.delete_in_dcd)))

    @property
    def sought_ttls(self) -> frozenset[int]:
        """The TTL of every mint whose outcome this record does not know."""
        pending = (self.intent.ttl,) if self.intent and self.intent.ttl else ()
        return frozenset((*pending, *(item.ttl for item in self.unconfirmed)))

    def role_of(self, token_id: str) -> str | None:
        """Return as what this record names an id: ``current``, ``previous`` or ``to_delete``; None if it does not."""
        if self.current is not None and self.current.id == token_id:
            return "current"
        if any(item.id == token_id for item in self.previous):
            return "previous"
        return "to_delete" if any(item.id == token_id for item in self.delete_in_dcd) else None

    def publication(self, spot: tuple[str, str]) -> Publication | None:
        """Return what was published last in a place; None if nothing was, or nobody knows what stands there."""
        return next((item for item in self.published if item.spot == spot), None)

    def with_publication(self, publication: Publication) -> Record:
        """Return this record with another token published in a place."""
        others = self.without_publications([publication.spot]).published
        return replace(self, published=(*others, publication))

    def without_publications(self, spots: Collection[tuple[str, str]]) -> Record:
        """Return this record without what it says of some places."""
        return replace(self, published=tuple(item for item in self.published if item.spot not in spots))

    def handed_to_person(self, expiries: Mapping[str, int | None], since: int) -> Record:
        """Return this record with tokens to delete in the DCD added.

        :param expiries: when each of them expires, by id.
        :param since: when the API refused to delete them.
        """
        handed = (Undeletable(token_id, expires_at, since) for token_id, expires_at in expiries.items())
        return replace(self, delete_in_dcd=(*self.delete_in_dcd, *handed))

    def succeeded_by(self, current: Current, *, now: int, synced_at: int | None) -> Record:
        """Return this record with another current token.

        What was current becomes a previous token, also if it is refused or its value is lost: it may still be
        listed, and nobody else deletes it.

        :param now: seconds since the epoch, by the API's clock.
        :param synced_at: when every vault holds the new one, or None if replicas have yet to be written.
        """
        previous = tuple(item for item in self.previous if item.id != current.id)
        if self.current is not None and self.current.id != current.id:
            previous = (*previous, _previous_of(self.current, now))
        if synced_at is not None:
            previous = tuple(item if item.synced_at else replace(item, synced_at=synced_at) for item in previous)
        token = current.token
        return replace(
            self,
            current=current,
            previous=previous,
            user_id=(token.user_id if token else None) or self.user_id,
            contract_number=(token.contract_number if token else None) or self.contract_number,
            synced_at=synced_at,
            state="active",
        )

    def synced(self, now: int, held_before: Collection[str]) -> Record:
        """Return this record once every vault holds its current token.

        A previous token's time starts anew if a vault still held it, or something older, until now (R10, R35).

        :param now: seconds since the epoch, by the API's clock.
        :param held_before: the ids that have just been replaced in vaults.
        """
        previous = []
        for number, item in enumerate(self.previous):
            successors = {successor.id for successor in self.previous[number + 1 :]}
            successors.update([self.current.id] if self.current else [])
            is_new = item.synced_at is None or not successors.issuperset(held_before)
            previous.append(replace(item, synced_at=now) if is_new else item)
        synced_at = now if held_before or self.synced_at is None else self.synced_at
        return replace(self, previous=tuple(previous), synced_at=synced_at, state="active")

    @property
    def needed_until(self) -> int:
        """The last instant at which this record must still be there, for vaults that forget."""
        expiry = self.current.expires_at if self.current else 0
        pending = self.intent.started_at + (self.intent.ttl or 0) if self.intent else 0
        return max(expiry, pending)


def _previous_of(current: Current, now: int) -> Previous:
    return Previous(
        id=current.id, expires_at=current.expires_at, origin=current.origin, replaced_at=now, token=current.token
    )


def bare(current: Current) -> Record:
    """Return what a replica holds: the token, and nothing that only the vault of record may say."""
    return Record(current=current)

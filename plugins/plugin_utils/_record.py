# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record: what the vault of record holds about one declared token, and how it is written down.

Instants are seconds since the epoch by the API's clock. Serialized, they are ISO 8601 in UTC, whole seconds (R29).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenFormatError, VaultCorrupt
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import (
    Token,
    is_token_id,
    parse_token,
    plain_user_id,
)

FORMAT = 1
MAXIMUM_RECORD_LENGTH = 1024 * 1024

Origin = Literal["minted", "adopted"]
State = Literal["active", "retiring"]
Item = TypeVar("Item")


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


def dump_metadata(record: Record) -> dict[str, Any]:
    """Return everything but the current token's value as plain JSON types.

    The values of previous tokens are in it, since a token is deleted with itself first (R14): it is as secret as they.
    """
    current = record.current
    return {
        "format": FORMAT,
        "write_id": record.write_id,
        "state": record.state,
        "current": current
        and {
            "id": current.id,
            "fingerprint": current.fingerprint,
            "created_at": format_instant(current.created_at),
            "expires_at": format_instant(current.expires_at),
            "origin": current.origin,
        },
        "user_id": record.user_id,
        "contract_number": record.contract_number,
        "synced_at": _dump_instant(record.synced_at),
        "previous": [
            {
                "id": item.id,
                "expires_at": _dump_instant(item.expires_at),
                "origin": item.origin,
                "replaced_at": format_instant(item.replaced_at),
                "synced_at": _dump_instant(item.synced_at),
                "token": item.token and str(item.token.value),
            }
            for item in record.previous
        ],
        "intent": record.intent and _dump_intent(record.intent),
        "suspects": [
            {
                "ttl": item.ttl,
                "started_at": format_instant(item.started_at),
                "forget_at": format_instant(item.forget_at),
                "id": item.token_id,
            }
            for item in record.unconfirmed
        ],
        "delete_in_dcd": [
            {"id": item.id, "expires_at": _dump_instant(item.expires_at), "since": format_instant(item.since)}
            for item in record.delete_in_dcd
        ],
        "published": [
            {
                "vault": item.vault,
                "target": item.target,
                "id": item.token_id,
                "published_at": format_instant(item.published_at),
            }
            for item in record.published
        ],
    }


def load_record(metadata: object, token: Token | None, where: str) -> Record:
    """Return the record that a vault holds.

    :param metadata: what :func:`dump_metadata` gave, as a mapping or as the JSON text of one.
    :param token: the token that stands beside it. It becomes the current token's value only if its id and fingerprint
        are those of the record; a different one is the caller's to judge (R5).
    :param where: the place, for the message.
    :raises VaultCorrupt: ``vault_record_corrupt`` for anything that this collection did not write,
        ``vault_record_newer`` for a record of a later format.
    """
    fields = _Fields(_mapping(metadata, where), where)
    if fields.integer("format") != FORMAT:
        raise VaultCorrupt("vault_record_newer", where=where)
    synced_at = fields.optional_instant("synced_at")
    return Record(
        current=fields.optional("current", lambda value: _load_current(value, token)),
        previous=fields.items("previous", lambda value: _load_previous(value, synced_at)),
        intent=fields.optional("intent", _load_intent),
        unconfirmed=fields.items("suspects", _load_unconfirmed_mint),
        delete_in_dcd=fields.items("delete_in_dcd", _load_undeletable),
        user_id=plain_user_id(fields.optional_text("user_id")),
        contract_number=fields.optional_integer("contract_number"),
        synced_at=synced_at,
        state="retiring" if fields.choice("state", ("active", "retiring")) == "retiring" else "active",
        write_id=fields.text("write_id"),
        published=fields.items("published", _load_publication),
    )


class _Fields:
    """Checked access to the fields of one mapping of a record."""

    def __init__(self, mapping: Mapping[str, Any], where: str) -> None:
        self._mapping = mapping
        self.where = where

    def corrupt(self) -> VaultCorrupt:
        return VaultCorrupt("vault_record_corrupt", where=self.where)

    def has(self, name: str) -> bool:
        return name in self._mapping

    def text(self, name: str) -> str:
        value = self._mapping.get(name)
        if not isinstance(value, str) or len(value) > 512:
            raise self.corrupt()
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self._mapping.get(name) is None else self.text(name)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in choices:
            raise self.corrupt()
        return value

    def origin(self) -> Origin:
        return "adopted" if self.choice("origin", ("minted", "adopted")) == "adopted" else "minted"

    def token_id(self) -> str:
        value = self.text("id")
        if not is_token_id(value):
            raise self.corrupt()
        return value.lower()

    def integer(self, name: str) -> int:
        value = self._mapping.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
            raise self.corrupt()
        return value

    def optional_integer(self, name: str) -> int | None:
        return None if self._mapping.get(name) is None else self.integer(name)

    def instant(self, name: str) -> int:
        value = parse_instant(self._mapping.get(name))
        if value is None:
            raise self.corrupt()
        return value

    def optional_instant(self, name: str) -> int | None:
        return None if self._mapping.get(name) is None else self.instant(name)

    def optional(self, name: str, load: Callable[[_Fields], Item]) -> Item | None:
        value = self._mapping.get(name)
        if value is None:
            return None
        return load(self._inner(value))

    def items(self, name: str, load: Callable[[_Fields], Item]) -> tuple[Item, ...]:
        value = self._mapping.get(name, [])
        if not isinstance(value, list):
            raise self.corrupt()
        return tuple(load(self._inner(item)) for item in value)

    def _inner(self, value: object) -> _Fields:
        if not isinstance(value, Mapping):
            raise self.corrupt()
        return _Fields(value, self.where)


def _mapping(metadata: object, where: str) -> Mapping[str, Any]:
    if isinstance(metadata, str) and len(metadata) <= MAXIMUM_RECORD_LENGTH:
        try:
            metadata = json.loads(metadata)
        except (ValueError, RecursionError):
            metadata = None
    if not isinstance(metadata, Mapping):
        raise VaultCorrupt("vault_record_corrupt", where=where)
    return metadata


def _load_current(fields: _Fields, token: Token | None) -> Current:
    token_id = fields.token_id()
    token_fingerprint = fields.text("fingerprint")
    matches = token is not None and token.id == token_id and token.fingerprint == token_fingerprint
    return Current(
        id=token_id,
        fingerprint=token_fingerprint,
        created_at=fields.instant("created_at"),
        expires_at=fields.instant("expires_at"),
        origin=fields.origin(),
        token=token if matches else None,
    )


def _load_previous(fields: _Fields, synced_at: int | None) -> Previous:
    """Return a previous token; records of version 1.0.0 had one time for all of them.

    :param synced_at: of the record.
    """
    replaced_at = fields.instant("replaced_at")
    if fields.has("synced_at") or synced_at is None or synced_at < replaced_at:
        synced_at = fields.optional_instant("synced_at")
    return Previous(
        id=fields.token_id(),
        expires_at=fields.optional_instant("expires_at"),
        origin=fields.origin(),
        replaced_at=replaced_at,
        token=_load_token(fields),
        synced_at=synced_at,
    )


def _load_token(fields: _Fields) -> Token | None:
    value = fields._mapping.get("token")
    if value is None:
        return None
    if not isinstance(value, str):
        raise fields.corrupt()
    try:
        return parse_token(value, fields.where)
    except TokenFormatError:
        raise fields.corrupt() from None


def _dump_intent(intent: Intent) -> dict[str, Any]:
    return {
        "host": intent.owner.host,
        "boot_id": intent.owner.boot_id,
        "process_id": intent.owner.process_id,
        "process_started_at": intent.owner.process_started_at,
        "job": intent.owner.job and {"id": intent.owner.job.id, "awx": intent.owner.job.awx},
        "started_at": format_instant(intent.started_at),
        "lease_until": format_instant(intent.lease_until),
        "ttl": intent.ttl,
    }


def _load_intent(fields: _Fields) -> Intent:
    owner = Owner(
        host=fields.text("host"),
        boot_id=fields.text("boot_id"),
        process_id=fields.integer("process_id"),
        process_started_at=fields.integer("process_started_at"),
        job=fields.optional("job", lambda job: Job(job.integer("id"), job.text("awx"))),
    )
    return Intent(
        owner=owner,
        started_at=fields.instant("started_at"),
        lease_until=fields.instant("lease_until"),
        ttl=fields.optional_integer("ttl"),
    )


def _load_unconfirmed_mint(fields: _Fields) -> UnconfirmedMint:
    return UnconfirmedMint(
        ttl=fields.integer("ttl"),
        started_at=fields.instant("started_at"),
        forget_at=fields.instant("forget_at"),
        token_id=None if fields.optional_text("id") is None else fields.token_id(),
    )


def _load_undeletable(fields: _Fields) -> Undeletable:
    return Undeletable(
        id=fields.token_id(), expires_at=fields.optional_instant("expires_at"), since=fields.instant("since")
    )


def _load_publication(fields: _Fields) -> Publication:
    return Publication(
        vault=fields.text("vault"),
        target=fields.text("target"),
        token_id=fields.token_id(),
        published_at=fields.instant("published_at"),
    )


def _dump_instant(seconds: int | None) -> str | None:
    return None if seconds is None else format_instant(seconds)

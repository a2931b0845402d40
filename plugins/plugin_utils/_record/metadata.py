# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A record as it is written down beside the token, in plain JSON types.

Instants are ISO 8601 in UTC, whole seconds (R29).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenFormatError, VaultCorrupt
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import (
    Token,
    is_token_id,
    parse_token,
    plain_user_id,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import (
    Current,
    Intent,
    Job,
    Origin,
    Owner,
    Previous,
    Publication,
    Record,
    UnconfirmedMint,
    Undeletable,
)

FORMAT = 1
MAXIMUM_RECORD_LENGTH = 1024 * 1024

Item = TypeVar("Item")


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

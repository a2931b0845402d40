# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Succession: what a record says once another token has become the current one."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._api_answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._jwt import Token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Current, Origin, Previous, Record


def succeeded_by(
    record: Record, token: Token, entry: TokenEntry, origin: Origin, *, now: int, synced_at: int | None
) -> Record:
    """Return ``record`` with ``token`` as the current one.

    What was current becomes a previous token, also where it is refused or its value is lost: it may still be listed,
    and nobody else deletes it.

    :param entry: what the API says of the token.
    :param now: seconds since the epoch, by the API's clock.
    :param synced_at: when every vault holds it, or None where replicas have yet to be written.
    """
    previous = tuple(item for item in record.previous if item.id != token.id)
    if record.current is not None and record.current.id != token.id:
        previous = (*previous, _previous_of(record.current, now))
    return replace(
        record,
        current=Current(
            id=token.id,
            fingerprint=token.fingerprint,
            created_at=entry.created_at,
            expires_at=entry.expires_at,
            origin=origin,
            token=token,
        ),
        previous=previous,
        user_id=token.user_id or record.user_id,
        contract_number=token.contract_number or record.contract_number,
        synced_at=synced_at,
        state="active",
    )


def _previous_of(current: Current, now: int) -> Previous:
    return Previous(
        id=current.id, expires_at=current.expires_at, origin=current.origin, replaced_at=now, token=current.token
    )

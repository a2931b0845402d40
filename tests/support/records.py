# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as the engine writes them, with tokens that are made while a test runs."""

from __future__ import annotations

import uuid
from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Current, Intent, Owner, Record
from support.jwts import ionos_jwt

CREATED_AT = 1_790_000_000
EXPIRES_AT = CREATED_AT + 30 * 86400
OWNER = Owner(host="controller", boot_id="b1", process_id=4711, process_started_at=99)


def new_token() -> Token:
    """Return a token that there was not before."""
    return parse_token(ionos_jwt(str(uuid.uuid4()), issued_at=CREATED_AT, expires_at=EXPIRES_AT), "a test")


def record_of(token: Token) -> Record:
    """Return a record with this token as the current one."""
    current = Current(
        id=token.id,
        fingerprint=token.fingerprint,
        created_at=CREATED_AT,
        expires_at=EXPIRES_AT,
        origin="minted",
        token=token,
    )
    return Record(current=current, user_id=token.user_id, write_id=uuid.uuid4().hex, synced_at=CREATED_AT)


def with_intent(record: Record) -> Record:
    """Return the record as it is written before a mint."""
    intent = Intent(owner=OWNER, started_at=CREATED_AT, lease_until=CREATED_AT + 600, ttl=86400)
    return replace(record, intent=intent, write_id=uuid.uuid4().hex)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What results say of a token: ids, dates and fingerprints, never a value."""

from __future__ import annotations

from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token


def entry_facts(entry: TokenEntry) -> dict[str, Any]:
    """Return what the API tells of a token, with dates in ISO 8601."""
    return {
        "id": entry.id,
        "created_at": format_instant(entry.created_at),
        "expires_at": format_instant(entry.expires_at),
    }


def token_facts(token: Token, entry: TokenEntry | None) -> dict[str, Any]:
    """Return what is known of a token whose value is at hand; the API's dates go before those in the token."""
    created_at = entry.created_at if entry else token.issued_at
    expires_at = entry.expires_at if entry else token.expires_at
    return {
        "id": token.id,
        "created_at": None if created_at is None else format_instant(created_at),
        "expires_at": None if expires_at is None else format_instant(expires_at),
        "fingerprint": token.fingerprint,
        "user_id": token.user_id,
        "contract_number": token.contract_number,
    }


def remaining_facts(entry: TokenEntry | None, now: int) -> dict[str, Any]:
    """Return the seconds until the expiry, 0 once it has passed, or nothing if the expiry is not known."""
    return {} if entry is None else {"remaining_seconds": max(entry.expires_at - now, 0)}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens that exist, with their dates; their values are known to nobody but whoever minted them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.clock import format_instant

API = "api"
TOKEN_MANAGER = "token_manager"
ORIGINS = (API, TOKEN_MANAGER)


@dataclass
class IssuedToken:
    """One token as the API knows it. *created* and *expires* are UTC, whole seconds."""

    id: str
    user_id: str
    contract_number: int
    created: datetime
    expires: datetime
    origin: str
    appears_at: datetime
    appears_after_request: int = 0
    revoked: bool = False

    @property
    def ttl(self) -> int:
        """The lifetime that was asked for, in seconds."""
        return int((self.expires - self.created).total_seconds())

    def expired(self, at: datetime) -> bool:
        """Whether the token no longer authenticates at that time because of its age."""
        return at >= self.expires

    def appeared(self, at: datetime, requests_handled: int) -> bool:
        """Whether the API knows the token already."""
        return at >= self.appears_at and requests_handled > self.appears_after_request

    def dump(self, now: datetime) -> dict[str, Any]:
        """The token for a test or a control endpoint: everything but its value."""
        return {
            "id": self.id,
            "user_id": self.user_id,
            "contract_number": self.contract_number,
            "created": format_instant(self.created),
            "expires": format_instant(self.expires),
            "ttl": self.ttl,
            "origin": self.origin,
            "revoked": self.revoked,
            "expired": self.expired(now),
        }


class TokenStore:
    """Every token that was issued; a deleted one stays known as revoked, so that it is told from a foreign id.

    What a request costs must not depend on how many users there are: tokens are found by their ids and by their users.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, IssuedToken] = {}
        self._by_user: defaultdict[str, list[IssuedToken]] = defaultdict(list)

    def issue(
        self, user_id: str, contract_number: int, ttl: int, origin: str, now: datetime, delay: float, after_request: int
    ) -> IssuedToken:
        """Add a token that lives *ttl* seconds from *now*; it appears *delay* seconds and so many requests later."""
        created = now.replace(microsecond=0)
        token = IssuedToken(
            id=str(uuid.uuid4()),
            user_id=user_id,
            contract_number=contract_number,
            created=created,
            expires=created + timedelta(seconds=ttl),
            origin=origin,
            appears_at=now + timedelta(seconds=delay) if delay else created,
            appears_after_request=after_request,
        )
        self._tokens[token.id] = token
        self._by_user[user_id].append(token)
        return token

    def hand_over(self, token: IssuedToken, user_id: str) -> None:
        """Make a token that of another user."""
        self._by_user[token.user_id].remove(token)
        token.user_id = user_id
        self._by_user[user_id].append(token)

    def get(self, token_id: str) -> IssuedToken | None:
        """The token with that id, revoked or not."""
        return self._tokens.get(token_id)

    def existing(self) -> list[IssuedToken]:
        """The tokens that were not deleted, oldest first; expired ones count until they are purged."""
        return [token for token in list(self._tokens.values()) if not token.revoked]

    def existing_of(self, user_id: str) -> list[IssuedToken]:
        """Those of one user."""
        tokens = [token for token in self._by_user[user_id] if not token.revoked]
        # A deleted token never comes back, so it need not be looked at again.
        self._by_user[user_id] = tokens
        return list(tokens)

    def all(self) -> list[IssuedToken]:
        """Every token that was ever issued, oldest first."""
        return list(self._tokens.values())

    def clear(self) -> None:
        """Forget every token."""
        self._tokens.clear()
        self._by_user.clear()

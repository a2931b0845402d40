# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JWTs that are made while a test runs, well-formed or not; nobody signed them."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any


def encoded(data: bytes) -> str:
    """Return base64url without padding, as the parts of a JWT are written."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded_json(value: Any) -> str:
    """Return a part of a JWT that holds ``value``."""
    return encoded(json.dumps(value, separators=(",", ":")).encode())


def unsigned_jwt(token_id: str, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Return a JWT in the form of the Auth API's, with something like a signature that differs from token to token."""
    head = {"typ": "JWT", "kid": token_id, "alg": "RS256", **(header or {})}
    signature = hashlib.sha512(f"{token_id}{claims}".encode()).digest()
    return f"{encoded_json(head)}.{encoded_json(claims)}.{encoded(signature)}"


def ionos_jwt(
    token_id: str,
    *,
    user_id: str = "5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11",
    contract_number: int = 31711111,
    issued_at: int = 1_700_000_000,
    expires_at: int = 1_800_000_000,
) -> str:
    """Return a JWT with the claims of a token of the Auth API; dates are seconds since the epoch."""
    identity = {"uuid": user_id, "contractNumber": contract_number, "role": "owner", "privileges": []}
    return unsigned_jwt(token_id, iss="ionoscloud", iat=issued_at, exp=expires_at, identity=identity)

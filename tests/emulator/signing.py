# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JWTs as the vendor signs them: RS256, with the token's id as ``kid``."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Set
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "ionoscloud"

_verified: dict[bytes, str] = {}
"""Ids of tokens by the digests of their values: a signature is dear to check, and what comes of it never changes."""


@functools.cache
def signing_key() -> rsa.RSAPrivateKey:
    """The one RSA key of this process: making a key is slow, so every emulator shares it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign(token_id: str, identity: dict[str, Any], issued: datetime, expires: datetime, omitted_claims: Set[str]) -> str:
    """Return a JWT; *omitted_claims* names those of ``iss``, ``iat``, ``exp`` to leave out."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        "identity": identity,
    }
    payload = {name: value for name, value in claims.items() if name not in omitted_claims}
    return jwt.encode(payload, signing_key(), algorithm="RS256", headers={"typ": "JWT", "kid": token_id})


def verified_token_id(value: str) -> str | None:
    """Return the ``kid`` of a JWT that this process signed, or None; dates are not looked at."""
    # No value is kept, only what tells it from every other one.
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
    if digest not in _verified:
        token_id = _verify(value)
        if token_id is None:
            return None
        _verified[digest] = token_id
    return _verified[digest]


def _verify(value: str) -> str | None:
    try:
        jwt.decode(
            value,
            signing_key().public_key(),
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False},
        )
        token_id = jwt.get_unverified_header(value).get("kid")
    except (jwt.PyJWTError, ValueError):
        return None
    return token_id if isinstance(token_id, str) else None


def with_token_id(value: str, token_id: str) -> str:
    """Return the JWT with another ``kid``: no longer verifiable, which is what a lying server hands out."""
    dummy, payload, signature = value.split(".")
    header = json.dumps({"typ": "JWT", "kid": token_id, "alg": "RS256"}).encode()
    return ".".join([base64.urlsafe_b64encode(header).rstrip(b"=").decode(), payload, signature])

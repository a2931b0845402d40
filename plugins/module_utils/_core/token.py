# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token as a JWT: what its header and claims say, without verifying its signature.

Only ``kid`` and ``identity`` are read by the vendor's own client, so every other claim may be absent. Who wants to know
whether a token still works asks ``GET /tokens/{kid}``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenFormatError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import LATEST

MAXIMUM_LENGTH = 16384
MAXIMUM_CONTRACT_NUMBER = 2**63 - 1

_TOKEN_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_IDENTIFIER = re.compile(r"[0-9A-Za-z._-]{1,128}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_HOSTING_KEY = re.compile(r"[0-9a-fA-F]{32}\.[0-9A-Za-z_-]{20,}")
_CLOUD_PANEL_KEY = re.compile(r"[0-9a-fA-F]{32}")
_OBJECT_STORAGE_KEY = re.compile(r"[0-9A-Za-z+/]{40,128}={0,2}")


@dataclass(frozen=True)
class Token:
    """One IONOS Auth API token. Its value never appears in ``repr`` or ``str``.

    ``issued_at`` and ``expires_at`` are seconds since the epoch, or None if the JWT does not say.
    """

    value: str = field(repr=False)
    id: str
    user_id: str | None = None
    contract_number: int | None = None
    role: str | None = None
    issued_at: int | None = None
    expires_at: int | None = None

    @property
    def fingerprint(self) -> str:
        """Identify the value without revealing it: ``sha256:`` and 16 hex digits of its SHA-256."""
        return fingerprint(self.value)


def fingerprint(value: str) -> str:
    """Return ``sha256:`` and the first 16 hex digits of the SHA-256 of a high-entropy secret."""
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_token_id(text: object) -> bool:
    """Tell whether ``text`` is a UUID, the only form of a token id."""
    return isinstance(text, str) and _TOKEN_ID.fullmatch(text) is not None


def plain_user_id(text: str | None) -> str | None:
    """Return a user id as it is compared: a UUID means the same in either case (R39). Nothing stays None."""
    return None if text is None else text.lower()


def require_token_id(text: str, where: str) -> str:
    """Return the token id in lower case, or raise ConfigurationError ``token_id_not_uuid``."""
    stripped = text.strip()
    if not is_token_id(stripped):
        raise ConfigurationError("token_id_not_uuid", where=where)
    return stripped.lower()


def parse_token(text: str, where: str) -> Token:
    """Return the token that ``text`` holds; white space around it is cut off.

    :param text: the JWT, as it stands in an option, a file or a vault.
    :param where: how the user names the place that it comes from, for the message.
    :raises TokenFormatError: ``token_empty``, ``token_not_jwt`` (with a hint at what it looks like),
        ``token_truncated``, ``token_without_id``. The text itself is never shown.
    """
    value = text.strip()
    if not value:
        raise TokenFormatError("token_empty", where=where)
    parts = value.split(".")
    header = _json_object(parts[0]) if len(value) <= MAXIMUM_LENGTH else None
    if header is None:
        raise TokenFormatError("token_not_jwt", where=where, hint=_product_hint(value))
    claims = _json_object(parts[1]) if len(parts) > 1 else None
    if len(parts) != 3 or claims is None or _BASE64URL.fullmatch(parts[2]) is None:
        raise TokenFormatError("token_truncated", where=where)
    if not is_token_id(header.get("kid")):
        raise TokenFormatError("token_without_id", where=where)
    return _token(value, header["kid"].lower(), claims)


def _token(value: str, token_id: str, claims: dict[str, Any]) -> Token:
    identity = claims.get("identity")
    if not isinstance(identity, dict):
        identity = {}
    return Token(
        value=value,
        id=token_id,
        user_id=plain_user_id(_identifier(identity.get("uuid"))),
        contract_number=_contract_number(identity.get("contractNumber")),
        role=_identifier(identity.get("role")),
        issued_at=_timestamp(claims.get("iat")),
        expires_at=_timestamp(claims.get("exp")),
    )


def _json_object(part: str) -> dict[str, Any] | None:
    if _BASE64URL.fullmatch(part) is None:
        return None
    try:
        decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _identifier(claim: object) -> str | None:
    return claim if isinstance(claim, str) and _IDENTIFIER.fullmatch(claim) else None


def _contract_number(claim: object) -> int | None:
    if isinstance(claim, str) and claim.isascii() and claim.isdigit() and len(claim) <= 18:
        claim = int(claim)
    if isinstance(claim, bool) or not isinstance(claim, int):
        return None
    return claim if 0 < claim <= MAXIMUM_CONTRACT_NUMBER else None


def _timestamp(claim: object) -> int | None:
    if isinstance(claim, bool) or not isinstance(claim, (int, float)):
        return None
    return int(claim) if 0 <= claim <= LATEST else None


def _product_hint(value: str) -> str:
    if value.lower().startswith("bearer "):
        return "It starts with the word Bearer, which belongs to the header and not to the token."
    if value[0] in "\"'" or value[-1] in "\"'":
        return "It is wrapped in quotes."
    if _HOSTING_KEY.fullmatch(value):
        return "It looks like a key of the IONOS hosting APIs (DNS, domains, SSL), which have the form prefix.secret."
    if _CLOUD_PANEL_KEY.fullmatch(value):
        return "It looks like a key of the IONOS Cloud Panel (Cloud Server)."
    if _OBJECT_STORAGE_KEY.fullmatch(value):
        return "It looks like a key of the IONOS Object Storage."
    if value.startswith("$ANSIBLE_VAULT"):
        return "It is still encrypted with Ansible Vault."
    return "It does not look like the key of an IONOS product known to this collection."

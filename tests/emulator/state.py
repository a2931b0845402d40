# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the emulator knows, and the settings that decide what the vendor's page leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from typing import Any, Literal

from emulator import signing
from emulator.clock import Clock
from emulator.messages import ApiError, forbidden
from emulator.tokens import IssuedToken, TokenStore
from emulator.users import User, UserDirectory

MINIMUM_TTL = 60
MAXIMUM_TTL = 31536000
DEFAULT_TTL = 31536000
OPTIONAL_CLAIMS = frozenset({"iss", "iat", "exp"})


Lag = Literal["list", "get", "delete", "use"]


@dataclass
class Settings:
    """What a server may do either way.

    - *quota*: tokens a user may have; *quota_status*: the HTTP status of a refusal at the quota.
    - *requests_per_second*: requests that are answered within any second, of all callers together, 0 for any number;
      the others get 429. *says_retry_after*: whether with ``Retry-After``.
    - *accepts_basic_after_2024*: the promise ended with 2024, the vendor's newest pages still allow it without 2FA.
    - *omitted_claims*: claims of the JWT to leave out (``iss``, ``iat``, ``exp``).
    - *upper_case_user_ids*: whether tokens name their user in upper case.
    - *lifetime_rounding_seconds*: every lifetime is rounded down to a multiple of it.
    - *appearance_delay_seconds*, *appearance_delay_requests*: how long a fresh token stays unknown and unlisted.
    - *list_delay_seconds*, *get_delay_seconds*, *delete_delay_seconds*, *use_delay_seconds*: the same for each
      operation by itself, since what answers them may lag apart: to be listed, read, deleted, and to authenticate.
    """

    quota: int = 100
    quota_status: int = 403
    requests_per_second: int = 0
    says_retry_after: bool = True
    accepts_basic_after_2024: bool = True
    omitted_claims: frozenset[str] = frozenset()
    upper_case_user_ids: bool = False
    lifetime_rounding_seconds: int = 1
    appearance_delay_seconds: float = 0
    appearance_delay_requests: int = 0
    list_delay_seconds: float = 0
    get_delay_seconds: float = 0
    delete_delay_seconds: float = 0
    use_delay_seconds: float = 0

    def update(self, changes: Mapping[str, Any]) -> None:
        """Set the given settings; raises ``ValueError`` for unknown names, claims or types."""
        known = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting {name!r}; known are {', '.join(sorted(known))}")
            if name == "omitted_claims":
                value = _optional_claims(value)
            elif isinstance(value, bool) is not (known[name] is bool) or not isinstance(value, (int, float)):
                raise ValueError(f"setting {name!r} has a value of the wrong type")
            setattr(self, name, value)

    def dump(self) -> dict[str, Any]:
        """The settings as JSON can show them."""
        return {**asdict(self), "omitted_claims": sorted(self.omitted_claims)}


def _optional_claims(names: Any) -> frozenset[str]:
    claims = frozenset(names)
    if not claims <= OPTIONAL_CLAIMS:
        raise ValueError(f"only {', '.join(sorted(OPTIONAL_CLAIMS))} can be omitted")
    return claims


@dataclass
class State:
    """Users, tokens, settings and the clock; no rule lives here but the quota, which every mint has to keep."""

    clock: Clock
    settings: Settings = field(default_factory=Settings)
    users: UserDirectory = field(default_factory=UserDirectory)
    tokens: TokenStore = field(default_factory=TokenStore)
    requests_handled: int = 0

    def mint(self, user: User, contract_number: int, ttl: int, origin: str) -> tuple[IssuedToken, str]:
        """Issue a token and return it with its value, which is kept nowhere.

        Raises ``ApiError`` when the user has as many tokens as the quota allows, expired ones included.
        """
        if len(self.tokens.existing_of(user.user_id)) >= self.settings.quota:
            raise self._quota_refusal()
        token = self.tokens.issue(
            user_id=user.user_id,
            contract_number=contract_number,
            ttl=ttl - ttl % self.settings.lifetime_rounding_seconds,
            origin=origin,
            now=self.clock.now(),
            delay=self.settings.appearance_delay_seconds,
            after_request=self._appearance_request(),
        )
        return token, self.value_of(token, user)

    def visible_tokens(self, user: User, contract_number: int, seen_by: Lag = "list") -> list[IssuedToken]:
        """The user's tokens on a contract that an operation sees: expired ones too, not yet appeared ones not."""
        return [
            token
            for token in self.tokens.existing_of(user.user_id)
            if token.contract_number == contract_number and self.has_appeared(token, seen_by)
        ]

    def visible_token(self, user: User, contract_number: int, token_id: str, seen_by: Lag) -> IssuedToken | None:
        """One of those, by its id."""
        token = self.tokens.get(token_id)
        if token is None or token.revoked or (token.user_id, token.contract_number) != (user.user_id, contract_number):
            return None
        return token if self.has_appeared(token, seen_by) else None

    def has_appeared(self, token: IssuedToken, seen_by: Lag) -> bool:
        """Whether what answers an operation knows the token already."""
        now = self.clock.now()
        delay = timedelta(seconds=getattr(self.settings, f"{seen_by}_delay_seconds"))
        return token.appeared(now, self.requests_handled) and (not delay or now >= token.created + delay)

    def owner_of(self, token: IssuedToken) -> User | None:
        """The user that a token belongs to, as long as that user exists."""
        return self.users.with_id(token.user_id)

    def value_of(self, token: IssuedToken, user: User) -> str:
        """Sign the JWT of a token: whoever calls this hands it out, nobody keeps it."""
        identity = {
            "uuid": user.user_id.upper() if self.settings.upper_case_user_ids else user.user_id,
            "contractNumber": token.contract_number,
            "role": user.role,
            "privileges": list(user.privileges),
            "isParent": False,
            "resellerId": 1,
            "regDomain": "ionos.de",
        }
        return signing.sign(token.id, identity, token.created, token.expires, self.settings.omitted_claims)

    def clear(self) -> None:
        """Forget users and tokens and return to the default settings."""
        self.users.clear()
        self.tokens.clear()
        self.settings = Settings()
        self.requests_handled = 0

    def _appearance_request(self) -> int:
        delay = self.settings.appearance_delay_requests
        return self.requests_handled + delay if delay else -1

    def _quota_refusal(self) -> ApiError:
        refusal = forbidden(f"The maximum of {self.settings.quota} tokens is reached")
        refusal.status = self.settings.quota_status
        return refusal

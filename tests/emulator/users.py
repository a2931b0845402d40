# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, their contracts and the state of their two-factor authentication."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass, field
from datetime import datetime

ROLES = ("owner", "admin", "user")
TWO_FACTOR_STATES = ("disabled", "configuring", "enabled", "forced")
MANAGER_ROLES = ("owner", "admin")


@dataclass
class TwoFactor:
    """The dates from which each state of 2FA holds; None means not at all.

    *configuring* (has started to set 2FA up) is visible in no API; *active* shows as ``secAuthActive`` and
    *forced* (obliged by the contract owner or an administrator) as ``forceSecAuth``.
    """

    active_since: datetime | None = None
    forced_since: datetime | None = None
    configuring_since: datetime | None = None

    @classmethod
    def in_state(cls, state: str, since: datetime) -> TwoFactor:
        """Build the named state of ``TWO_FACTOR_STATES``, holding from *since* on."""
        if state not in TWO_FACTOR_STATES:
            raise ValueError(f"two-factor state must be one of {', '.join(TWO_FACTOR_STATES)}")
        return cls(
            active_since=since if state == "enabled" else None,
            forced_since=since if state == "forced" else None,
            configuring_since=since if state == "configuring" else None,
        )

    def active(self, at: datetime) -> bool:
        """Whether 2FA is completed at that time."""
        return _holds(self.active_since, at)

    def forced(self, at: datetime) -> bool:
        """Whether 2FA is obligatory at that time."""
        return _holds(self.forced_since, at)

    def impacted(self, at: datetime) -> bool:
        """Whether the notice's "started, completed or obligated" applies at that time."""
        return self.active(at) or self.forced(at) or _holds(self.configuring_since, at)


def _holds(since: datetime | None, at: datetime) -> bool:
    return since is not None and since <= at


@dataclass
class User:
    """One user of one or more contracts.

    *name* is the login (an e-mail address); *manages_users* decides whether ``um/users`` answers this caller or
    refuses with 403, and defaults to what the role says.
    """

    name: str
    password: str = field(repr=False)
    contracts: tuple[int, ...]
    user_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    role: str = "user"
    privileges: tuple[str, ...] = ()
    manages_users: bool | None = None
    first_name: str = "Ann"
    last_name: str = "Example"
    active: bool = True
    two_factor: TwoFactor = field(default_factory=TwoFactor)
    second_factor_code: str = field(default="246810", repr=False)

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role must be one of {', '.join(ROLES)}")
        if not self.contracts:
            raise ValueError("a user needs at least one contract")
        self.contracts = tuple(int(number) for number in self.contracts)

    def signs_in_with(self, password: str) -> bool:
        """Whether this user is active and the password is right."""
        return self.active and hmac.compare_digest(self.password.encode(), password.encode())

    @property
    def may_manage_users(self) -> bool:
        """Whether the Cloud API shows users to this caller."""
        return self.role in MANAGER_ROLES if self.manages_users is None else self.manages_users


class UserDirectory:
    """All users, by login and by id."""

    def __init__(self) -> None:
        self._by_name: dict[str, User] = {}
        self._by_id: dict[str, User] = {}

    def add(self, user: User) -> User:
        """Add a user, or replace the one with the same login."""
        if user.name in self._by_name:
            del self._by_id[self._by_name[user.name].user_id.lower()]
        self._by_name[user.name] = user
        self._by_id[user.user_id.lower()] = user
        return user

    def remove(self, name: str) -> None:
        """Remove a user; all that this user's tokens can do ends with it."""
        del self._by_id[self._by_name.pop(name).user_id.lower()]

    def named(self, name: str) -> User | None:
        """The user with that login."""
        return self._by_name.get(name)

    def with_id(self, user_id: str) -> User | None:
        """The user with that id."""
        return self._by_id.get(user_id.lower())

    def all(self) -> list[User]:
        """Every user, in the order they were added."""
        return list(self._by_name.values())

    def clear(self) -> None:
        """Forget every user."""
        self._by_name.clear()
        self._by_id.clear()

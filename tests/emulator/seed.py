# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, tokens, settings and faults from a JSON document: what ``--seed`` reads and ``POST /_emulator/users`` takes.

::

    {
        "clock": "2026-01-01T00:00:00Z",
        "frozen": false,
        "users": [
            {
                "name": "ann@example.com",
                "password": "...",
                "contracts": [31711111],
                "role": "owner",
                "two_factor": {"active_since": "2024-05-01"},
            }
        ],
        "settings": {"quota": 5},
        "faults": [{"kind": "drop_after", "operation": "generate"}],
    }

``two_factor`` is a state (``disabled``, ``configuring``, ``enabled``, ``forced``) or dates by state
(``active_since``, ``forced_since``, ``configuring_since``). The other fields of a user are those of ``users.User``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from emulator.clock import format_instant, parse_instant
from emulator.core import LONG_AGO, Emulator
from emulator.users import TwoFactor, User

KNOWN = ("clock", "frozen", "users", "settings", "faults")
TWO_FACTOR_DATES = ("active_since", "forced_since", "configuring_since")


def load_seed(emulator: Emulator, document: Mapping[str, Any]) -> None:
    """Add what the document describes; raises ``ValueError`` for what cannot be read."""
    unknown = set(document) - set(KNOWN)
    if unknown:
        raise ValueError(f"unknown keys in the seed: {', '.join(sorted(unknown))}; known are {', '.join(KNOWN)}")
    if "clock" in document:
        emulator.clock.set(document["clock"])
    if document.get("frozen"):
        emulator.clock.freeze()
    emulator.settings.update(document.get("settings", {}))
    for user in document.get("users", []):
        add_user(emulator, user)
    for fault in document.get("faults", []):
        add_fault(emulator, fault)


def add_user(emulator: Emulator, document: Mapping[str, Any]) -> User:
    """Add one user from JSON; raises ``ValueError`` for unknown, missing or unreadable fields."""
    unknown = set(document) - {item.name for item in fields(User)}
    if unknown:
        raise ValueError(f"unknown fields of a user: {', '.join(sorted(unknown))}")
    arguments = dict(document)
    two_factor = arguments.pop("two_factor", "disabled")
    try:
        user = emulator.add_user(**arguments)
    except TypeError as error:
        raise ValueError(f"user: {error}") from error
    user.two_factor = _two_factor(emulator, two_factor)
    return user


def add_fault(emulator: Emulator, document: Mapping[str, Any]) -> None:
    """Script one fault from JSON; raises ``ValueError`` for what makes no sense."""
    try:
        emulator.faults.add(**document)
    except TypeError as error:
        raise ValueError(f"fault: {error}") from error


def user_document(emulator: Emulator, user: User) -> dict[str, Any]:
    """A user as JSON, without password and second factor."""
    return {
        "name": user.name,
        "user_id": user.user_id,
        "contracts": list(user.contracts),
        "role": user.role,
        "manages_users": user.may_manage_users,
        "active": user.active,
        "two_factor": {name: _shown(getattr(user.two_factor, name)) for name in TWO_FACTOR_DATES},
        "two_factor_impacted": user.two_factor.impacted(emulator.clock.now()),
    }


def _shown(moment: Any) -> str | None:
    return None if moment is None else format_instant(moment)


def _two_factor(emulator: Emulator, document: str | Mapping[str, Any]) -> TwoFactor:
    if isinstance(document, str):
        return TwoFactor.in_state(document, LONG_AGO)
    if set(document) - set(TWO_FACTOR_DATES):
        raise ValueError(f"two_factor takes a state or {', '.join(TWO_FACTOR_DATES)}")
    return TwoFactor(**{name: parse_instant(value) for name, value in document.items() if value is not None})

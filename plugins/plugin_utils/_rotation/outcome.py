# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run did for one declared token, in the form in which a user gets it: no secret is ever in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError, shown
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Previous, Record, Undeletable

Action = Literal["kept", "rotated", "adopted", "repaired", "retired", "busy", "handoff", "failed"]


@dataclass
class VaultOutcome:
    """How one place of a declared token came out."""

    name: str
    place: str
    role: Literal["record", "replica"]
    in_sync: bool | None = None
    changed: bool = False
    foreign: str | None = None
    message: str | None = None

    def as_result(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "place": shown(self.place),
            "role": self.role,
            "in_sync": self.in_sync,
            "changed": self.changed,
            "foreign": self.foreign,
            "message": self.message,
        }


@dataclass
class Outcome:
    """How one declared token came out. Instants are seconds since the epoch by the API's clock."""

    name: str
    account: str
    ttl: int = 0
    renew_before: int = 0
    fail_before: int = 0
    predicted: bool = False
    action: Action = "kept"
    reason: str = ""
    changed: bool = False
    before: Record | None = None
    record: Record | None = None
    now: int | None = None
    retired: list[str] = field(default_factory=list)
    orphans_deleted: list[str] = field(default_factory=list)
    vaults: list[VaultOutcome] = field(default_factory=list)
    policy: dict[str, Any] | None = None
    handoff: dict[str, Any] | None = None
    offer: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list)
    errors: list[TokenOpsError] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """True where somebody has to look at it."""
        return bool(self.errors)

    @property
    def message(self) -> str | None:
        """Every error with its remedy, as one text, or None."""
        return " ".join(str(error) for error in self.errors) or None

    def fail(self, error: TokenOpsError) -> None:
        """Note an error; what was done before it stays reported."""
        self.errors.append(error)
        if self.action == "kept":
            self.action = "failed"

    def warn(self, message: str) -> None:
        """Note a warning, once."""
        if message not in self.warnings:
            self.warnings.append(message)

    def as_result(self) -> dict[str, Any]:
        """Return the entry of this token in the task's result."""
        record = self.record or Record()
        return {
            "name": self.name,
            "account": self.account,
            "action": self.action,
            "reason": self.reason,
            "changed": self.changed,
            "predicted": self.predicted,
            "failed": self.failed,
            "message": self.message,
            "error_codes": [error.code for error in self.errors],
            "token": self._token(record),
            "ttl_seconds": self.ttl,
            "renew_before_seconds": self.renew_before,
            "fail_before_seconds": self.fail_before,
            "previous": [_previous(item) for item in record.previous],
            "retired": sorted(self.retired),
            "delete_in_dcd": [_undeletable(item) for item in record.delete_in_dcd],
            "orphans_deleted": sorted(self.orphans_deleted),
            "vaults": [vault.as_result() for vault in self.vaults],
            "policy": self.policy,
            "handoff": self.handoff,
            "offer": self.offer,
            "warnings": list(self.warnings),
        }

    def as_diff(self) -> dict[str, Any]:
        """Return what changed as ids, dates and fingerprints, in the form in which Ansible shows a diff."""
        return {
            "before_header": self.name,
            "after_header": self.name,
            "before": _diff_side(self.before),
            "after": _diff_side(self.record),
        }

    def _token(self, record: Record) -> dict[str, Any] | None:
        current = record.current
        if current is None:
            return None
        return {
            "id": current.id,
            "fingerprint": current.fingerprint,
            "created_at": format_instant(current.created_at),
            "expires_at": format_instant(current.expires_at),
            "remaining_seconds": None if self.now is None else max(0, current.expires_at - self.now),
            "origin": current.origin,
            "user_id": record.user_id,
            "contract_number": record.contract_number,
        }


def _diff_side(record: Record | None) -> dict[str, Any]:
    if record is None:
        return {}
    current = record.current
    return {
        "token": current
        and {
            "id": current.id,
            "fingerprint": current.fingerprint,
            "expires_at": format_instant(current.expires_at),
        },
        "previous": [item.id for item in record.previous],
        "delete_in_dcd": [item.id for item in record.delete_in_dcd],
    }


def _previous(item: Previous) -> dict[str, Any]:
    return {
        "id": item.id,
        "expires_at": None if item.expires_at is None else format_instant(item.expires_at),
        "replaced_at": format_instant(item.replaced_at),
        "origin": item.origin,
    }


def _undeletable(item: Undeletable) -> dict[str, Any]:
    return {
        "id": item.id,
        "expires_at": None if item.expires_at is None else format_instant(item.expires_at),
        "since": format_instant(item.since),
    }

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run did for one declared token, in the form in which a user gets it: no secret is ever in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiError, TokenOpsError, shown
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import (
    CurrentToken,
    Handoff,
    PlaceFacts,
    PreviousToken,
    TokenFacts,
    UndeletableToken,
    mint_policy,
    offer_facts,
    token_entry,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import (
    Publication,
    Way,
    publication_entry,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Publishing

Action = Literal["kept", "rotated", "adopted", "moved", "repaired", "retired", "absent", "busy", "handoff", "failed"]


@dataclass
class VaultOutcome:
    """How one place of a declared token came out.

    :ivar replica: its position among the replicas.
    :ivar publishing: how a token gets there, where tasks of the user do that.
    :ivar published_at: when the current token was published there.
    :ivar to_publish: what these tasks have yet to do.
    :ivar token_id: of the token that stands there, where it is to be unpublished.
    """

    name: str
    place: str
    role: Literal["record", "replica"]
    in_sync: bool | None = None
    changed: bool = False
    foreign: str | None = None
    error: TokenOpsError | None = None
    replica: int = 0
    publishing: Publishing | None = None
    published_at: int | None = None
    to_publish: Way | None = None
    token_id: str | None = None

    def fail(self, error: TokenOpsError, *, in_sync: bool | None) -> None:
        """Note an error of this place, which is none of the run.

        :param in_sync: False if something else stands there, None if nobody knows what does.
        """
        self.error = error
        self.in_sync = in_sync

    def facts(self) -> PlaceFacts:
        """Return what is known of the place."""
        return PlaceFacts(
            vault=self.name,
            place=shown(self.place),
            role=self.role,
            in_sync=self.in_sync,
            changed=self.changed,
            unmanaged=self.foreign,
            message=None if self.error is None else str(self.error),
            error_code=None if self.error is None else self.error.code,
            published_at=self.published_at,
            to_publish=self.to_publish,
        )


@dataclass
class Outcome:
    """How one declared token came out. Instants are seconds since the epoch by the API's clock.

    :ivar before: the record as it was read.
    :ivar record: the record as it is now; in check mode as it would be.
    :ivar held: in check mode, the record as it is, if a token would be adopted.
    :ivar works: whether a token works, in check mode before anything is done; None if the API did not say.
    :ivar inbox: the declared place for the next token, in words.
    :ivar errors: what went wrong with the run; what went wrong with a place is noted there.
    :ivar waits: whether that is only an API that does not answer, and can wait for the next run.
    :ivar cause: what happened to the requests of a run that got no answer.
    """

    name: str
    account: str
    ttl: int
    renew_before: int
    fail_before: int
    predicted: bool
    action: Action = "kept"
    reason: str = ""
    changed: bool = False
    before: Record | None = None
    record: Record | None = None
    held: Record | None = None
    works: bool | None = None
    inbox: str | None = None
    now: int | None = None
    retired: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    orphans_deleted: list[str] = field(default_factory=list)
    vaults: list[VaultOutcome] = field(default_factory=list)
    policy: dict[str, Any] | None = None
    handoff: Handoff | None = None
    offer: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list)
    errors: list[TokenOpsError] = field(default_factory=list)
    waits: bool = False
    cause: str | None = None

    @property
    def failed(self) -> bool:
        """True if somebody has to look at it."""
        return (bool(self.errors) and not self.waits) or any(vault.error for vault in self.vaults)

    @property
    def message(self) -> str | None:
        """Every error of the run with its remedy, as one text, or None."""
        return " ".join(str(error) for error in self.errors) or None

    def fail(self, error: TokenOpsError) -> None:
        """Note an error; what was done before it stays reported."""
        self.errors.append(error)
        if self.action == "kept":
            self.action = "failed"

    def reject_offer(self, objection: TokenOpsError) -> None:
        """Note that a token was handed over and is not taken, which keeps nothing else from being done."""
        if str(objection) not in [str(error) for error in self.errors]:
            self.errors.append(objection)

    def miss_answer(self, error: ApiError, *, can_wait: bool) -> None:
        """Note that the API does not answer.

        :param can_wait: False if somebody has to look at it now.
        """
        self.cause = error.cause
        self.waits = can_wait and not self.errors
        if can_wait:
            self.errors.append(error)
        else:
            self.fail(error)

    def warn(self, message: str) -> None:
        """Note a warning, once."""
        if message not in self.warnings:
            self.warnings.append(message)

    def facts(self) -> TokenFacts:
        """Return what is known of this token after the run."""
        record = (self.held if self.predicted else None) or self.record or Record()
        return TokenFacts(
            name=self.name,
            account=self.account,
            action=self.action,
            reason=self.reason,
            changed=self.changed,
            predicted=self.predicted,
            failed=self.failed,
            waits=self.waits,
            cause=self.cause,
            message=self.message,
            error_codes=tuple(error.code for error in self.errors),
            works=self.works,
            current=self._current(record),
            ttl=self.ttl,
            renew_before=self.renew_before,
            fail_before=self.fail_before,
            previous=tuple(PreviousToken(i.id, i.expires_at, i.replaced_at, i.origin) for i in record.previous),
            retired=tuple(sorted(self.retired)),
            revoked=tuple(sorted(self.revoked)),
            delete_in_dcd=tuple(UndeletableToken(i.id, i.expires_at, i.since) for i in record.delete_in_dcd),
            orphans_deleted=tuple(sorted(self.orphans_deleted)),
            places=tuple(vault.facts() for vault in self.vaults),
            policy=None if self.policy is None else mint_policy(self.policy),
            handoff=self.handoff,
            inbox=self.inbox,
            offer=None if self.offer is None else offer_facts(self.offer),
            warnings=tuple(self.warnings),
        )

    def as_result(self) -> dict[str, Any]:
        """Return the entry of this token in the task's result."""
        return token_entry(self.facts())

    def publications(self) -> list[dict[str, Any]]:
        """Return what tasks of the user have yet to publish, as entries of the task's result."""
        return [
            publication_entry(self._publication(vault, vault.publishing, vault.to_publish))
            for vault in self.vaults
            if vault.publishing and vault.to_publish
        ]

    def _publication(self, vault: VaultOutcome, publishing: Publishing, what: Way) -> Publication:
        is_minted = not (self.predicted and self.action == "rotated")
        current = self.record.current if self.record and what == "publish" and is_minted else None
        return Publication(
            name=self.name,
            vault=vault.name,
            target=publishing.spot[1],
            place=shown(vault.place),
            replica=vault.replica,
            what=what,
            file=publishing.publish if what == "publish" else publishing.unpublish or "",
            token_id=current.id if current else vault.token_id,
            expires_at=current.expires_at if current else None,
        )

    def as_diff(self) -> dict[str, Any]:
        """Return what changed as ids, dates and fingerprints, in the form in which Ansible shows a diff."""
        return {
            "before_header": self.name,
            "after_header": self.name,
            "before": _diff_side(self.before),
            "after": {
                **_diff_side(self.record),
                "written": [vault.place for vault in self.vaults if vault.changed],
                "deleted": sorted([*self.retired, *self.revoked, *self.orphans_deleted]),
            },
        }

    def _current(self, record: Record) -> CurrentToken | None:
        current = record.current
        if current is None:
            return None
        return CurrentToken(
            id=current.id,
            created_at=current.created_at,
            expires_at=current.expires_at,
            fingerprint=current.fingerprint,
            remaining_seconds=None if self.now is None else max(0, current.expires_at - self.now),
            origin=current.origin,
            user_id=record.user_id,
            contract_number=None if record.contract_number is None else str(record.contract_number),
        )


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

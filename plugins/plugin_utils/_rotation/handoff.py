# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Handoff: when the next token needs a person, since neither the policy nor the API lets anybody else mint."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    HandoffOverdue,
    PersonNeeded,
    PolicyRefusal,
    TokenOpsError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import WITH_TWO_FACTOR
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.token_manager import DCD_URL, lifetime_to_choose
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.duties import handoff_steps
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import Handoff as HandoffFacts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


def needs_person(error: TokenOpsError, two_factor: str) -> bool:
    """Tell whether ``error``, met on the way to a mint, means that only a person can mint.

    :param two_factor: the account's state, as far as it is known or declared.
    """
    if isinstance(error, PersonNeeded):
        return True
    protected = two_factor in WITH_TWO_FACTOR
    if isinstance(error, ConfigurationError):
        return protected and error.code == "issuer_missing"
    return protected and isinstance(error, PolicyRefusal)


class Handoff:
    """Asks a person for the next token of one declared token."""

    def __init__(
        self,
        declared: DeclaredToken,
        run: Run,
        records: RecordKeeper,
        remote: RemoteTokens,
        outcome: Outcome,
    ) -> None:
        self._declared = declared
        self._clock = run.clock
        self._records = records
        self._remote = remote
        self._outcome = outcome

    def open(self, reason: str, why: TokenOpsError) -> None:
        """Report the handoff; it is an error once less than ``fail_before`` is left.

        :param reason: why the token is due.
        :param why: what keeps everybody but a person from minting.
        """
        outcome = self._outcome
        outcome.action = "handoff"
        outcome.reason = reason
        outcome.handoff = self._instructions(why)
        if self._declared.revoke or self._is_overdue():
            outcome.fail(
                HandoffOverdue(
                    "handoff_overdue", name=self._declared.name, left=self._left(), lifetime=self._lifetime()
                )
            )

    def _instructions(self, why: TokenOpsError) -> HandoffFacts:
        declared = self._declared
        expires_at = self._expires_at()
        return HandoffFacts(
            why=why.problem,
            deadline=expires_at,
            fails_from=None if expires_at is None else expires_at - declared.fail_before,
            token_manager=DCD_URL,
            lifetime=self._lifetime(),
            steps=handoff_steps(
                declared.name, declared.account.name, declared.ttl, self._outcome.inbox, self._to_revoke()
            ),
            delete_afterwards=(*(item.id for item in self._records.record.delete_in_dcd), *self._to_revoke()),
        )

    def _to_revoke(self) -> tuple[str, ...]:
        """Return the ids of the tokens that a person has to delete once the next one is there."""
        if not self._declared.revoke:
            return ()
        record = self._records.record
        return tuple(item.id for item in (record.current, *record.previous) if item is not None)

    def _lifetime(self) -> str:
        return lifetime_to_choose(self._declared.ttl)

    def _expires_at(self) -> int | None:
        current = self._records.record.current
        return current.expires_at if current is not None and self._remote.live is not None else None

    def _is_overdue(self) -> bool:
        expires_at = self._expires_at()
        return expires_at is None or expires_at - self._clock.now() < self._declared.fail_before

    def _left(self) -> str:
        expires_at = self._expires_at()
        if expires_at is None:
            return "no working token"
        return format_duration(max(0, expires_at - self._clock.now()))

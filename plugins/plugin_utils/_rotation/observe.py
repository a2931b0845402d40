# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observation: what the API says of the token in the vault of record, and whether that token is due."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import Probe
from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiError, ApiUnavailable, PolicyRefusal
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import (
    KnownToken,
    RenewalReason,
    Terms,
    exceeds_lifetime,
    renewal_reason,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.account import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


class TokenNotJudged(ApiUnavailable):
    """The API gave no trustworthy answer about a token that may still be good (R9).

    :ivar cause: what happened to the request.
    """

    def __init__(self, cause: str, **facts: object) -> None:
        super().__init__("token_not_judged", None, **facts)
        self._cause = cause

    @property
    def cause(self) -> str:
        """What happened to the request."""
        return self._cause


class Observation:
    """Asks about tokens and judges them by what is declared."""

    def __init__(
        self, declared: DeclaredToken, account: AccountAccess, run: Run, records: RecordKeeper, remote: RemoteTokens
    ) -> None:
        self._declared = declared
        self._account = account.account
        self._clock = run.clock
        self._records = records
        self._remote = remote

    def observe(self) -> Probe | None:
        """Ask the API about the token that the vault of record holds; None if it holds none.

        :raises TokenNotJudged: if there is no trustworthy answer and the token may still be good.
        """
        held = self._records.reading.token
        if held is None:
            self._ask_the_time()
            return None
        probe = self._remote.probe(held)
        if probe.state == "alive" and not self._records.holds_unmanaged_token:
            self._remote.live = held
        if probe.state == "unknown" and not self._has_run_out():
            raise self._not_judged(probe)
        return probe

    def reason_to_renew(self, token: Token | None, probe: Probe | None) -> RenewalReason | None:
        """Return why ``token`` has to be replaced, or None.

        :param probe: what the API says of it.
        """
        known = None if token is None or probe is None else self._known(token, probe)
        record = self._records.record
        terms = Terms(
            renew_before=self._declared.renew_before,
            user_id=self._account.user_id or record.user_id,
            contract_number=self._account.contract_number or record.contract_number,
            longest_lifetime=self._declared.ttl if self._declared.enforce_ttl else None,
        )
        return renewal_reason(known, terms, now=self._clock.now())

    def lives_longer_than_declared(self, probe: Probe | None) -> bool:
        """Tell whether a token outlives its ``ttl``; unless that is enforced, it is kept and reported (R17)."""
        entry = probe.entry if probe else None
        if entry is None:
            return False
        known = KnownToken("alive", created_at=entry.created_at, expires_at=entry.expires_at)
        return exceeds_lifetime(known, self._declared.ttl)

    def _known(self, token: Token, probe: Probe) -> KnownToken:
        """Return what is known of a token: by the API, by the token itself, or else by the record."""
        entry, current = probe.entry, self._records.record.current
        created_at, expires_at = token.issued_at, token.expires_at
        if entry is not None:
            created_at, expires_at = entry.created_at, entry.expires_at
        elif expires_at is None and current is not None:
            created_at, expires_at = current.created_at, current.expires_at
        return KnownToken(
            liveness=probe.state,
            created_at=created_at,
            expires_at=expires_at,
            user_id=token.user_id,
            contract_number=token.contract_number,
        )

    def _ask_the_time(self) -> None:
        """Get an answer of any status before a lease is judged, since the API's clock decides (R8)."""
        if self._records.record.intent is None or self._clock.is_confirmed:
            return
        for api in self._remote.managers():
            try:
                api.list_tokens()
            except (ApiError, PolicyRefusal):
                continue
            return

    def _has_run_out(self) -> bool:
        """Tell whether the token has expired by what was known before, so that an outage protects nothing (R9)."""
        current = self._records.record.current
        is_current = current is not None and not self._records.holds_unmanaged_token
        return is_current and current is not None and current.expires_at <= self._clock.now()

    def _not_judged(self, probe: Probe) -> TokenNotJudged:
        current = None if self._records.holds_unmanaged_token else self._records.record.current
        left = "unknown" if current is None else format_duration(max(0, current.expires_at - self._clock.now()))
        why = probe.error.problem if probe.error else ""
        cause = probe.error.cause if probe.error else ""
        return TokenNotJudged(cause, name=self._declared.name, left=left, why=why)

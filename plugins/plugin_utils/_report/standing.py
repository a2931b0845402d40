# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgement of a report: how each declared token and account stands at one moment, worst first.

Everything here is a pure function of the facts and of the moment, so that a report can be rendered again for any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import effective_renew_before
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result import (
    AccountFacts,
    PlaceFacts,
    TokenFacts,
)

Level = Literal["critical", "warning", "notice", "ok"]
Status = Literal[
    "no_working_token",
    "failed",
    "handoff_overdue",
    "handoff",
    "out_of_sync",
    "busy",
    "due",
    "working",
    "decommissioned",
]
PlaceState = Literal["in_sync", "out_of_sync", "to_be_written", "unknown"]
RenewedBy = Literal["automation", "person", "unknown"]

LEVELS: tuple[Level, ...] = ("critical", "warning", "notice", "ok")
LEVEL_OF_STATUS: dict[Status, Level] = {
    "no_working_token": "critical",
    "failed": "critical",
    "handoff_overdue": "critical",
    "handoff": "warning",
    "out_of_sync": "warning",
    "busy": "notice",
    "due": "notice",
    "working": "ok",
    "decommissioned": "ok",
}
"""Every status with its level, the worst first."""

_DEAD_REASONS = ("missing", "gone", "refused", "expired", "other_user", "other_contract")


@dataclass(frozen=True)
class Place:
    """A place of a token and how it stands."""

    facts: PlaceFacts
    state: PlaceState


@dataclass(frozen=True)
class TokenStanding:
    """A declared token and how it stands.

    :ivar renews_at: when its renewal window begins, in seconds since the epoch; None without a current token.
    :ivar fails_at: when runs begin to fail because a person has not acted; None without a current token.
    :ivar remaining: seconds of its life, zero once it is over; None without a current token.
    """

    facts: TokenFacts
    status: Status
    renewed_by: RenewedBy
    renews_at: int | None
    fails_at: int | None
    remaining: int | None
    places: tuple[Place, ...]

    @property
    def level(self) -> Level:
        """How bad it is."""
        return LEVEL_OF_STATUS[self.status]

    @property
    def expires_at(self) -> int | None:
        """When the current token expires, or None where there is none."""
        return self.facts.current.expires_at if self.facts.current else None


@dataclass(frozen=True)
class AccountStanding:
    """An account and how it stands."""

    facts: AccountFacts
    level: Level


@dataclass(frozen=True)
class Standing:
    """How everything stands at ``now``: tokens and accounts, each worst first."""

    now: int
    tokens: tuple[TokenStanding, ...]
    accounts: tuple[AccountStanding, ...]
    failure: str | None

    @property
    def level(self) -> Level:
        """The worst level of all."""
        if self.failure is not None:
            return "critical"
        levels = {token.level for token in self.tokens} | {account.level for account in self.accounts}
        return next((level for level in LEVELS if level in levels), "ok")

    def counts(self) -> dict[Level, int]:
        """Return how many tokens are at each level, the worst first."""
        counter = Counter(token.level for token in self.tokens)
        return {level: counter[level] for level in LEVELS}


def judge(
    tokens: Sequence[TokenFacts], accounts: Sequence[AccountFacts], now: int, failure: str | None = None
) -> Standing:
    """Return how everything stands.

    :param now: in seconds since the epoch.
    :param failure: what kept the run from looking at the tokens.
    """
    account_by_name = {account.name: account for account in accounts}
    judged = [_judge_token(token, account_by_name.get(token.account), now) for token in tokens]
    return Standing(
        now=now,
        tokens=tuple(sorted(judged, key=_badness)),
        accounts=tuple(
            sorted(
                (AccountStanding(account, _level_of_account(account)) for account in accounts),
                key=lambda account: (LEVELS.index(account.level), account.facts.name),
            )
        ),
        failure=failure,
    )


def _badness(token: TokenStanding) -> tuple[int, float, str]:
    never = float("inf")
    expires_at = never if token.expires_at is None else token.expires_at
    return (list(LEVEL_OF_STATUS).index(token.status), expires_at, token.facts.name)


def _judge_token(facts: TokenFacts, account: AccountFacts | None, now: int) -> TokenStanding:
    current = facts.current
    renews_at = None
    if current is not None:
        lifetime = current.expires_at - current.created_at
        renews_at = current.expires_at - effective_renew_before(facts.renew_before, lifetime)
    fails_at = None if current is None else current.expires_at - facts.fail_before
    renewed_by = _renewed_by(facts, account)
    gets_next = facts.predicted and facts.action in ("rotated", "adopted")
    places = tuple(Place(place, _state_of_place(place, gets_next=gets_next)) for place in facts.places)
    return TokenStanding(
        facts=facts,
        status=_status(facts, renewed_by, renews_at, fails_at, places, now),
        renewed_by=renewed_by,
        renews_at=renews_at,
        fails_at=fails_at,
        remaining=None if current is None else max(0, current.expires_at - now),
        places=places,
    )


def _renewed_by(facts: TokenFacts, account: AccountFacts | None) -> RenewedBy:
    if facts.handoff is not None or facts.action == "handoff":
        return "person"
    decision = account.policy.get("mint") if account else None
    if decision is None:
        return "unknown"
    return "automation" if decision.allowed else "person"


def _state_of_place(place: PlaceFacts, *, gets_next: bool) -> PlaceState:
    """Return the state of a place.

    :param gets_next: the next run writes a new token to all places, and they were not compared with the current one.
    """
    if place.in_sync is None:
        return "unknown"
    if place.in_sync:
        return "in_sync"
    return "to_be_written" if gets_next and place.message is None and place.foreign is None else "out_of_sync"


def _status(
    facts: TokenFacts,
    renewed_by: RenewedBy,
    renews_at: int | None,
    fails_at: int | None,
    places: Sequence[Place],
    now: int,
) -> Status:
    current = facts.current
    if facts.action == "retired" and facts.reason == "absent" and not facts.failed:
        return "decommissioned"
    is_working = current is not None and current.expires_at > now
    if facts.action == "handoff" and facts.reason in _DEAD_REASONS:
        return "no_working_token"
    if facts.action == "handoff" and set(facts.error_codes) <= {"handoff_overdue"}:
        return "handoff" if is_working and not (facts.failed or _has_come(fails_at, now)) else "handoff_overdue"
    if facts.failed and (is_working or current is None):
        # Without a current token it may be that only its vault could not be read.
        return "failed"
    is_to_be_rotated = facts.predicted and facts.action == "rotated"
    if not is_working or (is_to_be_rotated and facts.reason in _DEAD_REASONS):
        return "no_working_token"
    is_due = is_to_be_rotated or _has_come(renews_at, now)
    if is_due and renewed_by == "person":
        return "handoff_overdue" if _has_come(fails_at, now) else "handoff"
    if any(place.state == "out_of_sync" for place in places):
        return "out_of_sync"
    if facts.action == "busy":
        return "busy"
    return "due" if is_due else "working"


def _has_come(instant: int | None, now: int) -> bool:
    return instant is not None and instant <= now


def _level_of_account(account: AccountFacts) -> Level:
    quota = account.quota
    if quota is not None and quota.used >= quota.limit:
        return "critical"
    if account.message is not None or (quota is not None and quota.limit - quota.used <= quota.reserve):
        return "warning"
    decision = account.policy.get("mint")
    return "notice" if decision is not None and decision.severity != "ok" else "ok"

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of the model: which statuses, levels and duties there are, and what is known of a token and an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import AccountFacts, PlaceFacts, TokenFacts

Level = Literal["critical", "warning", "notice", "ok"]
Status = Literal[
    "no_working_token",
    "failed",
    "handoff_overdue",
    "handoff",
    "deletion_pending",
    "out_of_sync",
    "unreachable",
    "unanswered",
    "busy",
    "due",
    "working",
    "decommissioned",
]
PlaceState = Literal["in_sync", "out_of_sync", "unreachable", "to_be_written", "unknown"]
RenewedBy = Literal["automation", "person", "unknown"]
DutyKind = Literal["run", "no_working_token", "failure", "handoff", "vault", "deletion", "quota", "account"]
Actor = Literal["operator", "account_user", "automation"]
"""Who runs the automation, who signs in to the DCD as the account's user, or nobody: the next run does it."""

LEVELS: tuple[Level, ...] = ("critical", "warning", "notice", "ok")
LEVEL_OF_STATUS: dict[Status, Level] = {
    "no_working_token": "critical",
    "failed": "critical",
    "handoff_overdue": "critical",
    "handoff": "warning",
    "deletion_pending": "warning",
    "out_of_sync": "warning",
    "unreachable": "warning",
    "unanswered": "notice",
    "busy": "notice",
    "due": "notice",
    "working": "ok",
    "decommissioned": "ok",
}
"""Every status with its level, the worst first."""

STATUS_WORDS: dict[Status, str] = {
    "no_working_token": "No working token",
    "failed": "Failed",
    "handoff_overdue": "Person overdue",
    "handoff": "Person needed",
    "deletion_pending": "Deletion pending",
    "out_of_sync": "Out of sync",
    "unreachable": "Unreachable",
    "unanswered": "No answer",
    "busy": "At work",
    "due": "Due",
    "working": "Working",
    "decommissioned": "Decommissioned",
}


@dataclass(frozen=True)
class Duty:
    """Something that has to be done.

    :ivar token: name of the declared token that it is about, or None.
    :ivar account: name of the account that it is about, or None.
    :ivar sentence: what to do, or what is wrong.
    :ivar detail: more about it.
    :ivar due_at: until when, in seconds since the epoch; None for at once.
    :ivar fails_at: from when on runs fail because it has not been done, or None.
    """

    level: Level
    kind: DutyKind
    actor: Actor
    token: str | None
    account: str | None
    sentence: str
    detail: str | None = None
    due_at: int | None = None
    fails_at: int | None = None
    link: str | None = None
    steps: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return everything that it says but the steps."""
        return f"{self.sentence} {self.detail}" if self.detail else self.sentence

    @property
    def urgency(self) -> tuple[int, int, str, str]:
        """Return by what duties are sorted, the most urgent first."""
        return (LEVELS.index(self.level), self.due_at or 0, self.token or "", self.account or "")


@dataclass(frozen=True)
class Place:
    """A place of a token and its state."""

    facts: PlaceFacts
    state: PlaceState


@dataclass(frozen=True)
class TokenState:
    """A declared token at one moment.

    :ivar is_due: a new token has to be made by now.
    :ivar renews_at: when its renewal window begins, in seconds since the epoch; None without a current token, and for
        one that is declared absent.
    :ivar fails_at: when runs begin to fail because a person has not acted; None where ``renews_at`` is.
    :ivar remaining: seconds of its life, zero once it does not work; None if it is not known.
    :ivar life: how long it works and what comes next, as a sentence.
    :ivar duties: what has to be done for it, the most urgent first.
    """

    facts: TokenFacts
    status: Status
    renewed_by: RenewedBy
    is_due: bool
    renews_at: int | None
    fails_at: int | None
    remaining: int | None
    places: tuple[Place, ...]
    life: str = ""
    duties: tuple[Duty, ...] = ()

    @property
    def level(self) -> Level:
        """How bad it is."""
        return LEVEL_OF_STATUS[self.status]

    @property
    def expires_at(self) -> int | None:
        """When the current token expires, or None if there is none."""
        return self.facts.current.expires_at if self.facts.current else None

    @property
    def urgency(self) -> tuple[int, float, str]:
        """By what tokens are sorted: the worst level first, and within a level what ends first."""
        if self.status == "no_working_token" or (self.expires_at is None and self.level != "ok"):
            ends_at: float = 0
        else:
            ends_at = float("inf") if self.expires_at is None else self.expires_at
        return (LEVELS.index(self.level), ends_at, self.facts.name)

    @property
    def needs_person(self) -> bool:
        """Whether a person has to make the next token by now."""
        if self.facts.handoff is not None or self.status in ("handoff", "handoff_overdue"):
            return True
        return self.status == "no_working_token" and self.renewed_by == "person"


@dataclass(frozen=True)
class AccountState:
    """An account at one moment."""

    facts: AccountFacts
    level: Level
    duties: tuple[Duty, ...] = ()

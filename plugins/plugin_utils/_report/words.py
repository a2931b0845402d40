# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of a report for people: what its names of states mean, and times as one says them."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import EPOCH, LATEST
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.standing import (
    Level,
    PlaceState,
    Status,
    TokenStanding,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.todo import Actor
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result import PolicyDecision

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LEVEL_WORDS: dict[Level, str] = {
    "critical": "Critical",
    "warning": "Needs attention",
    "notice": "For information",
    "ok": "In order",
}
LEVEL_HEADLINES: dict[Level, str] = {
    "critical": "Somebody has to act now.",
    "warning": "Somebody has to act soon.",
    "notice": "Nobody has to act; something is under way.",
    "ok": "Everything is in order.",
}
STATUS_WORDS: dict[Status, str] = {
    "no_working_token": "No working token",
    "failed": "Failed",
    "handoff_overdue": "Person overdue",
    "handoff": "Person needed",
    "out_of_sync": "Out of sync",
    "busy": "At work",
    "due": "Due",
    "working": "Working",
    "decommissioned": "Decommissioned",
}
PLACE_WORDS: dict[PlaceState, str] = {
    "in_sync": "in sync",
    "out_of_sync": "out of sync",
    "to_be_written": "gets the next token",
    "unknown": "not looked at",
}
PLACE_LEVELS: dict[PlaceState, Level] = {
    "in_sync": "ok",
    "out_of_sync": "warning",
    "to_be_written": "notice",
    "unknown": "notice",
}
ACTOR_WORDS: dict[Actor, str] = {
    "operator": "Whoever runs the automation",
    "account_user": "The user of the account",
    "automation": "Nobody: the next run does it",
}
OPERATION_WORDS = {
    "bearer": "Using tokens",
    "mint": "Making tokens without a person",
    "delete": "Deleting tokens without a person",
    "basic": "Basic Authentication",
}
TWO_FACTOR_WORDS = {
    "disabled": "off",
    "configuring": "being set up",
    "enabled": "on",
    "forced": "obligatory",
    "unknown": "not known",
}

_REASON_WORDS = {
    "missing": "There is none yet.",
    "gone": "The API does not know it any more.",
    "refused": "The API refuses it.",
    "expired": "It has expired.",
    "other_user": "It is of another user than declared.",
    "other_contract": "It is bound to another contract than declared.",
}


def date_and_time(instant: int) -> str:
    """Return ``31 Mar 2026, 11:20 UTC`` for seconds since the epoch."""
    moment = EPOCH + timedelta(seconds=min(max(instant, 0), LATEST))
    return f"{moment.day} {moment:%b} {moment.year}, {moment:%H:%M} UTC"


def approximately(seconds: int) -> str:
    """Return a duration as one says it: in days from two days on, in hours from two hours on, else in minutes."""
    for unit, name in ((DAY, "day"), (HOUR, "hour")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}s"
    minutes = max(1, seconds // MINUTE)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"


def relative(instant: int, now: int) -> str:
    """Return ``in 3 days`` or ``3 days ago``."""
    if instant >= now:
        return f"in {approximately(instant - now)}"
    return f"{approximately(now - instant)} ago"


def explanation(token: TokenStanding, now: int) -> str:
    """Return a sentence or two on how a token stands and what happens next."""
    if token.status == "decommissioned":
        return "It is declared absent."
    return " ".join(part for part in (_life(token), _next(token, now)) if part)


def _life(token: TokenStanding) -> str:
    if token.status == "no_working_token":
        reason = token.facts.reason if token.facts.predicted else ""
        return _REASON_WORDS.get(reason, "It has expired." if token.facts.current else "There is none.")
    if not token.remaining:
        return ""
    return f"Works for another {approximately(token.remaining)}."


def _next(token: TokenStanding, now: int) -> str:
    if token.status in ("handoff", "handoff_overdue"):
        return "Only a person can make the next one."
    if token.renewed_by == "person":
        if token.renews_at is None or token.renews_at <= now:
            return "Only a person can make the next one."
        return f"A person has to make the next one, from {date_and_time(token.renews_at)} on."
    if token.status == "no_working_token":
        return "The next run tries to make a new one."
    if token.status == "due":
        return "The next run makes a new one."
    if token.renews_at is not None and token.renews_at > now:
        return f"Renews itself from {date_and_time(token.renews_at)} on."
    return ""


def answer(decision: PolicyDecision) -> str:
    """Return what the policy says of an operation, in a word or two."""
    if not decision.allowed:
        return "Not allowed"
    if decision.severity == "uncertain":
        return "Not certain"
    return f"Allowed until {decision.until}" if decision.until else "Allowed"


def answer_level(operation: str, decision: PolicyDecision) -> Level:
    """Return how bad what the policy says of an operation is; that Basic Authentication has ended hurts nobody."""
    if not decision.allowed:
        return "notice" if operation == "basic" else "warning"
    return "ok" if decision.severity == "ok" else "notice"

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of a report for people: what the names of levels, places and the policy's answers mean."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.undeclared import Age
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import PolicyDecision
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    Actor,
    Level,
    PlaceState,
    Status,
)

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
PLACE_WORDS: dict[PlaceState, str] = {
    "in_sync": "in sync",
    "out_of_sync": "out of sync",
    "unreachable": "unreachable",
    "to_be_written": "gets the next token",
    "unknown": "not looked at",
}
PLACE_LEVELS: dict[PlaceState, Level] = {
    "in_sync": "ok",
    "out_of_sync": "warning",
    "unreachable": "warning",
    "to_be_written": "notice",
    "unknown": "notice",
}
NO_END: dict[Status, str] = {
    "no_working_token": "none works",
    "decommissioned": "is gone",
}
"""What is said instead of an end where nothing is left that could end."""
AGE_WORDS: dict[Age, str] = {"old": "Old", "recent": "Recent", "expired": "Expired"}
AGE_LEVELS: dict[Age, Level] = {"old": "warning", "recent": "ok", "expired": "notice"}
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

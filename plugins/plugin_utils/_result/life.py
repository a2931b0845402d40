# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a token works and what comes next, as one sentence; and why something was done, each reason worded once."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import TokenFacts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import TokenState
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.status import is_declared_absent, works
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import date_and_time

_REASONS = {
    "missing": ("it", "missing"),
    "gone": ("it", "not known to the API any more"),
    "refused": ("it", "refused by the API"),
    "expired": ("it", "expired"),
    "other_user": ("it", "of another user than declared"),
    "other_contract": ("it", "bound to another contract than declared"),
    "renew_before": ("it", "in its renewal window"),
    "longer_than_ttl": ("it", "longer-lived than its declared ttl"),
    "found_in_vault": ("it", "found in the vault"),
    "offered": ("it", "offered"),
    "restored": ("it", "lost by the vault of record"),
    "moved": ("it", "declared in another vault of record before"),
    "replica_differed": ("a replica", "out of sync"),
    "overlap_over": ("the overlap of a previous token", "over"),
    "absent": ("it", "declared absent"),
    "renew_now": ("a new one", "asked for"),
    "revoke": ("it", "to be revoked"),
}
"""Every reason that the engine names, as subject and predicate."""


def reason_clause(facts: TokenFacts) -> str:
    """Return why something was done, or would be: ``it was refused by the API``; empty for no reason."""
    if facts.reason not in _REASONS:
        return facts.reason
    subject, predicate = _REASONS[facts.reason]
    is_lasting = facts.predicted or facts.action in ("kept", "failed", "handoff") or facts.reason == "absent"
    return f"{subject} {'is' if is_lasting else 'was'} {predicate}"


def life_of(state: TokenState, now: int) -> str:
    """Return how long a token works and what comes next.

    :param now: in seconds since the epoch.
    """
    parts = [part for part in (_present(state, now), _next(state, now)) if part]
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _present(state: TokenState, now: int) -> str:
    facts = state.facts
    if state.status == "no_working_token":
        return _why_none_works(facts, now)
    is_absent = is_declared_absent(facts)
    if facts.current is None and not is_absent:
        return "it is not known whether a token works"
    parts = ["it is declared absent"] if is_absent else []
    if works(facts, now) and state.remaining and state.expires_at is not None:
        working = f"works until {date_and_time(state.expires_at)}"
        is_confirmed = facts.works is not None or facts.cause is None
        parts.append(
            f"still {working}" if is_absent else f"{'' if is_confirmed else 'as far as is known '}it {working}"
        )
    return " and ".join(parts)


def _why_none_works(facts: TokenFacts, now: int) -> str:
    if facts.current is None:
        return "it is missing"
    if facts.current.expires_at <= now:
        return "it is expired"
    if facts.reason in ("gone", "refused"):
        _subject, predicate = _REASONS[facts.reason]
        return f"it is {predicate}"
    return "it does not work any more"


def _next(state: TokenState, now: int) -> str:
    facts = state.facts
    if is_declared_absent(facts):
        if not (facts.predicted and facts.action == "absent"):
            return ""
        return "the next run deletes it" if works(facts, now) else "the next run empties its vaults"
    if state.needs_person:
        return "only a person can make the next one"
    if state.status == "busy" or facts.action == "busy":
        return "another run is at work on it; if that was cancelled or killed, the first run after its lease takes over"
    if state.status == "no_working_token":
        return "the next run tries to make a new one"
    if state.status == "due":
        return "the next run makes a new one"
    if state.renews_at is None or state.renews_at <= now:
        return ""
    if state.renewed_by == "person":
        return f"a person has to make the next one, from {date_and_time(state.renews_at)} on"
    return f"it renews itself from {date_and_time(state.renews_at)} on"

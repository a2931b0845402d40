# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes of a run in a form that a person takes in at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Action, Outcome

SECONDS_SHOWN_FROM = 86400
"""Below this, what is left is shown to the minute; above, in days and hours."""

_ORDER: tuple[Action, ...] = ("failed", "handoff", "busy", "rotated", "adopted", "repaired", "retired", "kept")

_REASONS = {
    "missing": "there was none",
    "gone": "the API no longer knew the old one",
    "refused": "the API refused the old one",
    "expired": "the old one had expired",
    "other_user": "the old one was of another user",
    "other_contract": "the old one was bound to another contract",
    "renew_before": "the old one was in its renewal window",
    "longer_than_ttl": "it lives longer than its declared ttl",
    "found_in_vault": "it stood in the vault already",
    "offered": "it was offered",
    "restored": "the vault of record had lost it",
    "replica_differed": "a replica differed",
    "overlap_over": "the overlap of the previous token is over",
    "absent": "it is declared absent",
}


def summarize(outcomes: Sequence[Outcome]) -> list[str]:
    """Return one line a token, worst first, and a line that counts; no secret is in it."""
    ordered = sorted(outcomes, key=lambda outcome: (not outcome.failed, _ORDER.index(outcome.action), outcome.name))
    return [*(_line(outcome) for outcome in ordered), _totals(outcomes)]


def failure_message(outcomes: Sequence[Outcome]) -> str | None:
    """Return what failed, each with its remedy, or None where nothing did."""
    failed = [outcome for outcome in outcomes if outcome.failed]
    if not failed:
        return None
    count = f"{len(failed)} of {len(outcomes)} declared tokens need attention."
    return " ".join([count, *(f"[{outcome.name}] {outcome.message}" for outcome in failed)])


def _line(outcome: Outcome) -> str:
    state = "FAILED" if outcome.failed else outcome.action
    what = _REASONS.get(outcome.reason, outcome.reason)
    parts = [f"{outcome.name}: {state}" + (f" ({what})" if what else ""), _validity(outcome), _vaults(outcome)]
    return ", ".join(part for part in parts if part)


def _validity(outcome: Outcome) -> str:
    current = outcome.record.current if outcome.record else None
    if current is None or outcome.now is None:
        return ""
    left = max(0, current.expires_at - outcome.now)
    if left == 0:
        return f"expired since {format_instant(current.expires_at)}"
    return f"{_rough(left)} left until {format_instant(current.expires_at)}"


def _rough(seconds: int) -> str:
    unit = 3600 if seconds >= SECONDS_SHOWN_FROM else 60
    return format_duration(seconds - seconds % unit) if seconds >= unit else format_duration(seconds)


def _vaults(outcome: Outcome) -> str:
    out_of_sync = [vault.name for vault in outcome.vaults if vault.in_sync is False]
    return f"out of sync: {', '.join(out_of_sync)}" if out_of_sync else ""


def _totals(outcomes: Sequence[Outcome]) -> str:
    counts = Counter("failed" if outcome.failed else outcome.action for outcome in outcomes)
    parts = [f"{counts[action]} {action}" for action in _ORDER if counts[action]]
    return f"{len(outcomes)} declared: {', '.join(parts)}" if parts else "0 declared"

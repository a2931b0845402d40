# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of a run on the console: for each token its status, what was done, its life and its first duty."""

from __future__ import annotations

from collections import Counter

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.life import reason_clause
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    LEVEL_OF_STATUS,
    STATUS_WORDS,
    Status,
    TokenState,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import approximately

_DONE = ("rotated", "adopted", "repaired", "retired")
"""The actions that change something."""


def summarize(overview: Overview) -> list[str]:
    """Return one line per token, the worst first, and a line that counts."""
    return [*(_line(token) for token in overview.tokens), _totals(overview)]


def failure_message(overview: Overview) -> str | None:
    """Return what failed, each with its remedy, or None if nothing did."""
    failed = [token.facts for token in overview.tokens if token.facts.failed]
    if not failed:
        return None
    count = f"{len(failed)} of {len(overview.tokens)} declared tokens need attention."
    return " ".join([count, *(f"[{facts.name}] {facts.all_messages}" for facts in failed)])


def _line(token: TokenState) -> str:
    done = _done(token)
    left = f", {approximately(token.remaining)} left" if token.remaining and token.status != "no_working_token" else ""
    state = f"{token.facts.name}: {_word(token.status)}{left}{f' ({done})' if done else ''}."
    return " ".join([state, token.life, *(duty.text for duty in token.duties[:1])])


def _word(status: Status) -> str:
    word = STATUS_WORDS[status]
    return word.upper() if LEVEL_OF_STATUS[status] == "critical" else word.lower()


def _done(token: TokenState) -> str:
    facts = token.facts
    clause = "" if facts.reason == "absent" else reason_clause(facts)
    if facts.action not in _DONE:
        return clause if facts.action in ("kept", "busy") else ""
    action = f"would be {facts.action}" if facts.predicted else facts.action
    return f"{action}: {clause}" if clause else action


def _totals(overview: Overview) -> str:
    tokens = overview.tokens
    statuses = Counter(token.status for token in tokens)
    present = [status for status in LEVEL_OF_STATUS if statuses[status]]
    counts = ", ".join(f"{statuses[status]} {STATUS_WORDS[status].lower()}" for status in present)
    actions = Counter(token.facts.action for token in tokens if token.facts.action in _DONE)
    would_be = "would be " if any(token.facts.predicted for token in tokens) else ""
    done = ", ".join(f"{actions[action]} {would_be}{action}" for action in _DONE if actions[action])
    return f"{len(tokens)} declared" + (f": {counts}" if counts else "") + (f"; {done}" if done else "")

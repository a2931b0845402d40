# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of a run on the console: for each token its status, what was done, its life and its duties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.duties import kept_for_places, untaken_offer
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.duty_lines import duty_lines, numbered_steps
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.life import reason_clause
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    LEVEL_OF_STATUS,
    STATUS_WORDS,
    Level,
    Status,
    TokenState,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import approximately, date_and_time

_DONE = {
    "rotated": "rotated",
    "adopted": "adopted",
    "moved": "moved",
    "repaired": "repaired",
    "retired": "retired",
    "absent": "deleted",
}
"""The actions that change something, as one says that they were done."""

_INDENTATION = "  "
_MAXIMUM_NAMES = 10


def summarize(overview: Overview) -> list[str]:
    """Return for each token, the worst first, a line and under it what has to be done, and at the end the counts.

    Tokens of which the API said nothing for the same cause have one line together.
    """
    lines = [line for group in _groups(overview.tokens) for line in _lines(group)]
    return [*lines, _totals(overview)]


def failure_message(overview: Overview) -> str | None:
    """Return what failed, each with its remedy and what a person has to do, or None if nothing did."""
    failed = [token for token in overview.tokens if token.facts.failed]
    if not failed:
        return None
    count = f"{len(failed)} of {len(overview.tokens)} declared tokens need attention."
    return " ".join([count, *(_failure(group) for group in _groups(failed))])


def _groups(tokens: Sequence[TokenState]) -> Iterator[list[TokenState]]:
    """Yield the tokens that are told of together, in their order: those without an answer for the same cause."""
    groups: dict[tuple[Level, str | None, str], list[TokenState]] = {}
    for token in tokens:
        cause = token.facts.cause
        key = (token.level, cause, "" if cause else token.facts.name)
        groups.setdefault(key, []).append(token)
    yield from groups.values()


def _lines(group: Sequence[TokenState]) -> list[str]:
    if len(group) > 1:
        return [_outage(group)]
    [token] = group
    return [_line(token), *(f"{_INDENTATION}{line}" for duty in token.duties for line in duty_lines(duty))]


def _failure(group: Sequence[TokenState]) -> str:
    if len(group) > 1:
        return _outage(group)
    [token] = group
    steps = [line for duty in token.duties if duty.kind == "handoff" for line in numbered_steps(duty)]
    kept = kept_for_places(token.facts)
    return " ".join([f"[{token.facts.name}]", token.facts.all_messages, *([kept] if kept else []), *steps])


def _outage(group: Sequence[TokenState]) -> str:
    first = min(group, key=lambda token: (token.expires_at or 0, token.facts.name))
    ends = (
        "" if first.expires_at is None else f"; the first ends {date_and_time(first.expires_at)} ({first.facts.name})"
    )
    names = [token.facts.name for token in group]
    more = f" and {len(names) - _MAXIMUM_NAMES} more" if len(names) > _MAXIMUM_NAMES else ""
    is_late = group[0].level == "critical"
    advice = (
        "Look at the network, the proxy and the vendor's status page, and run again before that."
        if is_late
        else "The next run asks again."
    )
    return (
        f"{len(group)} tokens: {_word(group[0].status)}. The API does not answer: {first.facts.cause} As far as is "
        f"known all still work{ends}. {advice} They are {', '.join(names[:_MAXIMUM_NAMES])}{more}."
    )


def _line(token: TokenState) -> str:
    done = _done(token)
    is_over = token.status == "no_working_token" or token.facts.works is False
    left = f", {approximately(token.remaining)} left" if token.remaining and not is_over else ""
    state = f"{token.facts.name}: {_word(token.status)}{left}{f' ({done})' if done else ''}."
    # Where a person is needed, the handoff says what became of what was handed over.
    offer = "" if token.needs_person else untaken_offer(token.facts)
    return " ".join(
        text for text in (state, token.life, _mark(token), offer, _revoked(token), _published(token)) if text
    )


def _mark(token: TokenState) -> str:
    """Return why a new token lives a little shorter than declared."""
    facts = token.facts
    if facts.action != "rotated" or facts.predicted or facts.current is None:
        return ""
    short = facts.ttl - (facts.current.expires_at - facts.current.created_at)
    if short <= 0:
        return ""
    return f"Its life is {approximately(short)} shorter than its ttl: by that the API's list tells it from others."


def _revoked(token: TokenState) -> str:
    ids = ", ".join(token.facts.revoked)
    if not ids:
        return ""
    if token.facts.predicted:
        return f"Would be revoked: {ids}."
    return f"Revoked: {ids}; the API refuses {'it' if len(token.facts.revoked) == 1 else 'them'}."


def _published(token: TokenState) -> str:
    """Return where a token that is not there yet would be published; of others, the duties say it."""
    places = [place.facts for place in token.places if place.state == "to_be_written" and place.facts.to_publish]
    if not places:
        return ""
    return f"The new one would be published in {', '.join(place.place or place.vault for place in places)}."


def _word(status: Status) -> str:
    word = STATUS_WORDS[status]
    return word.upper() if LEVEL_OF_STATUS[status] == "critical" else word.lower()


def _done(token: TokenState) -> str:
    facts = token.facts
    clause = "" if facts.reason == "absent" else reason_clause(facts)
    if facts.action not in _DONE:
        return clause if facts.action in ("kept", "busy") else ""
    action = f"would be {_DONE[facts.action]}" if facts.predicted else _DONE[facts.action]
    return f"{action}: {clause}" if clause else action


def _totals(overview: Overview) -> str:
    tokens = overview.tokens
    statuses = Counter(token.status for token in tokens)
    present = [status for status in LEVEL_OF_STATUS if statuses[status]]
    counts = ", ".join(f"{statuses[status]} {STATUS_WORDS[status].lower()}" for status in present)
    actions = Counter(token.facts.action for token in tokens if token.facts.action in _DONE)
    would_be = "would be " if any(token.facts.predicted for token in tokens) else ""
    done = ", ".join(f"{actions[action]} {would_be}{word}" for action, word in _DONE.items() if actions[action])
    return f"{len(tokens)} declared" + (f": {counts}" if counts else "") + (f"; {done}" if done else "")

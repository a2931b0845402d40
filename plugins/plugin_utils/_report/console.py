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

    Tokens with the same trouble have one line together.
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
    """Yield the tokens that are told of together, in their order: those with the same trouble."""
    groups: dict[tuple[Level, Status | None, str, str], list[TokenState]] = {}
    for token in tokens:
        groups.setdefault(_kinship(token), []).append(token)
    yield from groups.values()


def _kinship(token: TokenState) -> tuple[Level, Status | None, str, str]:
    """Return what is equal for tokens that are told of together.

    A place in a vault that does not answer is named for one of them; the vault is what they have in common.
    """
    facts = token.facts
    if facts.cause is not None:
        return token.level, None, facts.cause, ""
    is_alone = not facts.failed or token.needs_person or facts.action in _DONE or facts.offer or facts.delete_in_dcd
    trouble = "" if is_alone else _trouble(token)
    return token.level, token.status, trouble, "" if trouble else facts.name


def _trouble(token: TokenState) -> str:
    trouble = token.facts.all_messages
    for place in token.facts.places:
        trouble = trouble.replace(place.place, place.vault) if place.place else trouble
    return trouble


def _lines(group: Sequence[TokenState]) -> list[str]:
    if len(group) > 1:
        return [_together(group)]
    [token] = group
    return [_line(token), *(f"{_INDENTATION}{line}" for duty in token.duties for line in duty_lines(duty))]


def _failure(group: Sequence[TokenState]) -> str:
    if len(group) > 1:
        return _together(group)
    [token] = group
    steps = [line for duty in token.duties if duty.kind == "handoff" for line in numbered_steps(duty)]
    kept = kept_for_places(token.facts)
    return " ".join([f"[{token.facts.name}]", token.facts.all_messages, *([kept] if kept else []), *steps])


def _together(group: Sequence[TokenState]) -> str:
    first = group[0]
    names = [token.facts.name for token in group]
    more = f" and {len(names) - _MAXIMUM_NAMES} more" if len(names) > _MAXIMUM_NAMES else ""
    is_outage = first.facts.cause is not None
    sentences = [
        f"{len(group)} tokens: {_word(first.status)}.",
        f"The API does not answer: {first.facts.cause}" if is_outage else _trouble(first),
        _first_end(group),
        _advice(first) if is_outage else "",
        f"They are {', '.join(names[:_MAXIMUM_NAMES])}{more}.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _advice(token: TokenState) -> str:
    if token.level == "critical":
        return "Look at the network, the proxy and the vendor's status page, and run again before that."
    return "The next run asks again."


def _first_end(group: Sequence[TokenState]) -> str:
    """Return until when all of them work, as far as that is known of each."""
    ends = [(token.expires_at, token.facts.name) for token in group if token.expires_at is not None]
    if group[0].status == "no_working_token" or len(ends) < len(group):
        return ""
    instant, name = min(ends)
    return f"As far as is known all still work; the first ends {date_and_time(instant)} ({name})."


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

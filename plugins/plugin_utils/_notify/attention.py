# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which declared tokens want a person's attention, and what of that is still to be told.

Everything here is a pure function: of the result of ``vaulted_tokens``, of what was told before, and of the time. A
state is told once, when it begins, and ``ok`` is told when another state is over. What counts is the state that was
told last, so a state that nobody has heard of is told in a later run, and one that came and went untold is not told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, shown
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result import (
    MAXIMUM_SENTENCES_LENGTH,
    PlaceFacts,
    TokenFacts,
    token_facts,
)

State = Literal["failed", "handoff_ending", "handoff", "out_of_sync", "ok"]
STATES: tuple[State, ...] = get_args(State)
"""The most urgent first; where several hold, the first of them is the state."""

_OVERDUE = "handoff_overdue"


@dataclass(frozen=True)
class Attention:
    """How a declared token stands after a run, or the run itself.

    :ivar account: None for the run itself.
    :ivar token: name of the declared token, None for the run itself.
    :ivar message: what is wrong and what to do, as sentences; empty for ``ok``.
    :ivar deadline: when the current token expires, in seconds since the epoch; only where a person has to replace it.
    :ivar steps: what a person has to do.
    """

    account: str | None
    token: str | None
    state: State
    message: str = ""
    deadline: int | None = None
    steps: tuple[str, ...] = ()
    error_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What a state is of, among everything that one state file remembers.

    :ivar source: which declaration it belongs to.
    :ivar token: name of the declared token, None for the run itself.
    """

    source: str
    token: str | None


@dataclass(frozen=True)
class Remembered:
    """What is remembered of a subject.

    :ivar state: as it was found last.
    :ivar since: when it was found for the first time, in seconds since the epoch.
    :ivar told: the state that was told last.
    """

    state: State
    since: int
    told: State


Memory = Mapping[Subject, Remembered]
"""A subject that is not in it is ``ok``, as far as anybody has been told."""


@dataclass(frozen=True)
class Event:
    """A state that is to be told."""

    subject: Subject
    attention: Attention
    previous_state: State
    since: int

    @property
    def id(self) -> str:
        """The same for every attempt to tell this, so that a receiver recognises a repetition."""
        subject = self.subject
        parts = [subject.source, subject.token, self.attention.state, self.since]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def attentions(tokens: Sequence[Mapping[str, Any]], failure: str | None) -> list[Attention]:
    """Return how everything stands; tokens that another run is at work on are left out.

    :param tokens: the list ``tokens`` of the result of ``vaulted_tokens``.
    :param failure: what kept that task from looking at the tokens.
    :raises ConfigurationError: ``report_input_invalid``, ``name_used_twice``.
    """
    of_the_run = Attention(
        account=None,
        token=None,
        state="failed" if failure else "ok",
        message=shown(failure, MAXIMUM_SENTENCES_LENGTH) if failure else "",
    )
    found = [of_the_run]
    names: set[str] = set()
    for number, entry in enumerate(tokens):
        facts = token_facts(entry, number)
        if facts.name in names:
            raise ConfigurationError("name_used_twice", where="tokens", name=facts.name)
        names.add(facts.name)
        state = _state(facts)
        if state is not None:
            found.append(_attention(facts, state, entry))
    return found


def observe(memory: Memory, source: str, found: Iterable[Attention], now: int) -> Memory:
    """Return the memory with the states that were found; what was not looked at stays as it was."""
    observed = dict(memory)
    for attention in found:
        subject = _subject(source, attention)
        before = observed.get(subject, Remembered(state="ok", since=now, told="ok"))
        since = before.since if attention.state == before.state else now
        observed[subject] = Remembered(state=attention.state, since=since, told=before.told)
    return _worth_remembering(observed)


def untold(memory: Memory, source: str, found: Iterable[Attention]) -> list[Event]:
    """Return what is to be told of the states that were found, the most urgent first.

    :param memory: as :func:`observe` returns it.
    """
    subjects = [(_subject(source, attention), attention) for attention in found]
    events = [
        Event(subject=subject, attention=attention, previous_state=known.told, since=known.since)
        for subject, attention in subjects
        if (known := memory.get(subject)) is not None and known.told != attention.state
    ]
    return sorted(events, key=lambda event: (STATES.index(event.attention.state), event.attention.token or ""))


def mark_told(memory: Memory, events: Iterable[Event]) -> Memory:
    """Return the memory once these events have been told."""
    marked = dict(memory)
    for event in events:
        marked[event.subject] = replace(marked[event.subject], told=event.attention.state)
    return _worth_remembering(marked)


def _worth_remembering(memory: Memory) -> Memory:
    return {subject: known for subject, known in memory.items() if (known.state, known.told) != ("ok", "ok")}


def _subject(source: str, attention: Attention) -> Subject:
    return Subject(source=source, token=attention.token)


def _state(facts: TokenFacts) -> State | None:
    """Return the state of a token, or None where another run is at work on it."""
    others = [code for code in facts.error_codes if code != _OVERDUE]
    # A replica's trouble is one error each; whatever goes beyond these is of the rotation itself.
    broken = [place for place in _out_of_sync(facts) if place.message]
    if facts.failed and (len(others) > len(broken) or not facts.error_codes):
        return "failed"
    if _OVERDUE in facts.error_codes:
        return "handoff_ending"
    if facts.action == "handoff":
        return "handoff"
    if _out_of_sync(facts):
        return "out_of_sync"
    return None if facts.action == "busy" else "ok"


def _out_of_sync(facts: TokenFacts) -> list[PlaceFacts]:
    """Return the replicas that stay out of sync; one that check mode would write does not."""
    return [place for place in facts.places if place.role == "replica" and place.in_sync is False and not place.changed]


def _attention(facts: TokenFacts, state: State, entry: Mapping[str, Any]) -> Attention:
    deadline = _deadline(entry)
    return Attention(
        account=facts.account,
        token=facts.name,
        state=state,
        message=_message(facts, state, deadline),
        deadline=deadline,
        steps=facts.handoff.steps if facts.handoff and state != "ok" else (),
        error_codes=facts.error_codes,
    )


def _deadline(entry: Mapping[str, Any]) -> int | None:
    handoff = entry.get("handoff")
    return parse_instant(handoff.get("deadline")) if isinstance(handoff, Mapping) else None


def _message(facts: TokenFacts, state: State, deadline: int | None) -> str:
    if state == "failed":
        return facts.message or "It failed."
    if state in {"handoff", "handoff_ending"}:
        return _handoff_message(facts, deadline)
    if state == "out_of_sync":
        return " ".join(_replica_message(place) for place in _out_of_sync(facts))
    return ""


def _handoff_message(facts: TokenFacts, deadline: int | None) -> str:
    if facts.handoff is None:
        ids = ", ".join(former.id for former in facts.delete_in_dcd)
        return f"The API will not delete these tokens; a person has to, in the Token Manager of the DCD: {ids}."
    until = "none that works is left" if deadline is None else f"the current one expires at {format_instant(deadline)}"
    return " ".join(part for part in (f"Only a person can create the next token; {until}.", facts.handoff.why) if part)


def _replica_message(place: PlaceFacts) -> str:
    if place.message:
        return place.message
    return f"{place.place} holds the token {place.foreign}, which no record knows; offer it, or remove it there."

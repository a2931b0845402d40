# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which declared tokens call for somebody, and which alerts are still to be delivered.

Pure functions of the result of ``vaulted_tokens``, of what was delivered before, and of the time. A state is delivered
once, when it begins, and ``ok`` once another state is over. What counts is the state that was delivered last: a state
that nobody has heard of is delivered by a later run, and one that came and went between two deliveries never is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, shown
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.duty_lines import duty_lines
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.judge import judge
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import Status, TokenState
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.schema import MAXIMUM_SENTENCES_LENGTH

State = Literal["failed", "handoff_ending", "handoff", "out_of_sync", "unreachable", "ok"]
STATES: tuple[State, ...] = get_args(State)
"""The public names of statuses, the most urgent first."""

_STATE_OF_STATUS: dict[Status, State] = {
    "no_working_token": "failed",
    "failed": "failed",
    "handoff_overdue": "handoff_ending",
    "handoff": "handoff",
    "deletion_pending": "handoff",
    "out_of_sync": "out_of_sync",
    "unreachable": "unreachable",
    "unanswered": "ok",
    "busy": "ok",
    "due": "ok",
    "working": "ok",
    "decommissioned": "ok",
}


@dataclass(frozen=True)
class Alert:
    """What there is to say of a declared token after a run, or of the run itself.

    :ivar account: None for the run itself.
    :ivar token: name of the declared token, None for the run itself.
    :ivar status: of the token, None for the run itself.
    :ivar message: what is wrong and what to do, as sentences; empty for ``ok``.
    :ivar deadline: when the current token expires, in seconds since the epoch; only if a person has to replace it.
    :ivar steps: what a person has to do.
    :ivar lines: all of that as lines to read: how long the token works, then each duty with its steps.
    :ivar urgency: of the token, by which a report sorts too; what concerns the run itself comes first.
    """

    account: str | None
    token: str | None
    state: State
    status: Status | None = None
    message: str = ""
    deadline: int | None = None
    steps: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    error_codes: tuple[str, ...] = ()
    urgency: tuple[int, float, str] = field(default=(0, 0, ""), compare=False)


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
    :ivar delivered: the state that was delivered last.
    """

    state: State
    since: int
    delivered: State


Memory = Mapping[Subject, Remembered]
"""A subject that is not in it is ``ok``, as far as anybody has been told."""


@dataclass(frozen=True)
class Event:
    """A state that is to be delivered."""

    subject: Subject
    alert: Alert
    previous_state: State
    since: int

    @property
    def id(self) -> str:
        """The same for every attempt to tell this, so that a receiver recognises a repetition."""
        subject = self.subject
        parts = [subject.source, subject.token, self.alert.state, self.since]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def alerts(tokens: Sequence[Mapping[str, Any]], failure: str | None, now: int) -> list[Alert]:
    """Return what there is to say of everything; tokens that another run is at work on are left out.

    :param tokens: the list ``tokens`` of the result of ``vaulted_tokens``.
    :param failure: what kept that task from looking at the tokens.
    :param now: in seconds since the epoch.
    :raises ConfigurationError: ``report_input_invalid``, ``name_used_twice``.
    """
    message = shown(failure, MAXIMUM_SENTENCES_LENGTH) if failure else ""
    of_the_run = Alert(
        account=None,
        token=None,
        state="failed" if failure else "ok",
        message=message,
        lines=(message,) if message else (),
    )
    found = [of_the_run]
    names: set[str] = set()
    for number, entry in enumerate(tokens):
        facts = token_facts(entry, number)
        if facts.name in names:
            raise ConfigurationError("name_used_twice", where="tokens", name=facts.name)
        names.add(facts.name)
        if facts.action != "busy" or facts.failed:
            found.append(_alert(judge(facts, None, now)))
    return found


def observe(memory: Memory, source: str, found: Iterable[Alert], now: int) -> Memory:
    """Return the memory with the states that were found; what was not looked at stays as it was."""
    observed = dict(memory)
    for alert in found:
        subject = _subject(source, alert)
        before = observed.get(subject, Remembered(state="ok", since=now, delivered="ok"))
        since = before.since if alert.state == before.state else now
        observed[subject] = Remembered(state=alert.state, since=since, delivered=before.delivered)
    return _worth_remembering(observed)


def pending(memory: Memory, source: str, found: Iterable[Alert]) -> list[Event]:
    """Return what is to be delivered of the states that were found, in the order of a report; what is over comes last.

    :param memory: as :func:`observe` returns it.
    """
    subjects = [(_subject(source, alert), alert) for alert in found]
    events = [
        Event(subject=subject, alert=alert, previous_state=known.delivered, since=known.since)
        for subject, alert in subjects
        if (known := memory.get(subject)) is not None and known.delivered != alert.state
    ]
    return sorted(events, key=_urgency)


def mark_delivered(memory: Memory, events: Iterable[Event]) -> Memory:
    """Return the memory once these events have been delivered."""
    marked = dict(memory)
    for event in events:
        marked[event.subject] = replace(marked[event.subject], delivered=event.alert.state)
    return _worth_remembering(marked)


def _urgency(event: Event) -> tuple[bool, int, float, int, str]:
    level, ends_at, _name = event.alert.urgency
    state = event.alert.state
    return (state == "ok", level, ends_at, STATES.index(state), event.alert.token or "")


def _worth_remembering(memory: Memory) -> Memory:
    return {subject: known for subject, known in memory.items() if (known.state, known.delivered) != ("ok", "ok")}


def _subject(source: str, alert: Alert) -> Subject:
    return Subject(source=source, token=alert.token)


def _alert_state(token: TokenState) -> State:
    """Return the public name of a token's status; ``ok`` if nobody has to be called, since the next run mends it."""
    if token.status == "no_working_token" and token.needs_person:
        return "handoff_ending"
    calls = any(duty.actor != "automation" for duty in token.duties)
    return _STATE_OF_STATUS[token.status] if calls else "ok"


def _alert(token: TokenState) -> Alert:
    facts = token.facts
    state = _alert_state(token)
    duties = [duty for duty in token.duties if duty.actor != "automation"] if state != "ok" else []
    return Alert(
        account=facts.account,
        token=facts.name,
        state=state,
        status=token.status,
        message=" ".join([*(duty.text for duty in duties), token.life]) if duties else "",
        deadline=next((duty.due_at for duty in duties if duty.kind == "handoff"), None),
        steps=next((duty.steps for duty in duties if duty.steps), ()),
        lines=(token.life, *(line for duty in duties for line in duty_lines(duty))) if duties else (),
        error_codes=facts.all_error_codes,
        urgency=token.urgency,
    )

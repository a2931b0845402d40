# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a webhook is sent: events as JSON, and the same as a text that a person reads in a chat or a mail."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import shown
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import Event, State

VERSION = 1
"""Goes up when a field is removed or means something else; new fields and states leave it as it is."""

COLLECTION = "tokenops.ionos"
BODY_FORMATS = ["generic", "slack", "mattermost"]
EVENTS_IN_A_BODY = 100

MAXIMUM_DETAILS_LENGTH = 5000
"""Characters of the text that are spent on details. Mattermost takes 16,383, in which each may need an escape."""

_RUN = "the run"
_MAXIMUM_MESSAGE_LENGTH = 600
_MAXIMUM_NAMES_LENGTH = 3000
_WORDS: dict[State, str] = {
    "failed": "FAILED",
    "handoff_ending": "A PERSON HAS TO ACT NOW",
    "handoff": "A PERSON HAS TO ACT",
    "out_of_sync": "OUT OF SYNC",
    "unreachable": "UNREACHABLE",
    "ok": "OK again",
}
_WORDS_FOR_PREVIOUS: dict[State, str] = {
    "failed": "The failure is over.",
    "handoff_ending": "Nobody has to act any more.",
    "handoff": "Nobody has to act any more.",
    "out_of_sync": "Its replicas are in sync.",
    "unreachable": "It can be reached again.",
    "ok": "",
}
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~<>])")
_ADDRESS = re.compile(r"(https://[A-Za-z0-9./_-]+)")


def event_fields(event: Event) -> dict[str, Any]:
    """Return an event in plain types, as in a body and in the task's result."""
    alert = event.alert
    return {
        "id": event.id,
        "source": event.subject.source,
        "account": alert.account,
        "token": alert.token,
        "state": alert.state,
        "status": alert.status,
        "previous_state": event.previous_state,
        "since": format_instant(event.since),
        "deadline": None if alert.deadline is None else format_instant(alert.deadline),
        "message": alert.message,
        "steps": list(alert.steps),
        "error_codes": list(alert.error_codes),
    }


def render_body(events: Sequence[Event], source: str, now: int, body_format: str) -> bytes:
    """Return what is sent, as JSON in UTF-8.

    Slack and Mattermost get the text alone: of other fields their documentation says nothing.

    :param now: in seconds since the epoch.
    :param body_format: one of :data:`BODY_FORMATS`.
    """
    text = notification_text(events, source)
    if body_format == "slack":
        return _json({"text": _escaped_for_slack(text)})
    if body_format == "mattermost":
        return _json({"text": _escaped_for_mattermost(text)})
    return _json(
        {
            "version": VERSION,
            "collection": COLLECTION,
            "source": source,
            "sent_at": format_instant(now),
            "text": text,
            "events": [event_fields(event) for event in events],
        }
    )


def notification_text(events: Sequence[Event], source: str) -> str:
    """Return the events as lines; if they are too many, the rest by name only. Empty without events."""
    if not events:
        return ""
    blocks: list[str] = []
    length = 0
    for event in events:
        block = _block(event)
        length += len(block)
        if length > MAXIMUM_DETAILS_LENGTH:
            break
        blocks.append(block)
    return "\n".join([_headline(events, source), *blocks, *_by_name(events[len(blocks) :])])


def _headline(events: Sequence[Event], source: str) -> str:
    over = sum(event.alert.state == "ok" for event in events)
    parts = [(len(events) - over, "in need of attention"), (over, "in order again")]
    counts = ", ".join(f"{count} {what}" for count, what in parts if count)
    return f"IONOS Cloud tokens ({source}): {counts}"


def _block(event: Event) -> str:
    alert = event.alert
    first, *others = alert.lines or (_WORDS_FOR_PREVIOUS[event.previous_state],)
    lines = [f"• {_name(event)}: {_WORDS[alert.state]}. {shown(first, _MAXIMUM_MESSAGE_LENGTH)}"]
    lines += [f"   {shown(line, _MAXIMUM_MESSAGE_LENGTH)}" for line in others]
    return "\n".join(lines).rstrip()


def _by_name(events: Sequence[Event]) -> list[str]:
    if not events:
        return []
    names = ", ".join(event.alert.token or _RUN for event in events)
    return [f"• and {len(events)} more: {shown(names, _MAXIMUM_NAMES_LENGTH)}"]


def _name(event: Event) -> str:
    token = event.alert.token
    return _RUN if token is None else f"{token} of account {event.alert.account}"


def _escaped_for_slack(text: str) -> str:
    """Escape what Slack's markup is made of, so that a name never becomes a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped_for_mattermost(text: str) -> str:
    """Escape what Markdown is made of, addresses aside, which are to become links."""
    return "".join(
        part if part.startswith("https://") else _MARKDOWN.sub(r"\\\1", part) for part in _ADDRESS.split(text)
    )


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()

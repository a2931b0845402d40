# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a webhook is sent: fields for programs, a text for people, and what chats need of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import Alert, Event, State, Subject
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.body import (
    EVENTS_IN_A_BODY,
    VERSION,
    notification_text,
    render_body,
)

NOW = 1_772_366_400
MATTERMOST_LIMIT = 16_383
SCHEMAS = Path(__file__).resolve().parents[5] / "docs" / "schemas"
SCHEMA: dict[str, Any] = json.loads((SCHEMAS / f"notification-{VERSION}.schema.json").read_text(encoding="utf-8"))


def event(state: State = "failed", *, token: str | None = "app", previous: State = "ok", **fields: Any) -> Event:
    account = None if token is None else "shop"
    return Event(
        subject=Subject(source="localhost", token=token),
        alert=Alert(account=account, token=token, state=state, **fields),
        previous_state=previous,
        since=NOW - 60,
    )


HANDOFF = event(
    "handoff",
    status="handoff",
    message="Only a person can create the next token.",
    lines=("Only a person can create the next token.", "1. Sign in to the DCD (https://dcd.ionos.com/latest/)."),
    deadline=NOW + 86400,
    steps=("Sign in to the DCD (https://dcd.ionos.com/latest/).", "Open Menu > Management > Token Manager."),
)


def body(events: Sequence[Event], body_format: str = "generic") -> dict[str, Any]:
    rendered: dict[str, Any] = json.loads(render_body(events, "localhost", NOW, body_format))
    return rendered


def test_the_body_holds_every_event_with_what_a_receiver_needs() -> None:
    sent = body([HANDOFF])
    assert {name: sent[name] for name in ("version", "collection", "source", "sent_at")} == {
        "version": 1,
        "collection": "tokenops.ionos",
        "source": "localhost",
        "sent_at": "2026-03-01T12:00:00Z",
    }
    assert sent["events"] == [
        {
            "id": HANDOFF.id,
            "source": "localhost",
            "account": "shop",
            "token": "app",
            "state": "handoff",
            "status": "handoff",
            "previous_state": "ok",
            "since": "2026-03-01T11:59:00Z",
            "deadline": "2026-03-02T12:00:00Z",
            "message": "Only a person can create the next token.",
            "steps": ["Sign in to the DCD (https://dcd.ionos.com/latest/).", "Open Menu > Management > Token Manager."],
            "error_codes": [],
        }
    ]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == f"urn:tokenops:ionos:notification:{VERSION}"
    assert SCHEMA["properties"]["events"]["maxItems"] == EVENTS_IN_A_BODY


@pytest.mark.parametrize("state", get_args(State))
def test_every_body_is_as_the_schema_says_with_no_field_beyond_it(state: State) -> None:
    sent = body([event(state, previous="handoff"), event(state, token=None), HANDOFF])
    assert [error.json_path for error in Draft202012Validator(SCHEMA).iter_errors(sent)] == []
    assert list(sent) == list(SCHEMA["properties"])
    assert {tuple(sent_event) for sent_event in sent["events"]} == {tuple(SCHEMA["$defs"]["event"]["properties"])}


def test_the_text_says_who_has_to_do_what() -> None:
    events = [event(token=None, lines=("The task lacks the option tokens.",)), HANDOFF, event("ok", previous="failed")]
    assert notification_text(events, "localhost").splitlines() == [
        "IONOS Cloud tokens (localhost): 2 in need of attention, 1 in order again",
        "• the run: FAILED. The task lacks the option tokens.",
        "• app of account shop: A PERSON HAS TO ACT. Only a person can create the next token.",
        "   1. Sign in to the DCD (https://dcd.ionos.com/latest/).",
        "• app of account shop: OK again. The failure is over.",
    ]


def test_without_events_there_is_no_text() -> None:
    assert notification_text([], "localhost") == ""


@pytest.mark.parametrize("body_format", ["slack", "mattermost"])
def test_a_chat_gets_a_text_and_nothing_else(body_format: str) -> None:
    assert list(body([HANDOFF], body_format)) == ["text"]


def test_slack_gets_no_mention_and_no_link_out_of_a_name() -> None:
    text = body([event(token="<!channel> & <https://example.com|x>")], "slack")["text"]
    assert "&lt;!channel&gt; &amp; &lt;https://example.com|x&gt;" in text


def test_mattermost_gets_no_markdown_out_of_a_name_and_addresses_as_they_are() -> None:
    text = body([event(token="a_b*c`[x](y)"), HANDOFF], "mattermost")["text"]
    assert r"a\_b\*c\`\[x\](y)" in text
    assert "(https://dcd.ionos.com/latest/)" in text


@pytest.mark.parametrize("body_format", ["generic", "slack", "mattermost"])
def test_a_full_body_is_no_longer_than_a_chat_takes_and_names_every_token(body_format: str) -> None:
    events = [
        event(token=f"token_{number:03}", lines=("*" * 5000, *("_" * 5000,) * 4)) for number in range(EVENTS_IN_A_BODY)
    ]
    text = body(events, body_format)["text"]
    assert len(text) < MATTERMOST_LIMIT
    names = text.replace("\\", "")
    assert [number for number in range(EVENTS_IN_A_BODY) if f"token_{number:03}" not in names] == []

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of ``rotation_notify`` and what the action returns say the same; which options are secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.modules import rotation_notify
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import STATES, Alert, Event, Subject
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.options import NOTIFY_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.task import NotifyOutcome
from support.plugin_documentation import (
    documented_results,
    keys_of,
    leaves,
    wrongly_typed,
)

SECRETS = {"webhook.headers", "webhook.url"}
OF_ANSIBLE = {"changed", "failed", "msg"}
SPECIFIED = dict(leaves(NOTIFY_OPTIONS, "options"))
RETURNED = documented_results(rotation_notify)


def test_secrets_and_nothing_else_are_marked_as_secret() -> None:
    assert {path for path, option in SPECIFIED.items() if option.get("no_log")} == SECRETS


@pytest.fixture
def result() -> dict[str, Any]:
    """A result in which everything that can be returned is."""
    alert = Alert("shop", "app", "failed", "failed", "It failed.", 1_772_366_400, ("Look.",), ("issuer_missing",))
    event = Event(Subject("localhost", "app"), alert, "ok", 1_772_366_400)
    error = TokenOpsError("webhook_refused", webhook="https://hooks.example.com", status=500)
    outcome = NotifyOutcome("localhost", delivered=[event], pending=[event], not_delivered=error, not_noted=error)
    return {name: value for name, value in outcome.as_result().items() if name not in OF_ANSIBLE}


def test_the_same_keys_are_documented_and_returned(result: dict[str, Any]) -> None:
    assert sorted(keys_of([result])) == sorted(path for path, _value in leaves(RETURNED, "contains"))


def test_every_value_is_of_the_type_that_is_documented(result: dict[str, Any]) -> None:
    assert list(wrongly_typed(RETURNED, [result])) == []


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_documented(state: str) -> None:
    assert f"V({state})" in rotation_notify.DOCUMENTATION
    assert f"V({state})" in RETURNED["told"]["contains"]["state"]["description"]

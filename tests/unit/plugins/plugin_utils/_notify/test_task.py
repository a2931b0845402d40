# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``rotation_notify`` from run to run: at least once, once a state, whatever the webhook does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Answer, TransportError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.body import EVENTS_IN_A_BODY
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.options import NOTIFY_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.state import NotificationStateError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.task import (
    NotifyEffects,
    Surroundings,
    TextPlace,
    notify,
)
from support.report_entries import current

WEBHOOK = {"url": "https://hooks.example.com/services/canary"}
START = 1_772_366_400
RESULTS: dict[str, dict[str, Any]] = {
    "ok": {"action": "kept", "failed": False},
    "busy": {"action": "busy", "failed": False},
    "handoff": {"action": "handoff", "failed": False},
    "handoff_ending": {"action": "handoff", "failed": True, "error_codes": ["handoff_overdue"]},
    "failed": {"action": "failed", "failed": True, "error_codes": ["issuer_missing"], "message": "It failed."},
}


class FakeWebhook:
    """Stands for the transport; keeps the bodies that it accepted.

    :ivar answer: gives the status of an answer, or raises; called with the body.
    """

    def __init__(self) -> None:
        self.answer: Callable[[bytes], int] = lambda body: 200
        self.accepted: list[dict[str, Any]] = []
        self.attempts = 0

    def send(self, method: str, url: str, auth: Any, headers: Mapping[str, str], **how: Any) -> Answer:
        self.attempts += 1
        status = self.answer(how["body"])
        if status == 200:
            self.accepted.append(json.loads(how["body"]))
        return Answer(status, None, None, "text/plain", b"")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.accepted for event in body["events"]]


class Runs:
    """Runs of the task on one controller, a day apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.webhook = FakeWebhook()
        self.now = START

    def run(
        self,
        states: Mapping[str, str],
        *,
        check_mode: bool = False,
        state_place: TextPlace | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Run with tokens in these states; arguments of None are left out."""
        self.now += 86400
        tokens = [
            {"name": name, "account": "shop", "token": current(40, 3650), **RESULTS[state]}
            for name, state in states.items()
        ]
        given = {"tokens": tokens, "webhook": WEBHOOK, "state_file": "state.json", **arguments}
        surroundings = Surroundings(
            host="localhost",
            base_directory=str(self.folder),
            ansible_home=str(self.folder / "home"),
            state_place=state_place,
        )
        effects = NotifyEffects(
            wall_clock=lambda: self.now,
            new_transport=lambda options: cast(Any, self.webhook),
            sleep=lambda seconds: None,
        )
        return notify(check_arguments(NOTIFY_OPTIONS, given), surroundings, effects, check_mode=check_mode).as_result()

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    def told(self, name: str) -> list[str]:
        return [event["state"] for event in self.webhook.events if event["token"] == name]


class TextInVault:
    """A text in a vault with check-and-set.

    :ivar interlude: happens before the next write.
    """

    def __init__(self) -> None:
        self.text: str | None = None
        self.version = 0
        self.interlude: Callable[[], object] = lambda: None
        self.error: VaultError | None = None

    def describe(self) -> str:
        return "bao (secret/ionos/notifications, key notification_state)"

    def read_text(self) -> tuple[str | None, int]:
        if self.error is not None:
            raise self.error
        return self.text, self.version

    def write_text(self, text: str, expected_version: int) -> int:
        interlude, self.interlude = self.interlude, lambda: None
        interlude()
        if expected_version != self.version:
            raise VaultConflict("vault_changed_meanwhile", where=self.describe())
        self.text = text
        self.version += 1
        return self.version


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_in_a_vault_a_state_is_told_once_too_and_no_file_is_written(runs: Runs) -> None:
    place = TextInVault()
    for state in ("ok", "failed", "failed", "ok", "ok"):
        runs.run({"app": state}, state_place=place)
    assert runs.told("app") == ["failed", "ok"]
    assert (runs.state_file.exists(), (runs.folder / "home").exists()) == (False, False)


def test_where_nothing_is_new_the_vault_is_only_read(runs: Runs) -> None:
    place = TextInVault()
    runs.run({"app": "failed"}, state_place=place)
    version = place.version
    runs.run({"app": "failed"}, state_place=place)
    assert place.version == version


def test_what_another_run_has_noted_meanwhile_is_kept(runs: Runs) -> None:
    place = TextInVault()
    place.interlude = lambda: runs.run({"dns": "failed"}, state_place=place, source="another")
    runs.run({"app": "failed"}, state_place=place)
    assert (runs.told("app"), runs.told("dns")) == (["failed"], ["failed"])
    assert place.text is not None
    assert {entry["token"] for entry in json.loads(place.text)["subjects"]} == {"app", "dns"}


def test_what_two_runs_tell_at_once_is_noted_by_both(runs: Runs) -> None:
    place = TextInVault()

    def answer(body: bytes) -> int:
        runs.webhook.answer = lambda body: 200
        runs.run({"dns": "failed"}, state_place=place, source="another")
        return 200

    runs.webhook.answer = answer
    assert runs.run({"app": "failed"}, state_place=place).get("failed") is None
    runs.run({"app": "failed"}, state_place=place)
    assert (runs.told("app"), runs.told("dns")) == (["failed"], ["failed"])


def test_a_vault_that_does_not_answer_fails_the_task_before_anybody_is_told(runs: Runs) -> None:
    place = TextInVault()
    place.error = VaultUnavailable("vault_sealed", where=place.describe())
    with pytest.raises(NotificationStateError, match="What was told before is not known"):
        runs.run({"app": "failed"}, state_place=place)
    assert runs.webhook.attempts == 0


@pytest.mark.parametrize("text", ["", "eyJhbGciOi", "{}", "[]"])
def test_what_stands_in_the_vault_and_is_not_ours_is_left_alone(runs: Runs, text: str) -> None:
    place = TextInVault()
    place.text = text
    with pytest.raises(NotificationStateError):
        runs.run({"app": "failed"}, state_place=place)
    assert (place.text, runs.webhook.attempts) == (text, 0)


def down(body: bytes) -> int:
    raise TransportError("refused", sent=False)


def test_a_state_is_told_once_and_once_more_when_it_is_over(runs: Runs) -> None:
    results = [runs.run({"app": state}) for state in ("ok", "failed", "failed", "ok", "ok")]
    assert runs.told("app") == ["failed", "ok"]
    assert [result["changed"] for result in results] == [False, True, False, True, False]
    assert results[1]["told"] == runs.webhook.accepted[0]["events"]
    assert results[1]["text"] == runs.webhook.accepted[0]["text"]


def test_where_nothing_is_new_the_webhook_is_left_alone_and_no_file_is_written(runs: Runs) -> None:
    runs.run({"app": "ok"})
    assert (runs.webhook.attempts, runs.state_file.exists()) == (0, False)


def test_a_webhook_that_was_down_is_told_in_the_next_run(runs: Runs) -> None:
    runs.webhook.answer = down
    missed = runs.run({"app": "failed"})
    assert (missed["changed"], missed["told"], missed.get("failed")) == (False, [], None)
    assert missed["delivery_error"].startswith("The webhook at https://hooks.example.com was not told:")
    assert missed["delivery_error_code"] == "webhook_unreachable"
    runs.webhook.answer = lambda body: 200
    told = runs.run({"app": "failed"})
    assert (told["told"], told["pending"], told["delivery_error"]) == (missed["pending"], [], None)
    assert runs.told("app") == ["failed"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(RESULTS)), st.sampled_from([200, 500, None])), max_size=12))
def test_over_any_runs_and_failures_every_state_is_told_exactly_once(sequence: list[tuple[str, int | None]]) -> None:
    def answer(body: bytes) -> int:
        return down(body) if status is None else status

    with TemporaryDirectory() as folder:
        runs = Runs(Path(folder))
        runs.webhook.answer = answer
        for state, status in sequence:
            runs.run({"app": state})
            told = ["ok", *runs.told("app")]
            assert all(one != other for one, other in pairwise(told))
            if status == 200 and state != "busy":
                assert told[-1] == state


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_a_run_that_is_ended_while_it_tells_is_taken_up_with_the_same_event(
    runs: Runs, interruption: type[BaseException]
) -> None:
    heard = []

    def answer(body: bytes) -> int:
        heard.append(json.loads(body)["events"])
        raise interruption

    runs.webhook.answer = answer
    with pytest.raises(interruption):
        runs.run({"app": "failed"})
    runs.webhook.answer = lambda body: 200
    assert runs.run({"app": "failed"})["told"] == heard[0]


def test_what_was_told_and_could_not_be_noted_is_a_failure_and_told_again(runs: Runs) -> None:
    def answer(body: bytes) -> int:
        runs.state_file.touch()
        return 200

    runs.webhook.answer = answer
    result = runs.run({"app": "failed"})
    assert (result["failed"], result["error_code"]) == (True, "notification_state_unusable")
    assert [event["token"] for event in result["told"]] == ["app"]
    runs.webhook.answer = lambda body: 200
    assert runs.run({"app": "failed"})["told"] == result["told"]


def test_many_events_go_in_several_bodies_and_the_rest_waits_for_the_next_run(runs: Runs) -> None:
    states = {f"token-{number:03}": "failed" for number in range(2 * EVENTS_IN_A_BODY + 50)}
    runs.webhook.answer = lambda body: 200 if not runs.webhook.accepted else 429
    first = runs.run(states)
    assert (len(first["told"]), len(first["pending"])) == (EVENTS_IN_A_BODY, EVENTS_IN_A_BODY + 50)
    assert (runs.webhook.attempts, first["delivery_error_code"]) == (2, "webhook_refused")
    runs.webhook.answer = lambda body: 200
    second = runs.run(states)
    assert second["told"] == first["pending"]
    assert len({event["id"] for event in runs.webhook.events}) == len(states) == len(runs.webhook.events)


def test_without_a_webhook_the_result_is_what_tells(runs: Runs) -> None:
    results = [runs.run({"app": state}, webhook=None) for state in ("failed", "failed", "ok")]
    assert [[event["state"] for event in result["told"]] for result in results] == [["failed"], [], ["ok"]]
    assert runs.webhook.attempts == 0


def test_check_mode_says_what_would_be_told_and_touches_nothing(runs: Runs) -> None:
    result = runs.run({"app": "failed"}, check_mode=True)
    assert (result["changed"], [event["token"] for event in result["told"]]) == (True, ["app"])
    assert (runs.webhook.attempts, list(runs.folder.iterdir())) == (0, [])


def test_a_run_that_failed_before_it_looked_at_tokens_leaves_their_states_as_they_were(runs: Runs) -> None:
    runs.run({"app": "handoff"})
    runs.run({}, failure="The task lacks the option tokens.")
    runs.run({"app": "handoff"})
    told = [(event["token"], event["state"]) for event in runs.webhook.events]
    assert told == [("app", "handoff"), (None, "failed"), (None, "ok")]


def test_a_damaged_state_file_keeps_everything_from_being_told(runs: Runs) -> None:
    runs.state_file.write_text("{")
    with pytest.raises(NotificationStateError):
        runs.run({"app": "failed"})
    assert (runs.webhook.attempts, runs.state_file.read_text()) == (0, "{")


def test_a_webhook_that_cannot_be_used_is_found_before_anything_is_written(runs: Runs) -> None:
    with pytest.raises(ConfigurationError):
        runs.run({"app": "failed"}, webhook={"url": "hooks.example.com"})
    assert not runs.state_file.exists()


def test_the_default_file_is_one_for_each_source_in_ansibles_home(runs: Runs) -> None:
    runs.run({"app": "failed"}, state_file=None)
    runs.run({"app": "failed"}, state_file=None, source="shop/../../prod")
    names = sorted(str(path.relative_to(runs.folder)) for path in runs.folder.rglob("*.json"))
    assert names == [
        "home/tokenops.ionos/notifications/source-localhost.json",
        "home/tokenops.ionos/notifications/source-shop_.._.._prod.json",
    ]


def test_sources_that_share_a_file_do_not_mix(runs: Runs) -> None:
    runs.run({"app": "failed"}, source="shop")
    assert runs.run({"app": "ok"}, source="bank")["told"] == []
    assert runs.run({"app": "failed"}, source="shop")["told"] == []


def test_a_chat_is_sent_its_own_body(runs: Runs) -> None:
    runs.run({"app": "failed"}, webhook={**WEBHOOK, "body_format": "slack"})
    assert list(runs.webhook.accepted[0]) == ["text"]

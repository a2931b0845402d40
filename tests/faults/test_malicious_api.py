# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API that means harm: whatever it answers, nothing foreign is deleted and no vault gets what does not work."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from emulator import Emulator
from emulator.clock import format_instant
from emulator.core import Delivery, Exchange
from emulator.messages import Answer, json_answer
from emulator.users import User
from support.scenes import DAY, PATH, REPLICA, Scene, recovery, retirement, rotation

ELSEWHERE = "https://elsewhere.example.com/auth/v1/tokens/stolen"
MARK = "words-of-the-malicious-api"
MOST_REQUESTS = 120
MOST_SECONDS = 15 * 60

Tamper = Callable[[Exchange, Answer], Answer]


@dataclass
class Attack:
    """A world in which something is due, and an API that has begun to mean harm.

    :ivar protected: the ids of all tokens that are none of this collection's, of whichever user.
    :ivar strangers_value: the token of another user.
    :ivar values: every token that must not be shown.
    """

    scene: Scene
    user: User
    stranger: User
    strangers_value: str
    tools_value: str
    protected: set[str] = field(default_factory=set)
    values: list[str] = field(default_factory=list)

    @property
    def emulator(self) -> Emulator:
        return self.scene.world.emulator

    @classmethod
    def on(cls, scene: Scene) -> Attack:
        emulator = scene.world.emulator
        user = emulator.state.users.all()[0]
        stranger = emulator.add_user("bob@example.com", "battery staple")
        strangers, strangers_value = emulator.mint(stranger)
        tools, tools_value = emulator.mint(user, ttl=30 * DAY - 2000)
        scene.foreign_ids.add(tools.id)
        protected = scene.foreign_ids | {strangers.id}
        values = [scene.issuer, strangers_value, tools_value]
        return cls(scene, user, stranger, strangers_value, tools_value, protected, values)

    def always(self, kind: str, operation: str = "any", **options: Any) -> None:
        """Let a fault hit every request."""
        self.emulator.faults.add(kind, operation, count=None, **options)

    def tamper(self, change: Tamper) -> None:
        """Let every answer that the API would give be changed."""
        complete = self.emulator.complete

        def tampered(exchange: Exchange) -> Delivery:
            delivery = complete(exchange)
            return replace(delivery, answer=change(exchange, delivery.answer))

        self.emulator.complete = tampered  # type: ignore[method-assign]

    def run(self) -> Outcome:
        outcome: Outcome = self.scene.run()
        return outcome

    def existing(self) -> set[str]:
        return {token.id for token in self.emulator.tokens()}

    def existing_of_user(self) -> set[str]:
        return {token.id for token in self.emulator.tokens(self.user)}

    def works(self, path: str) -> bool:
        """Tell whether a place holds a working token of the user."""
        held, now = self.scene.world.held(path), self.emulator.clock.now()
        return any(token.id == held and not token.expired(now) for token in self.emulator.tokens(self.user))


def operation_of(exchange: Exchange) -> str:
    return exchange.call.operation if exchange.call else ""


def handed_out(value: str) -> Tamper:
    """Return what lets generate hand out a token that there was before."""

    def change(exchange: Exchange, answer: Answer) -> Answer:
        return json_answer({"token": value}) if operation_of(exchange) == "generate" else answer

    return change


def current_value(attack: Attack) -> str:
    token = attack.scene.world.store.reading(PATH).token
    assert token is not None
    return token.value


def listing(*entries: dict[str, Any]) -> str:
    return json.dumps({"tokens": list(entries)}, separators=(",", ":"))


def listed_by_thousands(attack: Attack, count: int) -> str:
    now = format_instant(attack.emulator.clock.now())
    end = format_instant(attack.emulator.clock.now() + timedelta(days=30))
    ids = (str(uuid.UUID(int=number)) for number in range(count))
    return listing(*({"id": token_id, "createdDate": now, "expirationDate": end} for token_id in ids))


def list_strangers_for_ours(attack: Attack) -> None:
    """Whatever lifetime was asked for, every token that is none of ours seems to have it, and to be new."""
    asked: list[int] = [record.intent.ttl for record in [attack.scene.world.record(PATH)] if record.intent]

    def change(exchange: Exchange, answer: Answer) -> Answer:
        if operation_of(exchange) == "generate":
            asked.append(int(exchange.request.target.rpartition("ttl=")[2]))
            return Answer(500, b"")
        if operation_of(exchange) != "list" or not asked:
            return answer
        now = attack.emulator.clock.now()
        dates = {
            "createdDate": format_instant(now),
            "expirationDate": format_instant(now + timedelta(seconds=asked[-1])),
        }
        return json_answer({"tokens": [{"id": token_id, **dates} for token_id in sorted(attack.protected)]})

    attack.tamper(change)


def hide_every_token(exchange: Exchange, answer: Answer) -> Answer:
    return json_answer({"tokens": []}) if operation_of(exchange) == "list" else answer


def answer_for_another(attack: Attack) -> None:
    [other] = [token.id for token in attack.emulator.tokens(attack.stranger)]
    attack.always("replaced_fields", "get", fields={"id": other})


def with_fields(**fields: Any) -> Callable[[Attack], None]:
    return lambda attack: attack.always("replaced_fields", fields=fields)


def with_date(value: str) -> Callable[[Attack], None]:
    return lambda attack: attack.always("date_header", value=value)


def with_clock_off(**parts: float) -> Callable[[Attack], None]:
    def begin(attack: Attack) -> None:
        attack.emulator.clock.date_header_skew = timedelta(**parts)

    return begin


def with_body(body: str, operation: str = "any") -> Callable[[Attack], None]:
    return lambda attack: attack.always("body", operation, body=body)


MALICES: dict[str, Callable[[Attack], None]] = {
    **{
        f"redirects with {status}": lambda attack, status=status: attack.always(
            "redirect", location=ELSEWHERE, status=status
        )
        for status in (301, 302, 303, 307, 308)
    },
    "sends a body without an end": lambda attack: attack.always("endless_body"),
    "announces a body of 10 GB": lambda attack: attack.always("endless_body", declared_bytes=10 * 1000**3),
    "nests without an end": with_body("[" * 200_000),
    "sends a number without an end": with_body('{"tokens": ' + "9" * 200_000 + "}"),
    "sends no number": with_body('{"tokens": NaN, "token": Infinity}'),
    "sends half a surrogate": with_body('{"token": "\\ud800", "tokens": [{"id": "\\ud800"}]}'),
    "hands out another user's new token": lambda attack: attack.always("foreign_token", "generate"),
    "hands out another user's token": lambda attack: attack.tamper(handed_out(attack.strangers_value)),
    "hands out the issuer": lambda attack: attack.tamper(handed_out(attack.scene.issuer)),
    "hands out another tool's token": lambda attack: attack.tamper(handed_out(attack.tools_value)),
    "hands out the current token": lambda attack: attack.tamper(handed_out(current_value(attack))),
    "gives a new token the current one's id": lambda attack: attack.always(
        "replaced_fields", "generate", fields={"id": attack.scene.world.held(PATH)}
    ),
    "gives a new token the issuer's id": lambda attack: attack.always(
        "replaced_fields", "generate", fields={"id": parse_token(attack.scene.issuer, "the issuer").id}
    ),
    "names a path as an id": with_fields(id="../../cloudapi/v6/um/users"),
    "names a path behind an id": with_fields(id=f"{uuid.UUID(int=7)}/../../{MARK}"),
    "names an id with a line break": with_fields(id=f"{uuid.UUID(int=7)}\r\nX-Contract-Number: 1\r\n{MARK}"),
    "names an id that is a number": with_fields(id=7),
    "lets tokens end in the year 9999": with_fields(expirationDate="9999-12-31T23:59:59Z"),
    "lets tokens begin in the year 9999": with_fields(createdDate="9999-12-31T23:59:59Z"),
    "lets tokens begin before 1970": with_fields(createdDate="1901-01-01T00:00:00Z"),
    "lets tokens end before 1970": with_fields(expirationDate="1969-12-31T23:59:59Z"),
    "lets tokens begin before Christ": with_fields(createdDate="-0044-03-15T12:00:00Z"),
    "dates its answers in the year 9999": with_date("Fri, 31 Dec 9999 23:59:59 GMT"),
    "dates its answers before 1970": with_date("Wed, 31 Dec 1969 23:59:59 GMT"),
    "dates its answers with words": with_date(MARK),
    "is five years ahead": with_clock_off(days=5 * 365),
    "is five years behind": with_clock_off(days=-5 * 365),
    "lists 4000 tokens": lambda attack: with_body(listed_by_thousands(attack, 4000), "list")(attack),
    "lists 20000 tokens": lambda attack: with_body(listed_by_thousands(attack, 20_000), "list")(attack),
    "lists everybody's tokens as ours": list_strangers_for_ours,
    "lists nothing": lambda attack: attack.tamper(hide_every_token),
    "claims to have deleted": lambda attack: attack.always(
        "status", "delete", status=200, body=json.dumps({"success": True})
    ),
    "answers for another token": answer_for_another,
    "denies that any token exists": lambda attack: attack.always("status", "get", status=404),
    "refuses every token": lambda attack: attack.always("status", status=401),
    "asks to wait for 30 years": lambda attack: attack.always(
        "status", status=429, headers={"Retry-After": "999999999"}
    ),
    "puts its words everywhere": lambda attack: attack.always(
        "status", status=500, body=MARK, content_type=f"text/{MARK}", headers={"Retry-After": MARK, "Set-Cookie": MARK}
    ),
}
LIES_ABOUT_DELETION = {"claims to have deleted", "lists everybody's tokens as ours"}
SCENES = {"rotation": rotation, "retirement": retirement, "recovery": recovery}


@pytest.fixture(params=SCENES)
def attack(request: pytest.FixtureRequest) -> Attack:
    scene = SCENES[request.param]()
    scene.watch("begin")
    assert scene.worked_all_along
    return Attack.on(scene)


@pytest.mark.parametrize("malice", MALICES)
def test_a_malicious_api_harms_nothing_and_once_it_means_well_all_is_well(attack: Attack, malice: str) -> None:
    complete = attack.emulator.complete
    MALICES[malice](attack)
    for _attempt in range(2):
        assert_harms_nothing(attack)
    attack.emulator.complete = complete  # type: ignore[method-assign]
    attack.emulator.clock.date_header_skew = timedelta(0)
    attack.emulator.faults.clear()
    assert_heals(attack, keeps_tokens=malice in LIES_ABOUT_DELETION)


def assert_harms_nothing(attack: Attack) -> None:
    emulator = attack.emulator
    emulator.journal.clear()
    began = emulator.clock.timestamp()
    outcome = attack.run()
    assert attack.protected <= attack.existing(), outcome.as_result()
    assert attack.works(PATH), outcome.as_result()
    assert attack.works(REPLICA), outcome.as_result()
    assert len(emulator.journal.entries()) <= MOST_REQUESTS
    assert emulator.clock.timestamp() - began <= MOST_SECONDS
    assert "internal_error" not in [error.code for error in outcome.errors]
    assert_keeps_secrets(attack, outcome)
    assert not [entry.path for entry in emulator.journal.entries() if "stolen" in entry.path or MARK in entry.path]


def assert_keeps_secrets(attack: Attack, outcome: Outcome) -> None:
    shown = json.dumps(outcome.as_result())
    assert MARK not in shown
    assert "eyJ" not in shown
    assert "\\r" not in shown
    assert not [value for value in attack.values if value in shown]


def assert_heals(attack: Attack, *, keeps_tokens: bool) -> None:
    """Assert that healthy runs lead to one current token.

    :param keeps_tokens: the API has told of tokens that they are gone, so that no run can know better.
    """
    for _day in range(2):
        attack.emulator.clock.advance(days=1, minutes=11)
        outcome = attack.run()
    assert outcome.message is None
    assert attack.works(PATH)
    assert attack.scene.world.held(REPLICA) == attack.scene.world.held(PATH)
    assert attack.protected <= attack.existing()
    orphans = attack.existing_of_user() - attack.protected - attack.scene.world.record(PATH).known_ids
    assert keeps_tokens or orphans == set()

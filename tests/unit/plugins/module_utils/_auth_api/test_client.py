# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client sends, in which order, and what it makes of any answer."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import (
    TokenEntry,
    UnexpectedAnswer,
    read_object,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import Caller
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiNotFound,
    ApiRefused,
    ApiUnavailable,
    ConfigurationError,
    MintAmbiguous,
    MintNotSent,
    PolicyRefusal,
    TokenOpsError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import PolicyGate
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Decision, TwoFactor
from emulator import EmulatorServer
from support.emulator_fixtures import emulator, tls_emulator
from support.jwts import unsigned_jwt
from support.raw_server import free_port
from support.trace import (
    AUTH,
    DAY,
    NOON,
    Expected,
    FakeTime,
    Lost,
    Reply,
    Trace,
    client,
    entry,
    html,
    listed,
    refusal,
    token,
    token_id,
)

__all__ = ["emulator", "tls_emulator"]

LIST = "/auth/v1/tokens"
OWN = f"{AUTH}/tokens/{token_id(1)}"
GENERATE = f"{AUTH}/tokens/generate?ttl=3600"
USER = "/cloudapi/v6/um/users/5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11?depth=1"
USER_ID = "5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11"
DELETED = Reply(200, {"success": True})
EMPTY = Reply(200, b"")


def account(*, completed: bool = False, forced: bool = False) -> Reply:
    return Reply(
        200, {"id": USER_ID, "properties": {"secAuthActive": completed, "forceSecAuth": forced, "active": True}}
    )


def get_list(reply: Reply | Lost) -> Expected:
    return Expected("GET", LIST, reply)


def get_own(reply: Reply | Lost) -> Expected:
    return Expected("GET", OWN, reply)


def delete_own(reply: Reply | Lost) -> Expected:
    return Expected("DELETE", OWN, reply)


def generate(reply: Reply | Lost) -> Expected:
    return Expected("GET", GENERATE, reply)


def on(day: str, **options: Any) -> PolicyGate:
    return PolicyGate(lambda: datetime.date.fromisoformat(day), **options)


# Requests


def test_a_list_is_one_request_with_the_token_and_its_own_contract() -> None:
    with Trace(get_list(listed(entry(1), entry(2, lifetime=60)))) as trace:
        entries = client(trace).list_tokens()
    assert entries == [
        TokenEntry(token_id(1), NOON, NOON + 30 * DAY),
        TokenEntry(token_id(2), NOON, NOON + 60),
    ]
    assert [item.lifetime for item in entries] == [30 * DAY, 60]
    assert trace.requests[0].headers["Authorization"] == f"Bearer {token().value}"
    assert trace.requests[0].headers["X-Contract-Number"] == "31711111"


def test_a_contract_that_is_given_beats_the_one_of_the_token() -> None:
    with Trace(get_list(listed())) as trace:
        client(trace, contract_number=99).list_tokens()
    assert trace.requests[0].headers["X-Contract-Number"] == "99"


def test_basic_authentication_without_a_contract_sends_no_contract() -> None:
    with Trace(get_list(listed())) as trace:
        client(trace, BasicCredential("ann@example.com", "correct horse")).list_tokens()
    assert trace.requests[0].headers["Authorization"] == "Basic YW5uQGV4YW1wbGUuY29tOmNvcnJlY3QgaG9yc2U="
    assert "X-Contract-Number" not in trace.requests[0].headers


def test_an_id_that_is_a_path_is_never_sent() -> None:
    with Trace() as trace, pytest.raises(ConfigurationError, match="is not a token id"):
        client(trace).delete_token("../um/users")


def test_one_token_is_asked_for_by_its_id_in_lower_case() -> None:
    upper = {**entry(171), "id": token_id(171).upper()}
    with Trace(Expected("GET", f"{AUTH}/tokens/{token_id(171)}", Reply(200, upper))) as trace:
        assert client(trace).get_token(token_id(171).upper()).id == token_id(171)


@pytest.mark.parametrize("criteria", ["expired", "all", "current"])
def test_tokens_are_deleted_by_criteria(criteria: Any) -> None:
    with Trace(Expected("DELETE", f"{LIST}?criteria={criteria.upper()}", DELETED)) as trace:
        client(trace).delete_by_criteria(criteria)


def test_the_cloud_api_is_asked_for_a_user_without_a_contract_header() -> None:
    with Trace(Expected("GET", USER, account(completed=True))) as trace:
        found = client(trace).get_user(USER_ID)
    assert (found.user_id, found.two_factor, found.active) == (USER_ID, "enabled", True)
    assert "X-Contract-Number" not in trace.requests[0].headers


@pytest.mark.parametrize(
    ("completed", "forced", "state"),
    [(True, True, "enabled"), (True, False, "enabled"), (False, True, "forced"), (False, False, "disabled")],
)
def test_the_two_factor_state_is_read_from_the_account(completed: bool, forced: bool, state: str) -> None:
    with Trace(Expected("GET", USER, account(completed=completed, forced=forced))) as trace:
        assert client(trace).get_user(USER_ID).two_factor == state


# Repeating


@pytest.mark.parametrize("trouble", [Lost(), html(502), html(503), html(504), refusal(503), refusal(429)])
def test_a_read_is_repeated_after_passing_trouble(trouble: Reply | Lost) -> None:
    with Trace(get_list(trouble), get_list(trouble), get_list(listed())) as trace:
        assert client(trace).list_tokens() == []


def test_pauses_grow_and_jitter() -> None:
    time = FakeTime()
    expected = [get_list(Lost())] * 4
    with Trace(*expected) as trace, pytest.raises(ApiUnavailable, match="broke off"):
        client(trace, time=time, random=lambda: 0.5).list_tokens()
    assert time.pauses == [0.375, 0.75, 1.5]


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [("7", 7), ("Sun, 01 Mar 2026 12:00:09 GMT", 9), ("86400", 30), ("nonsense", 0.25), ("0", 0.25)],
)
def test_retry_after_is_obeyed_in_both_forms_up_to_a_cap(retry_after: str, pause: float) -> None:
    time = FakeTime()
    busy = replace(refusal(429), headers={"Retry-After": retry_after})
    with Trace(get_list(busy), get_list(listed())) as trace:
        client(trace, time=time).list_tokens()
    assert time.pauses == [pause]


def test_repeating_ends_with_the_total_deadline() -> None:
    time = FakeTime()
    busy = replace(refusal(429), headers={"Retry-After": "8"})
    with Trace(get_list(busy), get_list(busy)) as trace, pytest.raises(ApiUnavailable, match="limits the rate"):
        client(trace, time=time, deadline=10).list_tokens()
    assert time.pauses == [8]


@pytest.mark.parametrize("answer", [refusal(500), html(200), refusal(401), refusal(404), Reply(302)])
def test_what_repeating_cannot_change_is_not_repeated(answer: Reply) -> None:
    with Trace(get_own(answer)) as trace, pytest.raises(ApiError):
        client(trace).get_token(token_id(1))


# Deleting


def test_a_token_is_deleted() -> None:
    with Trace(delete_own(DELETED)) as trace:
        assert client(trace).delete_token(token_id(1)) == "deleted"


def test_a_token_that_does_not_exist_counts_as_gone() -> None:
    with Trace(delete_own(refusal(404))) as trace:
        assert client(trace).delete_token(token_id(1)) == "gone"


def test_a_delete_whose_answer_was_lost_is_done_when_the_repetition_finds_nothing() -> None:
    with Trace(delete_own(Lost()), delete_own(refusal(404))) as trace:
        assert client(trace).delete_token(token_id(1)) == "vanished"


def test_a_token_that_deletes_itself_is_done_when_the_repetition_is_not_accepted_any_more() -> None:
    with Trace(delete_own(Lost()), delete_own(refusal(401))) as trace:
        assert client(trace).delete_token(token_id(1)) == "vanished"


def test_a_refused_deletion_of_another_token_stays_a_refusal_on_a_repetition() -> None:
    path = f"{AUTH}/tokens/{token_id(2)}"
    expected = [Expected("DELETE", path, Lost()), Expected("DELETE", path, refusal(401))]
    with Trace(*expected) as trace, pytest.raises(ApiRefused):
        client(trace).delete_token(token_id(2))


def test_a_first_deletion_that_is_not_accepted_is_a_refusal() -> None:
    with Trace(delete_own(refusal(401))) as trace, pytest.raises(ApiRefused):
        client(trace).delete_token(token_id(1))


def test_deleting_the_current_token_by_criterion_survives_a_lost_answer() -> None:
    path = f"{LIST}?criteria=CURRENT"
    with Trace(Expected("DELETE", path, Lost()), Expected("DELETE", path, refusal(401))) as trace:
        client(trace).delete_by_criteria("current")


@pytest.mark.parametrize("answer", [Reply(200, {"success": False}), html(200), html(404), html(401)])
def test_r9_a_deletion_without_the_documented_answer_is_not_believed(answer: Reply) -> None:
    with Trace(delete_own(answer)) as trace, pytest.raises(ApiUnavailable):
        client(trace, validate_certs=False).delete_token(token_id(1))


@pytest.mark.parametrize("body", [b"", {}, {"success": True}, b"deleted"])
@pytest.mark.parametrize("status", [200, 202, 204])
def test_r39_a_deletion_is_done_by_its_status(status: int, body: Any) -> None:
    with Trace(delete_own(Reply(status, body))) as trace:
        assert client(trace).delete_token(token_id(1)) == "deleted"
    with Trace(Expected("DELETE", f"{LIST}?criteria=EXPIRED", Reply(status, body))) as trace:
        client(trace).delete_by_criteria("expired")


@pytest.mark.parametrize("status", [201, 206])
def test_r39_a_status_that_no_deletion_has_is_no_success(status: int) -> None:
    with Trace(delete_own(Reply(status, {"success": True}))) as trace, pytest.raises(ApiUnavailable):
        client(trace).delete_token(token_id(1))


def test_r39_a_deletion_without_content_has_no_length_either(emulator: EmulatorServer) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password")
    doomed, value = emulator.mint(ann)
    emulator.faults.add("no_content", "delete")
    assert real_client(emulator.url, value).delete_token(doomed.id) == "deleted"
    assert len(emulator.journal.entries("delete")) == 1


# Generate: one request, and what is known of its outcome


def test_generate_returns_the_new_token_of_one_request() -> None:
    with Trace(generate(Reply(200, {"token": token(7).value}))) as trace:
        assert client(trace).generate(3600) == token(7)


@pytest.mark.parametrize(
    "answer",
    [
        Lost(),
        refusal(500),
        html(502),
        html(503),
        refusal(504),
        html(200),
        html(401),
        html(403),
        html(404),
        EMPTY,
        Reply(200, b'{"token": "eyJ'),
        Reply(200, {"token": "no-jwt"}),
        Reply(200, {"token": None}),
        Reply(200, {"token": token(7).value + "\x00"}),
        Reply(200, []),
        Reply(201, {"token": token(7).value}),
        Reply(302, b"", {"Location": "https://elsewhere.example.com/"}),
        refusal(408),
        Reply(403, {"httpStatus": 401, "messages": []}),
    ],
)
def test_r22_generate_is_ambiguous_unless_something_else_is_proven(answer: Reply | Lost) -> None:
    with Trace(generate(answer)) as trace, pytest.raises(MintAmbiguous) as raised:
        client(trace).generate(3600)
    assert token(7).value not in str(raised.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_r12_generate_that_the_api_itself_refuses_is_a_refusal(status: int) -> None:
    with Trace(generate(refusal(status))) as trace, pytest.raises(ApiRefused) as raised:
        client(trace).generate(3600)
    assert raised.value.status == status


def test_generate_that_is_rate_limited_was_not_carried_out() -> None:
    busy = replace(html(429), headers={"Retry-After": "12"})
    with Trace(generate(busy)) as trace, pytest.raises(MintNotSent) as raised:
        client(trace).generate(3600)
    assert (raised.value.status, raised.value.retry_after) == (429, 12)


def test_r22_generate_that_cannot_connect_was_not_sent() -> None:
    port = free_port()
    api = real_client(f"http://127.0.0.1:{port}")
    with pytest.raises(MintNotSent, match=f"Cannot create a token: no connection to 127.0.0.1:{port} can be opened"):
        api.generate(3600)


def test_r22_generate_uses_a_fresh_connection(emulator: EmulatorServer) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    api = real_client(emulator.url, emulator.mint(ann)[1])
    api.list_tokens()
    api.generate(3600)
    used = [item.connection for item in emulator.journal.entries() if item.operation in {"list", "generate"}]
    assert len(set(used)) == 2


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut_header", "truncated_body", "empty_body"])
def test_r22_generate_is_sent_once_whatever_happens_to_it(emulator: EmulatorServer, fault: str) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    emulator.faults.add(fault, "generate")
    with pytest.raises(MintAmbiguous):
        real_client(emulator.url, emulator.mint(ann)[1]).generate(3600)
    assert len(emulator.journal.entries("generate")) == 1


def real_client(url: str, value: str | None = None, gate: PolicyGate | None = None, **options: Any) -> AuthApi:
    return AuthApi(
        Caller(
            Endpoints.from_url(url),
            Transport(ConnectionOptions(**options)),
            BearerCredential(parse_token(value, "the test") if value else token()),
            clock=ApiClock(),
            sleep=lambda seconds: None,
        ),
        gate,
    )


# Probing


def test_a_token_that_answers_is_alive_after_one_request() -> None:
    with Trace(get_own(Reply(200, entry(1)))) as trace:
        probe = client(trace).probe()
    assert (probe.state, probe.entry) == ("alive", TokenEntry(token_id(1), NOON, NOON + 30 * DAY))


@pytest.mark.parametrize(("status", "state"), [(401, "refused"), (404, "gone")])
def test_r9_a_refusal_counts_once_a_second_call_confirms_it(status: int, state: str) -> None:
    with Trace(get_own(refusal(status)), get_own(refusal(status))) as trace:
        assert client(trace).probe().state == state


@pytest.mark.parametrize(
    ("second", "state"),
    [(Reply(200, entry(1)), "alive"), (html(401), "unknown"), (refusal(500), "unknown"), (refusal(403), "unknown")],
)
def test_r9_a_refusal_that_is_not_confirmed_does_not_count(second: Reply, state: str) -> None:
    with Trace(get_own(refusal(401)), get_own(second)) as trace:
        assert client(trace, validate_certs=False).probe().state == state


ODD_401 = [html(401), Reply(401, b""), Reply(401, {"error": "invalid_token"}), Reply(401, b"unauthorized")]


@pytest.mark.parametrize("answer", ODD_401)
def test_r39_a_401_over_verified_tls_is_a_refusal_whatever_its_body_once_a_second_confirms_it(answer: Reply) -> None:
    with Trace(get_list(answer), get_list(answer)) as trace, pytest.raises(ApiRefused) as raised:
        client(trace).list_tokens()
    assert raised.value.code == "api_token_refused"


def test_r39_a_401_of_another_shape_that_a_second_does_not_confirm_says_nothing() -> None:
    with Trace(get_own(html(401)), get_own(Reply(200, entry(1)))) as trace:
        assert client(trace).probe().state == "alive"
    with Trace(get_own(html(401)), get_own(html(503))) as trace:
        assert client(trace).probe().state == "unknown"


def test_r39_a_401_of_another_shape_from_a_server_that_is_not_verified_says_nothing() -> None:
    with Trace(get_own(html(401))) as trace:
        assert client(trace, validate_certs=False).probe().state == "unknown"


def test_r39_a_token_that_deleted_itself_is_done_when_the_repetition_is_refused_in_other_words() -> None:
    with Trace(delete_own(Lost()), delete_own(html(401)), delete_own(html(401))) as trace:
        assert client(trace).delete_token(token_id(1)) == "vanished"


@pytest.mark.parametrize("body", [{"httpStatus": 404}, {"messages": [{"message": "Not found"}]}])
def test_r39_an_error_body_may_lack_a_field(body: Any) -> None:
    with Trace(get_own(Reply(404, body)), get_own(Reply(404, body))) as trace:
        assert client(trace).probe().state == "gone"


@pytest.mark.parametrize("answer", [refusal(403), html(401), html(404), html(200), refusal(500), refusal(422)])
def test_r9_other_answers_say_nothing_about_the_token(answer: Reply) -> None:
    with Trace(get_own(answer)) as trace:
        probe = client(trace, validate_certs=False).probe()
    assert probe.state == "unknown"
    assert isinstance(probe.error, ApiError)


def test_only_a_token_can_be_asked_about_itself() -> None:
    with Trace() as trace, pytest.raises(TypeError):
        client(trace, BasicCredential("ann", "pw")).probe()


# What users see


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            refusal(401),
            f"Cannot list the tokens: the API does not accept token {token_id(1)} (HTTP status 401). It is expired or "
            "deleted, or its user is: use another one, from the Token Manager of the DCD.",
        ),
        (
            refusal(403),
            "Cannot list the tokens: the API forbids it to this user (HTTP status 403). Check the user's rights, and "
            "check that contract_number 31711111 is the right one.",
        ),
        (
            refusal(422),
            "Cannot list the tokens: the API rejects the request (HTTP status 422). Check its options, and check that "
            "contract_number 31711111 is the right one.",
        ),
        (
            html(200),
            "Cannot list the tokens: api.example.com answered with HTML instead of the API's JSON (HTTP status 200). "
            "Check api_url, and whether a gateway, proxy or login page answers in place of the API.",
        ),
        (
            html(403),
            "Cannot list the tokens: api.example.com answered with HTML instead of the API's JSON (HTTP status 403). "
            "Check api_url, and whether a gateway, proxy or login page answers in place of the API.",
        ),
        (
            Reply(307, b"", {"Location": "https://elsewhere.example.com/"}),
            "Cannot list the tokens: api.example.com redirects elsewhere (HTTP status 307); a credential is not sent "
            "after that. Give the API's own address as api_url.",
        ),
        (
            Reply(200, b"x" * 2_000_000),
            "Cannot list the tokens: api.example.com answered with more than the API ever would. Check api_url: is "
            "this the IONOS API?",
        ),
        (
            refusal(500),
            "Cannot list the tokens: api.example.com reports a failure of its own (HTTP status 500). Try again later; "
            "nothing is wrong with the credential as far as this shows.",
        ),
    ],
)
def test_an_answer_of_no_use_is_explained(answer: Reply, message: str) -> None:
    with Trace(get_list(answer)) as trace, pytest.raises(ApiError) as raised:
        client(trace).list_tokens()
    assert str(raised.value) == message


def test_a_missing_contract_number_is_hinted_at() -> None:
    with Trace(get_list(refusal(403))) as trace, pytest.raises(ApiRefused) as raised:
        client(trace, BasicCredential("ann", "pw")).list_tokens()
    assert "give contract_number where the user has several contracts" in str(raised.value)


def test_a_wrong_password_is_named() -> None:
    with Trace(get_list(refusal(401))) as trace, pytest.raises(ApiRefused) as raised:
        client(trace, BasicCredential("ann", "pw")).list_tokens()
    assert str(raised.value) == (
        "Cannot list the tokens: the API does not accept the username and password (HTTP status 401). Check both, or "
        "better use a token."
    )


def test_an_unknown_token_is_named() -> None:
    with Trace(get_own(refusal(404))) as trace, pytest.raises(ApiNotFound) as raised:
        client(trace).get_token(token_id(1))
    assert str(raised.value).startswith(f"Cannot read token {token_id(1)}: the API does not know it (HTTP status 404).")


def test_an_untrusted_certificate_is_explained(tls_emulator: EmulatorServer) -> None:
    with pytest.raises(ApiUnavailable) as raised:
        real_client(tls_emulator.url).list_tokens()
    assert str(raised.value) == (
        f"Cannot list the tokens: the TLS certificate of 127.0.0.1:{tls_emulator.port} is not trusted; nothing was "
        "sent. Give the CA that signed it with ca_path, and check the name in api_url; somebody may stand in between."
    )


def test_another_fingerprint_is_explained(tls_emulator: EmulatorServer) -> None:
    api = real_client(tls_emulator.url, ca_path=tls_emulator.ca_path, certificate_fingerprint="ab" * 32)
    with pytest.raises(ApiUnavailable) as raised:
        api.list_tokens()
    assert "is not the one that certificate_fingerprint names; nothing was sent." in str(raised.value)


@pytest.mark.parametrize(
    ("credential", "contracts", "message"),
    [
        (lambda value: BearerCredential(parse_token(value, "x")), [31711111], "check that contract_number 99"),
        (lambda value: BasicCredential("ann@example.com", "secret-password"), [1, 2], "check that contract_number 99"),
    ],
)
def test_a_wrong_contract_number_is_named(
    emulator: EmulatorServer, credential: Callable[[str], Any], contracts: list[int], message: str
) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=contracts)
    emulator.settings.accepts_basic_after_2024 = True
    api = AuthApi(
        Caller(
            Endpoints.from_url(emulator.url),
            Transport(ConnectionOptions()),
            credential(emulator.mint(ann)[1]),
            99,
            clock=ApiClock(),
        )
    )
    with pytest.raises(ApiRefused, match=message):
        api.list_tokens()


def test_a_revoked_token_is_named(emulator: EmulatorServer) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    minted, value = emulator.mint(ann)
    emulator.revoke(minted.id)
    with pytest.raises(ApiRefused, match=f"the API does not accept token {minted.id}"):
        real_client(emulator.url, value).list_tokens()


# The clock


@pytest.mark.parametrize("answer", [listed(), refusal(401), html(400), Reply(302)])
def test_r8_the_date_of_every_answer_is_the_clock(answer: Reply) -> None:
    time = FakeTime(wall=NOON + 100)
    clock = ApiClock(time.monotonic, time.now)
    with Trace(get_list(answer)) as trace, contextlib.suppress(ApiError):
        client(trace, time=time, clock=clock).list_tokens()
    time.sleep(5)
    assert (clock.now(), clock.offset()) == (NOON + 5, -100)


def test_before_the_first_answer_the_clock_is_the_controllers_own_and_not_confirmed() -> None:
    time = FakeTime()
    clock = ApiClock(time.monotonic, time.now)
    assert (clock.is_confirmed, clock.offset(), clock.today()) == (False, None, datetime.date(2026, 3, 1))
    assert clock.now() == int(time.now())
    with pytest.raises(ApiUnavailable, match="sends no Date header"):
        clock.confirmed_now("api.example.com")


@pytest.mark.parametrize("date", ["Fri, 31 Feb 2026 12:00:00 GMT", "yesterday", "", "Sun, 01 Jan 1960 12:00:00 GMT"])
def test_a_date_that_is_none_does_not_set_the_clock(date: str) -> None:
    clock = ApiClock()
    with Trace(get_list(replace(listed(), headers={"Date": date}))) as trace:
        client(trace, clock=clock).list_tokens()
    assert not clock.is_confirmed


def test_the_last_answer_sets_the_clock() -> None:
    time = FakeTime()
    clock = ApiClock(time.monotonic, time.now)
    clock.observe(NOON + 50)
    clock.observe(NOON)
    assert clock.now() == NOON


# The policy


def test_basic_authentication_is_refused_before_anything_is_sent() -> None:
    with Trace() as trace, pytest.raises(PolicyRefusal) as raised:
        client(trace, BasicCredential("ann", "pw"), gate=on("2026-03-01", two_factor="disabled")).list_tokens()
    assert "it is not supported since 2025-01-01" in str(raised.value)
    assert "https://" in str(raised.value)


def test_in_the_mode_warn_it_is_sent_with_one_warning() -> None:
    warnings: list[str] = []
    gate = on("2026-03-01", mode="warn", two_factor="disabled", on_warning=warnings.append)
    with Trace(get_list(listed()), get_list(listed())) as trace:
        api = client(trace, BasicCredential("ann", "pw"), gate=gate)
        api.list_tokens()
        api.list_tokens()
    assert len(warnings) == 1
    assert "not supported since 2025-01-01" in warnings[0]


def test_before_a_sunset_the_deprecation_is_announced_once() -> None:
    announced: list[Decision] = []
    gate = on("2024-12-31", two_factor="disabled", on_deprecation=announced.append)
    with Trace(get_list(listed()), get_list(listed())) as trace:
        api = client(trace, BasicCredential("ann", "pw"), gate=gate)
        api.list_tokens()
        api.list_tokens()
    assert [item.until for item in announced] == [datetime.date(2024, 12, 31)]


def test_r21_the_cloud_api_is_not_asked_for_a_read_with_a_token() -> None:
    with Trace(get_list(listed()), get_own(Reply(200, entry(1)))) as trace:
        api = client(trace, gate=on("2026-03-01"))
        api.list_tokens()
        api.get_token(token_id(1))


def test_r21_the_two_factor_state_is_asked_for_once_before_minting_and_deleting() -> None:
    expected = [Expected("GET", USER, account()), generate(Reply(200, {"token": token(7).value})), delete_own(DELETED)]
    with Trace(*expected) as trace:
        api = client(trace, gate=on("2026-03-01"))
        api.generate(3600)
        api.delete_token(token_id(1))


@pytest.mark.parametrize("state", ["enabled", "forced"])
def test_an_account_with_two_factor_authentication_sends_no_generate(state: str) -> None:
    found = account(completed=state == "enabled", forced=state == "forced")
    with Trace(Expected("GET", USER, found)) as trace, pytest.raises(PolicyRefusal, match="cannot mint tokens"):
        client(trace, gate=on("2026-03-01")).generate(3600)


@pytest.mark.parametrize("answer", [refusal(403), refusal(404), html(200)])
def test_a_state_that_nobody_tells_does_not_stop_a_mint(answer: Reply) -> None:
    expected = [Expected("GET", USER, answer), generate(Reply(200, {"token": token(7).value}))]
    with Trace(*expected) as trace:
        client(trace, gate=on("2026-03-01")).generate(3600)


def test_a_state_that_is_given_is_not_asked_for() -> None:
    with Trace() as trace, pytest.raises(PolicyRefusal):
        client(trace, gate=on("2026-03-01", two_factor="configuring")).generate(3600)


def test_basic_authentication_names_no_user_so_the_state_stays_unknown() -> None:
    with Trace(get_list(listed())) as trace:
        client(trace, BasicCredential("ann", "pw"), gate=on("2024-06-01")).list_tokens()


def test_what_the_api_refuses_is_explained_by_the_policy() -> None:
    expected = [Expected("GET", USER, refusal(403)), generate(refusal(403))]
    with Trace(*expected) as trace, pytest.raises(ApiRefused) as raised:
        client(trace, gate=on("2026-03-01")).generate(3600)
    assert "The vendor's policy: It is not known whether this account uses two-factor authentication." in str(
        raised.value
    )


def test_a_client_of_another_token_shares_the_policy_and_the_clock() -> None:
    with Trace(Expected("GET", f"{AUTH}/tokens/{token_id(2)}", Reply(200, entry(2)))) as trace:
        api = client(trace, contract_number=99)
        other = api.with_token(token(2, contract_number=55))
        other.get_token(token_id(2))
    assert trace.requests[0].headers["X-Contract-Number"] == "55"
    assert other.clock is api.clock


def test_the_state_is_not_looked_up_by_a_request_that_the_policy_forbids() -> None:
    asked: list[str] = []

    def look_up() -> TwoFactor:
        asked.append("use")
        return "disabled"

    with pytest.raises(PolicyRefusal):
        on("2026-06-01").check("basic", "mint", look_up)
    assert asked == []


# Answers of any shape


def test_a_number_longer_than_any_of_the_api_is_no_answer() -> None:
    with pytest.raises(UnexpectedAnswer):
        read_object(b'{"number": ' + b"9" * 21 + b"}")


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "../../um/users"},
        {"id": f"{token_id(1)}\r\nX: y"},
        {"id": token_id(2)},
        {"id": 7},
        {"createdDate": "yesterday"},
        {"createdDate": None},
        {"expirationDate": "10000-01-01T00:00:00Z"},
        {"expirationDate": "2020-01-01T00:00:00Z"},
        {"createdDate": "1969-12-31T23:59:59Z"},
    ],
)
def test_an_entry_that_is_not_as_documented_is_no_answer(fields: dict[str, Any]) -> None:
    with Trace(get_own(Reply(200, {**entry(1), **fields}))) as trace, pytest.raises(ApiUnavailable):
        client(trace).get_token(token_id(1))


def undated(number: int, *fields: str) -> Reply:
    without = fields or ("createdDate", "expirationDate")
    return Reply(200, {name: value for name, value in entry(number).items() if name not in without})


def dated(**claims: int) -> BearerCredential:
    """Return token 1 with these dates of its own."""
    return BearerCredential(parse_token(unsigned_jwt(token_id(1), **claims), "the test"))


def test_r39_a_token_without_dates_exists_and_has_those_that_it_names_itself() -> None:
    with Trace(get_own(undated(1, "expirationDate"))) as trace:
        found = client(trace, dated(iat=NOON, exp=NOON + DAY)).get_token(token_id(1))
    assert found == TokenEntry(token_id(1), NOON, NOON + DAY)


@pytest.mark.parametrize(("number", "claims"), [(1, {}), (1, {"iat": NOON + DAY, "exp": NOON}), (2, {})])
def test_r39_a_token_without_dates_exists_and_has_those_of_the_list(number: int, claims: dict[str, int]) -> None:
    expected = [Expected("GET", f"{AUTH}/tokens/{token_id(number)}", undated(number)), get_list(listed(entry(number)))]
    with Trace(*expected) as trace:
        found = client(trace, dated(**claims)).get_token(token_id(number))
    assert found == TokenEntry(token_id(number), NOON, NOON + 30 * DAY)


@pytest.mark.parametrize("answer", [listed(entry(2)), refusal(401), html(503)])
def test_r39_a_token_without_dates_anywhere_is_named_and_never_dead(answer: Reply) -> None:
    lists = [get_list(answer)] * (4 if answer.status == 503 else 1)
    with Trace(get_own(undated(1)), *lists) as trace:
        probe = client(trace, dated()).probe()
    assert (probe.state, probe.error and probe.error.problem) == (
        "unknown",
        f"Cannot read token {token_id(1)}: api.example.com answered with a token that exists but has no createdDate "
        "(HTTP status 200).",
    )


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ({}, "without a list in the field tokens"),
        ({"tokens": None}, "without a list in the field tokens"),
        ({"tokens": [{"id": token_id(1), "createdDate": "2026-01-01T00:00:00Z"}]}, "has no expirationDate"),
        ({"tokens": [{"id": "17"}]}, "whose id is missing or no UUID"),
        ({"tokens": [{**entry(1), "createdDate": "yesterday"}]}, "createdDate or expirationDate cannot be right"),
        ({"tokens": [entry(1), entry(1)]}, "with one id twice in the field tokens"),
        ({"tokens": [entry(1)] * 1001}, "with more tokens than a user can have"),
    ],
)
def test_r39_a_list_that_is_none_says_what_is_odd_about_it(body: Any, how: str) -> None:
    with Trace(get_list(Reply(200, body))) as trace, pytest.raises(ApiUnavailable, match=how):
        client(trace).list_tokens()


def test_r39_an_answer_that_is_none_says_which_field_is_odd() -> None:
    with Trace(generate(Reply(200, {}))) as trace, pytest.raises(
        MintAmbiguous, match="without a text in the field token"
    ):
        client(trace).generate(3600)
    with Trace(get_own(Reply(200, entry(2)))) as trace, pytest.raises(ApiUnavailable, match="with another token than"):
        client(trace).get_token(token_id(1))
    with Trace(delete_own(Reply(200, {"success": False}))) as trace, pytest.raises(
        ApiUnavailable, match="a success that"
    ):
        client(trace).delete_token(token_id(1))
    user = Expected("GET", USER, Reply(200, {"id": USER_ID, "properties": {}}))
    with Trace(user) as trace, pytest.raises(ApiUnavailable, match="without secAuthActive or forceSecAuth"):
        client(trace).get_user(USER_ID)


def test_r39_the_account_is_found_whichever_case_its_id_is_in() -> None:
    found = Reply(200, {"id": USER_ID.upper(), "properties": {"secAuthActive": True, "forceSecAuth": False}})
    with Trace(Expected("GET", USER, found)) as trace:
        assert client(trace).get_user(USER_ID).two_factor == "enabled"


@pytest.mark.parametrize(
    ("odd", "unreadable"),
    [({"without": ["expirationDate"], "token_id": token_id(9)}, token_id(9)), ({"token_id": "no-uuid"}, None)],
)
def test_r39_an_entry_that_cannot_be_read_costs_that_entry(
    emulator: EmulatorServer, odd: dict[str, Any], unreadable: str | None
) -> None:
    known, value = emulator.mint(emulator.add_user("ann@example.com", "secret-password"))
    emulator.faults.add("odd_entry", "list", **odd)
    warnings: list[str] = []
    listed = real_client(emulator.url, value, gate=on("2026-03-01", on_warning=warnings.append)).list_tokens()
    assert [item.id for item in listed] == [known.id]
    assert (listed.unreadable, listed.slots) == ((unreadable,), 2)
    assert len(warnings) == 1
    assert warnings[0].startswith("1 of the 2 tokens that the API lists cannot be read")


def test_r39_entries_that_cannot_be_read_are_told_once_whoever_lists(emulator: EmulatorServer) -> None:
    _known, value = emulator.mint(emulator.add_user("ann@example.com", "secret-password"))
    emulator.faults.add("odd_entry", "list", count=None)
    warnings: list[str] = []
    api = real_client(emulator.url, value, gate=on("2026-03-01", on_warning=warnings.append))
    for asking in (api, api, api.with_token(parse_token(value, "the test"))):
        assert asking.list_tokens().slots == 2
    assert len(warnings) == 1


def test_r39_a_compressed_list_is_not_inflated_and_named(emulator: EmulatorServer) -> None:
    _known, value = emulator.mint(emulator.add_user("ann@example.com", "secret-password"))
    emulator.faults.add("gzip", "list")
    with pytest.raises(ApiUnavailable, match="with a compressed body, although none was asked for"):
        real_client(emulator.url, value).list_tokens()


def test_r39_a_deletion_with_a_compressed_answer_is_done(emulator: EmulatorServer) -> None:
    doomed, value = emulator.mint(emulator.add_user("ann@example.com", "secret-password"))
    emulator.faults.add("gzip", "delete")
    assert real_client(emulator.url, value).delete_token(doomed.id) == "deleted"


@pytest.mark.parametrize(
    "tokens",
    [None, {}, [None], [entry(1), entry(1)], [entry(number) for number in range(1001)], [{**entry(1), "id": ""}]],
)
def test_a_list_that_is_not_as_documented_is_no_answer(tokens: Any) -> None:
    with Trace(get_list(Reply(200, {"tokens": tokens}))) as trace, pytest.raises(ApiUnavailable):
        client(trace).list_tokens()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"tokens": [' + b"9" * 900_000 + b"]}",
        b'{"tokens": NaN}',
        b'{"tokens": []}garbage',
    ],
)
def test_a_body_that_is_no_json_object_is_no_answer(body: bytes) -> None:
    with Trace(get_list(Reply(200, body))) as trace, pytest.raises(ApiUnavailable):
        client(trace).list_tokens()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"httpStatus": "401", "messages": []},
        {"httpStatus": 403, "messages": []},
        {"httpStatus": 401, "messages": {}},
        {"httpStatus": True, "messages": []},
    ],
)
def test_r9_a_401_without_the_documented_error_body_is_no_refusal(body: Any) -> None:
    with Trace(get_list(Reply(401, body))) as trace, pytest.raises(ApiUnavailable):
        client(trace, validate_certs=False).list_tokens()


@pytest.mark.parametrize(
    "found", [{"id": "somebody-else", "properties": {"secAuthActive": True, "forceSecAuth": False}}, {"id": USER_ID}]
)
def test_the_account_of_somebody_else_is_no_answer(found: Any) -> None:
    with Trace(Expected("GET", USER, Reply(200, found))) as trace, pytest.raises(ApiUnavailable):
        client(trace).get_user(USER_ID)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["token", "tokens", "id", "createdDate", "expirationDate", "success", "httpStatus", "messages"]
            ),
            children,
            max_size=5,
        )
    ),
    max_leaves=12,
)
OPERATIONS: dict[str, tuple[str, str, Callable[[AuthApi], object]]] = {
    "list": ("GET", LIST, AuthApi.list_tokens),
    "get": ("GET", OWN, lambda api: api.get_token(token_id(1))),
    "delete": ("DELETE", OWN, lambda api: api.delete_token(token_id(1))),
    "generate": ("GET", GENERATE, lambda api: api.generate(3600)),
    "user": ("GET", USER, lambda api: api.get_user(USER_ID)),
}


@given(
    operation=st.sampled_from(sorted(OPERATIONS)),
    status=st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 409, 422, 499, 500, 599]),
    body=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200),
)
def test_any_answer_gives_a_result_or_an_error_of_ours(operation: str, status: int, body: bytes) -> None:
    method, path, call = OPERATIONS[operation]
    expected = Expected(method, path, Reply(status, body))
    trace = Trace(expected, expected)
    with contextlib.suppress(TokenOpsError):
        call(client(trace))
    assert len(trace.requests) <= (2 if status == 401 else 1)

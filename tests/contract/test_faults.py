# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of fault, as ``requests`` sees it: the same over a socket and in memory."""

from __future__ import annotations

import itertools
import time

import jwt
import pytest
import requests
from urllib3.exceptions import NewConnectionError

from emulator.clock import format_instant
from emulator.faults import KINDS
from emulator.in_memory import EmulatorAdapter
from emulator.operations import OPERATIONS


@pytest.fixture(params=["socket", "tls", "memory"])
def target(request):
    names = {"socket": "emulator", "tls": "tls_emulator", "memory": "offline_emulator"}
    return request.getfixturevalue(names[request.param])


@pytest.fixture
def user(target):
    return target.add_user("ann@example.com", "first-password", role="owner")


@pytest.fixture
def client(target, user, connect):
    return connect(target, user)


def last_entry(target):
    return target.journal.entries()[-1]


def test_a_status_with_headers_replaces_the_answer(target, client):
    target.faults.add("status", "list", status=429, headers={"Retry-After": "7"})

    response = client.list()

    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.json()["httpStatus"] == 429
    assert not last_entry(target).handler_ran


def test_a_status_can_have_any_body(target, client):
    target.faults.add("status", "list", status=401, body="who are you?", content_type="text/plain")

    response = client.list()

    assert (response.status_code, response.text) == (401, "who are you?")
    assert response.headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize("status", [200, 502, 503, 504])
def test_a_gateway_page_is_html(target, client, status):
    target.faults.add("gateway_page", "list", status=status)

    response = client.list()

    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html"
    assert response.text.startswith("<html>")


def test_a_gateway_can_give_up_after_the_work_was_done(target, client):
    target.faults.add("gateway_page", "generate", status=504, runs_handler=True)

    assert client.generate(60).status_code == 504

    assert [token.id for token in target.tokens()] == last_entry(target).minted
    assert (last_entry(target).handler_status, last_entry(target).status) == (200, 504)


def test_a_redirect_leads_to_another_host(target, client):
    target.faults.add("redirect", "get", location="https://elsewhere.example.com/x", status=302)

    response = client.get("x")

    assert (response.status_code, response.headers["Location"]) == (302, "https://elsewhere.example.com/x")


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_connection_dropped_before_the_handler_leaves_nothing_behind(target, client, how):
    target.faults.add("drop_before", "generate", how=how)

    with pytest.raises(requests.ConnectionError):
        client.generate(60)

    assert target.tokens() == []
    assert (last_entry(target).handler_ran, last_entry(target).status) == (False, None)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_connection_dropped_after_the_handler_leaves_its_token(target, client, how):
    target.faults.add("drop_after", "generate", how=how)

    with pytest.raises(requests.ConnectionError):
        client.generate(60)

    assert [token.id for token in target.tokens()] == target.journal.minted()
    assert (last_entry(target).handler_ran, last_entry(target).status) == (True, None)


@pytest.mark.parametrize("target", ["socket", "memory"], indirect=True)
@pytest.mark.parametrize(
    ("how", "words"), [("close", "Remote end closed connection without response"), ("reset", "reset by peer")]
)
def test_closing_and_resetting_look_different(target, client, how, words):
    target.faults.add("drop_before", "list", how=how)

    with pytest.raises(requests.ConnectionError, match=words):
        client.list()


def test_a_truncated_body_breaks_the_read(target, client):
    target.faults.add("truncated_body", "generate", keep_bytes=20)

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.generate(60)

    assert len(target.tokens()) == 1


def test_a_header_cut_in_mid_line_is_an_empty_success(target, client):
    target.faults.add("cut_header", "generate")

    response = client.generate(60)

    assert (response.status_code, response.content) == (200, b"")
    assert len(target.tokens()) == 1


def test_an_empty_body_is_sent_with_the_status_of_success(target, client):
    target.faults.add("empty_body", "generate")

    response = client.generate(60)

    assert (response.status_code, response.content) == (200, b"")
    assert len(target.tokens()) == 1


def test_a_garbage_body_is_neither_json_nor_utf_8(target, client):
    target.faults.add("garbage_body", "list")

    response = client.list()

    with pytest.raises(UnicodeDecodeError):
        response.content.decode("utf-8")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        response.json()


def test_a_body_can_be_anything(target, client):
    target.faults.add("body", "list", body='{"tokens": null}')

    assert client.list().json() == {"tokens": None}


def test_a_wrong_content_type_changes_nothing_else(target, client):
    target.faults.add("content_type", "list", content_type="text/html")

    response = client.list()

    assert response.headers["Content-Type"] == "text/html"
    assert response.json() == {"tokens": []}


@pytest.mark.parametrize("kind", ["delay_before", "delay_after"])
def test_a_delay_outlasts_the_read_time_out(target, client, kind):
    target.faults.add(kind, "list", seconds=60)

    with pytest.raises(requests.ReadTimeout):
        client.list(timeout=0.05)


@pytest.mark.parametrize("kind", ["delay_before", "delay_after"])
def test_a_short_delay_changes_nothing_in_the_answer(target, client, kind):
    target.faults.add(kind, "list", seconds=0.02)

    assert client.list().json() == {"tokens": []}


@pytest.mark.parametrize("kind", ["delay_before", "delay_after"])
def test_in_memory_a_delay_passes_on_the_emulators_clock(offline_emulator, connect, ann, kind):
    offline_emulator.clock.set("2026-01-01")
    offline_emulator.faults.add(kind, "list", seconds=5)

    connect(offline_emulator, ann).list(timeout=6)

    assert format_instant(offline_emulator.clock.now()) == "2026-01-01T00:00:05Z"


def test_a_handler_runs_although_its_caller_gave_up_waiting(target, client, user):
    target.faults.add("delay_before", "generate", seconds=0.1)
    with pytest.raises(requests.ReadTimeout):
        client.generate(60, timeout=0.02)
    assert target.tokens() == []

    wait_until(target, lambda: target.tokens(user))

    assert [token.id for token in target.tokens()] == target.journal.minted()


def wait_until(target, condition):
    for dummy in range(500):
        if condition():
            return
        if target.clock.frozen:
            target.clock.advance(0.01)
        else:
            time.sleep(0.01)
    raise AssertionError("it never came")


def test_a_handler_can_run_when_the_clock_has_gone_on(target, client):
    target.clock.freeze()
    target.faults.add("run_late", "generate", seconds=90)
    with pytest.raises(requests.ConnectionError):
        client.generate(60)
    target.clock.advance(89)
    assert target.tokens() == []

    target.clock.advance(1)

    [token] = target.tokens()
    assert last_entry(target).minted == [token.id]
    assert format_instant(token.created) == format_instant(target.clock.now())


def test_a_slow_drip_sends_the_whole_body(target, client):
    target.faults.add("slow_drip", "list", interval=0.001)

    assert client.list().json() == {"tokens": []}


def test_a_slow_drip_never_lets_the_read_time_out_strike(offline_emulator, connect, ann):
    offline_emulator.clock.set("2026-01-01")
    offline_emulator.faults.add("slow_drip", "list", interval=5)

    body = connect(offline_emulator, ann).list(timeout=6).text

    assert body == '{"tokens": []}'
    assert format_instant(offline_emulator.clock.now()) == f"2026-01-01T00:01:{5 * len(body) - 60:02}Z"


def test_a_drip_slower_than_the_read_time_out_breaks_the_read(target, client):
    target.faults.add("slow_drip", "list", interval=60)

    with pytest.raises(requests.ConnectionError, match="Read timed out"):
        client.list(timeout=0.05)


@pytest.mark.parametrize("declared_bytes", [10 * 1024**3, None])
def test_an_endless_body_keeps_coming(target, client, declared_bytes):
    target.faults.add("endless_body", "list", declared_bytes=declared_bytes)

    with client.list(stream=True) as response:
        received = sum(len(part) for part in itertools.islice(response.iter_content(65536), 64))

    assert received > 2 * 1024**2
    assert response.headers.get("Content-Length") == (str(declared_bytes) if declared_bytes else None)


def test_a_huge_body_ends_where_it_was_declared_to(target, client):
    target.faults.add("endless_body", "list", declared_bytes=200_000)

    assert len(client.list().content) == 200_000


@pytest.mark.parametrize("value", [None, "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday"])
def test_the_date_header_can_be_wrong_or_missing(target, client, value):
    target.faults.add("date_header", "list", value=value)

    assert client.list().headers.get("Date") == value


def test_generate_can_hand_out_the_token_of_a_stranger(target, client, user, connect):
    target.faults.add("foreign_token", "generate")
    value = client.generate(60).json()["token"]

    [token] = target.tokens()
    assert token.user_id != user.user_id
    assert client.listed_ids() == []
    assert connect(target, value).listed_ids() == [token.id]


@pytest.mark.parametrize("token_id", ["../../um/users", "x\r\nX-Injected: 1", ""])
def test_ids_can_be_anything(target, client, user, token_id):
    known, dummy = target.mint(user)
    target.faults.add("replaced_fields", count=2, fields={"id": token_id})

    assert client.listed_ids() == [token_id]
    assert client.get(known.id).json()["id"] == token_id


def test_the_kid_of_a_generated_token_can_be_anything(target, client):
    target.faults.add("replaced_fields", "generate", fields={"id": "../x\r\n"})

    value = client.generate(60).json()["token"]

    assert jwt.get_unverified_header(value)["kid"] == "../x\r\n"


def test_dates_can_lie_in_the_year_9999(target, client, user):
    target.mint(user)
    target.faults.add("replaced_fields", "list", fields={"expirationDate": "9999-12-31T23:59:59Z"})

    [token] = client.list().json()["tokens"]

    assert token["expirationDate"] == "9999-12-31T23:59:59Z"


def test_fields_cannot_be_replaced_where_there_are_none(target, client):
    target.faults.add("gateway_page", "list", status=200)
    target.faults.add("replaced_fields", "list", fields={"id": "x"})

    assert client.list().text.startswith("<html>")


def test_faults_on_the_same_call_add_up(target, client):
    target.faults.add("status", "list", status=503)
    target.faults.add("date_header", "list")

    response = client.list()

    assert (response.status_code, response.headers.get("Date")) == (503, None)
    assert last_entry(target).faults == ["status", "date_header"]


def test_a_fault_hits_from_the_nth_call_on_so_many_times(offline_emulator, connect, ann):
    client = connect(offline_emulator, ann)
    client.list()
    offline_emulator.faults.add("status", "list", status=503, on_call=2, count=2)

    assert [client.list().status_code for _number in range(4)] == [200, 503, 503, 200]


def test_a_fault_without_a_count_lasts_until_it_is_cleared(offline_emulator, connect, ann):
    client = connect(offline_emulator, ann)
    offline_emulator.faults.add("status", status=503, count=None)
    assert {client.list().status_code for _number in range(5)} == {503}

    offline_emulator.faults.clear()

    assert client.list().status_code == 200


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_fault_hits_its_own_operation_only(offline_emulator, connect, operation):
    user = offline_emulator.add_user("ann@example.com", "first-password", role="owner")
    token, value = offline_emulator.mint(user)
    offline_emulator.faults.add("status", operation, status=503, count=None)
    client = connect(offline_emulator, value)

    statuses = {
        "generate": client.generate(60).status_code,
        "list": client.list().status_code,
        "get": client.get(token.id).status_code,
        "get_user": client.get_user(user.user_id).status_code,
        "delete_by_criteria": client.delete_by_criteria("EXPIRED").status_code,
        "delete": client.delete(token.id).status_code,
    }

    assert statuses == {name: 503 if name == operation else 200 for name in OPERATIONS}


def test_a_fault_can_be_for_one_user(offline_emulator, connect, ann, ben):
    offline_emulator.faults.add("status", "list", status=503, user=ben.name, count=None)

    assert connect(offline_emulator, ann).list().status_code == 200
    assert connect(offline_emulator, ben, 31711111).list().status_code == 503


@pytest.mark.parametrize(
    "script",
    [
        {"kind": "explode"},
        {"kind": "status"},
        {"kind": "status", "status": 503, "colour": "red"},
        {"kind": "drop_after", "operation": "mint"},
        {"kind": "drop_after", "how": "gently"},
        {"kind": "drop_after", "on_call": 0},
        {"kind": "drop_after", "count": 0},
    ],
)
def test_a_script_that_makes_no_sense_is_refused(offline_emulator, script):
    with pytest.raises(ValueError, match=r"\w"):
        offline_emulator.faults.add(**script)


def test_every_kind_says_what_it_does():
    assert [kind for kind, fault in KINDS.items() if not fault.__doc__] == []


def test_a_header_with_a_line_break_is_never_sent(target, connect, user):
    dummy, value = target.mint(user)

    with pytest.raises(ValueError, match="Invalid header value"):
        connect(target, value + "\n").list()

    assert target.journal.entries() == []


def test_an_unreachable_server_in_memory_is_a_connection_that_was_never_made(offline_emulator):
    with requests.Session() as session:
        adapter = EmulatorAdapter(offline_emulator)
        adapter.reachable = False
        session.mount("https://", adapter)

        with pytest.raises(requests.ConnectionError) as failure:
            session.get("https://api.example.com/auth/v1/tokens")

    assert isinstance(failure.value.args[0].reason, NewConnectionError)
    assert offline_emulator.journal.entries() == []

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pause that the API asks one client for is kept by all that share it, and what cannot wait so long fails at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import ConnectionSettings
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiError, ApiUnavailable, MintNotSent
from ansible_collections.tokenops.ionos.plugins.module_utils._http.pacer import Pacer
from support.raw_server import free_port
from support.trace import AUTH, Expected, FakeTime, Trace, client, html, listed, refusal, token

LIST = f"{AUTH}/tokens"
GENERATE = f"{AUTH}/tokens/generate?ttl=3600"
ANY_LIST = Expected("GET", LIST, listed())
MINTED = {"token": token(7).value}


def busy(status=429, retry_after=None):
    """Return an answer that says there are too many requests, or that the API is out of service."""
    return replace(refusal(status), headers={} if retry_after is None else {"Retry-After": retry_after})


class Clients:
    """Two clients of one run, of which the first was just told to wait."""

    def __init__(self, trace, **options):
        self.time = FakeTime()
        self.pacer = Pacer(options.pop("rate", None), sleep=self.time.sleep, monotonic=self.time.monotonic)
        self.first, self.second = (client(trace, time=self.time, pacer=self.pacer, **options) for _number in range(2))


def told_to_wait(trace, reply, **options):
    """Return clients of which the first has minted in vain: its only request was answered with ``reply``."""
    trace.expected.insert(0, Expected("GET", GENERATE, reply))
    clients = Clients(trace, **options)
    with pytest.raises(ApiError):
        clients.first.generate(3600)
    return clients


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("retry_after", ["7", "Sun, 01 Mar 2026 12:00:07 GMT"])
def test_nobody_begins_a_request_before_the_retry_after_of_one_has_passed(status, retry_after):
    with Trace(ANY_LIST) as trace:
        clients = told_to_wait(trace, busy(status, retry_after))
        clients.second.list_tokens()
    assert clients.time.pauses == [7]


def test_without_a_retry_after_all_keep_the_pause_that_grows():
    with Trace(*[Expected("GET", LIST, busy())] * 4, ANY_LIST) as trace:
        clients = Clients(trace)
        with pytest.raises(ApiUnavailable, match="limits the rate"):
            clients.first.list_tokens()
        assert clients.time.pauses == [0.25, 0.5, 1]
        clients.second.list_tokens()
    assert clients.time.pauses[3:] == [2]


@pytest.mark.parametrize("reply", [html(502), html(503), html(504), refusal(500), busy(503, "0"), busy(500, "7")])
def test_an_outage_that_asks_for_no_pause_is_nobody_elses(reply):
    with Trace(ANY_LIST) as trace:
        clients = told_to_wait(trace, reply)
        clients.second.list_tokens()
    assert clients.time.pauses == []


def test_a_client_that_acts_as_another_token_keeps_the_pause():
    with Trace(ANY_LIST) as trace:
        clients = told_to_wait(trace, busy(retry_after="7"))
        clients.first.with_token(token(2)).list_tokens()
    assert clients.time.pauses == [7]


def test_the_clients_of_one_module_keep_each_others_pauses():
    params = {
        "api_url": f"http://127.0.0.1:{free_port()}",
        "validate_certs": True,
        "ca_path": None,
        "certificate_fingerprint": None,
        "timeout": 15,
        "policy": "enforce",
        "two_factor": "auto",
        "contract_number": None,
    }
    connection = ConnectionSettings.from_params(params, {}).connect()
    connection.pacer.complain(429, 20, 0.0)
    for number in (1, 2):
        with pytest.raises(ApiUnavailable, match="limits the rate"):
            connection.api_of(token(number)).list_tokens()


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [
        ("999999999", 30),
        ("99999999999999999999", 0.25),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 30),
        ("Sun, 01 Mar 2020 12:00:00 GMT", 0.25),
        ("-5", 0.25),
        ("nan", 0.25),
        ("inf", 0.25),
        ("1e9", 0.25),
        ("", 0.25),
    ],
)
def test_no_answer_keeps_the_run_waiting_for_longer_than_the_cap(retry_after, pause):
    with Trace(ANY_LIST) as trace:
        clients = told_to_wait(trace, busy(retry_after=retry_after))
        clients.second.list_tokens()
    assert clients.time.pauses == [pause]


@pytest.mark.parametrize("status", [429, 503])
def test_a_request_that_cannot_wait_for_the_end_of_the_pause_is_not_sent(status):
    with Trace() as trace:
        clients = told_to_wait(trace, busy(status, "20"), deadline=15)
        with pytest.raises(ApiUnavailable) as raised:
            clients.second.list_tokens()
    assert (raised.value.code, raised.value.status, clients.time.pauses) == ("api_rate_limited", status, [])
    assert f"(HTTP status {status})" in str(raised.value)


def test_a_mint_that_could_begin_only_with_less_than_half_of_its_time_left_is_not_sent():
    with Trace() as trace:
        clients = told_to_wait(trace, busy(retry_after="20"), deadline=39)
        with pytest.raises(MintNotSent) as raised:
            clients.second.generate(3600)
    assert (raised.value.code, raised.value.status, raised.value.retry_after) == ("api_rate_limited", 429, 20)
    assert clients.time.pauses == []


def test_a_mint_waits_for_its_turn_and_is_sent_once():
    with Trace(Expected("GET", GENERATE, replace(listed(), body=MINTED))) as trace:
        clients = told_to_wait(trace, busy(retry_after="20"), deadline=60)
        assert clients.second.generate(3600) == token(7)
    assert clients.time.pauses == [20]


def test_a_mint_that_may_not_be_sent_any_more_when_its_turn_has_come_is_not_sent():
    asked_at = []
    with Trace() as trace:
        clients = told_to_wait(trace, busy(retry_after="20"))
        with pytest.raises(MintNotSent):
            clients.second.generate(3600, lambda: asked_at.append(clients.time.monotonic()))
    assert asked_at == [20]


def test_a_request_whose_turn_comes_after_its_deadline_is_not_sent():
    with Trace(ANY_LIST) as trace:
        clients = Clients(trace, rate=0.1, deadline=9)
        clients.first.list_tokens()
        with pytest.raises(ApiUnavailable) as raised:
            clients.second.list_tokens()
    assert (raised.value.code, clients.time.pauses) == ("api_turn_too_late", [])
    assert "9 seconds; it was not sent. Take fewer workers" in str(raised.value)


def test_requests_of_all_clients_together_keep_the_rate():
    with Trace(*[ANY_LIST] * 4) as trace:
        clients = Clients(trace, rate=0.5)
        for api in (clients.first, clients.second, clients.first.with_token(token(2)), clients.second):
            api.list_tokens()
    assert clients.time.pauses == [2, 2, 2]


class TimeOfAnother(FakeTime):
    """Time in which somebody else is told to wait while this client sleeps."""

    pacer = None

    def sleep(self, seconds):
        super().sleep(seconds)
        self.pacer.complain(429, 30, 0.0)


def test_a_repetition_without_a_turn_leaves_the_answer_that_there_was():
    time = TimeOfAnother()
    time.pacer = Pacer(sleep=time.sleep, monotonic=time.monotonic)
    with Trace(Expected("GET", LIST, html(502))) as trace, pytest.raises(ApiUnavailable) as raised:
        client(trace, time=time, pacer=time.pacer, deadline=10).list_tokens()
    assert (raised.value.code, raised.value.status) == ("api_outage", 502)

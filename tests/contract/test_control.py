# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoints and the DCD's endpoints, as a playbook uses them."""

from __future__ import annotations

import pytest

from emulator.signing import verified_token_id

ANN = {"name": "ann@example.com", "password": "first-password", "contracts": [31711111], "role": "owner"}


@pytest.fixture
def post(emulator, connect):
    client = connect(emulator)

    def post_json(path, document=None, status=200):
        response = client.call("POST", path, json=document or {})
        assert response.status_code == status, response.text
        return response.json()

    return post_json


@pytest.fixture
def get(emulator, connect):
    client = connect(emulator)
    return lambda path: client.call("GET", path).json()


def test_the_clock_is_set_frozen_advanced_and_skewed(post, get):
    post("/_emulator/clock", {"set": "2026-01-01T00:00:00Z", "frozen": True})
    post("/_emulator/clock", {"advance": 90, "date_header_skew": -5})

    assert get("/_emulator/clock") == {"now": "2026-01-01T00:01:30Z", "frozen": True, "date_header_skew": -5.0}


def test_a_fault_is_scripted_seen_and_cleared(emulator, post, get, connect):
    post("/_emulator/faults", {"kind": "status", "operation": "list", "status": 503, "headers": {"Retry-After": "1"}})
    assert connect(emulator).list().headers["Retry-After"] == "1"
    assert [fault["calls_seen"] for fault in get("/_emulator/faults")["faults"]] == [1]

    connect(emulator).call("DELETE", "/_emulator/faults")

    assert connect(emulator).list().status_code == 401


def test_the_journal_is_read_by_operation_and_cleared(emulator, get, connect):
    connect(emulator).list()
    connect(emulator).generate(60)
    assert [entry["operation"] for entry in get("/_emulator/journal")["entries"]] == ["list", "generate"]
    assert len(get("/_emulator/journal?operation=list")["entries"]) == 1

    connect(emulator).call("DELETE", "/_emulator/journal")

    assert get("/_emulator/journal")["entries"] == []


def test_a_user_is_added_and_shown_without_a_password(emulator, post, get, connect):
    post("/_emulator/users", {**ANN, "two_factor": {"active_since": "2030-01-01"}})

    [user] = get("/_emulator/users")["users"]
    assert (user["name"], user["contracts"], user["role"]) == ("ann@example.com", [31711111], "owner")
    assert user["two_factor"]["active_since"] == "2030-01-01T00:00:00Z"
    assert "password" not in user
    assert connect(emulator, emulator.state.users.named("ann@example.com")).list().status_code == 200


def test_a_token_is_issued_shown_without_its_value_and_revoked(emulator, post, get, connect):
    post("/_emulator/users", ANN)
    issued = post("/_emulator/tokens", {"user": ANN["name"], "ttl": 60, "origin": "token_manager"})
    assert verified_token_id(issued["token"]) == issued["id"]

    connect(emulator).call("DELETE", f"/_emulator/tokens/{issued['id']}")

    [shown] = get(f"/_emulator/tokens?user={ANN['name']}")["tokens"]
    assert (shown["id"], shown["ttl"], shown["origin"], shown["revoked"]) == (issued["id"], 60, "token_manager", True)
    assert "token" not in shown


def test_settings_are_changed(emulator, post, get):
    post("/_emulator/settings", {"quota": 5, "omitted_claims": ["exp"], "accepts_basic_after_2024": False})

    assert emulator.settings.quota == 5
    assert get("/_emulator/settings")["omitted_claims"] == ["exp"]


def test_reset_forgets_everything_and_takes_a_new_seed(emulator, post, get):
    post("/_emulator/users", ANN)
    post("/_emulator/tokens", {"user": ANN["name"]})
    post("/_emulator/settings", {"quota": 5})

    post("/_emulator/reset", {"users": [{**ANN, "name": "ben@example.com"}]})

    assert [user["name"] for user in get("/_emulator/users")["users"]] == ["ben@example.com"]
    assert (get("/_emulator/tokens")["tokens"], emulator.settings.quota) == ([], 100)


def test_requests_to_control_are_not_in_the_journal_and_not_hit_by_faults(emulator, post, get):
    emulator.faults.add("status", status=503, count=None)

    post("/_emulator/clock", {"advance": 1})

    assert get("/_emulator/journal")["entries"] == []


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/_emulator/clock", {"set": "soon"}),
        ("/_emulator/faults", {"kind": "explode"}),
        ("/_emulator/faults", {"operation": "list"}),
        ("/_emulator/users", {"name": "ann@example.com"}),
        ("/_emulator/users", {**ANN, "colour": "red"}),
        ("/_emulator/users", {**ANN, "two_factor": "maybe"}),
        ("/_emulator/settings", {"quota": "many"}),
        ("/_emulator/settings", {"colour": "red"}),
        ("/_emulator/settings", {"omitted_claims": ["identity"]}),
        ("/_emulator/reset", {"colour": "red"}),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(post, path, document):
    assert post(path, document, status=400)["error"]


def test_a_person_creates_lists_and_deletes_in_the_token_manager(emulator, post, get, connect):
    post("/_emulator/users", ANN)
    session = post("/_dcd/sessions", {"user": ANN["name"], "password": ANN["password"]})["session"]
    created = post("/_dcd/tokens", {"session": session, "ttl": "30d", "contract_number": 31711111})
    assert connect(emulator, created["token"]).listed_ids() == [created["id"]]
    assert [token["id"] for token in get(f"/_dcd/tokens?session={session}")["tokens"]] == [created["id"]]

    connect(emulator).call("DELETE", f"/_dcd/tokens/{created['id']}?session={session}")

    assert get(f"/_dcd/tokens?session={session}")["tokens"] == []


def test_the_second_factor_is_asked_for_and_shown(post):
    post("/_emulator/users", {**ANN, "two_factor": "enabled", "second_factor_code": "111222"})
    signed_in = post("/_dcd/sessions", {"user": ANN["name"], "password": ANN["password"]})
    assert signed_in["second_factor_required"] is True
    post("/_dcd/tokens", {"session": signed_in["session"], "ttl": "1h"}, status=403)

    post(f"/_dcd/sessions/{signed_in['session']}/second-factor", {"code": "111222"})

    assert post("/_dcd/tokens", {"session": signed_in["session"], "ttl": "1h"})["ttl"] == 3600


@pytest.mark.parametrize("state", ["configuring", "enabled", "forced"])
def test_two_factor_is_switched_with_a_date(emulator, post, connect, state):
    post("/_emulator/users", ANN)
    user = emulator.state.users.named(ANN["name"])
    post("/_dcd/two-factor", {"user": ANN["name"], "state": state, "since": "2999-01-01"})
    assert connect(emulator, user).list().status_code == 200

    post("/_dcd/two-factor", {"user": ANN["name"], "state": state})
    assert connect(emulator, user).list().status_code == 401

    post("/_dcd/two-factor", {"user": ANN["name"], "state": "disabled"})
    assert connect(emulator, user).list().status_code == 200


def test_an_unknown_session_is_refused(post):
    assert post("/_dcd/tokens", {"session": "x", "ttl": "1h"}, status=401)["error"]

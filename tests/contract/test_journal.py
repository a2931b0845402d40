# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal tells, and what it never tells."""

from __future__ import annotations

import json

import requests


def test_an_entry_tells_who_asked_what_and_what_came_of_it(emulator, connect):
    emulator.clock.set("2026-05-04T03:02:01Z")
    emulator.clock.freeze()
    user = emulator.add_user("ann@example.com", "first-password")
    token, value = emulator.mint(user)

    connect(emulator, value, 31711111).generate(60, headers={"User-Agent": "rotator/1.0"})

    [entry] = emulator.journal.dump()
    [dummy, minted] = emulator.tokens()
    assert entry.pop("connection")
    assert entry == {
        "number": 1,
        "at": "2026-05-04T03:02:01Z",
        "method": "GET",
        "path": "/auth/v1/tokens/generate?ttl=60",
        "operation": "generate",
        "credential": "bearer",
        "user": "ann@example.com",
        "token_id": token.id,
        "contract_header": "31711111",
        "user_agent": "rotator/1.0",
        "faults": [],
        "handler_ran": True,
        "handler_status": 200,
        "status": 200,
        "minted": [minted.id],
        "deleted": [],
    }


def test_basic_and_missing_credentials_are_told_apart(offline_emulator, connect, ann):
    connect(offline_emulator, ann).list()
    connect(offline_emulator).list()

    seen = [(entry.credential, entry.user, entry.status) for entry in offline_emulator.journal.entries()]
    assert seen == [("basic", ann.name, 200), ("none", None, 401)]


def test_a_refused_token_is_still_named(offline_emulator, connect, ann):
    token, value = offline_emulator.mint(ann)
    offline_emulator.revoke(token.id)

    connect(offline_emulator, value).list()

    [entry] = offline_emulator.journal.entries()
    assert (entry.token_id, entry.status) == (token.id, 401)


def test_deleted_ids_are_told(offline_emulator, connect, ann):
    first, dummy = offline_emulator.mint(ann)
    second, dummy = offline_emulator.mint(ann)

    connect(offline_emulator, ann).delete_by_criteria("ALL")

    assert offline_emulator.journal.deleted() == [first.id, second.id]


def test_entries_can_be_asked_for_by_operation(offline_emulator, connect, ann):
    client = connect(offline_emulator, ann)
    client.list()
    client.generate(60)

    assert [entry.operation for entry in offline_emulator.journal.entries("generate")] == ["generate"]


def test_requests_over_one_connection_share_its_number(emulator, connect):
    user = emulator.add_user("ann@example.com", "first-password")
    client = connect(emulator, user)
    client.list()
    client.list()
    connect(emulator, user).list()

    first, second, third = (entry.connection for entry in emulator.journal.entries())
    assert first == second != third


def test_in_memory_a_closed_connection_is_followed_by_another(offline_emulator, connect, ann):
    client = connect(offline_emulator, ann)
    client.list(headers={"Connection": "close"})
    client.list()

    first, second = (entry.connection for entry in offline_emulator.journal.entries())
    assert first != second


def test_no_secret_is_in_the_journal_wherever_a_client_puts_it(emulator, connect):
    user = emulator.add_user("ann@example.com", "first-password")
    emulator.add_user("ben@example.com", "päss wörd/2")
    dummy, value = emulator.mint(user)
    minted = connect(emulator, user).generate(60).json()["token"]
    connect(emulator, value).list(
        params={"token": value, "password": "first-password"},
        headers={"User-Agent": f"x {minted}", "X-Contract-Number": value},
    )
    connect(emulator, value).get(minted)
    connect(emulator).list(params={"password": "päss wörd/2"})
    requests.get(emulator.auth_url + "/tokens", auth=("first-password", "x"), timeout=10)

    shown = json.dumps(emulator.journal.dump()) + repr(emulator.journal.entries())

    for secret in ("first-password", "rd%2F2", "rd/2", value, minted, *value.split(".")[1:], *minted.split(".")[1:]):
        assert secret not in shown

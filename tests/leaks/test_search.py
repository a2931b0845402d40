# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search sees a secret that was leaked on purpose: in every form, in part, and in every place of a real run."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.canaries import SHORTEST_LEAK, Canary, CanarySearch, Leak, forms, token_canaries
from support.jwts import ionos_jwt
from support.leak_site import Scene

SECRET = "q\"3f\\9d/é+71c'46a0b~82&51e9d7"
TOKEN = ionos_jwt("4cb4ef60-3f4b-4a3b-8f4a-0a3d2c1b0e9f")
# Places of a real run, with the names of the canaries that are leaked there and nowhere else in that run.
PLANTED = {
    "stdout": "printed",
    "stderr": "failed",
    "file ansible.log": "printed",
    "system log": "started",
    "command lines": "started",
    "environments": "environment_entry",
    "callback: arguments": "printed",
    "callback: task fields": "environment_entry",
    "callback: results": "printed",
    "callback: facts": "remembered",
    "callback: registered variables": "remembered",
    "callback: statistics": "handed_on",
    "file facts/*localhost": "remembered",
    "file tmp/removed": "removed file",
    "file tmp/short-lived": "short-lived file",
    "file home/.ansible/file": "home file",
    "file */elsewhere/file": "file elsewhere",
}


SEARCH = CanarySearch([Canary("secret", SECRET)])


def found(content: bytes, *canaries: Canary) -> set[Leak]:
    return (CanarySearch(canaries) if canaries else SEARCH).find("place", content)


@pytest.mark.parametrize("form", forms(SECRET))
@settings(deadline=None)
@given(before=st.binary(max_size=20), after=st.binary(max_size=20))
def test_a_secret_is_found_in_every_form_wherever_it_stands(form: str, before: bytes, after: bytes) -> None:
    assert Leak("secret", form, "place") in found(before + forms(SECRET)[form] + after)


@settings(deadline=None)
@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_a_secret_is_found_in_the_base64_of_a_text_around_it(before: bytes, after: bytes) -> None:
    assert found(base64.b64encode(before + SECRET.encode() + after))
    assert found(base64.urlsafe_b64encode(before + SECRET.encode() + after))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        json.dumps({"stdout": json.dumps({"password": SECRET})}),
        str({"password": SECRET}),
        f"https://ann:{quote(SECRET, safe='')}@127.0.0.1",
        SECRET.encode().hex(),
    ],
)
def test_a_secret_is_found_as_programs_write_it(text: str) -> None:
    assert {leak.canary for leak in found(text.encode())} == {"secret"}


@settings(deadline=None)
@given(st.integers(0, len(SECRET.encode()) - SHORTEST_LEAK), st.binary(max_size=20))
def test_a_piece_of_a_secret_is_found(start: int, before: bytes) -> None:
    assert found(before + SECRET.encode()[start : start + SHORTEST_LEAK])


def test_what_is_no_secret_is_not_found() -> None:
    harmless = "Keep the declared tokens fresh: kept, 29d left, sha256:edf2af9921d6163b. " * 50
    assert found(harmless.encode(), Canary("secret", SECRET), *token_canaries("token", TOKEN)) == set()


@pytest.mark.parametrize("part", [1, 2])
def test_a_part_of_a_token_is_found(part: int) -> None:
    content = f"id and {TOKEN.split('.')[part]}".encode()
    assert {leak.canary for leak in found(content, *token_canaries("token", TOKEN))} == {
        "token: payload" if part == 1 else "token: signature"
    }


def test_the_public_part_of_a_token_is_no_leak() -> None:
    assert found(TOKEN.split(".", maxsplit=1)[0].encode(), *token_canaries("token", TOKEN)) == set()


def test_a_token_that_nobody_planted_is_found_by_its_shape() -> None:
    assert {leak.canary for leak in found(f"Bearer {TOKEN}".encode())} == {"any token"}


@pytest.mark.parametrize("value", ["s." + 24 * "a", "hvs." + 30 * "b"])
def test_a_token_of_openbao_that_nobody_planted_is_found_by_its_shape(value: str) -> None:
    assert {leak.canary for leak in found(f'"client_token": "{value}"'.encode())} == {"any token of OpenBao"}


def test_a_secret_that_is_too_short_to_be_looked_for_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        CanarySearch([Canary("pin", "12345678")])


@pytest.mark.parametrize("place", PLANTED)
def test_a_leak_is_seen_in_every_place_of_a_run(leaky: Scene, place: str) -> None:
    assert PLANTED[place] in leaky.leaks_in(place)


def test_a_file_that_others_may_read_is_seen_and_one_that_they_may_not_is_no_leak(leaky: Scene) -> None:
    assert "file tokens/open" in leaky.exposed
    assert "file tokens/closed" not in leaky.exposed
    assert leaky.leaks_in("file tokens/*") == set()


def test_a_process_that_turns_core_dumps_on_is_seen(leaky: Scene) -> None:
    assert leaky.core_limits == {"0", "unlimited"}
    assert leaky.content("limits") != b""

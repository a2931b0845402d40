# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request costs the emulator does not depend on how many users and tokens there are: it serves measurements."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from emulator import Emulator
from emulator.messages import Request
from support.growth import grows_linearly

USERS = 200


@dataclass(frozen=True)
class _Crowd:
    """An emulator with many users, each with a token, and a request for every one of them."""

    emulator: Emulator
    requests: list[Request]


def _crowd(path: str, users: int) -> _Crowd:
    emulator = Emulator()
    requests = []
    for number in range(users):
        user = emulator.add_user(f"user{number}@example.com", f"password of {number}", role="owner")
        token, value = emulator.mint(user)
        target = path.format(token_id=token.id, user_id=user.user_id)
        requests.append(Request("GET", target, {"authorization": f"Bearer {value}", "user-agent": "a client"}))
    return _Crowd(emulator, requests)


def _serve(crowd: _Crowd) -> None:
    for request in crowd.requests:
        assert crowd.emulator.complete(crowd.emulator.begin(request)).answer.status == 200


@pytest.mark.parametrize(
    "path",
    ["/auth/v1/tokens/{token_id}", "/auth/v1/tokens", "/cloudapi/v6/um/users/{user_id}"],
    ids=["get", "list", "user"],
)
def test_a_request_costs_the_same_in_a_crowd(path: str) -> None:
    assert grows_linearly(_serve, lambda users: _crowd(path, users), USERS)

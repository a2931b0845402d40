# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a declaration is shared out among hosts for the bench."""

from __future__ import annotations

from bench.contenders import shared_out

DECLARATION = {
    "api_url": "http://127.0.0.1:1",
    "accounts": [{"name": name} for name in ("ann", "bob", "eve")],
    "tokens": [{"name": f"token{number}", "account": ("ann", "bob", "eve")[number % 3]} for number in range(6)],
    "renew_now": ["token0", "token1"],
    "workers": 16,
}


def test_each_token_is_of_one_host_and_each_user_too() -> None:
    hosts = shared_out(DECLARATION, 2)
    assert {host: [token["name"] for token in hosts[host]["tokens"]] for host in hosts} == {
        "host0": ["token0", "token2", "token3", "token5"],
        "host1": ["token1", "token4"],
    }
    assert [[account["name"] for account in host["accounts"]] for host in hosts.values()] == [["ann", "eve"], ["bob"]]
    assert [host["renew_now"] for host in hosts.values()] == [["token0"], ["token1"]]


def test_the_workers_are_shared_out_too() -> None:
    assert [host["workers"] for host in shared_out(DECLARATION, 4).values()] == [4, 4, 4, 4]

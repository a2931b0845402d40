# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m bench.bare.same_calls DECLARATION``: keep tokens fresh with the calls that the collection makes.

The declaration's ``calls`` say how many of each kind are made for every token, for every token that gets a new one, and
besides; ``plan.plan`` takes them from what the collection was seen to ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from bench import plan
from bench.bare.calls import Calls, declaration, side_by_side

Call = Callable[[], Any]


def main() -> None:
    """Keep every declared token fresh."""
    declared = declaration()
    work = SameCalls(Calls(declared), declared)
    side_by_side(declared["workers"], lambda call: call(), work.besides())
    side_by_side(declared["workers"], work.keep_fresh, declared["tokens"])


class SameCalls:
    """The calls for one token at a time."""

    def __init__(self, calls: Calls, declared: dict[str, Any]) -> None:
        self._calls = calls
        self._renew_now = frozenset(declared["renew_now"])
        self._issuers: list[str] = [account["token"] for account in declared["accounts"]]
        self._some_path: str = declared["tokens"][0]["vault"]["path"]
        planned = declared["calls"]
        self._besides = Counter(planned["besides"])
        self._of_each = Counter(planned["each"])
        self._of_due = self._of_each + Counter(planned["due"])

    def keep_fresh(self, token: dict[str, Any]) -> None:
        """Make the calls for one token."""
        calls, path = self._calls, token["vault"]["path"]
        counts = self._of_due if token["name"] in self._renew_now else self._of_each
        current = calls.read_secret(path)
        if current is None:
            raise SystemExit("A script that makes the calls of others needs tokens that are there already.")
        _repeat(counts[plan.READ] - 1, partial(calls.read_secret, path))
        _repeat(counts[plan.READ_METADATA], partial(calls.read_metadata, path))
        _repeat(counts[plan.OTHER], calls.ask_openbao)
        _repeat(counts[plan.LIST], partial(calls.list_tokens, current))
        _repeat(counts[plan.GET_USER], partial(calls.look_at_user, current))
        verifying = min(counts[plan.GENERATE], counts[plan.GET])
        _repeat(counts[plan.GET] - verifying, partial(calls.look_at, current, current))
        if counts[plan.GENERATE]:
            self._rotate(path, current, counts, verifying)
        else:
            _repeat(counts[plan.WRITE], partial(calls.write_secret, path, token=current))
        _repeat(counts[plan.WRITE_METADATA], partial(calls.write_metadata, path))

    def _rotate(self, path: str, current: str, counts: Counter[str], verifying: int) -> None:
        """Write, mint, verify, delete, and write again as often as is left."""
        calls = self._calls
        first = 1 if counts[plan.WRITE] > 1 else 0
        _repeat(first, partial(calls.write_secret, path, token=current))
        minted = calls.mint(current)
        _repeat(verifying, partial(calls.look_at, minted, minted))
        if counts[plan.DELETE]:
            calls.delete(current, minted)
        written = partial(calls.write_secret, path, token=minted, previous=current)
        _repeat(counts[plan.WRITE] - first, written)

    def besides(self) -> list[Call]:
        """Return the calls that are made for no token alone, spread over the accounts."""
        calls = self._calls
        of_nobody: dict[str, Call] = {
            plan.READ: partial(calls.read_secret, self._some_path),
            plan.READ_METADATA: partial(calls.read_metadata, self._some_path),
            plan.OTHER: calls.ask_openbao,
        }
        of_an_account: dict[str, Callable[[str], Any]] = {
            plan.LIST: calls.list_tokens,
            plan.GET: lambda issuer: calls.look_at(issuer, issuer),
            plan.GET_USER: calls.look_at_user,
        }
        made = [call for kind, call in of_nobody.items() for _time in range(self._besides[kind])]
        for kind, call in of_an_account.items():
            for number in range(self._besides[kind]):
                made.append(partial(call, self._issuers[number % len(self._issuers)]))
        return made


def _repeat(times: int, call: Call) -> None:
    for _time in range(times):
        call()


if __name__ == "__main__":
    main()

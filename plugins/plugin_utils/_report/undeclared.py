# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tokens that nobody declares, what has been forgotten longest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import AccountFacts, ListedToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import DAY

Age = Literal["old", "recent", "expired"]

DAYS_UNTIL_OLD = 90
"""After which credentials are commonly to be replaced, as CIS benchmarks of clouds demand of access keys."""


@dataclass(frozen=True)
class UndeclaredToken:
    """A token that nobody declares, as far as records were read.

    :ivar account: name of the account whose user has it.
    """

    account: str
    token: ListedToken
    age: Age


def undeclared_tokens(accounts: Iterable[AccountFacts], now: int) -> tuple[UndeclaredToken, ...]:
    """Return the tokens that nobody declares: the old ones, the others, the expired ones, each what ends first first.

    :param now: in seconds since the epoch.
    """
    found = [
        UndeclaredToken(account.name, token, _age(token, now))
        for account in accounts
        for token in account.tokens
        if is_undeclared(token)
    ]
    ages = get_args(Age)
    return tuple(sorted(found, key=lambda item: (ages.index(item.age), item.token.expires_at, item.account)))


def is_undeclared(token: ListedToken) -> bool:
    """Tell whether no record names a token, and no account mints with it."""
    return token.declared is None and token.role is None


def _age(token: ListedToken, now: int) -> Age:
    if token.expired or token.expires_at <= now:
        return "expired"
    return "old" if now - token.created_at >= DAYS_UNTIL_OLD * DAY else "recent"

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All declared tokens and accounts at one moment, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import parse_duration
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import OUTDATED_AFTER
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import AccountFacts, TokenFacts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.judge import judge, judge_account
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    LEVELS,
    AccountState,
    Duty,
    Level,
    TokenState,
)

GOOD_FOR = parse_duration(OUTDATED_AFTER, "outdated_after")


@dataclass(frozen=True)
class Overview:
    """The state of everything at ``now``: tokens and accounts, each worst first.

    :ivar failure: what kept the run from looking at the tokens, or None.
    :ivar runs_without_answer: by the name of a token, how many runs in a row got no answer about it from the API.
    :ivar outdated_after: seconds until this is not to be relied on any more, because a newer one is due.
    """

    now: int
    tokens: tuple[TokenState, ...]
    accounts: tuple[AccountState, ...]
    failure: str | None
    runs_without_answer: Mapping[str, int] = field(default_factory=dict)
    outdated_after: int = GOOD_FOR

    @property
    def outdated_at(self) -> int:
        """From when on a newer one is due, in seconds since the epoch."""
        return self.now + self.outdated_after

    @property
    def level(self) -> Level:
        """The worst level of all."""
        if self.failure is not None:
            return "critical"
        levels = {token.level for token in self.tokens} | {account.level for account in self.accounts}
        return next((level for level in LEVELS if level in levels), "ok")

    def counts(self) -> dict[Level, int]:
        """Return how many tokens are at each level, the worst first."""
        counter = Counter(token.level for token in self.tokens)
        return {level: counter[level] for level in LEVELS}

    def duties(self) -> tuple[Duty, ...]:
        """Return everything that has to be done, the most urgent first."""
        states: list[TokenState | AccountState] = [*self.tokens, *self.accounts]
        duties = [duty for state in states for duty in state.duties]
        if self.failure is not None:
            sentence = "The last run did not look at the tokens."
            duties.insert(0, Duty("critical", "run", "operator", None, None, sentence, self.failure))
        return tuple(sorted(duties, key=lambda duty: duty.urgency))


def overview(
    tokens: Sequence[TokenFacts],
    accounts: Sequence[AccountFacts],
    now: int,
    failure: str | None = None,
    runs_before: Mapping[str, int] | None = None,
    outdated_after: int = GOOD_FOR,
) -> Overview:
    """Return the state of everything.

    :param now: in seconds since the epoch.
    :param failure: what kept the run from looking at the tokens.
    :param runs_before: how many earlier runs in a row got no answer about a token.
    :param outdated_after: in seconds.
    """
    account_by_name = {account.name: account for account in accounts}
    states = [judge(token, account_by_name.get(token.account), now) for token in tokens]
    return Overview(
        now=now,
        tokens=tuple(sorted(states, key=lambda token: token.urgency)),
        accounts=tuple(
            sorted(map(judge_account, accounts), key=lambda account: (LEVELS.index(account.level), account.facts.name))
        ),
        failure=failure,
        runs_without_answer={
            token.name: (runs_before or {}).get(token.name, 0) + 1 for token in tokens if token.cause is not None
        },
        outdated_after=outdated_after,
    )

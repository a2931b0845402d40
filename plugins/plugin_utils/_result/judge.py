# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one judgement of a result, which console, report, metrics and notifications render and never add to.

Pure functions of the facts and of the moment, so that a result can be judged again for any time.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.duties import duties_of_account, duties_of_token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import AccountFacts, TokenFacts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.life import life_of
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import AccountState, TokenState
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.status import level_of_account, state_of_token


def judge(facts: TokenFacts, account: AccountFacts | None, now: int) -> TokenState:
    """Return the state of a declared token: its status, level, life and duties.

    :param account: the facts of its account, or None if they are not known.
    :param now: in seconds since the epoch.
    """
    state = state_of_token(facts, account, now)
    return replace(state, life=life_of(state, now), duties=duties_of_token(state))


def judge_account(facts: AccountFacts) -> AccountState:
    """Return the state of an account."""
    state = AccountState(facts, level_of_account(facts))
    return replace(state, duties=duties_of_account(state))

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a token works and what comes next, in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.judge import judge
from support.report_entries import NOW, account, current, deletion, due, handoff, token

RENEWAL = "11 Apr 2026, 09:30 UTC"
WORKS = "It works until 18 Apr 2026, 09:30 UTC"
ENDS = "It works until 28 Mar 2026, 09:30 UTC"


@pytest.mark.parametrize(
    ("entry", "two_factor", "said"),
    [
        (token(), "disabled", f"{WORKS}; it renews itself from {RENEWAL} on."),
        (token(), "enabled", f"{WORKS}; a person has to make the next one, from {RENEWAL} on."),
        (due(), "disabled", f"{ENDS}; the next run makes a new one."),
        (due(), "enabled", f"{ENDS}; only a person can make the next one."),
        (handoff(account="shop"), "enabled", f"{ENDS}; only a person can make the next one."),
        (due(reason="refused"), "disabled", "It is refused by the API; the next run tries to make a new one."),
        (due(reason="refused"), "enabled", "It is refused by the API; only a person can make the next one."),
        (due(reason="missing", token=None), "disabled", "It is missing; the next run tries to make a new one."),
        (token(token=current(31)), "disabled", "It is expired; the next run tries to make a new one."),
        (token(action="absent", reason="absent", token=None), "disabled", "It is declared absent."),
        (token(failed=True, token=None), "disabled", "It is not known whether a token works."),
        (
            token(action="absent", reason="absent", predicted=True),
            "disabled",
            f"It is declared absent and still {WORKS[3:]}; the next run deletes it.",
        ),
        (deletion(), "enabled", f"It is declared absent and still {WORKS[3:]}."),
        (token(works=False), "disabled", "It does not work any more; the next run tries to make a new one."),
    ],
)
def test_how_a_token_stands_and_what_comes_next(entry: dict[str, Any], two_factor: Any, said: str) -> None:
    assert judge(token_facts(entry, 0), account_facts(account("shop", two_factor), 0), NOW).life == said

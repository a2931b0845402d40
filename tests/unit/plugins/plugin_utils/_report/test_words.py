# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says of the vendor's policy."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report import words
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts
from support.report_entries import account


@pytest.mark.parametrize(
    ("two_factor", "operation", "said", "level"),
    [
        ("disabled", "mint", "Allowed", "ok"),
        ("enabled", "mint", "Not allowed", "warning"),
        ("unknown", "mint", "Not certain", "notice"),
        ("disabled", "basic", "Not allowed", "notice"),
    ],
)
def test_what_the_policy_says(two_factor: Any, operation: str, said: str, level: str) -> None:
    decision = account_facts(account("shop", two_factor), 0).decision(operation)
    assert decision is not None
    assert (words.answer(decision), words.answer_level(operation, decision)) == (said, level)

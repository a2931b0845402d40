# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all tokens of each account."""

from __future__ import annotations

from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.token_table import token_table
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts
from support.report_entries import DAY, NOW, account

ID = "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e"


def listed(created: float, expires: float, **fields: Any) -> dict[str, Any]:
    entry = {"id": ID, "created_at": format_instant(int(NOW + created * DAY))}
    return {**entry, "expires_at": format_instant(int(NOW + expires * DAY)), "expired": expires <= 0, **fields}


def table(**fields: Any) -> list[str]:
    return token_table(overview([], [account_facts(account("shop", **fields), 0)], NOW))


def test_each_token_has_a_line_with_what_it_belongs_to() -> None:
    tokens = [
        listed(-40, -3),
        listed(-20, 10, declared="terraform", role="current"),
        listed(-30, 12, declared="terraform", role="previous"),
        listed(-90, 20, declared="dns", role="to_delete"),
        listed(-1, 364, role="credential"),
    ]
    assert table(quota={"used": 5, "limit": 100}, tokens=tokens) == [
        "Account shop: 5 of 100 tokens",
        "  Id                                    Created         Expires               Declared as",
        f"  {ID}  40 days ago     expired 3 days ago    nobody declares it",
        f"  {ID}  20 days ago     in 10 days            terraform",
        f"  {ID}  30 days ago     in 12 days            terraform, its previous one",
        f"  {ID}  90 days ago     in 20 days            dns, to be deleted by a person",
        f"  {ID}  24 hours ago    in 364 days           credential of an account",
        "  1 that nobody declares, 1 expired",
    ]


def test_an_account_that_could_not_be_looked_at_says_why() -> None:
    assert table(quota=None, message="The API cannot be reached.") == [
        "Account shop",
        "  It could not be looked at. The API cannot be reached.",
    ]

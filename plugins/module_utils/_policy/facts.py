# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the policy says of an account, in the form in which a user gets it."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Method, Operation, TwoFactor, evaluate

POLICY_QUESTIONS: dict[str, tuple[Method, Operation]] = {
    "basic": ("basic", "use"),
    "bearer": ("bearer", "use"),
    "mint": ("bearer", "mint"),
    "delete": ("bearer", "delete"),
}


def policy_facts(two_factor: TwoFactor, on: datetime.date) -> dict[str, Any]:
    """Return what the policy says on a day of Basic Authentication and of using, minting and deleting tokens."""
    decisions = {
        question: evaluate(method, operation, two_factor, "unknown", on).as_dict()
        for question, (method, operation) in POLICY_QUESTIONS.items()
    }
    return {"on": on.isoformat(), "two_factor": two_factor, **decisions}

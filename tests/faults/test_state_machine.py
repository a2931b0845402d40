# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G1 to G5 and G8 as invariants of worlds in which everything happens: runs, failures, people, other tools, time.

There are several worlds, since one that has everything hardly ever gets anywhere.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from support.rotation_elements import (
    Decommissioning,
    Lags,
    Offers,
    Outages,
    People,
    Purging,
    Sharing,
    StrangeReplicas,
    Unaccompanied,
)
from support.rotation_machine import RotationMachine
from support.rotation_world import declared

EXAMPLES = os.environ.get("TOKENOPS_STATE_MACHINE_EXAMPLES")
FEW, MANY = int(EXAMPLES or 8), int(EXAMPLES or 100)
STEPS = 30


class Rotators(People, Offers):
    """Lifetimes of a month, and people."""

    MUST_REACH = frozenset(
        [
            "action rotated",
            "action adopted",
            "two runs met",
            "a previous token was retired",
            "an orphan was deleted",
            "an intent was taken over",
        ]
    )


class ShortLifetimes(People, Purging):
    """Tokens that expire between two runs, or are due in every one, and that leave little room for their marks."""

    MUST_REACH = frozenset(["an expired token was retired", "expired tokens were purged", "a purge was refused"])

    TOKENS: ClassVar = {
        "app": declared("app", ttl="8m", renew_before="3m", overlap="30s", replicas=[{"path": "app/replica"}]),
        "dns": declared("dns", ttl="8m", renew_before="5m", overlap="1m", replicas=[{"path": "dns/replica"}]),
    }


class BrokenVaults(Outages, StrangeReplicas):
    """Vaults that are down for long, and replicas in which anything may stand."""

    MUST_REACH = frozenset(
        [
            "a previous token was held back",
            "rest with a replica that is down",
            "rest with a foreign token in a replica",
            "rest after an outage of a replica",
        ]
    )


class ComingAndGoing(Decommissioning, People, Offers, Outages, StrangeReplicas):
    """Declarations that go absent and come back."""

    MUST_REACH = frozenset(
        [
            "a decommissioning was finished",
            "declared present again",
            "rest of what is absent",
            "declared absent while a suspect was open",
        ]
    )


class SharedTokens(Sharing):
    """Declarations that share a token, of which one is rotated sooner than the other."""

    MUST_REACH = frozenset(["a vault was copied", "the adoption of a sharer failed", "error offer_held_elsewhere"])

    TOKENS: ClassVar = {
        "app": declared("app", replicas=[{"path": "app/replica"}]),
        "dns": declared("dns", renew_before="15d", overlap="12h", replicas=[{"path": "dns/replica"}]),
    }


class LaggingApi(Lags, People, Offers, Decommissioning):
    """An API that does not know yet what it has made."""

    MUST_REACH = frozenset(["a suspect was kept", "a suspect was forgotten", "an orphan was deleted"])


class HastyLaggingApi(Lags, Purging):
    """The same with lifetimes that are hardly longer than the lags."""

    MUST_REACH = frozenset(["error minted_token_unusable", "a suspect was kept"])

    TOKENS: ClassVar = {
        "app": declared("app", ttl="8m", renew_before="3m", overlap="30s", replicas=[{"path": "app/replica"}]),
        "dns": declared("dns", ttl="1h", renew_before="55m", overlap="20m", replicas=[{"path": "dns/replica"}]),
    }


class NoCredential(Unaccompanied, Outages, StrangeReplicas):
    """An account that has nothing but what stands in its vaults."""

    MUST_REACH = frozenset(
        ["a living token rescued", "nobody could mint", "the current token was deleted while a previous one was alive"]
    )

    TOKENS: ClassVar = {
        "app": declared("app", overlap="6d", replicas=[{"path": "app/replica"}]),
        "dns": declared("dns", overlap="6d", replicas=[{"path": "dns/replica"}]),
    }


MACHINES: tuple[type[RotationMachine], ...] = (
    Rotators,
    ShortLifetimes,
    BrokenVaults,
    ComingAndGoing,
    SharedTokens,
    LaggingApi,
    HastyLaggingApi,
    NoCredential,
)


def search(machine: type[RotationMachine], examples: int) -> None:
    """Let everything happen, in so many examples."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=timedelta(seconds=60),
            suppress_health_check=list(HealthCheck),
            derandomize=EXAMPLES is None,
        ),
    )


@pytest.mark.parametrize("machine", MACHINES)
def test_the_guarantees_hold_whatever_happens(machine: type[RotationMachine]) -> None:
    search(machine, FEW)


@pytest.mark.heavy
@pytest.mark.parametrize("machine", MACHINES)
def test_the_guarantees_hold_in_rare_situations_too(machine: type[RotationMachine]) -> None:
    search(machine, MANY)
    assert set(machine.MUST_REACH) - set(machine.reached) == set()

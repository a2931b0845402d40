# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark by which the tokens of one declaration are told apart (R36)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.declaration_mark import DeclarationMark
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import MAXIMUM_TTL, least_lifetime_sent
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import reserve_ttl

DAY = 86400
NOON = 1_772_366_400
MARK = DeclarationMark(["app", "memory", "app/record"])


def entry(created_at: int, lifetime: int) -> TokenEntry:
    return TokenEntry("123e4567-e89b-42d3-a456-426614174000", created_at, created_at + lifetime)


@given(
    wanted=st.integers(6 * DAY, MAXIMUM_TTL),
    started_at=st.integers(NOON, NOON + 400 * DAY),
    delay=st.integers(-60, 600),
    drift=st.integers(-2, 2),
    fraction=st.floats(0, 1, exclude_max=True),
)
def test_r36_what_a_declaration_mints_carries_its_mark(
    wanted: int, started_at: int, delay: int, drift: int, fraction: float
) -> None:
    ttl = reserve_ttl(wanted, [], lambda: fraction, preferred=MARK.lifetimes(wanted, started_at))
    assert MARK.is_carried_by(entry(started_at + delay, ttl + drift), wanted)


@given(wanted=st.integers(60, MAXIMUM_TTL), started_at=st.integers(NOON, NOON + DAY))
def test_r36_marks_stay_within_the_lifetimes_that_may_be_sent(wanted: int, started_at: int) -> None:
    lifetimes = MARK.lifetimes(wanted, started_at)
    assert all(least_lifetime_sent(wanted) <= lifetime <= wanted - 5 for lifetime in lifetimes)


@pytest.mark.parametrize(("wanted", "most"), [(6 * DAY, 0.03), (30 * DAY, 0.01)])
def test_r36_a_token_of_another_declaration_hardly_ever_carries_the_mark(wanted: int, most: float) -> None:
    draw = random.Random(1)  # noqa: S311 - a test wants to be repeatable
    taken = 0
    for number in range(20_000):
        other = DeclarationMark(["app", "memory", f"team-{number}"])
        created_at = NOON + draw.randrange(365 * DAY)
        taken += MARK.is_carried_by(entry(created_at, draw.choice(other.lifetimes(wanted, created_at))), wanted)
    assert taken / 20_000 <= most


def test_r36_a_lifetime_without_room_for_marks_has_none() -> None:
    assert len(MARK.lifetimes(5 * DAY, NOON)) == 0
    assert not any(MARK.is_carried_by(entry(NOON, 5 * DAY - shorter), 5 * DAY) for shorter in range(5, 3600))


def test_r36_a_mark_that_is_taken_leaves_any_other_lifetime() -> None:
    marked = MARK.lifetimes(30 * DAY, NOON)
    ttl = reserve_ttl(30 * DAY, marked, lambda: 0.5, preferred=marked)
    assert all(abs(ttl - lifetime) >= 5 for lifetime in marked)


@given(wanted=st.integers(6 * DAY, MAXIMUM_TTL))
def test_r2_a_mark_leaves_a_hundred_lifetimes_to_chance(wanted: int) -> None:
    assert len(MARK.lifetimes(wanted, NOON)) >= 100


def test_r36_the_parts_of_an_identity_are_kept_apart() -> None:
    one, other = DeclarationMark(["app", "le/record"]), DeclarationMark(["apple", "/record"])
    assert one.lifetimes(30 * DAY, NOON) != other.lifetimes(30 * DAY, NOON)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a token is due, and which settings of its renewal can work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import (
    MAXIMUM_TTL,
    MINIMUM_TTL,
    MINT_OVERHEAD,
    KnownToken,
    Terms,
    default_renew_before,
    effective_renew_before,
    least_lifetime_sent,
    renewal_reason,
    require_renewable,
)

DAY = 86400
NOW = 1_800_000_000
GOOD = KnownToken("alive", created_at=NOW - DAY, expires_at=NOW + 29 * DAY, user_id="user-1", contract_number=31711111)


def reason(known, renew_before=7 * DAY, now=NOW, **wanted):
    return renewal_reason(known, Terms(renew_before, **wanted), now=now)


def test_a_token_that_lives_long_enough_is_good():
    assert reason(GOOD, user_id="user-1", contract_number=31711111) is None


def test_no_token_is_missing():
    assert reason(None) == "missing"


@pytest.mark.parametrize("liveness", ["gone", "refused"])
def test_a_token_that_the_api_does_not_accept_is_due_whatever_its_expiry(liveness):
    assert reason(replace(GOOD, liveness=liveness)) == liveness


@pytest.mark.parametrize("liveness", ["alive", "unknown"])
def test_a_token_is_expired_from_the_second_of_its_expiry_on(liveness):
    assert reason(replace(GOOD, liveness=liveness, expires_at=NOW)) == "expired"
    assert reason(replace(GOOD, liveness=liveness, expires_at=NOW + 1, created_at=NOW - 2)) != "expired"


def test_a_token_that_ends_before_it_begins_has_no_life():
    assert replace(GOOD, created_at=NOW, expires_at=NOW - 1).lifetime == 0


def test_a_token_of_another_user_is_due():
    assert reason(GOOD, user_id="user-2") == "other_user"


def test_a_token_of_another_contract_is_due():
    assert reason(GOOD, user_id="user-1", contract_number=31722222) == "other_contract"


def test_a_token_that_does_not_name_its_user_or_contract_is_not_held_against_it():
    assert reason(replace(GOOD, user_id=None, contract_number=None), user_id="user-1", contract_number=31711111) is None


def test_a_token_is_due_once_less_than_renew_before_is_left():
    assert reason(replace(GOOD, expires_at=NOW + 7 * DAY, created_at=NOW - 23 * DAY)) is None
    assert reason(replace(GOOD, expires_at=NOW + 7 * DAY - 1, created_at=NOW - 23 * DAY)) == "renew_before"


def test_r17_a_short_token_is_due_after_half_of_its_life():
    hour = KnownToken("alive", created_at=NOW - 1799, expires_at=NOW + 1801)
    assert reason(hour) is None
    assert reason(replace(hour, created_at=NOW - 1801, expires_at=NOW + 1799)) == "renew_before"


def test_a_token_without_a_known_creation_counts_the_whole_renew_before():
    assert reason(KnownToken("alive", expires_at=NOW + 7 * DAY - 1)) == "renew_before"


@pytest.mark.parametrize(
    ("standing", "wanted"),
    [
        (replace(GOOD, liveness="unknown", expires_at=NOW + 1), {}),
        (replace(GOOD, liveness="unknown"), {"user_id": "user-2", "contract_number": 1}),
        (KnownToken("unknown"), {}),
    ],
)
def test_r9_an_outage_never_makes_a_token_due_while_its_expiry_lies_ahead(standing, wanted):
    assert reason(standing, **wanted) is None


@given(
    ttl=st.integers(MINIMUM_TTL, MAXIMUM_TTL),
    share=st.floats(0, 1),
    watermark=st.floats(0, 1),
    seconds_to_arrive=st.integers(0, MINT_OVERHEAD),
)
def test_r16_a_token_minted_under_accepted_settings_is_not_due_on_arrival(ttl, share, watermark, seconds_to_arrive):
    renew_before = int(share * ttl)
    try:
        require_renewable(ttl, renew_before)
    except ConfigurationError:
        return
    sent = ttl - int(watermark * (ttl - least_lifetime_sent(ttl)))
    arrived = KnownToken("alive", created_at=NOW - seconds_to_arrive, expires_at=NOW - seconds_to_arrive + sent)
    assert reason(arrived, renew_before=renew_before) is None


@given(st.integers(MINIMUM_TTL, MAXIMUM_TTL))
def test_the_default_renew_before_suits_every_lifetime_that_the_api_accepts(ttl):
    require_renewable(ttl, default_renew_before(ttl))
    assert MINIMUM_TTL <= least_lifetime_sent(ttl) <= ttl


@pytest.mark.parametrize(("ttl", "expected"), [(30 * DAY, 7 * DAY), (365 * DAY, 7 * DAY), (DAY, DAY // 4)])
def test_the_default_renew_before_is_a_quarter_and_a_week_at_the_most(ttl, expected):
    assert default_renew_before(ttl) == expected


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_r17_the_effective_renew_before_is_at_most_half_of_the_life(renew_before, lifetime):
    assert effective_renew_before(renew_before, lifetime) <= lifetime / 2
    assert effective_renew_before(renew_before, None) == renew_before


@pytest.mark.parametrize("ttl", [59, 31536001, 0])
def test_a_lifetime_that_the_api_does_not_accept_is_refused_with_the_bounds(ttl):
    with pytest.raises(ConfigurationError) as caught:
        require_renewable(ttl, 0, ttl_where="ttl of external-dns")
    assert str(caught.value) == (
        f"ttl of external-dns is {ttl} seconds, outside of what the Auth API accepts. "
        "Choose a lifetime from 60 to 31536000 seconds (1 minute to 365 days)."
    )


@pytest.mark.parametrize("renew_before", [30 * DAY, 29 * DAY, 29 * DAY - MINT_OVERHEAD])
def test_a_renew_before_that_is_not_below_the_lifetime_is_refused_with_both(renew_before):
    with pytest.raises(ConfigurationError) as caught:
        require_renewable(30 * DAY, renew_before)
    assert caught.value.code == "renew_before_not_below_ttl"
    assert "the lifetime sent is 29d at the least" in str(caught.value)


@pytest.mark.parametrize("ttl", [MINIMUM_TTL, MAXIMUM_TTL])
def test_the_bounds_themselves_are_accepted(ttl):
    require_renewable(ttl, default_renew_before(ttl))

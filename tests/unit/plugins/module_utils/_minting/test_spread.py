# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each token has its own share of the spread: always the same one, and all shares together fill the whole."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import (
    MAXIMUM_TTL,
    MINIMUM_TTL,
    KnownToken,
    Terms,
    effective_renew_before,
    least_lifetime_sent,
    renewal_reason,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.spread import require_spreadable, share_of_spread

DAY = 86400
NOW = 1_772_366_400
TEXTS = st.text(max_size=20)
IDENTITIES = st.lists(TEXTS, max_size=4)


@pytest.mark.parametrize(
    ("identity", "share"),
    [
        (["default", "", "app"], 327361),
        (["shop", "31711111", "app"], 162098),
        (["shop", "31711112", "app"], 370561),
        (["shop", "31711111", "größe"], 405223),
        ([], 244002),
    ],
)
def test_a_share_is_the_same_everywhere_and_for_ever(identity, share):
    assert share_of_spread(5 * DAY, identity) == share


def test_a_share_does_not_depend_on_the_hash_seed():
    code = (
        "from ansible_collections.tokenops.ionos.plugins.module_utils._minting.spread import share_of_spread; "
        "print(share_of_spread(10**9, ['shop', '31711111', 'app']))"
    )
    shares = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed}
        shares.add(subprocess.check_output([sys.executable, "-c", code], env=environment))
    assert len(shares) == 1


@given(st.integers(1, 10**9), IDENTITIES)
def test_a_share_is_at_least_nothing_and_less_than_the_whole(spread, identity):
    assert 0 <= share_of_spread(spread, identity) < spread


@given(IDENTITIES)
def test_without_a_spread_nothing_is_shared(identity):
    assert share_of_spread(0, identity) == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9), IDENTITIES)
def test_a_longer_spread_never_makes_a_share_smaller(one, other, identity):
    shorter, longer = sorted([one, other])
    assert share_of_spread(shorter, identity) <= share_of_spread(longer, identity)


@pytest.mark.parametrize("name", ["app-{:04}", "host{}.example.com", "{}"])
def test_a_thousand_names_are_spread_evenly(name):
    """By chance, a tenth of the time has 100 of them with a standard deviation of 9.5; five of these are allowed."""
    shares = [share_of_spread(10 * DAY, ["shop", "31711111", name.format(number)]) for number in range(1000)]
    by_day = [sum(share // DAY == day for share in shares) for day in range(10)]
    assert sum(by_day) == 1000
    assert all(52 <= count <= 148 for count in by_day)
    assert len(set(shares)) > 990


@given(IDENTITIES, IDENTITIES)
def test_other_texts_or_other_borders_between_them_are_another_token(one, other):
    if one != other and "\0" not in "".join([*one, *other]):
        assert share_of_spread(2**60, one) != share_of_spread(2**60, other)


@given(
    ttl=st.integers(MINIMUM_TTL, MAXIMUM_TTL),
    renew_before=st.floats(0, 1),
    spread=st.floats(0, 1),
    identity=IDENTITIES,
    marked=st.floats(0, 1),
)
def test_what_is_accepted_is_renewed_earlier_by_the_whole_share_and_never_before_half_of_its_life(
    ttl, renew_before, spread, identity, marked
):
    before, window = int(renew_before * ttl / 2), int(spread * ttl / 2)
    try:
        require_spreadable(ttl, before, window)
    except ConfigurationError:
        return
    lifetime = ttl - int(marked * (ttl - least_lifetime_sent(ttl)))
    share = share_of_spread(window, identity)
    if window:
        assert effective_renew_before(before + share, lifetime) == before + share <= lifetime / 2
    fresh = KnownToken("alive", created_at=NOW, expires_at=NOW + lifetime)
    assert renewal_reason(fresh, Terms(before + share), now=NOW) is None


@pytest.mark.parametrize(
    ("ttl", "renew_before", "longest"), [(30 * DAY, 7 * DAY, 7.5 * DAY), (DAY, 6 * 3600, 5.4 * 3600), (60, 15, 15)]
)
def test_a_spread_that_would_be_cut_is_refused_with_the_longest(ttl, renew_before, longest):
    require_spreadable(ttl, renew_before, int(longest))
    with pytest.raises(ConfigurationError) as raised:
        require_spreadable(ttl, renew_before, int(longest) + 1, where="tokens[app].spread")
    assert raised.value.code == "spread_too_long"
    assert str(raised.value).startswith("tokens[app].spread is ")


def test_the_error_names_every_part_and_what_would_do():
    with pytest.raises(ConfigurationError) as raised:
        require_spreadable(30 * DAY, 7 * DAY, 8 * DAY, where="tokens[app].spread")
    assert str(raised.value) == (
        "tokens[app].spread is 8d, too long for a ttl of 30d with a renew_before of 7d: every token is to be of use "
        "for half of its life. Choose a spread of 7d12h or less, a shorter renew_before or a longer ttl."
    )


def test_where_renew_before_is_half_of_the_life_already_there_is_nothing_to_spread():
    require_spreadable(30 * DAY, 20 * DAY, 0)
    with pytest.raises(ConfigurationError, match="Choose a spread of 0s or less"):
        require_spreadable(30 * DAY, 20 * DAY, 1)

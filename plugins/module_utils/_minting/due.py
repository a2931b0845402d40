# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a token is still good, and whether the settings of its renewal can work. Nothing here asks anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Literal, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

MINIMUM_TTL = 60
MAXIMUM_TTL = 31536000
LARGEST_MARK = 86400
MARK_DIVISOR = 20
USUAL_RENEW_BEFORE = 7 * 86400
# A new token may take this long until it is known.
MINT_OVERHEAD = 30
LIFETIME_TOLERANCE_SECONDS = 2

Liveness = Literal["alive", "refused", "gone", "unknown"]
RenewalReason = Literal[
    "missing",
    "gone",
    "refused",
    "expired",
    "other_user",
    "other_contract",
    "renew_before",
    "longer_than_ttl",
]


@dataclass(frozen=True)
class KnownToken:
    """What is known of a token.

    :ivar liveness: what the API says of it: ``alive``, ``refused`` (a confirmed 401), ``gone`` (a confirmed 404) or
        ``unknown``: no trustworthy answer (R9).
    :ivar created_at: seconds since the epoch, or None if nobody says.
    :ivar expires_at: seconds since the epoch, or None if nobody says.
    :ivar user_id: the user that the token itself names, or None.
    :ivar contract_number: the contract that the token itself names, or None.
    """

    liveness: Liveness
    created_at: int | None = None
    expires_at: int | None = None
    user_id: str | None = None
    contract_number: int | None = None

    @property
    def lifetime(self) -> int | None:
        """The seconds from creation to expiry, or None if they are not known."""
        if self.created_at is None or self.expires_at is None:
            return None
        return max(self.expires_at - self.created_at, 0)


@dataclass(frozen=True)
class Terms:
    """What a token has to meet to be kept.

    :ivar renew_before: seconds before its expiry from which on it is due; at most half of its life counts (R17).
    :ivar user_id: the user that it has to belong to, or None for any.
    :ivar contract_number: the contract that it has to belong to, or None for any.
    :ivar longest_lifetime: the seconds that it may live at the most, or None for any lifetime.
    """

    renew_before: int
    user_id: str | None = None
    contract_number: int | None = None
    longest_lifetime: int | None = None


class _Check(NamedTuple):
    """A reason to replace a token, when it applies, and whether the token does not work any more then."""

    reason: RenewalReason
    applies: Callable[[KnownToken, Terms, int], bool]
    is_dead: bool = False


def renewal_reason(known: KnownToken | None, terms: Terms, *, now: int) -> RenewalReason | None:
    """Return why a token has to be replaced, or None while it is good: the first check that applies.

    A token of which the API gives no trustworthy account is good until the expiry that was known before (R9).

    :param known: what is known of the token, or None if there is none.
    :param now: seconds since the epoch, by the API's clock.
    """
    if known is None:
        return "missing"
    return next((check.reason for check in _CHECKS if check.applies(known, terms, now)), None)


def exceeds_lifetime(known: KnownToken, longest: int) -> bool:
    """Tell whether a token lives longer than ``longest`` seconds, give or take what the API may need in between."""
    return known.lifetime is not None and known.lifetime > longest + LIFETIME_TOLERANCE_SECONDS


def effective_renew_before(renew_before: int, lifetime: int | None) -> int:
    """Return the seconds before its expiry at which a token is due: at most half of its own life (R17).

    :param lifetime: from creation to expiry in seconds, or None if it is not known.
    """
    return renew_before if lifetime is None else min(renew_before, lifetime // 2)


def default_renew_before(ttl: int) -> int:
    """Return the ``renew_before`` for a ``ttl`` for which none was given: a quarter of it, but a week at the most."""
    return min(ttl // 4, USUAL_RENEW_BEFORE)


def least_lifetime_sent(ttl: int) -> int:
    """Return the shortest lifetime that may be sent for a wanted ``ttl``: less the largest mark (R2)."""
    return max(ttl - min(LARGEST_MARK, ttl // MARK_DIVISOR), MINIMUM_TTL)


def require_renewable(ttl: int, renew_before: int, *, ttl_where: str = "ttl", where: str = "renew_before") -> None:
    """Check that a token minted with these settings is accepted by the API and is not due on arrival (R16).

    :param ttl: the wanted lifetime in seconds.
    :param renew_before: seconds.
    :param ttl_where: how the user names the option with the lifetime.
    :param where: how the user names the option with the time before expiry.
    :raises ConfigurationError: ``ttl_out_of_range`` or ``renew_before_not_below_ttl``.
    """
    if not MINIMUM_TTL <= ttl <= MAXIMUM_TTL:
        raise ConfigurationError(
            "ttl_out_of_range", where=ttl_where, seconds=ttl, minimum=MINIMUM_TTL, maximum=MAXIMUM_TTL
        )
    least = least_lifetime_sent(ttl)
    if renew_before and renew_before + MINT_OVERHEAD >= least:
        raise ConfigurationError(
            "renew_before_not_below_ttl",
            where=where,
            renew_before=format_duration(renew_before),
            ttl=format_duration(least),
        )


def _is_expired(known: KnownToken, _terms: Terms, now: int) -> bool:
    return known.expires_at is not None and known.expires_at <= now


def _is_of_another_user(known: KnownToken, terms: Terms, _now: int) -> bool:
    return known.liveness == "alive" and _differs(known.user_id, terms.user_id)


def _is_bound_to_another_contract(known: KnownToken, terms: Terms, _now: int) -> bool:
    return known.liveness == "alive" and _differs(known.contract_number, terms.contract_number)


def _ends_soon(known: KnownToken, terms: Terms, now: int) -> bool:
    if known.liveness != "alive" or known.expires_at is None:
        return False
    return known.expires_at - now < effective_renew_before(terms.renew_before, known.lifetime)


def _lives_too_long(known: KnownToken, terms: Terms, _now: int) -> bool:
    longest = terms.longest_lifetime
    return known.liveness == "alive" and longest is not None and exceeds_lifetime(known, longest)


def _differs(is_value: object, wanted: object) -> bool:
    return is_value is not None and wanted is not None and is_value != wanted


_CHECKS = (
    _Check("gone", lambda known, terms, now: known.liveness == "gone", is_dead=True),
    _Check("refused", lambda known, terms, now: known.liveness == "refused", is_dead=True),
    _Check("expired", _is_expired, is_dead=True),
    _Check("other_user", _is_of_another_user),
    _Check("other_contract", _is_bound_to_another_contract),
    _Check("renew_before", _ends_soon),
    _Check("longer_than_ttl", _lives_too_long),
)

DEAD_REASONS: frozenset[RenewalReason] = frozenset(["missing", *(check.reason for check in _CHECKS if check.is_dead)])
"""The reasons that leave no working token."""

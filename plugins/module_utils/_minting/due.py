# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a token is still good, and whether the settings of its renewal can work. Nothing here asks anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

MINIMUM_TTL = 60
MAXIMUM_TTL = 31536000
LARGEST_WATERMARK = 86400
USUAL_RENEW_BEFORE = 7 * 86400
# A new token may take this long until it is known.
MINT_OVERHEAD = 30

Liveness = Literal["alive", "refused", "gone", "unknown"]
RenewalReason = Literal["missing", "gone", "refused", "expired", "other_user", "other_contract", "renew_before"]


@dataclass(frozen=True)
class Standing:
    """What is known of a token.

    :ivar liveness: what the API says of it: ``alive``, ``refused`` (a confirmed 401), ``gone`` (a confirmed 404) or
        ``unknown``: no trustworthy answer (R9).
    :ivar created_at: seconds since the epoch, or None where nobody says.
    :ivar expires_at: seconds since the epoch, or None where nobody says.
    :ivar user_id: the user that the token itself names, or None.
    :ivar contract_number: the contract that the token itself names, or None.
    """

    liveness: Liveness
    created_at: int | None = None
    expires_at: int | None = None
    user_id: str | None = None
    contract_number: int | None = None


def renewal_reason(
    standing: Standing | None,
    *,
    now: int,
    renew_before: int,
    user_id: str | None = None,
    contract_number: int | None = None,
) -> RenewalReason | None:
    """Return why a token has to be replaced, or None while it is good.

    A token of which the API gives no trustworthy account is good until the expiry that was known before (R9).

    :param standing: what is known of the token, or None where there is none.
    :param now: seconds since the epoch, by the API's clock.
    :param renew_before: seconds before its expiry from which on it is due; at most half of its life counts (R17).
    :param user_id: the user that it has to belong to, or None for any.
    :param contract_number: the contract that it has to belong to, or None for any.
    """
    if standing is None:
        return "missing"
    if standing.liveness == "gone":
        return "gone"
    if standing.liveness == "refused":
        return "refused"
    if standing.expires_at is not None and standing.expires_at <= now:
        return "expired"
    if standing.liveness == "unknown":
        return None
    if _differs(standing.user_id, user_id):
        return "other_user"
    if _differs(standing.contract_number, contract_number):
        return "other_contract"
    return "renew_before" if _ends_soon(standing, now, renew_before) else None


def effective_renew_before(renew_before: int, lifetime: int | None) -> int:
    """Return the seconds before its expiry at which a token is due: at most half of its own life (R17).

    :param lifetime: from creation to expiry in seconds, or None where it is not known.
    """
    return renew_before if lifetime is None else min(renew_before, lifetime // 2)


def default_renew_before(ttl: int) -> int:
    """Return the ``renew_before`` for a ``ttl`` for which none was given: a quarter of it, but a week at the most."""
    return min(ttl // 4, USUAL_RENEW_BEFORE)


def least_lifetime_sent(ttl: int) -> int:
    """Return the shortest lifetime that may be sent for a wanted ``ttl``, less the largest watermark (R2)."""
    return max(ttl - min(LARGEST_WATERMARK, ttl // 20), MINIMUM_TTL)


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


def _differs(is_value: object, wanted: object) -> bool:
    return is_value is not None and wanted is not None and is_value != wanted


def _ends_soon(standing: Standing, now: int, renew_before: int) -> bool:
    if standing.expires_at is None:
        return False
    lifetime = None if standing.created_at is None else max(standing.expires_at - standing.created_at, 0)
    return standing.expires_at - now < effective_renew_before(renew_before, lifetime)

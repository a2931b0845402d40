# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which status a declared token has: what is the case at one moment, never what a run in check mode would have done."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import effective_renew_before
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import AccountFacts, PlaceFacts, TokenFacts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    Level,
    Place,
    PlaceState,
    RenewedBy,
    Status,
    TokenState,
)

HANDOFF_OVERDUE = "handoff_overdue"


def state_of_token(facts: TokenFacts, account: AccountFacts | None, now: int) -> TokenState:
    """Return the state of a token, without its life and its duties.

    :param account: the facts of its account, or None if they are not known.
    :param now: in seconds since the epoch.
    """
    current = facts.current
    is_absent = is_declared_absent(facts)
    renews_at = fails_at = None
    if current is not None and not is_absent:
        lifetime = current.expires_at - current.created_at
        renews_at = current.expires_at - effective_renew_before(facts.renew_before, lifetime)
        fails_at = current.expires_at - facts.fail_before
    renewed_by = _renewed_by(facts, account)
    is_due = (facts.predicted and facts.action == "rotated") or _has_come(renews_at, now)
    places = tuple(Place(place, _state_of_place(place, facts)) for place in facts.places)
    has_no_time_left = HANDOFF_OVERDUE in facts.error_codes or _has_come(fails_at, now)
    status = _status_of_absent(facts, places, now) if is_absent else None
    return TokenState(
        facts=facts,
        status=status
        or _status(
            facts,
            places,
            now,
            is_due=is_due,
            is_due_for_person=is_due and renewed_by == "person",
            has_no_time_left=has_no_time_left,
        ),
        renewed_by=renewed_by,
        is_due=is_due,
        renews_at=renews_at,
        fails_at=fails_at,
        remaining=None if current is None else max(0, current.expires_at - now),
        places=places,
    )


def level_of_account(account: AccountFacts) -> Level:
    """Return how bad the state of an account is."""
    quota = account.quota
    if quota is not None and quota.used >= quota.limit:
        return "critical"
    if account.message is not None or (quota is not None and quota.limit - quota.used <= quota.reserve):
        return "warning"
    decision = account.decision("mint")
    return "notice" if decision is not None and decision.severity != "ok" else "ok"


def is_declared_absent(facts: TokenFacts) -> bool:
    """Tell whether the token is to be decommissioned."""
    return facts.reason == "absent"


def run_failed(facts: TokenFacts) -> bool:
    """Tell whether the run failed for the token itself.

    Errors of its places, a late person and an API that has time to answer are apart from that.
    """
    if facts.waits:
        return False
    return not {HANDOFF_OVERDUE}.issuperset(facts.error_codes) or (facts.failed and not facts.all_error_codes)


def works(facts: TokenFacts, now: int) -> bool:
    """Tell whether the current token works, as far as is known."""
    current = facts.current
    return current is not None and current.expires_at > now and facts.works is not False


def _status(
    facts: TokenFacts,
    places: Sequence[Place],
    now: int,
    *,
    is_due: bool,
    is_due_for_person: bool,
    has_no_time_left: bool,
) -> Status:
    if _has_no_working_token(facts, now):
        return "no_working_token"
    if _has_failed(facts, has_no_time_left=has_no_time_left):
        return "failed"
    if facts.handoff is not None or facts.action == "handoff" or is_due_for_person:
        return "handoff_overdue" if has_no_time_left else "handoff"
    if _any_place(places, "out_of_sync"):
        return "out_of_sync"
    if _any_place(places, "unreachable"):
        return "unreachable"
    if facts.waits:
        return "unanswered"
    if facts.action == "busy":
        return "busy"
    return "due" if is_due else "working"


def _status_of_absent(facts: TokenFacts, places: Sequence[Place], now: int) -> Status:
    if _has_failed(facts, has_no_time_left=False):
        return "failed"
    if any(item.expires_at is None or item.expires_at > now for item in facts.delete_in_dcd):
        return "deletion_pending"
    if _any_place(places, "out_of_sync"):
        return "out_of_sync"
    if _any_place(places, "unreachable"):
        return "unreachable"
    if facts.waits:
        return "unanswered"
    return "working" if works(facts, now) else "decommissioned"


def _has_no_working_token(facts: TokenFacts, now: int) -> bool:
    """Tell whether no token works for certain; after a failure to read the vault of record that is not known."""
    if facts.current is None and facts.works is None:
        return not facts.failed
    return not works(facts, now)


def _has_failed(facts: TokenFacts, *, has_no_time_left: bool) -> bool:
    """Tell whether the run failed, and not only because the API does not answer while there is time left.

    :param has_no_time_left: an outage that lasts would end the token's life unnoticed.
    """
    return run_failed(facts) or (facts.waits and has_no_time_left)


def _any_place(places: Sequence[Place], state: PlaceState) -> bool:
    return any(place.state == state for place in places)


def _renewed_by(facts: TokenFacts, account: AccountFacts | None) -> RenewedBy:
    if is_declared_absent(facts):
        return "unknown"
    if facts.handoff is not None or facts.action == "handoff":
        return "person"
    decision = facts.policy or (account.decision("mint") if account else None)
    if decision is None:
        return "unknown"
    return "automation" if decision.allowed else "person"


def _state_of_place(place: PlaceFacts, facts: TokenFacts) -> PlaceState:
    if place.in_sync:
        return "in_sync"
    if place.in_sync is None:
        return "unknown" if place.message is None else "unreachable"
    is_settled = place.message is None and place.unmanaged is None and place.to_publish != "unpublish"
    if is_declared_absent(facts) and is_settled:
        return "unknown"
    # The next run writes a new token to all places, so they were not compared with the current one.
    gets_next = facts.predicted and facts.action in ("rotated", "adopted")
    return "to_be_written" if gets_next and is_settled else "out_of_sync"


def _has_come(instant: int | None, now: int) -> bool:
    return instant is not None and instant <= now

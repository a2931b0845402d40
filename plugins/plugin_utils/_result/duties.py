# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has to act on a token or an account, on what, until when: the part of a result that is work for somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._policy.token_manager import DCD_URL, lifetime_to_choose
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import (
    PlaceFacts,
    TokenFacts,
    UndeletableToken,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    AccountState,
    Duty,
    Level,
    Place,
    TokenState,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.status import run_failed
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import date_and_time


def handoff_steps(name: str, account: str, ttl: int, inbox: str | None, revoked: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what a person does to make and to hand over the next token, step by step.

    :param name: of the declared token.
    :param ttl: its declared lifetime in seconds.
    :param inbox: the declared place for the next token, in words, or None.
    :param revoked: ids of the tokens to delete once the next one is in use.
    """
    offered = f"a run with it as the entry {name} of offers (of the role: token_rotation_offers; in AWX: a survey)"
    where = f"Put the value into {inbox} and start a run, or start {offered}" if inbox else f"Start {offered}"
    return (
        *_way_to_token_manager(account, "select Generate Token"),
        f"Choose {lifetime_to_choose(ttl)} and copy the token's value; it is shown this once.",
        f"{where}; it is checked and written to every vault.",
        *(f"Then delete the token {token_id} in the Token Manager." for token_id in revoked),
    )


def duties_of_token(state: TokenState) -> tuple[Duty, ...]:
    """Return everything that has to be done for a token, the most urgent first."""
    return tuple(sorted(_of_token(state), key=lambda duty: duty.urgency))


def duties_of_account(state: AccountState) -> tuple[Duty, ...]:
    """Return everything that has to be done for an account, the most urgent first."""
    return tuple(sorted(_of_account(state), key=lambda duty: duty.urgency))


def _of_token(state: TokenState) -> Iterator[Duty]:
    if state.needs_person:
        yield _handoff(state)
    elif state.status == "no_working_token" and not state.facts.failed:
        yield _no_working_token(state)
    if run_failed(state.facts):
        yield _failure(state)
    elif state.facts.waits:
        yield _missing_answer(state)
    for place in state.places:
        if _place_is_duty(place, state):
            yield _place(state, place)
    for undeletable in state.facts.delete_in_dcd if state.status != "decommissioned" else ():
        yield _deletion(state, undeletable)


def _handoff(state: TokenState) -> Duty:
    if state.facts.predicted and state.facts.action == "adopted":
        return _handoff_to_finish(state)
    facts = state.facts
    asked = facts.handoff
    lifetime = (asked and asked.lifetime) or lifetime_to_choose(facts.ttl)
    works = state.status != "no_working_token"
    return Duty(
        level=state.level,
        kind="handoff",
        actor="account_user",
        token=facts.name,
        account=facts.account,
        sentence=f"Create a token that lives for {lifetime} in the Token Manager of the DCD and hand it over.",
        detail=" ".join(text for text in (asked and asked.why, untaken_offer(facts)) if text) or None,
        due_at=state.expires_at if works else None,
        fails_at=state.fails_at if works else None,
        link=(asked and asked.token_manager) or DCD_URL,
        steps=asked.steps if asked else handoff_steps(facts.name, facts.account, facts.ttl, facts.inbox),
    )


def _handoff_to_finish(state: TokenState) -> Duty:
    """Return what is left to do where check mode would take a token that was handed over."""
    return Duty(
        level=state.level,
        kind="handoff",
        actor="operator",
        token=state.facts.name,
        account=state.facts.account,
        sentence="The token that was handed over is good. Start a run without check mode, which takes it into use.",
        due_at=state.expires_at if state.status != "no_working_token" else None,
        fails_at=state.fails_at if state.status != "no_working_token" else None,
    )


def untaken_offer(facts: TokenFacts) -> str:
    """Return why a token that was handed over is not the next one; empty if it is, or if the run failed for that."""
    offer = facts.offer
    if offer is None or offer.accepted or offer.reason in (facts.message or ""):
        return ""
    return f"A token was handed over in {offer.source}: {offer.reason}" if offer.token_id else offer.reason


def _no_working_token(state: TokenState) -> Duty:
    is_at_work = state.facts.action == "busy"
    return Duty(
        level=state.level,
        kind="no_working_token",
        actor="automation" if is_at_work else "operator",
        token=state.facts.name,
        account=state.facts.account,
        sentence="No token works; another run is at work on it."
        if is_at_work
        else "No token works. Start a run: it makes a new one, or says what keeps it from that.",
    )


def _failure(state: TokenState) -> Duty:
    facts = state.facts
    return Duty(
        level=state.level,
        kind="failure",
        actor="operator",
        token=facts.name,
        account=facts.account,
        sentence="The token that was handed over was not taken."
        if facts.offer is not None and facts.offer.reason == facts.message
        else "The last run could not finish its work on it.",
        detail=facts.message,
        due_at=state.expires_at if state.remaining and state.status != "no_working_token" else None,
    )


def _missing_answer(state: TokenState) -> Duty:
    return Duty(
        level=state.level,
        kind="failure",
        actor="operator" if state.level == "critical" else "automation",
        token=state.facts.name,
        account=state.facts.account,
        sentence=f"The API does not answer, so the token stays in use; the next run asks again: {state.facts.cause}",
        due_at=state.expires_at,
    )


def _place_is_duty(place: Place, state: TokenState) -> bool:
    """Tell whether somebody has to act on a place: not if that is part of what else has to be done."""
    if place.state not in ("out_of_sync", "unreachable"):
        return False
    has_no_token = state.status == "no_working_token"
    if place.facts.role == "record":
        return not has_no_token and not run_failed(state.facts)
    return not has_no_token or place.facts.message is not None or place.facts.unmanaged is not None


def _place(state: TokenState, place: Place) -> Duty:
    facts = place.facts
    where = facts.place or facts.vault
    is_repaired_next = facts.changed and facts.message is None
    detail = facts.message
    if facts.to_publish and facts.message is None:
        sentence = _to_publish(state, facts)
    elif facts.to_publish and facts.message is not None:
        sentence, detail = facts.message, kept_for_places(state.facts)
    elif facts.unmanaged:
        sentence = f"{where} holds the token {facts.unmanaged}, which no record knows; offer it, or remove it there."
    elif is_repaired_next:
        sentence = f"{where} holds something else; the next run brings it in line."
    elif place.state == "unreachable" and facts.message is not None:
        sentence, detail = facts.message, None
    else:
        sentence = f"{where} does not hold the current token."
    level: Level = "notice" if is_repaired_next else "warning"
    return Duty(
        level=level,
        kind="vault",
        actor="automation" if is_repaired_next else "operator",
        token=state.facts.name,
        account=state.facts.account,
        sentence=sentence,
        detail=detail,
        due_at=min((item.expires_at for item in state.facts.previous if item.expires_at), default=state.expires_at),
    )


def _to_publish(state: TokenState, facts: PlaceFacts) -> str:
    where = facts.place or facts.vault
    if facts.to_publish == "unpublish":
        return f"{where} still holds the deleted token; the role runs the task file that takes it away."
    if state.facts.predicted:
        return f"The next run publishes the token in {where}, which does not hold the current one."
    return f"To be published by the role, which runs the task file of {where}."


def kept_for_places(facts: TokenFacts) -> str | None:
    """Return until when the previous token works, which stands where the current one could not be published."""
    ends = [item.expires_at for item in facts.previous if item.expires_at]
    if not ends or not any(place.to_publish == "publish" and place.message for place in facts.places):
        return None
    return f"The previous token is kept until then; it works until {date_and_time(max(ends))} at the latest."


def _deletion(state: TokenState, undeletable: UndeletableToken) -> Duty:
    facts = state.facts
    is_last = state.status == "deletion_pending"
    steps = _way_to_token_manager(facts.account, f"delete the token {undeletable.id}")
    return Duty(
        level=state.level if is_last else "notice",
        kind="deletion",
        actor="account_user",
        token=facts.name,
        account=facts.account,
        sentence=f"Delete the token {undeletable.id} in the Token Manager of the DCD; {_why_not_deleted(undeletable)}.",
        detail="The run after that empties its vaults." if is_last else None,
        due_at=undeletable.expires_at,
        link=DCD_URL,
        steps=(*steps, "Run again; it empties the vaults.") if is_last else steps,
    )


def _why_not_deleted(undeletable: UndeletableToken) -> str:
    if undeletable.since is None:
        return "the API refuses to do it"
    return f"the API has refused to do it since {date_and_time(undeletable.since)}"


def _of_account(state: AccountState) -> Iterator[Duty]:
    facts = state.facts
    quota = facts.quota
    if quota is not None and quota.limit - quota.used <= quota.reserve:
        yield Duty(
            level=state.level,
            kind="quota",
            actor="account_user",
            token=None,
            account=facts.name,
            sentence=f"{quota.used} of {quota.limit} tokens exist; delete in the DCD those that nobody uses.",
            link=DCD_URL,
        )
    if facts.message is not None:
        yield Duty(
            level="warning",
            kind="account",
            actor="operator",
            token=None,
            account=facts.name,
            sentence="It could not be looked at.",
            detail=facts.message,
        )


def _way_to_token_manager(account: str, then: str) -> tuple[str, ...]:
    return (
        f"Sign in to the DCD ({DCD_URL}) as the user of account {account}.",
        f"Open Menu > Management > Token Manager and {then}.",
    )

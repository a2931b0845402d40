# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has to act, on what, until when: the part of a report that is work for somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._policy.token_manager import DCD_URL, lifetime_to_choose
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.standing import (
    LEVELS,
    AccountStanding,
    Level,
    Place,
    Standing,
    TokenStanding,
)

Kind = Literal["run", "no_working_token", "failure", "handoff", "vault", "deletion", "quota", "account"]
Actor = Literal["operator", "account_user", "automation"]
"""Who runs the automation, who signs in to the DCD as the account's user, or nobody: the next run does it."""


@dataclass(frozen=True)
class Task:
    """Something that has to be done.

    :ivar token: name of the declared token that it is about, or None.
    :ivar account: name of the account that it is about, or None.
    :ivar due_at: until when, in seconds since the epoch; None for at once.
    :ivar fails_at: from when on runs fail because it has not been done, or None.
    """

    level: Level
    kind: Kind
    actor: Actor
    token: str | None
    account: str | None
    summary: str
    detail: str | None = None
    due_at: int | None = None
    fails_at: int | None = None
    link: str | None = None
    steps: tuple[str, ...] = ()


def tasks_of(standing: Standing) -> tuple[Task, ...]:
    """Return everything that has to be done, the most urgent first."""
    tasks = list(_tasks(standing))
    return tuple(sorted(tasks, key=_urgency))


def _urgency(task: Task) -> tuple[int, int, str, str]:
    return (LEVELS.index(task.level), task.due_at or 0, task.token or "", task.account or "")


def _tasks(standing: Standing) -> Iterator[Task]:
    if standing.failure is not None:
        yield Task(
            "critical", "run", "operator", None, None, "The last run did not look at the tokens.", standing.failure
        )
    for token in standing.tokens:
        yield from _tasks_of_token(token)
    for account in standing.accounts:
        yield from _tasks_of_account(account)


def _tasks_of_token(token: TokenStanding) -> Iterator[Task]:
    facts = token.facts
    if _needs_person(token):
        yield _handoff(token)
    elif token.status == "no_working_token" and not facts.failed:
        yield Task(
            "critical",
            "no_working_token",
            "operator",
            facts.name,
            facts.account,
            "No token works. Start a run: it makes a new one, or says what keeps it from that.",
        )
    if facts.failed and set(facts.error_codes) != {"handoff_overdue"}:
        yield Task(
            "critical",
            "failure",
            "operator",
            facts.name,
            facts.account,
            "The last run could not finish its work on it.",
            facts.message,
            due_at=token.expires_at if token.remaining else None,
        )
    if not facts.failed:
        yield from _tasks_of_places(token)
    for former in facts.delete_in_dcd:
        yield Task(
            "notice",
            "deletion",
            "account_user",
            facts.name,
            facts.account,
            f"Delete the token {former.id} in the DCD; the API does not do it.",
            due_at=former.expires_at,
            link=DCD_URL,
        )


def _needs_person(token: TokenStanding) -> bool:
    if token.facts.handoff is not None or token.status in ("handoff", "handoff_overdue"):
        return True
    return token.status == "no_working_token" and token.renewed_by == "person"


def _handoff(token: TokenStanding) -> Task:
    facts = token.facts
    told = facts.handoff
    lifetime = (told and told.lifetime) or lifetime_to_choose(facts.ttl)
    return Task(
        token.level,
        "handoff",
        "account_user",
        facts.name,
        facts.account,
        f"Create a token that lives for {lifetime} in the Token Manager and offer it.",
        (told and told.why) or None,
        due_at=token.expires_at if token.remaining else None,
        fails_at=token.fails_at if token.remaining else None,
        link=(told and told.token_manager) or DCD_URL,
        steps=told.steps if told else (),
    )


def _tasks_of_places(token: TokenStanding) -> Iterator[Task]:
    for place in token.places:
        if place.state == "out_of_sync" and token.status != "no_working_token":
            yield _place_task(token, place)


def _place_task(token: TokenStanding, place: Place) -> Task:
    facts = place.facts
    where = facts.place or facts.vault
    is_repaired_next = facts.changed and facts.message is None
    if facts.foreign:
        summary = f"{where} holds the token {facts.foreign}, which is not known here; offer it, or remove it."
    elif is_repaired_next:
        summary = f"{where} holds something else; the next run brings it in line."
    else:
        summary = f"{where} does not hold the current token."
    return Task(
        "notice" if is_repaired_next else "warning",
        "vault",
        "automation" if is_repaired_next else "operator",
        token.facts.name,
        token.facts.account,
        summary,
        facts.message,
        due_at=min((item.expires_at for item in token.facts.previous if item.expires_at), default=token.expires_at),
    )


def _tasks_of_account(account: AccountStanding) -> Iterator[Task]:
    facts = account.facts
    quota = facts.quota
    if quota is not None and quota.limit - quota.used <= quota.reserve:
        yield Task(
            account.level,
            "quota",
            "account_user",
            None,
            facts.name,
            f"{quota.used} of {quota.limit} tokens exist; delete in the DCD those that nobody uses.",
            link=DCD_URL,
        )
    if facts.message is not None:
        yield Task("warning", "account", "operator", None, facts.name, "It could not be looked at.", facts.message)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``report.json``: the report for programs. Its schema is ``docs/schemas/report-1.schema.json``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.standing import (
    AccountStanding,
    Standing,
    TokenStanding,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.todo import Task, tasks_of
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result import FormerToken

SCHEMA_VERSION = 1
"""Goes up when a field is removed or means something else; new fields leave it as it is."""


def render_document(standing: Standing, title: str) -> str:
    """Return the text of ``report.json``."""
    return json.dumps(document(standing, title), indent=2, ensure_ascii=False) + "\n"


def document(standing: Standing, title: str) -> dict[str, Any]:
    """Return the report in plain types; instants are ISO 8601 in UTC."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": title,
        "generated_at": format_instant(standing.now),
        "level": standing.level,
        "failure": standing.failure,
        "counts": {"declared": len(standing.tokens), **standing.counts()},
        "tasks": [_task(task) for task in tasks_of(standing)],
        "tokens": [_token(token) for token in standing.tokens],
        "accounts": [_account(account) for account in standing.accounts],
    }


def generated_at(text: str) -> int | None:
    """Return when a ``report.json`` was generated, in seconds since the epoch, or None where it is none of ours."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("schema_version") != SCHEMA_VERSION:
        return None
    return parse_instant(found.get("generated_at"))


def _task(task: Task) -> dict[str, Any]:
    return {**asdict(task), "due_at": _instant(task.due_at), "fails_at": _instant(task.fails_at)}


def _token(token: TokenStanding) -> dict[str, Any]:
    facts = token.facts
    return {
        "name": facts.name,
        "account": facts.account,
        "level": token.level,
        "status": token.status,
        "renewed_by": token.renewed_by,
        "renews_at": _instant(token.renews_at),
        "fails_at": _instant(token.fails_at),
        "remaining_seconds": token.remaining,
        "current": _current(token),
        "ttl_seconds": facts.ttl,
        "renew_before_seconds": facts.renew_before,
        "fail_before_seconds": facts.fail_before,
        "action": facts.action,
        "predicted": facts.predicted,
        "reason": facts.reason,
        "failed": facts.failed,
        "message": facts.message,
        "error_codes": list(facts.error_codes),
        "places": [
            {
                "vault": place.facts.vault,
                "place": place.facts.place,
                "role": place.facts.role,
                "state": place.state,
                "foreign": place.facts.foreign,
                "message": place.facts.message,
            }
            for place in token.places
        ],
        "previous": [_former(former, "replaced_at") for former in facts.previous],
        "delete_in_dcd": [_former(former, "refused_at") for former in facts.delete_in_dcd],
        "warnings": list(facts.warnings),
    }


def _current(token: TokenStanding) -> dict[str, Any] | None:
    current = token.facts.current
    if current is None:
        return None
    return {
        **asdict(current),
        "created_at": format_instant(current.created_at),
        "expires_at": format_instant(current.expires_at),
    }


def _former(former: FormerToken, since: str) -> dict[str, Any]:
    return {"id": former.id, "expires_at": _instant(former.expires_at), since: _instant(former.since_at)}


def _account(account: AccountStanding) -> dict[str, Any]:
    return {**asdict(account.facts), "level": account.level}


def _instant(seconds: int | None) -> str | None:
    return None if seconds is None else format_instant(seconds)

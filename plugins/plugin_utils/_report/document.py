# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``report.json``: the report for programs. Its schema is ``docs/schemas/report-1.schema.json``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    AccountState,
    Duty,
    TokenState,
)

SCHEMA_VERSION = 1
"""Goes up when a field is removed or means something else; new fields leave it as it is."""


def render_document(overview: Overview, title: str) -> str:
    """Return the text of ``report.json``."""
    return json.dumps(document(overview, title), indent=2, ensure_ascii=False) + "\n"


def document(overview: Overview, title: str) -> dict[str, Any]:
    """Return the report in plain types; instants are ISO 8601 in UTC."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": title,
        "generated_at": format_instant(overview.now),
        "outdated_at": format_instant(overview.outdated_at),
        "level": overview.level,
        "failure": overview.failure,
        "counts": {"declared": len(overview.tokens), **overview.counts()},
        "tasks": [_duty(duty) for duty in overview.duties()],
        "tokens": [_token(token, overview.runs_without_answer.get(token.facts.name, 0)) for token in overview.tokens],
        "accounts": [_account(account) for account in overview.accounts],
    }


def job_summary(overview: Overview) -> dict[str, Any]:
    """Return what a job leaves behind for the jobs after it: how everything stands, in fewer words than the report."""
    return {
        "level": overview.level,
        "failure": overview.failure,
        "counts": {"declared": len(overview.tokens), **overview.counts()},
        "tokens": [
            {
                "name": token.facts.name,
                "account": token.facts.account,
                "level": token.level,
                "status": token.status,
                "action": token.facts.action,
                "id": token.facts.current and token.facts.current.id,
                "expires_at": _instant(token.expires_at),
            }
            for token in overview.tokens
        ],
    }


def generated_at(text: str) -> int | None:
    """Return when a ``report.json`` was generated, in seconds since the epoch, or None if it is none of ours."""
    return parse_instant(_parsed(text).get("generated_at"))


def runs_without_answer(text: str) -> dict[str, int]:
    """Return by name how many runs in a row got no answer, as a ``report.json`` says; empty if it is none of ours."""
    tokens = _parsed(text).get("tokens")
    found = {}
    for token in tokens if isinstance(tokens, list) else []:
        runs = token.get("runs_without_answer") if isinstance(token, dict) else None
        if isinstance(runs, int) and isinstance(token.get("name"), str):
            found[token["name"]] = runs
    return found


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("schema_version") == SCHEMA_VERSION else {}


def _duty(duty: Duty) -> dict[str, Any]:
    fields = asdict(duty)
    summary = fields.pop("sentence")
    return {**fields, "summary": summary, "due_at": _instant(duty.due_at), "fails_at": _instant(duty.fails_at)}


def _token(token: TokenState, runs: int) -> dict[str, Any]:
    facts = token.facts
    return {
        "name": facts.name,
        "account": facts.account,
        "level": token.level,
        "status": token.status,
        "life": token.life,
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
        "runs_without_answer": runs,
        "places": [
            {
                "vault": place.facts.vault,
                "place": place.facts.place,
                "role": place.facts.role,
                "state": place.state,
                "foreign": place.facts.unmanaged,
                "message": place.facts.message,
                "error_code": place.facts.error_code,
                "published_at": _instant(place.facts.published_at),
                "to_publish": place.facts.to_publish,
            }
            for place in token.places
        ],
        "previous": [
            {"id": item.id, "expires_at": _instant(item.expires_at), "replaced_at": _instant(item.replaced_at)}
            for item in facts.previous
        ],
        "delete_in_dcd": [
            {"id": item.id, "expires_at": _instant(item.expires_at), "refused_at": _instant(item.since)}
            for item in facts.delete_in_dcd
        ],
        "warnings": list(facts.warnings),
    }


def _current(token: TokenState) -> dict[str, Any] | None:
    current = token.facts.current
    if current is None:
        return None
    fields = asdict(current)
    del fields["remaining_seconds"]
    return {
        **fields,
        "created_at": format_instant(current.created_at),
        "expires_at": format_instant(current.expires_at),
    }


def _account(account: AccountState) -> dict[str, Any]:
    fields = asdict(account.facts)
    tokens = [
        {**token, "created_at": _instant(token["created_at"]), "expires_at": _instant(token["expires_at"])}
        for token in fields["tokens"]
    ]
    return {**fields, "policy": fields["policy"] or {}, "tokens": tokens, "level": account.level}


def _instant(seconds: int | None) -> str | None:
    return None if seconds is None else format_instant(seconds)

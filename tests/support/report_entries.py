# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the result of ``vaulted_tokens``, as reports are made of them."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.facts import policy_facts
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import TwoFactor

DAY = 86400
NOW = parse_instant("2026-03-24T09:30:00Z") or 0
TODAY = datetime.date(2026, 3, 24)


def current(created_days_ago: float = 5, lifetime_days: float = 30, **fields: Any) -> dict[str, Any]:
    """Return the current token of a declaration."""
    created_at = NOW - round(created_days_ago * DAY)
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{created_days_ago}/{lifetime_days}")),
        "fingerprint": "sha256:9f86d081884c7d65",
        "created_at": format_instant(created_at),
        "expires_at": format_instant(created_at + round(lifetime_days * DAY)),
        "remaining_seconds": max(0, round((lifetime_days - created_days_ago) * DAY)),
        "origin": "minted",
        "user_id": "5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11",
        "contract_number": 31711111,
        **fields,
    }


def place(name: str = "bao", role: str = "record", **fields: Any) -> dict[str, Any]:
    """Return a place that is in sync."""
    return {
        "name": name,
        "place": f"{name} ({role})",
        "role": role,
        "in_sync": True,
        "changed": False,
        "foreign": None,
        "message": None,
        "error_code": None,
        "published_at": None,
        "to_publish": None,
        **fields,
    }


def token(name: str = "dns", **fields: Any) -> dict[str, Any]:
    """Return a token that works and is not due, in a vault of record and a replica."""
    return {
        "name": name,
        "account": "shop",
        "action": "kept",
        "reason": "",
        "changed": False,
        "predicted": False,
        "failed": False,
        "message": None,
        "error_codes": [],
        "works": None,
        "token": current(),
        "ttl_seconds": 30 * DAY,
        "renew_before_seconds": 7 * DAY,
        "fail_before_seconds": 2 * DAY,
        "previous": [],
        "retired": [],
        "delete_in_dcd": [],
        "orphans_deleted": [],
        "vaults": [place(), place("files", "replica")],
        "policy": None,
        "handoff": None,
        "offer": None,
        "warnings": [],
        **fields,
    }


def due(name: str = "dns", **fields: Any) -> dict[str, Any]:
    """Return a token in its renewal window, as check mode tells of it: four days are left."""
    replica = place("files", "replica", in_sync=False, changed=True)
    return token(
        name,
        **{
            "action": "rotated",
            "reason": "renew_before",
            "predicted": True,
            "works": fields.get("reason") not in ("missing", "gone", "refused", "expired"),
            "token": current(created_days_ago=26),
            "vaults": [place(changed=True), replica],
            **fields,
        },
    )


def handoff(name: str = "backup", **fields: Any) -> dict[str, Any]:
    """Return a token of which a person has to make the next one; four days are left."""
    told = {
        "why": "Accounts with two-factor authentication cannot mint tokens through the API.",
        "deadline": format_instant(NOW + 4 * DAY),
        "fails_from": format_instant(NOW + 2 * DAY),
        "token_manager": "https://dcd.ionos.com/latest/",
        "lifetime": "30 Days",
        "steps": ["Sign in to the DCD.", "Select Generate Token."],
        "delete_afterwards": [],
    }
    return token(
        name,
        **{
            "account": "bank",
            "action": "handoff",
            "reason": "renew_before",
            "token": current(created_days_ago=26),
            "handoff": told,
            **fields,
        },
    )


def deletion(name: str = "old", **fields: Any) -> dict[str, Any]:
    """Return a token that is declared absent and whose deletion the API refused; a person has to do it."""
    last = current()
    refused = {"id": last["id"], "expires_at": last["expires_at"], "since": format_instant(NOW)}
    return token(name, **{"action": "handoff", "reason": "absent", "token": last, "delete_in_dcd": [refused], **fields})


def account(name: str = "shop", two_factor: TwoFactor = "disabled", **fields: Any) -> dict[str, Any]:
    """Return an account with a third of its quota used."""
    return {
        "name": name,
        "user_id": "5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11",
        "contract_number": 31711111,
        "two_factor": two_factor,
        "quota": {"used": 34, "limit": 100, "reserve": 5},
        "policy": policy_facts(two_factor, TODAY),
        "message": None,
        **fields,
    }


def undeclared(count: int) -> list[dict[str, Any]]:
    """Return tokens of an account that nobody declares, from a day to most of a year old, some of them expired."""
    found = []
    for number in range(count):
        created_at = NOW - (number * 37 % 300 + 1) * DAY
        expires_at = created_at + (365 if number % 3 else 30) * DAY
        found.append(
            {
                "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"undeclared {number}")),
                "created_at": format_instant(created_at),
                "expires_at": format_instant(expires_at),
                "expired": expires_at <= NOW,
                "declared": None,
                "role": None,
            }
        )
    return found


def showcase() -> dict[str, list[dict[str, Any]]]:
    """Return a dozen tokens on an ordinary day, as arguments of ``rotation_report``; the README has a picture of it."""
    down = place(
        "files",
        "replica",
        in_sync=None,
        message="files (replica) cannot be reached: no connection, or no answer in time. Check that the server runs.",
        error_code="vault_unreachable",
    )
    return {
        "tokens": [
            handoff("invoices", account="finance"),
            token("object-storage", token=current(11), failed=True, vaults=[place(), down]),
            due("terraform", token=current(25)),
            token("backup", token=current(21)),
            token("external-dns", token=current(16)),
            token("monitoring", token=current(14)),
            token("autoscaler", token=current(9)),
            token("edge", token=current(0.2, 1), ttl_seconds=DAY, renew_before_seconds=DAY // 3),
            token("load-tests", token=current(3, 14), ttl_seconds=14 * DAY),
            token("cost-export", account="finance", token=current(20, 90), ttl_seconds=90 * DAY),
            token("archive", account="finance", token=current(60, 365), ttl_seconds=365 * DAY),
            token("old-portal", action="absent", reason="absent", token=None, vaults=[]),
        ],
        "accounts": [account(tokens=undeclared(3)), account("finance", "enabled")],
    }


def many(count: int) -> list[dict[str, Any]]:
    """Return tokens of which one in ten is of some other sort than one that works."""
    sorts = all_sorts()["tokens"]
    plain = [token(token=current(number + 0.5)) for number in range(23)]
    return [
        {
            **(plain[number * 7 % len(plain)] if number % 10 else sorts[number // 10 % len(sorts)]),
            "name": f"service-{number:04d}",
        }
        for number in range(count)
    ]


def all_sorts() -> dict[str, list[dict[str, Any]]]:
    """Return tokens and accounts in every state, as arguments of ``rotation_report``."""
    trouble = "files (replica) cannot be written: no permission. Let the user that runs Ansible write the file."
    unwritable = place("files", "replica", in_sync=False, message=trouble, error_code="vault_denied")
    quota = "No token can be created: 100 of the 100 that a user may have exist or are being created."
    down = place(
        "cluster", "replica", in_sync=None, message="cluster cannot be reached.", error_code="vault_unreachable"
    )
    old = {"id": "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e", "expires_at": format_instant(NOW + 20 * DAY)}
    overdue: dict[str, Any] = {"failed": True, "error_codes": ["handoff_overdue"], "message": "Somebody has to act."}
    return {
        "tokens": [
            token("working", previous=[{**old, "replaced_at": format_instant(NOW - DAY), "origin": "minted"}]),
            token("year", token=current(40, 365), ttl_seconds=365 * DAY, warnings=["It lives longer than declared."]),
            token("hours", token=current(0.1, 0.5), ttl_seconds=DAY // 2, renew_before_seconds=3600),
            due("due"),
            token("busy", action="busy", reason="another run is at work", vaults=[place(in_sync=None)]),
            due("repaired", action="repaired", reason="replica_differed", token=current()),
            token("failed", failed=True, message=quota, error_codes=["quota_reached"], vaults=[place(), unwritable]),
            token("unwritten", failed=True, vaults=[place(), unwritable]),
            token("down", failed=True, vaults=[place(), down]),
            deletion("deleted"),
            handoff("person"),
            handoff("overdue", token=current(29), **overdue),
            due("refused", reason="refused", delete_in_dcd=[{**old, "since": format_instant(NOW - 4 * DAY)}]),
            due("missing", reason="missing", token=None, vaults=[place(in_sync=False)]),
            token("unreadable", token=None, failed=True, message="The vault is sealed.", error_codes=["vault_sealed"]),
            token(
                "outage",
                waits=True,
                cause="api.ionos.com did not answer in time.",
                message="The API gave no answer.",
                error_codes=["token_not_judged"],
            ),
            token("absent", action="absent", reason="absent", token=None, vaults=[]),
        ],
        "accounts": [
            account(),
            account("bank", "enabled", quota={"used": 97, "limit": 100, "reserve": 5}),
            account("old", "unknown", quota=None, user_id=None, message="The API cannot be reached."),
        ],
    }

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/_emulator/``: clock, faults, journal, users, tokens, settings and reset, for tests that are not in Python.

| request | does |
|---|---|
| ``GET clock`` | the time, whether frozen, the skew of the ``Date`` header |
| ``POST clock`` | ``{"set": ISO, "advance": seconds, "frozen": bool, "date_header_skew": seconds}``, each optional |
| ``GET``, ``POST``, ``DELETE faults`` | the script; ``POST`` the arguments of ``FaultScript.add`` as JSON |
| ``GET``, ``DELETE journal`` | the requests so far, ``?operation=`` filters |
| ``GET``, ``POST users`` | users; ``POST`` as in ``seed`` |
| ``GET tokens`` | every token without its value; ``?user=`` filters by login |
| ``POST tokens`` | ``{"user", "contract_number", "ttl", "origin"}``: issue one past all rules, value returned once |
| ``DELETE tokens/{id}`` | revoke one behind everybody's back |
| ``GET``, ``POST settings`` | the settings |
| ``POST reset`` | forget everything but the clock; a body is a new seed |
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from emulator.clock import format_instant
from emulator.core import Emulator
from emulator.endpoints import json_endpoint
from emulator.messages import not_found
from emulator.seed import add_fault, add_user, load_seed, user_document
from emulator.state import DEFAULT_TTL
from emulator.tokens import API, ORIGINS
from emulator.users import User


def control_routes(emulator: Emulator) -> list[Route]:
    """The routes below ``/_emulator``."""
    control = Control(emulator)
    actions = [
        ("/clock", "GET", control.show_clock),
        ("/clock", "POST", control.move_clock),
        ("/faults", "GET", control.show_faults),
        ("/faults", "POST", control.add_fault),
        ("/faults", "DELETE", control.clear_faults),
        ("/journal", "GET", control.show_journal),
        ("/journal", "DELETE", control.clear_journal),
        ("/users", "GET", control.show_users),
        ("/users", "POST", control.add_user),
        ("/tokens", "GET", control.show_tokens),
        ("/tokens", "POST", control.issue_token),
        ("/tokens/{token_id}", "DELETE", control.revoke_token),
        ("/settings", "GET", control.show_settings),
        ("/settings", "POST", control.change_settings),
        ("/reset", "POST", control.reset),
    ]
    return [Route(path, json_endpoint(action), methods=[method]) for path, method, action in actions]


class Control:
    """The actions behind the control endpoints: each takes the request and its JSON body, and returns JSON."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def show_clock(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Tell the time."""
        clock = self._emulator.clock
        return {
            "now": format_instant(clock.now()),
            "frozen": clock.frozen,
            "date_header_skew": clock.date_header_skew.total_seconds(),
        }

    def move_clock(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Set, advance, freeze, resume the clock; skew the ``Date`` header."""
        clock = self._emulator.clock
        if "set" in body:
            clock.set(body["set"])
        if "advance" in body:
            clock.advance(float(body["advance"]))
        if "frozen" in body:
            (clock.freeze if body["frozen"] else clock.resume)()
        if "date_header_skew" in body:
            clock.date_header_skew = timedelta(seconds=float(body["date_header_skew"]))
        return self.show_clock(request, body)

    def show_faults(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """The scripted faults."""
        return {"faults": self._emulator.faults.dump()}

    def add_fault(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Script a fault."""
        add_fault(self._emulator, body)
        return self.show_faults(request, body)

    def clear_faults(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Forget every fault."""
        self._emulator.faults.clear()
        return self.show_faults(request, body)

    def show_journal(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """The requests so far."""
        return {"entries": self._emulator.journal.dump(request.query_params.get("operation"))}

    def clear_journal(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Forget the requests."""
        self._emulator.journal.clear()
        return {"entries": []}

    def show_users(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Every user, without passwords."""
        users = self._emulator.state.users.all()
        return {"users": [user_document(self._emulator, user) for user in users]}

    def add_user(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Add or replace a user."""
        return user_document(self._emulator, add_user(self._emulator, body))

    def show_tokens(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Every token that exists, and those that were deleted, without values."""
        name = request.query_params.get("user")
        user_id = self._user(name).user_id if name else None
        self._emulator.run_late_requests()
        tokens = [token for token in self._emulator.state.tokens.all() if user_id in (None, token.user_id)]
        return {"tokens": [token.dump(self._emulator.clock.now()) for token in tokens]}

    def issue_token(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Issue a token past all rules but the quota; its value is returned this once."""
        user = self._user(body["user"])
        origin = body.get("origin", API)
        if origin not in ORIGINS:
            raise ValueError(f"origin must be one of {', '.join(ORIGINS)}")
        token, value = self._emulator.mint(user, body.get("contract_number"), int(body.get("ttl", DEFAULT_TTL)), origin)
        return {"token": value, **token.dump(self._emulator.clock.now())}

    def revoke_token(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Revoke a token."""
        self._emulator.revoke(request.path_params["token_id"])
        return {"success": True}

    def show_settings(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """The settings."""
        return self._emulator.settings.dump()

    def change_settings(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Change some settings."""
        self._emulator.settings.update(body)
        return self._emulator.settings.dump()

    def reset(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Forget everything but the clock, then load the body as a seed."""
        self._emulator.reset()
        load_seed(self._emulator, body)
        return {"success": True}

    def _user(self, name: str) -> User:
        user = self._emulator.state.users.named(name)
        if user is None:
            raise not_found(f"There is no user {name}")
        return user

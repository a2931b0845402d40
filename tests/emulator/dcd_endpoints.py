# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/_dcd/``: what a person does in the DCD, for playbooks and other programs.

| request | does |
|---|---|
| ``POST sessions`` | ``{"user", "password"}``: sign in; returns ``session`` and ``second_factor_required`` |
| ``POST sessions/{session}/second-factor`` | ``{"code"}``: show the second factor |
| ``POST tokens`` | ``{"session", "ttl", "contract_number"}``: create a token, its value returned this once |
| ``GET tokens?session=`` | the user's tokens; ``&contract_number=`` |
| ``DELETE tokens/{id}?session=`` | delete one |
| ``POST two-factor`` | ``{"user", "state", "since"}``: ``disabled``, ``configuring``, ``enabled``, ``forced`` |
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from emulator.clock import parse_instant
from emulator.core import Emulator
from emulator.endpoints import json_endpoint
from emulator.seed import user_document
from emulator.token_manager import Session


def dcd_routes(emulator: Emulator) -> list[Route]:
    """The routes below ``/_dcd``."""
    endpoints = DcdEndpoints(emulator)
    actions = [
        ("/sessions", "POST", endpoints.sign_in),
        ("/sessions/{session_id}/second-factor", "POST", endpoints.pass_second_factor),
        ("/tokens", "POST", endpoints.create_token),
        ("/tokens", "GET", endpoints.list_tokens),
        ("/tokens/{token_id}", "DELETE", endpoints.delete_token),
        ("/two-factor", "POST", endpoints.set_two_factor),
    ]
    return [Route(path, json_endpoint(action), methods=[method]) for path, method, action in actions]


class DcdEndpoints:
    """The actions behind the DCD's endpoints: each takes the request and its JSON body, and returns JSON."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def sign_in(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """First factor."""
        return _session_document(self._emulator.dcd.sign_in(body["user"], body["password"]))

    def pass_second_factor(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Second factor."""
        session = self._emulator.dcd.session(request.path_params["session_id"])
        return _session_document(session.pass_second_factor(str(body["code"])))

    def create_token(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Create a token in the Token Manager."""
        session = self._emulator.dcd.session(body["session"])
        token, value = session.create_token(body["ttl"], body.get("contract_number"))
        return {"token": value, **token.dump(self._emulator.clock.now())}

    def list_tokens(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """List the Token Manager's tokens."""
        contract_number = request.query_params.get("contract_number")
        tokens = self._session(request).tokens(int(contract_number) if contract_number else None)
        return {"tokens": [token.dump(self._emulator.clock.now()) for token in tokens]}

    def delete_token(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Delete a token in the Token Manager."""
        self._session(request).delete_token(request.path_params["token_id"])
        return {"success": True}

    def set_two_factor(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Switch 2FA."""
        since = parse_instant(body["since"]) if body.get("since") else None
        return user_document(self._emulator, self._emulator.dcd.set_two_factor(body["user"], body["state"], since))

    def _session(self, request: Request) -> Session:
        return self._emulator.dcd.session(request.query_params.get("session", ""))


def _session_document(session: Session) -> dict[str, Any]:
    return {"session": session.id, "second_factor_required": session.second_factor_required}

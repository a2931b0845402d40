# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's operations: which request means which, and what each does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern
from typing import Any

from emulator import rules
from emulator.clock import format_instant
from emulator.messages import Answer, Request, forbidden, json_answer, method_not_allowed, not_found, unprocessable
from emulator.rules import Caller
from emulator.state import State
from emulator.tokens import API, IssuedToken
from emulator.users import User

GENERATE = "generate"
LIST = "list"
GET = "get"
DELETE = "delete"
DELETE_BY_CRITERIA = "delete_by_criteria"
GET_USER = "get_user"
ANY = "any"
OPERATIONS = (GENERATE, LIST, GET, DELETE, DELETE_BY_CRITERIA, GET_USER)

AUTH_BASE = "/auth/v1"
CLOUD_BASE = "/cloudapi/v6"


@dataclass(frozen=True)
class Call:
    """A request that names one of the vendor's operations; *subject* is the id in its path, if any."""

    operation: str
    subject: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a handler answers, and the ids of the tokens that it made or deleted."""

    answer: Answer
    minted: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


_ROUTES: tuple[tuple[str, Pattern[str], str], ...] = (
    ("GET", re.compile(rf"{AUTH_BASE}/tokens/generate"), GENERATE),
    ("GET", re.compile(rf"{AUTH_BASE}/tokens"), LIST),
    ("DELETE", re.compile(rf"{AUTH_BASE}/tokens"), DELETE_BY_CRITERIA),
    ("GET", re.compile(rf"{AUTH_BASE}/tokens/(?P<subject>[^/]+)"), GET),
    ("DELETE", re.compile(rf"{AUTH_BASE}/tokens/(?!generate$)(?P<subject>[^/]+)"), DELETE),
    ("GET", re.compile(rf"{CLOUD_BASE}/um/users/(?P<subject>[^/]+)"), GET_USER),
)


def identify(request: Request) -> Call | None:
    """The operation a request names, or None."""
    for method, pattern, operation in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match and method == request.method:
            return Call(operation, match.groupdict().get("subject"))
    return None


def allowed_methods(path: str) -> list[str]:
    """The methods that a path has, in the order of the page."""
    methods = [method for method, pattern, operation in _ROUTES if pattern.fullmatch(path)]
    return sorted(set(methods), key=methods.index)


def perform(state: State, request: Request, call: Call) -> Outcome:
    """Authenticate and perform an operation; raises ``ApiError`` when it is refused."""
    return _HANDLERS[call.operation](state, request, rules.authenticate(state, request), call)


def refuse_unknown(request: Request) -> Answer:
    """The answer to a request that names no operation: 405 on a known path, otherwise 404."""
    allowed = ", ".join(allowed_methods(request.path))
    if not allowed:
        return not_found().answer()
    return method_not_allowed(allowed).answer().with_header("Allow", allowed)


def _generate(state: State, request: Request, caller: Caller, call: Call) -> Outcome:
    contract_number = rules.auth_api_contract(caller, request)
    rules.require_minting_and_deleting(state, caller)
    token, value = state.mint(caller.user, contract_number, rules.requested_ttl(request), API)
    return Outcome(json_answer({"token": value}), minted=(token.id,))


def _list(state: State, request: Request, caller: Caller, call: Call) -> Outcome:
    contract_number = rules.auth_api_contract(caller, request)
    tokens = state.visible_tokens(caller.user, contract_number)
    return Outcome(json_answer({"tokens": [token_document(token) for token in tokens]}))


def _get(state: State, request: Request, caller: Caller, call: Call) -> Outcome:
    contract_number = rules.auth_api_contract(caller, request)
    return Outcome(
        json_answer(token_document(rules.own_token(state, caller, contract_number, call.subject or "", "get")))
    )


def _delete(state: State, request: Request, caller: Caller, call: Call) -> Outcome:
    contract_number = rules.auth_api_contract(caller, request)
    rules.require_minting_and_deleting(state, caller)
    return _deletion([rules.own_token(state, caller, contract_number, call.subject or "", "delete")])


def _delete_by_criteria(state: State, request: Request, caller: Caller, call: Call) -> Outcome:
    contract_number = rules.auth_api_contract(caller, request)
    rules.require_minting_and_deleting(state, caller)
    criteria = request.query("criteria")
    if criteria == "CURRENT":
        return _deletion([_current(caller)])
    if criteria not in ("ALL", "EXPIRED"):
        raise unprocessable("criteria must be one of EXPIRED, ALL, CURRENT")
    now = state.clock.now()
    tokens = state.visible_tokens(caller.user, contract_number, "delete")
    return _deletion([token for token in tokens if criteria == "ALL" or token.expired(now)])


def _current(caller: Caller) -> IssuedToken:
    if caller.token is None:
        raise forbidden("CURRENT needs a Bearer token")
    return caller.token


def _deletion(tokens: list[IssuedToken]) -> Outcome:
    for token in tokens:
        token.revoked = True
    return Outcome(json_answer({"success": True}), deleted=tuple(token.id for token in tokens))


def _get_user(state: State, request: Request, caller: Caller, call: Call) -> Outcome:
    contract_numbers = rules.cloud_api_contracts(caller, request)
    rules.require_user_management(caller)
    return Outcome(json_answer(_user_document(state, rules.visible_user(state, contract_numbers, call.subject or ""))))


_HANDLERS: dict[str, Callable[[State, Request, Caller, Call], Outcome]] = {
    GENERATE: _generate,
    LIST: _list,
    GET: _get,
    DELETE: _delete,
    DELETE_BY_CRITERIA: _delete_by_criteria,
    GET_USER: _get_user,
}


def token_document(token: IssuedToken) -> dict[str, str]:
    """A token as the API shows it: id, href and two dates, nothing else."""
    return {
        "id": token.id,
        "href": f"{AUTH_BASE}/tokens/{token.id}",
        "createdDate": format_instant(token.created),
        "expirationDate": format_instant(token.expires),
    }


def _user_document(state: State, user: User) -> dict[str, Any]:
    now = state.clock.now()
    return {
        "id": user.user_id,
        "type": "user",
        "href": f"{CLOUD_BASE}/um/users/{user.user_id}",
        "metadata": {"etag": user.user_id.replace("-", ""), "createdDate": "2020-01-01T00:00:00Z"},
        "properties": {
            "firstname": user.first_name,
            "lastname": user.last_name,
            "email": user.name,
            "administrator": user.role in ("owner", "admin"),
            "forceSecAuth": user.two_factor.forced(now),
            "secAuthActive": user.two_factor.active(now),
            "s3CanonicalUserId": user.user_id.replace("-", ""),
            "active": user.active,
        },
    }

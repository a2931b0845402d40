# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what, when: authentication, contracts and the rules for accounts with two-factor authentication."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from emulator import signing
from emulator.messages import Request, forbidden, not_found, unauthorized, unprocessable
from emulator.state import DEFAULT_TTL, MAXIMUM_TTL, MINIMUM_TTL, Lag, State
from emulator.tokens import API, IssuedToken
from emulator.users import User

TOKEN_MANAGER_OPENED = datetime(2024, 2, 1, tzinfo=UTC)
TWO_FACTOR_RULES_BEGAN = datetime(2024, 3, 15, tzinfo=UTC)
BASIC_PROMISE_ENDED = datetime(2025, 1, 1, tzinfo=UTC)

BASIC = "basic"
BEARER = "bearer"
NO_CREDENTIAL = "none"
CONTRACT_HEADER = "x-contract-number"
MAXIMUM_DIGITS = 18


@dataclass(frozen=True)
class Caller:
    """An authenticated user, with the token that was shown (None with Basic Auth)."""

    user: User
    token: IssuedToken | None = None


def credential_kind(request: Request) -> str:
    """``none``, ``basic`` or ``bearer``, by what the ``Authorization`` header claims to be."""
    scheme = (request.header("authorization") or "").partition(" ")[0].lower()
    return scheme if scheme in (BASIC, BEARER) else NO_CREDENTIAL


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """User name and password of a well-formed Basic header (RFC 7617)."""
    if credential_kind(request) != BASIC:
        return None
    try:
        decoded = base64.b64decode(_credential(request), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    name, colon, password = decoded.partition(":")
    return (name, password) if colon else None


def shown_token(state: State, request: Request) -> IssuedToken | None:
    """The token of a Bearer header whose signature is genuine, whether it still authenticates or not."""
    if credential_kind(request) != BEARER:
        return None
    token_id = signing.verified_token_id(_credential(request))
    return state.tokens.get(token_id) if token_id else None


def authenticate(state: State, request: Request) -> Caller:
    """Return who calls; raises ``ApiError`` 401 for whatever does not authenticate today."""
    if credential_kind(request) == BASIC:
        return _authenticate_basic(state, request)
    return _authenticate_bearer(state, request)


def _authenticate_basic(state: State, request: Request) -> Caller:
    name, password = basic_credentials(request) or ("", "")
    user = state.users.named(name)
    if user is None or not user.signs_in_with(password):
        raise unauthorized()
    now = state.clock.now()
    if two_factor_rules_apply(user, now):
        raise unauthorized()
    if now >= BASIC_PROMISE_ENDED and not state.settings.accepts_basic_after_2024:
        raise unauthorized()
    return Caller(user)


def _authenticate_bearer(state: State, request: Request) -> Caller:
    token = shown_token(state, request)
    now = state.clock.now()
    if token is None or token.revoked or token.expired(now) or not state.has_appeared(token, "use"):
        raise unauthorized()
    user = state.owner_of(token)
    if user is None or not user.active or token.contract_number not in user.contracts:
        raise unauthorized()
    if token.origin == API and two_factor_rules_apply(user, now):
        raise unauthorized()
    return Caller(user, token)


def two_factor_rules_apply(user: User, now: datetime) -> bool:
    """Whether only Token Manager tokens authenticate this user, and none of them may mint or delete."""
    return now >= TWO_FACTOR_RULES_BEGAN and user.two_factor.impacted(now)


def require_minting_and_deleting(state: State, caller: Caller) -> None:
    """Raise ``ApiError`` 403 when only a person in the DCD may mint and delete for this account."""
    if two_factor_rules_apply(caller.user, state.clock.now()):
        raise forbidden("Token deletion and generation can only be performed through DCD in the Token Manager")


def auth_api_contract(caller: Caller, request: Request) -> int:
    """Return the contract a request to the Auth API is about.

    Raises ``ApiError`` 403 when a user with several contracts names none or anybody names a wrong one, and 422 when
    the header is no number.
    """
    given = _contract_header(request)
    if given is None and len(caller.user.contracts) > 1:
        raise forbidden("X-Contract-Number is required for users with several contracts")
    return _checked_contract(caller, given)


def cloud_api_contracts(caller: Caller, request: Request) -> tuple[int, ...]:
    """Return the contracts a request to another API may be about: no header is needed there, a wrong one is refused."""
    given = _contract_header(request)
    if given is None and caller.token is None:
        return caller.user.contracts
    return (_checked_contract(caller, given),)


def _checked_contract(caller: Caller, given: int | None) -> int:
    if caller.token is not None:
        if given not in (None, caller.token.contract_number):
            raise forbidden("The token belongs to another contract")
        return caller.token.contract_number
    if given is None:
        return caller.user.contracts[0]
    if given not in caller.user.contracts:
        raise forbidden("The user has no access to this contract")
    return given


def _contract_header(request: Request) -> int | None:
    value = request.header(CONTRACT_HEADER)
    if value is None:
        return None
    number = _natural_number(value)
    if number is None:
        raise unprocessable("X-Contract-Number must be a positive integer")
    return number


def requested_ttl(request: Request) -> int:
    """Return the lifetime asked for in seconds; raises ``ApiError`` 422 outside 60..31536000."""
    value = request.query("ttl")
    if value is None:
        return DEFAULT_TTL
    ttl = _natural_number(value)
    if ttl is None or not MINIMUM_TTL <= ttl <= MAXIMUM_TTL:
        raise unprocessable(f"ttl must be an integer from {MINIMUM_TTL} to {MAXIMUM_TTL}")
    return ttl


def require_user_management(caller: Caller) -> None:
    """Raise ``ApiError`` 403 unless the caller may see users."""
    if not caller.user.may_manage_users:
        raise forbidden("User management rights are required")


def visible_user(state: State, contract_numbers: tuple[int, ...], user_id: str) -> User:
    """The user with that id on one of the contracts; raises ``ApiError`` 404 when there is none."""
    user = state.users.with_id(user_id)
    if user is None or not set(contract_numbers) & set(user.contracts):
        raise not_found()
    return user


def own_token(state: State, caller: Caller, contract_number: int, token_id: str, seen_by: Lag) -> IssuedToken:
    """One of the caller's own tokens on a contract; raises ``ApiError`` 404 for every other id."""
    token = state.visible_token(caller.user, contract_number, token_id, seen_by)
    if token is None:
        raise not_found()
    return token


def _natural_number(text: str) -> int | None:
    readable = text.isascii() and text.isdigit() and len(text) <= MAXIMUM_DIGITS
    return int(text) if readable else None


def _credential(request: Request) -> str:
    return (request.header("authorization") or "").partition(" ")[2].strip()

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The person in the Data Center Designer (DCD): signing in, the Token Manager, the settings of 2FA."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from emulator import rules
from emulator.messages import ApiError, forbidden, not_found, unauthorized, unprocessable
from emulator.state import State
from emulator.tokens import TOKEN_MANAGER, IssuedToken
from emulator.users import TwoFactor, User

HOUR = 3600
DAY = 24 * HOUR
TOKEN_MANAGER_TTLS = {
    "1h": HOUR,
    "4h": 4 * HOUR,
    "1d": DAY,
    "7d": 7 * DAY,
    "30d": 30 * DAY,
    "60d": 60 * DAY,
    "90d": 90 * DAY,
    "180d": 180 * DAY,
    "365d": 365 * DAY,
}


@dataclass
class Session:
    """A person signed in to the DCD; *secured* once the second factor was shown."""

    state: State
    user: User
    secured: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def second_factor_required(self) -> bool:
        """Whether the Token Manager wants the second factor first (for a forced user: the set-up completed)."""
        return self.user.two_factor.impacted(self.state.clock.now()) and not self.secured

    def pass_second_factor(self, code: str) -> Session:
        """Show the second factor; this completes a set-up that was begun or is obligatory.

        Raises ``ApiError`` 401 for a wrong code and 403 when the user has no 2FA.
        """
        now = self.state.clock.now()
        if not self.user.two_factor.impacted(now):
            raise forbidden("Two-factor authentication is not set up")
        if not hmac.compare_digest(code.encode(), self.user.second_factor_code.encode()):
            raise unauthorized()
        if not self.user.two_factor.active(now):
            self.user.two_factor.active_since = now
        self.user.two_factor.configuring_since = None
        self.secured = True
        return self

    def create_token(self, ttl: str, contract_number: int | None = None) -> tuple[IssuedToken, str]:
        """Create a token with one of the DCD's lifetimes; returns it with its value, which is shown this once.

        Raises ``ApiError`` 403 before the Token Manager opened, without the second factor where it is required, for a
        contract that is not the user's and at the quota, and 422 for another lifetime.
        """
        self._require_token_manager()
        if ttl not in TOKEN_MANAGER_TTLS:
            raise unprocessable(f"ttl must be one of {', '.join(TOKEN_MANAGER_TTLS)}")
        contract = contract_number or self.user.contracts[0]
        self._require_contract(contract)
        return self.state.mint(self.user, contract, TOKEN_MANAGER_TTLS[ttl], TOKEN_MANAGER)

    def tokens(self, contract_number: int | None = None) -> list[IssuedToken]:
        """The user's tokens on a contract, of either origin."""
        self._require_token_manager()
        contract = contract_number or self.user.contracts[0]
        self._require_contract(contract)
        return self.state.visible_tokens(self.user, contract)

    def delete_token(self, token_id: str) -> None:
        """Delete one of the user's tokens; raises ``ApiError`` 404 for any other id."""
        self._require_token_manager()
        token = self.state.tokens.get(token_id)
        if token is None or token.revoked or token.user_id != self.user.user_id:
            raise not_found()
        token.revoked = True

    def _require_token_manager(self) -> None:
        if self.state.clock.now() < rules.TOKEN_MANAGER_OPENED:
            raise forbidden("The Token Manager is available from February 1, 2024")
        if self.second_factor_required:
            raise forbidden("The second factor is required")

    def _require_contract(self, contract_number: int) -> None:
        if contract_number not in self.user.contracts:
            raise forbidden("The user has no access to this contract")


class Dcd:
    """Sessions of people, and the switches of two-factor authentication."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._sessions: dict[str, Session] = {}

    def sign_in(self, name: str, password: str) -> Session:
        """Sign in with the first factor; raises ``ApiError`` 401 for unknown people and wrong passwords."""
        user = self._state.users.named(name)
        if user is None or not user.signs_in_with(password):
            raise unauthorized()
        session = Session(self._state, user)
        self._sessions[session.id] = session
        return session

    def signed_in(self, user: User) -> Session:
        """A session of a person who has shown everything the DCD asks for: for arranging a test."""
        session = self.sign_in(user.name, user.password)
        return session.pass_second_factor(user.second_factor_code) if session.second_factor_required else session

    def session(self, session_id: str) -> Session:
        """The session with that id; raises ``ApiError`` 401 when there is none."""
        try:
            return self._sessions[session_id]
        except KeyError:
            raise unauthorized() from None

    def set_two_factor(self, name: str, state: str, since: datetime | None = None) -> User:
        """Put a user's 2FA in a state of ``users.TWO_FACTOR_STATES``, holding from *since* (default: now) on.

        Raises ``ApiError`` 404 for an unknown user and 422 for an unknown state.
        """
        user = self._state.users.named(name)
        if user is None:
            raise not_found()
        try:
            user.two_factor = TwoFactor.in_state(state, since or self._state.clock.now())
        except ValueError as error:
            raise ApiError(422, "100", str(error)) from None
        return user

    def clear(self) -> None:
        """Sign everybody out."""
        self._sessions.clear()

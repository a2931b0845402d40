# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world for the work of the modules: an emulator in memory, whose clock is also that of the task."""

from __future__ import annotations

from typing import Any

import requests

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import Caller
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
    Credential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._http.pacer import Pacer
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token_absent import (
    AbsentOptions,
    Deletions,
    TokenRemover,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token_info import InfoOptions, gather
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token_present import (
    Outcome,
    PresentOptions,
    TokenKeeper,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import PolicyGate
from emulator import Emulator
from emulator.in_memory import EmulatorAdapter
from support.silent_watchdog import SilentWatchdog

PRESENT_DEFAULTS: dict[str, Any] = {
    "state": "present",
    "current": None,
    "token_id": None,
    "dest": None,
    "ttl": "30d",
    "renew_before": None,
    "return_value": False,
    "force": False,
    "criteria": None,
    "except": None,
    "contract_number": None,
}
INFO_DEFAULTS: dict[str, Any] = {
    "token_id": None,
    "current": None,
    "expiring_within": None,
    "date": None,
    "two_factor": "auto",
}
START = "2026-03-01T12:00:00Z"


class TokenWorld:
    """One user with one token, and tasks that take no real time.

    :ivar issuer: the token that authenticates the tasks, unless a task is told otherwise.
    """

    def __init__(self, **fields: Any) -> None:
        self.emulator = Emulator()
        self.emulator.clock.freeze()
        self.emulator.clock.set(START)
        self.user = self.emulator.add_user("ann@example.com", "correct horse", **fields)
        self.issuer = self.new_token()
        self.wall_clock_offset = 0.0
        self.warnings: list[str] = []
        session = requests.Session()
        session.mount("https://", EmulatorAdapter(self.emulator))
        self._transport = Transport(ConnectionOptions(), session, watchdog=SilentWatchdog())
        self._pacer = Pacer(
            sleep=lambda seconds: self.emulator.clock.advance(seconds=seconds), monotonic=self.emulator.clock.timestamp
        )

    def new_token(self, ttl: int = 31536000, **fields: Any) -> Token:
        """Issue a token to the user, behind the back of every task."""
        return parse_token(self.emulator.mint(self.user, ttl=ttl, **fields)[1], "token")

    def api(self, credential: Credential, contract_number: int | None = None) -> AuthApi:
        """Return a client whose time is the emulator's."""
        clock = self.emulator.clock
        api_clock = ApiClock(clock.timestamp, lambda: clock.timestamp() + self.wall_clock_offset)
        return AuthApi(
            Caller(
                Endpoints.from_url("https://api.example.com"),
                self._transport,
                credential,
                contract_number,
                clock=api_clock,
                sleep=lambda seconds: clock.advance(seconds=seconds),
                monotonic=clock.timestamp,
                pacer=self._pacer,
            ),
            PolicyGate(api_clock.today, on_warning=self.warnings.append),
        )

    def present(self, issuer: Token | None = None, *, check_mode: bool = False, **params: Any) -> Outcome:
        """Keep a token good; ``anonymous=True`` among the parameters means without any issuer."""
        anonymous = params.pop("anonymous", False)
        options = PresentOptions.from_params({**PRESENT_DEFAULTS, **params}, check_mode)
        return TokenKeeper(
            options,
            None if anonymous else self.api(BearerCredential(issuer or self.issuer)),
            api_of=lambda token: self.api(BearerCredential(token)),
            random=lambda: 0.5,
            sleep=lambda seconds: self.emulator.clock.advance(seconds=seconds),
            monotonic=self.emulator.clock.timestamp,
            warn=self.warnings.append,
        ).run()

    def absent(self, issuer: Token | None = None, *, check_mode: bool = False, **params: Any) -> Deletions:
        """Delete tokens; ``anonymous=True`` among the parameters means without any issuer."""
        anonymous = params.pop("anonymous", False)
        options = AbsentOptions.from_params({**PRESENT_DEFAULTS, "state": "absent", **params}, check_mode)
        api = None if anonymous else self.api(BearerCredential(issuer or self.issuer))
        return TokenRemover(options, api, api_of=lambda token: self.api(BearerCredential(token))).run()

    def info(self, credential: Credential | None = None, **params: Any) -> dict[str, Any]:
        """List tokens and say what the policy says."""
        options = InfoOptions.from_params({**INFO_DEFAULTS, **params})
        return gather(options, self.api(credential or BearerCredential(self.issuer)))

    def password(self) -> BasicCredential:
        """Return the user's name and password as a credential."""
        return BasicCredential(self.user.name, "correct horse")

    def ids(self) -> set[str]:
        """Return the ids of all tokens of the user that exist."""
        return {token.id for token in self.emulator.tokens(self.user)}

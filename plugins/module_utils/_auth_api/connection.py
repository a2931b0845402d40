# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the connection options to clients of the Auth API: which credential counts, and what cannot be right."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Callable, Mapping

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import Caller
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
    Credential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import DEFAULT_API_URL, Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import (
    MAXIMUM_CONTRACT_NUMBER,
    Token,
    parse_token,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.pacer import Pacer
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import Mode, PolicyGate
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Decision, TwoFactor

CREDENTIAL_VARIABLES = {"token": "IONOS_TOKEN", "username": "IONOS_USERNAME", "password": "IONOS_PASSWORD"}
SECRET_VARIABLES = ("IONOS_TOKEN", "IONOS_PASSWORD")


def select_credential_options(params: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``token``, ``username`` and ``password`` that count.

    The task comes first; a variable completes a username or password of the task. Empty counts as not given.

    :param params: the options of a task or of an account.
    :param environ: the environment, or an empty mapping if it must not count (R7).
    """
    given = {name: str(params[name]) for name in CREDENTIAL_VARIABLES if params.get(name)}
    fallback = {name: environ[variable] for name, variable in CREDENTIAL_VARIABLES.items() if environ.get(variable)}
    if "token" in given:
        return {"token": given["token"]}
    if not given and "token" in fallback:
        return {"token": fallback["token"]}
    pair = {**fallback, **given}
    return {name: pair[name] for name in ("username", "password") if name in pair}


def select_credential(params: Mapping[str, Any], environ: Mapping[str, str]) -> Credential | None:
    """Return the credential that the options and the environment give, or None if they give none.

    :param params: as in :func:`select_credential_options`.
    :param environ: as there.
    :raises ConfigurationError: ``credential_incomplete`` for a username without a password or the other way round.
    :raises TokenFormatError: if the token is none.
    """
    selected = select_credential_options(params, environ)
    if not selected:
        return None
    if "token" in selected:
        return BearerCredential(parse_token(selected["token"], _where(params, "token")))
    if len(selected) == 1:
        raise ConfigurationError("credential_incomplete", where="The task or its environment")
    return BasicCredential(selected["username"], selected["password"])


def environment_secrets(environ: Mapping[str, str]) -> set[str]:
    """Return the secrets in the environment, for ``AnsibleModule.no_log_values``: ``no_log`` only knows options."""
    return {environ[name] for name in SECRET_VARIABLES if environ.get(name)}


@dataclass(frozen=True)
class ConnectionSettings:
    """The connection options of a task, checked before anything is sent.

    :ivar credential: who sends the requests, or None if the task and the environment name nobody.
    :ivar two_factor: the account's state, or None to have it looked up.
    """

    endpoints: Endpoints
    options: ConnectionOptions
    credential: Credential | None
    contract_number: int | None
    policy: Mode
    two_factor: TwoFactor | None

    @classmethod
    def from_params(cls, params: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> ConnectionSettings:
        """Return the settings that the options of a task give.

        :param params: in the types of ``CONNECTION_OPTIONS``.
        :raises ConfigurationError: for an address, a fingerprint, a CA path, a time-out, a contract number or a
            credential that cannot be right.
        :raises TokenFormatError: if the token is none.
        """
        two_factor: Any = params["two_factor"]
        policy: Any = params["policy"]
        return cls(
            endpoints=Endpoints.from_url(params["api_url"] or DEFAULT_API_URL),
            options=ConnectionOptions(
                validate_certs=params["validate_certs"],
                ca_path=params["ca_path"] or None,
                certificate_fingerprint=params["certificate_fingerprint"] or None,
                deadline=params["timeout"],
            ),
            credential=select_credential(params, os.environ if environ is None else environ),
            contract_number=_checked_contract_number(params["contract_number"]),
            policy=policy,
            two_factor=None if two_factor == "auto" else two_factor,
        )

    def connect(
        self,
        on_warning: Callable[[str], None] = lambda message: None,
        on_deprecation: Callable[[Decision], None] = lambda decision: None,
    ) -> ApiConnection:
        """Return what the clients of one task share.

        :param on_warning: shows a sentence to the user.
        :param on_deprecation: is given a decision of the policy that allows something until a date.
        :raises ConfigurationError: ``library_missing`` if ``requests`` is not installed.
        """
        clock = ApiClock()
        gate = PolicyGate(
            clock.today,
            mode=self.policy,
            two_factor=self.two_factor,
            on_warning=on_warning,
            on_deprecation=on_deprecation,
        )
        return ApiConnection(self, Transport(self.options), clock, gate, Pacer())


@dataclass(frozen=True)
class ApiConnection:
    """What the clients of one task share: connections, the API's clock, the account's policy, and the API's pauses."""

    settings: ConnectionSettings
    transport: Transport
    clock: ApiClock
    gate: PolicyGate
    pacer: Pacer

    def api(self, credential: Credential) -> AuthApi:
        """Return a client that authenticates with ``credential``."""
        return AuthApi(
            Caller(
                self.settings.endpoints,
                self.transport,
                credential,
                self.settings.contract_number,
                clock=self.clock,
                pacer=self.pacer,
            ),
            self.gate,
        )

    def api_of(self, token: Token) -> AuthApi:
        """Return a client that authenticates with ``token``."""
        return self.api(BearerCredential(token))

    def issuer(self) -> AuthApi | None:
        """Return a client with the credential of the task or its environment, or None if they name nobody."""
        return None if self.settings.credential is None else self.api(self.settings.credential)


def _where(params: Mapping[str, Any], option: str) -> str:
    return option if params.get(option) else CREDENTIAL_VARIABLES[option]


def _checked_contract_number(number: int | None) -> int | None:
    if number is not None and not 0 < number <= MAXIMUM_CONTRACT_NUMBER:
        raise ConfigurationError("contract_number_invalid", where="contract_number")
    return number

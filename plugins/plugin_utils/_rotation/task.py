# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the arguments of a task to its outcomes: puts clients, vaults and the rotation together."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import Caller
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import ConnectionSettings
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential, Credential
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.pacer import Pacer
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import QUOTA, MintLedger
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import PolicyGate
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Decision
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.accounts import Account
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import Declaration, parse_declaration
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import Publication, publications
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.runner import RotationRun
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.account import AccountAccess, account_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.owner import ProcessTable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run, TokenRegistry
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.undeclared import (
    UndeclaredDeletions,
    delete_undeclared,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.connections import connect_vaults
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, VaultKind

DEFAULT_ACCOUNT_NAME = "default"
RANGES = {"workers": (1, 64), "quota_reserve": (0, QUOTA), "max_lost": (0, QUOTA)}
FASTEST_RATE = 1000
LATENESS = 0.05
"""Seconds by which a thread wakes late on a busy machine: everybody behind it in the line waits as much longer."""


@dataclass
class Effects:
    """Everything by which a run touches the world or is touched by it; tests put their own here."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    random: Callable[[], float] = SystemRandom().random
    new_write_id: Callable[[], str] = lambda: secrets.token_hex(16)
    new_transport: Callable[[ConnectionOptions], Transport] = Transport
    processes: ProcessTable = field(default_factory=ProcessTable)
    stop: threading.Event = field(default_factory=threading.Event)
    keep_going: Callable[[], bool] = lambda: True
    on_progress: Callable[[int, int], None] = lambda done, total: None
    on_warning: Callable[[str], None] = lambda message: None
    on_deprecation: Callable[[Decision], None] = lambda decision: None


@dataclass(frozen=True)
class TaskOutcome:
    """What came of each declared token, and the facts of the accounts if they were asked for.

    :ivar deletions: what came of tokens that nobody declares and that were to be deleted.
    :ivar now: when it was done, in seconds since the epoch by the API's clock.
    """

    tokens: list[Outcome]
    accounts: list[dict[str, Any]]
    now: int
    deletions: UndeclaredDeletions


def rotate_declared(
    arguments: Mapping[str, Any],
    kinds: Mapping[str, VaultKind],
    controller: Controller,
    effects: Effects,
    *,
    check_mode: bool,
) -> TaskOutcome:
    """Keep the declared tokens fresh and return what came of each.

    :param arguments: the task's arguments in the types of the argument spec.
    :param controller: its environment gives the default account's credential where the task gives none; it is not
        looked at where every token names its account (R7).
    :raises ConfigurationError, TokenFormatError: for what is declared wrong; then nothing has been touched.
    """
    place_options = {kind: dict(vault.PLACE_OPTIONS) for kind, vault in kinds.items()}
    needs_default = any(not token.get("account") for token in arguments["tokens"])
    settings = ConnectionSettings.from_params(arguments, controller.environ if needs_default else {})
    declaration = parse_declaration(arguments, _default_account(settings), place_options)
    _require_readable(declaration, kinds)
    _require_in_range(arguments)
    reports = _reports(arguments.get("published"), declaration)
    setup = _Setup(arguments, settings, effects, check_mode)
    accesses = {account.name: setup.access(account) for account in declaration.accounts}
    vaults = connect_vaults(declaration.vaults, kinds, controller)
    run = setup.run(declaration)
    rotation = RotationRun(
        run,
        vaults,
        accesses,
        workers=_useful_workers(arguments),
        on_progress=effects.on_progress,
        keep_going=effects.keep_going,
    )
    outcomes = rotation.rotate(declaration.tokens, declaration.only, reports)
    clients = [access.clients(rotation.tokens_of(name)) for name, access in accesses.items()]
    deletions = delete_undeclared(arguments.get("delete_undeclared") or [], clients, run)
    accounts = [
        account_facts(access, rotation.tokens_of(name), run, arguments["quota_reserve"])
        for name, access in accesses.items()
        if arguments["with_accounts"]
    ]
    _add_policies(outcomes, accounts)
    return TaskOutcome(outcomes, accounts, run.clock.now(), deletions)


def _add_policies(outcomes: list[Outcome], accounts: list[dict[str, Any]]) -> None:
    """Say what the policy says of minting also for tokens that are not due, as far as it has been asked for."""
    policies = {account["name"]: account["policy"] for account in accounts}
    for outcome in outcomes:
        if outcome.policy is None and outcome.account in policies:
            policy = policies[outcome.account]
            outcome.policy = {"two_factor": policy["two_factor"], **policy["mint"]}


class _Setup:
    """Makes the parts that one run shares."""

    def __init__(
        self, arguments: Mapping[str, Any], settings: ConnectionSettings, effects: Effects, check_mode: bool
    ) -> None:
        self._arguments = arguments
        self._settings = settings
        self._effects = effects
        self._check_mode = check_mode
        self._transport = effects.new_transport(settings.options)
        self._clock = ApiClock(effects.monotonic, effects.wall_clock)
        self._pacer = Pacer(arguments["rate"], sleep=effects.sleep, monotonic=effects.monotonic)

    def access(self, account: Account) -> AccountAccess:
        """Return the clients of one account, which share the connections and the API's clock of the run."""
        gate = PolicyGate(
            self._clock.today,
            mode=self._settings.policy,
            two_factor=None if account.two_factor == "auto" else account.two_factor,
            on_warning=self._effects.on_warning,
            on_deprecation=self._effects.on_deprecation,
        )
        return AccountAccess(account, gate, self._connect)

    def run(self, declaration: Declaration) -> Run:
        """Return what the declared tokens of the run share."""
        processes = self._effects.processes
        return Run(
            owner=processes.this_process(),
            owner_is_dead=processes.is_dead,
            clock=self._clock,
            ledger=MintLedger(self._effects.random, quota_reserve=self._arguments["quota_reserve"]),
            registry=TokenRegistry(issuer_ids=_issuer_ids(declaration)),
            stop=self._effects.stop,
            sleep=self._effects.sleep,
            monotonic=self._effects.monotonic,
            new_write_id=self._effects.new_write_id,
            deadline=self._settings.options.deadline,
            max_lost=self._arguments["max_lost"],
            purge_expired=self._arguments["purge_expired"],
            check_mode=self._check_mode,
        )

    def _connect(self, credential: Credential, contract_number: int | None, gate: PolicyGate) -> AuthApi:
        return AuthApi(
            Caller(
                self._settings.endpoints,
                self._transport,
                credential,
                contract_number,
                clock=self._clock,
                sleep=self._effects.sleep,
                random=self._effects.random,
                monotonic=self._effects.monotonic,
                pacer=self._pacer,
            ),
            gate,
        )


def _default_account(settings: ConnectionSettings) -> Account:
    return Account(
        name=DEFAULT_ACCOUNT_NAME,
        contract_number=settings.contract_number,
        two_factor=settings.two_factor or "auto",  # type: ignore[arg-type]
        credential=settings.credential,
    )


def _issuer_ids(declaration: Declaration) -> frozenset[str]:
    credentials = [account.credential for account in declaration.accounts]
    return frozenset(item.token.id for item in credentials if isinstance(item, BearerCredential))


def _require_readable(declaration: Declaration, kinds: Mapping[str, VaultKind]) -> None:
    kind_of = {vault.name: vault.kind for vault in declaration.vaults}
    for token in declaration.tokens:
        if not kinds[kind_of[token.vault.vault]].READABLE:
            raise ConfigurationError("vault_of_record_unreadable", where=f"tokens[{token.name}].vault")
        if token.inbox and not kinds[kind_of[token.inbox.vault]].READABLE:
            raise ConfigurationError("inbox_unreadable", where=f"tokens[{token.name}].inbox")


def _reports(entries: list[Any] | None, declaration: Declaration) -> tuple[Publication, ...] | None:
    """Return what became of publications that an earlier call has asked for; None if this is the first call."""
    if entries is None:
        return None
    reports = publications(entries)
    names = {token.name for token in declaration.tokens}
    for report in reports:
        if report.name not in names:
            raise ConfigurationError("publication_unknown", name=report.name)
    return reports


def _require_in_range(arguments: Mapping[str, Any]) -> None:
    for option, (minimum, maximum) in RANGES.items():
        if not minimum <= arguments[option] <= maximum:
            raise ConfigurationError("option_out_of_range", where=option, minimum=minimum, maximum=maximum)
    rate, slowest = arguments["rate"], _slowest_rate(arguments["timeout"])
    if rate is not None and not slowest <= rate <= FASTEST_RATE:
        raise ConfigurationError("option_out_of_range", where="rate", minimum=slowest, maximum=FASTEST_RATE)


def _slowest_rate(timeout: int) -> float:
    """Return the rate, in hundredths, at which one worker still has its turn within half of a request's time."""
    return math.ceil(200 / timeout) / 100


def _useful_workers(arguments: Mapping[str, Any]) -> int:
    """Return how many workers all have their turn within half of a request's time; more would only wait in vain."""
    workers: int = arguments["workers"]
    rate = arguments["rate"]
    return workers if rate is None else max(1, min(workers, int(arguments["timeout"] / 2 / (1 / rate + LATENESS))))

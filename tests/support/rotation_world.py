# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world for rotations: an emulator and a vault in memory, one clock for both, and runs that take no real time."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import requests

from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Owner, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.task import Effects, rotate_declared
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from emulator import Emulator
from emulator.in_memory import EmulatorAdapter
from emulator.tokens import IssuedToken
from emulator.users import User
from support.memory_vault import MemoryStore, MemoryVaultKind

TASK_DEFAULTS: dict[str, Any] = {
    "api_url": "https://api.example.com",
    "validate_certs": True,
    "ca_path": None,
    "certificate_fingerprint": None,
    "timeout": 60,
    "policy": "enforce",
    "two_factor": "auto",
    "contract_number": None,
    "username": None,
    "password": None,
    "accounts": [],
    "vaults": [{"name": "memory", "memory": {}}],
    "offers": {},
    "workers": 1,
    "quota_reserve": 5,
    "max_lost": 3,
    "purge_expired": False,
    "only": None,
    "renew_now": None,
    "revoke": None,
    "delete_undeclared": None,
    "with_accounts": False,
}


class SilentTimer:
    """A watchdog that never bites: in memory, time passes by the emulator's clock only."""

    daemon = True

    def __init__(self, seconds: float, callback: Callable[[], None]) -> None:
        pass

    def start(self) -> None:
        pass

    def cancel(self) -> None:
        pass


def transport_over(session: requests.Session, options: ConnectionOptions) -> Transport:
    """Return a transport over a session in memory, without a watchdog."""
    return Transport(options, session, timer=cast(Any, SilentTimer))


class FakeProcesses:
    """Each run is a process of its own; that one is dead is known on its own host only."""

    def __init__(self, world: RotationWorld, host: str) -> None:
        self._world = world
        self.owner = Owner(host=host, boot_id="boot/pid:[1]", process_id=next(world.process_ids), process_started_at=1)

    def this_process(self) -> Owner:
        return self.owner

    def is_dead(self, owner: Owner) -> bool:
        return owner.host == self.owner.host and owner in self._world.dead_owners


@dataclass
class RotationWorld:
    """Everything around the runs. ``declared`` is the one declared token that most tests need."""

    emulator: Emulator = field(default_factory=Emulator)
    store: MemoryStore = field(default_factory=MemoryStore)
    process_ids: Any = field(default_factory=lambda: itertools.count(100))
    dead_owners: set[Owner] = field(default_factory=set)
    wall_clock_offset: float = 0
    warnings: list[str] = field(default_factory=list)
    seed: int = 0

    def __post_init__(self) -> None:
        self.emulator.clock.set("2026-03-01T12:00:00Z")
        self.emulator.clock.freeze()
        self.store.clock = self.emulator.clock.timestamp
        self._random = random.Random(self.seed)  # noqa: S311 - a test wants to be repeatable
        self._write_ids = itertools.count(1)
        self.accounts: list[dict[str, Any]] = []

    def effects(self, host: str = "host-a", **replaced: Any) -> Effects:
        """Return effects that live in this world."""
        clock = self.emulator.clock
        session = requests.Session()
        session.mount("https://", EmulatorAdapter(self.emulator))
        effects = Effects(
            sleep=lambda seconds: clock.advance(seconds=seconds),
            monotonic=clock.timestamp,
            wall_clock=lambda: clock.timestamp() + self.wall_clock_offset,
            random=self._random.random,
            new_write_id=lambda: f"write-{next(self._write_ids)}",
            new_transport=lambda options: transport_over(session, options),
            processes=cast(Any, FakeProcesses(self, host)),
            stop=threading.Event(),
            on_warning=self.warnings.append,
        )
        for name, value in replaced.items():
            setattr(effects, name, value)
        return effects

    def run(
        self,
        tokens: list[dict[str, Any]],
        issuer: str | None = None,
        *,
        effects: Effects | None = None,
        check_mode: bool = False,
        account: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
        **arguments: Any,
    ) -> list[Outcome]:
        """Run once over ``tokens`` and return the outcomes. ``issuer`` is the default account's token."""
        used = effects or self.effects()
        outcome = rotate_declared(
            {**TASK_DEFAULTS, "token": issuer, **(account or {}), "tokens": tokens, **arguments},
            {"memory": MemoryVaultKind(self.store)},
            Controller(environ=environ or {}, base_directory="."),
            used,
            check_mode=check_mode,
        )
        self.dead_owners.add(used.processes.this_process())
        self.accounts = outcome.accounts
        self.deletions = outcome.deletions
        return outcome.tokens

    def record(self, path: str) -> Record:
        """Return the record that stands at ``path``; an empty one where there is none."""
        return self.store.reading(path).record or Record()

    def held(self, path: str) -> str | None:
        """Return the id of the token that stands at ``path``."""
        return self.store.reading(path).held_id

    def works(self, path: str) -> bool:
        """Tell whether the token at ``path`` works."""
        token_id = self.held(path)
        now = self.emulator.clock.now()
        return any(token.id == token_id and not token.expired(now) for token in self.emulator.tokens())

    def token_ids(self, user: User) -> set[str]:
        """Return the ids of all tokens of a user that exist."""
        return {token.id for token in self.emulator.tokens(user)}

    def break_vault(self, operation: str, path: str, error: BaseException) -> None:
        """Let an operation on a path of the vault fail, until :meth:`mend_vault`."""

        def fail(called: str, called_path: str) -> None:
            if (called, called_path) == (operation, path):
                raise error

        self.store.before = fail

    def mend_vault(self) -> None:
        """Let the vault work again."""
        self.store.before = lambda operation, path: None

    def bootstrap(self, **fields: Any) -> tuple[User, IssuedToken, str]:
        """Add a user with one token of a year, as a newcomer has it; return user, token and value."""
        user = self.emulator.add_user("ann@example.com", "correct horse", **fields)
        token, value = self.emulator.mint(user)
        return user, token, value


def codes(outcome: Outcome) -> list[str]:
    """Return the codes of the errors of an outcome."""
    return [error.code for error in outcome.errors]


def declared(name: str = "app", **options: Any) -> dict[str, Any]:
    """Return a declared token with a record at ``NAME/record`` and the usual durations."""
    return {
        "name": name,
        "vault": {"path": f"{name}/record"},
        "ttl": "30d",
        "renew_before": "7d",
        "overlap": "1d",
        **options,
    }

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
from pathlib import Path
from typing import Any, cast

import requests

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Job, Owner, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import TokenFacts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import continued
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.task import Effects, rotate_declared
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.tasks.vault import Kind as TaskFilesKind
from emulator import Emulator
from emulator.in_memory import EmulatorAdapter
from emulator.tokens import IssuedToken
from emulator.users import User
from support.memory_vault import MemoryStore, MemoryVaultKind
from support.silent_watchdog import SilentWatchdog

TASK_FILES = Path(__file__).with_name("task_files")
FAILED_TASK = "Write the token"
SPOTS: dict[str, Any] = {"name": "spots", "tasks": {"publish": "publish.yml", "unpublish": "unpublish.yml"}}
"""A vault whose places :meth:`RotationWorld.play` publishes to."""
WITH_SPOTS: list[dict[str, Any]] = [{"name": "memory", "memory": {}}, SPOTS]

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
    "rate": None,
    "quota_reserve": 5,
    "max_lost": 3,
    "purge_expired": False,
    "only": None,
    "renew_now": None,
    "revoke": None,
    "delete_undeclared": None,
    "with_accounts": False,
    "published": None,
}


def transport_over(session: requests.Session, options: ConnectionOptions) -> Transport:
    """Return a transport over a session in memory, without a watchdog."""
    return Transport(options, session, watchdog=SilentWatchdog())


class FakeProcesses:
    """Each run is a process of its own; that one is dead is known on its own host only."""

    def __init__(self, world: RotationWorld, host: str) -> None:
        self._world = world
        process_id = next(world.process_ids)
        self.owner = Owner(host, "boot/pid:[1]", process_id, process_started_at=1, job=world.job)

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
    job: Job | None = None
    wall_clock_offset: float = 0
    warnings: list[str] = field(default_factory=list)
    seed: int = 0
    published: dict[str, str] = field(default_factory=dict)
    """By place, the id of the token that tasks have published there."""

    def __post_init__(self) -> None:
        self.emulator.clock.set("2026-03-01T12:00:00Z")
        self.emulator.clock.freeze()
        self.store.clock = self.emulator.clock.timestamp
        self._random = random.Random(self.seed)  # noqa: S311 - a test wants to be repeatable
        self._write_ids = itertools.count(1)
        self.accounts: list[dict[str, Any]] = []
        self.publications: list[dict[str, Any]] = []

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
            {"memory": MemoryVaultKind(self.store), "tasks": TaskFilesKind()},
            Controller(environ=environ or {}, base_directory=str(TASK_FILES)),
            used,
            check_mode=check_mode,
        )
        self.dead_owners.add(used.processes.this_process())
        self.accounts = outcome.accounts
        self.deletions = outcome.deletions
        self.publications = [entry for token in outcome.tokens for entry in token.publications()]
        return outcome.tokens

    def play(
        self,
        tokens: list[dict[str, Any]],
        issuer: str | None = None,
        *,
        new_effects: Callable[[], Effects] | None = None,
        **arguments: Any,
    ) -> list[TokenFacts]:
        """Do what the role does: run, run the task files, and run again if there were any.

        :param new_effects: gives those of each of the two runs.
        """
        new_effects = new_effects or self.effects
        paths = {token["name"]: token["vault"]["path"] for token in tokens}
        facts = [outcome.facts() for outcome in self.run(tokens, issuer, effects=new_effects(), **arguments)]
        if not self.publications:
            return facts
        published = [self._run_tasks(entry, paths[entry["name"]]) for entry in self.publications]
        same = {name: value for name, value in arguments.items() if name in ("vaults", "accounts", "account")}
        later = self.run(tokens, issuer, effects=new_effects(), published=published, **same)
        after = {outcome.name: outcome.facts() for outcome in later}
        return [continued(item, after[item.name]) if item.name in after else item for item in facts]

    def _run_tasks(self, publication: dict[str, Any], path: str) -> dict[str, Any]:
        """Run a task file: it looks the token up where it uses it."""
        what, place = publication["what"], publication["place"]
        try:
            self.store.before(what, place)
            if what == "publish":
                self.published[place] = str(self.held(path))
            else:
                self.published.pop(place, None)
            self.store.after(what, place)
        except VaultError:
            return {**publication, "failed": True, "failed_task": FAILED_TASK}
        return publication

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

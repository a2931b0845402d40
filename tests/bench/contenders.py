# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: the collection, the usual playbook and two bare scripts, each with users and a mount of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.processes import Command
from bench.servers import Addresses, Servers
from support.ansible_runs import COLLECTIONS, ROOT, AnsibleWorkspace
from support.borrowed_collections import fetched_collections

FOLDER = Path(__file__).parent
SHIFTED_CLOCK = ROOT / "tests" / "support" / "shifted_clock"

OURS = "ours"
FEWEST = "fewest calls"
SAME = "same calls"
USUAL = "usual playbook"
NAMES = (OURS, FEWEST, SAME, USUAL)
ON_HOSTS = {f"{number} hosts of ours": number for number in (2, 4)}
"""The collection with its tokens shared out among hosts, which is measured where it is asked for."""

WORKERS = 16
TOKENS_OF_A_USER = 25
"""A quarter of what a user may have, so that current, previous and next tokens fit in."""
LIFETIME_DAYS = 30


@dataclass(frozen=True)
class Empty:
    """What a contender's run costs before it does anything."""

    playbook: Command
    script: Command


class Contender:
    """One of the contenders, with its declaration.

    :param name: one of ``NAMES`` or ``ON_HOSTS``.
    :param tokens: how many it keeps fresh.
    """

    def __init__(self, name: str, servers: Servers, folder: Path, tokens: int) -> None:
        self.name = name
        self.tokens = tokens
        self._servers = servers
        self._folder = folder
        folder.mkdir(parents=True)
        self._mount = servers.openbao.mount_kv()
        self._users = [f"{name.replace(' ', '-')}-{number}@example.com" for number in range(_users(tokens))]
        for user in self._users:
            servers.api.add_user(user)
        self._issuers: dict[str, str] = {}
        self.renew_issuers()

    def renew_issuers(self) -> None:
        """Give every user a new token of a year, to mint with where nothing else can."""
        self._issuers = {user: self._servers.api.mint(user) for user in self._users}

    def command(
        self, addresses: Addresses, renew_now: Sequence[str], calls: dict[str, dict[str, int]] | None = None
    ) -> Command:
        """Write the declaration and return what keeps its tokens fresh.

        :param renew_now: names of tokens that get a new one.
        :param calls: what ``plan.plan`` returns, for the script that makes the calls of others.
        """
        return COMMANDS[self.name](self._servers, self._folder, self._declare(addresses, renew_now, calls))

    def renewal(self, addresses: Addresses) -> Command:
        """Write the declaration and return what gives every token a new one, or its first one."""
        # What makes the calls of others has none of its own for that.
        start = COMMANDS[FEWEST if self.name == SAME else self.name]
        return start(self._servers, self._folder, self._declare(addresses, self.names(), None))

    def names(self) -> list[str]:
        """Return the names of all tokens."""
        return [f"token{number}" for number in range(self.tokens)]

    def close(self) -> None:
        """Remove what lies in OpenBao."""
        self._servers.openbao.call("DELETE", f"sys/mounts/{self._mount}")

    def _declare(self, addresses: Addresses, renew_now: Iterable[str], calls: dict[str, dict[str, int]] | None) -> Path:
        declaration = {
            "api_url": addresses.api_url,
            "bao": {"url": addresses.bao_url, "token": self._servers.openbao.root_token, "mount": self._mount},
            "accounts": [{"name": name, "token": value} for name, value in self._issuers.items()],
            "tokens": [
                {
                    "name": name,
                    "account": self._users[number % len(self._users)],
                    "ttl": f"{LIFETIME_DAYS}d",
                    "vault": {"path": f"ionos/{name}"},
                }
                for number, name in enumerate(self.names())
            ],
            "ttl": LIFETIME_DAYS * 86400,
            "workers": WORKERS,
            "renew_now": list(renew_now),
            "calls": calls,
        }
        file = self._folder / "declaration.json"
        file.write_text(json.dumps(declaration), encoding="utf-8")
        return file


def _users(tokens: int) -> int:
    return -(-tokens // TOKENS_OF_A_USER)


def empty(servers: Servers, folder: Path) -> Empty:
    """Return an empty play, and an interpreter that imports what the scripts do."""
    return Empty(
        playbook=_playbook(servers, folder / "empty playbook", "empty.yml"),
        script=_script(servers, folder / "empty script", "-c", "import requests"),
    )


def _playbook(servers: Servers, folder: Path, name: str, *arguments: str, collections: str = "") -> Command:
    folder.mkdir(parents=True, exist_ok=True)
    workspace = AnsibleWorkspace(folder)
    environment = workspace.environment(
        {
            "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}{os.pathsep}{collections}" if collections else str(COLLECTIONS),
            **_environment(servers, SHIFTED_CLOCK),
        }
    )
    # No results are collected, which would be charged to the play.
    del environment["ANSIBLE_CALLBACKS_ENABLED"]
    return Command(workspace.command(FOLDER / name, arguments), folder, environment)


def _script(servers: Servers, folder: Path, *arguments: str) -> Command:
    environment = {"PATH": os.environ["PATH"], **_environment(servers, SHIFTED_CLOCK, ROOT / "tests")}
    return Command([sys.executable, *arguments], folder, environment)


def _environment(servers: Servers, *folders: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "SHIFTED_CLOCK_FILE": str(servers.clock.file),
    }


def _ours(servers: Servers, folder: Path, declaration: Path) -> Command:
    return _playbook(servers, folder, "ours.yml", "-e", f"@{declaration}")


def _on_hosts(number: int) -> Callable[[Servers, Path, Path], Command]:
    def command(servers: Servers, folder: Path, declaration: Path) -> Command:
        inventory = folder / "hosts.json"
        hosts = shared_out(json.loads(declaration.read_text(encoding="utf-8")), number)
        inventory.write_text(json.dumps({"contracts": {"hosts": hosts}}), encoding="utf-8")
        arguments = ("-i", str(inventory), "-e", "bench_hosts=contracts", "--forks", str(number))
        return _playbook(servers, folder, "ours.yml", *arguments)

    return command


def shared_out(declaration: Mapping[str, Any], number: int) -> dict[str, dict[str, Any]]:
    """Return the declarations of so many hosts: each has users with their tokens, and its part of the workers."""
    hosts = {}
    for position in range(number):
        accounts = declaration["accounts"][position::number]
        names = {account["name"] for account in accounts}
        tokens = [token for token in declaration["tokens"] if token["account"] in names]
        renewed = {token["name"] for token in tokens}
        hosts[f"host{position}"] = {
            **declaration,
            "accounts": accounts,
            "tokens": tokens,
            "renew_now": [name for name in declaration["renew_now"] if name in renewed],
            "workers": declaration["workers"] // number,
        }
    return hosts


def _usual(servers: Servers, folder: Path, declaration: Path) -> Command:
    collections = str(fetched_collections())
    return _playbook(servers, folder, "usual.yml", "-e", f"@{declaration}", collections=collections)


def _fewest(servers: Servers, folder: Path, declaration: Path) -> Command:
    return _script(servers, folder, "-m", "bench.bare.fewest_calls", str(declaration))


def _same(servers: Servers, folder: Path, declaration: Path) -> Command:
    return _script(servers, folder, "-m", "bench.bare.same_calls", str(declaration))


COMMANDS: dict[str, Callable[[Servers, Path, Path], Command]] = {
    OURS: _ours,
    FEWEST: _fewest,
    SAME: _same,
    USUAL: _usual,
    **{name: _on_hosts(number) for name, number in ON_HOSTS.items()},
}

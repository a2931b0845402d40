# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs with canaries wherever a secret can stand, and the search through everything that they leave, at any time."""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from emulator import EmulatorServer
from emulator.users import User
from support.ansible_runs import SECONDS_TO_LIVE, AnsibleRun, AnsibleWorkspace
from support.awx import AwxServer
from support.canaries import Canary, CanarySearch, Leak, token_canaries
from support.kubernetes_api import KubernetesCluster
from support.openbao_fixtures import OpenBao
from support.run_watch import PERMISSIONS_OF_OTHERS, RunWatch

AUDITED_PROCESSES = Path(__file__).with_name("audited_processes")
VAULT_ID = "prod"
HOLDS_TOKENS = ("file tokens/", "file home/.ionos/")
"""The folders of files that are there to hold a token."""
RIGHTS = 'path "*" { capabilities = ["create", "read", "update", "delete", "list"] }'
# What is created without a mode of its own is open to everybody, and no core is dumped unless something turns it on.
WRAPPER = ["sh", "-c", 'umask 0; ulimit -S -c 0; exec "$@"', "sh"]


@dataclass(frozen=True)
class Place:
    """Something in which a secret could be found.

    :ivar exposure: the permissions of others on it, where it is a file.
    :ivar remains: whether it is a file that is still there after the run.
    """

    name: str
    content: bytes
    exposure: int = 0
    remains: bool = False


@dataclass(frozen=True)
class Scene:
    """A run that has ended, and what was found of it.

    :ivar leaks: every canary outside of the files that are there to hold one.
    :ivar exposed: the names of files with a canary that somebody else could have read.
    :ivar core_limits: the soft limits of the size of core dumps of all its processes.
    """

    run: AnsibleRun
    places: list[Place]
    leaks: list[Leak]
    exposed: list[str]
    core_limits: set[str]

    def content(self, *patterns: str) -> bytes:
        """Return what stands in the places whose names match one of the shell patterns."""
        return b"\n".join(place.content for place in self.places if _matches(place.name, patterns))

    def left_over(self, *patterns: str) -> list[str]:
        """Return the names of the files that match one of the shell patterns and are still there after the run."""
        return [place.name for place in self.places if place.remains and _matches(place.name, patterns)]

    def leaks_outside(self, *patterns: str) -> list[Leak]:
        """Return the leaks in places whose names match none of the shell patterns."""
        return [leak for leak in self.leaks if not _matches(leak.place, patterns)]

    def leaks_in(self, *patterns: str) -> set[str]:
        """Return the names of the canaries in the places whose names match one of the shell patterns."""
        return {leak.canary for leak in self.leaks if _matches(leak.place, patterns)}


class LeakSite:
    """A user with everything secret: two ways into the API, two into OpenBao, one into a cluster, a vault password,
    tokens old and new.

    ``secrets.yml`` holds what a user would put into an encrypted variables file, under the names of ``secrets``. Files
    in the folder ``tokens``, and the vendor's in ``.ionos``, may hold a token. The folder ``elsewhere`` is not
    the workspace's.
    """

    def __init__(
        self, folder: Path, api: EmulatorServer, openbao: OpenBao, cluster: KubernetesCluster, awx: AwxServer
    ) -> None:
        self.api = api
        self.openbao = openbao
        self.awx = awx
        self.cluster = cluster
        self._cluster_token = cluster.add_user(_word(), "default", "get", "create", "update", "delete")
        self.mount = openbao.mount_kv()
        self.workspace = AnsibleWorkspace(_new_directory(folder / "run"))
        self._records = _new_directory(folder / "records")
        self.elsewhere = _new_directory(folder / "elsewhere")
        self.tokens = _new_directory(self.workspace.folder / "tokens")
        self.vault_password = _secret()
        self.passwords = self.workspace.vault_password(VAULT_ID, self.vault_password)
        self.password = _secret()
        self.ann, self.bob = self._add_user("ann@example.com"), self._add_user("bob@example.com")
        self.secrets = {
            "issuer": api.mint(self.ann)[1],
            "offered": api.dcd.signed_in(self.ann).create_token("90d")[1],
            "password": self.password,
            "cluster_token": self._cluster_token,
            **self._bao_secrets(),
            **self._awx_secrets(),
        }
        self.secrets_file = self.workspace.write(
            "secrets.yml", "".join(f"{name}: {self.vaulted(value)}" for name, value in self.secrets.items())
        )
        self._planted: list[Canary] = []
        self._shift = 0.0
        self.advance()

    def plant(self, name: str) -> str:
        """Return a new canary, which is looked for from now on."""
        canary = Canary(name, _secret())
        self._planted.append(canary)
        return canary.value

    def add_variables(self, text: str) -> None:
        """Add variables, encrypted or not, to those of all runs to come."""
        with self.secrets_file.open("a", encoding="utf-8") as file:
            file.write(text)

    def vaulted(self, text: str, password: str | None = None) -> str:
        """Return the value of a variable, encrypted with the site's password or another one."""
        secret = VaultSecret((password or self.vault_password).encode())
        lines = VaultLib([(VAULT_ID, secret)]).encrypt(text, secret, vault_id=VAULT_ID).decode().splitlines()
        return "!vault |\n" + "".join(f"    {line}\n" for line in lines)

    def advance(self, **parts: float) -> None:
        """Move the clocks of the API and of all runs to come by ``timedelta`` parts."""
        before = self.api.clock.timestamp()
        self.api.clock.advance(**parts)
        self._shift += self.api.clock.timestamp() - before if parts else 0
        self.workspace.write("shift", str(round(self._shift)))

    def canaries(self) -> list[Canary]:
        """Return all secrets there are, with all tokens that were ever minted."""
        users, tokens = self.api.state.users, self.api.state.tokens.all()
        owners: list[tuple[Any, User | None]] = [(token, users.with_id(token.user_id)) for token in tokens]
        values = [(token.id, self.api.state.value_of(token, owner)) for token, owner in owners if owner]
        known = {
            "password": self.password,
            "vault password": self.vault_password,
            **self._vault_secret_values(),
            **self._awx_secret_values(),
        }
        return [
            *(Canary(name, value) for name, value in known.items()),
            *(canary for name, value in values for canary in token_canaries(f"token {name}", value)),
            *self._planted,
        ]

    def environment(self) -> dict[str, str]:
        """Return what the environment of a run holds beside the workspace's own; no secret is in it."""
        folder = self.workspace.folder
        return {
            "IONOS_API_URL": self.api.url,
            "PYTHONPATH": str(AUDITED_PROCESSES),
            "SHIFTED_CLOCK_FILE": str(folder / "shift"),
            "TMPDIR": str(folder / "tmp"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "local-tmp"),
            "ANSIBLE_REMOTE_TMP": str(folder / "remote-tmp"),
            "ANSIBLE_ASYNC_DIR": str(self.workspace.home / ".ansible_async"),
            "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
            "ANSIBLE_SHOW_CUSTOM_STATS": "1",
            # From ansible-core 2.21 on, results have the options of their task only where this is set.
            "ANSIBLE_INJECT_INVOCATION": "1",
            "ANSIBLE_CALLBACKS_ENABLED": "results_file,dump_everything",
        }

    def run(self, plays: Any, *arguments: str, **environment: str) -> Scene:
        """Run plays with the secrets within reach; what ``environment`` holds is added to that of the run."""
        playbook = plays if isinstance(plays, str) else self.workspace.write("playbook.yml", plays)
        command = self.workspace.command(playbook, [*self.passwords, "-e", f"@{self.secrets_file}", *arguments])
        return self.run_command(command, environment)

    def run_command(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Scene:
        """Run any command with everything watched."""
        audit, dump = (_new_directory(self._records / f"{kind}-{uuid.uuid4().hex}") for kind in ("audit", "dump"))
        given = self.workspace.environment(
            self.environment() | {"AUDIT_FOLDER": str(audit), "DUMP_FOLDER": str(dump)} | dict(environment or {})
        )
        folder = self.workspace.folder
        (folder / "tmp").mkdir(exist_ok=True)
        for name in ("ansible.log", "results.jsonl"):
            (folder / name).unlink(missing_ok=True)
        with RunWatch(folder) as watch:
            finished = subprocess.run(
                [*WRAPPER, *command],
                cwd=folder,
                env=given,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS_TO_LIVE,
                check=False,
            )
        out, err = finished.stdout, finished.stderr
        run = AnsibleRun(
            finished.returncode,
            out.decode(errors="replace"),
            err.decode(errors="replace"),
            self.workspace.results(),
        )
        places = [Place("stdout", out), Place("stderr", err), *_Evidence(folder, watch, audit, dump, given).places()]
        return self._searched(run, places, watch)

    def _searched(self, run: AnsibleRun, places: list[Place], watch: RunWatch) -> Scene:
        search = CanarySearch(self.canaries())
        found = {place: search.find(place.name, place.content) for place in places}
        leaks = {leak for place in places for leak in found[place] if not place.name.startswith(HOLDS_TOKENS)}
        exposed = {place.name for place in places if found[place] and place.exposure}
        return Scene(run, places, sorted(leaks), sorted(exposed), watch.processes.core_limits)

    def _add_user(self, name: str) -> User:
        return self.api.add_user(name, self.password, role="owner")

    def _bao_secrets(self) -> dict[str, str]:
        """Have OpenBao know secrets of ours, so that they are known to the search."""
        policy = self.openbao.put_policy(RIGHTS)
        self._bao_token, self._secret_id = _word(), _word()
        self.openbao.call("POST", "auth/token/create", {"id": self._bao_token, "policies": [policy]})
        self.approle = self.openbao.approle(RIGHTS)
        role = f"auth/{self.approle.mount}/role/rotator"
        self.openbao.call("POST", f"{role}/custom-secret-id", {"secret_id": self._secret_id})
        return {"bao_token": self._bao_token, "secret_id": self._secret_id}

    def _vault_secret_values(self) -> dict[str, str]:
        return {
            "token of OpenBao": self._bao_token,
            "secret_id": self._secret_id,
            "token of the cluster": self._cluster_token,
        }

    def _awx_secrets(self) -> dict[str, str]:
        """Have AWX know secrets of ours, and hold another one beside the input of a token."""
        self._awx_token, self._api_key = self.awx.token(), _secret()
        self.awx.state.admin.password = _secret()
        of_type = self.awx.add_credential_type().id
        for name in ("app", "shop"):
            self.awx.add_credential(name, of_type, inputs={"api_key": self._api_key})
        return {"awx_token": self._awx_token, "awx_password": self.awx.state.admin.password}

    def _awx_secret_values(self) -> dict[str, str]:
        password = self.awx.state.admin.password
        return {"token of AWX": self._awx_token, "password of AWX": password, "other input in AWX": self._api_key}


class _Evidence:
    """What a run left in the folder, what the watch saw and what its processes and its callback recorded."""

    def __init__(
        self, folder: Path, watch: RunWatch, audit: Path, dump: Path, given_environment: Mapping[str, str]
    ) -> None:
        self._folder = folder
        self._watch = watch
        self._audit = audit
        self._dump = dump
        # What a run was given is no news in the processes that inherit it.
        self._given = {f"{name}={value}".encode() for name, value in given_environment.items()}

    def places(self) -> Iterator[Place]:
        yield from self._files()
        for file in self._dump.iterdir():
            yield Place(f"callback: {file.name}", file.read_bytes())
        records = list(self._audit_records())
        yield from self._files_elsewhere(records)
        yield Place("system log", _lines(json.dumps(detail) for event, detail in records if event == "syslog"))
        yield Place("limits", _lines(json.dumps(detail) for event, detail in records if event == "limit"))
        commands = [json.dumps(detail, ensure_ascii=False) for event, detail in records if event == "command"]
        yield Place("command lines", b"\n".join([*self._watch.processes.command_lines, _lines(commands)]))
        entries = {entry.encode() for event, detail in records if event == "environment" for entry in detail}
        yield Place("environments", b"\n".join((entries | self._watch.processes.environments) - self._given))

    def _files(self) -> Iterator[Place]:
        for file in self._watch.files:
            # The test's own, with the same that dump_everything writes down.
            if file.path.name != "results.jsonl":
                yield Place(self._name(file.path), file.content, file.exposure, file.path.exists())

    def _files_elsewhere(self, records: list[tuple[str, Any]]) -> Iterator[Place]:
        for event, detail in records:
            if event == "removal":
                content = (self._audit / detail["copy"]).read_bytes()
                yield Place(self._name(Path(detail["path"])), content, detail["mode"] & PERMISSIONS_OF_OTHERS)
        for name in {detail for event, detail in records if event == "write"}:
            path = Path(name)
            if path.is_file() and not path.is_relative_to(self._folder) and not path.is_relative_to(self._dump):
                exposure = path.stat().st_mode & PERMISSIONS_OF_OTHERS
                yield Place(f"file {path}", path.read_bytes(), exposure, remains=True)

    def _audit_records(self) -> Iterator[tuple[str, Any]]:
        for file in self._audit.glob("*.jsonl"):
            for line in file.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                yield record["event"], record["detail"]

    def _name(self, path: Path) -> str:
        return f"file {path.relative_to(self._folder) if path.is_relative_to(self._folder) else path}"


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _lines(texts: Any) -> bytes:
    return os.fsencode("\n".join(texts))


def _new_directory(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def _word() -> str:
    return f"canary-{uuid.uuid4().hex}"


def _secret() -> str:
    """Return a secret that looks different in JSON, in a URL, in Python and in UTF-8, and like no other one."""
    return uuid.uuid4().hex[:8] + "".join(separator + uuid.uuid4().hex[:8] for separator in "\"&\\/+é'")

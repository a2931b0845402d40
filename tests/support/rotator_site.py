# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One declared token and real runs that keep it fresh: stopped, killed, or several at once.

The vault of record is of any readable kind, and the replica of another one: OpenBao and an Ansible Vault file stand for
each other, and so do a cluster and a configuration file of the vendor's tools.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultSecret

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Intent, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.options import rotation_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.task import Effects, rotate_declared
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.owner import ProcessTable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import LEASE
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Place, Reading
from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, TaskResult
from support.failure_points import Point
from support.kubernetes_api import ADMIN, KubernetesCluster, kubernetes_cluster
from support.openbao_fixtures import OpenBao
from support.process_trees import ProcessTree
from support.rotation_site import VAULT_ID, VAULT_PASSWORD, RotationSite, in_bao, in_file
from support.run_gates import Interruption, OpenGates, RunGates, run_gates

DAY = 86400
SECONDS_TO_LIVE = 120
SLEEP_DIVISOR = "100"
FILE = "vars/ionos.yml"
CONFIG = "vars/config"
OF_RECORD = ("bao", "file", "cluster", "config")
REPLICA_OF = {"bao": "file", "file": "bao", "cluster": "config", "config": "cluster"}
NO_PROCESS = 2**22
"""A process number that Linux never gives."""


class RotatorProcess:
    """A run of ansible-playbook that was started and may be stopped, killed or waited for."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._results_file = Path(environment["RESULTS_FILE"])
        self._output = self._results_file.with_suffix(".output")
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self.tree = ProcessTree(self._process.pid)

    def wait(self) -> AnsibleRun:
        """Return the run once it has ended by itself or was killed."""
        return_code = self._process.wait(SECONDS_TO_LIVE)
        lines = self._results_file.read_text().splitlines() if self._results_file.exists() else []
        results = [TaskResult(**json.loads(line)) for line in lines]
        return AnsibleRun(return_code, self._output.read_text(), "", results)

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self._process.poll() is None:
            self.tree.kill()
            self._process.wait(SECONDS_TO_LIVE)

    def kill(self) -> None:
        """Kill the run with all its processes; the gate that it waits at has nobody left to let through."""
        self.tree.kill()
        raise ConnectionAbortedError


class RotatorSite(RotationSite):
    """Real runs, and the same engine in this process, over declared tokens of a user who has other tokens too.

    :param of_record: which kind of vault holds the record.
    :param names: of the declared tokens.
    :ivar cluster: the cluster itself, past the gates.
    :ivar gates: what real runs go through.
    :ivar worked_all_along: False once :meth:`watch` has found a vault of record without a working token where there
        was one before.
    """

    def __init__(
        self,
        folder: Path,
        api: EmulatorServer,
        openbao: OpenBao,
        mount: str,
        gates: RunGates,
        cluster: KubernetesCluster,
        *,
        of_record: str,
        names: tuple[str, ...] = ("app",),
    ) -> None:
        super().__init__(folder, api, openbao, mount, gates.bao_url)
        self.gates = gates
        self.cluster = cluster
        self.vaults += [
            {"name": "cluster", "kubernetes_secret": {"host": gates.cluster_url, "api_key": ADMIN}},
            {"name": "config", "ionos_config": {}},
        ]
        self.names = names
        self.worked_all_along = True
        self._have_worked: set[str] = set()
        foreign = [api.mint(self.user, ttl=ttl)[0] for ttl in (365 * DAY, 30 * DAY, 30 * DAY - 1000)]
        self.foreign_ids = {self.issuer.id, *(token.id for token in foreign)}
        self._prefix = uuid.uuid4().hex
        self._runs = 0
        self.tokens = [self._declared(name, of_record) for name in names]

    def _declared(self, name: str, of_record: str) -> dict[str, Any]:
        places = {
            "bao": in_bao(f"{self._prefix}/{name}"),
            "file": in_file(f"token_of_{name}", FILE),
            "cluster": {"in": "cluster", "namespace": "default", "secret": "ionos", "key": name},
            "config": {"in": "config", "path": CONFIG, "profile": name},
        }
        return {
            "name": name,
            "ttl": "30d",
            "renew_before": "7d",
            "overlap": "1d",
            "vault": places[of_record],
            "replicas": [places[REPLICA_OF[of_record]]],
        }

    # Runs

    @contextmanager
    def started(self, host: str | None = None, **options: Any) -> Iterator[RotatorProcess]:
        """Start a real run.

        :param host: the name of another host that it is to find itself on.
        """
        self._runs += 1
        name = f"run{self._runs}"
        task = self.task(*(dict(token, **options) for token in self.tokens))
        playbook = self.workspace.write(f"{name}.yml", self.workspace.play(task))
        directed = {
            **self.gates.environment,
            "IONOS_API_URL": self.gates.api_url,
            "SHORTENED_SLEEP": SLEEP_DIVISOR,
            "RESULTS_FILE": str(self.workspace.folder / f"{name}.jsonl"),
            **({"OTHER_HOST_NAME": host} if host else {}),
        }
        process = RotatorProcess(
            self.workspace.command(playbook, self.password_arguments),
            self.workspace.folder,
            self.workspace.environment(self.environment(**directed)),
        )
        try:
            yield process
        finally:
            process.end()

    def interrupted_run(
        self,
        at: Callable[[list[Point]], bool],
        act: Callable[[RotatorProcess], None],
        *,
        happened: bool,
        **options: Any,
    ) -> AnsibleRun:
        """Run for real and be interrupted once; see :class:`Interruption`.

        :param act: the interruption. Once it returns the run goes on, if it still can.
        """
        interruption = Interruption(at, happened, watch=self.watch)
        self.gates.keeper = interruption
        with self.started(**options) as process:
            interruption.act = lambda: act(process)
            run = process.wait()
        self.gates.keeper = OpenGates()
        assert interruption.interrupted
        return run

    def recorded_points(self, **options: Any) -> list[Point]:
        """Run for real and return the effects of the run, which went well."""
        recording = self.gates.keeper = Interruption()
        run = self.run_for_real(**options)
        self.gates.keeper = OpenGates()
        assert run.return_code == 0, run.output
        return recording.points

    def run_for_real(self, host: str | None = None, **options: Any) -> AnsibleRun:
        """Run ansible-playbook to its end."""
        with self.started(host, **options) as process:
            return process.wait()

    def run_here(self, **options: Any) -> list[Outcome]:
        """Run the engine in this process, past Ansible and the gates: for what a test only has to arrange or check."""
        kinds = vault_kinds()
        spec = rotation_options(kinds)
        arguments = check_arguments(
            spec,
            {
                "api_url": self.api.url,
                "token": self.issuer_value,
                "vaults": self._vaults_past_the_gates(),
                "tokens": [dict(token, **options) for token in self.tokens],
            },
        )
        time_past = _TimePast()
        effects = Effects(
            sleep=time_past.sleep,
            monotonic=time_past.monotonic,
            wall_clock=self.api.clock.timestamp,
            random=random.Random(self._runs).random,  # noqa: S311 - a test wants to be repeatable
        )
        return rotate_declared(arguments, kinds, self._controller(), effects, check_mode=False).tokens

    def _controller(self) -> Controller:
        secrets = ((VAULT_ID, VaultSecret(VAULT_PASSWORD.encode())),)
        return Controller(environ={}, base_directory=str(self.workspace.folder), vault_secrets=secrets)

    def _vaults_past_the_gates(self) -> list[dict[str, Any]]:
        bao, files, cluster, config = self.vaults
        in_cluster = dict(cluster["kubernetes_secret"])
        if "host" in in_cluster:
            in_cluster["host"] = self.cluster.url
        return [
            {**bao, "hashi_vault": {**bao["hashi_vault"], "url": self.openbao.url}},
            files,
            {**cluster, "kubernetes_secret": in_cluster},
            config,
        ]

    # What vaults hold

    def _place(self, declared: dict[str, Any]) -> Place:
        kind, options = next(
            (kind, options or {})
            for vault in self._vaults_past_the_gates()
            if vault["name"] == declared["in"]
            for kind, options in vault.items()
            if kind != "name"
        )
        return vault_kinds()[kind].connect(declared["in"], options, self._controller()).place(declared)

    def reading(self, name: str = "app") -> Reading:
        """Return what the vault of record holds."""
        [token] = [token for token in self.tokens if token["name"] == name]
        return self._place(token["vault"]).read()

    def record(self, name: str = "app") -> Record:
        return self.reading(name).record or Record()

    def held(self, name: str = "app") -> list[str | None]:
        """Return the ids of the tokens in the vault of record and in each replica."""
        [declared] = [token for token in self.tokens if token["name"] == name]
        held = [self._place(place).read().token for place in (declared["vault"], *declared["replicas"])]
        return [token.id if token else None for token in held]

    def works(self, name: str = "app") -> bool:
        """Tell whether the vault of record holds a token that works."""
        held = self.reading(name).token
        now = self.api.clock.now()
        return held is not None and any(
            token.id == held.id and not token.expired(now) for token in self.api.tokens(self.user)
        )

    def watch(self) -> None:
        """Note whether every vault of record that held a working token still does (G1)."""
        try:
            working = {name for name in self.names if self.works(name)}
        except VaultError:
            working = set()
        self.worked_all_along = self.worked_all_along and self._have_worked <= working
        self._have_worked |= working

    def existing_ids(self) -> set[str]:
        """Return the ids of all tokens of the user."""
        return {token.id for token in self.api.tokens(self.user)}

    # What a test begins with

    def make_due(self) -> None:
        """Let there be a current token that is due."""
        self._run_well()
        self.advance(days=24)
        self.watch()

    def make_retirable(self) -> None:
        """Let there be a previous token whose overlap is over."""
        self.make_due()
        self._run_well()
        self.advance(days=1, minutes=1)

    def make_interrupted(self) -> None:
        """Let a run on this host have been killed right after the API minted for it."""
        self.make_due()
        reading = self.reading()
        assert reading.record is not None
        now = int(self.api.clock.timestamp())
        ttl = 30 * DAY - 4321
        self.api.mint(self.user, ttl=ttl)
        dead = replace(ProcessTable().this_process(), process_id=NO_PROCESS)
        intent = Intent(owner=dead, started_at=now, lease_until=now + LEASE, ttl=ttl)
        interrupted = replace(reading.record, intent=intent, write_id=uuid.uuid4().hex)
        self._place(self.tokens[0]["vault"]).write(interrupted, reading.version)

    def _run_well(self, **options: Any) -> list[Outcome]:
        outcomes = self.run_here(**options)
        assert [outcome.message for outcome in outcomes if outcome.failed] == []
        return outcomes

    # What must be there in the end

    def unsettled(self) -> list[str]:
        """Return what is not as it has to be once all is well: one current token in every place, nothing lost."""
        wrong = []
        expected = set(self.foreign_ids)
        for name in self.names:
            record, held = self.record(name), set(self.held(name))
            expected |= {item.id for item in record.previous}
            if record.current is None or held != {record.current.id} or not self.works(name):
                wrong.append(f"the places of {name} hold {held}")
            else:
                expected.add(record.current.id)
            if record.intent is not None:
                wrong.append(f"{name} has an intent left")
        return wrong + self._differences(expected)

    def unretired(self) -> list[str]:
        """Let the overlap pass; return what is left too much or is not at rest."""
        self.advance(days=1, minutes=1)
        self._run_well()
        expected = self.foreign_ids | {held for name in self.names for held in self.held(name) if held}
        outcomes = self._run_well()
        restless = [f"{item.name} was {item.action}" for item in outcomes if item.action != "kept" or item.changed]
        return restless + self._differences(expected)

    def _differences(self, expected: set[str]) -> list[str]:
        existing = self.existing_ids()
        lost = [f"{token_id} is gone" for token_id in expected - existing]
        return lost + [f"{token_id} is an orphan" for token_id in existing - expected]


class _TimePast:
    """Sleeps that take no time and are over all the same."""

    def __init__(self) -> None:
        self._slept = 0.0

    def sleep(self, seconds: float) -> None:
        self._slept += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self._slept


@contextmanager
def rotator_site(
    folder: Path, openbao: OpenBao, mount: str, *, of_record: str, names: tuple[str, ...] = ("app",)
) -> Iterator[RotatorSite]:
    """Give a site of its own: an API, a cluster, a folder for files, and paths in OpenBao."""
    (folder / FILE).parent.mkdir(parents=True)
    with (
        EmulatorServer() as api,
        kubernetes_cluster() as cluster,
        run_gates(api.url, openbao.url, cluster.url, (folder / FILE).parent) as gates,
    ):
        yield RotatorSite(folder, api, openbao, mount, gates, cluster, of_record=of_record, names=names)

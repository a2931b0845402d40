# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench for each kind of vault: how to connect to one, what else stands there, and what somebody else does to it."""

from __future__ import annotations

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultSecret

from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Place, Vault
from support.kubernetes_api import ADMIN, KubernetesCluster
from support.openbao_fixtures import OpenBao
from support.recording_proxy import recording_proxy

NOWHERE = "http://127.0.0.1:1"
ENCRYPTING = (("prod", VaultSecret(b"password of production")),)


class Bench(ABC):
    """One kind of vault with one place in it, in which nothing stands yet but what is somebody else's.

    :cvar kind: the name of the kind.
    :cvar of_token: the option of a place that tells tokens beside each other apart.
    """

    kind = ""
    of_token = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    @abstractmethod
    def connection(self) -> dict[str, Any]:
        """The options of the connection."""

    @property
    @abstractmethod
    def spot(self) -> dict[str, Any]:
        """The options of the place."""

    @property
    @abstractmethod
    def spelt_otherwise(self) -> dict[str, Any]:
        """Other options that mean the same place."""

    @abstractmethod
    def others(self) -> Any:
        """Return all that stands there and is not ours, in a form that can be compared."""

    @abstractmethod
    def change_something_else(self) -> None:
        """Change something there that is not ours."""

    @abstractmethod
    def put(self, token: str) -> None:
        """Put a token there as somebody else would."""

    @abstractmethod
    def storage(self) -> str:
        """Return all that can be read of the place in any version of it, with what is encrypted left so."""

    def connect(self, **options: Any) -> Vault:
        controller = Controller({"HOME": str(self.folder)}, str(self.folder), ENCRYPTING)
        return vault_kinds()[self.kind].connect("vault", {**self.connection, **options}, controller)

    def place(self, **options: Any) -> Place:
        """Return the place over a connection of its own."""
        return self.connect().place({**self.spot, **options})


class FileBench(Bench):
    """A kind that is a file."""

    around: tuple[str, ...] = ()

    @property
    @abstractmethod
    def file(self) -> Path:
        """The file."""

    @property
    def connection(self) -> dict[str, Any]:
        return {}

    def others(self) -> list[str]:
        """The lines that were there at first, in their order, as far as they still are."""
        lines = iter(self.file.read_bytes().decode().splitlines(keepends=True))
        return [line for line in self.around if line in lines]

    def storage(self) -> str:
        return "\n".join(file.read_bytes().decode(errors="replace") for file in self.file.parent.iterdir())

    def replace(self, old: str, new: str) -> None:
        self.file.write_bytes(self.file.read_bytes().decode().replace(old, new).encode())


class AnsibleVaultFileBench(FileBench):
    kind = "ansible_vault_file"
    of_token = "variable"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.around = ("# Ours\r\n", "region: de/fra   # Frankfurt\r\n", "\r\n", "greeting: |\r\n", "  hello\r\n")
        self.file.parent.mkdir()
        self.file.write_bytes("".join(self.around).encode())

    @property
    def file(self) -> Path:
        return self.folder / "vars" / "ionos.yml"

    @property
    def spot(self) -> dict[str, Any]:
        return {"path": "vars/ionos.yml", "variable": "ionos_token"}

    @property
    def spelt_otherwise(self) -> dict[str, Any]:
        return {"path": f"{self.folder}/vars/../vars/ionos.yml", "variable": "ionos_token"}

    def change_something_else(self) -> None:
        self.replace("de/fra", "de/txl")
        self.around = (self.around[0], self.around[1].replace("fra", "txl"), *self.around[2:])

    def put(self, token: str) -> None:
        self.file.write_bytes(f"{''.join(self.around)}ionos_token: {token}\r\n".encode())


class IonosConfigBench(FileBench):
    kind = "ionos_config"
    of_token = "profile"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.around = (
            "version: 1.0 # of the format\n",
            'currentProfile: "user"\n',
            "profiles:\n",
            "    # Ann's\n",
            "    - name: user\n",
            "      environment: prod\n",
            "      credentials:\n",
            '        s3AccessKey: "k"\n',
            "environments:\n",
            "    - name: prod\n",
            "      products: []\n",
        )
        self.file.parent.mkdir()
        self.file.write_bytes("".join(self.around).encode())
        self.file.chmod(0o600)

    @property
    def file(self) -> Path:
        return self.folder / ".ionos" / "config"

    @property
    def spot(self) -> dict[str, Any]:
        return {"profile": "user"}

    @property
    def spelt_otherwise(self) -> dict[str, Any]:
        return {"profile": " USER ", "path": f"{self.folder}/.ionos/../.ionos/config"}

    def change_something_else(self) -> None:
        self.replace('s3AccessKey: "k"', 's3AccessKey: "l"')
        self.around = tuple(line.replace('"k"', '"l"') for line in self.around)

    def put(self, token: str) -> None:
        self.replace("      credentials:\n", f"      credentials:\n        token: {token}\n")


class ServerBench(Bench):
    """A kind that is a server.

    :ivar url: where it is reached.
    """

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url = url
        self.path = uuid.uuid4().hex

    @property
    @abstractmethod
    def powerless(self) -> dict[str, Any]:
        """Options of a connection whose login may do nothing."""

    @contextmanager
    def silent_after(self, *methods: str) -> Iterator[None]:
        """Let the server carry out requests of these methods and not answer them."""

        def drop(method: str, _path: str) -> None:
            if method in methods:
                raise ConnectionAbortedError

        with self._through(after=drop):
            yield

    @contextmanager
    def _through(self, after: Callable[[str, str], None]) -> Iterator[None]:
        url = self.url
        with recording_proxy(url, after=after) as proxy:
            self.url = proxy.url
            try:
                yield
            finally:
                self.url = url


class HashiVaultBench(ServerBench):
    kind = "hashi_vault"
    of_token = "key"

    def __init__(self, folder: Path, openbao: OpenBao, mount: str) -> None:
        super().__init__(folder, openbao.url)
        self._openbao = openbao
        self._mount = mount
        openbao.put_secret(mount, self.path, {"owner": "team shop", "nested": {"a": [1]}})

    @property
    def connection(self) -> dict[str, Any]:
        return {"url": self.url, "token": self._openbao.root_token, "mount": self._mount, "timeout": 5}

    @property
    def powerless(self) -> dict[str, Any]:
        return {"token": self._openbao.token_with_policy('path "nowhere" { capabilities = ["read"] }')}

    @property
    def spot(self) -> dict[str, Any]:
        return {"path": self.path}

    @property
    def spelt_otherwise(self) -> dict[str, Any]:
        return {"path": f"//{self.path}/", "key": "token", "mount": f"/{self._mount}/"}

    def others(self) -> dict[str, Any]:
        secret = self._openbao.secret(self._mount, self.path)
        return {key: value for key, value in secret.items() if not key.startswith("token")}

    def change_something_else(self) -> None:
        secret = self._openbao.secret(self._mount, self.path)
        self._openbao.put_secret(self._mount, self.path, {**secret, "owner": "team mail"})

    def put(self, token: str) -> None:
        secret = self._openbao.secret(self._mount, self.path)
        self._openbao.put_secret(self._mount, self.path, {**secret, "token": token})

    def storage(self) -> str:
        metadata = self._openbao.call("GET", f"{self._mount}/metadata/{self.path}")["data"]["versions"]
        versions = [number for number, version in metadata.items() if not version["destroyed"]]
        found = [self._openbao.call("GET", f"{self._mount}/data/{self.path}?version={number}") for number in versions]
        return json.dumps([answer["data"] for answer in found])


class KubernetesSecretBench(ServerBench):
    kind = "kubernetes_secret"
    of_token = "key"

    def __init__(self, folder: Path, cluster: KubernetesCluster) -> None:
        super().__init__(folder, cluster.url)
        self._cluster = cluster
        cluster.add_user("powerless", "elsewhere", "get")
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": str(uuid.uuid4())}
        metadata = {
            "labels": {"team": "shop"},
            "annotations": {"note": "keep", "tokenops.ionos/other.token-id": "keep"},
            "ownerReferences": [owner],
        }
        data: dict[str, str | bytes] = {"zone": "de/fra", "blob": b"\x00\xff\xfe", "empty": ""}
        cluster.put_secret("default", self.path, data, type="example.com/own", metadata=metadata)

    @property
    def connection(self) -> dict[str, Any]:
        return {"host": self.url, "api_key": ADMIN, "timeout": 5}

    @property
    def powerless(self) -> dict[str, Any]:
        return {"api_key": "powerless"}

    @property
    def spot(self) -> dict[str, Any]:
        return {"namespace": "default", "secret": self.path}

    @property
    def spelt_otherwise(self) -> dict[str, Any]:
        return {**self.spot, "key": "token"}

    def others(self) -> dict[str, Any]:
        secret = self._cluster.secret("default", self.path) or {}
        handed_out = ("resourceVersion", "managedFields")
        metadata = {key: value for key, value in secret["metadata"].items() if key not in handed_out}
        annotations = metadata.get("annotations", {}).items()
        metadata["annotations"] = {name: text for name, text in annotations if "/token." not in name}
        data = {key: value for key, value in secret["data"].items() if not key.startswith("token")}
        return {**secret, "metadata": metadata, "data": data}

    def change_something_else(self) -> None:
        self._cluster.set_key("default", self.path, "zone", "de/txl")

    def put(self, token: str) -> None:
        self._cluster.set_key("default", self.path, "token", token)

    def storage(self) -> str:
        return json.dumps([self._cluster.secret("default", self.path), self._cluster.data("default", self.path)])

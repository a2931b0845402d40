# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Secret as data: what is in it, what it becomes, and what an answer means; nothing is sent from here."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Current
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import (
    METADATA_SUFFIX,
    VaultEntry,
    names_of_tokens,
    parse_metadata,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.api import Answer
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import failure_without_answer

ANNOTATION_PREFIX = "tokenops.ionos/"
ANNOTATIONS = ("token-id", "expires-at")
MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "tokenops.ionos"
WRITTEN = (200, 201, 202)


@dataclass(frozen=True)
class Secret:
    """A Secret as the server gave it.

    :ivar manifest: the object; empty if there is no Secret.
    """

    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def exists(self) -> bool:
        """Whether there is a Secret."""
        return bool(self.manifest)

    @property
    def uid(self) -> str:
        """What tells this Secret from one of the same name before or after it."""
        return str(self._metadata.get("uid", ""))

    @property
    def resource_version(self) -> str:
        """What the server compares at a write."""
        return str(self._metadata.get("resourceVersion", ""))

    @property
    def is_immutable(self) -> bool:
        """Whether its data can never be changed."""
        return self.manifest.get("immutable") is True

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is gone as soon as its finalizers are done."""
        return self._metadata.get("deletionTimestamp") is not None

    def entry(self, key: str) -> VaultEntry:
        """Return what stands in a key and in that of its record."""
        metadata = self._value(key + METADATA_SUFFIX)
        parsed = parse_metadata(metadata) if isinstance(metadata, str) else metadata
        return VaultEntry(value=self._value(key), metadata=parsed, holder=self.uid)

    def names_beside(self, key: str) -> tuple[str, ...]:
        """Return the other keys under which a token stands."""
        return names_of_tokens({name: self._value(name) for name in self._data if name not in _ours(key)})

    def with_entry(self, key: str, entry: VaultEntry, current: Current | None) -> dict[str, Any]:
        """Return the manifest of this Secret, or of a new one, with our two keys set or removed.

        :param current: what the annotations are to say, or None to leave them.
        """
        metadata = None if entry.metadata is None else json.dumps(entry.metadata)
        values = {key: entry.value, key + METADATA_SUFFIX: metadata}
        others = {name: value for name, value in self._data.items() if name not in values}
        data = {**others, **{name: _encoded(value) for name, value in values.items() if value is not None}}
        manifest = {**self.manifest, "data": data}
        if entry.is_empty:
            manifest["metadata"] = self._annotated(key, {})
        elif current is not None:
            manifest["metadata"] = self._annotated(key, _annotations(key, current))
        return manifest

    def is_ours_alone(self, key: str) -> bool:
        """Tell whether the Secret was created here and has nothing in it but our two keys."""
        labels = self._metadata.get("labels")
        is_labelled = isinstance(labels, Mapping) and labels.get(MANAGED_BY) == MANAGER
        return is_labelled and set(self._data) <= _ours(key) and not self._metadata.get("ownerReferences")

    @property
    def _metadata(self) -> Mapping[str, Any]:
        return _mapping(self.manifest.get("metadata"))

    @property
    def _data(self) -> Mapping[str, Any]:
        return _mapping(self.manifest.get("data"))

    def _annotated(self, key: str, annotations: Mapping[str, str]) -> dict[str, Any]:
        ours = {ANNOTATION_PREFIX + f"{key}.{name}" for name in ANNOTATIONS}
        existing = _mapping(self._metadata.get("annotations"))
        others = {name: value for name, value in existing.items() if name not in ours}
        return {**self._metadata, "annotations": {**others, **annotations}}

    def _value(self, name: str) -> str | bytes | None:
        """Return the text under a key; bytes if it is none, which is then found to be no token."""
        if self._data.get(name) is None:
            return None
        encoded = str(self._data[name]).encode()
        try:
            decoded = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return encoded
        try:
            return decoded.decode()
        except UnicodeDecodeError:
            return decoded


NO_SECRET = Secret()


def new_secret(namespace: str, name: str) -> Secret:
    """Return a Secret that is still to be created."""
    metadata = {"name": name, "namespace": namespace, "labels": {MANAGED_BY: MANAGER}}
    return Secret({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata})


def secret_in(answer: Answer, namespace: str, name: str, statuses: tuple[int, ...]) -> Secret | None:
    """Return the very Secret that an answer shows, or None if it shows none (R6).

    :param statuses: of an answer that does.
    """
    metadata = answer.mapping("metadata")
    is_it = (metadata.get("namespace"), metadata.get("name")) == (namespace, name)
    is_known = all(isinstance(metadata.get(part), str) and metadata[part] for part in ("uid", "resourceVersion"))
    if answer.status in statuses and answer.body.get("kind") == "Secret" and is_it and is_known:
        return Secret(answer.body)
    return None


def failure(answer: Answer, where: str, namespace: str, verbs: str) -> VaultError:
    """Return the error that an answer means.

    :param answer: one that is not what was asked for.
    :param where: the place, for the message.
    :param verbs: what the login would have to be allowed.
    :returns: with ``rejected`` true only if the request provably changed nothing (R1): it was not sent, or the API
        server itself has refused it.
    """
    if answer.failure is not None:
        return failure_without_answer(answer.failure, where, "vault_kubernetes_unexpected")
    status = answer.status or 0
    if status == 429:
        return VaultUnavailable("vault_overloaded", rejected=True, where=where, status=status)
    if not answer.is_status:
        code = "vault_overloaded" if status >= 500 else "vault_kubernetes_unexpected"
        return VaultUnavailable(code, where=where, status=status)
    if status == 401:
        return VaultDenied("vault_kubernetes_login_refused", where=where)
    if answer.has_cause("NamespaceTerminating"):
        return VaultUnavailable("vault_namespace_ending", rejected=True, where=where, namespace=namespace)
    if status == 403:
        return VaultDenied("vault_kubernetes_denied", where=where, verbs=verbs, namespace=namespace)
    if answer.missing == ("namespaces", namespace):
        return VaultUnavailable("vault_namespace_missing", rejected=True, where=where, namespace=namespace)
    if status in (400, 413, 422):
        return VaultUnavailable("vault_kubernetes_refused", rejected=True, where=where, status=status)
    if status >= 500:
        return VaultUnavailable("vault_overloaded", where=where, status=status)
    return VaultUnavailable("vault_kubernetes_unexpected", where=where, status=status)


def _ours(key: str) -> set[str]:
    return {key, key + METADATA_SUFFIX}


def _annotations(key: str, current: Current) -> dict[str, str]:
    values = dict(zip(ANNOTATIONS, (current.id, format_instant(current.expires_at)), strict=True))
    return {ANNOTATION_PREFIX + f"{key}.{name}": value for name, value in values.items()}


def _encoded(value: str | bytes) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

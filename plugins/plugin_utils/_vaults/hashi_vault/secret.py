# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of a KV version 2 secrets engine means: a version of a secret, or which of our errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.api import Answer
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import failure_without_answer


@dataclass(frozen=True)
class SecretVersion:
    """One version of a secret.

    :ivar number: counts from 1; 0 if nothing was ever written.
    :ivar data: its keys; none if it was deleted or destroyed.
    :ivar deletion_time: ISO 8601, when it was or will be deleted; empty where it stays.
    """

    number: int
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    deletion_time: str = ""
    destroyed: bool = False


NEVER_WRITTEN = SecretVersion(number=0)


def read_version(answer: Answer) -> SecretVersion | None:
    """Return the version that an answer to a read shows, or None if it shows none.

    Only KV version 2 puts ``metadata`` with a version number beside the data, so a version proves the mount's kind.
    A deleted or destroyed version answers 404 with its metadata, and is empty (R6).
    """
    if answer.status not in (200, 404):
        return None
    return _version(answer.mapping("data", "metadata"), answer.mapping("data", "data"))


def written_version(answer: Answer) -> SecretVersion | None:
    """Return the version that an answer to a write confirms, without its data, or None (R6)."""
    return _version(answer.mapping("data"), {}) if answer.status == 200 else None


def is_of_another_version(answer: Answer) -> bool:
    """Tell whether an answer to a write says that the latest version is another one than the write was to build on."""
    return answer.status == 400 and any("did not match the current version" in error for error in answer.errors or ())


def is_absent(answer: Answer) -> bool:
    """Tell whether this is the 404 of a path that was never written to; KV version 1 gives the same one."""
    return answer.status == 404 and answer.errors == []


def is_kv2(mount_description: Answer, mount: str) -> bool:
    """Tell whether the description of a mount says that it is this very mount and a KV version 2 engine."""
    description = mount_description.mapping("data")
    version = mount_description.mapping("data", "options").get("version")
    path = str(description.get("path", "")).strip("/")
    return path == mount and description.get("type") in ("kv", "generic") and str(version) == "2"


def failure(answer: Answer, where: str, path: str) -> VaultError:
    """Return the error that an answer means.

    :param answer: one that is not what was asked for.
    :param where: the place, for the message.
    :param path: the path in the API that a policy would have to grant.
    :returns: with ``rejected`` true only if the request provably changed nothing (R1): it was not sent, or its
        status comes before any change.
    """
    if answer.failure is not None:
        return failure_without_answer(answer.failure, where, "vault_answer_unexpected")
    if answer.status in (401, 403):
        return VaultDenied("vault_denied", where=where, path=path, status=answer.status)
    if answer.status == 503 and any("sealed" in error.lower() for error in answer.errors or ()):
        return VaultUnavailable("vault_sealed", where=where)
    if answer.status == 400 and answer.errors:
        return VaultUnavailable("vault_request_refused", rejected=True, where=where, status=answer.status)
    if answer.status == 404 and answer.errors:
        return VaultUnavailable("vault_mount_unknown", rejected=True, where=where)
    if answer.status == 429 or (answer.status or 0) >= 500:
        return VaultUnavailable("vault_overloaded", rejected=answer.status == 429, where=where, status=answer.status)
    if answer.status == 204 or (answer.status == 200 and "data" in answer.body):
        return VaultUnavailable("vault_not_kv2", where=where)
    return VaultUnavailable("vault_answer_unexpected", where=where, status=answer.status)


def _version(metadata: Mapping[str, Any], data: Mapping[str, Any]) -> SecretVersion | None:
    number = metadata.get("version")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return None
    return SecretVersion(
        number=number,
        data=data,
        deletion_time=str(metadata.get("deletion_time") or ""),
        destroyed=metadata.get("destroyed") is True,
    )

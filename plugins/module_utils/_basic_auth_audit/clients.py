# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration files of the vendor's tools: ``~/.ionos/config`` and the older one of ionosctl."""

from __future__ import annotations

from typing import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.ansible import storage_of_node
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import Finding
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.tree import (
    Mapping,
    Node,
    Sequence,
)

_MARKS_OF_PROFILES = ("currentProfile", "environments")
_OPTIONS = frozenset({"username", "password"})
_OLD_OPTIONS = frozenset({"userdata.name", "userdata.password"})


def audit_client_configuration(root: Node, *, is_profile_file: bool) -> Iterator[Finding]:
    """Yield the profiles of a configuration file that have a username or password.

    :param is_profile_file: whether the file's name says that it is one; otherwise its content has to.
    """
    if not isinstance(root, Mapping):
        return
    for key, value in root.entries():
        stored_as = storage_of_node(value)
        if key.value in _OLD_OPTIONS and stored_as is not None:
            yield Finding(key.line, "ionosctl_config", key.value, stored_as)
    if is_profile_file or root.get(*_MARKS_OF_PROFILES) is not None:
        yield from _profiles(root.get("profiles"))


def _profiles(profiles: Node | None) -> Iterator[Finding]:
    for ordinal, profile in enumerate(profiles.items if isinstance(profiles, Sequence) else (), 1):
        credentials = profile.get("credentials") if isinstance(profile, Mapping) else None
        for key, value in credentials.entries() if isinstance(credentials, Mapping) else ():
            stored_as = storage_of_node(value)
            if key.value in _OPTIONS and stored_as is not None:
                yield Finding(key.line, "ionos_config", f"profile {ordinal}: {key.value}", stored_as)

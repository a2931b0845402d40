# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration files of the vendor's tools: ``~/.ionos/config`` and the older one of ionosctl."""

from __future__ import annotations

from typing import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.pairs import credentials_of
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.settings import (
    has_name_of_vendor,
    is_name_of_address,
    is_name_of_vendor,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.ansible import storage_of_node
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import ENCRYPTED, Finding
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import VendorHosts
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.tree import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    mappings,
)

_MARKS_OF_PROFILES = ("currentProfile", "environments")
_OPTIONS = frozenset({"username", "password"})
_OPTIONS_OF_TOOLS = _OPTIONS | {"pbusername", "pbpassword"}
_OLD_OPTIONS = frozenset({"userdata.name", "userdata.password"})
_PULUMI_OPTIONS = frozenset({"ionoscloud:username", "ionoscloud:password"})
_BUILDERS = {"ionoscloud": "packer_source", "profitbricks": "legacy_tool"}
_NAMES_OF_KINDS = {
    "packer_source": "ionoscloud",
    "docker_machine": "ionoscloud",
    "program_variable": "ionoscloud",
    "legacy_tool": "profitbricks",
}
# How Prometheus finds servers at the vendor.
_DISCOVERY = "ionos_sd_configs"
_API = VendorHosts("")
_SECTIONS = {"ionoscloudConfig": "docker_machine", "profitbricks": "legacy_tool"}


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


def audit_tools(root: Node) -> Iterator[Finding]:
    """Yield what configures Packer, machines of Rancher, Pulumi, Salt, Kubernetes and programs in a document."""
    for mapping, at in mappings(root):
        for key, value in mapping.entries():
            stored_as = storage_of_node(value)
            if key.value in _PULUMI_OPTIONS:
                yield Finding(key.line, "pulumi_config", key.value, stored_as or ENCRYPTED)
            elif is_name_of_vendor(key.value) and key.value not in _SECTIONS and isinstance(value, Mapping):
                yield from _section(key.value, value)
        yield from _secret(mapping)
        if at == _DISCOVERY:
            yield from _section(at, mapping)
        if _has_address(mapping):
            yield from _section("API", mapping, depth=2)
        kind = _kind_of_section(mapping, at)
        for key, value in mapping.entries() if kind is not None else ():
            stored_as = storage_of_node(value)
            if kind is not None and key.value in _OPTIONS_OF_TOOLS and stored_as is not None:
                yield Finding(key.line, kind, f"{_NAMES_OF_KINDS[kind]}: {key.value}", stored_as)


def _has_address(mapping: Mapping) -> bool:
    """Tell whether a mapping configures the address of the vendor's API; resources that it returns have ``href``."""
    return any(
        isinstance(value, Scalar) and is_name_of_address(key.value) and _API.are_in(value.value[:300])
        for key, value in mapping.entries()
    )


def _section(name: str, section: Mapping, depth: int = 1) -> Iterator[Finding]:
    """Yield the credentials in a section that is about the vendor's API, and in those in it.

    :param depth: how deep those may be.
    """
    known = credentials_of([key.value for key, _value in section.entries()], is_api_named=name == "API")
    for key, value in section.entries():
        stored_as = storage_of_node(value)
        is_hint = isinstance(value, Scalar) and value.value.startswith("(")
        if key.value in known and stored_as is not None and not is_hint:
            yield Finding(key.line, "program_variable", f"{name}: {key.value}", stored_as)
        elif isinstance(value, Mapping) and depth > 0:
            yield from _section(name, value, depth - 1)


def _secret(mapping: Mapping) -> Iterator[Finding]:
    """Yield the credentials in a Secret of Kubernetes that is named after the vendor."""
    metadata = mapping.get("metadata")
    if mapping.text("kind") != "Secret" or not isinstance(metadata, Mapping):
        return
    if has_name_of_vendor(metadata.text("name")) or has_name_of_vendor(metadata.text("namespace")):
        for part in (mapping.get("data"), mapping.get("stringData")):
            if isinstance(part, Mapping):
                yield from _section("Secret", part)


def _kind_of_section(mapping: Mapping, at: str) -> str | None:
    """Return what a mapping with a username and a password configures, or None if it is something else."""
    if at == "builders" or mapping.text("type") in _BUILDERS:
        return _BUILDERS.get(mapping.text("type"))
    if mapping.text("kind") == "IonoscloudConfig":
        return "docker_machine"
    if mapping.text("driver") == "profitbricks":
        return "legacy_tool"
    if at not in _SECTIONS or mapping.get("username") is None or mapping.get("password") is None:
        return None
    return _SECTIONS[at]


def _profiles(profiles: Node | None) -> Iterator[Finding]:
    for ordinal, profile in enumerate(profiles.items if isinstance(profiles, Sequence) else (), 1):
        credentials = profile.get("credentials") if isinstance(profile, Mapping) else None
        for key, value in credentials.entries() if isinstance(credentials, Mapping) else ():
            stored_as = storage_of_node(value)
            if key.value in _OPTIONS and stored_as is not None:
                yield Finding(key.line, "ionos_config", f"profile {ordinal}: {key.value}", stored_as)

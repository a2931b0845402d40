# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX: credentials with username and password for IONOS Cloud, and the credential types that inject them.

Read are answers of the API (one object, or a page of them), what ``awx export`` writes, and the arguments of modules
that create credentials. Secret inputs stand there as ``$encrypted$`` or empty, so their names alone tell.
"""

from __future__ import annotations

import re
from typing import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.ansible import storage_of_node
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import ENCRYPTED, Finding
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import Names
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.tree import (
    Mapping,
    Node,
    Scalar,
    mappings,
)

INJECTED = frozenset({"IONOS_USERNAME", "IONOS_PASSWORD"})

_IONOS = re.compile(r"ionos|profitbricks", re.IGNORECASE)
_CREDENTIAL_INPUT = re.compile(r"(?:.*_)?(?:user(?:name)?|login|email|password|passwd|pass|pw)", re.IGNORECASE)


def audit_awx(root: Node, names: Names) -> tuple[list[Finding], frozenset[str]]:
    """Return what is found in a document, and the names of the credential types that inject username or password.

    :param names: such types that other files define.
    """
    findings: list[Finding] = []
    types: set[str] = set()
    ids: set[str] = set()
    for mapping, _at in mappings(root):
        injected = list(_injected(mapping))
        if injected:
            types.add(mapping.text("name"))
            ids.add(mapping.text("id"))
        findings.extend(Finding(key.line, "awx_credential_type", key.value) for key in injected)
    known = (types | names.credential_types) - {""}
    for ordinal, credential in enumerate(_credentials(root), 1):
        if _is_ionos(credential, known, ids - {""}):
            findings.extend(_inputs(credential, ordinal))
    return findings, frozenset(name for name in types if 3 < len(name) < 200)


def _injected(mapping: Mapping) -> Iterator[Scalar]:
    injectors = mapping.get("injectors")
    environment = injectors.get("env") if isinstance(injectors, Mapping) else None
    for key, _value in environment.entries() if isinstance(environment, Mapping) else ():
        if key.value in INJECTED:
            yield key


def _credentials(root: Node) -> Iterator[Mapping]:
    for mapping, _at in mappings(root):
        if isinstance(mapping.get("inputs"), Mapping) and mapping.get("credential_type") is not None:
            yield mapping


def _is_ionos(credential: Mapping, types: frozenset[str] | set[str], ids: set[str]) -> bool:
    name = _type_name(credential)
    if name:
        return name in types or _IONOS.search(name) is not None
    return credential.text("credential_type") in ids


def _type_name(credential: Mapping) -> str:
    """Return the name of a credential's type, which stands in one of three places, or an empty text."""
    kind = credential.get("credential_type")
    if isinstance(kind, Mapping):
        return kind.text("name")
    if isinstance(kind, Scalar) and not kind.value.isdigit():
        return kind.value
    summary = credential.get("summary_fields")
    summarised = summary.get("credential_type") if isinstance(summary, Mapping) else None
    return summarised.text("name") if isinstance(summarised, Mapping) else ""


def _inputs(credential: Mapping, ordinal: int) -> Iterator[Finding]:
    inputs = credential.get("inputs")
    for key, value in inputs.entries() if isinstance(inputs, Mapping) else ():
        if len(key.value) < 100 and _CREDENTIAL_INPUT.fullmatch(key.value):
            stored_as = storage_of_node(value) or ENCRYPTED
            yield Finding(key.line, "awx_credential", f"credential {ordinal}: {key.value}", stored_as)

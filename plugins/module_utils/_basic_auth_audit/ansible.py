# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible content as a tree: the vendor's modules, requests by uri, and variables that hold username or password."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.commands import (
    COMMAND,
    Budget,
    Command,
    CommandFindings,
    audit_command,
    commands,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.comments import (
    HASH,
    separate_lines,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    REFERENCE,
    VAULTED,
    Finding,
    storage_of,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    CREDENTIAL_OPTIONS,
    SHORT_MODULES,
    VENDOR_COLLECTION,
    Names,
    VendorHosts,
    is_credential_variable,
    is_environment_variable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.tree import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    mappings,
    texts_and_lists,
)

_VENDOR_MODULE = re.compile(rf"(?:group/)?{re.escape(VENDOR_COLLECTION)}\.\w{{1,64}}")
_LEGACY_MODULE = re.compile(r"(?:community\.general\.|ansible\.builtin\.)?profitbricks(?:_\w{1,64})?")
_FREE_FORM = re.compile(r"(?:^|\s)(?P<name>username|password|subscription_user|subscription_password)=(?P<value>\S*)")
_URI = frozenset({"uri", "ansible.builtin.uri", "ansible.legacy.uri", "get_url", "ansible.builtin.get_url"})
_URI_CREDENTIALS = frozenset({"url_username", "url_password", "user", "username", "password", "force_basic_auth"})
_BASIC = re.compile(r"\W{0,10}Basic\b", re.IGNORECASE)
_ACTIONS = frozenset({"action", "local_action"})
_VARIABLES_AT = frozenset({"vars", "set_fact", "ansible.builtin.set_fact", "ansible.legacy.set_fact"})
_USED_VARIABLE = re.compile(r"\{\{[^{}\w]{0,20}([A-Za-z_]\w{0,99})\s*(?:[|}]|$)")
_NO_VARIABLES = frozenset({"omit", "item", "lookup", "query", "q", "vars", "hostvars", "username", "password"})


def audit_ansible(root: Node, names: Names, hosts: VendorHosts) -> tuple[list[Finding], frozenset[str]]:
    """Return what is found in a document, and the names of variables that it takes username and password from.

    :param names: further names of such variables.
    """
    findings: list[Finding] = []
    used: set[str] = set()
    short_names = _uses_vendor_collection(root)
    is_packer = isinstance(root, Mapping) and root.get("builders") is not None
    for mapping, at in mappings(root):
        is_place_of_variables = mapping is root or at in _VARIABLES_AT
        for key, value in mapping.entries():
            for option, name, kind in _credentials_at(mapping, key, value, at, short_names):
                _add(findings, used, option, name, kind)
            findings.extend(_request(key, value, hosts))
            if is_credential_variable(key.value) or (is_place_of_variables and key.value in names.ansible):
                # Names of the environment, and those in another style, are none that Ansible reads.
                kind = "ansible_variable" if key.value.islower() and not is_packer else "program_variable"
                _add(findings, used, (key, value), key.value, kind)
            elif at == "environment" and is_environment_variable(key.value) and isinstance(value, Scalar):
                used.update(_variables_in(value))
    findings.extend(_prompts(root, names))
    findings.extend(_listed(root))
    return findings, frozenset(used - _NO_VARIABLES)


def audit_commands_in_tree(root: Node, lines: list[str], hosts: VendorHosts, budget: Budget) -> CommandFindings:
    """Return the commands in the texts and lists of a document that authenticate with username and password.

    :param lines: the lines of the document without comments, to find where a command stands in a text of several.
    """
    found = CommandFindings()
    for node in texts_and_lists(root):
        for command in _commands_at(node, budget):
            audited = audit_command(command, hosts)
            if audited is not None:
                placed = replace(audited[0], line=_line_of(node, command, lines))
                found.add(placed, command.last_line - command.line + 1, audited[1])
    return found


def storage_of_node(node: Node) -> str | None:
    """Return how a value stands in a tree, or None if there is none or it is no text."""
    if isinstance(node, Scalar):
        return VAULTED if node.vaulted else storage_of(node.value)
    if isinstance(node, Mapping) and node.get("__ansible_vault") is not None:
        return VAULTED
    return None


def _credentials_at(
    mapping: Mapping, key: Scalar, value: Node, at: str, short_names: bool
) -> Iterator[tuple[tuple[Scalar, Node], str, str]]:
    """Yield key and value, name and kind of each credential that a module of the vendor is given at a key."""
    kind = "vendor_module_defaults" if at == "module_defaults" else "vendor_module"
    module = key.value
    if key.value in _ACTIONS and isinstance(value, Scalar):
        module = value.value.split(None, 1)[0] if value.value.split() else ""
    elif key.value == "module" and isinstance(value, Scalar):
        module, value = value.value, mapping
    if _LEGACY_MODULE.fullmatch(module) is not None:
        kind = "legacy_tool"
    elif _VENDOR_MODULE.fullmatch(module) is None and not (short_names and _is_short_name(module, value)):
        return
    arguments = mapping.get("args")
    for options in (value, arguments) if value is not arguments else (value,):
        for option, given in _credential_options(options):
            yield (option, given), f"{module}: {option.value}", kind


def _credential_options(options: Node | None) -> Iterator[tuple[Scalar, Node]]:
    if isinstance(options, Mapping):
        yield from ((option, given) for option, given in options.entries() if option.value in CREDENTIAL_OPTIONS)
    elif isinstance(options, Scalar):
        for match in _FREE_FORM.finditer(options.value[:10_000]):
            option, given = (Scalar(match.group(part), options.line, options.line) for part in ("name", "value"))
            yield option, given


def _is_short_name(module: str, value: Node) -> bool:
    """Tell whether a bare name is a module of the vendor; many are named like others, so a username must be there."""
    base = module[:-5] if module.endswith("_info") else module
    return (
        base in SHORT_MODULES and isinstance(value, Mapping) and value.get("username", "subscription_user") is not None
    )


def _uses_vendor_collection(root: Node) -> bool:
    for mapping, _at in mappings(root):
        listed = mapping.get("collections")
        if isinstance(listed, Sequence) and any(
            isinstance(item, Scalar) and item.value == VENDOR_COLLECTION for item in listed.items
        ):
            return True
    return False


def _add(findings: list[Finding], used: set[str], option: tuple[Scalar, Node], name: str, kind: str) -> None:
    key, value = option
    stored_as = storage_of_node(value)
    if stored_as is None:
        return
    findings.append(Finding(key.line, kind, name, stored_as))
    if isinstance(value, Scalar):
        used.update(_variables_in(value))


def _variables_in(value: Scalar) -> list[str]:
    return _USED_VARIABLE.findall(value.value[:1000])


def _request(key: Scalar, value: Node, hosts: VendorHosts) -> Iterator[Finding]:
    """Yield the credentials of a request to the vendor's API."""
    if key.value not in _URI or not isinstance(value, Mapping) or not hosts.are_in(value.text("url")):
        return
    for option, given in value.entries():
        stored_as = storage_of_node(given)
        is_off = option.value == "force_basic_auth" and value.text(option.value).lower() in {"false", "no"}
        if option.value in _URI_CREDENTIALS and stored_as is not None and not is_off:
            yield Finding(option.line, "http_task", f"{key.value}: {option.value}", stored_as)
        if option.value == "headers" and isinstance(given, Mapping):
            yield from _basic_headers(key.value, given)


def _basic_headers(module: str, headers: Mapping) -> Iterator[Finding]:
    for header, text in headers.entries():
        if header.value.lower() == "authorization" and isinstance(text, Scalar) and _BASIC.match(text.value):
            yield Finding(header.line, "http_task", f"{module}: Authorization", storage_of_node(text) or REFERENCE)


def _prompts(root: Node, names: Names) -> Iterator[Finding]:
    for mapping, at in mappings(root):
        name = mapping.text("name")
        if at == "vars_prompt" and (is_credential_variable(name) or name in names.ansible):
            yield Finding(mapping.line, "ansible_variable", name, REFERENCE)


def _listed(root: Node) -> Iterator[Finding]:
    """Yield the variables in lists of ``NAME=value``, which containers are given as their environment."""
    for node in texts_and_lists(root):
        for item in node.items if isinstance(node, Sequence) else ():
            name, equals, value = item.value.partition("=") if isinstance(item, Scalar) else ("", "", "")
            stored_as = storage_of(value) if equals and name.isupper() and is_credential_variable(name) else None
            if stored_as is not None:
                yield Finding(item.line, "program_variable", name, stored_as)


def _commands_at(node: Node, budget: Budget) -> Iterator[Command]:
    if isinstance(node, Scalar) and "\0" not in node.value:
        script, _comments = separate_lines(node.value, HASH)
        yield from commands(script, budget)
    elif isinstance(node, Sequence) and node.items and isinstance(node.items[0], Scalar):
        words = [item.value for item in node.items if isinstance(item, Scalar)]
        name = COMMAND.fullmatch(words[0] + " ") or COMMAND.match(words[0] + " ")
        if name is not None and name.end() == len(words[0]):
            yield Command(name.group("name"), words[1:500], 1, 1, 0)


def _line_of(node: Node, command: Command, lines: list[str]) -> int:
    """Return the line of a command in a node: that of the n-th command word within its lines."""
    if not isinstance(node, Scalar):
        return node.line
    ordinal = command.ordinal
    for number in range(node.line, min(node.last_line, len(lines)) + 1):
        count = sum(1 for _match in COMMAND.finditer(lines[number - 1] + " "))
        if ordinal < count:
            return number
        ordinal -= count
    return node.line

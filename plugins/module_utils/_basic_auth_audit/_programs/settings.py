# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of programs in files beside them: sections with options, and environment variables of names of their own."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.pairs import credentials_of
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.ansible import storage_of_node
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    REFERENCE,
    Finding,
    storage_of,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    CREDENTIAL_OPTIONS,
    Names,
    VendorHosts,
    mentions_ionos,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.tree import Mapping, Node, mappings

_SECTION = re.compile(r"^\s*\[{1,2}(?P<name>[^\]\n]{1,200})\]{1,2}\s*$")
_OPTION = re.compile(r"^\s*(?:export\s+)?[\"']?(?P<name>[A-Za-z_][\w.-]{0,59})[\"']?\s*[=:](?P<value>.*)")
_VENDOR = r"(?:ionos[-_. ]?(?:cloud|enterprise)?|profit[-_ ]?bricks)"
_ROLE = "api|(?:basic[-_]?)?auth|account|login|cred(?:ential)?s?|dcd|conf(?:ig)?|settings|provider|access|secrets?"
_NAME_OF_VENDOR = re.compile(rf"(?:.{{0,40}}[^a-z])?{_VENDOR}(?:[-_. ]?(?:{_ROLE}))?", re.IGNORECASE)
_HAS_VENDOR = re.compile(rf"(?<![a-z]){_VENDOR}(?![a-z])", re.IGNORECASE)
_END_OF_ADDRESS = re.compile(r"(?:base[-_.]?|api[-_.]?)?(?:url|uri|host|endpoint|address|server|base)$", re.IGNORECASE)
_VENDORS_OWN = frozenset({"ionos"})
_DISCOVERY = re.compile(r"\s*discovery\.ionos\s{1,20}\"[^\"\n]{0,100}\"\s{0,20}\{")
_OPTION_OF_DISCOVERY = re.compile(r"\s*(?P<name>username|password(?:_file)?)\s{0,20}=(?P<value>[^\n]{0,300})")
_COMMENT = re.compile(r"^\s*[#;]")
_PASSED_ON = r"(?:^\s*-\s+|(?:^|[\s,{])(?:name|key)[\"']?\s*[:=]\s*)[\"']?"


class _Option(NamedTuple):
    name: str
    line: int
    stored_as: str
    is_address: bool


class _Section(NamedTuple):
    name: str
    options: list[_Option]
    is_introduced: bool


def is_name_of_vendor(name: str) -> bool:
    """Tell whether a section is by its name about the account at the vendor, and not about one of its products."""
    return len(name) < 100 and _NAME_OF_VENDOR.fullmatch(name) is not None


def has_name_of_vendor(name: str) -> bool:
    """Tell whether a name has the vendor's in it."""
    return _HAS_VENDOR.search(name[:200]) is not None


def is_name_of_address(name: str) -> bool:
    """Tell whether a setting of this name is the address of a service."""
    return len(name) < 100 and _END_OF_ADDRESS.search(name) is not None


def audit_sections(lines: list[str], original: list[str], names: Names, hosts: VendorHosts) -> Iterator[Finding]:
    """Yield the credentials in sections of a configuration file.

    Such a section is the one that the vendor's inventory script reads, one that is named after the vendor, one that a
    comment right above introduces, or one that a program reads username and password from.

    :param lines: the text without comments.
    :param original: the text with them.
    """
    for section in _sections(lines, original, hosts):
        known = _known_options(section, names)
        kind = "vendor_inventory" if section.name in _VENDORS_OWN else "program_variable"
        for option in section.options:
            if option.name in known:
                yield Finding(option.line, kind, option.name, option.stored_as)


def audit_settings_in_tree(root: Node, names: Names) -> Iterator[Finding]:
    """Yield the settings in a document that a program reads username and password from."""
    wanted = {tuple(name.split(".")) for name in names.settings}
    for mapping, at in mappings(root) if wanted else ():
        for key, value in mapping.entries():
            stored_as = storage_of_node(value)
            if (at, key.value) in wanted and stored_as is not None and not isinstance(value, Mapping):
                yield Finding(key.line, "program_variable", f"{at}: {key.value}", stored_as)


def audit_named_environment(lines: list[str], names: Names) -> Iterator[Finding]:
    """Yield the lines that set or pass on environment variables that a program reads username and password from."""
    if not names.environment:
        return
    known = "|".join(map(re.escape, sorted(names.environment)))
    assigned = re.compile(
        rf"(?<![\w.$%{{-])[\"']?(?P<name>{known})[\"']?\s*(?::?=(?!=)|:(?![\w:?+-]))(?P<value>.{{0,300}})"
    )
    passed_on = re.compile(rf"{_PASSED_ON}(?P<name>{known})\b")
    for number, line in enumerate(lines, 1):
        match = assigned.search(line)
        if match is not None:
            stored_as = storage_of(match.group("value"))
            if stored_as is not None:
                yield Finding(number, "program_variable", match.group("name"), stored_as)
            continue
        match = passed_on.search(line)
        if match is not None:
            yield Finding(number, "program_variable", match.group("name"), REFERENCE)


def audit_discovery(lines: list[str]) -> Iterator[Finding]:
    """Yield the credentials in blocks of Alloy that find servers at the vendor."""
    depth = 0
    for number, line in enumerate(lines, 1):
        if depth == 0 and _DISCOVERY.match(line) is None:
            continue
        option = _OPTION_OF_DISCOVERY.match(line)
        stored_as = storage_of(option.group("value")) if option is not None else None
        if option is not None and stored_as is not None:
            yield Finding(number, "program_variable", f"discovery.ionos: {option.group('name')}", stored_as)
        depth = max(depth + line.count("{") - line.count("}"), 0)


def _sections(lines: list[str], original: list[str], hosts: VendorHosts) -> Iterator[_Section]:
    section = _Section("", [], False)
    for number, line in enumerate(lines, 1):
        heading = _SECTION.match(line)
        if heading is not None:
            yield section
            section = _Section(heading.group("name").strip("\"' "), [], _is_introduced(original, number))
            continue
        option = _OPTION.match(line)
        stored_as = storage_of(option.group("value")) if option is not None else None
        if option is not None and stored_as is not None:
            is_address = hosts.are_in(option.group("value"))
            section.options.append(_Option(option.group("name"), number, stored_as, is_address))
    yield section


def _is_introduced(original: list[str], number: int) -> bool:
    """Tell whether the comment right above a line names the vendor."""
    above = number - 2
    while above >= 0 and number - above < 20 and _COMMENT.match(original[above]):
        if mentions_ionos(original[above]):
            return True
        above -= 1
    return False


def _known_options(section: _Section, names: Names) -> frozenset[str]:
    options = [option.name for option in section.options]
    has_host = any(option.is_address for option in section.options)
    read = frozenset(option for option in options if f"{section.name}.{option}" in names.settings)
    if section.name in _VENDORS_OWN:
        inventory = CREDENTIAL_OPTIONS | {"password_file", "subscription_password_file"}
        read |= frozenset(options) & inventory
    if has_name_of_vendor(section.name) or section.is_introduced or (has_host and section.name):
        read |= credentials_of(options, is_api_named=has_host)
    for address in (option.name for option in section.options if option.is_address):
        # One prefix keeps them together.
        prefix = _END_OF_ADDRESS.sub("", address)
        if prefix not in ("", address):
            read |= {f"{prefix}{name}" for name in credentials_of(_without_prefix(options, prefix), is_api_named=True)}
    return read


def _without_prefix(options: list[str], prefix: str) -> list[str]:
    return [option[len(prefix) :] for option in options if option.startswith(prefix)]

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What single lines of any text say: environment variables, headers, addresses, netrc files, blocks of YAML."""

from __future__ import annotations

import re
from itertools import islice
from typing import Iterator, Pattern

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.expressions import (
    storage_of_expression,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    PLAIN,
    REFERENCE,
    UNKNOWN,
    Finding,
    storage_of,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    CREDENTIAL_OPTIONS,
    CREDENTIAL_VARIABLE,
    ENVIRONMENT_PREFIX,
    ENVIRONMENT_VARIABLE,
    VENDOR_COLLECTION,
    VENDOR_HOST,
    Names,
    VendorHosts,
    is_environment_variable,
    is_vendor_nearest,
    kind_of_environment_variable,
)

MAXIMUM_LINE = 20_000
# Lines between a header and the address that it is sent to.
HEADER_DISTANCE = 8
MAXIMUM_HEADERS = 2_000

_NAME = ENVIRONMENT_VARIABLE
_ASSIGNED = re.compile(rf"(?<![\w$.{{%-])[\"']?(?P<name>{_NAME})[\"']?\s*(?P<mark>:?\+?=(?!=)|:(?![\w:?+-]))")
_PASSED_ON = re.compile(
    rf"(?:(?:^|\s)(?:export|ENV|ARG|-e|--env|setx|set\s+-g?x|local|declare|readonly)[\s=]+[\"']?|^\s*-\s+[\"']?"
    rf"|(?:^|[\s,{{\"'])(?:name|key)[\"']?\s*[:=]\s*[\"']?|PassEnvironment\s*=[^\n]{{0,500}}?)(?P<name>{_NAME})\b(?P<rest>.*)"
)
_USED = re.compile(
    rf"(?:(?<![\\(])\$|(?<!\\)\$[{{(]|\(\$(?=\w+[^\w)])|\{{\{{\s?|[.{{%])(?P<name>{_NAME})\b|[\"'](?P<quoted>{_NAME})[\"']"
)
_MACHINE_OPTION = re.compile(
    r"(?<![\w-])--(?P<driver>ionoscloud|profitbricks)-(?P<name>username|password)(?:[ =]|[\"'],?|$)"
    r"(?P<value>[^,\]]{0,200})"
)
_MACHINE_CREDENTIAL = re.compile(
    r"(?<![\w-])ionoscloudcredentialConfig-(?P<name>username|password)\b(?:[\"']?\s{0,9}[:=](?P<value>[^\n]{0,200}))?"
)
_PULUMI = re.compile(r"\bpulumi\s+config\s+set\b[^\n;|&]{0,100}?\bionoscloud:(?P<name>username|password)\b")
_OLD_PROFILE = re.compile(
    r"[\"'](?P<name>userdata\.(?:name|password))\\?[\"']\s{0,9}:(?!=)(?P<value>[^,}\n]{0,200})"
    r"|(?:[\[(]|=\s{0,9})[\"'](?P<used>userdata\.(?:name|password))[\"']\s{0,9}(?:[\])]|$)"
)
_UNSET = re.compile(r"\bunset\b|Remove-Item|\bset\s+-e\b")
_FIRST_WORD = re.compile(r"\s*(\"[^\"]*\"?|'[^']*'?|\S*)")

_VARIABLE = re.compile(
    rf"(?<![\w$.{{-])[\"']?(?P<name>{CREDENTIAL_VARIABLE})[\"']?\s*(?::=|=(?!=)|:(?!\w))",
    re.IGNORECASE,
)
_PROPERTY = re.compile(
    r"(?<![\w$])(?P<name>(?:[a-z]{1,20}[.])?(?:ionos|profitbricks)(?:[.-](?:api|cloud|auth|account|rest|dcd)){0,2}"
    r"[.-](?:user(?:name)?|login|password|identity|credential))(?:\s{0,9}[=:](?![\w:])|>(?!\s*<))",
    re.IGNORECASE,
)
_HEADER = re.compile(r"Authorization\W{1,20}(?:f\W)?Basic\b", re.IGNORECASE)
_USERINFO = re.compile(rf"://(?P<value>[^/@\"'\n]{{1,300}})@{VENDOR_HOST}", re.IGNORECASE)
_NETRC = re.compile(rf"^\s*machine\s+{VENDOR_HOST}", re.IGNORECASE)
_BLOCK_OPTION = re.compile(r"^(?P<indent>\s*)(?:-\s+)?[\"']?(?P<name>[A-Za-z_]{1,40})[\"']?\s*:(?P<value>.*)")
_VENDOR_BLOCK = re.compile(
    rf"^(?P<indent>\s*)(?:-\s+)?[\"']?(?:group/)?(?P<name>{re.escape(VENDOR_COLLECTION)}\.\w{{1,64}})[\"']?\s*:"
)
_PROFILE_BLOCK = re.compile(r"^(?P<indent>\s*)(?:-\s+)?(?P<name>credentials)\s*:")
_URI_BLOCK = re.compile(r"^(?P<indent>\s*)(?:-\s+)?(?P<name>(?:ansible\.(?:builtin|legacy)\.)?uri)\s*:")
_URI_OPTIONS = frozenset({"url_username", "url_password", "user", "password", "force_basic_auth"})


def audit_environment(lines: list[str], *, has_expressions: bool) -> Iterator[Finding]:
    """Yield the lines that set, pass on or use the environment variables of the vendor's tools.

    :param has_expressions: whether values are expressions, as in Terraform.

    A mention that does none of these, such as one in a sentence, is not reported, nor is one that unsets it or sets it
    to nothing.
    """
    for number, line in enumerate(lines, 1):
        if not ENVIRONMENT_PREFIX.search(line) or _UNSET.search(line):
            continue
        seen: set[str] = set()
        for name, kind, stored_as in _environment_of(line, lines[number : number + 2], has_expressions):
            if name not in seen and stored_as is not None:
                yield Finding(number, kind, name, stored_as)
            seen.add(name)


def audit_tool_options(lines: list[str]) -> Iterator[Finding]:
    """Yield the lines that give username or password to docker-machine, rancher-machine or Pulumi as an option."""
    for number, line in enumerate(lines, 1):
        for match in _MACHINE_OPTION.finditer(line) if "-username" in line or "-password" in line else ():
            kind = "docker_machine" if match.group("driver") == "ionoscloud" else "legacy_tool"
            stored_as = storage_of(_value(match.group("value"), 0)) or UNKNOWN
            yield Finding(number, kind, f"--{match.group('driver')}-{match.group('name')}", stored_as)
        for match in _PULUMI.finditer(line) if "ionoscloud:" in line else ():
            stored_as = storage_of(_value(line, match.end())) or UNKNOWN
            yield Finding(number, "pulumi_config", f"ionoscloud:{match.group('name')}", stored_as)


def audit_machine_credentials(lines: list[str]) -> Iterator[Finding]:
    """Yield what sets or reads the credential that Rancher keeps for the driver of its machines."""
    for number, line in enumerate(lines, 1):
        for match in _MACHINE_CREDENTIAL.finditer(line) if "credentialConfig-" in line else ():
            value = match.group("value")
            stored_as = REFERENCE if value is None else storage_of(_value(value, 0))
            if stored_as is not None:
                yield Finding(number, "docker_machine", f"ionoscloud: {match.group('name')}", stored_as)


def audit_old_profiles(lines: list[str]) -> Iterator[Finding]:
    """Yield what a program or script reads or writes of the older configuration file of ionosctl."""
    for number, line in enumerate(lines, 1):
        for match in _OLD_PROFILE.finditer(line) if "userdata." in line else ():
            stored_as = storage_of(match.group("value")) if match.group("name") else REFERENCE
            if stored_as is not None:
                yield Finding(number, "ionosctl_config", match.group("name") or match.group("used"), stored_as)


def audit_variables(lines: list[str], names: Names, kind: str) -> Iterator[Finding]:
    """Yield the lines of a text without structure that set a variable for the username or password.

    :param names: further names of such variables.
    :param kind: what such a variable is in this text.
    """
    others = _further_variable(names)
    for number, line in enumerate(lines, 1):
        for match in _VARIABLE.finditer(line):
            stored_as = storage_of(_value(line, match.end()))
            if stored_as is not None and not is_environment_variable(match.group("name")):
                yield Finding(number, kind, match.group("name"), stored_as)
        for match in _PROPERTY.finditer(line):
            stored_as = storage_of(_value(line, match.end()).partition("<")[0])
            if stored_as is not None:
                yield Finding(number, "program_variable", match.group("name"), stored_as)
        for match in others.finditer(line) if others else ():
            stored_as = storage_of(_value(line, match.end()))
            if stored_as is not None:
                yield Finding(number, "ansible_variable", match.group("name"), stored_as)


def audit_terraform_environment(lines: list[str], names: Names) -> Iterator[Finding]:
    """Yield the lines that give Terraform or Packer a username or password through the environment."""
    known = "|".join(
        [CREDENTIAL_VARIABLE, *map(re.escape, sorted({name.rpartition("/")[2] for name in names.terraform}))]
    )
    pattern = re.compile(
        rf"(?<![\w$.{{-])[\"']?(?:TF|PKR)_VAR_(?P<name>{known})[\"']?\s*(?:=(?!=)|:(?!\w))", re.IGNORECASE
    )
    for number, line in enumerate(lines, 1):
        for match in pattern.finditer(line) if "_VAR_" in line else ():
            stored_as = storage_of(_value(line, match.end()))
            if stored_as is not None:
                yield Finding(number, "terraform_variable", match.group("name"), stored_as)


def audit_headers(lines: list[str], hosts: VendorHosts) -> Iterator[Finding]:
    """Yield Basic headers near the vendor's addresses."""
    headers = (number for number, line in enumerate(lines, 1) if _HEADER.search(line))
    for number in islice(headers, MAXIMUM_HEADERS):
        if is_vendor_nearest(lines, number - 1, hosts, HEADER_DISTANCE):
            yield Finding(number, "authorization_header", "Authorization", storage_of(lines[number - 1]) or PLAIN)


def audit_addresses(lines: list[str]) -> Iterator[Finding]:
    """Yield the vendor's addresses with a password in them, and netrc entries."""
    for number, line in enumerate(lines, 1):
        userinfo = _USERINFO.search(line) if "@" in line else None
        if userinfo is not None:
            yield Finding(number, "url_userinfo", "address", storage_of(userinfo.group("value")) or PLAIN)
        if _NETRC.search(line):
            yield Finding(number, "netrc", "machine")


def audit_blocks(lines: list[str], hosts: VendorHosts, *, is_profile_file: bool) -> Iterator[Finding]:
    """Yield what stands in indented blocks of YAML that no parser can read.

    :param is_profile_file: whether the text is the vendor's configuration file.
    """
    yield from _blocks(lines, _VENDOR_BLOCK, CREDENTIAL_OPTIONS, "vendor_module")
    if is_profile_file:
        yield from _blocks(lines, _PROFILE_BLOCK, CREDENTIAL_OPTIONS, "ionos_config")
    yield from _blocks(lines, _URI_BLOCK, _URI_OPTIONS, "http_task", hosts)


def _environment_of(line: str, following: list[str], has_expressions: bool) -> Iterator[tuple[str, str, str | None]]:
    for match in _ASSIGNED.finditer(line):
        kind = kind_of_environment_variable(match.group("name"))
        if has_expressions:
            stored_as: str | None = storage_of_expression(line[match.end() : match.end() + 500])
        elif match.group("mark") == ":":
            stored_as = _storage_in_yaml(line[match.end() :])
        else:
            stored_as = storage_of(_value(line, match.end()))
        yield match.group("name"), kind, stored_as
    for match in _PASSED_ON.finditer(line):
        rest = match.group("rest").strip("\"', ")
        stored_as = storage_of(rest) if line.lstrip().startswith("ENV") else _storage_of_next(following)
        yield match.group("name"), kind_of_environment_variable(match.group("name")), stored_as or REFERENCE
    for match in _USED.finditer(line):
        yield match.group("name") or match.group("quoted"), "environment_use", REFERENCE


def _storage_in_yaml(value: str) -> str | None:
    """Tell how the value after a key stands; without one, it comes from the environment or from what follows."""
    if value.strip() in {"''", '""', "'',", '"",'}:
        return None
    return storage_of(value) or REFERENCE


def _storage_of_next(following: list[str]) -> str:
    """Tell how the value stands where a list names the variable and the next lines say more."""
    for line in following:
        if line.lstrip().startswith("-"):
            break
        option = _BLOCK_OPTION.match(line)
        if option is not None and option.group("name") == "value":
            return storage_of(option.group("value")) or UNKNOWN
    return REFERENCE


def _value(line: str, start: int) -> str:
    match = _FIRST_WORD.match(line, start)
    word = match.group(1) if match else ""
    # What Jinja and Terraform refer to has spaces in it.
    return line[start : start + 200] if word.startswith(("{{", "!vault")) else word


def _further_variable(names: Names) -> Pattern[str] | None:
    if not names.ansible:
        return None
    known = "|".join(map(re.escape, sorted(names.ansible)))
    return re.compile(rf"(?:^|\s)(?P<name>{known})\s*=(?!=)")


def _blocks(
    lines: list[str], heading: Pattern[str], options: frozenset[str], kind: str, hosts: VendorHosts | None = None
) -> Iterator[Finding]:
    for index, line in enumerate(lines):
        match = heading.match(line)
        if match is None:
            continue
        block = _block(lines, index, len(match.group("indent")))
        if hosts is None or any(hosts.are_in(lines[place]) for place in block):
            yield from _block_options(lines, block, match.group("name"), options, kind)


def _block(lines: list[str], index: int, indent: int) -> range:
    """Return the lines below a heading that are indented deeper than it, 200 at most."""
    end = index + 1
    while end < min(len(lines), index + 200):
        line = lines[end]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end += 1
    return range(index + 1, end)


def _block_options(lines: list[str], block: range, name: str, options: frozenset[str], kind: str) -> Iterator[Finding]:
    depth = None
    for place in block:
        match = _BLOCK_OPTION.match(lines[place])
        if match is None:
            continue
        indent = len(match.group("indent"))
        depth = indent if depth is None else depth
        stored_as = storage_of(match.group("value"))
        if indent == depth and match.group("name") in options and stored_as is not None:
            yield Finding(place + 1, kind, f"{name}: {match.group('name')}", stored_as)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Terraform: the provider block of the vendor, and the variables that it takes username and password from."""

from __future__ import annotations

import re
from itertools import islice
from typing import Iterator, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.expressions import (
    storage_of_expression,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    REFERENCE,
    Finding,
    storage_of,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.hcl import HclParts
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    Names,
    is_credential_variable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.tree import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    mappings,
)

# What blocks of Terraform and Packer are about, by their first words.
_KINDS_OF_BLOCKS = {
    ("provider", "ionoscloud"): "terraform_provider",
    ("provider", "profitbricks"): "legacy_tool",
    ("source", "ionoscloud"): "packer_source",
    ("source", "profitbricks"): "legacy_tool",
}
_KINDS_OF_PROVIDERS = {"ionoscloud": "terraform_provider", "profitbricks": "legacy_tool"}
_BLOCKS_OF_VARIABLES = frozenset({"module", "locals"})
PROVIDER_BLOCK = re.compile(
    r'\b(?:provider\s+"?(?:ionoscloud|profitbricks)"?|source\s+"(?:ionoscloud|profitbricks)"\s+"[^"\n]{0,100}")\s*\{'
)
_CONTENT_OF_FILE = re.compile(r"\bcontents?\s*=\s*<<")
MAXIMUM_INNER_BLOCKS = 200
MAXIMUM_INNER_BLOCK = 2_000
MAXIMUM_TOKENS = 300_000
ARGUMENTS = frozenset({"username", "password"})
GENERAL_NAMES = frozenset({"username", "password", "user", "login", "email", "pass", "user_name", "passwd"})

_TOKENS = HclParts(
    r"(?P<space>\s+)|(?P<heredoc><<-?\s*(?P<mark>\w+)[^\n]*(?:\n.*?(?:\n[ \t]{0,100}(?P=mark)\b|\Z)|\Z))", r"[\w.-]+|."
)
_VARIABLE = re.compile(r"\b(?:var|local)\.([A-Za-z_][\w-]{0,99})")


# What a module tells of itself is handed on where that is called.
_OUTPUT = re.compile(r"output\s")
_OF_SERVER = re.compile(r"\b(?:instance|ssh|server|vms?|virtual machine|image|hosts?|root|cloud-init)\b", re.IGNORECASE)
_OF_ACCOUNT = re.compile(r"\b(?:api|account|dcd|provider|authenticat\w*|contract)\b", re.IGNORECASE)
# Nothing goes anywhere from these.
_CHECK = re.compile(r"\s*(?:condition|error_message|description|count|sensitive)\s*=")


class _Token(NamedTuple):
    text: str
    line: int


class _Block(NamedTuple):
    """A block with its heading, and the arguments right in it: name, value as it stands, line."""

    heading: list[str]
    line: int
    arguments: list[tuple[str, str, int]]


def is_too_long(text: str) -> bool:
    """Tell whether only the beginning of a file is examined."""
    return sum(1 for _token in islice(_TOKENS.of(text), MAXIMUM_TOKENS + 1)) > MAXIMUM_TOKENS


def audit_terraform(text: str, names: Names, directory: str, *, is_hcl: bool) -> tuple[list[Finding], frozenset[str]]:
    """Return what is found in a file of Terraform, and the names of the variables that hold username and password.

    :param text: a configuration or a file of variables, without comments.
    :param names: further names of such variables.
    :param directory: where the file is, which is a module of Terraform.
    :param is_hcl: whether the text is such a file, and does not only have some of one in it.
    """
    findings: list[Finding] = []
    used: set[str] = set()
    lines_of_blocks: set[int] = set()
    for block in _blocks(text):
        lines_of_blocks.add(block.line)
        kind = _KINDS_OF_BLOCKS.get((block.heading[0], block.heading[1])) if len(block.heading) > 1 else None
        if kind is not None:
            _add_credentials(block, kind, findings, used)
        elif (
            block.heading[:1] == ["variable"]
            and len(block.heading) == 2
            and _is_known(block.heading[1], names, directory)
        ):
            findings.extend(_declaration(block, is_by_name=block.heading[1] not in names.terraform))
        elif not block.heading or block.heading[0] in _BLOCKS_OF_VARIABLES:
            findings.extend(
                Finding(line, "terraform_variable", name, _storage(value))
                for name, value, line in block.arguments
                if _is_known(name, names, directory) and storage_of_expression(value) is not None
            )
    for block, kind in _inner_blocks(text, lines_of_blocks, is_hcl=is_hcl):
        _add_credentials(block, kind, findings, used)
    if is_hcl:
        findings.extend(_uses(text, {finding.line for finding in findings}, names, directory))
    return findings, frozenset(of_module(name, directory) for name in used)


def audit_terraform_json(root: Node, names: Names, directory: str) -> tuple[list[Finding], frozenset[str]]:
    """Return what is found in Terraform's JSON syntax; otherwise as :func:`audit_terraform`."""
    findings: list[Finding] = []
    used: set[str] = set()
    for mapping, at in mappings(root):
        for key, value in mapping.entries():
            kind = _KINDS_OF_PROVIDERS.get(at)
            if kind is not None and key.value in ARGUMENTS and isinstance(value, Scalar) and value.value:
                findings.append(Finding(key.line, kind, key.value, storage_of(value.value) or REFERENCE))
                used.update(_VARIABLE.findall(value.value))
            elif at == "variable" and _is_known(key.value, names, directory):
                default = value.text("default") if isinstance(value, Mapping) else ""
                findings.append(Finding(key.line, "terraform_variable", key.value, storage_of(default) or REFERENCE))
            elif (
                mapping is root and _is_known(key.value, names, directory) and isinstance(value, Scalar) and value.value
            ):
                stored_as = storage_of(value.value) or REFERENCE
                findings.append(Finding(key.line, "terraform_variable", key.value, stored_as))
    return findings, frozenset(of_module(name, directory) for name in used)


def is_terraform_json(root: Node) -> bool:
    """Tell whether a tree has the vendor's provider block."""
    provider = root.get("provider") if isinstance(root, Mapping) else None
    candidates = provider.items if isinstance(provider, Sequence) else [provider]
    return any(
        isinstance(candidate, Mapping) and candidate.get(*_KINDS_OF_PROVIDERS) is not None for candidate in candidates
    )


def _uses(text: str, known: set[int], names: Names, directory: str) -> Iterator[Finding]:
    """Yield the lines that use a variable with the username or password and are found in no other way."""
    is_in_output = False
    for number, line in enumerate(text.split("\n"), 1):
        is_in_output = _OUTPUT.match(line) is not None or (is_in_output and not line.startswith("}"))
        if is_in_output or number in known or ("var." not in line and "local." not in line) or _CHECK.match(line):
            continue
        name = next((name for name in _VARIABLE.findall(line) if _is_known(name, names, directory)), None)
        if name is not None:
            yield Finding(number, "terraform_variable", name, REFERENCE)


def _declaration(block: _Block, *, is_by_name: bool) -> Iterator[Finding]:
    """Yield a variable, but for one that only has the name and says that it is about a server."""
    values = {name: value for name, value, _line in block.arguments}
    description = values.get("description", "")
    if not is_by_name or not _OF_SERVER.search(description) or _OF_ACCOUNT.search(description):
        yield Finding(block.line, "terraform_variable", block.heading[1], _storage(values.get("default", "")))


def _add_credentials(block: _Block, kind: str, findings: list[Finding], used: set[str]) -> None:
    for name, value, line in block.arguments:
        if name in ARGUMENTS and storage_of_expression(value) is not None:
            findings.append(Finding(line, kind, name, _storage(value)))
            used.update(_VARIABLE.findall(value))


def _inner_blocks(text: str, known: set[int], *, is_hcl: bool) -> Iterator[tuple[_Block, str]]:
    """Yield the blocks of interest within documents, such as files that Terragrunt writes.

    :param known: the lines of blocks that are no part of anything else.
    """
    line, counted = 1, 0
    for match in islice(PROVIDER_BLOCK.finditer(text), MAXIMUM_INNER_BLOCKS):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        before = text[max(match.start() - MAXIMUM_INNER_BLOCK, 0) : match.start()]
        if line in known or (is_hcl and not _CONTENT_OF_FILE.search(before)):
            continue
        for block in islice(_blocks(text[match.start() : match.start() + MAXIMUM_INNER_BLOCK]), 1):
            kind = _KINDS_OF_BLOCKS.get((block.heading[0], block.heading[1])) if len(block.heading) > 1 else None
            if kind is not None:
                arguments = [(name, value, line + at - 1) for name, value, at in block.arguments]
                yield _Block(block.heading, line, arguments), kind


def of_module(name: str, directory: str) -> str:
    """Return what a variable is known by in all files: one with a general name is one of its own in each module."""
    return f"{directory}/{name}" if name in GENERAL_NAMES else name


def _is_known(name: str, names: Names, directory: str) -> bool:
    """Tell whether a variable holds one of them; one of a module below does so where that is called, too."""
    if is_credential_variable(name) or (name not in GENERAL_NAMES and name in names.terraform):
        return True
    modules = (known.rpartition("/")[0] for known in names.terraform if known.endswith(f"/{name}"))
    return any(f"{module}/".startswith(f"{directory}/") for module in modules)


def _storage(value: str) -> str:
    return storage_of_expression(value) or REFERENCE


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the blocks at the top of a text, and then the text itself as a block without a heading."""
    top = _Block([], 1, [])
    block = top
    depth = 0
    heading: list[_Token] = []
    tokens = _tokens(text)
    for token in tokens:
        if token.text == "{":
            depth += 1
            if depth == 1:
                block = _Block(
                    [part.text.strip('"') for part in heading], heading[0].line if heading else token.line, []
                )
            heading = []
        elif token.text == "}":
            depth = max(depth - 1, 0)
            if depth == 0 and block is not top:
                yield block
                block = top
            heading = []
        elif token.text == "=" and heading and depth <= 1:
            depth += _take_argument(heading[-1], tokens, block)
            heading = []
            if depth == 0 and block is not top:
                yield block
                block = top
        elif token.text == "\n":
            heading = []
        else:
            heading.append(token)
    if block is not top:
        yield block
    yield top


def _take_argument(name: _Token, tokens: Iterator[_Token], block: _Block) -> int:
    """Read a value to the end of its line into the block; return how many braces it leaves open."""
    value: list[str] = []
    level = 0
    for token in tokens:
        if token.text == "\n" or (token.text == "}" and level == 0):
            block.arguments.append((name.text.strip('"'), " ".join(value), name.line))
            return level if token.text == "\n" else -1
        level += {"{": 1, "}": -1}.get(token.text, 0)
        if len(value) < 50:
            value.append(token.text[:1000])
    block.arguments.append((name.text.strip('"'), " ".join(value), name.line))
    return level


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in islice(_TOKENS.of(text), MAXIMUM_TOKENS):
        part = match.group()
        if match.group("space") is None:
            yield _Token(part, line)
        elif "\n" in part:
            yield _Token("\n", line)
        line += part.count("\n")
        if match.group("heredoc"):
            yield _Token("\n", line)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit of one text for Basic Authentication: which format it has, and which rules apply to that."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.calls import audit_calls
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.languages import (
    separate_program,
    without_messages,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.origins import origins
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.settings import (
    audit_discovery,
    audit_named_environment,
    audit_sections,
    audit_settings_in_tree,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.shell import shell_origins
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.variables import (
    audit_elements,
    audit_program_names,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.ansible import (
    audit_ansible,
    audit_commands_in_tree,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.awx import audit_awx
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.clients import (
    audit_client_configuration,
    audit_tools,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.commands import (
    Budget,
    CommandFindings,
    audit_commands,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.comments import (
    HASH,
    HASH_AND_OTHERS,
    Comment,
    separate_hcl,
    separate_lines,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.files import (
    format_of,
    is_profile_file,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import Finding
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.lines import (
    MAXIMUM_LINE,
    audit_addresses,
    audit_blocks,
    audit_environment,
    audit_headers,
    audit_machine_credentials,
    audit_old_profiles,
    audit_terraform_environment,
    audit_tool_options,
    audit_variables,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    NO_NAMES,
    Names,
    VendorHosts,
    is_about_hosting,
    mentions_ionos,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.terraform import (
    PROVIDER_BLOCK,
    audit_terraform,
    audit_terraform_json,
    is_terraform_json,
    is_too_long,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.tree import (
    Tree,
    read_json,
    read_yaml,
)

MAXIMUM_COMMENTS = 2_000

# These say the same as another finding in the same lines, or in those that a command covers.
_PROGRAMS = frozenset({"python", "braces", "hash", "powershell"})
_SENTENCE = re.compile(r"^\s{0,9}[A-Z@][\w'`-]{0,30}(?: [\w'`,./-]{1,40}){4}", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*\[[^\]\n]+\][ \t]*$", re.MULTILINE)
# Names that mail and web hosting go by as well.
_OF_HOSTING_TOO = frozenset(
    {"environment_variable", "environment_use", "ansible_variable", "program_variable", "http_call"}
)
_SUBORDINATE = frozenset({"environment_use", "authorization_header", "url_userinfo"})


@dataclass
class TextAudit:
    """What one text has shown.

    :ivar notes: keys of the notes on what was not examined as it should be.
    :ivar names: what other texts may define.
    """

    findings: list[Finding] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    names: Names = NO_NAMES
    covered: list[range] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)

    def add(self, findings: Iterator[Finding] | list[Finding]) -> None:
        """Add findings."""
        self.findings.extend(findings)

    def add_commands(self, found: CommandFindings) -> None:
        """Add commands."""
        self.findings.extend(found.findings)
        self.covered.extend(found.covered)
        if self.budget.left <= 0:
            self.notes.add("too_complex")

    def learn(self, **names: frozenset[str]) -> None:
        """Add names."""
        self.names = self.names.union(Names(**names))


def audit_text(path: str, text: str, names: Names = NO_NAMES) -> TextAudit:
    """Return what a text shows of Basic Authentication for IONOS Cloud.

    :param path: the file's path, which tells the format along with the content; separated by slashes.
    :param text: its content.
    :param names: what other texts use as username and password.
    """
    if not mentions_ionos(text) and not names.are_in(text) and not is_profile_file(path):
        return TextAudit()
    kind = format_of(path, text)
    code, comments = _separate(text, kind)
    audit = _audit_code(path, code, text, kind, names)
    relevant = [comment for comment in comments if mentions_ionos(comment.text) or names.are_in(comment.text)]
    if len(relevant) > MAXIMUM_COMMENTS:
        audit.notes.add("too_complex")
    for comment in relevant[:MAXIMUM_COMMENTS]:
        audit.add(_audit_comment(path, comment, kind, names))
    audit.findings = _without_repetitions(audit.findings, audit.covered)
    if is_about_hosting(text):
        audit.findings = [finding for finding in audit.findings if finding.kind not in _OF_HOSTING_TOO]
    return audit


def _separate(text: str, kind: str) -> tuple[str, list[Comment]]:
    if kind == "json":
        return text, []
    if kind == "terraform":
        return separate_hcl(text)
    if kind in _PROGRAMS:
        separated = separate_program(text, kind)
        return separated.code, separated.comments
    code, comments = separate_lines(text, HASH if kind == "yaml" else HASH_AND_OTHERS)
    return without_messages(code) if kind == "shell" else code, comments


def _audit_code(path: str, code: str, text: str, kind: str, names: Names) -> TextAudit:
    """Audit what is not commented out.

    :param code: the text without comments, line for line.
    """
    audit = TextAudit()
    hosts = VendorHosts(code)
    lines, is_cut = _lines(code)
    if kind in {"yaml", "json"}:
        _audit_tree(audit, path, text, lines, kind, names, hosts)
    is_structured = kind in {"yaml", "json"} and not audit.notes & {"broken_structure", "too_complex", "yaml_missing"}
    if kind == "terraform" or PROVIDER_BLOCK.search(code):
        findings, used = audit_terraform(code, names, path.rpartition("/")[0], is_hcl=kind == "terraform")
        audit.add(findings)
        audit.learn(terraform=used)
        if is_too_long(code):
            audit.notes.add("too_complex")
    if kind in _PROGRAMS:
        given = list(audit_calls(lines, text, hosts, audit.budget))
        audit.add([each.finding for each in given])
        come_from = origins(lines, given)
        audit.add(come_from.findings)
        audit.learn(environment=frozenset(come_from.environment), settings=frozenset(come_from.settings))
        audit.add(audit_program_names(lines))
        audit.add(audit_elements(lines, {finding.line for finding in audit.findings}))
        audit.add_commands(audit_commands("\n".join(lines), hosts, audit.budget))
    elif not is_structured:
        _audit_unstructured(audit, path, code, text, lines, kind, names, hosts)
    audit.add(audit_terraform_environment(lines, names))
    if kind not in _PROGRAMS:
        audit.add(audit_tool_options(lines))
        audit.add(audit_named_environment(lines, names))
        audit.add(audit_environment(lines, has_expressions=kind == "terraform"))
        audit.add(audit_headers(lines, hosts))
    audit.add(audit_addresses(lines))
    audit.add(audit_machine_credentials(lines))
    audit.add(audit_discovery(lines) if kind in {"text", "terraform"} else [])
    if kind != "json":
        audit.add(audit_old_profiles(lines))
    if is_cut and not is_structured:
        audit.notes.add("long_line")
    return audit


def _audit_tree(
    audit: TextAudit, path: str, text: str, lines: list[str], kind: str, names: Names, hosts: VendorHosts
) -> None:
    tree = _read(text, kind)
    if tree.problem:
        audit.notes.add(tree.problem)
    for document in tree.documents:
        if is_terraform_json(document) or path.endswith((".tf.json", ".tfvars.json")):
            findings, used = audit_terraform_json(document, names, path.rpartition("/")[0])
            audit.add(findings)
            audit.learn(terraform=used)
            continue
        findings, types = audit_awx(document, names)
        audit.add(findings)
        audit.learn(credential_types=types)
        audit.add(audit_tools(document))
        audit.add(audit_settings_in_tree(document, names))
        findings, used = audit_ansible(document, names, hosts)
        audit.add(findings)
        audit.learn(ansible=used)
        audit.add(audit_client_configuration(document, is_profile_file=is_profile_file(path)))
        audit.add_commands(audit_commands_in_tree(document, lines, hosts, audit.budget))


def _read(text: str, kind: str) -> Tree:
    if kind == "yaml":
        return read_yaml(text)
    tree = read_json(text)
    if tree.problem != "broken_structure":
        return tree
    # What begins like JSON may be YAML in flow style.
    other = read_yaml(text)
    return tree if other.problem else other


def _audit_unstructured(
    audit: TextAudit, path: str, code: str, text: str, lines: list[str], kind: str, names: Names, hosts: VendorHosts
) -> None:
    sent = audit_commands("\n".join(lines), hosts, audit.budget)
    audit.add_commands(sent)
    if kind == "terraform":
        return
    if kind == "shell":
        come_from = shell_origins(lines, sent.values)
        audit.add(come_from.findings)
        audit.learn(environment=frozenset(come_from.environment))
    audit.add(audit_blocks(lines, hosts, is_profile_file=is_profile_file(path) or "currentProfile" in code))
    is_inventory = kind == "yaml" or (kind == "text" and _HEADING.search(code) is not None)
    audit.add(audit_variables(lines, names, "ansible_variable" if is_inventory else "program_variable"))
    audit.add(audit_sections(lines, text.split("\n"), names, hosts))


def _audit_comment(path: str, comment: Comment, kind: str, names: Names) -> Iterator[Finding]:
    """Yield what a comment would be without its marks; one of a program that has sentences in it explains the code."""
    if kind in _PROGRAMS and _SENTENCE.search(comment.text):
        return
    found = _audit_code(path, comment.text, comment.text, kind, names)
    for finding in _without_repetitions(found.findings, found.covered):
        yield replace(finding, line=comment.line + finding.line - 1, commented=True)


def _lines(code: str) -> tuple[list[str], bool]:
    lines = code.split("\n")
    return [line[:MAXIMUM_LINE] for line in lines], any(len(line) > MAXIMUM_LINE for line in lines)


def _without_repetitions(findings: list[Finding], covered: list[range]) -> list[Finding]:
    """Return each place once, in the order of lines, under the first kind that it was found as."""
    taken = {(finding.line, finding.commented) for finding in findings if finding.kind not in _SUBORDINATE}
    taken.update((line, False) for lines in covered for line in lines)
    first: dict[tuple[int, str, bool], Finding] = {}
    for finding in findings:
        if finding.kind in _SUBORDINATE and (finding.line, finding.commented) in taken:
            continue
        # One line may hold a whole export of AWX; elsewhere two rules may have found the same.
        name = finding.setting if finding.kind == "awx_credential" else finding.setting.rpartition(": ")[2]
        first.setdefault((finding.line, name, finding.commented), finding)
    return sorted(first.values(), key=lambda finding: finding.line)

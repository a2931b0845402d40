# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that send a username and a password to the vendor's API: curl, wget, HTTPie and ionosctl."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    UNKNOWN,
    Finding,
    storage_of,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import VendorHosts

# Characters that are looked at in one command, and in all commands of a file.
MAXIMUM_COMMAND = 10_000
MAXIMUM_COMMANDS = 1_000_000

COMMAND = re.compile(r"(?<![\w.-])(?:[\w./~-]{0,200}/)?(?P<name>curl|wget|https?|xh|ionosctl)(?=[ \t]|\\\n)")
_WORD = re.compile(
    r"(?:[ \t\r]|\\\r?\n)+|(?P<end>[;|&()`\n])|(?P<redirect>[<>])|"
    r"(?P<word>(?:\{\{[^{}\n]*\}\}|\"(?:[^\"\\]|\\.)*\"|'[^']*'|\$\([^()\n]*\)|\\.|[^\s\"';|&()<>`\\]|[\"'])+)",
    re.DOTALL,
)
_BASIC_HEADER = re.compile(r"Authorization\W{1,20}Basic\b", re.IGNORECASE)
# Only letters that take no value of their own may stand before it.
_CURL_USER = re.compile(r"-[0-6aBfgGiIjJkLlnNOpqRsSvVZ#]*u(?P<value>.*)", re.DOTALL)
_CURL_NETRC = re.compile(r"-[0-6aBfgGiIjJkLlNOpqRsSvVZ#]*n[0-6aBfgGiIjJkLlnNOpqRsSvVZ#]*")
_LONG_OPTIONS = {
    "curl": frozenset({"--user", "--basic", "--anyauth", "--netrc", "--netrc-file", "--netrc-optional"}),
    "wget": frozenset(
        {"--user", "--password", "--http-user", "--http-password", "--http-passwd", "--auth-no-challenge"}
    ),
    "http": frozenset({"--auth", "-a"}),
    "ionosctl": frozenset({"--user", "--password", "-p"}),
}
_HTTPIE = ("http", "https", "xh")


@dataclass(frozen=True)
class Command:
    """A command as it stands in a text.

    :ivar line: from 1 on; ``last_line`` is where it ends.
    :ivar ordinal: how many command words stand before it in the text.
    """

    name: str
    words: list[str]
    line: int
    last_line: int
    ordinal: int


class Budget:
    """The characters that may still be looked at in commands, which may stand within each other."""

    def __init__(self, characters: int = MAXIMUM_COMMANDS) -> None:
        self.left = characters


@dataclass
class CommandFindings:
    """What was found, the lines that those commands cover, and the words that have username and password in them."""

    findings: list[Finding] = field(default_factory=list)
    covered: list[range] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def add(self, finding: Finding, lines: int, value: str) -> None:
        """Add a command that covers a number of lines."""
        self.findings.append(finding)
        self.values.append(value)
        self.covered.append(range(finding.line, finding.line + lines))


def audit_commands(text: str, hosts: VendorHosts, budget: Budget) -> CommandFindings:
    """Return the commands in a text that authenticate with username and password.

    :param text: a script, or any text that has commands in it, without comments.
    """
    found = CommandFindings()
    for command in commands(text, budget):
        audited = audit_command(command, hosts)
        if audited is not None:
            found.add(audited[0], command.last_line - command.line + 1, audited[1])
    return found


def audit_command(command: Command, hosts: VendorHosts) -> tuple[Finding, str] | None:
    """Return what is found in a command and the word that has the credentials in it, or None."""
    name = "http" if command.name in _HTTPIE else command.name
    if name == "ionosctl":
        if "login" not in command.words[:3]:
            return None
    elif not any(map(hosts.are_in, command.words)):
        return None
    found = _credential(name, command.words)
    if found is None:
        return None
    option, value = found
    kind = "ionosctl_login" if name == "ionosctl" else "http_command"
    subject = "ionosctl login" if name == "ionosctl" else command.name
    return Finding(command.line, kind, f"{subject} {option}", storage_of(value) or UNKNOWN), value


def commands(text: str, budget: Budget) -> Iterator[Command]:
    """Yield the commands in a text, those within quotes and substitutions too, until the budget is used up."""
    line, counted = 1, 0
    for ordinal, match in enumerate(COMMAND.finditer(text)):
        if budget.left <= 0:
            return
        line += text.count("\n", counted, match.start())
        counted = match.start()
        words, end = _words(text, match.end())
        budget.left -= end - match.start()
        yield Command(match.group("name"), words, line, line + text.count("\n", counted, end), ordinal)


def _words(text: str, start: int) -> tuple[list[str], int]:
    """Return the words that follow a command word, without quotes, and where they end."""
    words: list[str] = []
    position = start
    while position < len(text) and position - start < MAXIMUM_COMMAND:
        match = _WORD.match(text, position, start + MAXIMUM_COMMAND)
        if match is None or match.group("end"):
            break
        position = match.end()
        if match.group("word"):
            words.append(match.group("word").replace('"', "").replace("'", ""))
    return words, position


def _credential(name: str, words: list[str]) -> tuple[str, str] | None:
    """Return the option that gives username and password, and its value; the value is only looked at."""
    if name == "http" and "bearer" in {word.lower().rpartition("=")[2] for word in words}:
        return None
    for word, following in zip(words, [*words[1:], ""]):
        option, _equals, value = word.partition("=")
        if option in _LONG_OPTIONS[name]:
            return option, value or following
        if _BASIC_HEADER.search(word):
            return "Authorization: Basic", word
        short = _short_option(name, word)
        if short is not None:
            return short[0], short[1] or following
    return None


def _short_option(name: str, word: str) -> tuple[str, str] | None:
    if name == "http" and word.startswith("-a") and len(word) > 2:
        return "--auth", word[2:]
    if name != "curl":
        return None
    user = _CURL_USER.fullmatch(word)
    if user is not None:
        return "--user", user.group("value")
    return ("--netrc", "") if _CURL_NETRC.fullmatch(word) else None

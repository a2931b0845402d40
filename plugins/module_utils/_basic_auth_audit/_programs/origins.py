# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the username and password come from that a program gives away: literals, prompts, options, and other files.

Variables are followed by their names, from a use up to the assignments that it can see in the same file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.arguments import arguments_at
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.calls import Given
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.expressions import (
    storage_of_expression,
    value_at,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.references import (
    RECEIVER,
    references,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.scopes import scopes_of
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    PLAIN,
    REFERENCE,
    Finding,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import is_environment_variable

MAXIMUM_VISITS = 200
MAXIMUM_VALUE = 400
MAXIMUM_LINE = 2_000

_WORD = re.compile(r"\w+")
_ASSIGNMENT = re.compile(
    rf"(?<![\w.>:$@-])(?P<name>(?:{RECEIVER}|\$)?[A-Za-z_]\w{{0,60}})"
    r"(?:\s?:\s?[A-Za-z][\w.\[\], |?]{0,40}|\s?,\s?(?:err|ok|_)\b)?\s{0,20}(?::=|=(?![=~>]))",
)
_SEVERAL = re.compile(r"\s*(?:const|let|var)?\s?[(\[{]?(?P<names>\w{1,40}(?:\s?,\s?\w{1,40}){1,4})[)\]}]?\s?:?=(?!=)")
_ARGUMENT = re.compile(
    r"(?<![\w.])\$?(?:\w{0,20}arg\w{0,10}|opts?|options|params|flags|ns|cli|program|argv)(?:\.|->|\[:?[\"']?)(?P<name>\w{1,40})"
)
_MEMBER_NAME = re.compile(r"(?<=\w\.)([A-Z]\w{1,40})(?![\w(.])")
_FIELD = re.compile(
    r"\s*(?P<name>[A-Z]\w{1,40})\s+[\w.*\[\]]{1,60}\s+`[^`\n]{0,200}\b(?:yaml|mapstructure|env|toml|hcl|json):\""
)
_DRESSING = re.compile(r"\.(?:(?:en|de)code|strip|trim|lower|to_?s|toString)\w{0,8}\([^()\n]{0,40}\)")
_PROMPT = re.compile(
    r"(?<![\w.])(?:raw_)?input\(|getpass|prompt|readline|read_?password|\bask\(|\bgets\b|Read-Host|Get-Credential|Scanln"
    r"|flag\.String|sys\.argv|\bARGV\b|os\.Args|process\.argv|\$argv|keyring|Import-Clixml|ConvertTo-SecureString",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(
    r"(?:get_?env\(|lookup_?env\(|environ(?:\.get)?[(\[]|\bENV(?:\.fetch)?[(\[]|\benv\(|process\.env[.\[]|_ENV\[|\$env:"
    r"|GetEnvironmentVariable\()\s?[\"']?(?P<name>[A-Za-z_]\w{3,60})",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"(?:\.get\w{0,10}\(|[\[(])\s?:?[\"']?(?P<section>[A-Za-z][\w-]{0,40})[\"']?\s?(?:,|\]\[|\)\.get\(|\]\.fetch\()"
    r"\s?:?[\"'](?P<option>[A-Za-z][\w-]{0,40})[\"']"
)
_KEY = re.compile(
    r"[\[(]\s?:?[\"'](?P<name>[\w.-]{0,40}(?:user\w{0,6}|login|email|pass\w{0,8}|pwd))[\"']|[\[(]:(?P<symbol>(?:\w{1,20}_)?(?:user\w{0,6}|pass\w{0,8}))",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"\s*(?:export\s+|async\s+|default\s+|public\s+|private\s+|protected\s+|static\s+)*(?:def|func|function|fn|sub)\s+"
    r"(?:\([^)]{0,60}\)\s*)?(?P<name>\w{1,60})\s*\(?(?P<parameters>[^)\n]{0,300})",
    re.IGNORECASE,
)
_CLASS = re.compile(r"\s*(?:\w+\s+){0,3}class\s+(?P<name>\w{1,60})")
_CONSTRUCTORS = frozenset({"__init__", "__construct", "initialize", "constructor"})
_PARAMETER = re.compile(r"\$?[A-Za-z_]\w{0,60}")
_KEYWORD = re.compile(r"\s*\w+\s?=(?!=)")
_RETURN = re.compile(r"\s*return\s+")
_CALLED = re.compile(r"(?<![\w.>:])([A-Za-z_]\w{0,60})\(")
_MEMBER = re.compile(RECEIVER)
_OPTION = re.compile(r"\b(?:add_argument|option|flag\.\w{1,20}|StringVarP?|Option|arg)\b")
_NAME_OF_OPTION = re.compile(r"[\"']-{0,2}(?P<name>[A-Za-z][\w-]{0,40})[\"']")
# Other programs and the system have these names for things of their own.
OF_EVERYBODY = frozenset({"USER", "USERNAME", "PASSWORD", "PASS", "LOGIN", "EMAIL", "LOGNAME", "USER_NAME"})


@dataclass
class Origins:
    """Where values come from.

    :ivar environment: names of environment variables other than those of the vendor's tools.
    :ivar settings: a section and an option of a configuration file, with a point between them.
    """

    findings: list[Finding] = field(default_factory=list)
    environment: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)


def origins(lines: list[str], given: list[Given]) -> Origins:
    """Return where the usernames and passwords come from that a program gives away.

    :param lines: its code without comments.
    """
    found = Origins()
    if not given:
        return found
    code = _Code(lines)
    todo = [_Value(each.value[:MAXIMUM_VALUE], each.finding.line, "") for each in given]
    seen: set[tuple[int, str]] = {(value.line, value.text) for value in todo}
    while todo and len(seen) < MAXIMUM_VISITS:
        value = todo.pop()
        _learn(value.text, found)
        found.findings.extend(code.options_named(_ARGUMENT.findall(value.text), value.line))
        found.findings.extend(code.fields_named(_MEMBER_NAME.findall(value.text)))
        stored_as = _storage_of_origin(value.text)
        if stored_as is not None:
            if value.name:
                found.findings.append(Finding(value.line, "program_variable", value.name, stored_as))
            continue
        for behind in code.behind(value):
            if (behind.line, behind.text) not in seen:
                seen.add((behind.line, behind.text))
                todo.append(behind)
    return found


class _Value(NamedTuple):
    """An expression, its line, and the name that it is given, which is empty for what an SDK or a request is given."""

    text: str
    line: int
    name: str


class _Code:
    """The assignments and functions of a program."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._scopes = scopes_of(lines)
        self._assigned: dict[str, list[_Value]] = {}
        self._options: dict[str, int] = {}
        self._fields: dict[str, int] = {}
        self._returned: dict[int, list[_Value]] = {}
        self._functions: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            self._read(number, line[:MAXIMUM_LINE])

    def behind(self, value: _Value) -> Iterator[_Value]:
        """Yield the values that the variables and functions in an expression stand for."""
        for name in sorted(references(value.text)):
            yield from (each for each in self._assigned.get(name, ()) if self._sees(value.line, each.line, name))
            yield from self._given_as_parameter(name, value.line)
        for name in _CALLED.findall(value.text):
            if name in self._functions:
                yield from self._returned.get(self._functions[name], ())

    def options_named(self, names: list[str], line: int) -> Iterator[Finding]:
        """Yield the declarations of a program's options."""
        for name in names:
            at = self._options.get(name)
            if at is not None and at != line and _is_of_credentials(name):
                yield Finding(at, "program_variable", name, REFERENCE)

    def fields_named(self, names: list[str]) -> Iterator[Finding]:
        """Yield the declarations of fields that are filled from settings."""
        for name in names:
            at = self._fields.get(name)
            if at is not None and _is_of_credentials(name):
                yield Finding(at, "program_variable", name, REFERENCE)

    def _read(self, number: int, line: str) -> None:
        tagged = _FIELD.match(line)
        if tagged is not None:
            self._fields.setdefault(tagged.group("name"), number)
        function = _FUNCTION.match(line)
        if function is not None:
            self._functions.setdefault(function.group("name"), number)
        returned = _RETURN.match(line)
        if returned is not None:
            value = _Value(value_at(line, returned.end())[:MAXIMUM_VALUE], number, "return")
            self._returned.setdefault(self._scopes[number - 1], []).append(value)
        for match in _ASSIGNMENT.finditer(line) if "=" in line else ():
            name = match.group("name")
            value = _Value(value_at(line, match.end())[:MAXIMUM_VALUE], number, _WORD.findall(name)[-1])
            self._assigned.setdefault(name, []).append(value)
        several = _SEVERAL.match(line)
        if several is not None:
            for name in map(str.strip, several.group("names").split(",")):
                value = _Value(value_at(line, several.end())[:MAXIMUM_VALUE], number, name)
                self._assigned.setdefault(name, []).append(value)
        for match in _NAME_OF_OPTION.finditer(line) if _OPTION.search(line) else ():
            self._options.setdefault(match.group("name").replace("-", "_"), number)

    def _given_as_parameter(self, name: str, line: int) -> Iterator[_Value]:
        """Yield what the function around a line is given for one of its parameters."""
        scope = self._scopes[line - 1]
        function = _FUNCTION.match(self._lines[scope - 1]) if scope else None
        if function is None:
            return
        parameters = [part.strip(" *&") for part in function.group("parameters").split(",")]
        names = [match.group() for match in map(_PARAMETER.match, parameters) if match is not None]
        names = names[1:] if names[:1] == ["self"] else names
        if name not in names:
            return
        called = self._name_of_class(scope) if function.group("name") in _CONSTRUCTORS else function.group("name")
        for number, text in enumerate(self._lines, 1):
            if called and f"{called}(" in text and number != scope:
                yield from _argument_of_call(text, number, called, name, names.index(name))

    def _name_of_class(self, scope: int) -> str:
        around = self._scopes[scope - 1]
        match = _CLASS.match(self._lines[around - 1]) if around else None
        return match.group("name") if match else ""

    def _sees(self, line: int, at: int, name: str) -> bool:
        if _MEMBER.match(name):
            return True
        scope = self._scopes[at - 1]
        return at <= line and (scope == 0 or scope in self._scopes_around(line))

    def _scopes_around(self, line: int) -> set[int]:
        around: set[int] = set()
        scope = self._scopes[line - 1]
        while scope and scope not in around:
            around.add(scope)
            scope = self._scopes[scope - 1]
        return around


def _argument_of_call(line: str, number: int, called: str, name: str, index: int) -> Iterator[_Value]:
    """Yield the argument of a call in a line, by the parameter's name or else by its place."""
    match = re.search(rf"(?<!\w){re.escape(called)}\(", line)
    if match is None:
        return
    arguments = [argument.text for argument in arguments_at(line, match.end())[0]]
    for argument in arguments:
        option, equals, value = argument.partition("=")
        if equals and option.strip() == name:
            yield _Value(value[:MAXIMUM_VALUE], number, name)
            return
    if index < len(arguments) and not _KEYWORD.match(arguments[index]):
        yield _Value(arguments[index][:MAXIMUM_VALUE], number, name)


def _learn(value: str, found: Origins) -> None:
    for match in _ENVIRONMENT.finditer(value):
        name = match.group("name")
        if name not in OF_EVERYBODY and not is_environment_variable(name):
            found.environment.add(name)
    for match in _SETTING.finditer(value):
        if _is_of_credentials(match.group("option")):
            found.settings.add(f"{match.group('section')}.{match.group('option')}")


def _is_of_credentials(option: str) -> bool:
    return re.search(r"user|login|mail|pass|pwd", option, re.IGNORECASE) is not None


def _storage_of_origin(value: str) -> str | None:
    """Return how a value stands if it comes from outside the program or stands there itself, or None.

    What the vendor's own environment variables are used for is found without this.
    """
    bare = _DRESSING.sub("", value)
    read = _ENVIRONMENT.search(bare)
    if read is not None and is_environment_variable(read.group("name")):
        return None
    stored_as = storage_of_expression(bare)
    if read or _PROMPT.search(bare) or _SETTING.search(bare) or _KEY.search(bare):
        return stored_as or REFERENCE
    return PLAIN if stored_as == PLAIN else None

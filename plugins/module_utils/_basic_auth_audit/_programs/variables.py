# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names under which programs keep the username and password, and read them from the environment."""

from __future__ import annotations

import re
from itertools import islice
from typing import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.expressions import (
    storage_of_expression,
    value_at,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    PLAIN,
    REFERENCE,
    Finding,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    ENVIRONMENT_PREFIX,
    ENVIRONMENT_VARIABLE,
    kind_of_environment_variable,
)

_VENDOR = re.compile(r"ionos|profitbricks", re.IGNORECASE)
_USED = re.compile(
    rf"[\"'`]\$?\{{?(?P<quoted>{ENVIRONMENT_VARIABLE})\}}?[\"'`](?P<after>.{{0,4}})|\.(?P<attribute>{ENVIRONMENT_VARIABLE})\b"
    rf"|(?:\$\{{|ENV\{{|%)(?P<braced>{ENVIRONMENT_VARIABLE})\b"
)
_SET_BY_CALL = re.compile(
    r"(?:set_?env|put_?env|set_?environment_?variable)\w{0,10}\(\s{0,9}(?:\w{1,10},\s?)?$", re.IGNORECASE
)
_SET_IN_TEXT = re.compile(rf"[\"'`](?P<name>{ENVIRONMENT_VARIABLE})=(?P<value>[^\"'`\n]{{0,200}})[\"'`]?")
_OF_POWERSHELL = re.compile(rf"\$env:(?P<name>{ENVIRONMENT_VARIABLE})\b(?P<set>\s{{0,20}}=(?!=))?", re.IGNORECASE)
_VARIABLE = re.compile(
    r"(?<![\w-])(?<!\$\{)(?<!env:)(?P<quote>[\"']?)(?P<name>(?:[a-z]\w{0,20}_)?(?:ionos(?:_?cloud)?|profitbricks)_?"
    r"(?:api_?|cloud_?|dcd_?|account_?|login_?)?(?:user(?:_?name)?|email|login|password|passwd|pass|pwd?))"
    r"(?P<end>[\"']?)\]?(?:\s?,\s?(?:err|ok|_)\b)?\s{0,20}(?P<mark>:=|=>|=(?![=~])|:(?![:=]))",
    re.IGNORECASE,
)
_SHORT_VARIABLE = re.compile(
    r"(?<![\w.-])(?P<name>pb_(?:api_)?(?:user(?:_?name)?|password|passwd|pass|pwd)|subscription_(?:user|password))"
    r"\s{0,20}(?:=(?!=)|:(?!:))",
    re.IGNORECASE,
)
# A field of Go that settings fill.
_FIELD = re.compile(
    r"\s*(?P<name>(?:PB|Ionos(?:[Cc]loud)?|Profit[Bb]ricks)_?(?:User(?:[Nn]ame)?|Login|Password|Pass))\s{1,20}\*?string\s{1,20}`"
)
_ELEMENT = re.compile(
    r"\[\s?:?[\"']?(?P<name>(?:ionos(?:_?cloud)?|profitbricks)_(?:user_?name|user|login|password|passwd|pass|pwd?))[\"']?\s?\]"
    r"(?!\s{0,9}=(?![=~]))"
)
_CREDENTIAL_OBJECT = re.compile(
    r"\bPSCredential\s{1,9}(?P<name>\w{1,40})\s{0,9}\{\s{0,9}get\b|PSCredential\]\s{0,9}\$(?P<parameter>\w{1,40})"
)
_SETTING = re.compile(r"\s?(?::(?!:)|=>|\]\s?=(?!=))")
_IS_ENVIRONMENT = re.compile(ENVIRONMENT_VARIABLE).fullmatch
_MESSAGE = re.compile(
    r"Errorf?\(|errors\.New|Exception\(|\b(?:raise|throw)\b"
    r"|\b(?:print\w{0,3}|puts|echo|fail|fatalf?|skipf?|panic|warn\w{0,5}|abort)\b\s?[( ]"
    r"|\b(?:log\w{0,5}|console)\.\w+\(",
    re.IGNORECASE,
)
_READ = re.compile(r"getenv|environ\b|lookupenv|process\.env|ENV\W|env\(", re.IGNORECASE)
_READING_CALL = re.compile(r"(?:getenv|environ\.get|env|fetch|get)\(\s{0,9}$", re.IGNORECASE)
# A constant that has the name of a variable of the environment is named alike.
_READ_BY_NAME = re.compile(
    r"(?:(?:getenv|lookupenv|environ\.get|environ|env|GetString)[(\[]\s?(?:[A-Za-z_]\w{0,60}\.){0,3}[\"']?|process\.env\.)"
    r"(?P<name>(?:env_?(?:var_?)?)?(?:ionos(?:_?cloud|_?enterprise)?|profitbricks)_?(?:api_?|cloud_?|dcd_?|account_?)?"
    r"(?:user_?name|user|email|login|password|passwd|pass|pwd?)(?:_?env\w{0,10})?)(?!\w)",
    re.IGNORECASE,
)
_OPTION_OF_PROGRAM = re.compile(
    r"[Oo]ption|\brequires\b|\brecognizes\b|flag|Flag|add_argument|StringVar|StringP|\barg\b|Var\("
)
_COMMAND_LINE_OPTION = re.compile(
    r"(?:[\"'](?:--)?|\b(?:option|requires|recognizes)\s{1,9}:)"
    r"(?P<name>(?:ionos(?:[-_]?cloud)?|profitbricks)[-_](?:user(?:name)?|password))(?:[\"']|,|\s{0,9}$)"
)
_NAMED_FLAG = re.compile(r"\bName:\s{1,20}\"(?P<name>(?:ionos|ionoscloud|profitbricks)-(?:username|password))\"")
# The help says whose account it is.
_EXPLAINED_OPTION = re.compile(
    r"[\"'](?:--?)?(?P<name>(?:api[-_])?(?:user(?:[-_]?name)?|login|password|passwd|pass))[\"'](?=[^\n]{0,200}(?:ionos|profitbricks))",
    re.IGNORECASE,
)
SCHEMA_DISTANCE = 5
BUILDER_DISTANCE = 8
MAXIMUM_BUILDERS = 100
_TYPE_OF_BUILDER = re.compile(r"\"type\"\s{0,20}:\s{0,20}\"(?P<type>ionoscloud|profitbricks)\"")
_MEMBER = re.compile(r"\s*\"[\w-]{1,60}\"\s{0,20}:[^{}]*$")
_OPTION_OF_BUILDER = re.compile(r"\s*\"(?P<name>(?:pb)?(?:username|password))\"\s{0,20}:")
MAXIMUM_MESSAGE = 300
_OPTION_OF_SCHEMA = re.compile(r"\s*[\"'](?P<name>username|password)[\"']\s?:\s?[&\w.]{0,40}\{\s*$")
_READ_OF_SCHEMA = re.compile(r"[:=]\s{0,20}\w{1,20}\.Get\(\"(?P<name>username|password)\"\)")
_ENVIRONMENT_NAME = re.compile(ENVIRONMENT_VARIABLE)
# Terraform's resources for users of an account.
_RESOURCES = frozenset({"ionoscloud_user", "profitbricks_user"})
_ANNOTATION = re.compile(r"\s{0,9}[\w.\[\], |?]{1,60}=(?!=)")


def audit_program_names(lines: list[str]) -> Iterator[Finding]:
    """Yield the variables and options of a program that hold username or password, and its use of the environment.

    :param lines: its code without comments.
    """
    is_of_old_tools = any("profitbricks" in line.lower() or "pb.api" in line for line in lines)
    yield from _schema(lines)
    yield from _builders(lines)
    for number, line in enumerate(lines, 1):
        if is_of_old_tools or _VENDOR.search(line):
            yield from _variables(number, line, is_of_old_tools)
            yield from _environment(number, line)


def audit_elements(lines: list[str], known: set[int]) -> Iterator[Finding]:
    """Yield the lines that read a username or password from a collection under a name of theirs.

    :param known: lines in which something is found already.
    """
    for number, line in enumerate(lines, 1):
        for match in _ELEMENT.finditer(line) if "[" in line and number not in known else ():
            if match.group("name") not in _RESOURCES:
                yield Finding(number, "program_variable", match.group("name"), REFERENCE)


def _schema(lines: list[str]) -> Iterator[Finding]:
    """Yield the options that default to the environment of the vendor's tools, and where they are read."""
    declared = [
        number
        for number, line in enumerate(lines, 1)
        if _OPTION_OF_SCHEMA.match(line)
        and any(map(_ENVIRONMENT_NAME.search, lines[number : number + SCHEMA_DISTANCE]))
    ]
    for number, line in enumerate(lines, 1) if declared else ():
        match = _OPTION_OF_SCHEMA.match(line) if number in declared else _READ_OF_SCHEMA.search(line)
        if match is not None:
            yield Finding(number, "program_variable", match.group("name"), REFERENCE)


def _builders(lines: list[str]) -> Iterator[Finding]:
    """Yield the credentials of templates of Packer in a program, around the type of the vendor's builder."""
    types = ((number, _TYPE_OF_BUILDER.search(line)) for number, line in enumerate(lines) if '"type"' in line)
    for number, match in islice(((number, match) for number, match in types if match is not None), MAXIMUM_BUILDERS):
        kind = "packer_source" if match.group("type") == "ionoscloud" else "legacy_tool"
        for place in [*_members(lines, number, -1), *_members(lines, number, 1)]:
            option = _OPTION_OF_BUILDER.match(lines[place])
            stored_as = storage_of_expression(value_at(lines[place], option.end())) if option is not None else None
            if option is not None and stored_as is not None:
                yield Finding(place + 1, kind, option.group("name"), stored_as)


def _members(lines: list[str], number: int, step: int) -> Iterator[int]:
    """Yield the lines beside one, upwards or downwards, that are members of the same object."""
    place = number + step
    while 0 <= place < len(lines) and abs(place - number) <= BUILDER_DISTANCE and _MEMBER.match(lines[place]):
        yield place
        place += step


def _variables(number: int, line: str, is_of_old_tools: bool) -> Iterator[Finding]:
    for match in _VARIABLE.finditer(line):
        is_key = bool(match.group("quote"))
        is_symbol = line[max(match.start() - 1, 0) : match.start()] == ":"
        # An arrow leads from the key of a hash to its value, and from the parameter of a function to its body.
        if (is_key and not match.group("end")) or (match.group("mark") == "=>" and not (is_key or is_symbol)):
            continue
        if _is_said(line, match.start()):
            continue
        start = match.end()
        annotation = _ANNOTATION.match(line, start) if match.group("mark") == ":" and not is_key else None
        value = value_at(line, annotation.end() if annotation else start)
        # An object is something else of that name, such as Terraform's resource for a user.
        is_resource = is_key and match.group("name") in _RESOURCES and not value.lstrip().startswith(('"', "'"))
        is_other = (
            is_resource
            or _is_class_of(value.strip(), match.group("name"))
            or value.lstrip().startswith("{")
            or _IS_ENVIRONMENT(value.strip("\"'` "))
        )
        stored_as = None if is_other else storage_of_expression(value)
        after = line[start + len(value) : start + len(value) + 1]
        is_handed_on = match.group("mark") == "=" and stored_as == REFERENCE and after in (",", ")")
        if stored_as is not None and not is_handed_on and not (is_key and _IS_ENVIRONMENT(match.group("name"))):
            yield Finding(number, "program_variable", match.group("name"), stored_as)
    option = None
    if _OPTION_OF_PROGRAM.search(line):
        option = _COMMAND_LINE_OPTION.search(line) or _EXPLAINED_OPTION.search(line)
    option = option or _NAMED_FLAG.search(line)
    if option is not None and not _VARIABLE.search(line):
        yield Finding(number, "program_variable", option.group("name"), REFERENCE)
    yield from _declared(number, line, is_of_old_tools)
    for match in _SHORT_VARIABLE.finditer(line) if is_of_old_tools else ():
        value = value_at(line, match.end())
        stored_as = storage_of_expression(value)
        is_handed_on = value.strip() == match.group("name") and line[match.end() + len(value) :][:1] in (",", ")")
        if stored_as is not None and not is_handed_on:
            yield Finding(number, "program_variable", match.group("name"), stored_as)


def _declared(number: int, line: str, is_of_old_tools: bool) -> Iterator[Finding]:
    """Yield what a program declares for others to fill: a field that settings fill, and a pair of both."""
    field = _FIELD.match(line)
    if field is not None:
        yield Finding(number, "program_variable", field.group("name"), REFERENCE)
    for match in _CREDENTIAL_OBJECT.finditer(line) if is_of_old_tools else ():
        yield Finding(number, "program_variable", match.group("name") or match.group("parameter"), REFERENCE)


def _is_said(line: str, position: int) -> bool:
    """Tell whether a place is in a text of one line that goes to somebody who reads it."""
    message = _MESSAGE.search(line, max(position - MAXIMUM_MESSAGE, 0), position)
    return message is not None and any(line.count(quote, message.end(), position) % 2 for quote in "\"'`")


def _is_class_of(value: str, name: str) -> bool:
    """Tell whether a name is given a class that is named alike, which is a type and no text."""
    return value[:1].isupper() and value.isalnum() and value.lower() == name.replace("_", "").lower()


def _environment(number: int, line: str) -> Iterator[Finding]:
    for match in _READ_BY_NAME.finditer(line):
        if not _IS_ENVIRONMENT(match.group("name")) or line[match.start("name") - 1] not in "\"'.":
            yield Finding(number, "environment_use", match.group("name"), REFERENCE)
    if not ENVIRONMENT_PREFIX.search(line):
        return
    yield from _of_powershell(number, line)
    for match in _SET_IN_TEXT.finditer(line):
        yield _variable_set(
            number, match.group("name"), storage_of_expression(f'"{match.group("value")}"') or REFERENCE
        )
    message = _MESSAGE.search(line) if _READ.search(line) is None else None
    for match in _USED.finditer(line):
        name = match.group("quoted") or match.group("attribute") or match.group("braced")
        setting = _SETTING.match(match.group("after") or "")
        is_set_by_call = _SET_BY_CALL.search(line, max(match.start() - 60, 0), match.start())
        if is_set_by_call or (setting is not None and match.group("quoted")):
            start = match.start("after") + (setting.end() if setting else 1)
            stored_as = storage_of_expression(value_at(line, start).lstrip(","))
            if stored_as is not None:
                yield _variable_set(number, name, stored_as)
        elif not (match.group("quoted") and message is not None and message.start() < match.start()):
            is_got = match.group("quoted") and _READING_CALL.search(line, max(match.start() - 60, 0), match.start())
            default = value_at(line, match.start("after") + 1) if is_got and match.group("after")[:1] == "," else ""
            is_plain = storage_of_expression(default) == PLAIN
            yield Finding(number, "environment_use", name, PLAIN if is_plain else REFERENCE)


def _of_powershell(number: int, line: str) -> Iterator[Finding]:
    for match in _OF_POWERSHELL.finditer(line):
        if not match.group("set"):
            yield Finding(number, "environment_use", match.group("name"), REFERENCE)
            continue
        stored_as = storage_of_expression(value_at(line, match.end()))
        if stored_as is not None:
            yield _variable_set(number, match.group("name"), stored_as)


def _variable_set(number: int, name: str, stored_as: str) -> Finding:
    return Finding(number, kind_of_environment_variable(name), name, stored_as)

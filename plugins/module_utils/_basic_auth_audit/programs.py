# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs give to SDKs, send in requests, read from the environment and keep in variables."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Iterator, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.commands import Budget
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.expressions import storage_of_expression
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    PLAIN,
    REFERENCE,
    Finding,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    ENVIRONMENT_PREFIX,
    ENVIRONMENT_VARIABLE,
    VendorHosts,
    addresses_any_host,
    kind_of_environment_variable,
)

MAXIMUM_CALL = 4_000
MAXIMUM_ARGUMENTS = 40
MAXIMUM_VALUE = 500

_SDK = re.compile(r"ionos[-_.]?cloud|ionos[-_.]?enterprise|profit_?bricks", re.IGNORECASE)
_VENDOR = re.compile(r"ionos|profitbricks", re.IGNORECASE)
_DEFINITION = re.compile(
    r"\s*(?:export\s+|async\s+|public\s+|private\s+|static\s+)*(?:func|def|class|function|fn)\b"
    r"|\s*(?:public|private|protected|internal|static|void)\s[\w<>\[\]., ?]{0,80}$"
)

# Calls by their names: an SDK's, and those that put username and password into any request.
_SDK_CALLS = (
    "NewConfiguration|Configuration|ProfitBricksService|IonoscloudProvider|IonosCloudProvider|setauth|set_?auth"
)
_SDK_CALLS += "|SetAuth|setCredentials|SdkCredentials|ionoscloud\\.Provider|profitbricks\\.NewClient"
_HTTP_CALLS = "HTTPBasicAuth|HttpBasicAuth|BasicAuth|SetBasicAuth|basic_auth|basicAuth|NetworkCredential"
_CALL = re.compile(
    rf"(?<!\w)(?P<name>{_SDK_CALLS}|{_HTTP_CALLS})(?:\(|\s?\{{)"
    r"|(?<!\w)(?P<auth>auth)(?:\s?=\s?\(|[\"']?\s?:\s?\{|\s?=\s?\{)"
)
_IS_HTTP_CALL = re.compile(_HTTP_CALLS)
_OPTION = re.compile(
    r"\s*[\"']?:?(?P<name>user_?name|user|password|passwd|pass)[\"']?(?:\s*(?:=>|=(?!=)|:)(?P<value>.*)|\s*$)",
    re.IGNORECASE | re.DOTALL,
)
_CURL_OPTION = re.compile(r"(?<!\w)(?:CURLOPT_)?USERPWD\b[\"']?\s{0,20}(?:,|=>|=)")
_OLD_DRIVER = re.compile(r"(?<!\w)Provider\.PROFIT_BRICKS\b")
_PART = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*(?:\"|\\?(?=\n|\Z))|'(?:[^'\\\n]|\\.)*(?:'|\\?(?=\n|\Z))|`[^`]*(?:`|\Z)|[()\[\]{},;]|[^\"'`()\[\]{},;]+",
    re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}

# An attribute or a setter of the configuration of an SDK.
_ATTRIBUTE = re.compile(
    r"(?<!\w)\w{0,40}(?:conf|cfg|client|ionos)\w{0,40}"
    r"(?:\.|->|::)(?P<name>user_?name|password)\s{0,20}=(?!=)"
    r"|(?<!\w)\w{0,40}(?:conf|cfg|client|auth)\w{0,40}(?:\(\))?\.(?P<setter>set_?user_?name|set_?password)\(",
    re.IGNORECASE,
)
_USED = re.compile(
    rf"[\"'`]\$?\{{?(?P<quoted>{ENVIRONMENT_VARIABLE})\}}?[\"'`](?P<after>.{{0,4}})|\.(?P<attribute>{ENVIRONMENT_VARIABLE})\b"
    rf"|(?:\$\{{|ENV\{{|%)(?P<braced>{ENVIRONMENT_VARIABLE})\b"
)
_SET_BY_CALL = re.compile(
    r"(?:set_?env|put_?env|set_?environment_?variable)\w{0,10}\(\s{0,9}(?:\w{1,10},\s?)?$", re.IGNORECASE
)
_SET_IN_TEXT = re.compile(rf"[\"'`](?P<name>{ENVIRONMENT_VARIABLE})=(?P<value>[^\"'`\n]{{0,200}})[\"'`]?")
_VARIABLE = re.compile(
    r"(?<![\w-])(?<!\$\{)(?P<quote>[\"']?)(?P<name>(?:[a-z]\w{0,20}_)?(?:ionos(?:_?cloud)?|profitbricks)_?"
    r"(?:api_?|cloud_?|dcd_?|account_?|login_?)?(?:user(?:_?name)?|email|login|password|passwd|pass|pwd?))"
    r"(?P<end>[\"']?)\]?(?:\s?,\s?(?:err|ok|_)\b)?\s{0,20}(?P<mark>:=|=>|=(?![=~])|:(?![:=]))",
    re.IGNORECASE,
)
_SHORT_VARIABLE = re.compile(
    r"(?<![\w.-])(?P<name>pb_(?:api_)?(?:user(?:_?name)?|password|passwd|pass|pwd))\s{0,20}(?:=(?!=)|:(?!:))",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"Authorization\W{1,20}(?:[\w.]{1,20}\W{1,3})?Basic\b"
    r"|[\"'`]Basic\s(?:[\"'`]|\$\{|\{)\W{0,8}(?:\w{1,20}\W{1,3}){0,2}\w{0,20}(?:64|btoa|Buffer)",
    re.IGNORECASE,
)
_SETTING = re.compile(r"\s?(?::(?!:)|=>|\]\s?=(?!=))")
_IS_ENVIRONMENT = re.compile(ENVIRONMENT_VARIABLE).fullmatch
_OF_OBJECTS = frozenset({"Configuration", "IonoscloudProvider", "IonosCloudProvider", "ionoscloud.Provider"})
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
_OPTION_OF_PROGRAM = re.compile(r"[Oo]ption|flag|Flag|add_argument|StringVar|StringP|\barg\b|Var\(")
_COMMAND_LINE_OPTION = re.compile(
    r"(?:[\"'](?:--)?|\boption\s{1,9}:)(?P<name>(?:ionos(?:[-_]?cloud)?|profitbricks)[-_](?:user(?:name)?|password))(?:[\"']|,)"
)
# Terraform's resources for users of an account.
_RESOURCES = frozenset({"ionoscloud_user", "profitbricks_user"})
_ANNOTATION = re.compile(r"\s{0,9}[\w.\[\], |?]{1,60}=(?!=)")


class _Argument(NamedTuple):
    """An argument of a call, with the place in the text at which it begins."""

    text: str
    start: int


def audit_program(lines: list[str], hosts: VendorHosts, budget: Budget) -> Iterator[Finding]:
    """Yield what a program says of usernames and passwords for the vendor's API.

    :param lines: its code without comments.
    """
    code = "\n".join(lines)
    places = _Places(lines, code, hosts)
    yield from _calls(code, places, budget)
    yield from _attributes(code, places)
    yield from _curl_options(code, places)
    for number, line in enumerate(lines, 1):
        yield from _variables(number, line, places)
        yield from _environment(number, line)


class _Places:
    """Where things are in a program: lines, and the addresses that requests go to."""

    def __init__(self, lines: list[str], code: str, hosts: VendorHosts) -> None:
        self.has_sdk = _SDK.search(code) is not None
        self.is_of_old_tools = "profitbricks" in code.lower() or "pb.api" in code
        self._ends = [0]
        for line in lines:
            self._ends.append(self._ends[-1] + len(line) + 1)
        self._hosts = hosts
        self._addresses = [
            (number, hosts.are_in(line)) for number, line in enumerate(lines, 1) if addresses_any_host(line)
        ]
        self._of_vendor_only = bool(self._addresses) and all(is_vendors for _number, is_vendors in self._addresses)

    def may_have_variables(self, line: str) -> bool:
        """Tell whether a line may set a variable whose name says what it holds."""
        return _VENDOR.search(line) is not None or self.is_of_old_tools

    def line_of(self, position: int) -> int:
        """Return the number of the line that has a position in it."""
        return max(bisect_left(self._ends, position + 1), 1)

    def line_start(self, position: int) -> int:
        """Return where the line of a position begins."""
        return self._ends[self.line_of(position) - 1]

    def goes_to_vendor(self, text: str, position: int) -> bool:
        """Tell whether a request goes to the vendor's API, by what it is given or by the nearest address."""
        if addresses_any_host(text):
            return self._hosts.are_in(text)
        if _VENDOR.search(text) or self._of_vendor_only or self._hosts.are_named_in(text):
            return True
        if not self._addresses:
            return self.has_sdk
        number = self.line_of(position)
        index = bisect_left(self._addresses, (number, False))
        around = self._addresses[max(index - 1, 0) : index + 2]
        return min(around, key=lambda address: abs(address[0] - number))[1]


def _calls(code: str, places: _Places, budget: Budget) -> Iterator[Finding]:
    for match in _CALL.finditer(code):
        if budget.left <= 0:
            return
        if _DEFINITION.match(code, places.line_start(match.start()), match.start()):
            continue
        name = match.group("name") or "auth"
        arguments, end = _arguments(code, match.end())
        budget.left -= end - match.start()
        is_http = name == "auth" or _IS_HTTP_CALL.fullmatch(name) is not None
        start = places.line_start(match.start())
        if is_http and not places.goes_to_vendor(code[max(start, match.start() - 300) : end], match.start()):
            continue
        if is_http or places.has_sdk:
            is_object = name in _OF_OBJECTS or match.group().endswith("{")
            kind = "http_call" if is_http else "sdk_call"
            yield from _credentials(name, arguments, kind, places, is_object=is_object)


def _arguments(code: str, start: int) -> tuple[list[_Argument], int]:
    """Return the arguments of a call and where it ends; what stands in an object that is one counts too."""
    arguments: list[_Argument] = []
    closing: list[str] = []
    begin = position = start
    for match in _PART.finditer(code, start, start + MAXIMUM_CALL):
        part, position = match.group(), match.end()
        is_in_call = ")" not in closing and "]" not in closing
        if part in ")]}" and not closing:
            arguments.append(_Argument(code[begin : match.start()], begin))
            break
        if part in ",{}" and is_in_call:
            arguments.append(_Argument(code[begin : match.start()], begin))
            begin = position
        if part in _CLOSING:
            closing.append(_CLOSING[part])
        elif part in ")]}":
            closing.pop()
        if len(arguments) >= MAXIMUM_ARGUMENTS:
            break
    return arguments, position


def _credentials(
    name: str, arguments: list[_Argument], kind: str, places: _Places, *, is_object: bool
) -> Iterator[Finding]:
    options = [
        (argument, option)
        for argument, option in ((argument, _OPTION.match(argument.text)) for argument in arguments)
        if option is not None
        # A bare word is an option where it stands in an object, and else the variable that is the argument.
        and (option.group("value") is not None or is_object)
    ]
    if options:
        for argument, option in options:
            value = option.group("value")
            stored_as = REFERENCE if value is None else storage_of_expression(value)
            if stored_as is not None:
                line = places.line_of(argument.start + option.start("name"))
                yield Finding(line, kind, f"{name}: {option.group('name')}", stored_as)
        return
    if is_object:
        return
    for argument, option_name in zip(arguments, ("username", "password")):
        stored_as = storage_of_expression(argument.text)
        if stored_as is not None and "=" not in _without_texts(argument.text):
            blank = len(argument.text) - len(argument.text.lstrip())
            yield Finding(places.line_of(argument.start + blank), kind, f"{name}: {option_name}", stored_as)


def _without_texts(code: str) -> str:
    return "".join(part for part in _PART.findall(code) if part[0] not in "\"'`")


def _attributes(code: str, places: _Places) -> Iterator[Finding]:
    for match in _ATTRIBUTE.finditer(code):
        is_vendors = places.has_sdk or "ionos" in match.group().lower()
        if not is_vendors or _DEFINITION.match(code, places.line_start(match.start()), match.start()):
            continue
        stored_as = storage_of_expression(_value(code, match.end()))
        if stored_as is not None:
            name = match.group("name") or match.group("setter")
            yield Finding(places.line_of(match.end() - 1), "sdk_call", name, stored_as)


def _curl_options(code: str, places: _Places) -> Iterator[Finding]:
    for match in _CURL_OPTION.finditer(code):
        value = _value(code, match.end())
        stored_as = storage_of_expression(value)
        if stored_as is not None and places.goes_to_vendor(value, match.start()):
            yield Finding(places.line_of(match.start()), "http_call", "USERPWD", stored_as)
    for match in _HEADER.finditer(code):
        if places.goes_to_vendor("", match.start()):
            yield Finding(places.line_of(match.start()), "authorization_header", "Authorization", REFERENCE)
    for match in _OLD_DRIVER.finditer(code):
        yield Finding(places.line_of(match.start()), "legacy_tool", "Provider.PROFIT_BRICKS", REFERENCE)


def _variables(number: int, line: str, places: _Places) -> Iterator[Finding]:
    if not places.may_have_variables(line):
        return
    for match in _VARIABLE.finditer(line):
        is_key = bool(match.group("quote"))
        is_symbol = line[max(match.start() - 1, 0) : match.start()] == ":"
        # An arrow leads from the key of a hash to its value, and from the parameter of a function to its body.
        if (is_key and not match.group("end")) or (match.group("mark") == "=>" and not (is_key or is_symbol)):
            continue
        start = match.end()
        annotation = _ANNOTATION.match(line, start) if match.group("mark") == ":" and not is_key else None
        value = _value(line, annotation.end() if annotation else start)
        # An object is something else of that name, such as Terraform's resource for a user.
        is_resource = is_key and match.group("name") in _RESOURCES and not value.lstrip().startswith(('"', "'"))
        is_other = is_resource or value.lstrip().startswith("{") or _IS_ENVIRONMENT(value.strip("\"'` "))
        stored_as = None if is_other else storage_of_expression(value)
        after = line[start + len(value) : start + len(value) + 1]
        is_handed_on = match.group("mark") == "=" and stored_as == REFERENCE and after in (",", ")")
        if stored_as is not None and not is_handed_on and not (is_key and _IS_ENVIRONMENT(match.group("name"))):
            yield Finding(number, "program_variable", match.group("name"), stored_as)
    option = _COMMAND_LINE_OPTION.search(line) if _OPTION_OF_PROGRAM.search(line) else None
    if option is not None and not _VARIABLE.search(line):
        yield Finding(number, "program_variable", option.group("name"), REFERENCE)
    for match in _SHORT_VARIABLE.finditer(line) if places.is_of_old_tools else ():
        stored_as = storage_of_expression(_value(line, match.end()))
        if stored_as is not None:
            yield Finding(number, "program_variable", match.group("name"), stored_as)


def _environment(number: int, line: str) -> Iterator[Finding]:
    for match in _READ_BY_NAME.finditer(line):
        if not _IS_ENVIRONMENT(match.group("name")) or line[match.start("name") - 1] not in "\"'.":
            yield Finding(number, "environment_use", match.group("name"), REFERENCE)
    if not ENVIRONMENT_PREFIX.search(line):
        return
    for match in _SET_IN_TEXT.finditer(line):
        yield _variable_set(
            number, match.group("name"), storage_of_expression(f'"{match.group("value")}"') or REFERENCE
        )
    for match in _USED.finditer(line):
        name = match.group("quoted") or match.group("attribute") or match.group("braced")
        setting = _SETTING.match(match.group("after") or "")
        is_set_by_call = _SET_BY_CALL.search(line, max(match.start() - 60, 0), match.start())
        if is_set_by_call or (setting is not None and match.group("quoted")):
            start = match.start("after") + (setting.end() if setting else 1)
            stored_as = storage_of_expression(_value(line, start).lstrip(","))
            if stored_as is not None:
                yield _variable_set(number, name, stored_as)
        elif not (match.group("quoted") and _is_message(line, match.start())):
            is_got = match.group("quoted") and _READING_CALL.search(line, max(match.start() - 60, 0), match.start())
            default = _value(line, match.start("after") + 1) if is_got and match.group("after")[:1] == "," else ""
            is_plain = storage_of_expression(default) == PLAIN
            yield Finding(number, "environment_use", name, PLAIN if is_plain else REFERENCE)


def _is_message(line: str, position: int) -> bool:
    """Tell whether what stands in a line is written for people, rather than read from the environment."""
    return _MESSAGE.search(line, 0, position) is not None and _READ.search(line) is None


def _variable_set(number: int, name: str, stored_as: str) -> Finding:
    return Finding(number, kind_of_environment_variable(name), name, stored_as)


def _value(text: str, start: int) -> str:
    """Return the expression that begins somewhere, up to what ends it."""
    closing = 0
    for match in _PART.finditer(text, start, start + MAXIMUM_VALUE):
        part = match.group()
        closing += (part in _CLOSING) - (part in ")]}")
        if closing < 0 or (closing == 0 and part in ",;"):
            return text[start : match.start()]
        if closing == 0 and "\n" in part and part[0] != "`" and text[start : match.end()].strip():
            return text[start : match.start() + part.index("\n")]
    return text[start : start + MAXIMUM_VALUE]

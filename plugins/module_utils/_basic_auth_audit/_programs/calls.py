# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs give to SDKs for the vendor's API, and send to it in requests of their own."""

from __future__ import annotations

import re
from itertools import islice
from typing import Iterator, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.arguments import (
    Argument,
    arguments_at,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.expressions import (
    PART,
    storage_of_expression,
    value_at,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.pairs import credentials_of
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.places import Places
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.commands import Budget
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    REFERENCE,
    Finding,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    VendorHosts,
    addresses_any_host,
)

_DEFINITION = re.compile(
    r"\s*(?:export\s+|async\s+|public\s+|private\s+|static\s+)*(?:func|def|class|function|fn)\b"
    r"|\s*(?:public|private|protected|internal|static|void)\s[\w<>\[\]., ?]{0,80}$"
)

# Calls by their names: an SDK's, and those that put username and password into any request.
_SDK_CALLS = (
    "NewConfiguration|Configuration|ProfitBricksService|IonoscloudProvider|IonosCloudProvider|setauth|set_?auth"
)
_SDK_CALLS += r"|(?<=\.)credentials|BasicAuthentication\.basic"
_SDK_CALLS += "|SetAuth|setCredentials|SdkCredentials|ionoscloud\\.Provider|profitbricks\\.NewClient"
_HTTP_CALLS = (
    "HTTPBasicAuth|HttpBasicAuth|BasicAuth|SetBasicAuth|basic_auth|basicAuth|NetworkCredential|BasicAuthSecurity"
    "|P[Ss]Credential|UsernamePasswordCredentials|auth\\.basic"
)
# These take much else, so only what is given by name counts.
_SOAP_CLIENTS = r"SoapClient|suds\.(?:client\.)?Client|Savon\.client"
_CLIENTS = rf"{_SOAP_CLIENTS}" r"|\w{0,30}(?:[Ii]onos|[Pp]rofit[Bb]ricks)(?!\w{0,40}[Uu]ser)\w{0,40}"
_CALL = re.compile(
    rf"(?<!\w)(?P<name>{_SDK_CALLS}|{_HTTP_CALLS})(?:\]::new)?(?:\(|\s{{0,60}}\{{|\s\[|\s(?:-ArgumentList\s{{1,9}})?\()"
    r"|(?<!\w)(?P<auth>auth)(?:\s?=\s?\(|[\"']?\s?:\s?\{|(?:[\"']\])?\s?=\s?\{)"
    rf"|(?<!\w)(?P<client>{_CLIENTS})\("
    r"|(?<=[&\s(])(?P<composite>(?:\w{1,30}\.)?\w{0,30}(?:Ionos|ProfitBricks|Profitbricks)(?!\w{0,40}User)\w{0,30})\{"
)
# Ruby and PowerShell call without parentheses, too.
_COMMAND = re.compile(
    r"(?<![\w\"'])(?P<name>(?:basic_auth|auth\.basic)(?=[ \t]{1,9}[\w:@'\"$])"
    r"|(?:P[Ss]Credential|NetworkCredential)(?:[ \t]{1,9}-ArgumentList)?(?=[ \t]{1,9}[@'\"$]))"
    r"[ \t]{1,9}(?P<arguments>[^\n]{1,500})"
)
_AFTERTHOUGHT = re.compile(r"\s(?:if|unless|do)\s")
_CREDENTIAL_PARAMETER = re.compile(
    r"(?<![\w-])-Credentials?[ \t:]{1,9}(?=[$(])|(?<=\w)\.Credentials?\s{0,9}=\s{0,9}(?=\$)"
    r"|(?<![\w-])(?:Set|Open|Connect|New|Add)-\w{0,20}(?:Ionos|Profit_?Bricks|PB)\w{0,30}[ \t]{1,9}"
    r"(?=\$\w{0,20}(?:cred|login|account))",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"(?<![\w.])(?P<name>\w{1,40})\s{0,9}:?=\s{0,9}(?:new\s|&)?[\w.:]{0,60}"
    r"(?:Configuration|[Ii]onos[Cc]loud\w{0,20}|ProfitBricks\w{0,20})[({]"
    r"|(?:[Ii]onos|[Pp]rofit_?[Bb]ricks)\w{0,20}(?:(?:\.|::)\w{1,20}){0,2}\.config\w{0,10}\s(?:do|\{)\s?\|(?P<block>\w{1,40})\|"
)
_DRIVER = re.compile(r"(?<![\w.])(\w{1,40})\s{0,9}=\s{0,9}get_driver\([^()\n]{0,60}PROFIT_BRICKS")
MAXIMUM_OBJECTS = 50
_IS_HTTP_CALL = re.compile(rf"{_HTTP_CALLS}|{_SOAP_CLIENTS}")
_OPTION = re.compile(
    r"\s*[\"']?:?(?P<name>user_?name|user|login|password|passwd|pass|pwd)[\"']?(?:\s*(?:=>|=(?!=)|:)(?P<value>.*)|\s*$)",
    re.IGNORECASE | re.DOTALL,
)
_NEXT = re.compile(r"\s{0,200}")
_OF_API = re.compile(r"[Ii]onos_?(?:Cloud|[A-Za-z]{0,20}A(?:PI|pi)|DCD|Dcd)")
_NAME_OF_ARGUMENT = re.compile(
    r"\s*(?:[\w$@]{1,20}(?:\.|->|::))?[$@]?(?:\w{0,30}_)?\w{0,20}?"
    r"(?:(?P<user>[Uu]ser_?[Nn]ame|[Uu]ser|[Ll]ogin|[Ee]mail)|(?P<password>[Pp]ass(?:word|wd)?|[Pp]wd?))\s*"
)
_CURL_OPTION = re.compile(r"(?<!\w)(?:CURLOPT_)?USERPWD\b[\"']?\s{0,20}(?:,|=>|=)")
_OLD_DRIVER = re.compile(r"(?<!\w)get_driver\(\s{0,20}(?:\w{1,20}\.){0,2}PROFIT_BRICKS\b")

# An attribute or a setter of the configuration of an SDK.
_ATTRIBUTE = re.compile(
    r"(?<!\w)\w{0,40}(?:conf|cfg|client|ionos|profitbricks)\w{0,40}"
    r"(?:\.UserName)?(?:\.|->|::)(?P<name>user_?name|password)\s{0,20}=(?!=)"
    r"|(?<!\w)\w{0,40}(?:conf|cfg|client|auth|ionos|profitbricks)\w{0,40}(?:\(\))?(?:\.|->|::)"
    r"(?P<setter>set_?user_?name|set_?password)\(",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?<!\w)basic_auth\s?=\s?\w[\w.]{0,40}\s?\+\s?[\"']:[\"']|Authorization\W{1,20}(?:[\w.]{1,20}\W{1,3})?Basic\b"
    r"|[\"']Basic\s[\"']\s?\+\s?\[[^\]\n]{1,80}\]\.pack\([\"']m"
    r"|(?<!\w)AuthenticationHeaderValue\(\s{0,60}\"Basic\b"
    r"|[\"'`]Basic\s(?:[\"'`]|\$\{|\{)\W{0,8}(?:\w{1,20}\W{1,3}){0,2}\w{0,20}(?:64|btoa|Buffer)",
    re.IGNORECASE,
)
# These may also hand on what has both in it.
_OF_PAIRS = frozenset({"setCredentials", "credentials", "BasicAuthentication.basic"})
_OF_OBJECTS = frozenset({"Configuration", "IonoscloudProvider", "IonosCloudProvider", "ionoscloud.Provider"})


class Given(NamedTuple):
    """A username or password that a program gives away.

    :ivar value: the expression, or more that has it in it.
    :ivar position: where in the code it stands.
    """

    finding: Finding
    value: str
    position: int


def audit_calls(lines: list[str], text: str, hosts: VendorHosts, budget: Budget) -> Iterator[Given]:
    """Yield the usernames and passwords that a program gives to SDKs and sends in requests.

    :param lines: its code without comments.
    :param text: all of it; what its comments are about tells where requests without an address go.
    """
    code = "\n".join(lines)
    places = Places(lines, code, text, hosts)
    yield from _calls(code, places, budget)
    yield from _commands(code, places)
    yield from _attributes(code, places)
    yield from _curl_options(code, places)


def _calls(code: str, places: Places, budget: Budget) -> Iterator[Given]:
    drivers = [match.group(1) for match in islice(_DRIVER.finditer(code), MAXIMUM_OBJECTS)]
    pattern = re.compile(rf"{_CALL.pattern}|(?<![\w.])(?P<driver>{'|'.join(drivers)})\(") if drivers else _CALL
    for match in pattern.finditer(code):
        if budget.left <= 0:
            return
        if _DEFINITION.match(code, places.line_start(match.start()), match.start()):
            continue
        arguments, end = arguments_at(code, match.end())
        budget.left -= end - match.start()
        groups = match.groupdict()
        name = groups["name"] or groups["client"] or groups.get("driver") or "auth"
        if groups["composite"] is not None:
            yield from _settings_of(groups["composite"], arguments, places)
            continue
        is_http = name == "auth" or _IS_HTTP_CALL.fullmatch(name) is not None
        start = places.line_start(match.start())
        around = code[max(start, match.start() - 300) : end]
        # The address of a service is often a variable.
        is_service = groups["client"] is not None and places.has_sdk and not addresses_any_host(around)
        if is_http and not is_service and not places.goes_to_vendor(around, match.start()):
            continue
        is_own = groups["client"] is not None and _OF_API.search(name) is not None
        if is_own or (groups["client"] is not None and places.has_sdk):
            yield from _named_like_credentials(name, arguments, places)
        if is_http or places.has_sdk:
            is_object = name in _OF_OBJECTS or groups["client"] is not None or match.group().endswith("{")
            kind = "http_call" if is_http else "sdk_call"
            yield from _credentials(name, arguments, kind, places, is_object=is_object)


def _settings_of(name: str, arguments: list[Argument], places: Places) -> Iterator[Given]:
    """Yield the credentials in a value of a type named after the vendor, if there is nothing else to reach."""
    kind = "sdk_call" if places.has_sdk else "program_variable"
    given = list(_credentials(name, arguments, kind, places, is_object=True))
    names = [part.text.partition(":")[0].strip() for part in arguments]
    if credentials_of(names):
        yield from given


def _named_like_credentials(name: str, arguments: list[Argument], places: Places) -> Iterator[Given]:
    """Yield the arguments that are by their names a username and a password, if there are both."""
    named = [(argument, _NAME_OF_ARGUMENT.fullmatch(argument.text)) for argument in arguments]
    users = [argument for argument, match in named if match is not None and match.group("user")]
    passwords = [argument for argument, match in named if match is not None and match.group("password")]
    for argument, option in zip([*users[:1], *passwords[:1]] if users and passwords else [], ("username", "password")):
        blank = len(argument.text) - len(argument.text.lstrip())
        finding = Finding(places.line_of(argument.start + blank), "sdk_call", f"{name}: {option}", REFERENCE)
        yield Given(finding, argument.text, argument.start)


def _commands(code: str, places: Places) -> Iterator[Given]:
    """Yield what is given in calls without parentheses, which end with the line."""
    for match in _COMMAND.finditer(code):
        if not places.goes_to_vendor(match.group("arguments"), match.start()):
            continue
        start = match.start("arguments")
        end = _AFTERTHOUGHT.search(code, start, match.end())
        given, _end = arguments_at(code[start : end.start() if end else match.end()] + ")", 0)
        arguments = [Argument(argument.text, start + argument.start) for argument in given]
        yield from _credentials(match.group("name").split()[0], arguments, "http_call", places, is_object=False)
    for match in _CREDENTIAL_PARAMETER.finditer(code):
        line = code[places.line_start(match.start()) : match.end()]
        if places.goes_to_vendor(line, match.start()):
            value = value_at(code, match.end())
            finding = Finding(places.line_of(match.start()), "http_call", "-Credential", REFERENCE)
            yield Given(finding, value, match.start())


def _credentials(
    name: str, arguments: list[Argument], kind: str, places: Places, *, is_object: bool
) -> Iterator[Given]:
    options = [
        (argument, option)
        for argument, option in ((argument, _OPTION.match(argument.text)) for argument in arguments)
        if option is not None
        # A bare word is an option where it stands in an object, and else the variable that is the argument.
        and (option.group("value") is not None or (is_object and argument.text.strip().isidentifier()))
    ]
    if options:
        for argument, option in options:
            value = option.group("value")
            stored_as = REFERENCE if value is None else storage_of_expression(value)
            if stored_as is not None:
                line = places.line_of(argument.start + option.start("name"))
                finding = Finding(line, kind, f"{name}: {option.group('name')}", stored_as)
                yield Given(finding, option.group("name") if value is None else value, argument.start)
        return
    if is_object or (name in _OF_PAIRS and len(arguments) < 2):
        return
    for argument, option_name in zip(arguments, ("username", "password")):
        stored_as = storage_of_expression(argument.text)
        if stored_as is not None and "=" not in _without_texts(argument.text):
            blank = len(argument.text) - len(argument.text.lstrip())
            finding = Finding(places.line_of(argument.start + blank), kind, f"{name}: {option_name}", stored_as)
            yield Given(finding, argument.text, argument.start)


def _without_texts(code: str) -> str:
    return "".join(part for part in PART.findall(code) if part[0] not in "\"'`")


def _attributes(code: str, places: Places) -> Iterator[Given]:
    names = {match.group("name") or match.group("block") for match in islice(_OBJECT.finditer(code), MAXIMUM_OBJECTS)}
    known = "|".join(sorted(names)) or "(?!)"
    own = rf"|(?<![\w.>:])(?:{known})(?:\.|->|::)(?P<attribute>[Uu]ser_?[Nn]ame|[Pp]assword)\s{{0,20}}=(?!=)"
    for match in re.compile(_ATTRIBUTE.pattern + own, re.IGNORECASE).finditer(code):
        is_vendors = places.has_sdk or "ionos" in match.group().lower()
        if not is_vendors or _DEFINITION.match(code, places.line_start(match.start()), match.start()):
            continue
        value = value_at(code, match.end())
        stored_as = storage_of_expression(value)
        if stored_as is not None:
            name = match.group("name") or match.group("setter") or match.group("attribute")
            yield Given(Finding(places.line_of(match.end() - 1), "sdk_call", name, stored_as), value, match.end())


def _start_of_text(code: str, start: int, end: int) -> int:
    """Return where the last text begins that begins in a part of the code, or the start of the part."""
    return max(start, *(code.rfind(quote, start, end) for quote in "\"'`"))


def _curl_options(code: str, places: Places) -> Iterator[Given]:
    for match in _CURL_OPTION.finditer(code):
        value = value_at(code, match.end())
        stored_as = storage_of_expression(value)
        if stored_as is not None and places.goes_to_vendor(value, match.start()):
            finding = Finding(places.line_of(match.start()), "http_call", "USERPWD", stored_as)
            yield Given(finding, value, match.start())
    for match in _HEADER.finditer(code):
        if places.goes_to_vendor("", match.start()):
            finding = Finding(places.line_of(match.start()), "authorization_header", "Authorization", REFERENCE)
            start = _start_of_text(code, match.start(), match.end())
            value = value_at(code, start)
            # The name of the scheme may be an argument of its own.
            if value.strip("\"' ").lower() == "basic" and code.startswith(",", start + len(value)):
                following = _NEXT.match(code, start + len(value) + 1)
                value = value_at(code, following.end()) if following is not None else value
            yield Given(finding, value, match.start())
    for match in _OLD_DRIVER.finditer(code):
        finding = Finding(places.line_of(match.start()), "legacy_tool", "Provider.PROFIT_BRICKS", REFERENCE)
        yield Given(finding, "", match.start())

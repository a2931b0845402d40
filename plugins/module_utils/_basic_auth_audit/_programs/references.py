# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables that an expression in a program is made of."""

from __future__ import annotations

import re
from typing import Match

MAXIMUM_DEPTH = 4

_TEXTS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_PLACEHOLDERS = re.compile(r"\$\((\$\w{1,60}(?:\.\w{1,40})?)\)|[#$]?\{([^{}\n]{1,80})\}|\$([A-Za-z_]\w{0,60})")
RECEIVER = r"(?:self\.|this\.|@|\$this->|\$script:|\$global:|self::\$)"
# What is followed by a call or a member is something else, unless the member only dresses a text up.
_REFERENCE = re.compile(
    rf"(?<![\w.>:$@])(?P<name>(?:{RECEIVER}|\$)?[A-Za-z_]\w{{0,60}})(?![\w(\[])"
    r"(?!(?:\.|->|::)(?!(?:en|de)code|strip|trim|to_?s|toString|value\b|get_secret_value|lower|GetNetwork))"
)
_INNERMOST_CALL = re.compile(r"(?P<name>[A-Za-z_][\w.>:\]-]{0,80})?\((?P<given>[^()]{0,300})\)")
# PowerShell writes a class in front of a call of it.
_CONVERTED = re.compile(r"\[[\w.]{1,60}\](?=::)(?:::\w{1,20}\.(?=\w{1,20}\())?(?:::)?")
_DRESSING_CALL = re.compile(
    r"(?:b64|base64_?|url_?|strict_|raw)?encode\w{0,10}|strict_encode64|str|String|bytes?|format|s?printf|btoa|from|Buffer"
    r"|EncodeToString|To[Bb]ase64\w{0,8}|GetBytes|[lr]?(?:trim|strip)\w{0,6}|TrimSpace|join|pack|basic|bytearray|Ptr|to_?s(?:tring)?"
    r"|decode|Sprint|value|PtrString|StringInput|new|Some|Secret(?:Str)?",
    re.IGNORECASE,
)
_WORDS = frozenset(
    {"None", "null", "nil", "true", "false", "True", "False", "self", "this", "new", "not", "and", "or", "if", "else"}
    | {"string", "str", "String", "bytes", "let", "const", "var", "my", "return", "await", "in", "for", "is", "Basic"}
)


def references(value: str) -> set[str]:
    """Return the variables that make up an expression, those in texts too, without what calls are given."""
    inner = " ".join(part for match in _PLACEHOLDERS.findall(value) for part in match if part)
    code = f"{_TEXTS.sub(' ', value)} {inner}"
    code = _CONVERTED.sub(" ", code)
    for _depth in range(MAXIMUM_DEPTH):
        code = _INNERMOST_CALL.sub(_handed_through, code)
    names = {match.group("name") for match in _REFERENCE.finditer(code)}
    names |= {f"${name}" for name in names if name[0].isalpha() and f"${name}" in value}
    return {name for name in names if name not in _WORDS}


def _handed_through(call: Match[str]) -> str:
    """Return what a call returns in other clothes: what it is given, and what it is called on."""
    name = call.group("name") or ""
    receiver, _mark, method = name.rpartition(".")
    if name and _DRESSING_CALL.fullmatch(re.split(r"->|::", method)[-1]) is None:
        return " "
    return f" {receiver if receiver.isidentifier() else ''} {call.group('given')} "

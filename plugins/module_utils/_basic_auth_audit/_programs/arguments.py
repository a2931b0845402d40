# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a call in a program."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.expressions import (
    CLOSING,
    PART,
)

MAXIMUM_CALL = 4_000
MAXIMUM_ARGUMENTS = 40


class Argument(NamedTuple):
    """An argument of a call, with the place in the text at which it begins."""

    text: str
    start: int


def arguments_at(code: str, start: int) -> tuple[list[Argument], int]:
    """Return the arguments of a call and where it ends; what stands in an object that is one counts too."""
    arguments: list[Argument] = []
    closing: list[str] = []
    begin = position = start
    for match in PART.finditer(code, start, start + MAXIMUM_CALL):
        part, position = match.group(), match.end()
        is_in_call = ")" not in closing and "]" not in closing
        if part in ")]}" and not closing:
            arguments.append(Argument(code[begin : match.start()], begin))
            break
        is_array = _is_array(code, match.start(), position)
        if (part in ",{}" or is_array) and is_in_call:
            arguments.append(Argument(code[begin : match.start()], begin))
            begin = position
        if part in CLOSING:
            closing.append("}" if is_array else CLOSING[part])
        elif part in ")]}":
            closing.pop()
        if len(arguments) >= MAXIMUM_ARGUMENTS:
            break
    return arguments, position


def _is_array(code: str, start: int, end: int) -> bool:
    """Tell whether a bracket begins an array of PHP that has keys, which is an object elsewhere."""
    opening = code[start:end]
    return (opening == "(" and code.endswith("array", 0, start)) or (opening == "[" and "=>" in code[end : end + 40])

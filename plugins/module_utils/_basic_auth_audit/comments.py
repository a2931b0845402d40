# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Separates a text from what is commented out in it, line for line."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.hcl import HclParts

HASH = ("#",)
HASH_AND_OTHERS = ("#", "//", ";")

_HCL = HclParts(r"(?P<comment>#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))", r'(?P<other>[^#/"]+|.)')


@dataclass(frozen=True)
class Comment:
    """Neighbouring comments without their marks.

    :ivar line: the number of the first line, from 1 on.
    """

    line: int
    text: str


def separate_lines(text: str, marks: tuple[str, ...]) -> tuple[str, list[Comment]]:
    """Return the text with its comments cut off, with as many lines as before, and the comments.

    :param marks: what a line that is a comment begins with; a ``#`` after white space and outside of quotes begins one
        at the end of a line.
    """
    code: list[str] = []
    comments: list[Comment] = []
    block: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        body = line.lstrip()
        if body.startswith(marks):
            block.append(body.lstrip("".join(marks)))
            code.append("")
            continue
        _end_block(block, number, comments)
        kept, comment = _split(line)
        code.append(kept)
        if comment:
            comments.append(Comment(number, comment))
    _end_block(block, len(code) + 1, comments)
    return "\n".join(code), comments


def separate_hcl(text: str) -> tuple[str, list[Comment]]:
    """Return what :func:`separate_lines` does for Terraform's language."""
    code: list[str] = []
    blocks: list[tuple[int, list[str]]] = []
    line = 1
    end_of_last = 0
    for match in _HCL.of(text):
        part = match.group()
        if match.group("comment") is None:
            code.append(part)
        else:
            code.append("\n" * part.count("\n"))
            body = _without_end(part[2:]) if part.startswith("/*") else part.lstrip("#/")
            if not blocks or end_of_last != line - 1:
                blocks.append((line, []))
            blocks[-1][1].append(body)
            end_of_last = line + part.count("\n")
        line += part.count("\n")
    return "".join(code), [Comment(first, "\n".join(bodies)) for first, bodies in blocks]


def _end_block(block: list[str], next_line: int, comments: list[Comment]) -> None:
    if block:
        comments.append(Comment(next_line - len(block), textwrap.dedent("\n".join(block))))
        block.clear()


def _split(line: str) -> tuple[str, str]:
    """Split a line before a ``#`` that begins a comment."""
    if "#" not in line:
        return line, ""
    quote = ""
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and (index == 0 or not line[index - 1].isalnum()):
            quote = character
        elif character == "#" and (index == 0 or line[index - 1].isspace()):
            return line[:index], line[index + 1 :]
    return line, ""


def _without_end(comment: str) -> str:
    return comment[:-2] if comment.endswith("*/") else comment

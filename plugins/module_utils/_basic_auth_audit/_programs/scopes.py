# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The functions of a program, by how far its lines are indented."""

from __future__ import annotations

import re

# These belong to what is above them.
_CLOSING = re.compile(r"\s*(?:[)\]}{]|\"\"\"|'''|end\b)")
_DEFINITION = re.compile(
    r"\s*(?:export\s+|async\s+|default\s+)*(?:def|func|function|fn|sub|class|module)\b"
    r"|\s*(?:public|private|protected|internal|static)\s[^;=]{0,200}[{(]\s*$",
    re.IGNORECASE,
)


def scopes_of(lines: list[str]) -> list[int]:
    """Return for each line the line of the function that it stands in, or 0."""
    scopes: list[int] = []
    open_scopes: list[tuple[int, int]] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            indent = len(line) - len(line.lstrip())
            while open_scopes and indent <= open_scopes[-1][0] and not _CLOSING.match(line):
                open_scopes.pop()
        scopes.append(open_scopes[-1][1] if open_scopes else 0)
        if _DEFINITION.match(line[:300]):
            open_scopes.append((len(line) - len(line.lstrip()), number))
    return scopes

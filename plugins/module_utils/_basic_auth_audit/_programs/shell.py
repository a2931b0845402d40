# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a shell script has the username and password from that its commands send."""

from __future__ import annotations

import re

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.origins import (
    OF_EVERYBODY,
    Origins,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    REFERENCE,
    Finding,
    storage_of,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import is_environment_variable

MAXIMUM_VARIABLES = 50

_USED = re.compile(r"\$\{?([A-Za-z_]\w{0,60})")
_ASSIGNED = re.compile(
    r"(?:^|[;&|)]|\bthen|\bdo|\belse)\s*(?:(?:export|local|readonly|declare|typeset)\s+(?:-\w+\s+)?)?"
    r"(?P<name>[A-Za-z_]\w{0,60})=(?P<value>\"[^\"\n]{0,300}\"?|'[^'\n]{0,300}'?|\$\([^)\n]{0,300}\)?|[^\s;&|]{0,300})"
)
_READ = re.compile(r"(?:^|[;&|\s])read\s+(?P<words>[^;&|\n]{1,200})")
_WORD = re.compile(r"[A-Za-z_]\w{0,60}")


def shell_origins(lines: list[str], values: list[str]) -> Origins:
    """Return the assignments of the variables that commands authenticate with, and the variables from outside.

    :param lines: the script without comments and messages.
    :param values: the words that have username and password in them.
    """
    found = Origins()
    assigned = _assignments(lines) if values else {}
    todo = [name for value in values for name in _USED.findall(value)]
    seen: set[str] = set()
    while todo and len(seen) < MAXIMUM_VARIABLES:
        name = todo.pop()
        if name in seen or is_environment_variable(name):
            continue
        seen.add(name)
        places = assigned.get(name, [])
        if not places and name.isupper() and name not in OF_EVERYBODY:
            found.environment.add(name)
        for number, value in places:
            stored_as = REFERENCE if value is None else storage_of(value)
            if stored_as is not None:
                found.findings.append(Finding(number, "program_variable", name, stored_as))
            todo.extend(_USED.findall(value or ""))
    return found


def _assignments(lines: list[str]) -> dict[str, list[tuple[int, str | None]]]:
    """Return the lines that give a variable a value, with that value, or None for one that is read."""
    places: dict[str, list[tuple[int, str | None]]] = {}
    for number, line in enumerate(lines, 1):
        for match in _ASSIGNED.finditer(line[:2000]) if "=" in line else ():
            places.setdefault(match.group("name"), []).append((number, match.group("value")))
        for match in _READ.finditer(line[:2000]) if "read" in line else ():
            for name in _WORD.findall(match.group("words").rpartition('"')[2]):
                places.setdefault(name, []).append((number, None))
    return places

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names beside each other that are those of a username and a password."""

from __future__ import annotations

import re

_USER = re.compile(r"(?:api[-_]?)?(?:user(?:[-_]?name)?|login|e?mail|subscription_user)", re.IGNORECASE)
_PASSWORD = re.compile(r"(?:api[-_]?)?(?:password|passwd|pass|pwd|subscription_password)(?:_file)?", re.IGNORECASE)
# The vendor's servers for mail and files, and databases, are named along with a host.
_ELSEWHERE = re.compile(r"(?:\w{1,20}[-_])?(?:host(?:name)?|server|port|database|db|from|to|driver|dsn)", re.IGNORECASE)


def credentials_of(names: list[str], *, is_api_named: bool = False) -> frozenset[str]:
    """Return which names of options beside each other are those of a username and a password for the API, or none."""
    users = [name for name in names if _USER.fullmatch(name)]
    passwords = [name for name in names if _PASSWORD.fullmatch(name)]
    if not users or not passwords or (not is_api_named and any(map(_ELSEWHERE.fullmatch, names))):
        return frozenset()
    return frozenset([*users, *passwords])

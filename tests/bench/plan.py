# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of calls, and how the calls of a run are spread over its tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

READ = "read secret"
WRITE = "write secret"
READ_METADATA = "read metadata"
WRITE_METADATA = "write metadata"
OTHER = "other call of OpenBao"
GENERATE = "generate"
LIST = "list"
GET = "get"
DELETE = "delete"
GET_USER = "get_user"

OF_VAULT = (READ, WRITE, READ_METADATA, WRITE_METADATA, OTHER)
OF_API = (GENERATE, LIST, GET, DELETE, GET_USER)

Calls = Mapping[str, int]


def plan(calls: Calls, tokens: int, due: int) -> dict[str, dict[str, int]]:
    """Return how many calls of each kind are made for ``each`` token, more for each ``due`` one, and ``besides``.

    :param calls: all that a run has made, by kind.
    :param tokens: how many tokens it was for.
    :param due: how many of them got a new one.
    """
    each = {kind: count // tokens for kind, count in calls.items()}
    left = {kind: count - each[kind] * tokens for kind, count in calls.items()}
    more = {kind: count // due if due else 0 for kind, count in left.items()}
    return {
        "each": _some(each),
        "due": _some(more),
        "besides": _some({kind: count - more[kind] * due for kind, count in left.items()}),
    }


def _some(calls: Calls) -> dict[str, int]:
    return {kind: count for kind, count in calls.items() if count}


def vault_kind(method: str, path: str) -> str:
    """Return the kind of a call of OpenBao; ``path`` as sent, with the version of its API and the mount."""
    part = path.split("/")[3] if path.count("/") > 3 else ""
    reads = method == "GET"
    kinds = {"data": (READ if reads else WRITE), "metadata": (READ_METADATA if reads else WRITE_METADATA)}
    # What the vault is asked about itself has a path of another form.
    return OTHER if path.startswith(("/v1/auth/", "/v1/sys/")) else kinds.get(part, OTHER)


def per_token(calls: Calls, tokens: int) -> tuple[float, float]:
    """Return the calls of the API and of OpenBao for one token."""
    counted = Counter(calls)
    return sum(counted[kind] for kind in OF_API) / tokens, sum(counted[kind] for kind in OF_VAULT) / tokens

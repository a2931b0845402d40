# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of ``vaulted_tokens``."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.options import CONNECTION_OPTIONS
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.options import (
    DescribedKind,
    declaration_options,
)

RUN_OPTIONS: Options = {
    "offers": {
        "description": """
            Tokens that a person has made, by the name of the declared token that each is for.

            A token is taken in only if it is another one than the current, works, is of the same user and contract, and
            lives longer. Otherwise the result says why not, and nothing changes.
        """,
        "type": "dict",
        "no_log": True,
    },
    "only": {
        "description": """
            Names of the declared tokens to work on; the others are left as they are. Their records are read all the
            same, so that nothing that they use is deleted. Without it, every declared token is worked on.
        """,
        "type": "list",
        "elements": "str",
    },
    "renew_now": {
        "description": """
            Names of declared tokens that get a new token in this run although they are not due. The previous one is
            retired after the overlap, as ever.
        """,
        "type": "list",
        "elements": "str",
    },
    "revoke": {
        "description": """
            Names of declared tokens whose values somebody else may have read. They get a new token as with
            O(renew_now), and then every previous one is deleted at once, without an overlap, whatever made it and
            whether or not every replica could be written. The run fails unless the API was seen to refuse them.

            Where only a person can mint, the run fails with what to do; it deletes once the new token was handed over.
        """,
        "type": "list",
        "elements": "str",
    },
    "delete_undeclared": {
        "description": """
            Ids of tokens to delete that nobody declares, as RV(token_table) lists them. A token that a record names, or
            that an account mints with, is refused, and then nothing is deleted.
        """,
        "type": "list",
        "elements": "str",
    },
    "workers": {
        "description": "How many tokens are worked on at once, from 1 to 64.",
        "type": "int",
        "default": 8,
    },
    "rate": {
        "description": """
            How many requests a second begin at the most, over all workers and accounts of this task, for example V(5)
            or V(0.5). They begin evenly; nothing is saved up for a burst. Without it there is no such limit.

            At least two requests have to fit into O(timeout). With a low rate fewer workers are busy than O(workers)
            allows.

            A pause that the API asks for, with HTTP status 429 or C(Retry-After), is kept by all workers in any case.
        """,
        "type": "float",
    },
    "quota_reserve": {
        "description": """
            Of the 100 tokens that a user may have, how many to keep free; using the last ones is warned of.
        """,
        "type": "int",
        "default": 5,
    },
    "max_lost": {
        "description": """
            Where a vault of record is empty and the API lists this many tokens that the same declaration has minted
            before, nothing is minted, since records seem to get lost. Its tokens are known by their lifetimes, which
            depend on its name and vault of record; those of other declarations do not count, nor do lifetimes below
            V(6d). V(0) never refuses.
        """,
        "type": "int",
        "default": 3,
    },
    "purge_expired": {
        "description": """
            Before minting, delete all expired tokens of the user, which also removes those of other tools from the
            Token Manager.
        """,
        "type": "bool",
        "default": False,
    },
    "published": {
        "description": """
            What became of RV(publications) of an earlier call with the same declaration: its entries, each with
            C(failed), and C(failed_task) if tasks failed. The records remember what was published, and what had to wait
            for that goes on. Nothing is renewed then. The role does it by itself.
        """,
        "type": "list",
        "elements": "dict",
    },
    "earlier_result": {
        "description": """
            The result of that earlier call, which becomes part of this one's, so that it tells of both.
        """,
        "type": "dict",
    },
    "with_accounts": {
        "description": """
            Also return RV(accounts) and RV(token_table), for a report. Costs one or two more requests an account.
        """,
        "type": "bool",
        "default": False,
    },
}


def rotation_options(kinds: Mapping[str, DescribedKind]) -> Options:
    """Return the options of ``vaulted_tokens``.

    :param kinds: every kind of vault by its name.
    """
    return {**CONNECTION_OPTIONS, **declaration_options(kinds), **RUN_OPTIONS}

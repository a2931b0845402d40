# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a declaration: its accounts, vaults and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import TWO_FACTOR_STATES

DEFAULT_TTL = "30d"
DEFAULT_FAIL_BEFORE = "2d"
DEFAULT_SPREAD = "0"


class DescribedKind(Protocol):
    """What a kind of vault says of itself and its options."""

    DESCRIPTION: ClassVar[str]
    CONNECTION_OPTIONS: ClassVar[Options]
    PLACE_OPTIONS: ClassVar[Options]


_ACCOUNT: Options = {
    "name": {
        "description": "Name of the account, for O(tokens[].account).",
        "type": "str",
        "required": True,
    },
    "contract_number": {
        "description": """
            The contract that tokens of this account must be bound to. A token that is bound to another one is replaced.
        """,
        "type": "str",
    },
    "user_id": {
        "description": """
            The user that tokens of this account must be of.

            Without it, the user of the first token is kept, and a credential of another user is refused.
        """,
        "type": "str",
    },
    "two_factor": {
        "description": """
            State of the account's two-factor authentication. V(auto) asks the Cloud API once, when a token is to be
            minted.

            No API shows V(configuring), so it has to be said.
        """,
        "type": "str",
        "choices": ["auto", *TWO_FACTOR_STATES],
        "default": "auto",
    },
    "token": {
        "description": """
            A token that mints while a vault holds no working one. A declared token renews itself, so this is needed for
            the first run and for emergencies.

            Its id is never retired.
        """,
        "type": "str",
        "no_log": True,
    },
    "username": {
        "description": """
            Name of the user, for Basic Authentication, which the vendor has ended. Needs O(accounts[].password).
        """,
        "type": "str",
    },
    "password": {
        "description": "Password of the user. Needs O(accounts[].username).",
        "type": "str",
        "no_log": True,
    },
}

_TOKEN: Options = {
    "name": {
        "description": "Name of the token, for messages and offers.",
        "type": "str",
        "required": True,
    },
    "account": {
        "description": "Name of the entry of O(accounts) that mints it.",
        "type": "str",
    },
    "state": {
        "description": """
            With V(present), a working token is kept in all its vaults.

            With V(absent), the token is decommissioned. Previous tokens are deleted, then the current one, then the
            vaults are emptied. Refused while the token is the credential of an account.
        """,
        "type": "str",
        "choices": ["present", "absent"],
        "default": "present",
    },
    "ttl": {
        "description": """
            Lifetime of a new token, in seconds or as in V(30d), V(12h) or V(1h30m). From 2 minutes to 365 days.

            A little less is sent, by up to a day or a twentieth, since the exact lifetime is how an interrupted mint is
            recognised later; tokens carry no name.
        """,
        "type": "str",
        "default": DEFAULT_TTL,
    },
    "renew_before": {
        "description": """
            How much of its life must be left, in the same form as O(tokens[].ttl); below that the token is due.

            It has to be longer than the time between two runs, and to leave a person enough time where one is needed.

            The default is a quarter of O(tokens[].ttl) and at most a week. At most half of a token's own life counts.
        """,
        "type": "str",
    },
    "spread": {
        "description": """
            The token is due earlier than O(tokens[].renew_before) says by a share of this time, in the same form as
            O(tokens[].ttl). Each token has a share of its own, so tokens that were created on one day are not renewed
            on one day.

            The share follows from the name of the token and from the name and O(accounts[].contract_number) of its
            account. It is the same in every run and on every controller.

            O(tokens[].renew_before) and this time together can be half of O(tokens[].ttl) at the most. The default is
            O(spread).
        """,
        "type": "str",
    },
    "overlap": {
        "description": """
            How long a previous token goes on working after the last vault holds the new one, in the same form as
            O(tokens[].ttl).

            The default is a day, or O(tokens[].renew_before) where that is less. More than that is cut, with a warning.
        """,
        "type": "str",
    },
    "fail_before": {
        "description": """
            While only a person can mint, the task stays green until less than this is left of the current token's life.
        """,
        "type": "str",
        "default": DEFAULT_FAIL_BEFORE,
    },
    "enforce_ttl": {
        "description": """
            Replace a token that lives longer than O(tokens[].ttl), for example an adopted one; otherwise that is only
            said.
        """,
        "type": "bool",
        "default": False,
    },
    "retire_adopted": {
        "description": """
            Delete replaced tokens also where this collection did not mint them but found them in a vault or was offered
            them.
        """,
        "type": "bool",
        "default": False,
    },
}

_PLACES: Options = {
    "vault": {
        "description": """
            The vault of record. Its record is the truth about the token, so its kind must be readable.

            Which options a place takes depends on the kind of vault that O(tokens[].vault.in) names.
        """,
        "type": "dict",
        "required": True,
    },
    "replicas": {
        "description": "Further places of the same token, rewritten whenever they differ from the record.",
        "type": "list",
        "elements": "dict",
        "default": [],
    },
    "inbox": {
        "description": """
            A place in any readable vault into which a person puts a token that only a person can make.

            It is read in every run. A token in it is taken in as offers are, and removed from it for good once every
            vault holds it. One that does not fit stays there, and the result says why.
        """,
        "type": "dict",
    },
}


def declaration_options(kinds: Mapping[str, DescribedKind]) -> Options:
    """Return the options ``accounts``, ``vaults`` and ``tokens``, and the defaults of tokens.

    :param kinds: every kind of vault by its name.
    """
    of_a_place = _place_options(kinds)
    places = {name: {**option, "options": of_a_place} for name, option in _PLACES.items()}
    return {
        "accounts": {
            "description": """
                Who mints, where one account for all tokens is not enough.

                A token that names no account uses the default account, which O(token), O(username) and O(password)
                describe, or the environment variables of these options. The environment never fills in an entry of this
                list.
            """,
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": _ACCOUNT,
        },
        "vaults": _vaults_option(kinds),
        "tokens": {
            "description": "The declared tokens.",
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {**_TOKEN, **places},
        },
        "spread": {
            "description": "The O(tokens[].spread) of tokens that give none. With V(0), nothing is spread.",
            "type": "str",
            "default": DEFAULT_SPREAD,
        },
    }


def _vaults_option(kinds: Mapping[str, DescribedKind]) -> dict[str, Any]:
    """Return the option ``vaults``: a name, and for each kind the options of a connection."""
    return {
        "description": """
            The vaults that declared tokens live in. Each is logged in to once a run, whatever the number of tokens.

            Without this list there is one vault, of the kind O(vaults[].ansible_vault_file), which needs nothing to be
            installed.

            Every entry has a name and exactly one kind. A kind without options may be given as an empty mapping.
        """,
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {
                "description": "Name of the vault, for the places of tokens.",
                "type": "str",
                "required": True,
            },
            **{
                name: {"description": kind.DESCRIPTION, "type": "dict", "options": kind.CONNECTION_OPTIONS}
                for name, kind in kinds.items()
            },
        },
    }


def _place_options(kinds: Mapping[str, DescribedKind]) -> Options:
    """Return the options of a place over all kinds of vault.

    Which of them a kind needs, and their defaults, are judged once the vault is known; here they are only described.
    """
    options: Options = {
        "in": {
            "description": "Name of the entry of O(vaults). May be left out where only one vault is declared.",
            "type": "str",
        }
    }
    for kind_name, kind in kinds.items():
        for name, option in kind.PLACE_OPTIONS.items():
            described = options.get(name, {}).get("description", "")
            judged_here = {key: value for key, value in option.items() if key not in ("required", "default")}
            options[name] = {**judged_here, "description": described + _description_for(kind_name, option)}
    return options


def _description_for(kind_name: str, option: Mapping[str, Any]) -> str:
    """Return the paragraph that describes an option of a place for one kind of vault."""
    text = option["description"].strip()
    paragraph = f"For C({kind_name}), {text[:1].lower()}{text[1:]}"
    if option.get("required"):
        paragraph += " Required there."
    if option.get("default") is not None:
        paragraph += f" The default there is V({str(option['default']).lower()})."
    return f"{paragraph}\n\n"

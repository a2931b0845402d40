# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error that a user can cause, as one catalogue: a sentence on what is wrong and one on what to do.

A message is put together from the catalogue and from facts (names, numbers, ids, dates). It never contains a secret,
the body of a response or the text of another library's exception, so it may be shown where ``no_log`` does not reach.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAXIMUM_FACT_LENGTH = 300

_JWT_LIKE = re.compile(r"eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a1-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Entry(NamedTuple):
    """What is wrong, and what to do; both are ``str.format`` templates over the facts."""

    problem: str
    remedy: str


CATALOGUE = {
    # Configuration: found before anything is touched.
    "duration_unreadable": Entry(
        "{where} is not a duration.", "Give whole seconds, or a text such as 30d, 12h or 1h30m (units w, d, h, m, s)."
    ),
    "ttl_out_of_range": Entry(
        "{where} is {seconds} seconds, outside of what the Auth API accepts.",
        "Choose a lifetime from {minimum} to {maximum} seconds (1 minute to 365 days).",
    ),
    "renew_before_not_below_ttl": Entry(
        "{where} leaves no time: renew_before is {renew_before} and the lifetime sent is {ttl} at the least.",
        "Choose a renew_before below the ttl, half of it or less is usual; a new token would be due at once.",
    ),
    "token_id_not_uuid": Entry(
        "{where} is not a token id.", "Give the UUID that the Token Manager, auth_token_info or the token's kid shows."
    ),
    "contract_number_invalid": Entry(
        "{where} is not a contract number.", "Give the whole number that the DCD shows beside the contract."
    ),
    "library_missing": Entry(
        "The Python library {library} is missing where this runs ({python}).",
        "Install it there, for example with: python -m pip install {library}",
    ),
    # Tokens
    "token_empty": Entry("{where} is empty.", "Give the token's value, or leave the option out."),
    "token_not_jwt": Entry(
        "{where} is not an IONOS Cloud API token, which is a JWT and begins with eyJ. {hint}",
        "Create a token in the Token Manager of the DCD and use its value.",
    ),
    "token_truncated": Entry(
        "{where} is a JWT that is cut off or damaged.",
        "Copy the whole value again: three parts with dots between them, on one line.",
    ),
    "token_without_id": Entry(
        "{where} is a JWT without a token id (kid), so it is not a token of the IONOS Auth API.",
        "Create a token in the Token Manager of the DCD and use its value.",
    ),
    # Vaults
    "vault_record_corrupt": Entry(
        "{where} holds a token record that cannot be read.",
        "Restore it from an older version, or remove the record (not the token) to have the token adopted anew.",
    ),
    "vault_record_newer": Entry(
        "{where} holds a token record that another version of this collection wrote.",
        "Use the version of tokenops.ionos that wrote it, or a later one.",
    ),
    "vault_value_not_a_token": Entry(
        "{where} holds something that is not an IONOS Cloud API token; it was left as it is.",
        "Remove it there, or declare another place for the token.",
    ),
}


class TokenOpsError(Exception):
    """An error with a message from the catalogue.

    :ivar code: the key in :data:`CATALOGUE`.
    :ivar problem: one sentence: what is wrong.
    :ivar remedy: one sentence: what to do.
    :ivar facts: what the templates were filled with, as shown.
    """

    def __init__(self, code: str, **facts: object) -> None:
        entry = CATALOGUE[code]
        self.code = code
        self.facts = {name: shown(value) for name, value in facts.items()}
        self.problem = entry.problem.format_map(self.facts)
        self.remedy = entry.remedy.format_map(self.facts)
        super().__init__(f"{self.problem} {self.remedy}")


class ConfigurationError(TokenOpsError):
    """What the user declared cannot be right; nothing has been touched."""


class TokenFormatError(TokenOpsError):
    """A text that should be a token is none."""


class PolicyRefusal(TokenOpsError):
    """The vendor's deprecation policy forbids the request; it has not been sent."""


class ApiError(TokenOpsError):
    """The API was asked and did not do what it was asked for.

    :ivar status: the HTTP status, or None where no answer was read.
    """

    def __init__(self, code: str, status: int | None = None, **facts: object) -> None:
        self.status = status
        super().__init__(code, status=status, **facts)


class ApiUnavailable(ApiError):
    """No trustworthy answer: connection trouble, 429, 5xx, HTML, a body that is not what is documented.

    It says nothing about the token or the credential (R9).
    """


class ApiRefused(ApiError):
    """The API answered 400, 401, 403 or 422 with its own error body."""


class ApiNotFound(ApiError):
    """The API answered 404 with its own error body."""


class MintError(ApiError):
    """A mint that did not end with a token; the message says what is left where."""


class VaultError(TokenOpsError):
    """A vault did not do what it was asked for.

    :ivar rejected: True where the write provably did not land and cannot land later (R1).
    """

    rejected = False


class VaultConflict(VaultError):
    """Check-and-set lost: somebody else wrote this place since it was read."""

    rejected = True


class VaultDenied(VaultError):
    """The vault refuses this login or this path."""

    rejected = True


class VaultUnavailable(VaultError):
    """No trustworthy answer from the vault; a write may have landed, or may still land."""


class VaultCorrupt(VaultError):
    """The place holds something that is not ours, or a record that cannot be read; it is left as it is."""

    rejected = True


def shown(value: object) -> str:
    """Return ``value`` as text that is safe in a message: one line, bounded, nothing that looks like a token."""
    text = _JWT_LIKE.sub("(a token)", str(value))
    text = _UNPRINTABLE.sub("?", text)
    return text if len(text) <= MAXIMUM_FACT_LENGTH else text[:MAXIMUM_FACT_LENGTH] + "..."

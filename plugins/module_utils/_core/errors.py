# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors that a user can cause. Their messages come from the catalogue.

A message is put together from the catalogue and from facts (names, numbers, ids, dates). It never contains a secret,
the body of a response or the text of another library's exception, so it may be shown where ``no_log`` does not reach.
"""

from __future__ import annotations

import re

from ansible_collections.tokenops.ionos.plugins.module_utils._core.catalogue import CATALOGUE

MAXIMUM_FACT_LENGTH = 300
MAXIMUM_EXAMINED_LENGTH = 100_000

_JWT_START = r"eyJ[A-Za-z0-9_-]{8,}|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]+\."
_JWT = re.compile(_JWT_START)
# A JWT however its header is written, and a run as long as only secrets are. The question marks stand for line breaks,
# so that a wrapped token is recognised to its end.
_TOKEN_LIKE = re.compile(rf"(?:{_JWT_START}|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{{65,}})[A-Za-z0-9_.?\\-]*")


class TokenOpsError(Exception):
    """An error with a message from the catalogue.

    :ivar code: the key in the catalogue.
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

    :ivar status: the HTTP status, or None if no answer was read.
    """

    def __init__(self, code: str, status: int | None = None, **facts: object) -> None:
        self.status = status
        super().__init__(code, status=status, **facts)

    @property
    def cause(self) -> str:
        """What happened, whatever the request was for: equal for two requests that met the same trouble."""
        return self.problem.replace(f"Cannot {self.facts.get('doing')}: ", "", 1)


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


class MintNotSent(MintError):
    """Certainly nothing was minted, and nothing speaks against trying again.

    :ivar retry_after: the seconds that the API asks to wait before, or None.
    """

    def __init__(self, code: str, status: int | None = None, retry_after: int | None = None, **facts: object) -> None:
        self.retry_after = retry_after
        super().__init__(code, status, **facts)


class MintAmbiguous(MintError):
    """A token may have been minted, or may still be: only a list of the tokens can tell (R3, R22)."""


class PersonNeeded(TokenOpsError):
    """The API lets nobody but a person mint for this account."""


class HandoffOverdue(TokenOpsError):
    """Only a person can mint, and too little is left of the current token's life."""


class VaultError(TokenOpsError):
    """A vault did not do what it was asked for.

    :ivar rejected: True if the write provably did not land and cannot land later (R1).
    """

    rejected = False

    def __init__(self, code: str, rejected: bool | None = None, **facts: object) -> None:
        super().__init__(code, **facts)
        if rejected is not None:
            self.rejected = rejected


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


def shown(value: object, maximum_length: int = MAXIMUM_FACT_LENGTH) -> str:
    """Return ``value`` as text that is safe in a message: one line, bounded, nothing that looks like a token."""
    text = _text(value)[:MAXIMUM_EXAMINED_LENGTH]
    text = "".join(character if character.isprintable() else "?" for character in text)
    text = _TOKEN_LIKE.sub("(a token)", text)
    return text if len(text) <= maximum_length else text[:maximum_length] + "..."


def has_token(text: str) -> bool:
    """Tell whether a text has something in it that is a JWT by its form."""
    return _JWT.search(text) is not None


def _text(value: object) -> str:
    try:
        return str(value)
    except ValueError:
        # A number of thousands of digits.
        return "(unreadable)"

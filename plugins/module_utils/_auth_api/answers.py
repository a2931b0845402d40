# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API's answers mean once they are checked; what is not as documented is no answer at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterable, List, NoReturn

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import LATEST, parse_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import is_token_id
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import TwoFactor

MAXIMUM_LIST_LENGTH = 1000
MAXIMUM_DIGITS = 20


class UnexpectedAnswer(Exception):
    """The answer is not what the API documents.

    :param how: what is odd about it, as in "It answered ..."; empty if it is no JSON object at all.
    """

    def __init__(self, how: str = "") -> None:
        self.how = how
        super().__init__(how)


class UndatedEntry(UnexpectedAnswer):
    """The answer shows a token without one of its dates, which are optional: it exists, and no more is known (R39).

    :ivar token_id: of the token.
    """

    def __init__(self, token_id: str, field: str) -> None:
        self.token_id = token_id
        super().__init__(f"with a token that exists but has no {field}")


@dataclass(frozen=True)
class TokenEntry:
    """What the API tells of a token. Instants are seconds since the epoch."""

    id: str
    created_at: int
    expires_at: int

    @property
    def lifetime(self) -> int:
        """The seconds from creation to expiry: the TTL it was minted with, give or take 2 (R2)."""
        return self.expires_at - self.created_at


class TokenList(List[TokenEntry]):
    """The tokens of a list.

    :ivar unreadable: one item per entry that cannot be read: its id, or None if not even that can be.
    """

    def __init__(self, entries: Iterable[TokenEntry], unreadable: Iterable[str | None] = ()) -> None:
        super().__init__(entries)
        self.unreadable = tuple(unreadable)

    @property
    def slots(self) -> int:
        """How many tokens of the quota they are; one that cannot be read takes its slot all the same."""
        return len(self) + len(self.unreadable)

    @property
    def unreadable_ids(self) -> frozenset[str]:
        """The ids that are known of what cannot be read."""
        return frozenset(token_id for token_id in self.unreadable if token_id is not None)


@dataclass(frozen=True)
class UserAccount:
    """What the Cloud API tells of a user. ``two_factor`` never says ``configuring``: no API shows that."""

    user_id: str
    two_factor: TwoFactor
    active: bool | None = None
    administrator: bool | None = None


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that ``body`` is.

    :raises UnexpectedAnswer: for anything else.
    """
    try:
        value = json.loads(body, parse_int=_bounded_integer, parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise UnexpectedAnswer
    return value


def is_error_body(body: bytes, status: int) -> bool:
    """Tell whether ``body`` is the API's own error body for this HTTP status, so that the API itself said so (R9).

    Both of its fields are optional (R39), but one of them is there, and neither is another than it should be.
    """
    try:
        value = read_object(body)
    except UnexpectedAnswer:
        return False
    reported, messages = value.get("httpStatus", status), value.get("messages", [])
    if isinstance(reported, bool) or reported != status or not isinstance(messages, list):
        return False
    return "httpStatus" in value or bool(messages)


def read_token_entry(value: object) -> TokenEntry:
    """Return the token that an item of a list, or the answer to a single GET, describes.

    :raises UndatedEntry: if it has an id that is a UUID, and not both dates.
    :raises UnexpectedAnswer: unless the id is a UUID and the dates are in order.
    """
    if not isinstance(value, dict) or not is_token_id(value.get("id")):
        raise UnexpectedAnswer("with a token whose id is missing or no UUID")
    token_id = value["id"].lower()
    for field in ("createdDate", "expirationDate"):
        if field not in value:
            raise UndatedEntry(token_id, field)
    created_at, expires_at = parse_instant(value["createdDate"]), parse_instant(value["expirationDate"])
    if created_at is None or expires_at is None or not 0 <= created_at <= expires_at <= LATEST:
        raise UnexpectedAnswer("with a token whose createdDate or expirationDate cannot be right")
    return TokenEntry(id=token_id, created_at=created_at, expires_at=expires_at)


def read_token_entries(value: dict[str, Any]) -> TokenList:
    """Return the tokens of a list; an entry that cannot be read costs that entry only (R39).

    A list without the field is never an empty one: a token that exists would be taken for gone.

    :raises UnexpectedAnswer: for a list that is missing, too long, holds an id twice, or nothing that can be read.
    """
    items = value.get("tokens")
    if not isinstance(items, list):
        raise UnexpectedAnswer("without a list in the field tokens")
    if len(items) > MAXIMUM_LIST_LENGTH:
        raise UnexpectedAnswer("with more tokens than a user can have")
    entries: list[TokenEntry] = []
    unreadable: list[str | None] = []
    how = ""
    for item in items:
        try:
            entries.append(read_token_entry(item))
        except UnexpectedAnswer as unexpected:
            how = unexpected.how
            token_id = item.get("id") if isinstance(item, dict) else None
            unreadable.append(token_id.lower() if isinstance(token_id, str) and is_token_id(token_id) else None)
    if items and not entries:
        raise UnexpectedAnswer(how)
    if len({entry.id for entry in entries}) != len(entries):
        raise UnexpectedAnswer("with one id twice in the field tokens")
    return TokenList(entries, unreadable)


def is_denied_success(body: bytes) -> bool:
    """Tell whether the body of an answer to a deletion denies what its status says: ``success`` is there, and not true.

    Everything else in it is optional, the body itself included (R39).
    """
    try:
        return read_object(body).get("success", True) is not True
    except UnexpectedAnswer:
        return False


def read_token_value(value: dict[str, Any]) -> str:
    """Return the value of a token that has just been minted, unparsed.

    :raises UnexpectedAnswer: if there is none.
    """
    token = value.get("token")
    if not isinstance(token, str):
        raise UnexpectedAnswer("without a text in the field token")
    return token


def read_user_account(value: dict[str, Any], user_id: str) -> UserAccount:
    """Return the account of the user that was asked for.

    ``secAuthActive`` says that 2FA is completed, ``forceSecAuth`` that the contract demands it.

    :raises UnexpectedAnswer: for another user's, or without the two-factor fields.
    """
    properties = value.get("properties")
    found_id = value.get("id")
    if not isinstance(found_id, str) or found_id.lower() != user_id.lower() or not isinstance(properties, dict):
        raise UnexpectedAnswer("with another user, or without its properties")
    completed, forced = properties.get("secAuthActive"), properties.get("forceSecAuth")
    if not isinstance(completed, bool) or not isinstance(forced, bool):
        raise UnexpectedAnswer("with a user without secAuthActive or forceSecAuth")
    return UserAccount(
        user_id=user_id,
        two_factor="enabled" if completed else "forced" if forced else "disabled",
        active=_flag(properties.get("active")),
        administrator=_flag(properties.get("administrator")),
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAXIMUM_DIGITS:
        raise ValueError
    return int(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)

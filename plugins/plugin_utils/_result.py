# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report is made of: the known fields of the result of ``vaulted_tokens``, checked and without secrets.

Fields that are not known here are ignored, whatever they hold, and text that looks like a token is masked. Instants are
seconds since the epoch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, shown
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import parse_instant

MAXIMUM_SENTENCES_LENGTH = 2000
"""Characters of a text that may hold several sentences."""

POLICY_QUESTIONS = ("basic", "bearer", "mint", "delete")

_WEB_ADDRESS = re.compile(r"https://[A-Za-z0-9._~:/?#@!$&()*+,;=%-]{1,500}")

Role = Literal["record", "replica"]
Fact = TypeVar("Fact")


@dataclass(frozen=True)
class PlaceFacts:
    """A place of a declared token, as the result tells it.

    :ivar in_sync: None where it was not looked at.
    :ivar changed: whether it was written, or in check mode would be.
    :ivar foreign: id of a token that stands there and was left alone.
    """

    vault: str
    place: str
    role: Role
    in_sync: bool | None
    changed: bool
    foreign: str | None
    message: str | None


@dataclass(frozen=True)
class FormerToken:
    """A token that was current before and still exists.

    :ivar since_at: when it was replaced, or when the API refused to delete it.
    """

    id: str
    expires_at: int | None
    since_at: int | None


@dataclass(frozen=True)
class CurrentToken:
    """The current token of a declaration."""

    id: str
    fingerprint: str | None
    origin: str | None
    user_id: str | None
    contract_number: str | None
    created_at: int
    expires_at: int


@dataclass(frozen=True)
class Handoff:
    """What a person has to do for one declared token.

    :ivar lifetime: what to choose in the Token Manager, in its own words.
    """

    why: str | None
    lifetime: str | None
    token_manager: str | None
    steps: tuple[str, ...]


@dataclass(frozen=True)
class TokenFacts:
    """A declared token, as the result tells it."""

    name: str
    account: str
    action: str
    reason: str
    predicted: bool
    failed: bool
    message: str | None
    error_codes: tuple[str, ...]
    current: CurrentToken | None
    ttl: int
    renew_before: int
    fail_before: int
    places: tuple[PlaceFacts, ...]
    previous: tuple[FormerToken, ...]
    delete_in_dcd: tuple[FormerToken, ...]
    handoff: Handoff | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Quota:
    """How many tokens a user has, may have, and is to keep free."""

    used: int
    limit: int
    reserve: int


@dataclass(frozen=True)
class PolicyDecision:
    """What the vendor's policy says of one operation; ``since`` and ``until`` are dates."""

    allowed: bool
    severity: str
    since: str | None
    until: str | None
    reason: str
    remedy: str
    url: str | None


@dataclass(frozen=True)
class AccountFacts:
    """An account, as the result tells it.

    :ivar policy: by the names of :data:`POLICY_QUESTIONS`.
    """

    name: str
    user_id: str | None
    contract_number: str | None
    two_factor: str
    quota: Quota | None
    policy: dict[str, PolicyDecision]
    message: str | None


def token_facts(entry: Mapping[str, Any], number: int) -> TokenFacts:
    """Return the facts of one entry of ``tokens``.

    :param number: its position, for the message.
    :raises ConfigurationError: ``report_input_invalid``.
    """
    fields = _Fields(entry, f"tokens[{number}]")
    return TokenFacts(
        name=fields.required_text("name"),
        account=fields.text("account") or "default",
        action=fields.text("action") or "kept",
        reason=fields.sentences("reason") or "",
        predicted=fields.flag("predicted") or False,
        failed=fields.flag("failed") or False,
        message=fields.sentences("message"),
        error_codes=fields.texts("error_codes"),
        current=fields.mapping("token", _current_token),
        ttl=fields.count("ttl_seconds") or 0,
        renew_before=fields.count("renew_before_seconds") or 0,
        fail_before=fields.count("fail_before_seconds") or 0,
        places=fields.mappings("vaults", _place),
        previous=fields.mappings("previous", lambda item: _former(item, "replaced_at")),
        delete_in_dcd=fields.mappings("delete_in_dcd", lambda item: _former(item, "since")),
        handoff=fields.mapping("handoff", _handoff),
        warnings=fields.texts("warnings"),
    )


def account_facts(entry: Mapping[str, Any], number: int) -> AccountFacts:
    """Return the facts of one entry of ``accounts``; parameters and errors as in :func:`token_facts`."""
    fields = _Fields(entry, f"accounts[{number}]")
    return AccountFacts(
        name=fields.required_text("name"),
        user_id=fields.text("user_id"),
        contract_number=fields.text("contract_number"),
        two_factor=fields.text("two_factor") or "unknown",
        quota=fields.mapping("quota", _quota),
        policy=fields.mapping("policy", _policy) or {},
        message=fields.sentences("message"),
    )


class _Fields:
    """The fields of one mapping of the result, each in its type; null and absent are the same."""

    def __init__(self, entry: Mapping[str, Any], where: str) -> None:
        self._entry = entry
        self._where = where

    def required_text(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise self._wrong(name, "it is missing or empty")
        return text

    def text(self, name: str) -> str | None:
        return self._text(name, None)

    def sentences(self, name: str) -> str | None:
        return self._text(name, MAXIMUM_SENTENCES_LENGTH)

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(shown(item, MAXIMUM_SENTENCES_LENGTH) for item in self._list(name) if _is_text(item))

    def flag(self, name: str) -> bool | None:
        value = self._entry.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "it is not true or false")
        return value

    def count(self, name: str) -> int | None:
        value = self._entry.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**11:
            raise self._wrong(name, "it is not a whole number from zero")
        return value

    def required_count(self, name: str) -> int:
        count = self.count(name)
        if count is None:
            raise self._wrong(name, "it is missing")
        return count

    def instant(self, name: str) -> int | None:
        value = self._entry.get(name)
        if value is None:
            return None
        seconds = parse_instant(value)
        if seconds is None:
            raise self._wrong(name, "it is not a date and time")
        return seconds

    def required_instant(self, name: str) -> int:
        seconds = self.instant(name)
        if seconds is None:
            raise self._wrong(name, "it is missing")
        return seconds

    def web_address(self, name: str) -> str | None:
        """Return an address that is safe as a link; anything else is left out."""
        text = self._text(name, None) or ""
        return text if _WEB_ADDRESS.fullmatch(text) else None

    def mapping(self, name: str, read: Callable[[_Fields], Fact]) -> Fact | None:
        value = self._entry.get(name)
        if value is None:
            return None
        return read(self._inner(value, name))

    def mappings(self, name: str, read: Callable[[_Fields], Fact]) -> tuple[Fact, ...]:
        return tuple(read(self._inner(item, f"{name}[{number}]")) for number, item in enumerate(self._list(name)))

    def _text(self, name: str, maximum_length: int | None) -> str | None:
        value = self._entry.get(name)
        if value is None:
            return None
        if not _is_text(value):
            raise self._wrong(name, "it is not a text")
        return shown(value) if maximum_length is None else shown(value, maximum_length)

    def _list(self, name: str) -> list[Any]:
        value = self._entry.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(name, "it is not a list")
        return value

    def _inner(self, value: Any, name: str) -> _Fields:
        if not isinstance(value, Mapping):
            raise self._wrong(name, "it is not a mapping")
        return _Fields(value, f"{self._where}.{name}")

    def _wrong(self, name: str, problem: str) -> ConfigurationError:
        return ConfigurationError("report_input_invalid", where=f"{self._where}.{name}", problem=problem)


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _current_token(fields: _Fields) -> CurrentToken:
    return CurrentToken(
        id=fields.required_text("id"),
        fingerprint=fields.text("fingerprint"),
        origin=fields.text("origin"),
        user_id=fields.text("user_id"),
        contract_number=fields.text("contract_number"),
        created_at=fields.required_instant("created_at"),
        expires_at=fields.required_instant("expires_at"),
    )


def _place(fields: _Fields) -> PlaceFacts:
    return PlaceFacts(
        vault=fields.required_text("name"),
        place=fields.text("place") or "",
        role="record" if fields.text("role") == "record" else "replica",
        in_sync=fields.flag("in_sync"),
        changed=fields.flag("changed") or False,
        foreign=fields.text("foreign"),
        message=fields.sentences("message"),
    )


def _former(fields: _Fields, since: str) -> FormerToken:
    return FormerToken(
        id=fields.required_text("id"), expires_at=fields.instant("expires_at"), since_at=fields.instant(since)
    )


def _handoff(fields: _Fields) -> Handoff:
    return Handoff(
        why=fields.sentences("why"),
        lifetime=fields.text("lifetime"),
        token_manager=fields.web_address("token_manager"),
        steps=fields.texts("steps"),
    )


def _quota(fields: _Fields) -> Quota:
    return Quota(
        used=fields.required_count("used"),
        limit=fields.required_count("limit"),
        reserve=fields.count("reserve") or 0,
    )


def _policy(fields: _Fields) -> dict[str, PolicyDecision]:
    decisions = {question: fields.mapping(question, _decision) for question in POLICY_QUESTIONS}
    return {question: decision for question, decision in decisions.items() if decision is not None}


def _decision(fields: _Fields) -> PolicyDecision:
    return PolicyDecision(
        allowed=fields.flag("allowed") or False,
        severity=fields.text("severity") or "uncertain",
        since=fields.text("since"),
        until=fields.text("until"),
        reason=fields.sentences("reason") or "",
        remedy=fields.sentences("remedy") or "",
        url=fields.web_address("url"),
    )

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one schema of what a run says of a declared token and of an account: what is known, checked and without secrets.

The engine writes entries by it, and console, report and notifications read them by it. Instants are seconds since the
epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.schema import (
    Codec,
    Count,
    Flag,
    Instant,
    Name,
    Number,
    Sentences,
    Text,
    WebAddress,
    invalid,
    read,
    write,
)

POLICY_QUESTIONS = ("basic", "bearer", "mint", "delete")

PlaceRole = Literal["record", "replica"]


def _place_role(value: object, _where: str) -> PlaceRole:
    return "record" if value == "record" else "replica"


@dataclass(frozen=True)
class PlaceFacts:
    """A place of a declared token.

    :ivar in_sync: None if it is not known, with ``message`` if it could not be found out.
    :ivar changed: whether it was written, or in check mode would be.
    :ivar unmanaged: id of a token that stands there, that no record knows and that was left alone.
    :ivar message: what is wrong with the place and what to do.
    :ivar published_at: when tasks of the user have published the current token there; None for other places.
    :ivar to_publish: ``publish`` or ``unpublish`` where tasks of the user have yet to do that.
    """

    vault: Name = field(metadata={"key": "name"})
    place: Text = ""
    role: Annotated[PlaceRole, Codec(_place_role)] = "replica"
    in_sync: Flag | None = None
    changed: Flag = False
    unmanaged: Text | None = field(default=None, metadata={"key": "foreign"})
    message: Sentences | None = None
    error_code: Text | None = None
    published_at: Instant | None = None
    to_publish: Text | None = None


@dataclass(frozen=True)
class PreviousToken:
    """A token that was current before and still exists."""

    id: Name
    expires_at: Instant | None = None
    replaced_at: Instant | None = None
    origin: Text | None = None


@dataclass(frozen=True)
class UndeletableToken:
    """A token that the API does not delete.

    :ivar since: when it refused to for the first time.
    """

    id: Name
    expires_at: Instant | None = None
    since: Instant | None = None


@dataclass(frozen=True)
class CurrentToken:
    """The current token of a declaration."""

    id: Name
    created_at: Instant
    expires_at: Instant
    fingerprint: Text | None = None
    remaining_seconds: Count | None = None
    origin: Text | None = None
    user_id: Text | None = None
    contract_number: Number | None = None


@dataclass(frozen=True)
class Handoff:
    """What a person has to do for one declared token.

    :ivar why: what keeps everybody but a person from minting.
    :ivar deadline: when the current token expires; None if none works.
    :ivar lifetime: what to choose in the Token Manager, in its own words.
    """

    why: Sentences | None = None
    deadline: Instant | None = None
    fails_from: Instant | None = None
    token_manager: WebAddress | None = None
    lifetime: Text | None = None
    steps: tuple[Sentences, ...] = ()
    delete_afterwards: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A token that a person handed over, and what came of it."""

    token_id: Text = ""
    source: Text = ""
    accepted: Flag = False
    reason: Sentences = ""


@dataclass(frozen=True)
class PolicyDecision:
    """What the vendor's policy says of one operation; ``since`` and ``until`` are dates."""

    allowed: Flag = False
    severity: Text = "uncertain"
    rule: Text | None = None
    since: Text | None = None
    until: Text | None = None
    reason: Sentences = ""
    remedy: Sentences = ""
    url: WebAddress | None = None


@dataclass(frozen=True)
class MintPolicy(PolicyDecision):
    """What the policy says of minting, and the state of two-factor authentication that it says it for."""

    two_factor: Text = "unknown"


@dataclass(frozen=True)
class TokenFacts:
    """A declared token after a run.

    :ivar works: whether the vault of record holds a token that works, in check mode before anything is done; None if
        the API did not say.
    :ivar waits: whether the API did not answer, and the next run is early enough to ask again.
    :ivar cause: what happened to the requests of a run that got no answer from the API.
    :ivar message: what is wrong with the run for this token; what is wrong with a place is told there.
    :ivar error_codes: names of what ``message`` says.
    :ivar inbox: where a person can put the next token, if a place is declared for that.
    :ivar revoked: tokens that were deleted at once and that the API was seen to refuse; in check mode, that would be.
    """

    name: Name
    account: Text = "default"
    action: Text = "kept"
    reason: Sentences = ""
    changed: Flag = False
    predicted: Flag = False
    failed: Flag = False
    waits: Flag = False
    cause: Sentences | None = None
    message: Sentences | None = None
    error_codes: tuple[Text, ...] = ()
    works: Flag | None = None
    current: CurrentToken | None = field(default=None, metadata={"key": "token"})
    ttl: Count = field(default=0, metadata={"key": "ttl_seconds"})
    renew_before: Count = field(default=0, metadata={"key": "renew_before_seconds"})
    fail_before: Count = field(default=0, metadata={"key": "fail_before_seconds"})
    previous: tuple[PreviousToken, ...] = ()
    retired: tuple[Text, ...] = ()
    revoked: tuple[Text, ...] = ()
    delete_in_dcd: tuple[UndeletableToken, ...] = ()
    orphans_deleted: tuple[Text, ...] = ()
    places: tuple[PlaceFacts, ...] = field(default=(), metadata={"key": "vaults"})
    policy: MintPolicy | None = None
    handoff: Handoff | None = None
    inbox: Text | None = None
    offer: Offer | None = None
    warnings: tuple[Sentences, ...] = ()

    @property
    def all_error_codes(self) -> tuple[str, ...]:
        """Names of everything that is wrong, places included, each once."""
        return tuple(
            dict.fromkeys([*self.error_codes, *(place.error_code for place in self.places if place.error_code)])
        )

    @property
    def all_messages(self) -> str:
        """What is wrong and what to do, places included, each once; empty if nothing is."""
        return " ".join(dict.fromkeys(text for text in (self.message, *(p.message for p in self.places)) if text))


@dataclass(frozen=True)
class Quota:
    """How many tokens a user has, may have, and is to keep free."""

    used: Count
    limit: Count
    reserve: Count = 0


@dataclass(frozen=True)
class ListedToken:
    """A token of an account's user, as the API lists it.

    :ivar declared: the declared token whose record names it, or None: nobody declares it, as far as records were read.
    :ivar role: ``current``, ``previous`` or ``to_delete`` of that, or ``credential`` if an account mints with it.
    """

    id: Name
    created_at: Instant
    expires_at: Instant
    expired: Flag = False
    declared: Text | None = None
    role: Text | None = None


def _policies(value: Any, where: str) -> dict[str, PolicyDecision]:
    if not isinstance(value, Mapping):
        raise invalid(where, "it is not a mapping")
    return {
        question: read(PolicyDecision, value[question], f"{where}.{question}")
        for question in POLICY_QUESTIONS
        if value.get(question) is not None
    }


@dataclass(frozen=True)
class AccountFacts:
    """An account after a run.

    :ivar policy: by the names of :data:`POLICY_QUESTIONS`; None if it is not known.
    :ivar tokens: all tokens of its user; none if they could not be listed.
    :ivar message: what could not be found out, and why.
    """

    name: Name
    user_id: Text | None = None
    contract_number: Number | None = None
    two_factor: Text = "unknown"
    quota: Quota | None = None
    policy: Annotated[Mapping[str, PolicyDecision], Codec(_policies)] | None = None
    tokens: tuple[ListedToken, ...] = ()
    message: Sentences | None = None

    def decision(self, question: str) -> PolicyDecision | None:
        """Return what the policy says of one of :data:`POLICY_QUESTIONS`, or None if it is not known."""
        return (self.policy or {}).get(question)


def token_facts(entry: object, number: int) -> TokenFacts:
    """Return the facts of one entry of ``tokens``.

    :param number: its position, for the message.
    :raises ConfigurationError: ``report_input_invalid``.
    """
    return read(TokenFacts, entry, f"tokens[{number}]")


def token_entry(facts: TokenFacts) -> dict[str, Any]:
    """Return the entry of ``tokens`` for these facts."""
    return write(facts)


def account_facts(entry: object, number: int) -> AccountFacts:
    """Return the facts of one entry of ``accounts``; parameters and errors as in :func:`token_facts`."""
    return read(AccountFacts, entry, f"accounts[{number}]")


def mint_policy(decision: Mapping[str, Any]) -> MintPolicy:
    """Return a decision of the policy on minting that is given in plain types."""
    return read(MintPolicy, decision, "policy")


def offer_facts(offer: Mapping[str, Any]) -> Offer:
    """Return what came of an offer that is given in plain types."""
    return read(Offer, offer, "offer")

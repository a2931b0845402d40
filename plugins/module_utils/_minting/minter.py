# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Minting that is never blind: what an attempt may have left behind is found, and deleted, before the next one.

Generate is a GET that creates, so a lost answer may mean a token that nobody holds. Every attempt sends a lifetime of
its own (R2, R3), by which its token is found in the list.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Generator, Iterable, Iterator, Literal, NamedTuple, Sequence, Union

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi, Removal
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiNotFound,
    ApiRefused,
    ApiUnavailable,
    MintAmbiguous,
    MintError,
    MintNotSent,
    PersonNeeded,
    PolicyRefusal,
    TokenOpsError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.declaration_mark import DeclarationMark
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import MintLedger, Reservation
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import (
    find_minted,
    find_rounded,
    find_similar,
    is_lifetime,
    rounding_of,
)

APPEARANCE_SECONDS = 30
LISTING_PAUSE_SECONDS = 2
MAXIMUM_SENDS = 4
MAXIMUM_PAUSE_SECONDS = 30

Deletion = Literal[Removal, "refused", "unknown"]
DELETED_BY_US: frozenset[Deletion] = frozenset({"deleted", "vanished"})
"""What a token that is known to exist no longer was: deleted by us, whether or not the answer arrived."""
UNKNOWN_TO_THE_API: frozenset[Deletion] = frozenset({"vanished", "gone"})
"""What a deletion ends with if the API does not know the token."""


@dataclass(frozen=True)
class MintAttempt:
    """One attempt: the TTL in seconds that it sends, and the API's time at which it started."""

    ttl: int
    started_at: int


@dataclass(frozen=True)
class Sending:
    """A request to generate that is sent as soon as the next event is asked for.

    :ivar number: 1 for the first request of the attempt; further ones follow if it certainly was not carried out.
    :ivar below_reserve: whether the attempt takes one of the slots that are to be kept free.
    """

    attempt: MintAttempt
    number: int
    below_reserve: bool


@dataclass(frozen=True)
class Unresolved:
    """An attempt of unknown outcome that may still turn out to have left a token (R3).

    :ivar rounded: the tokens that it may have left if the API rounds lifetimes.
    """

    attempt: MintAttempt
    rounded: tuple[TokenEntry, ...] = ()


class Found(NamedTuple):
    """What a search has found.

    :ivar minted: the unknown tokens that have the lifetime of the attempt.
    :ivar rounded: if there is none, those that the attempt may have left if the API rounds lifetimes.
    """

    minted: list[TokenEntry]
    rounded: list[TokenEntry]


@dataclass(frozen=True)
class Minted:
    """A new token, and the attempt that it came from. The last event."""

    token: Token
    attempt: MintAttempt


@dataclass(frozen=True)
class Unrecorded:
    """Tokens with a lifetime as it is sent here, which no record knows.

    :ivar marked: those that this declaration has minted, by its mark.
    :ivar others: those of which nobody can tell; other declarations of the same user mint such tokens too.
    """

    marked: list[TokenEntry]
    others: list[TokenEntry]


MintEvent = Union[Sending, Unresolved, Minted]


class Minter:
    """Mints with one issuer.

    :param api: the client that authenticates as the issuer.
    :param ledger: of this run; it knows the ids that come from elsewhere.
    :param mark: of the declaration to mint for, or None if there is none.
    :param holder: how messages name whom tokens are minted for.
    :param attempts: how many lifetimes are tried.
    """

    def __init__(
        self,
        api: AuthApi,
        ledger: MintLedger,
        mark: DeclarationMark | None = None,
        *,
        holder: str = "this user",
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        attempts: int = 3,
    ) -> None:
        self._api = api
        self._ledger = ledger
        self._mark = mark
        self._holder = holder
        self._sleep = sleep
        self._monotonic = monotonic
        self._attempts = attempts
        self._last_failure: MintAmbiguous | None = None

    def mint(self, wanted_ttl: int, may_send: Callable[[], bool] = lambda: True) -> Generator[MintEvent, None, None]:
        """Mint a token that lives for almost ``wanted_ttl`` seconds, event by event.

        The caller writes each event down before it asks for the next one, so that nothing is sent which nobody would
        look for. If it closes the generator instead, nothing more is sent. Where this raises, every attempt has either
        left nothing behind or was reported as ``Unresolved``.

        :param may_send: asked once more after ``Sending``, when the request has waited for its turn. If it may not be
            sent any more, ``Sending`` comes again.
        :raises PolicyRefusal, ApiRefused: it is not allowed.
        :raises PersonNeeded: ``mint_refused`` if only a person may mint, as far as is known.
        :raises MintNotSent: the API could not be reached, or kept on limiting the rate.
        :raises MintError: ``quota_reached``, ``mint_gave_up``, ``mint_answer_unusable``, ``mint_not_reconciled``,
            ``mint_candidates_several``, ``mint_orphan_left``, ``mint_forbidden``.
        :raises ApiUnavailable: the tokens could not be listed; nothing was sent.
        :raises ConfigurationError: ``ttl_no_room``.
        """
        self._api.require_allowed("mint")
        for _number in range(self._attempts):
            reservation = self._ledger.reserve(self._api, wanted_ttl, self._mark)
            attempt = MintAttempt(reservation.ttl, reservation.started_at)
            token = yield from self._try(reservation, attempt, may_send)
            if token is not None:
                self._ledger.minted(self._api, reservation, token.id)
                yield Minted(token, attempt)
                return
            yield from self._reconcile(reservation, attempt)
        raise self._given_up()

    def search(self, ttl: int, started_at: int, token_id: str | None = None, *, patiently: bool) -> Found:
        """Return the unknown tokens that an attempt may have left.

        :param token_id: of the token that it has left, if that is known.
        :param patiently: list again for the 30 s that a fresh token may need to appear, until one is found (R3).
        :raises ApiError: if the tokens cannot be listed.
        """
        if token_id is not None:
            return Found([entry for entry in self._api.list_tokens() if entry.id == token_id], [])
        return self._search(ttl, started_at, frozenset(), patiently)

    def unrecorded(self, wanted_ttl: int) -> Unrecorded:
        """Return the unknown tokens whose lifetime is one that minting for ``wanted_ttl`` sends (R19, R36).

        :raises ApiError: if the tokens cannot be listed.
        """
        similar = find_similar(self._api.list_tokens(), wanted_ttl, self._ledger.known_ids)
        marked = [entry for entry in similar if self._mark and self._mark.is_carried_by(entry, wanted_ttl)]
        return Unrecorded(marked, [entry for entry in similar if entry not in marked])

    def _try(
        self, reservation: Reservation, attempt: MintAttempt, may_send: Callable[[], bool]
    ) -> Generator[Sending, None, Token | None]:
        """Return the new token, or None if nobody knows what became of it."""
        try:
            token = yield from self._generate(reservation, attempt, may_send)
        except MintAmbiguous as error:
            self._last_failure = error
            return None
        except (TokenOpsError, GeneratorExit):
            self._ledger.released(self._api, reservation)
            raise
        # A token that was there before is somebody's: it is neither a result nor ours to undo.
        was_there = token.id in self._ledger.known_ids or token.id in reservation.listed_ids
        return None if was_there else token

    def _given_up(self) -> MintError:
        """Return the error after the last attempt; a token of no use in the answer is named as the cause."""
        failure = self._last_failure
        if failure is not None and failure.code.startswith("token_"):
            return MintError("mint_answer_unusable", attempts=self._attempts, why=failure.problem)
        return MintError("mint_gave_up", attempts=self._attempts)

    def _generate(
        self, reservation: Reservation, attempt: MintAttempt, may_send: Callable[[], bool]
    ) -> Generator[Sending, None, Token]:
        """Send the request, again with the same TTL as long as it certainly has not been carried out."""
        number = 0
        while True:
            number += 1
            yield Sending(attempt, number, reservation.below_reserve)
            try:
                return self._api.generate(attempt.ttl, may_send)
            except MintNotSent as error:
                if number == MAXIMUM_SENDS:
                    raise
                backoff = 2 ** (number - 1)
                pause = max(backoff, error.retry_after or backoff)
            except ApiRefused as error:
                if error.status != 403:
                    raise
                refusal = error
                break
            self._sleep(min(pause, MAXIMUM_PAUSE_SECONDS))
        raise self._forbidden(refusal)

    def _forbidden(self, refusal: ApiRefused) -> TokenOpsError:
        """Return the error that a 403 is: without 2FA nothing says that only a person may mint."""
        if self._api.known_two_factor == "disabled":
            return MintError("mint_forbidden", holder=self._holder)
        return PersonNeeded("mint_refused", holder=self._holder, policy=refusal.facts["policy"])

    def _reconcile(self, reservation: Reservation, attempt: MintAttempt) -> Iterator[Unresolved]:
        """Find and delete what an attempt of unknown outcome has left, or report it as unresolved (R32)."""
        error: MintError | None = None
        rounded: list[TokenEntry] = []
        try:
            orphan, rounded = self._orphan(reservation, attempt)
            if orphan is not None and self._delete(orphan):
                self._ledger.released(self._api, reservation)
                return
        except MintError as failed:
            error = failed
        yield Unresolved(attempt, tuple(rounded))
        if error is not None:
            raise error

    def _orphan(self, reservation: Reservation, attempt: MintAttempt) -> tuple[TokenEntry | None, list[TokenEntry]]:
        """Return what an attempt has left, or None and what it may have left if the API rounds lifetimes."""
        found = Found([], [])
        cause: TokenOpsError | None = None
        try:
            found = self._search(attempt.ttl, attempt.started_at, reservation.listed_ids, patiently=True)
        except (ApiError, PolicyRefusal) as failed:
            cause = failed
        if cause is not None:
            started_at = format_instant(attempt.started_at)
            raise MintError("mint_not_reconciled", ttl=attempt.ttl, started_at=started_at, cause=cause.code)
        if len(found.minted) > 1:
            raise MintError("mint_candidates_several", ids=_ids(found.minted))
        return next(iter(found.minted), None), found.rounded

    def _delete(self, orphan: TokenEntry) -> bool:
        """Delete what an attempt has left; False if what deletes does not know it yet (R32)."""
        cause: TokenOpsError
        try:
            if self._api.delete_token(orphan.id) != "deleted":
                return False
            self._ledger.deleted(self._api, orphan.id)
            return True
        except (ApiError, PolicyRefusal) as failed:
            cause = failed
        raise MintError("mint_orphan_left", token_id=orphan.id, cause=cause.code)

    def _search(self, ttl: int, started_at: int, others: frozenset[str], patiently: bool) -> Found:
        found = Found([], [])
        for _look in looks(self._sleep, self._monotonic):
            listed = [entry for entry in self._api.list_tokens() if entry.id not in others]
            minted = find_minted(listed, ttl, started_at, self._ledger.known_ids)
            rounded = [] if minted else find_rounded(listed, ttl, started_at, self._ledger.known_ids)
            found = Found(minted, rounded)
            if minted or not patiently:
                break
        return found


def verify_minted(
    api: AuthApi,
    token: Token,
    *,
    ttl: int,
    user_id: str | None,
    contract_number: int | None,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> TokenEntry:
    """Return the API's entry of a new token once it works and is what was asked for.

    :param api: the client that authenticates as the new token.
    :param ttl: the TTL that was sent, in seconds.
    :param user_id: the user that it must be of, or None if that is not known.
    :param contract_number: the contract that it must be bound to, or None if that is not known.
    :raises MintError: ``minted_token_foreign``, ``minted_token_unusable`` after 30 s, ``minted_token_lifetime``,
        ``minted_token_rounded``.
    :raises ApiError: if the API gives no trustworthy answer, or refuses for another reason.
    """
    if user_id not in {None, token.user_id} or contract_number not in {None, token.contract_number}:
        raise MintError("minted_token_foreign", token_id=token.id)
    entry = _await_known(api, token, sleep, monotonic)
    if not is_lifetime(entry, ttl):
        unit = rounding_of(entry.lifetime, ttl)
        if unit is not None:
            raise MintError("minted_token_rounded", token_id=token.id, lifetime=entry.lifetime, ttl=ttl, unit=unit)
        raise MintError("minted_token_lifetime", token_id=token.id, lifetime=entry.lifetime, ttl=ttl)
    return entry


def delete_with(token_id: str, apis: Sequence[AuthApi]) -> Deletion:
    """Delete a token with the first client that may: first the token itself, then the issuer (R14).

    :param apis: the clients to try, in this order.
    :returns: ``deleted``; ``vanished`` if it does not exist any more after one of them got no trustworthy answer;
        ``gone`` if it did not exist any more; ``refused`` if none may, or there is none; ``unknown`` if none could and
        one of them got no trustworthy answer.
    """
    deletion: Deletion = "refused"
    for api in apis:
        try:
            removal = api.delete_token(token_id)
            return "vanished" if removal == "gone" and deletion == "unknown" else removal
        except (ApiRefused, PolicyRefusal):
            continue
        except ApiUnavailable:
            deletion = "unknown"
    return deletion


def looks(sleep: Callable[[float], None], monotonic: Callable[[], float]) -> Iterator[None]:
    """Yield whenever it is time to look again, for the 30 s that the API may need until it shows a change (R3)."""
    end = monotonic() + APPEARANCE_SECONDS
    while True:
        is_last = monotonic() >= end
        yield
        if is_last:
            return
        sleep(LISTING_PAUSE_SECONDS)


def rounded_warning(entries: Iterable[TokenEntry]) -> str:
    """Return what to say of tokens that an unanswered attempt may have left if the API rounds lifetimes (G3)."""
    return (
        "The API lists tokens that an unanswered attempt to mint may have left, if it rounds lifetimes: "
        f"{_ids(entries)}. They may be somebody else's and are left alone; delete in the DCD what nobody uses."
    )


def _ids(entries: Iterable[TokenEntry]) -> str:
    return ", ".join(sorted(entry.id for entry in entries))


def _await_known(
    api: AuthApi, token: Token, sleep: Callable[[float], None], monotonic: Callable[[], float]
) -> TokenEntry:
    for _look in looks(sleep, monotonic):
        try:
            return api.get_token(token.id)
        except ApiNotFound:
            pass
        except ApiRefused as error:
            if error.status != 401:
                raise
    raise MintError("minted_token_unusable", token_id=token.id, seconds=APPEARANCE_SECONDS)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a request gets to the API: in its turn, with a credential, and again while that makes sense.

A pause that the API asks for is kept by everybody who shares the pacer.
"""

from __future__ import annotations

import math
import time
from random import SystemRandom
from typing import Callable, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import Credential
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.errors import is_refusal
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import LATEST
from ansible_collections.tokenops.ionos.plugins.module_utils._http.pacer import Pacer, Pause
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import (
    Answer,
    Reason,
    Transport,
    TransportError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Operation

MAXIMUM_ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.5
MAXIMUM_RETRY_AFTER_SECONDS = 30
CONFIRMATION_PAUSE_SECONDS = 1
RATE_LIMITED = 429

_PASSING_REASONS: frozenset[Reason] = frozenset({"dns", "refused", "timeout", "proxy", "reset", "cut_off"})
_PASSING_STATUSES = frozenset({RATE_LIMITED, 502, 503, 504})


class Call(NamedTuple):
    """A request.

    :ivar doing: how messages name what it is for.
    :ivar names_something: whether it asks for one thing that may not exist.
    :ivar asks_policy: False only for the request by which the policy gets to know the account.
    """

    method: str
    url: str
    operation: Operation
    doing: str
    names_something: bool = False
    asks_policy: bool = True


class CallOutcome(NamedTuple):
    """What became of a call.

    :ivar may_be_done: whether an attempt before the last one may have been carried out.
    :ivar is_refused: whether the last answer is a refusal: the API's own by its body, or a 401 that a second confirmed.
    """

    last: Answer | TransportError
    may_be_done: bool = False
    is_refused: bool = False


class NotBegun(TransportError):
    """A request that is not sent, since its turn would come too late.

    :ivar retry_after: the seconds that are left of a pause that the API has asked for, or None.
    """

    def __init__(self, pause: Pause | None) -> None:
        super().__init__("pause" if pause else "turn", sent=False, status=pause.status if pause else None)
        self.retry_after = math.ceil(pause.seconds) if pause else None


class Caller:
    """Sends requests to one API with one credential. Safe to share between threads.

    :param contract_number: sent along with requests to the Auth API; defaults to the one that a token is bound to.
    :ivar clock: told of the date of every answer, of any status (R8).
    :param random: gives numbers from 0 up to 1, for the jitter of pauses.
    :param pacer: what all callers of the host in this run share; by default this one has its own.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        transport: Transport,
        credential: Credential,
        contract_number: int | None = None,
        *,
        clock: ApiClock,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = SystemRandom().random,
        monotonic: Callable[[], float] = time.monotonic,
        pacer: Pacer | None = None,
    ) -> None:
        self.endpoints = endpoints
        self.credential = credential
        self.contract_number = contract_number if contract_number is not None else credential.contract_number
        self.clock = clock
        self._transport = transport
        self._sleep = sleep
        self._random = random
        self._monotonic = monotonic
        self._pacer = pacer or Pacer(sleep=sleep, monotonic=monotonic)

    def with_credential(self, credential: Credential, contract_number: int | None) -> Caller:
        """Return a caller of the same API with another credential."""
        return Caller(
            self.endpoints,
            self._transport,
            credential,
            contract_number,
            clock=self.clock,
            sleep=self._sleep,
            random=self._random,
            monotonic=self._monotonic,
            pacer=self._pacer,
        )

    @property
    def deadline(self) -> float:
        """The seconds that a call may take, with all of its attempts."""
        return self._transport.options.deadline

    def pause_for_confirmation(self) -> None:
        """Wait before something is asked a second time, so that what has just happened has had its effect."""
        self._sleep(CONFIRMATION_PAUSE_SECONDS)

    def repeat(self, call: Call, fresh_connection: bool = False) -> CallOutcome:
        """Send a call that may be repeated until it is answered for good, within the total deadline."""
        end = self._monotonic() + self.deadline
        may_be_done = False
        number = 1
        last = self._attempt(call, end, fresh_connection)
        while not self._is_401_of_another_shape(last):
            pause = self._pause_after(last, number)
            if pause is None or self._monotonic() + pause >= end:
                return _outcome(last, may_be_done)
            if pause:
                self._sleep(pause)
            number += 1
            following = self._attempt(call, end, fresh_connection, number)
            if isinstance(following, NotBegun):
                return _outcome(last, may_be_done)
            may_be_done = may_be_done or isinstance(last, Answer) or last.sent
            last = following
        return self._confirm(call, may_be_done, end)

    def send_once(self, call: Call, may_send: Callable[[], bool]) -> CallOutcome:
        """Send a call that must not be repeated, over a fresh connection, with at least half of its time left.

        A request that mints and runs out of time is an unconfirmed mint.

        :param may_send: asked when the request's turn has come.
        """
        now = self._monotonic()
        begun = self._pacer.await_turn(now + self.deadline / 2)
        if begun is None or not may_send():
            return CallOutcome(NotBegun(self._pacer.pause))
        return _outcome(self._send(call, begun, now + self.deadline, fresh_connection=True))

    def _is_401_of_another_shape(self, last: Answer | TransportError) -> bool:
        """Tell whether the API's own host, as TLS has proven, refuses in other words than the API's (R39)."""
        options = self._transport.options
        is_verified = options.validate_certs or options.certificate_fingerprint is not None
        return (
            is_verified
            and self.endpoints.auth.startswith("https:")
            and isinstance(last, Answer)
            and last.status == 401
            and not is_refusal(last)
        )

    def _confirm(self, call: Call, may_be_done: bool, end: float) -> CallOutcome:
        """Send a call once more over another connection: a second 401 makes both a refusal."""
        self.pause_for_confirmation()
        last = self._attempt(call, end, fresh_connection=True)
        is_refused = isinstance(last, Answer) and (last.status == 401 or is_refusal(last))
        return CallOutcome(last, may_be_done, is_refused)

    def _attempt(self, call: Call, end: float, fresh_connection: bool, number: int = 1) -> Answer | TransportError:
        """Send a request once its turn has come, if that is before ``end``."""
        begun = self._pacer.await_turn(end)
        return NotBegun(self._pacer.pause) if begun is None else self._send(call, begun, end, fresh_connection, number)

    def _send(
        self, call: Call, begun: float, end: float, fresh_connection: bool, number: int = 1
    ) -> Answer | TransportError:
        headers = {}
        if self.contract_number is not None and call.url.startswith(self.endpoints.auth):
            headers["X-Contract-Number"] = str(self.contract_number)
        seconds = end - self._monotonic()
        try:
            answer = self._transport.send(
                call.method, call.url, self.credential, headers, fresh_connection=fresh_connection, deadline=seconds
            )
        except TransportError as failure:
            return failure
        if answer.date is not None and 0 <= answer.date <= LATEST:
            self.clock.observe(answer.date)
        if _asks_for_pause(answer):
            retry_after = min(answer.retry_after or 0, MAXIMUM_RETRY_AFTER_SECONDS)
            self._pacer.complain(answer.status, max(self._backoff(number), retry_after), begun)
        return answer

    def _pause_after(self, last: Answer | TransportError, number: int) -> float | None:
        """Return the seconds to wait before a call is repeated, or None if repeating it makes no sense.

        A pause that the API has asked for is everybody's, so it is none here.

        :param number: of the attempt.
        """
        if number == MAXIMUM_ATTEMPTS:
            return None
        if isinstance(last, TransportError):
            return self._backoff(number) if last.reason in _PASSING_REASONS else None
        if _asks_for_pause(last):
            return 0.0
        return self._backoff(number) if last.status in _PASSING_STATUSES else None

    def _backoff(self, number: int) -> float:
        seconds: float = FIRST_PAUSE_SECONDS * 2 ** (number - 1) * (0.5 + self._random() / 2)
        return seconds


def _outcome(last: Answer | TransportError, may_be_done: bool = False) -> CallOutcome:
    return CallOutcome(last, may_be_done, isinstance(last, Answer) and is_refusal(last))


def _asks_for_pause(answer: Answer) -> bool:
    """Tell whether an answer asks everybody for a pause: there are too many requests, or it says how long to wait."""
    return answer.status == RATE_LIMITED or (answer.status in _PASSING_STATUSES and bool(answer.retry_after))

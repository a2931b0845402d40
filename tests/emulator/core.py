# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator without any transport: requests go in, answers and what happens to their bytes come out."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from emulator import rules
from emulator.clock import Clock, format_instant
from emulator.faults import DATE, FaultScript, Plan
from emulator.journal import Entry, Journal
from emulator.messages import Answer, ApiError, Request, json_answer, not_found, too_many_requests
from emulator.operations import GENERATE, Call, Outcome, identify, perform, refuse_unknown
from emulator.state import DEFAULT_TTL, Settings, State
from emulator.token_manager import Dcd
from emulator.tokens import API, IssuedToken
from emulator.users import TwoFactor, User
from emulator.wire import Wire

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Exchange:
    """A request that has arrived, with the faults that hit it."""

    request: Request
    call: Call | None
    plan: Plan
    entry: Entry


@dataclass(frozen=True)
class Delivery:
    """An answer, and what happens to its bytes."""

    answer: Answer
    wire: Wire


@dataclass
class _LateRequest:
    due: float
    exchange: Exchange


class Emulator:
    """The Auth API, the Cloud API's users and the Token Manager, with clock, faults and journal.

    A transport calls ``begin``, waits ``plan.delay_before`` seconds, calls ``complete``, waits ``plan.delay_after``
    seconds and sends the bytes of ``wire.pieces``. Tests use the handles ``clock``, ``faults``, ``journal``, ``dcd``,
    ``state`` and ``settings``, and ``add_user``, ``mint``, ``tokens``, ``revoke``. Safe to use from several threads.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.state = State(self.clock)
        self.faults = FaultScript()
        self.journal = Journal()
        self.dcd = Dcd(self.state)
        self._late: list[_LateRequest] = []
        self._answered_at: list[float] = []
        self._lock = threading.RLock()
        self.clock.on_move(self.run_late_requests)

    @property
    def settings(self) -> Settings:
        """What this server does where the vendor's page leaves it open."""
        return self.state.settings

    def add_user(
        self,
        name: str,
        password: str,
        contracts: Iterable[int] = (31711111,),
        two_factor: str = "disabled",
        **fields: Any,
    ) -> User:
        """Add a user; *fields* are those of ``User``, *two_factor* a state that has held for long."""
        state = TwoFactor.in_state(two_factor, LONG_AGO)
        with self._lock:
            self.journal.hide(password)
            return self.state.users.add(
                User(name=name, password=password, contracts=tuple(contracts), two_factor=state, **fields)
            )

    def mint(
        self, user: User, contract_number: int | None = None, ttl: int = DEFAULT_TTL, origin: str = API
    ) -> tuple[IssuedToken, str]:
        """Issue a token and return it with its value, past every rule but the quota: for arranging a test."""
        with self._lock:
            return self.state.mint(user, contract_number or user.contracts[0], ttl, origin)

    def tokens(self, user: User | None = None) -> list[IssuedToken]:
        """The tokens that exist (of one user), oldest first, expired and not yet appeared ones included."""
        with self._lock:
            self.run_late_requests()
            tokens = self.state.tokens
            return tokens.existing() if user is None else tokens.existing_of(user.user_id)

    def revoke(self, token_id: str) -> None:
        """Delete a token behind everybody's back; raises ``ApiError`` 404 for an unknown id."""
        with self._lock:
            token = self.state.tokens.get(token_id)
            if token is None:
                raise not_found()
            token.revoked = True

    def reset(self) -> None:
        """Forget users, tokens, faults, journal, sessions and late requests; the clock stays where it is."""
        with self._lock:
            self.state.clear()
            self.faults.clear()
            self.journal.clear()
            self.dcd.clear()
            self._late.clear()
            self._answered_at.clear()

    def begin(self, request: Request) -> Exchange:
        """Take in a request: journal it and find the faults that hit it."""
        with self._lock:
            self.run_late_requests()
            self.state.requests_handled += 1
            call = identify(request)
            user, token = self._claimed_identity(request)
            operation = call.operation if call else None
            plan = self.faults.plan(operation, user)
            if self._is_over_rate():
                plan.refuse(too_many_requests(self.settings.says_retry_after))
            entry = self.journal.open_entry(
                at=format_instant(self.clock.now()),
                method=request.method,
                path=request.target,
                operation=operation,
                credential=rules.credential_kind(request),
                user=user,
                token_id=token.id if token else None,
                contract_header=request.header(rules.CONTRACT_HEADER),
                user_agent=request.header("user-agent"),
                connection=request.connection,
                faults=plan.faults,
            )
            exchange = Exchange(request, call, plan, entry)
            if plan.runs_late_after is not None:
                self.run_later(exchange, plan.runs_late_after)
            return exchange

    def _is_over_rate(self) -> bool:
        """Count a request; tell whether as many as may be were answered within the last second."""
        limit, now = self.settings.requests_per_second, self.clock.timestamp()
        self._answered_at = [moment for moment in self._answered_at if now - 1 < moment <= now]
        if limit and len(self._answered_at) >= limit:
            return True
        self._answered_at.append(now)
        return False

    def complete(self, exchange: Exchange) -> Delivery:
        """Run the handler, unless a fault prevents it, and return what is sent."""
        with self._lock:
            plan = exchange.plan
            handled = self._run_handler(exchange) if plan.runs_handler else None
            answer = plan.substitute or handled or Answer(200)
            answer = answer.with_header(DATE, self.clock.date_header())
            for transformation in plan.transformations:
                answer = transformation(answer)
            exchange.entry.status = None if plan.wire.dropped else answer.status
            return Delivery(answer, plan.wire)

    def run_later(self, exchange: Exchange, seconds: float) -> None:
        """Let the handler of a request run once the clock has gone on by *seconds*; nobody gets its answer."""
        with self._lock:
            self._late.append(_LateRequest(self.clock.timestamp() + seconds, exchange))

    def run_late_requests(self) -> None:
        """Run the handlers whose time has come."""
        with self._lock:
            due = [late for late in self._late if late.due <= self.clock.timestamp()]
            self._late = [late for late in self._late if late not in due]
            for late in due:
                self._run_handler(late.exchange)

    def _run_handler(self, exchange: Exchange) -> Answer:
        outcome = self._outcome(exchange)
        entry = exchange.entry
        entry.handler_ran = True
        entry.handler_status = outcome.answer.status
        entry.minted += outcome.minted
        entry.deleted += outcome.deleted
        return outcome.answer

    def _outcome(self, exchange: Exchange) -> Outcome:
        if exchange.call is None:
            return Outcome(refuse_unknown(exchange.request))
        try:
            outcome = perform(self.state, exchange.request, exchange.call)
            if exchange.plan.mints_for_stranger and exchange.call.operation == GENERATE:
                outcome = self._handed_to_stranger(outcome)
        except ApiError as error:
            return Outcome(error.answer())
        return outcome

    def _handed_to_stranger(self, outcome: Outcome) -> Outcome:
        minted = self.state.tokens.get(outcome.minted[0])
        assert minted is not None
        stranger = self.add_user(f"stranger-{minted.id}@example.com", minted.id, [minted.contract_number])
        self.state.tokens.hand_over(minted, stranger.user_id)
        return replace(outcome, answer=json_answer({"token": self.state.value_of(minted, stranger)}))

    def _claimed_identity(self, request: Request) -> tuple[str | None, IssuedToken | None]:
        token = rules.shown_token(self.state, request)
        if token is not None:
            user = self.state.owner_of(token)
            return (user.name if user else None), token
        name, dummy = rules.basic_credentials(request) or ("", "")
        return (name if self.state.users.named(name) else None), None

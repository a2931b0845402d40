# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Minting: lifetimes that collide with nothing, slots that are counted, and attempts that leave nothing behind."""

from __future__ import annotations

import datetime
import itertools
import random
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry, TokenList
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import Caller
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiRefused,
    ApiUnavailable,
    ConfigurationError,
    MintError,
    MintNotSent,
    PersonNeeded,
    PolicyRefusal,
    TokenOpsError,
    VaultConflict,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import least_lifetime_sent
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import QUOTA, MintLedger, Reservation
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import (
    MintAttempt,
    Minted,
    Minter,
    Sending,
    Unrecorded,
    Unresolved,
    delete_with,
    verify_minted,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import (
    find_minted,
    reserve_ttl,
    shortest_ttl,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import PolicyGate
from emulator import EmulatorServer
from support.emulator_fixtures import emulator
from support.trace import (
    AUTH,
    DAY,
    NOON,
    Expected,
    FakeTime,
    Lost,
    Reply,
    Trace,
    client,
    entry,
    html,
    listed,
    refusal,
    token,
    token_id,
)

__all__ = ["emulator"]

LIST = f"{AUTH}/tokens"
GENERATE = f"{AUTH}/tokens/generate?ttl={{ttl}}"
NEW = token(7)
MINTED = Reply(200, {"token": NEW.value})


class Journal:
    """Goes through the events of a mint and writes them down as ``(event, ttl)``."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.below_reserve: list[bool] = []

    def mint(self, minter: Minter) -> Minted:
        with closing(minter.mint(30 * DAY)) as events:
            for event in events:
                if isinstance(event, Minted):
                    return event
                if isinstance(event, Unresolved):
                    self.events.append(("unresolved", event.attempt.ttl))
                else:
                    self.sending(event)
        raise AssertionError("a mint ends with a token or an error")

    def sending(self, event: Sending) -> None:
        if event.number == 1:
            self.events.append(("starting", event.attempt.ttl))
            self.below_reserve.append(event.below_reserve)

    @property
    def names(self) -> list[str]:
        return [name for name, _ttl in self.events]


class Attempts:
    """The TTLs that a trace has seen, and answers that depend on them."""

    def __init__(self) -> None:
        self.ttls: list[int] = []

    def generate(self, reply: Reply | Lost) -> Expected:
        def answer(ttl: int) -> Reply | Lost:
            self.ttls.append(ttl)
            return reply

        return Expected("GET", GENERATE, answer)

    def list_with_orphans(self, *numbers: int) -> Expected:
        """A list that shows tokens with the lifetime that was sent last."""
        return Expected("GET", LIST, lambda _none: listed(*[entry(number, self.ttls[-1]) for number in numbers]))


def listing(*entries: dict[str, Any]) -> Expected:
    return Expected("GET", LIST, listed(*entries))


def deleting(number: int, reply: Reply | Lost) -> Expected:
    return Expected("DELETE", f"{AUTH}/tokens/{token_id(number)}", reply)


DELETED = Reply(200, {"success": True})


def seeded(seed: int = 0) -> Callable[[], float]:
    return random.Random(seed).random  # noqa: S311 - a test wants to be repeatable


def minter(trace: Trace, time: FakeTime | None = None, ledger: MintLedger | None = None, **options: Any) -> Minter:
    used = time or FakeTime()
    api = client(trace, time=used)
    return Minter(api, ledger or MintLedger(seeded()), sleep=used.sleep, monotonic=used.monotonic, **options)


# The watermark (R2)

LIFETIMES = st.integers(60, 31_536_000)


@given(wanted=LIFETIMES, taken=st.lists(LIFETIMES), fraction=st.floats(0, 1, exclude_max=True))
def test_r2_a_reserved_ttl_is_far_from_everything_and_near_what_is_wanted(
    wanted: int, taken: list[int], fraction: float
) -> None:
    try:
        ttl = reserve_ttl(wanted, taken, lambda: fraction)
    except ConfigurationError:
        return
    band = min(DAY, wanted // 20)
    # Each lifetime that is taken keeps nine from being used at a distance of five seconds.
    distance = 5 if min(band, wanted - 60) - 5 >= 9 * len(set(taken)) else 3
    assert 60 <= ttl <= wanted - distance
    assert wanted - ttl <= band
    assert all(abs(ttl - lifetime) >= distance for lifetime in taken)


def test_r36_the_distance_to_what_is_known_shrinks_where_room_is_scarce() -> None:
    def lowest() -> float:
        return 0.0

    def highest() -> float:
        return 0.999

    # Alone, there is room five seconds away; with a token of 112 seconds listed, only three or four from both.
    assert (reserve_ttl(120, [], lowest), reserve_ttl(120, [], highest)) == (114, 115)
    assert (reserve_ttl(120, [112], lowest), reserve_ttl(120, [112], highest)) == (116, 116)
    with pytest.raises(ConfigurationError):
        reserve_ttl(120, [], lowest, reserved={112, 118})


@given(tokens=st.integers(1, 50))
def test_r36_the_shortest_ttl_has_room_beside_so_many_tokens_and_none_shorter_has(tokens: int) -> None:
    def taken(wanted: int) -> list[int]:
        return [least_lifetime_sent(wanted) + 2 + 5 * number for number in range(tokens)]

    shortest = shortest_ttl(tokens)
    assert reserve_ttl(shortest, taken(shortest), lambda: 0.0) == shortest - 3
    with pytest.raises(ConfigurationError):
        reserve_ttl(shortest - 1, taken(shortest - 1), lambda: 0.0)


def test_r36_what_is_still_looked_for_is_avoided_only_while_there_is_room() -> None:
    assert reserve_ttl(480, [], lambda: 0.0, sought={456}) == 461
    assert reserve_ttl(120, [], lambda: 0.0, sought={112, 118}) == 114


@given(
    wanted=st.integers(2_400, 31_536_000),
    offsets=st.lists(st.integers(-10, 100_000), max_size=10),
    fraction=st.floats(0, 1, exclude_max=True),
)
def test_r2_there_is_room_beside_a_few_tokens(wanted: int, offsets: list[int], fraction: float) -> None:
    taken = [wanted - offset for offset in offsets]
    assert reserve_ttl(wanted, taken, lambda: fraction) < wanted


@given(wanted=st.integers(2_400, 40_000), fractions=st.lists(st.floats(0, 1, exclude_max=True), max_size=2))
def test_r2_every_free_ttl_can_come_up_and_no_other(wanted: int, fractions: list[float]) -> None:
    taken = [int(wanted - fraction * wanted / 20) for fraction in fractions]
    free = {
        ttl for ttl in range(wanted - wanted // 20, wanted - 4) if all(abs(ttl - lifetime) >= 5 for lifetime in taken)
    }
    drawn = {
        reserve_ttl(wanted, taken, lambda position=index: (position + 0.5) / len(free)) for index in range(len(free))
    }
    assert drawn == free


@pytest.mark.parametrize("wanted", [60, 61, 62])
def test_r16_a_ttl_too_short_for_a_watermark_is_refused(wanted: int) -> None:
    with pytest.raises(ConfigurationError) as raised:
        reserve_ttl(wanted, [], lambda: 0.5)
    assert str(raised.value) == (
        f"No lifetime near {wanted} seconds is free to tell a new token apart from the others. Choose a longer ttl, or "
        "delete tokens that nobody needs."
    )


def test_a_ttl_with_exactly_one_lifetime_free_gets_that_one() -> None:
    assert reserve_ttl(100, [], lambda: 0.99) == 95


@pytest.mark.parametrize(
    ("lifetime", "created_at", "matches"),
    [
        (3600, NOON, True),
        (3602, NOON, True),
        (3598, NOON, True),
        (3603, NOON, False),
        (3597, NOON, False),
        (3600, NOON - 60, True),
        (3600, NOON - 61, False),
        (3600, NOON + 5000, True),
    ],
)
def test_r8_a_token_of_an_attempt_has_its_lifetime_and_is_not_older(
    lifetime: int, created_at: int, matches: bool
) -> None:
    candidate = TokenEntry(token_id(1), created_at, created_at + lifetime)
    assert find_minted([candidate], 3600, NOON, frozenset()) == ([candidate] if matches else [])


def test_a_known_token_is_never_one_of_an_attempt() -> None:
    assert find_minted([TokenEntry(token_id(1), NOON, NOON + 3600)], 3600, NOON, {token_id(1)}) == []


# The ledger (R2, R12)


class ListedApi:
    """As much of a client as the ledger uses: a user with tokens."""

    def __init__(self, *entries: TokenEntry, user: str = "user ann", contract_number: int | None = 1) -> None:
        self.entries = list(entries)
        self.contract_number = contract_number
        self.credential = SimpleNamespace(identity=user)
        self.clock = ApiClock(lambda: 0, lambda: NOON)
        self.clock.observe(NOON)
        self.host = "api.example.com"

    def list_tokens(self) -> TokenList:
        return TokenList(self.entries)

    def as_api(self) -> AuthApi:
        return cast(AuthApi, self)


def entries(count: int, first: int = 1) -> list[TokenEntry]:
    return [TokenEntry(token_id(number), NOON, NOON + 10_000 + 50 * number) for number in range(first, first + count)]


@pytest.mark.parametrize("threads", [8, 64])
def test_r2_concurrent_reservations_never_collide(threads: int) -> None:
    api = ListedApi().as_api()
    ledger = MintLedger(seeded())
    barrier = threading.Barrier(threads)

    def reserve(_number: int) -> int:
        barrier.wait()
        return ledger.reserve(api, 30 * DAY).ttl

    with ThreadPoolExecutor(threads) as pool:
        ttls = sorted(pool.map(reserve, range(threads)))
    assert all(later - earlier >= 5 for earlier, later in itertools.pairwise(ttls))


def test_r2_tokens_are_listed_and_lifetimes_reserved_by_one_thread_at_a_time() -> None:
    class BusyApi(ListedApi):
        inside = 0
        most = 0

        def list_tokens(self) -> TokenList:
            self.inside += 1
            self.most = max(self.most, self.inside)
            pause.wait(0.005)
            self.inside -= 1
            return TokenList([])

    pause = threading.Event()
    api = BusyApi()
    ledger = MintLedger(seeded())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _number: ledger.reserve(api.as_api(), 30 * DAY), range(8)))
    assert api.most == 1


class SlowApi(ListedApi):
    """A user's tokens, of which the first list takes until the test lets it go on; it shows what there was before.

    :ivar begun: set once the first list is on its way.
    """

    def __init__(self, error: TokenOpsError | None = None) -> None:
        super().__init__()
        self.begun, self.may_arrive = threading.Event(), threading.Event()
        self.lists = 0
        self._error = error

    def list_tokens(self) -> TokenList:
        self.lists += 1
        listed, is_first = TokenList(list(self.entries)), self.lists == 1
        if is_first:
            self.begun.set()
            self.may_arrive.wait()
        if is_first and self._error is not None:
            raise self._error
        return listed

    def reserve_while_listing(self, latecomers: int) -> tuple[Future[Reservation], list[Future[Reservation]]]:
        """Reserve once, and so many times while the list for that is on its way and another token has come."""
        ledger = MintLedger(seeded())
        with ThreadPoolExecutor(latecomers + 1) as pool:
            first = pool.submit(ledger.reserve, self.as_api(), 30 * DAY)
            self.begun.wait()
            self.entries.extend(entries(1))
            others = [pool.submit(ledger.reserve, self.as_api(), 30 * DAY) for _number in range(latecomers)]
            # Who comes later than this meets no list on its way, which changes nothing of what is asserted.
            wait(others, timeout=0.1)
            self.may_arrive.set()
        return first, others


def test_reservations_that_meet_share_a_list() -> None:
    api = SlowApi()
    first, others = api.reserve_while_listing(8)
    assert len({reservation.result().ttl for reservation in [first, *others]}) == 9
    assert api.lists < 9


def test_r2_a_reservation_never_rests_on_a_list_that_began_before_it() -> None:
    first, [late] = SlowApi().reserve_while_listing(1)
    assert (first.result().listed_ids, late.result().listed_ids) == (frozenset(), {token_id(1)})


def test_a_list_that_fails_fails_for_whoever_asked_for_it_alone() -> None:
    down = ApiUnavailable("api_timeout", None, host="api.example.com", doing="list the tokens", deadline=60)
    first, [late] = SlowApi(down).reserve_while_listing(1)
    assert first.exception() is down
    assert late.result().listed_ids == {token_id(1)}


def test_r2_a_reservation_keeps_away_from_the_lifetimes_that_are_listed() -> None:
    taken = [TokenEntry(token_id(number), NOON, NOON + ttl) for number, ttl in enumerate(range(95, 100), start=1)]
    with pytest.raises(ConfigurationError, match="No lifetime near 100 seconds is free"):
        MintLedger(seeded()).reserve(ListedApi(*taken).as_api(), 100)


def test_r2_a_reservation_keeps_away_from_the_lifetimes_that_somebody_looks_for() -> None:
    api, ledger = ListedApi().as_api(), MintLedger(lambda: 0.0)
    lowest = reserve_ttl(30 * DAY, [], lambda: 0.0)
    ledger.note_sought("app", frozenset({lowest}))
    ledger.note_sought("dns", frozenset({lowest}))
    ledger.note_sought("app", frozenset())
    assert ledger.reserve(api, 30 * DAY).ttl == lowest + 5


def test_a_lifetime_that_nobody_looks_for_any_more_is_free() -> None:
    api, ledger = ListedApi().as_api(), MintLedger(lambda: 0.0)
    lowest = reserve_ttl(30 * DAY, [], lambda: 0.0)
    ledger.note_sought("app", frozenset({lowest}))
    ledger.note_sought("app", frozenset({lowest + 10}))
    assert ledger.reserve(api, 30 * DAY).ttl == lowest


def test_what_is_listed_without_its_dates_was_there_before_too() -> None:
    class OddApi(ListedApi):
        def list_tokens(self) -> TokenList:
            return TokenList(self.entries, [token_id(2), None])

    ledger = MintLedger(seeded())
    assert ledger.reserve(OddApi(*entries(1)).as_api(), 30 * DAY).listed_ids == {token_id(1), token_id(2)}


def test_r2_a_lifetime_is_reserved_once_a_run_even_if_nothing_came_of_it() -> None:
    api = ListedApi().as_api()
    ledger = MintLedger(seeded())
    ledger.released(api, ledger.reserve(api, 100))
    with pytest.raises(ConfigurationError):
        ledger.reserve(api, 100)


def test_r12_the_quota_is_never_exceeded() -> None:
    api = ListedApi(*entries(QUOTA - 1)).as_api()
    ledger = MintLedger(seeded())
    ledger.reserve(api, 30 * DAY)
    with pytest.raises(MintError) as raised:
        ledger.reserve(api, 30 * DAY)
    assert str(raised.value) == (
        "No token can be created: 100 of the 100 that a user may have exist or are being created. Delete those that "
        "nobody needs, expired ones first, in the DCD or with auth_token."
    )


def test_r12_concurrent_reservations_stop_at_the_quota() -> None:
    api = ListedApi(*entries(90)).as_api()
    ledger = MintLedger(seeded())

    def reserve(_number: int) -> bool:
        try:
            ledger.reserve(api, 30 * DAY)
        except MintError:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(reserve, range(32))) == 10


def test_r12_a_released_reservation_frees_its_slot() -> None:
    api = ListedApi(*entries(QUOTA - 1)).as_api()
    ledger = MintLedger(seeded())
    ledger.released(api, ledger.reserve(api, 30 * DAY))
    assert ledger.reserve(api, 30 * DAY)


@pytest.mark.parametrize("is_listed", [True, False])
def test_r12_a_minted_token_is_counted_once_whether_listed_yet_or_not(is_listed: bool) -> None:
    api = ListedApi(*entries(QUOTA - 2))
    ledger = MintLedger(seeded())
    reservation = ledger.reserve(api.as_api(), 30 * DAY)
    ledger.minted(api.as_api(), reservation, token_id(500))
    if is_listed:
        api.entries.append(TokenEntry(token_id(500), NOON, NOON + reservation.ttl))
    ledger.reserve(api.as_api(), 30 * DAY)
    with pytest.raises(MintError):
        ledger.reserve(api.as_api(), 30 * DAY)


def test_r12_a_mint_in_flight_that_is_listed_already_is_counted_once() -> None:
    api = ListedApi(*entries(QUOTA - 2))
    ledger = MintLedger(seeded())
    reservation = ledger.reserve(api.as_api(), 30 * DAY)
    api.entries.append(TokenEntry(token_id(500), NOON, NOON + reservation.ttl))
    ledger.reserve(api.as_api(), 30 * DAY)
    with pytest.raises(MintError):
        ledger.reserve(api.as_api(), 30 * DAY)


def test_r12_a_minted_token_that_was_listed_and_is_gone_frees_its_slot() -> None:
    api = ListedApi(*entries(QUOTA - 1))
    ledger = MintLedger(seeded())
    reservation = ledger.reserve(api.as_api(), 30 * DAY)
    ledger.minted(api.as_api(), reservation, token_id(500))
    api.entries.append(TokenEntry(token_id(500), NOON, NOON + reservation.ttl))
    with pytest.raises(MintError):
        ledger.reserve(api.as_api(), 30 * DAY)
    api.entries.pop()
    assert ledger.reserve(api.as_api(), 30 * DAY)


def test_r12_a_deleted_token_frees_its_slot_even_if_a_list_still_shows_it() -> None:
    api = ListedApi(*entries(QUOTA)).as_api()
    ledger = MintLedger(seeded())
    ledger.deleted(api, token_id(1))
    assert ledger.reserve(api, 30 * DAY)


def test_r12_tokens_of_one_user_on_several_contracts_are_counted_together() -> None:
    first = ListedApi(*entries(60), contract_number=1).as_api()
    second = ListedApi(*entries(40, first=200), contract_number=2).as_api()
    ledger = MintLedger(seeded())
    ledger.reserve(first, 30 * DAY)
    with pytest.raises(MintError):
        ledger.reserve(second, 30 * DAY)


def test_r12_users_do_not_share_slots() -> None:
    ledger = MintLedger(seeded())
    ledger.reserve(ListedApi(*entries(QUOTA - 1), user="user ann").as_api(), 30 * DAY)
    assert ledger.reserve(ListedApi(*entries(QUOTA - 1), user="user bob").as_api(), 30 * DAY)


@pytest.mark.parametrize(("used", "below"), [(94, False), (95, True), (99, True)])
def test_g8_dipping_into_the_reserve_is_told(used: int, below: bool) -> None:
    ledger = MintLedger(seeded(), quota_reserve=5)
    assert ledger.reserve(ListedApi(*entries(used)).as_api(), 30 * DAY).below_reserve is below


def test_r8_without_a_date_header_nothing_is_minted() -> None:
    answer = Reply(200, {"tokens": []}, {"Date": ""})
    with Trace(Expected("GET", LIST, answer)) as trace, pytest.raises(ApiUnavailable, match="sends no Date header"):
        Journal().mint(minter(trace))


# Minting


def test_a_mint_lists_and_generates_once() -> None:
    journal, attempts = Journal(), Attempts()
    with Trace(listing(entry(1)), attempts.generate(MINTED)) as trace:
        minted = journal.mint(minter(trace))
    assert minted.token == NEW
    assert minted.attempt == MintAttempt(attempts.ttls[0], NOON)
    assert journal.events == [("starting", attempts.ttls[0])]
    assert 29 * DAY <= attempts.ttls[0] <= 30 * DAY - 5


def test_an_attempt_that_cannot_be_written_down_is_not_sent() -> None:
    class ConflictingJournal(Journal):
        def sending(self, event: Sending) -> None:
            raise VaultConflict("vault_changed_meanwhile", where="bao")

    with Trace(listing()) as trace, pytest.raises(VaultConflict):
        ConflictingJournal().mint(minter(trace))


@pytest.mark.parametrize(
    "trouble",
    [
        Lost(),
        html(502),
        html(504),
        Reply(200, b""),
        Reply(200, {"token": "garbage"}),
        pytest.param(Reply(200, {"token": token(1).value}), id="a token that was there before"),
    ],
)
def test_r22_what_an_ambiguous_attempt_left_is_deleted_before_the_next(trouble: Reply | Lost) -> None:
    journal, attempts = Journal(), Attempts()
    expected = [
        listing(entry(1)),
        attempts.generate(trouble),
        attempts.list_with_orphans(5),
        deleting(5, DELETED),
        listing(entry(1)),
        attempts.generate(MINTED),
    ]
    with Trace(*expected) as trace:
        minted = journal.mint(minter(trace))
    assert journal.events == [
        ("starting", attempts.ttls[0]),
        ("starting", attempts.ttls[1]),
    ]
    assert minted.attempt.ttl == attempts.ttls[1]
    assert abs(attempts.ttls[0] - attempts.ttls[1]) >= 5


def test_r12_a_deleted_orphan_needs_no_slot_any_more_even_if_a_list_still_shows_it() -> None:
    attempts = Attempts()
    expected = [
        listing(entry(1)),
        attempts.generate(Lost()),
        attempts.list_with_orphans(5),
        deleting(5, DELETED),
        Expected("GET", LIST, lambda _none: listed(entry(1), entry(5, attempts.ttls[0]))),
        attempts.generate(MINTED),
    ]
    with Trace(*expected) as trace:
        Journal().mint(minter(trace, ledger=MintLedger(seeded(), quota=2)))


def test_r12_an_attempt_that_left_nothing_needs_no_slot_any_more() -> None:
    attempts = Attempts()
    one = [listing(entry(1)), attempts.generate(Lost()), attempts.list_with_orphans(5), deleting(5, DELETED)]
    with Trace(*one * 2, listing(entry(1)), attempts.generate(MINTED)) as trace:
        Journal().mint(minter(trace, ledger=MintLedger(seeded(), quota=2)))


def test_r12_an_attempt_of_unknown_outcome_keeps_its_slot() -> None:
    expected = [listing(), Attempts().generate(Lost()), *[listing()] * 16, listing()]
    with Trace(*expected) as trace, pytest.raises(MintError, match="No token can be created: 1 of the 1"):
        Journal().mint(minter(trace, ledger=MintLedger(seeded(), quota=1)))


def test_what_the_policy_forbids_is_neither_written_down_nor_listed_for() -> None:
    journal = Journal()
    gate = PolicyGate(lambda: datetime.date(2026, 3, 1), two_factor="enabled")
    with Trace() as trace, pytest.raises(PolicyRefusal):
        journal.mint(Minter(client(trace, gate=gate), MintLedger(seeded())))
    assert journal.events == []


def test_r3_a_fresh_token_is_looked_for_until_it_appears() -> None:
    journal, attempts, time = Journal(), Attempts(), FakeTime()
    expected = [
        listing(),
        attempts.generate(Lost()),
        listing(),
        listing(),
        attempts.list_with_orphans(5),
        deleting(5, DELETED),
        listing(),
        attempts.generate(MINTED),
    ]
    with Trace(*expected) as trace:
        journal.mint(minter(trace, time))
    assert journal.names == ["starting", "starting"]
    assert time.pauses == [2, 2]


def test_r3_an_attempt_without_a_trace_stays_unconfirmed_after_thirty_seconds() -> None:
    journal, attempts, time = Journal(), Attempts(), FakeTime()
    searching = [listing()] * 16
    with Trace(listing(), attempts.generate(Lost()), *searching, listing(), attempts.generate(MINTED)) as trace:
        journal.mint(minter(trace, time))
    assert journal.names == ["starting", "unresolved", "starting"]
    assert sum(time.pauses) == 30


def test_r2_where_several_tokens_match_none_is_deleted_and_all_are_named() -> None:
    journal, attempts = Journal(), Attempts()
    expected = [listing(), attempts.generate(Lost()), attempts.list_with_orphans(5, 6)]
    with Trace(*expected) as trace, pytest.raises(MintError) as raised:
        journal.mint(minter(trace))
    assert f"{token_id(5)}, {token_id(6)}. None was deleted." in str(raised.value)
    assert journal.names == ["starting", "unresolved"]


def test_g3_tokens_that_existed_before_or_are_known_are_never_taken_for_an_orphan() -> None:
    attempts = Attempts()
    ledger = MintLedger(lambda: 0.0)
    ledger.note_known([token_id(6)])
    # Token 5 gets the lifetime of the attempt before it is made, token 6 stands in a record.
    ttl = reserve_ttl(30 * DAY, [], lambda: 0.0)
    expected = [
        listing(entry(5, ttl + 2 * 5)),
        attempts.generate(Lost()),
        *[Expected("GET", LIST, lambda _none: listed(entry(5, attempts.ttls[0]), entry(6, attempts.ttls[0])))] * 16,
        listing(),
        attempts.generate(MINTED),
    ]
    with Trace(*expected) as trace:
        Journal().mint(minter(trace, ledger=ledger))


def test_where_the_tokens_cannot_be_listed_the_attempt_stays_unconfirmed() -> None:
    journal, attempts = Journal(), Attempts()
    failing = [Expected("GET", LIST, html(500))]
    with Trace(listing(), attempts.generate(Lost()), *failing) as trace, pytest.raises(MintError) as raised:
        journal.mint(minter(trace))
    assert f"A token of {attempts.ttls[0]} seconds, created since 2026-03-01T12:00:00Z, may be left over." in str(
        raised.value
    )
    assert journal.names == ["starting", "unresolved"]


def test_an_orphan_that_cannot_be_deleted_is_named() -> None:
    journal, attempts = Journal(), Attempts()
    expected = [listing(), attempts.generate(Lost()), attempts.list_with_orphans(5), deleting(5, refusal(403))]
    message = f"left token {token_id(5)}, which could not be deleted"
    with Trace(*expected) as trace, pytest.raises(MintError, match=message):
        journal.mint(minter(trace))
    assert journal.names == ["starting", "unresolved"]


@pytest.mark.parametrize("status", [401, 422])
def test_r12_a_refusal_ends_the_mint_without_a_search(status: int) -> None:
    journal, attempts = Journal(), Attempts()
    with Trace(listing(), attempts.generate(refusal(status))) as trace, pytest.raises(ApiRefused):
        journal.mint(minter(trace))
    assert journal.names == ["starting"]


def test_r39_a_403_with_nothing_known_of_the_account_is_for_a_person() -> None:
    journal, attempts = Journal(), Attempts()
    words = r"refuses to mint for this user \(HTTP status 403\)"
    trace = Trace(listing(), attempts.generate(refusal(403)))
    with trace, pytest.raises(PersonNeeded, match=words):
        journal.mint(minter(trace))
    assert journal.names == ["starting"]


def test_a_rate_limit_sends_the_same_attempt_again() -> None:
    journal, attempts, time = Journal(), Attempts(), FakeTime()
    busy = Reply(429, b"", {"Retry-After": "12"})
    with Trace(listing(), attempts.generate(busy), attempts.generate(MINTED)) as trace:
        journal.mint(minter(trace, time))
    assert attempts.ttls[0] == attempts.ttls[1]
    assert (journal.names, time.pauses) == (["starting"], [12])


def test_a_rate_limit_that_stays_ends_the_mint_with_nothing_left() -> None:
    attempts, time, ledger = Attempts(), FakeTime(), MintLedger(seeded(), quota=1)
    busy = [attempts.generate(html(429))] * 4
    with Trace(listing(), *busy, listing(), attempts.generate(MINTED)) as trace:
        with pytest.raises(MintNotSent, match="limits the rate of requests"):
            Journal().mint(minter(trace, time, ledger))
        Journal().mint(minter(trace, time, ledger))
    assert time.pauses == [1, 2, 4]


def test_r15_each_request_to_generate_is_announced_and_nothing_is_sent_if_the_caller_stops_there() -> None:
    class StoppingJournal(Journal):
        def sending(self, event: Sending) -> None:
            super().sending(event)
            if event.number == 2:
                raise MintError("mint_stopped")

    journal, attempts, ledger = StoppingJournal(), Attempts(), MintLedger(seeded(), quota=1)
    busy = attempts.generate(html(429))
    with Trace(listing(), busy, listing(), attempts.generate(MINTED)) as trace:
        with pytest.raises(MintError, match="No token was created: the run is to end"):
            journal.mint(minter(trace, ledger=ledger))
        assert journal.names == ["starting"]
        # The slot of what was not sent is free again.
        Journal().mint(minter(trace, ledger=ledger))


def test_three_ambiguous_attempts_are_enough() -> None:
    journal, attempts = Journal(), Attempts()
    one = [listing(), attempts.generate(Lost()), attempts.list_with_orphans(5), deleting(5, DELETED)]
    with Trace(*one * 3) as trace, pytest.raises(MintError, match="No token could be created in 3 attempts"):
        journal.mint(minter(trace))
    assert journal.names == ["starting"] * 3
    assert len(set(attempts.ttls)) == 3


def test_r39_a_token_of_no_use_in_the_answer_is_named_as_the_cause() -> None:
    attempts = Attempts()
    unusable = Reply(200, {"token": "not-a-token"})
    one = [listing(), attempts.generate(unusable), attempts.list_with_orphans(5), deleting(5, DELETED)]
    with Trace(*one * 3) as trace, pytest.raises(MintError) as raised:
        Journal().mint(minter(trace))
    assert "what the API hands out is no token to use; the answer is not an IONOS Cloud API token" in str(raised.value)
    assert "Run again when the API is well" not in str(raised.value)


@pytest.mark.parametrize(("reserve", "below"), [(QUOTA, True), (QUOTA - 1, False)])
def test_g8_an_attempt_that_takes_a_slot_of_the_reserve_says_so(reserve: int, below: bool) -> None:
    journal, ledger = Journal(), MintLedger(seeded(), quota_reserve=reserve)
    with Trace(listing(), Attempts().generate(MINTED)) as trace:
        journal.mint(minter(trace, ledger=ledger))
    assert journal.below_reserve == [below]


def test_nothing_is_sent_where_the_tokens_cannot_be_listed_first() -> None:
    with Trace(Expected("GET", LIST, html(500))) as trace, pytest.raises(ApiUnavailable):
        Journal().mint(minter(trace))


# Searching


def test_r3_a_search_without_patience_lists_once() -> None:
    with Trace(listing(entry(5, 3600))) as trace:
        found = minter(trace).search(3600, NOON, patiently=False).minted
    assert [item.id for item in found] == [token_id(5)]
    with Trace(listing()) as trace:
        assert minter(trace).search(3600, NOON, patiently=False).minted == []


@pytest.mark.parametrize(
    ("lifetime", "since", "is_named"),
    [
        (3540, 5, True),
        (3540, 3600, True),
        (3600, 5, True),
        (3540, 3601, False),
        (3540, -61, False),
        (3541, 5, False),
        (7200, 5, False),
    ],
)
def test_r39_what_an_attempt_may_have_left_if_lifetimes_are_rounded_is_found_apart(
    lifetime: int, since: int, is_named: bool
) -> None:
    with Trace(listing(entry(5, lifetime=lifetime, created_at=NOON + since))) as trace:
        found = minter(trace).search(3555, NOON, patiently=False)
    assert (found.minted, [item.id for item in found.rounded]) == ([], [token_id(5)] if is_named else [])


def test_r39_nothing_is_taken_for_rounded_beside_the_exact_lifetime() -> None:
    tokens = [entry(5, lifetime=3540, created_at=NOON + 5), entry(6, lifetime=3555, created_at=NOON + 5)]
    with Trace(listing(*tokens)) as trace:
        found = minter(trace).search(3555, NOON, patiently=False)
    assert ([item.id for item in found.minted], found.rounded) == ([token_id(6)], [])


def test_r19_unknown_tokens_in_the_band_of_a_declaration_are_found() -> None:
    tokens = [
        entry(1, 30 * DAY),
        entry(2, 30 * DAY - 3600),
        entry(3, 29 * DAY),
        entry(4, 29 * DAY - 1),
        entry(5, 29 * DAY),
        entry(6, 30 * DAY - 3),
        entry(7, 30 * DAY - 2),
    ]
    with Trace(listing(*tokens)) as trace:
        ledger = MintLedger(seeded())
        ledger.note_known([token_id(5)])
        found = minter(trace, ledger=ledger).unrecorded(30 * DAY)
    assert {item.id for item in found.others} == {token_id(2), token_id(3), token_id(6)}
    assert found.marked == []


def test_r19_what_this_run_has_minted_is_not_lost() -> None:
    attempts = Attempts()
    with Trace(listing(), attempts.generate(MINTED), attempts.list_with_orphans(7)) as trace:
        used = minter(trace)
        Journal().mint(used)
        assert used.unrecorded(30 * DAY) == Unrecorded([], [])


# Verifying


def verify(trace: Trace, time: FakeTime | None = None, **wanted: Any) -> TokenEntry:
    used = time or FakeTime()
    options = {"ttl": 3600, "user_id": NEW.user_id, "contract_number": NEW.contract_number, **wanted}
    api = client(trace, BearerCredential(NEW), time=used)
    return verify_minted(api, NEW, sleep=used.sleep, monotonic=used.monotonic, **options)


def asking_new(reply: Reply) -> Expected:
    return Expected("GET", f"{AUTH}/tokens/{NEW.id}", reply)


def test_a_new_token_is_asked_about_itself_until_it_is_known() -> None:
    time = FakeTime()
    expected = [asking_new(refusal(401)), asking_new(refusal(404)), asking_new(Reply(200, entry(7, 3601)))]
    with Trace(*expected) as trace:
        assert verify(trace, time).lifetime == 3601
    assert time.pauses == [2, 2]


def test_a_new_token_that_stays_unknown_is_given_up_after_thirty_seconds() -> None:
    time = FakeTime()
    with Trace(*[asking_new(refusal(401))] * 16) as trace, pytest.raises(MintError) as raised:
        verify(trace, time)
    assert str(raised.value).startswith(f"The new token {NEW.id} is still not accepted by the API 30 seconds after")
    assert sum(time.pauses) == 30


def test_a_new_token_that_is_forbidden_is_not_asked_again() -> None:
    with Trace(asking_new(refusal(403))) as trace, pytest.raises(ApiRefused):
        verify(trace)


@pytest.mark.parametrize(
    ("lifetime", "unit"), [(2_590_000, 10), (2_589_960, 60), (2_588_400, 3600), (2_505_600, 86400)]
)
def test_r39_a_rounded_lifetime_is_refused_with_that_reason(lifetime: int, unit: int) -> None:
    reason = f"rounds lifetimes to {unit} seconds"
    answer = Reply(200, entry(7, lifetime=lifetime))
    with Trace(asking_new(answer)) as trace, pytest.raises(MintError, match=reason):
        verify(trace, ttl=2_589_993)


@pytest.mark.parametrize("lifetime", [3603, 3610, 3660, 3700, 7200])
def test_a_new_token_with_another_lifetime_is_refused(lifetime: int) -> None:
    with Trace(asking_new(Reply(200, entry(7, lifetime)))) as trace, pytest.raises(MintError) as raised:
        verify(trace)
    assert f"The new token {NEW.id} lives for {lifetime} seconds instead of 3600." in str(raised.value)


@pytest.mark.parametrize("wanted", [{"user_id": "somebody-else"}, {"contract_number": 99}])
def test_r7_a_new_token_of_another_user_or_contract_is_refused_unsent(wanted: dict[str, Any]) -> None:
    with Trace() as trace, pytest.raises(MintError, match="is of another user or contract"):
        verify(trace, **wanted)


def test_r7_an_identity_that_is_not_known_is_not_compared() -> None:
    with Trace(asking_new(Reply(200, entry(7, 3600)))) as trace:
        assert verify(trace, user_id=None, contract_number=None)


# Deleting


@pytest.mark.parametrize(
    ("by_itself", "by_issuer", "outcome"),
    [
        (DELETED, None, "deleted"),
        (refusal(404), None, "gone"),
        (refusal(401), DELETED, "deleted"),
        (refusal(401), refusal(404), "gone"),
        (refusal(403), refusal(403), "refused"),
        (html(500), DELETED, "deleted"),
    ],
)
def test_r14_a_token_is_deleted_with_itself_first_and_then_with_the_issuer(
    by_itself: Reply, by_issuer: Reply | None, outcome: str
) -> None:
    expected = [deleting(7, by_itself)] + ([deleting(7, by_issuer)] if by_issuer else [])
    with Trace(*expected) as trace:
        issuer = client(trace)
        assert delete_with(NEW.id, [issuer.with_token(NEW), issuer]) == outcome
    used = [request.headers["Authorization"] for request in trace.requests]
    assert used == [f"Bearer {NEW.value}", f"Bearer {token().value}"][: len(expected)]


@pytest.mark.parametrize("answers", [(html(500), refusal(403)), (refusal(403), html(500))])
def test_r9_a_deletion_of_unknown_outcome_is_not_called_refused(answers: tuple[Reply, Reply]) -> None:
    with Trace(*[deleting(7, answer) for answer in answers]) as trace:
        assert delete_with(NEW.id, [client(trace), client(trace)]) == "unknown"


def test_a_token_that_nobody_may_delete_is_refused() -> None:
    assert delete_with(NEW.id, []) == "refused"


# Against a real server


def real_minter(emulator: EmulatorServer, value: str, ledger: MintLedger | None = None) -> tuple[Minter, AuthApi]:
    """Return a minter whose pauses pass on the emulator's clock."""
    clock = emulator.clock
    api = AuthApi(
        Caller(
            Endpoints.from_url(emulator.url),
            Transport(ConnectionOptions()),
            BearerCredential(parse_token(value, "the test")),
            clock=ApiClock(clock.timestamp, clock.timestamp),
            sleep=lambda seconds: clock.advance(seconds=seconds),
            monotonic=clock.timestamp,
        )
    )
    used = ledger or MintLedger(seeded())
    return Minter(api, used, sleep=lambda seconds: clock.advance(seconds=seconds), monotonic=clock.timestamp), api


@pytest.mark.parametrize("fault", ["drop_after", "cut_header", "truncated_body", "empty_body", "garbage_body"])
def test_a_lost_answer_ends_with_two_mints_one_delete_and_one_token(emulator: EmulatorServer, fault: str) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    issuer, value = emulator.mint(ann, ttl=365 * DAY)
    emulator.faults.add(fault, "generate")
    minted = Journal().mint(real_minter(emulator, value)[0])
    before, kept = emulator.journal.minted()
    assert kept == minted.token.id
    assert emulator.journal.deleted() == [before]
    assert {item.id for item in emulator.tokens(ann)} == {issuer.id, minted.token.id}


@pytest.mark.parametrize("fault", ["drop_before", "gateway_page"])
def test_a_request_that_never_arrived_leaves_an_unconfirmed_mint_and_one_token(
    emulator: EmulatorServer, fault: str
) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    _issuer, value = emulator.mint(ann, ttl=365 * DAY)
    emulator.clock.freeze()
    emulator.faults.add(fault, "generate")
    journal = Journal()
    minted = journal.mint(real_minter(emulator, value)[0])
    assert emulator.journal.minted() == [minted.token.id]
    assert emulator.journal.deleted() == []
    assert journal.names == ["starting", "unresolved", "starting"]


def test_r3_a_mint_that_runs_late_is_found_by_a_later_search(emulator: EmulatorServer) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    _issuer, value = emulator.mint(ann, ttl=365 * DAY)
    emulator.clock.freeze()
    emulator.faults.add("run_late", "generate", seconds=600)
    journal = Journal()
    minter_used, api = real_minter(emulator, value)
    minted = journal.mint(minter_used)
    unconfirmed = journal.events[1]
    emulator.clock.advance(seconds=900)
    found = minter_used.search(unconfirmed[1], minted.attempt.started_at - 60, patiently=False).minted
    assert [item.id for item in found] == [
        token_id for token_id in emulator.journal.minted() if token_id != minted.token.id
    ]
    assert api.delete_token(found[0].id) == "deleted"


def test_many_concurrent_mints_with_lost_answers_leave_exactly_what_was_returned(emulator: EmulatorServer) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    issuer, value = emulator.mint(ann, ttl=365 * DAY)
    emulator.faults.add("drop_after", "generate", on_call=2, count=3)
    ledger = MintLedger(seeded())
    minter_used, _api = real_minter(emulator, value, ledger)
    with ThreadPoolExecutor(8) as pool:
        minted = [future.result() for future in [pool.submit(Journal().mint, minter_used) for _n in range(8)]]
    assert {item.id for item in emulator.tokens(ann)} == {issuer.id, *[item.token.id for item in minted]}
    assert len(emulator.journal.deleted()) == 3


def test_a_foreign_token_is_recognised(emulator: EmulatorServer) -> None:
    ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111])
    emulator.add_user("bob@example.com", "secret-password", contracts=[31711111])
    _issuer, value = emulator.mint(ann, ttl=365 * DAY)
    emulator.faults.add("foreign_token", "generate")
    minter_used, api = real_minter(emulator, value)
    minted = Journal().mint(minter_used)
    with pytest.raises(MintError, match=re.escape("is of another user or contract")):
        verify_minted(
            api.with_token(minted.token),
            minted.token,
            ttl=minted.attempt.ttl,
            user_id=api.user_id,
            contract_number=api.contract_number,
        )

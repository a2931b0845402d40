# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One watchdog for all requests: it bites in time, only where it should, and leaves nothing behind."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._http import watchdog as module
from ansible_collections.tokenops.ionos.plugins.module_utils._http.watchdog import Watchdog

LATE = 5.0
NEVER = 600.0


def threads() -> set[threading.Thread]:
    """Return the threads of all watchdogs; those of earlier tests may end at any time."""
    return {thread for thread in threading.enumerate() if thread.name == "deadlines"}


def test_it_bites_when_the_time_has_come() -> None:
    bitten = threading.Event()
    watch = Watchdog().watch(0.01, bitten.set)
    assert bitten.wait(LATE)
    assert watch.is_cancelled


def test_a_shorter_deadline_does_not_wait_for_a_longer_one() -> None:
    watchdog, bitten = Watchdog(), threading.Event()
    watchdog.watch(NEVER, lambda: None)
    time.sleep(0.01)
    watchdog.watch(0.01, bitten.set)
    assert bitten.wait(LATE)


def test_what_is_cancelled_is_not_bitten_and_what_comes_after_it_is() -> None:
    watchdog, bitten, wrong = Watchdog(), threading.Event(), threading.Event()
    watchdog.watch(0.02, wrong.set).cancel()
    watchdog.watch(0.03, bitten.set)
    assert bitten.wait(LATE)
    assert not wrong.is_set()


def test_a_thousand_requests_have_one_thread() -> None:
    before = threads()
    watchdog = Watchdog()
    watches = [watchdog.watch(NEVER, lambda: None) for _number in range(1000)]
    assert len(threads() - before) == 1
    for watch in watches:
        watch.cancel()


def test_a_cancelled_request_is_not_kept_alive() -> None:
    class Request:
        def expire(self) -> None:
            pass

    watchdog, request = Watchdog(), Request()
    watchdog.watch(NEVER, request.expire).cancel()
    alive = weakref.ref(request)
    del request
    gc.collect()
    assert alive() is None


def test_requests_that_are_over_are_forgotten() -> None:
    watchdog = Watchdog()
    for _number in range(20_000):
        watchdog.watch(NEVER, lambda: None).cancel()
    assert len(watchdog._watches) <= 1000


def test_the_thread_ends_where_there_is_nothing_to_watch_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.01)
    before, watchdog, bitten = threads(), Watchdog(), threading.Event()
    watchdog.watch(LATE, lambda: None).cancel()
    [thread] = threads() - before
    watchdog.watch(0.0, lambda: None)
    thread.join(LATE)
    assert not thread.is_alive()
    watchdog.watch(0.01, bitten.set)
    assert bitten.wait(LATE)


def test_a_forked_process_has_a_watchdog_of_its_own() -> None:
    watchdog = Watchdog()
    watchdog.watch(NEVER, lambda: None)
    # As if its thread were at work at that moment.
    with watchdog._condition:
        child = os.fork()
    if child == 0:
        bitten = threading.Event()
        watchdog.watch(0.01, bitten.set)
        os._exit(0 if bitten.wait(LATE) else 1)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_many_threads_at_once_have_each_of_their_deadlines_bitten_once() -> None:
    watchdog, counted, lock = Watchdog(), [0] * 200, threading.Lock()

    def bite(number: int) -> Any:
        def count() -> None:
            with lock:
                counted[number] += 1

        return count

    def watch(first: int) -> None:
        for number in range(first, 200, 4):
            watchdog.watch(0.05 - (number % 7) * 0.005, bite(number))

    workers = [threading.Thread(target=watch, args=(first,)) for first in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deadline = time.monotonic() + LATE
    while sum(counted) < 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert counted == [1] * 200

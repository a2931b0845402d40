# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions run in processes of their own: side by side, without privileges, with limits, or up to their death."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from typing import Any

UNPRIVILEGED_ID = 65534
SECONDS_TO_LIVE = 60

_FORK = multiprocessing.get_context("fork")


def run_side_by_side(actions: list[Callable[[], str]]) -> list[str]:
    """Start each action in its own process, all at the same moment; return what they return, in their order."""
    barrier = _FORK.Barrier(len(actions))
    answers = [_FORK.SimpleQueue() for _action in actions]
    processes = [
        _FORK.Process(target=_answer, args=(action, answer, barrier))
        for action, answer in zip(actions, answers, strict=True)
    ]
    for process in processes:
        process.start()
    results = [_result(process, answer) for process, answer in zip(processes, answers, strict=True)]
    for process in processes:
        process.join(SECONDS_TO_LIVE)
    return results


def run_unprivileged(action: Callable[[], str]) -> str:
    """Run an action as a user to whom the modes of files apply, which is not so for root."""

    def unprivileged() -> str:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(UNPRIVILEGED_ID)
            os.setuid(UNPRIVILEGED_ID)
        return action()

    return run_side_by_side([unprivileged])[0]


def run_with_file_size_limit(octets: int, action: Callable[[], str]) -> str:
    """Run an action in a process whose writes fail beyond a file's size, as they do on a full disk."""

    def limited() -> str:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))
        return action()

    return run_side_by_side([limited])[0]


def run_until_killed(action: Callable[[], Any]) -> None:
    """Run an action that ends its own process with SIGKILL."""
    process = _FORK.Process(target=action)
    process.start()
    process.join(SECONDS_TO_LIVE)
    if process.exitcode != -signal.SIGKILL:
        raise RuntimeError(f"The process ended with {process.exitcode} and not by SIGKILL.")


def kill_this_process(*_arguments: Any) -> None:
    """End this process as the kernel ends one: without any clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)


def _answer(action: Callable[[], str], answer: Any, barrier: Any) -> None:
    barrier.wait(SECONDS_TO_LIVE)
    answer.put(action())


def _result(process: Any, answer: Any) -> str:
    while answer.empty() and process.is_alive():
        process.join(0.01)
    if answer.empty():
        raise RuntimeError(f"A process ended with {process.exitcode} and without a result.")
    result: str = answer.get()
    return result

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emulators, and bare HTTP clients that are closed after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from contract.plain_client import Credential, PlainClient

from emulator import Emulator
from emulator.users import User
from support.emulator_fixtures import emulator, offline_emulator, tls_emulator

__all__ = ["emulator", "offline_emulator", "tls_emulator"]

Connect = Callable[..., PlainClient]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """``connect(emulator, credential, contract_number)`` -> a client."""
    with ExitStack() as clients:

        def open_client(target: Emulator, credential: Credential = None, contract_number: object = None) -> PlainClient:
            return clients.enter_context(PlainClient(target, credential, contract_number))

        yield open_client


@pytest.fixture
def ann(offline_emulator: Emulator) -> User:
    """A user of one contract, without 2FA."""
    return offline_emulator.add_user("ann@example.com", "first-password", [31711111])


@pytest.fixture
def ben(offline_emulator: Emulator) -> User:
    """A user of two contracts, without 2FA."""
    return offline_emulator.add_user("ben@example.com", "second-password", [31711111, 31722222])

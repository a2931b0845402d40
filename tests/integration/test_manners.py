# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API sees of a run with many workers: its requests in the journal, by the clock of the API.

A request may be on its way for any time, but each worker has only one on its way. So of those that the journal has in
some time, no more than one for each worker can have begun before it.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao
from support.rotation_site import RotationSite, in_bao

__all__ = ["emulator"]

WORKERS = 4
RATE = 6
PAUSE = 3


@pytest.fixture
def site(tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao, kv_mount: str) -> RotationSite:
    return RotationSite(tmp_path, emulator, openbao, kv_mount)


def rotate(site: RotationSite, number: int, **options: Any) -> list[int]:
    """Mint so many tokens; return the second in which the API got each request."""
    tokens = [{"name": f"app{each}", "ttl": "30d", "vault": in_bao(f"ionos/app{each}")} for each in range(number)]
    run = site.run(site.task(*tokens, workers=WORKERS, **options))
    assert run.return_code == 0, run.output
    assert {site.in_bao(f"ionos/app{each}") for each in range(number)} == site.ids()
    assert len(site.ids()) == number
    return [int(datetime.fromisoformat(entry.at).timestamp()) for entry in site.api.journal.entries()]


def test_the_api_never_gets_more_requests_in_a_second_than_the_rate(site: RotationSite) -> None:
    seconds = rotate(site, 6, rate=RATE)
    assert max(Counter(seconds).values()) <= RATE + 1 + WORKERS
    # The journal tells whole seconds.
    assert seconds[-1] - seconds[0] >= (len(seconds) - 1 - WORKERS) / RATE - 1


@pytest.mark.heavy
def test_after_one_was_told_to_wait_no_worker_begins_a_request(site: RotationSite) -> None:
    """From when it was told, which the API cannot see; the rate keeps the others busy until long after that."""
    site.api.faults.add("status", "list", status=429, headers={"Retry-After": str(PAUSE)})
    seconds = rotate(site, 8, rate=RATE)
    told = seconds[[entry.status for entry in site.api.journal.entries()].index(429)]
    in_pause = {
        start: len([second for second in seconds if start < second < start + PAUSE])
        for start in range(told, seconds[-1] - PAUSE)
    }
    quietest = min(in_pause, key=lambda start: in_pause[start])
    assert in_pause[quietest] < WORKERS
    assert len([second for second in seconds if second >= quietest + PAUSE]) > 10


@pytest.mark.heavy
def test_a_limit_of_requests_a_second_is_lived_with(site: RotationSite) -> None:
    site.api.settings.requests_per_second = 4
    rotate(site, 4)
    assert 429 in [entry.status for entry in site.api.journal.entries()]

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs: a hundred declared tokens of four users in OpenBao, minted, with nothing due, and all due.

Real ``ansible-playbook``, a real HTTP server for the API, a real OpenBao. Seconds are printed and never asserted on.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao, kv_mount, openbao
from support.rotation_site import RotationSite, in_bao

__all__ = ["emulator", "kv_mount", "openbao"]

USERS = 4
TOKENS = 100


def test_a_hundred_tokens(
    tmp_path: Path,
    emulator: EmulatorServer,
    openbao: OpenBao,
    kv_mount: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site = RotationSite(tmp_path, emulator, openbao, kv_mount)
    accounts = [_account(site, number) for number in range(USERS)]
    tokens = [_token(number) for number in range(TOKENS)]
    measured: list[tuple[str, float, int]] = [("an empty play", *_timed(site, {"ansible.builtin.meta": "noop"}))]
    task = site.task(*tokens, accounts=accounts, workers=16)
    measured.append((f"{TOKENS} tokens, first mint", *_timed(site, task)))
    measured.append((f"{TOKENS} tokens, nothing due", *_timed(site, task)))
    site.advance(days=24)
    measured.append((f"{TOKENS} tokens, all due", *_timed(site, task)))
    with capsys.disabled():
        print()
        for what, seconds, requests in measured:
            print(f"{what}: {seconds:.2f} s, {requests} requests to the API")


def _account(site: RotationSite, number: int) -> dict[str, Any]:
    _user, value = site.add_user(f"user{number}@example.com")
    return {"name": f"account{number}", "token": value}


def _token(number: int) -> dict[str, Any]:
    return {
        "name": f"token{number}",
        "account": f"account{number % USERS}",
        "ttl": "30d",
        "renew_before": "7d",
        "vault": in_bao(f"ionos/token{number}"),
    }


def _timed(site: RotationSite, task: dict[str, Any]) -> tuple[float, int]:
    site.api.journal.clear()
    started = time.monotonic()
    run: AnsibleRun = site.run(task)
    seconds = time.monotonic() - started
    assert run.return_code == 0, run.output
    return seconds, len(site.api.journal.entries())

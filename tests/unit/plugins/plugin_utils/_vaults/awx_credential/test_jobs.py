# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a job of AWX is over: only where AWX says so, and AWX keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Job
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.jobs import AwxJobs
from support.awx import AwxServer
from support.awx.answers import Answer

JOB = Job(36, "awx.example.com")
FINISHED = "2026-03-01T12:00:00.000000Z"


@pytest.fixture
def awx() -> Iterator[AwxServer]:
    with AwxServer() as server:
        yield server


def jobs(awx: AwxServer, **job: Any) -> AwxJobs:
    """Return what asks an AWX that shows this job."""
    shown = {"id": 36, "type": "job", **job}

    def answer(request: Any) -> Answer | None:
        return Answer(200, shown) if request.path.endswith("/jobs/36/") else None

    awx.before = answer
    return AwxJobs({"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": awx.token()})


@pytest.mark.parametrize("status", ["successful", "failed", "error", "canceled"])
def test_a_job_that_has_finished_is_over(awx: AwxServer, status: str) -> None:
    assert jobs(awx, status=status, finished=FINISHED).has_ended(JOB)


@pytest.mark.parametrize(
    "job",
    [
        {"status": "running", "finished": None},
        {"status": "canceled", "finished": None},
        {"status": "of a later version", "finished": FINISHED},
        {"status": "failed", "finished": FINISHED, "id": 37},
        {},
    ],
    ids=str,
)
def test_any_other_job_is_not(awx: AwxServer, job: dict[str, Any]) -> None:
    assert not jobs(awx, **job).has_ended(JOB)


def test_it_is_asked_about_once(awx: AwxServer) -> None:
    asked = jobs(awx, status="running", finished=None)
    assert [asked.has_ended(JOB) for _number in range(3)] == [False] * 3
    assert len([seen for seen in awx.seen if seen.path.endswith("/jobs/36/")]) == 1


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CONTROLLER_HOST": "https://awx.example.com"},
        {"CONTROLLER_HOST": "http://127.0.0.1:9", "TOWER_OAUTH_TOKEN": "x"},
    ],
    ids=["nothing", "no login", "nobody there"],
)
def test_where_awx_cannot_be_asked_the_lease_decides(environ: dict[str, str]) -> None:
    assert not AwxJobs(environ).has_ended(JOB)


def test_a_wrong_login_says_nothing(awx: AwxServer) -> None:
    assert not AwxJobs({"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": "wrong"}).has_ended(JOB)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a job of AWX, as AWX tells whoever has a login in the environment."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Job
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.settings import awx_settings
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.vault import Awx

ENDED = frozenset(("successful", "failed", "error", "canceled"))
"""The statuses of a job that is over; a job that is being cancelled still has another one."""

SECONDS_TO_ANSWER = 10
"""Without an answer the lease decides, so AWX keeps nobody waiting."""

_NAME = "AWX"


class AwxJobs:
    """Asks AWX about jobs, each once.

    :param environ: where the address of AWX and a login are, as its own tools read them.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: dict[Job, bool] = {}

    def has_ended(self, job: Job) -> bool:
        """Tell whether a job is over; False if AWX does not say so."""
        if job not in self._known:
            self._known[job] = self._asked(job)
        return self._known[job]

    def _asked(self, job: Job) -> bool:
        try:
            settings = awx_settings(_NAME, {"timeout": SECONDS_TO_ANSWER}, self._environ)
            answer = Awx(_NAME, settings).api(_NAME).job(job.id)
        except TokenOpsError:
            return False
        is_it = answer.status == 200 and answer.body.get("id") == job.id
        return is_it and answer.body.get("status") in ENDED and bool(answer.body.get("finished"))

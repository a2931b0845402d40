# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renders how declared tokens stand, on the controller. Documented in ``plugins/modules``."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.tokenops.ionos.plugins.module_utils._errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._controller import ansible_controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report_task import report_spec, write_report
from ansible_collections.tokenops.ionos.plugins.plugin_utils._task_arguments import check_arguments

display = Display()


class ActionModule(ActionBase):
    """The action ``tokenops.ionos.rotation_report``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the task; what goes wrong is in it and never raised (R23)."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        result.update(self._reported())
        # Every callback sees the templated arguments; a repeated task needs them again.
        if not self._task.until and not self._task.retries:
            self._task.args = {}
        return result

    def _reported(self) -> dict[str, Any]:
        error: TokenOpsError
        try:
            return self._report()
        except TokenOpsError as known:
            error = known
        except BaseException as unknown:
            error = TokenOpsError("internal_error", kind=type(unknown).__name__, where="rotation_report")
        return {"failed": True, "changed": False, "msg": str(error), "error_code": error.code}

    def _report(self) -> dict[str, Any]:
        arguments = check_arguments(report_spec(), self._task.args)
        base_directory = ansible_controller(self._loader, display.warning).base_directory
        outcome = write_report(arguments, base_directory, int(time.time()), check_mode=bool(self._task.check_mode))
        result = outcome.as_result()
        if self._task.diff and outcome.changed:
            result["diff"] = outcome.as_diff()
        return result

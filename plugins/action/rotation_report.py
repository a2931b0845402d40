# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renders how declared tokens stand, on the controller. Documented in ``plugins/modules``."""

from __future__ import annotations

import time
from typing import Any

from ansible.utils.display import Display

from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import ROTATION_REPORT, check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.base import SecretlessAction
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import write_report
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.controller import ansible_controller

display = Display()


class ActionModule(SecretlessAction):
    """The action ``tokenops.ionos.rotation_report``."""

    _supports_diff = True

    def act(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Write the report and return the result of the task."""
        arguments = check_arguments(REPORT_OPTIONS, self._task.args, ROTATION_REPORT)
        base_directory = ansible_controller(self._loader, display.warning).base_directory
        outcome = write_report(arguments, base_directory, int(time.time()), check_mode=bool(self._task.check_mode))
        result = outcome.as_result()
        if self._task.diff and outcome.changed:
            result["diff"] = outcome.as_diff()
        return result

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a webhook which states have begun and ended, from the controller. Documented in ``plugins/modules``."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.tokenops.ionos.plugins.module_utils._errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._controller import ansible_controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify_task import (
    NotifyEffects,
    Surroundings,
    notify,
    notify_spec,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._task_arguments import check_arguments

display = Display()


class ActionModule(ActionBase):
    """The action ``tokenops.ionos.rotation_notify``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the task; what goes wrong is in it and never raised (R23)."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        result.update(self._notified(task_vars or {}))
        # Every callback sees the templated arguments; a repeated task needs them again.
        if not self._task.until and not self._task.retries:
            self._task.args = {}
        return result

    def _notified(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        error: TokenOpsError
        try:
            return self._notify(task_vars)
        except TokenOpsError as known:
            error = known
        except BaseException as unknown:
            error = TokenOpsError("internal_error", kind=type(unknown).__name__, where="rotation_notify")
        return {
            "failed": True,
            "changed": False,
            "msg": str(error),
            "error_code": error.code,
            "told": [],
            "pending": [],
            "text": "",
        }

    def _notify(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        arguments = check_arguments(notify_spec(), self._task.args)
        surroundings = Surroundings(
            host=str(task_vars.get("inventory_hostname", "localhost")),
            base_directory=ansible_controller(self._loader, display.warning).base_directory,
            ansible_home=str(constants.ANSIBLE_HOME),
        )
        outcome = notify(arguments, surroundings, NotifyEffects(), check_mode=bool(self._task.check_mode))
        if outcome.not_delivered is not None:
            display.warning(str(outcome.not_delivered))
        return outcome.as_result()

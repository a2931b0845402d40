# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a webhook which states have begun and ended, from the controller. Documented in ``plugins/modules``."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible import constants
from ansible.utils.display import Display

from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import ROTATION_NOTIFY, check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.base import SecretlessAction
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.options import NOTIFY_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.task import (
    NotifyEffects,
    Surroundings,
    notify,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.controller import ansible_controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, TextPlace
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.texts import text_place

display = Display()


class ActionModule(SecretlessAction):
    """The action ``tokenops.ionos.rotation_notify``."""

    WHEN_FAILED: ClassVar[dict[str, Any]] = {"told": [], "pending": [], "text": ""}
    _supports_diff = False

    def act(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Tell what is untold and return the result of the task."""
        arguments = check_arguments(NOTIFY_OPTIONS, self._task.args, ROTATION_NOTIFY)
        controller = ansible_controller(self._loader, display.warning)
        surroundings = Surroundings(
            host=str(task_vars.get("inventory_hostname", "localhost")),
            base_directory=controller.base_directory,
            ansible_home=str(constants.ANSIBLE_HOME),
            state_place=_state_place(arguments, controller),
        )
        outcome = notify(arguments, surroundings, NotifyEffects(), check_mode=bool(self._task.check_mode))
        if outcome.not_delivered is not None:
            display.warning(str(outcome.not_delivered))
        return outcome.as_result()


def _state_place(arguments: dict[str, Any], controller: Controller) -> TextPlace | None:
    if arguments["state_in"] is None:
        return None
    return text_place(
        "state_in",
        arguments["state_in"],
        arguments["vaults"],
        default_key="notification_state",
        kinds=vault_kinds(),
        controller=controller,
        plugin=ROTATION_NOTIFY,
    )

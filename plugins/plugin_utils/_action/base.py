# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action that never raises and leaves no argument behind: what all actions here have in common (R23)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError


class SecretlessAction(ActionBase):
    """Runs on the controller, in the worker process, whatever host the task is for.

    :cvar WHEN_FAILED: the keys of the result that are there also when nothing could be done.
    """

    TRANSFERS_FILES = False
    WHEN_FAILED: ClassVar[dict[str, Any]] = {}
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    @abstractmethod
    def act(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Do the work and return the result.

        :raises TokenOpsError: with a message for the user.
        """

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the task; what goes wrong is in it and never raised.

        Ansible shows the context of an exception that leaves an action, and that may quote anything.
        """
        result: dict[str, Any] = super().run(tmp, task_vars)
        result.update(self._guarded(task_vars or {}))
        # Every callback sees the templated arguments; a repeated task needs them again.
        if not self._task.until and not self._task.retries:
            self._task.args = {}
        return result

    def _guarded(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        error: TokenOpsError
        try:
            return self.act(task_vars)
        except TokenOpsError as known:
            error = known
        except Exception as unknown:
            error = TokenOpsError("internal_error", kind=type(unknown).__name__, where=str(self._task.action))
        except BaseException:
            # A task's own time-out, or a signal.
            error = TokenOpsError("interrupted")
        return {"failed": True, "changed": False, "msg": str(error), "error_code": error.code, **self.WHEN_FAILED}

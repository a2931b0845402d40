# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down everything that a callback plugin can reach of a run, for tests that look for secrets in it."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: dump_everything
type: notification
short_description: Write down all that is within reach
description:
  - Appends to files in the folder that E(DUMP_FOLDER) names, one for each kind of thing.
"""


class CallbackModule(CallbackBase):
    """Appends arguments, fields of tasks, results, facts, registered variables, play contexts and statistics."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "dump_everything"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._hosts: set[str] = set()

    def set_play_context(self, play_context: Any) -> None:
        self._dump("play contexts", vars(play_context))

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._variable_manager = play.get_variable_manager()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._dump_task(task)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._dump_task(task)

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._dump_task(task)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._dump_result(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._dump_result(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._dump_result(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._dump_result(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._dump_result(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._dump_result(result)

    def v2_runner_retry(self, result: Any) -> None:
        self._dump_result(result)

    def v2_on_file_diff(self, result: Any) -> None:
        self._dump("results", result._result.get("diff"))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._dump("statistics", vars(stats))
        self._dump_variables()

    def _dump_task(self, task: Any) -> None:
        self._dump("arguments", task.args)
        self._dump("task fields", [task.get_name(), task.vars, task.environment])

    def _dump_result(self, result: Any) -> None:
        fields = dict(result._task_fields)
        self._dump("arguments", [result._task.args, fields.pop("args", None)])
        self._dump("task fields", fields)
        self._dump("results", [result._task.get_name(), result._result])
        self._hosts.add(result._host.get_name())
        self._dump_variables()

    def _dump_variables(self) -> None:
        facts, registered = self._variable_manager._fact_cache, self._variable_manager._nonpersistent_fact_cache
        for host in self._hosts:
            # A cache of facts raises this for a host without facts.
            with contextlib.suppress(KeyError):
                self._dump("facts", facts.get(host))
            self._dump("registered variables", registered.get(host))

    @staticmethod
    def _dump(kind: str, thing: Any) -> None:
        file = pathlib.Path(os.environ["DUMP_FOLDER"]) / kind
        with file.open("a", encoding="utf-8") as dump:
            dump.write(json.dumps(thing, default=str, skipkeys=True, ensure_ascii=False) + "\n")

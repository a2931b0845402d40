# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places that tasks of the user reach. The role runs the tasks; here is only what is declared of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import yaml

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import parse_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, shown
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import (
    Controller,
    Publishing,
    Reading,
    Version,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.tasks.options import (
    CONNECTION_OPTIONS,
    DESCRIPTION,
    KIND,
    PLACE_OPTIONS,
    READABLE,
)

_EMPTY = Reading(token=None, record=None, version=0)


class Kind:
    """The kind of vault; see the protocol."""

    KIND: ClassVar[str] = KIND
    DESCRIPTION: ClassVar[str] = DESCRIPTION
    CONNECTION_OPTIONS: ClassVar[Options] = CONNECTION_OPTIONS
    PLACE_OPTIONS: ClassVar[Options] = PLACE_OPTIONS
    READABLE: ClassVar[bool] = READABLE

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> TaskFiles:
        """Return the vault; there is nothing to log in to."""
        return TaskFiles(name, options, controller.base_directory)


@dataclass(frozen=True)
class TaskFiles:
    """One set of task files.

    :ivar options: what places have where they do not say it themselves.
    :ivar base_directory: where relative paths start.
    """

    name: str
    options: Mapping[str, Any]
    base_directory: str

    def place(self, options: Mapping[str, Any]) -> TaskPlace:
        """Return the place that the options name.

        :raises ConfigurationError: ``vault_option_invalid``, ``task_file_missing``, ``task_file_unreadable``,
            ``duration_unreadable``.
        """
        target = str(options.get("target") or "")
        if not target or shown(target) != target:
            expected = "Give a printable name of at most 300 characters, without a secret in it."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="target", expected=expected)
        publish = self._file("publish", options)
        if publish is None:
            expected = "Give the path of a task file, for the vault or for the place."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="publish", expected=expected)
        after = options.get("republish_after") or self.options.get("republish_after")
        publishing = Publishing(
            spot=(self.name, target),
            publish=publish,
            unpublish=self._file("unpublish", options),
            republish_after=parse_duration(after, f"{self.name}.republish_after") if after else None,
        )
        return TaskPlace(publishing)

    def outlasts(self, seconds: int) -> bool:
        """Return True: there is no login."""
        return True

    def login_again(self) -> bool:
        """Return False: there is no login."""
        return False

    def _file(self, option: str, options: Mapping[str, Any]) -> str | None:
        path = options.get(option) or self.options.get(option)
        if not path:
            return None
        absolute = os.path.abspath(os.path.join(self.base_directory, os.path.expanduser(str(path))))
        if not os.path.isfile(absolute):
            raise ConfigurationError("task_file_missing", where=self.name, option=option, path=absolute)
        if not _holds_tasks(absolute):
            raise ConfigurationError("task_file_unreadable", where=self.name, option=option, path=absolute)
        return absolute


def _holds_tasks(path: str) -> bool:
    """Tell whether a file is a list in YAML: including one that is none ends the whole play, rescue or not."""
    try:
        with open(path, encoding="utf-8") as file:
            return isinstance(yaml.compose(file.read()), yaml.SequenceNode)
    except (OSError, ValueError, yaml.YAMLError):
        return False


@dataclass(frozen=True)
class TaskPlace:
    """One spot that tasks publish to."""

    proves_writes: ClassVar[bool] = False

    publishing: Publishing

    @property
    def identity(self) -> tuple[str, ...]:
        """The names of the vault and of the place: where they lead is only known to the tasks."""
        return (KIND, *self.publishing.spot)

    def describe(self) -> str:
        """Return the names of the vault and of the place."""
        return ": ".join(self.publishing.spot)

    def read(self) -> Reading:
        """Find nothing: what stands there cannot be read."""
        return _EMPTY

    def write(self, record: Record, expected_version: Version) -> Version:
        """Is never asked for: the role runs the tasks that write."""
        raise NotImplementedError

    def erase(self, expected_version: Version) -> None:
        """Is never asked for: the role runs the tasks that erase."""
        raise NotImplementedError

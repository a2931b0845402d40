# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a vault may want to know of the Ansible controller, taken from a plugin that runs there."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller


def ansible_controller(loader: Any, warn: Callable[[str], None]) -> Controller:
    """Return the controller as a plugin sees it.

    :param loader: the plugin's ``DataLoader``: it knows the playbook's folder and the vault secrets.
    :param warn: shows a warning to the user.
    """
    secrets = getattr(getattr(loader, "_vault", None), "secrets", None) or ()
    return Controller(
        environ=os.environ,
        base_directory=_base_directory(loader.get_basedir()),
        vault_secrets=tuple(secrets),
        warn=warn,
    )


def _base_directory(playbook_directory: str) -> str:
    """Return where relative paths start: the playbook's folder, unless the playbook is one of a collection."""
    parts = os.path.abspath(playbook_directory).split(os.sep)
    is_of_collection = parts[-1:] == ["playbooks"] and parts[-4:-3] == ["ansible_collections"]
    return os.getcwd() if is_of_collection else playbook_directory


def absolute_path(path: str, controller: Controller, *, follow: bool = False) -> str:
    """Return a path that a user gave as an absolute one, without symbolic links in its directories.

    :param path: a relative one starts at the playbook's folder, ``~/`` at the home directory.
    :param follow: whether the last part, too, is replaced by what it leads to if it is a symbolic link.
    """
    home = controller.environ.get("HOME", "~")
    expanded = home + path[1:] if path.startswith("~/") else path
    absolute = os.path.join(os.path.realpath(controller.base_directory), expanded)
    if follow:
        return os.path.realpath(absolute)
    directory, name = os.path.split(os.path.normpath(absolute))
    return os.path.join(os.path.realpath(directory), name)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of modules in the process of the test: their ``main()``, with arguments as Ansible hands them over."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible.module_utils.common.parameters import PASS_VARS

MODULES = "ansible_collections.tokenops.ionos.plugins.modules"


class ModuleRunner:
    """Runs modules and keeps what they printed.

    :ivar printed: everything that the last run wrote to its standard output.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.printed = ""

    def __call__(self, name: str, *, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
        """Run a module and return its result."""
        internal = {"check_mode": check_mode, "diff": True, "inject_invocation": True}
        # An older ansible-core does not know all of them.
        known = {f"_ansible_{name}": value for name, value in internal.items() if name in PASS_VARS}
        given = {**arguments, **known}
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        for collected in ("_global_warnings", "_global_deprecations"):
            self._monkeypatch.setattr(warnings, collected, type(getattr(warnings, collected))())
        self._run_as_on_a_target()
        self._capsys.readouterr()
        with pytest.raises(SystemExit):
            importlib.import_module(f"{MODULES}.{name}").main()
        self.printed = self._capsys.readouterr().out
        result: dict[str, Any] = json.loads(self.printed)
        return result

    def _run_as_on_a_target(self) -> None:
        """Keep a test that loaded parts of the controller from turning a module's warnings into output."""
        internal = sys.modules.get("ansible.module_utils._internal")
        if internal is not None:
            self._monkeypatch.setattr(internal, "is_controller", False, raising=False)


@pytest.fixture
def run_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> ModuleRunner:
    """Return what runs a module in this process."""
    return ModuleRunner(monkeypatch, capsys)

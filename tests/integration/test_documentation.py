# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``ansible-doc`` shows the options that the actions take, as they take them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.options import NOTIFY_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.options import rotation_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from support.ansible_runs import COLLECTIONS
from support.plugin_documentation import leaves

OPTIONS: dict[str, Options] = {
    "vaulted_tokens": rotation_options(vault_kinds()),
    "rotation_notify": NOTIFY_OPTIONS,
    "rotation_report": REPORT_OPTIONS,
}
ROLE = "tokenops.ionos.token_rotation"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def shown(home: Path, kind: str, *names: str) -> dict[str, Any]:
    """Return what ``ansible-doc`` shows of plugins of a kind, or of roles."""
    finished = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-doc")), "--json", "-t", kind, *names],
        env={"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def told(option: dict[str, Any]) -> dict[str, Any]:
    """Return what a user has to know of an option besides its description."""
    keys = ("type", "elements", "default", "choices")
    return {**{key: option.get(key) for key in keys}, "required": bool(option.get("required"))}


def test_every_option_of_an_action_is_shown_as_it_is_taken(home: Path) -> None:
    documented = shown(home, "module", *(f"tokenops.ionos.{action}" for action in OPTIONS))
    for action, options in OPTIONS.items():
        of_action = documented[f"tokenops.ionos.{action}"]["doc"]["options"]
        described = {path: told(option) for path, option in leaves(of_action, "suboptions")}
        assert described == {path: told(option) for path, option in leaves(options, "options")}


def test_every_option_of_an_action_is_a_variable_of_the_role(home: Path) -> None:
    entry_points = shown(home, "role", ROLE)[ROLE]["entry_points"]
    variables = {path for path, _option in leaves(entry_points["main"]["options"], "options")}
    # What was published is what the role hands over by itself.
    options = {path for path, _option in leaves(OPTIONS["vaulted_tokens"], "options")} - {"published", "earlier_result"}
    assert variables >= {f"token_rotation_{path}" for path in options}
    assert set(entry_points["report"]["options"]) - set(entry_points["main"]["options"]) == {
        f"token_rotation_report_{name}"
        for name in ("directory", "title", "outdated_after", "metrics_file", "metrics_labels")
    }

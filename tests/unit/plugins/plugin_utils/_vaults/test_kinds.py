# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of vaults are known without being loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults import kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds

# Where this collection has been imported from, which is elsewhere under ansible-test.
COLLECTIONS = str(Path(kinds.__file__).parents[6])
VAULTS = "ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults"
LOADED = f"""
import sys
import {{module}}
print(sorted(name for name in sys.modules if name.startswith("{VAULTS}.") and name.endswith((".vault", ".jobs"))))
"""


@pytest.mark.parametrize(
    "module", [f"{VAULTS}.kinds", "ansible_collections.tokenops.ionos.plugins.action.vaulted_tokens"]
)
def test_no_kind_of_vault_is_loaded_before_one_is_connected_to(module: str) -> None:
    arguments = [sys.executable, "-c", LOADED.format(module=module)]
    path = os.pathsep.join([COLLECTIONS, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    loaded = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"


@pytest.mark.parametrize("name", vault_kinds())
def test_what_is_known_of_a_kind_is_what_its_package_says(name: str) -> None:
    known, defined = vault_kinds()[name], import_module(f"{VAULTS}.{name}.vault").Kind
    for field in ("KIND", "DESCRIPTION", "CONNECTION_OPTIONS", "PLACE_OPTIONS", "READABLE"):
        assert getattr(known, field) == getattr(defined, field)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of ``rotation_report`` and what the action returns say the same; no option is a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ansible_collections.tokenops.ionos.plugins.modules import rotation_report
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import write_report
from support.report_entries import NOW, token

RETURNED: dict[str, Any] = yaml.safe_load(rotation_report.RETURN)
TYPES: dict[str, type] = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}


def test_no_option_is_a_secret() -> None:
    assert [name for name, option in REPORT_OPTIONS.items() if option.get("no_log")] == []


def test_the_same_keys_are_documented_and_returned(tmp_path: Path) -> None:
    arguments = check_arguments(REPORT_OPTIONS, {"directory": str(tmp_path), "tokens": [token()]})
    result = write_report(arguments, str(tmp_path), NOW, check_mode=False).as_result()
    documented = {name: value for name, value in RETURNED.items() if value["returned"] == "success"}
    assert sorted(documented) == sorted(set(result) - {"changed"})
    assert {name: type(result[name]) for name in documented} == {
        name: TYPES[value["type"]] for name, value in documented.items()
    }
    assert list(RETURNED["counts"]["contains"]) == list(result["counts"])


def test_it_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((Path(__file__).resolve().parents[4] / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert "rotation_report" in runtime["action_groups"]["all"]

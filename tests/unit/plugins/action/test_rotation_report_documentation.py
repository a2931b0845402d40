# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of ``rotation_report`` and what the action takes and returns say the same."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.tokenops.ionos.plugins.modules import rotation_report
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import report_spec, write_report
from support.report_entries import NOW, token

FRAGMENTS = "ansible_collections.tokenops.ionos.plugins.doc_fragments"
DOCUMENTATION: dict[str, Any] = yaml.safe_load(rotation_report.DOCUMENTATION)
RETURNED: dict[str, Any] = yaml.safe_load(rotation_report.RETURN)
COMPARED = ("type", "elements", "default", "choices")
TYPES: dict[str, type] = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}


def compared(option: dict[str, Any]) -> dict[str, Any]:
    """Return what of an option has to be the same on both sides."""
    return {**{key: option.get(key) for key in COMPARED}, "required": bool(option.get("required"))}


def test_the_same_options_are_documented_and_accepted() -> None:
    assert sorted(DOCUMENTATION["options"]) == sorted(report_spec())


@pytest.mark.parametrize("name", sorted(report_spec()))
def test_an_option_is_documented_as_it_is_accepted(name: str) -> None:
    assert compared(DOCUMENTATION["options"][name]) == compared(report_spec()[name])


def test_no_option_is_a_secret() -> None:
    assert [name for name, option in report_spec().items() if option.get("no_log")] == []


def test_its_fragments_exist_and_bring_no_option() -> None:
    for name in DOCUMENTATION["extends_documentation_fragment"]:
        module, _dot, attribute = name.removeprefix("tokenops.ionos.").partition(".")
        fragment = importlib.import_module(f"{FRAGMENTS}.{module}").ModuleDocFragment
        text = getattr(fragment, (attribute or "documentation").upper())
        assert yaml.safe_load(text)["options"] == {}


def test_the_same_keys_are_documented_and_returned(tmp_path: Path) -> None:
    arguments = check_arguments(report_spec(), {"directory": str(tmp_path), "tokens": [token()]})
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

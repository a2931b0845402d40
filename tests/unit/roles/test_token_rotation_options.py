# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible itself says of the options of the role ``token_rotation`` never shows a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROLE = Path(__file__).resolve().parents[3] / "roles" / "token_rotation"
SPECS: dict[str, Any] = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]
CANARY = "canary-in-the-wrong-place"
# What can stand where something else was wanted: text, a list, a mapping, and what Ansible would take apart.
MISPLACED = {
    "text": CANARY,
    "text that looks like a mapping": f"name={CANARY} {CANARY}=1 {CANARY}",
    "text that looks like JSON": f'{{"{CANARY}": "{CANARY}"}}',
    "text that looks like broken JSON": f'{{"{CANARY}": {CANARY}',
    "text that looks like a list": f"{CANARY},{CANARY}={CANARY}",
    "list": [CANARY],
    "mapping": {CANARY: CANARY},
    "list of mappings": [{CANARY: CANARY, "name": [CANARY], "two_factor": CANARY, "vault": CANARY}],
    "list of lists": [[CANARY]],
}


@pytest.mark.parametrize("entry_point", sorted(SPECS))
@pytest.mark.parametrize("value", MISPLACED.values(), ids=MISPLACED)
def test_ansible_never_shows_what_stands_in_the_wrong_place(entry_point: str, value: Any) -> None:
    options = SPECS[entry_point]["options"]
    messages = [
        message for name in options for message in ArgumentSpecValidator(options).validate({name: value}).error_messages
    ]
    assert messages
    assert CANARY not in " ".join(messages)


def test_the_entry_point_report_changes_nothing() -> None:
    look = yaml.safe_load((ROLE / "tasks" / "report.yml").read_text("utf-8"))[0]
    assert (look["check_mode"], look["changed_when"], look["failed_when"]) == (True, False, False)

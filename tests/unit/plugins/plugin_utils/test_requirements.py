# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Ansible and which Python the controller's part of the collection runs on."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible.errors import AnsibleError

from ansible_collections.tokenops.ionos.plugins.plugin_utils import OLDEST_ANSIBLE, require_supported

ROOT = pathlib.Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("ansible", ["2.18.0", "2.21.5", "2.22.0.dev0", "3.0.0", "unknown"])
def test_what_is_new_enough_passes(ansible: str) -> None:
    require_supported(ansible, (3, 11))


@pytest.mark.parametrize(("ansible", "python"), [("2.17.14", (3, 12)), ("2.15.13", (3, 9)), ("2.18.0", (3, 10))])
def test_what_is_too_old_is_named_with_what_is_needed(ansible: str, python: tuple[int, int]) -> None:
    with pytest.raises(AnsibleError) as caught:
        require_supported(ansible, python)
    message = str(caught.value)
    assert "needs ansible-core 2.18 or newer on Python 3.11 or newer" in message
    assert f"this is ansible-core {ansible} on Python {python[0]}.{python[1]}." in message


def test_galaxy_is_told_the_same() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == ">={}.{}.0".format(*OLDEST_ANSIBLE)

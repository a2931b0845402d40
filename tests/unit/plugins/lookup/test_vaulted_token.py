# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ``vaulted_token`` inside of Ansible: what it has templated."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.tokenops.ionos.plugins.lookup.vaulted_token import DOCUMENTATION, LookupModule
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.reader import TokenReader

NAME = "tokenops.ionos.vaulted_token"
EXPRESSION = "{{ 6 * 7 }}"


class Templar:
    """Remembers what it is asked to template."""

    def __init__(self) -> None:
        self.templated: list[object] = []

    def template(self, value: Any) -> Any:
        self.templated.append(value)
        return value


@pytest.fixture(autouse=True)
def _known_options() -> None:
    """Tell Ansible the options, as its loader of plugins does."""
    options = yaml.safe_load(DOCUMENTATION)["options"]
    constants.config.initialize_plugin_configuration_definitions("lookup", NAME, options)


def lookup_with(templar: object) -> Any:
    lookup = LookupModule(loader=DataLoader(), templar=templar)
    lookup._load_name = NAME
    return lookup


def templated_by_lookup(variables: dict[str, Any], **arguments: Any) -> list[object]:
    """Look up a token that is not there, and return what was templated for it."""
    templar = Templar()
    with pytest.raises(AnsibleLookupError):
        lookup_with(templar).run(["nobody"], variables, **arguments)
    return templar.templated


@pytest.mark.parametrize(
    "arguments",
    [
        {"replica": EXPRESSION},
        {"tokens": [{"name": EXPRESSION}]},
        {"vaults": [{"name": EXPRESSION}]},
        {"place": {"path": EXPRESSION}},
        {"vault": {"hashi_vault": {"url": EXPRESSION}}},
    ],
)
def test_a_direct_argument_is_not_templated_again(arguments: dict[str, Any]) -> None:
    assert templated_by_lookup({}, **arguments) == []


def test_a_declaration_from_a_variable_is_templated_once() -> None:
    tokens, vaults = [{"name": EXPRESSION}], [{"name": "files", "ansible_vault_file": {}}]

    templated = templated_by_lookup({"token_rotation_tokens": tokens, "token_rotation_vaults": vaults, "other": 1})

    assert templated == [tokens, vaults]


def test_a_variable_that_an_argument_replaces_is_not_templated() -> None:
    assert templated_by_lookup({"token_rotation_tokens": [{"name": EXPRESSION}]}, tokens=[]) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt("swordfish"), SystemExit("swordfish"), GeneratorExit("swordfish")])
def test_an_interruption_is_an_error_without_its_text(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(TokenReader, "read_declared", stop)

    with pytest.raises(AnsibleLookupError) as caught:
        lookup_with(Templar()).run(["shop"], {})

    assert str(caught.value) == "The run was told to stop before this was done. Run again; nothing is lost."
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)


def test_a_vault_that_never_gives_a_token_back_is_named_and_not_asked() -> None:
    awx = {"name": "awx", "awx_credential": {"host": "https://awx.example.com", "oauth_token": "x"}}
    files = {"name": "files", "ansible_vault_file": {}}
    record = {"in": "files", "path": "x.yml", "variable": "app"}
    token = {"name": "app", "vault": record, "replicas": [{"in": "awx", "credential": "dns"}]}
    with pytest.raises(AnsibleLookupError, match="vault awx is of the kind awx_credential, which never gives"):
        lookup_with(Templar()).run(["app"], {}, tokens=[token], vaults=[awx, files], replica="awx")

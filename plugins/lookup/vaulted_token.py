# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup ``tokenops.ionos.vaulted_token``."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vaulted_token
author:
  - Contributors to the tokenops.ionos collection (!UNKNOWN)
version_added: 1.0.0
short_description: Read an IONOS Cloud API token from the vault that holds it
description:
  - Returns the values of tokens that M(tokenops.ionos.vaulted_tokens) keeps fresh, read through the same vaults.
  - Nothing is written or minted, and the IONOS API is not asked whether a token still works.
  - A variables file that was rewritten is not read again by a run that has loaded it already. This lookup reads it
    at the moment of its use, so what a run has rotated can be used in the same run.
options:
  _terms:
    description:
      - Names of declared tokens, as in O(tokens).
      - Leave them out where O(place) says what to read.
    type: list
    elements: str
  tokens:
    description:
      - Declared tokens, as O(tokenops.ionos.vaulted_tokens#module:tokens). Only their names and places matter here.
    type: list
    elements: dict
    default: []
    vars:
      - name: token_rotation_tokens
  vaults:
    description:
      - Declared vaults, as O(tokenops.ionos.vaulted_tokens#module:vaults).
    type: list
    elements: dict
    default: []
    vars:
      - name: token_rotation_vaults
  replica:
    description:
      - Name of a vault. The replica in it is read instead of the vault of record.
    type: str
  place:
    description:
      - A place that is read without being declared for a token, with the options of its kind of vault, for example
        C(path) and C(key).
      - The option C(in) names one of O(vaults); it is not needed where O(vault) is given.
    type: dict
  vault:
    description:
      - The vault of O(place), as a mapping of one kind of vault to its options.
      - Without it, the place is in one of O(vaults).
    type: dict
notes:
  - The value is a secret. Use it where it is needed instead of putting it in a fact, and set C(no_log) on the task.
  - Write names as they are. With every lookup, ansible-core 2.18 templates the terms once more before the lookup is
    called, so a term that an expression makes of the output of another host, such as C(result.stdout ~ ''), can run on
    the controller what that host has printed. Options are not templated again, nor are terms by ansible-core 2.19 and
    later.
seealso:
  - plugin: tokenops.ionos.vaulted_tokens
    plugin_type: module
"""

EXAMPLES = r"""
- name: Use the token of external-dns, declared in token_rotation_tokens
  ansible.builtin.uri:
    url: https://api.ionos.com/cloudapi/v6/datacenters
    headers:
      Authorization: "Bearer {{ lookup('tokenops.ionos.vaulted_token', 'external-dns') }}"
  no_log: true

- name: Read a replica, where the vault of record is out of reach
  ansible.builtin.set_fact:
    token_length: "{{ lookup('tokenops.ionos.vaulted_token', 'external-dns', replica='files') | length }}"
  no_log: true

- name: Read a place that nothing declares
  ansible.builtin.uri:
    url: https://api.ionos.com/cloudapi/v6/datacenters
    headers:
      Authorization: >-
        Bearer {{ lookup('tokenops.ionos.vaulted_token', vault={'hashi_vault': {'url': 'https://bao.example.com:8200'}},
        place={'path': 'ionos/external-dns'}) }}
  no_log: true
"""

RETURN = r"""
_raw:
  description: The tokens, in the order of the names.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenOpsError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.controller import ansible_controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.reader import TokenReader

display = Display()

# Those in the documentation; Ansible hands them over as they are written, with their templates.
VARIABLES = {"tokens": "token_rotation_tokens", "vaults": "token_rotation_vaults"}


class LookupModule(LookupBase):
    """Reads declared tokens, or one place."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """Return the tokens; every error is raised out here, if no other exception can be shown with it."""
        self.set_options(var_options=self._declarations(variables or {}, kwargs), direct=kwargs)
        error: TokenOpsError
        try:
            return self._read([str(term) for term in self._flatten(terms)], self.get_options())
        except TokenOpsError as known:
            error = known
        except Exception as unknown:
            error = TokenOpsError("internal_error", kind=type(unknown).__name__, where="the lookup vaulted_token")
        except BaseException:
            # A task's own time-out, or a signal.
            error = TokenOpsError("interrupted")
        raise AnsibleLookupError(str(error))

    def _declarations(self, variables: dict[str, Any], direct: dict[str, Any]) -> dict[str, Any]:
        """Return the variables that options are taken from, templated.

        Direct arguments are templated already. A second time would run what an expression made of them, and that may be
        the output of another machine.
        """
        return {
            variable: self._templar.template(variables[variable])
            for option, variable in VARIABLES.items()
            if variable in variables and direct.get(option) is None
        }

    def _read(self, names: list[str], options: dict[str, Any]) -> list[str]:
        if bool(names) == (options["place"] is not None):
            raise ConfigurationError("lookup_without_subject")
        reader = TokenReader(vault_kinds(), ansible_controller(self._loader, display.warning))
        vaults = options["vaults"]
        if names:
            return reader.read_declared(
                names, tokens=options["tokens"], vaults=vaults, replica=options["replica"] or None
            )
        return [reader.read_place(options["place"], vault=options["vault"], vaults=vaults)]

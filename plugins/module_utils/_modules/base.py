# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of the modules: every secret masked from the first moment on, and no word of another library at the end."""

from __future__ import annotations

import os
from typing import Any, Callable, Iterator, Mapping

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import (
    ApiConnection,
    ConnectionSettings,
    environment_secrets,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import shown
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.guard import guarded
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Decision

COLLECTION = "tokenops.ionos"
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Shorter ones are typing errors, and masked they would be cut out of every word of a message.
SHORTEST_UNUSABLE_VALUE = 8


class TokenOpsModule(AnsibleModule):
    """A module with the options of ``connection_argument_spec``.

    Ansible shows and logs every option that it does not know to be secret, before the module has a say. So a secret
    that stands in the wrong option, or under a misspelt name, is masked here.
    """

    def run(self, work: Callable[[TokenOpsModule, ApiConnection], dict[str, Any]]) -> None:
        """Do the module's work and end it with the result, or with a message from the catalogue.

        :param work: returns the result. Under the key ``value`` it may have a secret, which is returned as it is.
        """
        result, failure = guarded(lambda: (self._connected(work), None))
        if failure is not None:
            self.fail_json(msg=failure)
        if result.get("value") is not None:
            self._unmask(result)
        self.exit_json(**result)

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """End with a failure; the arguments are those of ``AnsibleModule``."""
        self._mask_more()
        super().fail_json(msg, **kwargs)

    def _log_invocation(self) -> None:
        self._mask_more()
        super()._log_invocation()

    def _connected(self, work: Callable[[TokenOpsModule, ApiConnection], dict[str, Any]]) -> dict[str, Any]:
        connection = ConnectionSettings.from_params(self.params).connect(self.warn, self._announce)
        result = work(self, connection)
        warning = connection.clock.warning()
        if warning is not None:
            self.warn(warning)
        return result

    def _announce(self, decision: Decision) -> None:
        """Have Ansible announce what the policy allows until a date."""
        date = decision.until.isoformat() if decision.until else None
        self.deprecate(f"{decision.reason} {decision.remedy}", date=date, collection_name=COLLECTION)

    def _mask_more(self) -> None:
        known = {*self.argument_spec, *self.aliases}
        for name in self.params:
            if name not in known and not name.startswith("_ansible"):
                self.params[name] = MASK
        unusable = dict(_unusable_values(self.argument_spec, self.params))
        self.no_log_values.update(environment_secrets(os.environ), _misplaced_secrets(self.params), unusable.values())
        self.no_log_values.update({_quoted(value) for value in self.no_log_values})
        self.params.update(dict.fromkeys(unusable, MASK))

    def _unmask(self, result: dict[str, Any]) -> None:
        """Have the value returned as it is.

        Ansible would mask it if it is also an option, and cut any option out of it that is short enough to be in it.
        The rest of the result has no secret, but for the options themselves, which are masked here.
        """
        result["invocation"] = {"module_args": remove_values(self.params, self.no_log_values)}
        self.no_log_values.clear()


def _misplaced_secrets(value: object) -> Iterator[str]:
    """Yield the texts that look like a token, or like an address with a password."""
    if isinstance(value, str) and ("@" in value or shown(value) != value):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _misplaced_secrets(item)


def _unusable_values(spec: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of options that Ansible refuses, which it quotes: a value may be a secret."""
    for name, option in spec.items():
        value = params.get(name)
        if not isinstance(value, str) or len(value) < SHORTEST_UNUSABLE_VALUE:
            continue
        if option["type"] in ("bool", "int") or value not in option.get("choices", [value]):
            yield name, value


def _quoted(value: object) -> str:
    """Return a value as it stands between the quotation marks of an error message."""
    return repr(value)[1:-1] if isinstance(value, str) else str(value)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A credential as AWX shows it, and the part of it that is ours: an input, and what is said of the token in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import is_token_id, plain_user_id
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Current

PLACEHOLDER = "$encrypted$"
"""What AWX shows of a secret input that is stored, and what keeps it when it is sent back."""

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True)
class Credential:
    """A credential without its secrets.

    :ivar type_id: the id of its type.
    :ivar modified: when it was last changed; the only sign of a change that AWX gives.
    :ivar inputs: a placeholder for each secret input that is stored.
    :ivar is_editable: whether the user, whatever the scope of the OAuth token, may change it.
    """

    id: int
    type_id: int
    modified: str
    description: str
    inputs: Mapping[str, Any] = field(repr=False)
    is_editable: bool = True


def parse_credential(body: Mapping[str, Any]) -> Credential | None:
    """Return the credential that a body describes, or None if it describes none."""
    number, type_id, modified, inputs = (body.get(key) for key in ("id", "credential_type", "modified", "inputs"))
    if not (isinstance(number, int) and isinstance(type_id, int)):
        return None
    if not (isinstance(modified, str) and isinstance(inputs, Mapping)):
        return None
    summary = body.get("summary_fields")
    may = summary.get("user_capabilities") if isinstance(summary, Mapping) else None
    return Credential(
        id=number,
        type_id=type_id,
        modified=modified,
        description=str(body.get("description") or ""),
        inputs=inputs,
        is_editable=not (isinstance(may, Mapping) and may.get("edit") is False),
    )


@dataclass(frozen=True)
class Slot:
    """One input of a credential, and where the id of the token in it stands.

    :ivar token_id_input: another input, or None for the description.
    :ivar expires_input: another input that tells when the token expires, or None.
    """

    input: str
    token_id_input: str | None = None
    expires_input: str | None = None

    def is_filled(self, credential: Credential) -> bool:
        """Tell whether anything stands in the input."""
        return bool(credential.inputs.get(self.input))

    def token_id(self, credential: Credential) -> str | None:
        """Return the id of the token in the input, or None if it holds none or nobody wrote its id down."""
        if not self.is_filled(credential):
            return None
        beside = credential.inputs.get(self.token_id_input) if self.token_id_input else None
        if beside is not None and is_token_id(beside):
            return str(beside).lower()
        mark = self._mark.search(credential.description)
        return mark.group("id").lower() if mark else None

    def user_id(self, credential: Credential) -> str | None:
        """Return the user of the token in the input, or None if nobody has written down whose it is."""
        mark = self._mark.search(credential.description)
        if mark is None or mark.group("id").lower() != self.token_id(credential):
            return None
        return plain_user_id(mark.group("user"))

    def filled(self, credential: Credential, current: Current, value: str) -> dict[str, Any]:
        """Return what to change for the credential to hold a token, with every other input as it is."""
        inputs = {**credential.inputs, self.input: value}
        if self.token_id_input:
            inputs[self.token_id_input] = current.id
        if self.expires_input:
            inputs[self.expires_input] = format_instant(current.expires_at)
        user_id = current.token.user_id if current.token else None
        mark = f"[tokenops.ionos {self.input}={current.id}{f' of {user_id}' if user_id else ''}]"
        text = f"{self._without_mark(credential.description)} {mark}".lstrip()
        return _changes(credential, inputs, text)

    def emptied(self, credential: Credential) -> dict[str, Any]:
        """Return what to change for the credential to hold no token: an input that is left out is gone."""
        ours = (self.input, self.token_id_input, self.expires_input)
        inputs = {name: value for name, value in credential.inputs.items() if name not in ours}
        return _changes(credential, inputs, self._without_mark(credential.description))

    @property
    def _mark(self) -> re.Pattern[str]:
        return re.compile(rf" ?\[tokenops\.ionos {re.escape(self.input)}=(?P<id>{_UUID})(?: of (?P<user>{_UUID}))?\]")

    def _without_mark(self, description: str) -> str:
        return self._mark.sub("", description)


def objection_to_inputs(slot: Slot, fields: object) -> tuple[str, str] | None:
    """Return the name of an option of a slot and what is wrong with the input that it names, or None.

    :param fields: the inputs that the type of the credential has, as AWX describes them.
    """
    known = [field for field in fields if isinstance(field, Mapping)] if isinstance(fields, list) else []
    described = {field.get("id"): field for field in known}
    wanted = {"input": slot.input, "token_id_input": slot.token_id_input, "expires_input": slot.expires_input}
    for option, name in wanted.items():
        if name is None:
            continue
        found = described.get(name)
        if found is None or found.get("type", "string") != "string":
            return option, "The type of the credential has no such input that takes a text."
        if bool(found.get("secret")) != (option == "input"):
            return option, f"It has to be {'secret' if option == 'input' else 'an input that is not secret'}."
    return None


def _changes(credential: Credential, inputs: dict[str, Any], description: str) -> dict[str, Any]:
    changes: dict[str, Any] = {"inputs": inputs}
    if description != credential.description:
        changes["description"] = description
    return changes

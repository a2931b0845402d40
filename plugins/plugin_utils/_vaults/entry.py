# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two values under which every readable vault keeps a token: the token's text, and the metadata of its record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    TokenFormatError,
    VaultCorrupt,
    has_token,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.metadata import (
    MAXIMUM_RECORD_LENGTH,
    dump_metadata,
    load_record,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Reading

METADATA_SUFFIX = "_record"
"""What the name of a token's key or variable is followed by in the name of its metadata's."""


def names_of_tokens(values: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names under which a token stands, sorted."""
    return tuple(sorted(name for name, value in values.items() if isinstance(value, str) and has_token(value)))


@dataclass(frozen=True)
class VaultEntry:
    """What stands in a place, unjudged.

    :ivar value: the token's text, or None if there is none.
    :ivar metadata: what :func:`dump_metadata` gave, or None if there is none.
    :ivar holder: tells what both stand in from another one of the same name, where that can be seen.
    """

    value: Any = field(default=None, repr=False)
    metadata: Any = field(default=None, repr=False)
    holder: str = ""

    @property
    def is_empty(self) -> bool:
        """True if there is neither a token nor a record."""
        return self.value is None and self.metadata is None

    @property
    def version(self) -> str:
        """The hash of both values: what else stands in the same secret or file does not change it (R18).

        Each record has its own ``write_id``, so two writes never have the same version. The same values in another
        holder are another version; nothing is the same nothing everywhere.
        """
        holder = [self.holder] if self.holder and not self.is_empty else []
        canonical = json.dumps([self.value, self.metadata, *holder], sort_keys=True, default=str)
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()

    def reading(self, where: str) -> Reading:
        """Return the token and record that stand here.

        :param where: the place, for the message.
        :raises VaultCorrupt: ``vault_value_not_a_token`` for a value that is no token, and what ``load_record`` raises.
        """
        token = self._token(where)
        record = None if self.metadata is None else load_record(self.metadata, token, where)
        return Reading(token=token, record=record, version=self.version)

    def replaced_by(self, record: Record) -> VaultEntry:
        """Return what stands here once ``record`` is written; one without a token leaves the token's text alone."""
        return replace(
            self,
            value=self.value if record.token is None else str(record.token.value),
            metadata=None if record.is_bare else dump_metadata(record),
        )

    def text(self, where: str) -> str | None:
        """Return the text that stands here, whatever it says.

        :raises VaultCorrupt: ``vault_value_not_a_text``.
        """
        if self.value is None or isinstance(self.value, str):
            return self.value
        raise VaultCorrupt("vault_value_not_a_text", where=where)

    def _token(self, where: str) -> Token | None:
        if self.value is None or (isinstance(self.value, str) and not self.value.strip()):
            return None
        if not isinstance(self.value, str):
            raise VaultCorrupt("vault_value_not_a_token", where=where)
        try:
            return parse_token(self.value, where)
        except TokenFormatError:
            pass
        raise VaultCorrupt("vault_value_not_a_token", where=where)


def parse_metadata(text: str | None) -> Any:
    """Return the JSON value, or the text itself if it is none, which is then found to be no record."""
    if text is None or len(text) > MAXIMUM_RECORD_LENGTH:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One profile in the text of a configuration file; nothing is read or written from here."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import (
    METADATA_SUFFIX,
    VaultEntry,
    parse_metadata,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.yaml_mapping import Item, Scalar, YamlMapping

PROFILES = "profiles"
CREDENTIALS = "credentials"
TOKEN = "token"
TOKEN_RECORD = TOKEN + METADATA_SUFFIX


@dataclass(frozen=True)
class ProfileText:
    """The text of a configuration file, and the profile in it that is meant.

    :ivar where: the place, for messages.
    """

    text: str
    profile: str
    where: str

    @property
    def entry(self) -> VaultEntry:
        """What stands in the profile; the empty text that the vendor's tools leave is no token.

        :raises VaultCorrupt: as :class:`YamlMapping`.
        """
        credentials = self._credentials
        token, record = credentials.scalar(TOKEN), credentials.scalar(TOKEN_RECORD)
        value = token.text if token and token.text.strip() else None
        return VaultEntry(value=value, metadata=parse_metadata(record.text) if record else None)

    def with_entry(self, entry: VaultEntry) -> str:
        """Return the text of the file with the profile's token and record set, or emptied and removed.

        :raises VaultCorrupt: as :class:`YamlMapping`.
        """
        if entry.is_empty and not self._credentials.exists:
            return self.text
        document = self._with_profile()._credentials
        before = self.entry
        if entry.value != before.value or document.scalar(TOKEN) is None:
            document = document.with_scalar(TOKEN, Scalar(entry.value or ""))
        if entry.metadata is None:
            return document.without(TOKEN_RECORD).text
        if entry.metadata != before.metadata:
            document = document.with_scalar(TOKEN_RECORD, Scalar(json.dumps(entry.metadata)), after=TOKEN)
        return document.text

    @property
    def _item(self) -> Item:
        return Item("name", self.profile)

    @property
    def _credentials(self) -> YamlMapping:
        return YamlMapping(self.text, self.where, (PROFILES, self._item, CREDENTIALS))

    def _with_profile(self) -> ProfileText:
        """Return the text with the profile and its credentials, adding what is missing of both."""
        if self._credentials.exists:
            return self
        profile = YamlMapping(self.text, self.where, (PROFILES, self._item))
        if profile.exists:
            return self._with_text(profile.with_block(CREDENTIALS, [f"  {TOKEN}: ''"]))
        root = YamlMapping(self.text, self.where)
        name = json.dumps(self.profile)
        item = [f"- name: {name}", '  environment: ""', f"  {CREDENTIALS}:", f"    {TOKEN}: ''"]
        if root.has(PROFILES):
            return self._with_text(root.with_item(PROFILES, item))
        lines = [f"  {line}" for line in item]
        if not root.is_empty:
            return self._with_text(root.with_block(PROFILES, lines))
        separator = "" if not self.text or self.text.endswith("\n") else "\n"
        new = ["version: 1.0", f"currentProfile: {name}", f"{PROFILES}:", *lines, "environments: []", ""]
        return self._with_text(YamlMapping(self.text + separator + "\n".join(new), self.where))

    def _with_text(self, document: YamlMapping) -> ProfileText:
        return ProfileText(document.text, self.profile, self.where)

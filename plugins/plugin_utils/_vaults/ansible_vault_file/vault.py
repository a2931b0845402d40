# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible Vault files: tokens as vaulted variables of a variables file, with the controller's own vault ids."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultCorrupt,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._files.shared_file import FileContent
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ansible_vault_file.cipher import (
    AnsibleVaultCipher,
    DecryptedText,
    is_vault_text,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ansible_vault_file.options import (
    CONNECTION_OPTIONS,
    DESCRIPTION,
    KIND,
    PLACE_OPTIONS,
    READABLE,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.controller import absolute_path
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import (
    METADATA_SUFFIX,
    VaultEntry,
    names_of_tokens,
    parse_metadata,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.local_file import (
    LocalFile,
    LocalFileKind,
    LocalFiles,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Reading, Version
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.yaml_mapping import (
    EMPTY_FILE,
    Scalar,
    YamlMapping,
)

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


class Kind(LocalFileKind):
    """Variables files, encrypted value by value or as a whole."""

    KIND: ClassVar[str] = KIND
    DESCRIPTION: ClassVar[str] = DESCRIPTION
    CONNECTION_OPTIONS: ClassVar[Options] = CONNECTION_OPTIONS
    PLACE_OPTIONS: ClassVar[Options] = PLACE_OPTIONS
    READABLE: ClassVar[bool] = READABLE

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> AnsibleVaultFiles:
        """Check that there is a password to encrypt with; see the protocol."""
        vault_id = options.get("vault_id")
        cipher = AnsibleVaultCipher(name, controller.vault_secrets, str(vault_id) if vault_id else None)
        return AnsibleVaultFiles.with_options(name, options, self, controller=controller, cipher=cipher)


@dataclass(frozen=True)
class AnsibleVaultFiles(LocalFiles):
    """The variables files of one controller, with one set of options."""

    cipher: AnsibleVaultCipher

    def place(self, options: Mapping[str, Any]) -> VariablePlace:
        """Return the variable that the options name."""
        variable = str(options.get("variable") or "")
        if _VARIABLE.fullmatch(variable) is None or variable.endswith(METADATA_SUFFIX):
            expected = f"Give a name of letters, digits and underscores, not ending in {METADATA_SUFFIX}."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="variable", expected=expected)
        path = str(options.get("path") or "")
        if not path or "\0" in path or path.endswith("/"):
            expected = "Give the path of a file, such as group_vars/all/ionos.yml."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="path", expected=expected)
        return VariablePlace(
            self, absolute_path(path, self.controller, follow=bool(options.get("follow"))), path, variable
        )


@dataclass(frozen=True)
class _Variable:
    """One variable as it stands and, if it is vaulted, decrypted."""

    scalar: Scalar | None
    decrypted: DecryptedText | None

    @property
    def text(self) -> str | None:
        if self.decrypted is not None:
            return self.decrypted.text
        return self.scalar.text if self.scalar else None


@dataclass(frozen=True)
class _Opened:
    """The file, parsed, and the two variables in it.

    :ivar envelope: how the file is encrypted as a whole, or None if it is not.
    """

    content: FileContent | None
    envelope: DecryptedText | None
    document: YamlMapping
    value: _Variable
    metadata: _Variable

    @property
    def entry(self) -> VaultEntry:
        return VaultEntry(value=self.value.text, metadata=parse_metadata(self.metadata.text))


class VariablePlace:
    """One variable of a file, with the record's metadata in the variable ``VARIABLE_record`` beside it."""

    proves_writes: ClassVar[bool] = False

    def __init__(self, vault: AnsibleVaultFiles, path: str, shown_path: str, variable: str) -> None:
        self._vault = vault
        self._shown_path = shown_path
        self._variable = variable
        self._metadata_variable = variable + METADATA_SUFFIX
        self._file = LocalFile(vault, path, self.describe())

    @property
    def identity(self) -> tuple[str, ...]:
        """The file, however its directory is reached, and the variable."""
        return (KIND, self._file.path, self._variable)

    def describe(self) -> str:
        """Return vault, path and variable for people."""
        return f"{self._vault.name} ({self._shown_path}, variable {self._variable})"

    def read(self) -> Reading:
        """Return what the variable holds; see the protocol."""
        opened = self._open()
        reading = opened.entry.reading(self.describe())
        is_readable = opened.envelope is None and not (opened.value.scalar and opened.value.scalar.is_vaulted)
        return replace(
            reading,
            beside=names_of_tokens(opened.document.plain_texts(besides=(self._variable, self._metadata_variable))),
            is_plain_text=reading.token is not None and is_readable,
        )

    def write(self, record: Record, expected_version: Version) -> Version:
        """Set our two variables; see the protocol. A token that stood there in plain text is vaulted from then on."""
        self._file.check_permanence(record)
        return self._update(expected_version, lambda entry: entry.replaced_by(record))

    def erase(self, expected_version: Version) -> None:
        """Remove our two variables with their lines; see the protocol."""
        self._update(expected_version, lambda entry: VaultEntry())

    def _update(self, expected_version: Version, change: Callable[[VaultEntry], VaultEntry]) -> Version:
        def attempt() -> Version | None:
            opened = self._open()
            if opened.entry.version != expected_version:
                raise VaultConflict("vault_changed_meanwhile", where=self.describe())
            entry = change(opened.entry)
            return entry.version if self._save(opened, self._changed(opened, entry)) else None

        return self._file.update(attempt)

    def _open(self) -> _Opened:
        content = self._file.read()
        text = self._decode(content) if content else EMPTY_FILE
        envelope = self._vault.cipher.decrypt(text, self.describe()) if is_vault_text(text) else None
        document = YamlMapping(envelope.text if envelope else text, self.describe())
        return _Opened(
            content=content,
            envelope=envelope,
            document=document,
            value=self._variable_in(document, self._variable),
            metadata=self._variable_in(document, self._metadata_variable),
        )

    def _decode(self, content: FileContent) -> str:
        try:
            return content.data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        raise VaultCorrupt("variables_file_not_yaml", where=self.describe())

    def _variable_in(self, document: YamlMapping, name: str) -> _Variable:
        scalar = document.scalar(name)
        vaulted = scalar is not None and scalar.is_vaulted
        return _Variable(
            scalar, self._vault.cipher.decrypt(scalar.text, self.describe()) if scalar and vaulted else None
        )

    def _changed(self, opened: _Opened, entry: VaultEntry) -> YamlMapping:
        metadata = None if entry.metadata is None else json.dumps(entry.metadata)
        same_metadata = entry.metadata == opened.entry.metadata
        document = self._with(opened, opened.document, self._variable, opened.value, entry.value)
        return self._with(
            opened,
            document,
            self._metadata_variable,
            opened.metadata,
            opened.metadata.text if same_metadata else metadata,
        )

    def _with(
        self, opened: _Opened, document: YamlMapping, name: str, variable: _Variable, text: str | None
    ) -> YamlMapping:
        if text is None:
            return document.without(name)
        if opened.envelope is not None:
            unchanged = text == variable.text
            return document if unchanged else document.with_scalar(name, Scalar(text), after=self._variable)
        existing = variable.decrypted or opened.value.decrypted or opened.metadata.decrypted
        cipher = self._vault.cipher
        if variable.decrypted and text == variable.text and cipher.label_for(existing) == variable.decrypted.label:
            return document
        vaulted = Scalar(cipher.encrypt(text, existing), is_vaulted=True)
        return document.with_scalar(name, vaulted, after=self._variable)

    def _save(self, opened: _Opened, document: YamlMapping) -> bool:
        if document.text == opened.document.text:
            return True
        text = document.text
        if opened.envelope is not None:
            text = self._vault.cipher.encrypt_like(text, opened.envelope)
        return self._file.replace(text.encode("utf-8"), opened.content)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration file of the vendor's tools: tokens of profiles, in plain text as these tools want them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    shown,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import OWNER_ONLY, may_be_planted
from ansible_collections.tokenops.ionos.plugins.plugin_utils._files.shared_file import FileContent
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.controller import absolute_path
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import VaultEntry
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ionos_config.options import (
    CONNECTION_OPTIONS,
    DEFAULT_PROFILE,
    DESCRIPTION,
    KIND,
    PLACE_OPTIONS,
    READABLE,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ionos_config.profile import ProfileText
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.local_file import (
    LocalFile,
    LocalFileKind,
    LocalFiles,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Reading, Version

DEFAULT_PATH = "~/.ionos/config"
OF_OTHERS = 0o077
MAXIMUM_PROFILE_LENGTH = 128


class Kind(LocalFileKind):
    """Profiles of configuration files."""

    KIND: ClassVar[str] = KIND
    DESCRIPTION: ClassVar[str] = DESCRIPTION
    CONNECTION_OPTIONS: ClassVar[Options] = CONNECTION_OPTIONS
    PLACE_OPTIONS: ClassVar[Options] = PLACE_OPTIONS
    READABLE: ClassVar[bool] = READABLE

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> IonosConfigFiles:
        """Return the vault; there is no login."""
        return IonosConfigFiles.with_options(name, options, self, controller=controller)


class IonosConfigFiles(LocalFiles):
    """The configuration files of one controller."""

    def place(self, options: Mapping[str, Any]) -> ProfilePlace:
        """Return the profile that the options name."""
        profile = str(options.get("profile") or DEFAULT_PROFILE).strip()
        if not profile or not profile.isprintable() or len(profile) > MAXIMUM_PROFILE_LENGTH:
            expected = "Give the name of a profile, such as user."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="profile", expected=expected)
        path = str(options.get("path") or self.controller.environ.get("IONOS_CONFIG_FILE") or DEFAULT_PATH)
        if "\0" in path or path.endswith("/"):
            expected = "Give the path of a file, such as ~/.ionos/config."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="path", expected=expected)
        absolute = absolute_path(path, self.controller, follow=bool(options.get("follow")))
        return ProfilePlace(self, absolute, path, profile)


class ProfilePlace:
    """The token of one profile, with the record's metadata as C(token_record) beside it."""

    proves_writes: ClassVar[bool] = False

    def __init__(self, vault: IonosConfigFiles, path: str, shown_path: str, profile: str) -> None:
        self._vault = vault
        self._shown_path = shown_path
        self._profile = profile
        self._file = LocalFile(vault, path, self.describe())
        self._warned = False

    @property
    def identity(self) -> tuple[str, ...]:
        """The file, however its directory is reached, and the profile as the vendor's tools compare it."""
        return (KIND, self._file.path, self._profile.casefold())

    def describe(self) -> str:
        """Return vault, path and profile for people."""
        return f"{self._vault.name} ({self._shown_path}, profile {self._profile})"

    def read(self) -> Reading:
        """Return what the profile holds; see the protocol. A file that others may read is warned about."""
        content = self._content()
        reading = self._text(content).entry.reading(self.describe())
        if content is not None and reading.token is not None:
            self._warn_of_others(content)
        return reading

    def write(self, record: Record, expected_version: Version) -> Version:
        """Set the profile's token and record; see the protocol."""
        self._file.check_permanence(record)
        self._make_directory()
        return self._update(expected_version, lambda entry: entry.replaced_by(record))

    def erase(self, expected_version: Version) -> None:
        """Empty the profile's token, as C(ionosctl logout) does, and remove the record; see the protocol."""
        if self._content() is not None:
            self._update(expected_version, lambda entry: VaultEntry())

    def _update(self, expected_version: Version, change: Callable[[VaultEntry], VaultEntry]) -> Version:
        def attempt() -> Version | None:
            content = self._content()
            opened = self._text(content)
            if opened.entry.version != expected_version:
                raise VaultConflict("vault_changed_meanwhile", where=self.describe())
            if content is not None and may_be_planted(content.status, os.path.dirname(self._file.path)):
                raise VaultDenied("vault_file_planted", where=self.describe())
            entry = change(opened.entry)
            text = opened.with_entry(entry)
            is_done = text == opened.text or self._file.replace(text.encode(), content, mode=OWNER_ONLY)
            return entry.version if is_done else None

        return self._file.update(attempt)

    def _content(self) -> FileContent | None:
        """Return the content, or None if there is no file; the vendor's tools make its folder only when they write."""
        directory = os.path.dirname(self._file.path)
        if not os.path.lexists(directory) and os.path.isdir(os.path.dirname(directory)):
            return None
        return self._file.read()

    def _text(self, content: FileContent | None) -> ProfileText:
        try:
            return ProfileText(content.data.decode() if content else "", self._profile, self.describe())
        except UnicodeDecodeError:
            pass
        raise VaultCorrupt("variables_file_not_yaml", where=self.describe())

    def _make_directory(self) -> None:
        # What goes wrong here is said by the lock, which is the next to want the folder.
        with suppress(OSError):
            os.mkdir(os.path.dirname(self._file.path), 0o700)

    def _warn_of_others(self, content: FileContent) -> None:
        mode = stat.S_IMODE(content.status.st_mode)
        if mode & OF_OTHERS and not self._warned:
            self._warned = True
            self._vault.controller.warn(
                f"{shown(self.describe())} is in a file that other users may read (mode {mode:04o}). The next token "
                "closes it to them; close it now with chmod 600, and renew the token if somebody may have read it."
            )

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declared vaults of one run: each is logged in to once, and one that cannot be does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultDenied, VaultError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.vaults import DeclaredVault
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import (
    Controller,
    Place,
    Reading,
    Vault,
    VaultKind,
    Version,
)


def connect_vaults(
    declared: Sequence[DeclaredVault], kinds: Mapping[str, VaultKind], controller: Controller
) -> dict[str, Vault]:
    """Return every declared vault by its name, logged in; one that refuses answers everything with its error.

    :raises ConfigurationError: if the options of a vault cannot be right.
    """
    return {vault.name: _connect(vault, kinds[vault.kind], controller) for vault in declared}


def _connect(declared: DeclaredVault, kind: VaultKind, controller: Controller) -> Vault:
    try:
        return kind.connect(declared.name, declared.options, controller)
    except VaultError as error:
        return UnreachableVault(declared.name, error)


class UnreachablePlace:
    """A place in a vault that could not be logged in to."""

    proves_writes: ClassVar[bool] = False

    def __init__(self, name: str, options: Mapping[str, Any], error: VaultError) -> None:
        self._name = name
        self._options = options
        self._error = error

    @property
    def identity(self) -> tuple[str, ...]:
        """The declared options, since where they lead is not known."""
        return (self._name, *(f"{key}={value}" for key, value in sorted(self._options.items())))

    def describe(self) -> str:
        """Return the name of the vault."""
        return self._name

    def read(self) -> Reading:
        """Raise the error of the login."""
        self._fail()

    def write(self, record: Record, expected_version: Version) -> Version:
        """Raise the error of the login."""
        self._fail()

    def erase(self, expected_version: Version) -> None:
        """Raise the error of the login."""
        self._fail()

    def read_text(self) -> tuple[str | None, Version]:
        """Raise the error of the login."""
        self._fail()

    def write_text(self, text: str, expected_version: Version) -> Version:
        """Raise the error of the login."""
        self._fail()

    def _fail(self) -> NoReturn:
        raise self._error


class UnreachableVault:
    """A vault that could not be logged in to."""

    def __init__(self, name: str, error: VaultError) -> None:
        self._name = name
        self._error = error

    def place(self, options: Mapping[str, Any]) -> Place:
        """Return a place that answers with the error of the login."""
        return UnreachablePlace(self._name, options, self._error)

    def outlasts(self, seconds: int) -> bool:
        """Return False: there is no login."""
        return False

    def login_again(self) -> bool:
        """Return False: one login per vault and run."""
        return False


Result = TypeVar("Result")


def once_more_after_denial(vault: Vault, effect: Callable[[], Result]) -> Result:
    """Return what ``effect`` returns; where the vault denies it, log in anew and try once more.

    :raises VaultError: what the effect raises in the end.
    """
    denial: VaultDenied
    try:
        return effect()
    except VaultDenied as denied:
        denial = denied
    if not vault.login_again():
        raise denial
    return effect()

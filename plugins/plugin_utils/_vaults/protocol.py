# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vault protocol. Every kind of vault is one package beside this file, listed in ``kinds.py``.

What it promises is held for each readable kind by ``tests/integration/test_vault_contract.py``.

A kind connects once per run; a place is one spot in a connected vault. The engine knows this protocol and no kind; no
kind knows the Auth API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record

Version = int | str


@dataclass(frozen=True)
class Reading:
    """What a place holds.

    :ivar token: the token that stands there, or None if the place is proven to be empty (R6).
    :ivar record: the record beside it, or None if there is none.
    :ivar version: what check-and-set compares; an empty place has one too.
    :ivar beside: the names beside the place's own under which a token stands, where that can be seen.
    :ivar token_id: the id of the token that stands there, if the place tells that and never gives the token back.
    :ivar token_user_id: the user that this token is of, if the place tells that too.
    :ivar is_plain_text: whether whoever can read the vault's storage can read the token.
    """

    token: Token | None
    record: Record | None
    version: Version
    beside: tuple[str, ...] = ()
    is_plain_text: bool = False
    token_id: str | None = None
    token_user_id: str | None = None

    @property
    def held_id(self) -> str | None:
        """The id of the token that stands there, whether its value can be read or not; None for an empty place."""
        return self.token_id if self.token is None else self.token.id


@dataclass(frozen=True)
class Controller:
    """What a vault may want to know of the machine that it is used from.

    :ivar environ: the environment, for the usual variables of each world.
    :ivar base_directory: where relative paths start: the playbook's folder.
    :ivar vault_secrets: the controller's Ansible Vault secrets, as ``(vault id, secret)`` pairs.
    :ivar warn: shows a warning to the user.
    """

    environ: Mapping[str, str]
    base_directory: str
    vault_secrets: tuple[tuple[str, Any], ...] = ()
    warn: Callable[[str], None] = field(default=lambda message: None, repr=False)


@dataclass(frozen=True)
class Publishing:
    """How a token gets into a place that only tasks of the user reach.

    :ivar spot: what the record calls the place: the name of its vault, and its target there.
    :ivar publish: the path of the task file that publishes a token there.
    :ivar unpublish: the path of the one that takes it away again, or None.
    :ivar republish_after: seconds after which what was published may have been changed by others, or None.
    """

    spot: tuple[str, str]
    publish: str
    unpublish: str | None = None
    republish_after: int | None = None


class Place(Protocol):
    """One spot in a vault that holds one token."""

    @property
    def proves_writes(self) -> bool:
        """Whether a write that returns has certainly landed, by the server's own answer to the check-and-set."""

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for two places that are the same spot, however they were written down.

        The last part is the name under which the token stands there.
        """

    def describe(self) -> str:
        """Return the place in a form for people, without secrets."""

    def read(self) -> Reading:
        """Return what the place holds.

        :raises VaultDenied, VaultUnavailable, VaultCorrupt: and nothing else. "Empty" is never guessed (R6).
        """

    def write(self, record: Record, expected_version: Version) -> Version:
        """Write the token and, unless it is bare, the record; keep everything else that stands there.

        :param expected_version: of the reading that this write builds on; the write is refused if it has changed.
        :returns: the new version.
        :raises VaultConflict: the version was another one.
        :raises VaultDenied, VaultUnavailable, VaultCorrupt: ``rejected`` tells whether the write may have landed (R1).
        """

    def erase(self, expected_version: Version) -> None:
        """Remove the token and the record for good, older versions too (R27); keep everything else that stands there.

        :raises VaultConflict, VaultDenied, VaultUnavailable, VaultCorrupt: as ``write``.
        """


@runtime_checkable
class PublishedPlace(Place, Protocol):
    """A place that holds what tasks of the user have published there: it is neither read nor written by this process.

    Reading it always finds it empty; which token it holds is what the record says.
    """

    @property
    def publishing(self) -> Publishing:
        """How a token gets there."""


@runtime_checkable
class TextPlace(Protocol):
    """One spot in a vault that holds a text of ours which is no token."""

    def describe(self) -> str:
        """Return the place in a form for people, without secrets."""

    def read_text(self) -> tuple[str | None, Version]:
        """Return the text that stands there, or None if the place is proven to be empty (R6), and its version.

        :raises VaultDenied, VaultUnavailable, VaultCorrupt: as :meth:`Place.read`.
        """

    def write_text(self, text: str, expected_version: Version) -> Version:
        """Write the text and keep everything else that stands there; return the new version.

        :raises VaultConflict, VaultDenied, VaultUnavailable, VaultCorrupt: as :meth:`Place.write`.
        """


class Vault(Protocol):
    """One connected vault."""

    def place(self, options: Mapping[str, Any]) -> Place:
        """Return the place that ``options``, checked against ``PLACE_OPTIONS``, name.

        :raises ConfigurationError: before anything is read.
        """

    def outlasts(self, seconds: int) -> bool:
        """Make sure that the login is good for ``seconds`` more, logging in anew if that helps (R20).

        :raises VaultDenied, VaultUnavailable: if the vault does not say how long the login lasts.
        """

    def login_again(self) -> bool:
        """Log in anew after a denial, where the options allow it. Return whether that was done; never raise (R20)."""


class VaultKind(Protocol):
    """A kind of vault, as its package defines it.

    :cvar DESCRIPTION: what the documentation says of the kind.
    :cvar READABLE: whether it can be a vault of record.
    """

    KIND: ClassVar[str]
    DESCRIPTION: ClassVar[str]
    CONNECTION_OPTIONS: ClassVar[Options]
    PLACE_OPTIONS: ClassVar[Options]
    READABLE: ClassVar[bool]

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> Vault:
        """Log in and return the vault.

        :param name: what the user called this vault, for messages.
        :param options: checked against ``CONNECTION_OPTIONS``.
        :raises ConfigurationError, VaultDenied, VaultUnavailable: and nothing else.
        """

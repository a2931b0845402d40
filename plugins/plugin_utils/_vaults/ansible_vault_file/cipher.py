# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible Vault's encryption with the secrets and vault ids that the controller was started with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import AnsibleVaultFormatError, VaultLib

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultCorrupt,
    VaultDenied,
)

HEADER = "$ANSIBLE_VAULT"
DEFAULT_LABEL = "default"


@dataclass(frozen=True)
class DecryptedText:
    """A decrypted text and what it takes to encrypt a new one in the same way.

    :ivar label: the vault id in the header. It is a label only, and not authenticated.
    :ivar secret: the secret that fitted, whatever its own vault id is.
    """

    text: str = field(repr=False)
    label: str
    secret: Any = field(repr=False)


def is_vault_text(text: str) -> bool:
    """Tell whether ``text`` begins as the output of Ansible Vault does."""
    return text.startswith(HEADER)


class AnsibleVaultCipher:
    """Encrypts and decrypts text.

    :param name: what the user called this vault, for messages.
    :param secrets: the controller's ``(vault id, secret)`` pairs.
    :param vault_id: the vault id to encrypt with, or None for the one that a text already has, or else the first.
    :raises ConfigurationError: ``vault_password_missing`` without any secret, ``vault_id_unknown`` without that one.
    """

    def __init__(self, name: str, secrets: Sequence[tuple[str, Any]], vault_id: str | None) -> None:
        if not secrets:
            raise ConfigurationError("vault_password_missing", name=name)
        known = [label for label, _secret in secrets]
        if vault_id is not None and vault_id not in known:
            raise ConfigurationError("vault_id_unknown", name=name, vault_id=vault_id, known=", ".join(known))
        self._secrets = list(secrets)
        self._vault_id = vault_id

    def label_for(self, existing: DecryptedText | None) -> str:
        """Return the vault id that a new text in the place of ``existing`` gets."""
        return self._key_for(existing)[0]

    def encrypt(self, text: str, existing: DecryptedText | None) -> str:
        """Return ``text`` encrypted, with the vault id that the options name or the one of ``existing``."""
        label, secret = self._key_for(existing)
        return self.encrypt_like(text, DecryptedText(text="", label=label, secret=secret))

    def encrypt_like(self, text: str, existing: DecryptedText) -> str:
        """Return ``text`` encrypted exactly as ``existing`` was."""
        encrypted: bytes = VaultLib(self._secrets).encrypt(text, existing.secret, vault_id=existing.label)
        return encrypted.decode("ascii")

    def decrypt(self, vault_text: str, where: str) -> DecryptedText:
        """Return what is in the output of Ansible Vault.

        :raises VaultDenied: ``vault_text_undecryptable`` if none of the secrets fits.
        :raises VaultCorrupt: ``vault_text_damaged``.
        """
        label = _label(vault_text)
        try:
            plain, _vault_id, secret = VaultLib(self._secrets).decrypt_and_get_vault_id(vault_text)
            return DecryptedText(text=bytes(plain).decode("utf-8"), label=label, secret=secret)
        except (AnsibleVaultFormatError, UnicodeError):
            damaged = True
        except (AnsibleError, ValueError, TypeError, IndexError):
            damaged = False
        # Raised out here, since an exception in the context of another one would be shown together with it.
        if damaged:
            raise VaultCorrupt("vault_text_damaged", where=where)
        raise VaultDenied("vault_text_undecryptable", where=where, vault_id=label)

    def _key_for(self, existing: DecryptedText | None) -> tuple[str, Any]:
        if self._vault_id is not None:
            return next(pair for pair in self._secrets if pair[0] == self._vault_id)
        return (existing.label, existing.secret) if existing else self._secrets[0]


def _label(vault_text: str) -> str:
    header = vault_text.split("\n", 1)[0].strip().split(";")
    return header[3].strip() if len(header) > 3 else DEFAULT_LABEL

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vaults that an action or lookup reads and writes."""

from __future__ import annotations


class ModuleDocFragment:
    """The option ``vaults``."""

    DOCUMENTATION = r"""
options:
  vaults:
    description:
      - The vaults that declared tokens live in. Each is logged in to once a run, whatever the number of tokens.
      - Without this list there is one vault, of the kind O(vaults[].ansible_vault_file), which needs nothing to be
        installed.
      - Every entry has a name and exactly one kind. A kind without options may be given as an empty mapping.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the vault, for the places of tokens.
        type: str
        required: true
      ansible_vault_file:
        description:
          - Variables files that Ansible reads, with the token as an encrypted variable. Other variables, comments
            and the order of
            the file stay as they are.
          - The record is kept in the same file, encrypted too, in a variable of the same name with C(_record) behind
            it.
        type: dict
        suboptions:
          vault_id:
            description:
              - Which of the controller's vault ids encrypts new values. Values that are there already keep theirs.
              - The default is the first vault id that has been given to Ansible.
            type: str
          ephemeral:
            description:
              - Accept a project checkout of AWX or ansible-runner as vault of record, although what is written there
                is
                forgotten after the job.
            type: bool
            default: false
          lock_timeout:
            description: Seconds to wait for another run that is writing the same file.
            type: int
            default: 30
      hashi_vault:
        description:
          - A KV version 2 engine of OpenBao or HashiCorp Vault. Other keys of a secret are kept.
          - The record is kept in the same secret, in a key of the same name with C(_record) behind it.
          - The login needs C(create), C(read) and C(update) on C(MOUNT/data/PATH), and C(update) on
            C(MOUNT/destroy/PATH) to
            decommission a token.
        type: dict
        suboptions:
          url:
            description: Address of the server. The environment variable E(VAULT_ADDR) is the fallback.
            type: str
          auth_method:
            description:
              - How to log in. For any other method than these, log in with another plugin and give its token as
                O(vaults[].hashi_vault.token).
            type: str
            choices: [token, approle]
            default: token
          token:
            description: Token of the server. E(VAULT_TOKEN) and the file C(~/.vault-token) are the fallbacks.
            type: str
          role_id:
            description: Role id for V(approle). E(VAULT_ROLE_ID) is the fallback.
            type: str
          secret_id:
            description: Secret id for V(approle). E(VAULT_SECRET_ID) is the fallback.
            type: str
          auth_mount:
            description: Mount of the login method.
            type: str
            default: approle
          mount:
            description: Mount of the KV version 2 engine.
            type: str
            default: secret
          namespace:
            description: Namespace. E(VAULT_NAMESPACE) is the fallback.
            type: str
          ca_path:
            description: File or directory with the certificates of trusted authorities. E(VAULT_CACERT) and
              E(VAULT_CAPATH) are the fallbacks.
            type: path
          validate_certs:
            description: Whether the server's TLS certificate has to be trusted. E(VAULT_SKIP_VERIFY) is the fallback.
            type: bool
          allow_plain_http:
            description: Whether an C(http) address of another machine may be used, where everybody on the way can read.
            type: bool
            default: false
          timeout:
            description: Seconds that one request may take.
            type: int
            default: 30
"""

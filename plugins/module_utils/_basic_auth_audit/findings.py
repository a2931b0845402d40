# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit for Basic Authentication can find, in words that never hold a value from a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

PLAIN = "plain"
REFERENCE = "reference"
VAULTED = "vaulted"
ENCRYPTED = "encrypted"
UNKNOWN = "unknown"

_REFERENCE = re.compile(
    r"\{\{|\$[({]|(?:^|[:\s\"'])\$\w|^(?:var|local|data|module)\.|\bsecrets\.|%\w+%|\$\[\[|<\("
    r"|^(?:[A-Za-z_]\w{0,60}\.){0,5}(?:credentials|getenv|env|get|read|getpass|input|file|lookup|sensitive|secret)\("
    r"|^\(?(?:Get|Read|ConvertTo|ConvertFrom|Import)-[A-Z]"
)
_VAULTED = re.compile(r"!vault\b|\$ANSIBLE_VAULT;")
_NOTHING = ("", "~", "null", "Null", "NULL", "none", "None")


class Kind(NamedTuple):
    """A way to configure Basic Authentication: what it is, and what to write instead."""

    what: str
    instead: str


_TOKEN_OF_THE_LOOKUP = "{{ lookup('tokenops.ionos.vaulted_token', 'NAME') }}"
_BEARER = f'"Authorization: Bearer {_TOKEN_OF_THE_LOOKUP}"'

KINDS = {
    "vendor_module": Kind(
        "username or password of a module of the vendor's collection",
        f'Remove username and password and write token: "{_TOKEN_OF_THE_LOOKUP}", or set IONOS_TOKEN where it runs.',
    ),
    "vendor_module_defaults": Kind(
        "username or password in module_defaults of the vendor's collection",
        f'Remove username and password from module_defaults and write token: "{_TOKEN_OF_THE_LOOKUP}" there.',
    ),
    "vendor_inventory": Kind(
        "username or password of the vendor's inventory script",
        "Replace the script by an inventory that takes a token, or set IONOS_TOKEN for a version that reads it.",
    ),
    "ansible_variable": Kind(
        "variable with the username or password",
        "Remove the variable, declare a token with the role token_rotation, and read it with the lookup "
        "tokenops.ionos.vaulted_token.",
    ),
    "environment_variable": Kind(
        "environment variable with the username or password",
        "Set IONOS_TOKEN in its place and remove IONOS_USERNAME and IONOS_PASSWORD; a token beats them.",
    ),
    "environment_use": Kind(
        "use of the environment variable with the username or password",
        "Read IONOS_TOKEN and send it as Authorization: Bearer.",
    ),
    "terraform_provider": Kind(
        'username or password in the provider block "ionoscloud"',
        "Write token = var.ionos_token in the block, or leave it without credentials and set IONOS_TOKEN.",
    ),
    "terraform_variable": Kind(
        "variable of Terraform or Packer with the username or password",
        "Replace it by a sensitive variable for a token, given as TF_VAR_ionos_token, or set IONOS_TOKEN.",
    ),
    "http_command": Kind(
        "command that sends username and password to the vendor's API",
        'Send the token: curl --header "Authorization: Bearer $IONOS_TOKEN", or --header @FILE, which no process list '
        "shows.",
    ),
    "http_task": Kind(
        "task that sends username and password to the vendor's API",
        f"Remove url_username, url_password and force_basic_auth, and give the header {_BEARER}, with no_log: true.",
    ),
    "authorization_header": Kind(
        "header Authorization: Basic for the vendor's API",
        "Send Authorization: Bearer with the token.",
    ),
    "url_userinfo": Kind(
        "address of the vendor's API with username and password in it",
        "Take both out of the address, and send Authorization: Bearer with the token.",
    ),
    "netrc": Kind(
        "entry for the vendor's API in a netrc file",
        "Remove the entry, since it replaces a token in some clients, and send Authorization: Bearer with the token.",
    ),
    "ionosctl_login": Kind(
        "ionosctl login with username and password",
        "Set IONOS_TOKEN, which needs no login, or pass it: ionosctl login --token.",
    ),
    "ionos_config": Kind(
        "username or password in a profile of the vendor's configuration file",
        "Write credentials: {token: ...} in the profile, without username and password.",
    ),
    "ionosctl_config": Kind(
        "username or password in the configuration file of ionosctl",
        "Remove the file with ionosctl logout, and set IONOS_TOKEN.",
    ),
    "packer_source": Kind(
        "username or password of Packer's source for IONOS Cloud",
        "Write token in the source, or leave it without credentials and set IONOS_TOKEN.",
    ),
    "docker_machine": Kind(
        "username or password of the driver for docker-machine or rancher-machine",
        "Set IONOSCLOUD_TOKEN, or pass --ionoscloud-token, and remove username and password.",
    ),
    "pulumi_config": Kind(
        "username or password in the configuration of a Pulumi stack",
        "Write pulumi config set --secret ionoscloud:token, or set IONOS_TOKEN, and remove username and password.",
    ),
    "sdk_call": Kind(
        "username or password that a program gives to an SDK for the vendor's API",
        "Give the SDK a token read from IONOS_TOKEN, and neither username nor password.",
    ),
    "http_call": Kind(
        "username or password that a program sends to the vendor's API",
        "Send the header Authorization: Bearer with a token read from IONOS_TOKEN.",
    ),
    "program_variable": Kind(
        "variable of a script or program with the username or password",
        "Replace it by a variable for a token, read from IONOS_TOKEN, and authenticate with that.",
    ),
    "legacy_tool": Kind(
        "username or password of a tool of the time when the product was named ProfitBricks or Enterprise Cloud",
        "Replace the tool by its successor for IONOS Cloud, which reads IONOS_TOKEN.",
    ),
    "awx_credential": Kind(
        "AWX credential with username and password",
        "Make a credential of a type that injects IONOS_TOKEN, and give the job templates that one.",
    ),
    "awx_credential_type": Kind(
        "AWX credential type that injects username and password",
        'Make a type with a secret field token and the injector {"env": {"IONOS_TOKEN": "{{ token }}"}}.',
    ),
}

NOTES = {
    "binary": "It is binary and was not examined.",
    "broken_structure": "It is not well-formed as a whole, so it was also examined line by line; look at it yourself.",
    "internal_error": "It could not be examined because of an unexpected error.",
    "long_line": "It has very long lines, of which only the beginning was examined line by line.",
    "too_complex": "It has too many parts to examine all of them.",
    "too_large": "It is larger than max_file_size and was not examined.",
    "too_many_files": "The limit max_files was reached; what comes after was not examined.",
    "too_many_findings": "It has too many findings; the rest is not listed.",
    "unreadable": "It cannot be read.",
    "vaulted": "It is encrypted with Ansible Vault as a whole and not readable without a password. Look for "
    "IONOS_USERNAME, IONOS_PASSWORD and variables for them with ansible-vault view.",
    "yaml_missing": "PyYAML is missing where this runs, so it was examined line by line only.",
}
# With one of these, something may have been missed.
BLIND_NOTES = frozenset(NOTES) - {"broken_structure", "yaml_missing"}


@dataclass(frozen=True)
class Finding:
    """A place in a text.

    :ivar line: the number of the line, from 1 on.
    :ivar kind: a key of :data:`KINDS`.
    :ivar setting: what stands there: the name of an option, a variable or a command.
    :ivar stored_as: ``plain``, ``reference`` (to something else that holds it), ``vaulted`` (Ansible Vault),
        ``encrypted`` (by AWX or Pulumi) or ``unknown``.
    :ivar commented: whether it is commented out.
    """

    line: int
    kind: str
    setting: str
    stored_as: str = PLAIN
    commented: bool = False


def storage_of(value: str) -> str | None:
    """Return how a value stands in a text, or None if there is none.

    :param value: the text after the name, as a file has it.
    """
    stripped = value.strip().strip("\"',").strip()
    if stripped in _NOTHING:
        return None
    if _VAULTED.match(stripped):
        return VAULTED
    if stripped == "$encrypted$":
        return ENCRYPTED
    return REFERENCE if _REFERENCE.search(stripped[:1000]) else PLAIN

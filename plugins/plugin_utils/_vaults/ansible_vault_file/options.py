# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of Ansible Vault files."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.local_file import FILE_OPTIONS, FOLLOW_OPTION

KIND = "ansible_vault_file"
READABLE = True

DESCRIPTION = """
    Variables files that Ansible reads, with the token as an encrypted variable. Other variables, comments and the order
    of the file stay as they are.

    The record is kept in the same file, encrypted too, in a variable of the same name with C(_record) behind it.
"""

CONNECTION_OPTIONS: Options = {
    "vault_id": {
        "description": """
            Which of the controller's vault ids encrypts new values. Values that are there already keep theirs.

            The default is the first vault id that has been given to Ansible.
        """,
        "type": "str",
    },
    **FILE_OPTIONS,
}

PLACE_OPTIONS: Options = {
    "path": {
        "description": """
            The path of the variables file; a relative one starts at the playbook's folder, or at the working directory
            where the playbook is one of a collection.
        """,
        "type": "str",
        "required": True,
    },
    "variable": {
        "description": "The name of the variable that holds the token.",
        "type": "str",
        "required": True,
    },
    **FOLLOW_OPTION,
}

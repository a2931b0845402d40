# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the configuration file of the vendor's tools."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.local_file import FILE_OPTIONS, FOLLOW_OPTION

DEFAULT_PROFILE = "user"
"""What C(ionosctl login) calls the profile that it writes."""

KIND = "ionos_config"
READABLE = True

DESCRIPTION = """
    The configuration file of C(ionosctl), the SDKs and the Terraform provider of IONOS Cloud, with the token of one
    profile. All else in the file, its order, comments and line ends stay as they are. Its mode is set to C(0600).

    These tools want the token in plain text there, so whoever can read the file can use the token: this is for a
    machine and a user of their own, not for a repository.

    The record is kept in the same profile, as C(token_record) beside C(token), which these tools pass over.
    C(ionosctl login) and C(ionosctl logout) write the file anew, without the record.
"""

CONNECTION_OPTIONS: Options = {**FILE_OPTIONS}

PLACE_OPTIONS: Options = {
    "path": {
        "description": """
            The path of the configuration file. E(IONOS_CONFIG_FILE) is the fallback, and then C(~/.ionos/config), which
            every tool of the vendor reads.
        """,
        "type": "str",
    },
    "profile": {
        "description": """
            The name of the profile, whatever the current one is. A profile that is missing is added, in a new file as
            the current one.
        """,
        "type": "str",
        "default": DEFAULT_PROFILE,
    },
    **FOLLOW_OPTION,
}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of places that tasks of the user reach."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options

KIND = "tasks"
READABLE = False

DESCRIPTION = """
    Whatever a task file of yours writes a token to: a variable of a CI system, a file on many hosts, a secret manager.
    The role runs the file once for each token that a place does not hold yet.

    Such a place can be a replica only. What it holds is not read; the record remembers which token was published there,
    once every task of the file has succeeded, and no previous token is retired before that. Where a run is killed in
    between, the token is published again: at least once.
"""

_PUBLISH = """
    The task file that publishes a token, such as C(publish/gitlab.yml). A relative path starts at the playbook's
    folder, or at the working directory where the playbook is one of a collection.

    Its tasks find C(token_rotation_publish_token), which looks the value up where it is used, and beside it
    C(token_rotation_publish_name), C(token_rotation_publish_token_id), C(token_rotation_publish_expires_at),
    C(token_rotation_publish_target), and C(token_rotation_publish_options).
"""
_UNPUBLISH = """
    The task file that takes a token away again once it has been deleted because of O(tokens[].state=absent). Without
    one, what stands there stays.
"""
_REPUBLISH_AFTER = """
    How long after it was published a token is published again, in the same form as O(tokens[].ttl), for places that
    others change. Without it, only another token is.
"""

CONNECTION_OPTIONS: Options = {
    "publish": {"description": _PUBLISH, "type": "str"},
    "unpublish": {"description": _UNPUBLISH, "type": "str"},
    "republish_after": {"description": _REPUBLISH_AFTER, "type": "str"},
    "options": {
        "description": """
            What the tasks find in C(token_rotation_publish_options), for all places of this vault.
        """,
        "type": "dict",
        "no_log": True,
    },
}

PLACE_OPTIONS: Options = {
    "target": {
        "description": """
            What the place is called, in messages and in the record, such as C(shop/backend). Under another name it is
            another place, to which every token is published anew.
        """,
        "type": "str",
        "required": True,
    },
    "publish": {"description": "The same option of the vault, for this place alone.", "type": "str"},
    "unpublish": {"description": "The same option of the vault, for this place alone.", "type": "str"},
    "republish_after": {"description": "The same option of the vault, for this place alone.", "type": "str"},
    "options": {
        "description": """
            Free options for the tasks, which find them in C(token_rotation_publish_options), over those of the vault.
        """,
        "type": "dict",
        "no_log": True,
    },
}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of ``rotation_notify``."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.body import BODY_FORMATS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.webhook import DEFAULT_TIMEOUT, METHODS

NOTIFY_OPTIONS: Options = {
    "tokens": {
        "description": """
            RV(tokenops.ionos.vaulted_tokens#module:tokens) as M(tokenops.ionos.vaulted_tokens) returned it.

            The state of a token that is not in it, or that another run is at work on, stays as it was.
        """,
        "type": "list",
        "elements": "dict",
        "required": True,
    },
    "failure": {
        "description": """
            Message of a run that failed before it looked at any token, for example because the declaration is wrong. It
            is told as the state of the run itself.
        """,
        "type": "str",
    },
    "source": {
        "description": """
            Which declaration the tokens are of. Tokens of the same name in two declarations are told apart by it.

            The default is the name of the host that the task is for.
        """,
        "type": "str",
    },
    "webhook": {
        "description": """
            The webhook that is told which tokens begin and cease to need attention, each state once. One that is down
            fails nothing; the task warns, and the next run tells it.

            Without a webhook, what is returned as RV(told) counts as told, for tasks and handlers of your own.
        """,
        "type": "dict",
        "options": {
            "url": {
                "description": """
                    Address of the webhook. It is treated as a secret; messages show no more than its scheme, host and
                    port.

                    Redirects are not followed.
                """,
                "type": "str",
                "required": True,
                "no_log": True,
            },
            "headers": {
                "description": """
                    Further headers of the request, such as C(Authorization). Their values are treated as secrets.
                """,
                "type": "dict",
                "default": {},
                "no_log": True,
            },
            "method": {
                "description": "Method of the request.",
                "type": "str",
                "choices": METHODS,
                "default": "POST",
            },
            "timeout": {
                "description": """
                    Seconds that one request may take in total, from 1 to 300. There is one request for every 100
                    states, and none after one that was not accepted.
                """,
                "type": "int",
                "default": DEFAULT_TIMEOUT,
            },
            "validate_certs": {
                "description": "Whether the webhook's TLS certificate has to be trusted.",
                "type": "bool",
                "default": True,
            },
            "ca_path": {
                "description": """
                    File or directory with the certificates of the authorities that are trusted, instead of the usual
                    ones.
                """,
                "type": "path",
            },
            "allow_plain_http": {
                "description": """
                    Accept an address with C(http) on another machine than this one. Everybody on the way can then read
                    it.
                """,
                "type": "bool",
                "default": False,
            },
            "body_format": {
                "description": """
                    With V(generic), the body is the JSON that the guide on notifications describes.

                    With V(slack) or V(mattermost), it is a message for an incoming webhook of these.
                """,
                "type": "str",
                "choices": BODY_FORMATS,
                "default": "generic",
            },
        },
    },
    "state_file": {
        "description": """
            File on the controller that remembers what was told, as JSON. It is made with the mode 0600. Its directory
            has to exist.

            The default is a file for each O(source) in C(tokenops.ionos/notifications) in Ansible's home,
            C(~/.ansible).

            In AWX and in execution environments, name one on a persistent path; otherwise every run tells every state.

            Every webhook needs a file of its own.

            A relative path starts at the playbook's folder, or at the working directory where the playbook is one of a
            collection.
        """,
        "type": "path",
    },
    "state_in": {
        "description": """
            A place in a vault that remembers what was told, instead of a file, where no path outlives the job, as in
            AWX. It is written as O(tokenops.ionos.vaulted_tokens#module:tokens[].vault), such as
            C({in: bao, path: ionos/notifications}), and names a declared vault of the kind C(hashi_vault) or
            C(kubernetes_secret). Its key is C(notification_state) if it names none.

            What stands there tells no secret. Whoever writes it has to be allowed to read and to write the secret.
        """,
        "type": "dict",
    },
    "vaults": {
        "description": """
            Declared vaults, as O(tokenops.ionos.vaulted_tokens#module:vaults), for O(state_in).
        """,
        "type": "list",
        "elements": "dict",
    },
}

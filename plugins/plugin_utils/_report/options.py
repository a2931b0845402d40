# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of ``rotation_report``."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options

OUTDATED_AFTER = "26h"
"""A report a day, an hour for the day on which clocks are put back, and an hour for a run that is delayed."""

REPORT_OPTIONS: Options = {
    "directory": {
        "description": """
            Directory on the controller for C(report.html), C(report.json) and C(ionos_tokens.prom). It is made if only
            it is missing, and not the directory that it is in. Hosts with declarations of their own need one each.

            Files of these names are replaced, each in one step, so that a reader sees the old one or the new one. New
            files get the mode 0644 less the umask; those that are there keep their mode.

            A relative path starts at the playbook's folder, or at the working directory where the playbook is one of a
            collection.
        """,
        "type": "path",
        "default": "ionos-report",
    },
    "tokens": {
        "description": """
            RV(tokenops.ionos.vaulted_tokens#module:tokens) as M(tokenops.ionos.vaulted_tokens) returned it, also from
            check mode.
        """,
        "type": "list",
        "elements": "dict",
        "required": True,
    },
    "accounts": {
        "description": """
            RV(tokenops.ionos.vaulted_tokens#module:accounts) as M(tokenops.ionos.vaulted_tokens) returned it. Without
            it neither quota nor policy is shown, and tokens that only a person can renew are recognised only once they
            are due.
        """,
        "type": "list",
        "elements": "dict",
        "default": [],
    },
    "failure": {
        "description": """
            Message of a run that failed before it looked at any token, for example because the declaration is wrong.

            The page then begins with it, and the metric C(ionos_tokens_last_run_success) is 0.
        """,
        "type": "str",
    },
    "title": {
        "description": "Title of the page.",
        "type": "str",
        "default": "IONOS Cloud tokens",
    },
    "outdated_after": {
        "description": """
            How long the page is good for, as a number of seconds or such as V(90m), V(26h) or V(8d). Once it is older,
            it says so itself in red, in a browser that runs its script; without, it says from when on.

            Set it to how often the report is made, and an hour or two for a run that is late. The default is for a
            report a day: an hour for the day on which clocks are put back, and an hour for a run that is delayed.
        """,
        "type": "str",
        "default": OUTDATED_AFTER,
    },
    "metrics_file": {
        "description": """
            Path of the file of metrics, for example in the directory that the textfile collector of node_exporter
            reads. The default is C(ionos_tokens.prom) in O(directory).

            Has to end in C(.prom), and its directory has to exist.
        """,
        "type": "path",
    },
    "metrics_labels": {
        "description": """
            Labels to put on every metric, such as the team. Needed where several reports of one machine go to the same
            textfile collector.
        """,
        "type": "dict",
        "default": {},
    },
}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about the report."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "report_directory_missing": Entry(
        "The directory for the report does not exist: {path}.", "Create it, or correct {option}."
    ),
    "report_directory_is_file": Entry(
        "What is to be the directory for the report is something else: {path}.", "Name a directory as {option}."
    ),
    "report_not_written": Entry(
        "The report could not be written to {path}: {problem}.",
        "Correct that and run again; the report that stands there is as it was before.",
    ),
    "report_incomplete": Entry(
        "A part of the report could not be put in its place at {path}: {problem}.",
        "Correct that and run again; until then the files of the report are of different runs.",
    ),
    "report_metrics_file_name": Entry(
        "metrics_file has a name that does not end in .prom: {path}.",
        "Give it one that does; the textfile collector of node_exporter reads no other.",
    ),
    "report_label_invalid": Entry(
        "metrics_labels has an unusable label: {label}.",
        "Use letters, digits and underscores, no digit or two underscores at its start, and none of: {taken}.",
    ),
}

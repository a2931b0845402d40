# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about the audit for Basic Authentication."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "audit_path_missing": Entry("{path} does not exist.", "Correct paths, or remove this one."),
    "audit_paths_empty": Entry("paths is empty.", "Name the files and directories to examine."),
    "audit_limit_out_of_range": Entry("{option} is out of range.", "Choose 1 to {maximum}."),
    "audit_found_basic_auth": Entry(
        "Basic Authentication for IONOS Cloud is still configured in {places}.",
        "The result lists each with what to write instead.",
    ),
    "audit_found_unread": Entry(
        "{places} could not be examined completely.", "The notes of the result say which and why."
    ),
}

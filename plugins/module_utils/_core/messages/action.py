# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about arguments of a task."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "option_missing": Entry(
        "{where} lacks the option {option}.", "Add it{in_role}; ansible-doc {plugin} describes every option."
    ),
    "option_unknown": Entry(
        "{where} has an option that does not exist here: {option}.", "Correct it; known here are: {known}."
    ),
    "option_type_wrong": Entry(
        "{where} is not {type}.", "Correct the value; it is not shown, since it may be a secret."
    ),
    "option_choice_wrong": Entry("{where} is not one of its choices.", "Choose one of: {choices}."),
    "arguments_invalid": Entry(
        "The arguments of the task do not fit together.",
        "Compare them with ansible-doc {plugin}; they are not shown, since they may hold secrets.",
    ),
}

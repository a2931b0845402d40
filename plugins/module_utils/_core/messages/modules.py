# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about the modules ``auth_token`` and ``auth_token_info``."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "current_token_not_named": Entry(
        "Without current, token_id or dest this task would mint another token in every run.",
        "Say which token it keeps good, or set force to true to mint each time.",
    ),
    "minted_token_goes_nowhere": Entry(
        "A minted token would be lost: its value is shown only once, and the task does not say where it goes.",
        "Give dest, or set return_value to true and no_log to true on the task.",
    ),
    "options_exclusive": Entry("{first} and {second} exclude each other here.", "Give one of them."),
    "option_without_effect": Entry("{option} has no effect with {other}.", "Leave it out."),
    "deletion_not_named": Entry(
        "The task does not say what to delete.", "Give exactly one of token_id, current and criteria."
    ),
    "criteria_all_not_forced": Entry(
        "This would delete every token of the user on the contract, the one that the task itself uses too.",
        "List what has to stay in except, and set force to true.",
    ),
    "deletion_incomplete": Entry(
        "{problem} Until then {done} of {total} tokens were deleted.", "{remedy} Then run again for the rest."
    ),
    "deletion_not_seen": Entry(
        "The API answers that there is no token {token_id} to delete, and still shows it.",
        "Run again later: what deletes tokens may not know a young one yet.",
    ),
    "deletion_not_confirmed": Entry(
        "It is not known whether token {token_id} was deleted: the API could not be asked afterwards ({cause}).",
        "Run again when the API is well.",
    ),
    "minted_token_deleted_again": Entry("{problem} The new token {token_id} was deleted again.", "{remedy}"),
    "minted_token_left": Entry(
        "{problem} The new token {token_id} could not be deleted again; it lives until {expires_at}, and nobody "
        "has its "
        "value.",
        "{remedy} Delete it with auth_token (state: absent) or in the Token Manager.",
    ),
    "result_kept_on_disk": Entry(
        "An asynchronous task writes its result, and so the token's value, to a file that stays.",
        "Remove async from the task, or return_value.",
    ),
    "module_interrupted": Entry(
        "The module was told to stop before it was done.",
        "Run it again. If it was to create a token, look with auth_token_info for one that nothing uses.",
    ),
    "date_unreadable": Entry("{where} is not a date.", "Write it as YYYY-MM-DD, for example 2024-03-15."),
    "credential_missing": Entry(
        "There is no credential for the Auth API.",
        "Give token, or set IONOS_TOKEN; a token comes from the Token Manager of the DCD.",
    ),
}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about durations, dates and token ids, and what nobody expected."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "duration_unreadable": Entry(
        "{where} is not a duration.", "Give whole seconds, or a text such as 30d, 12h or 1h30m (units w, d, h, m, s)."
    ),
    "token_id_not_uuid": Entry(
        "{where} is not a token id.", "Give the UUID that the Token Manager, auth_token_info or the token's kid shows."
    ),
    "token_empty": Entry("{where} is empty.", "Give the token's value, or leave the option out."),
    "token_not_jwt": Entry(
        "{where} is not an IONOS Cloud API token, which is a JWT and begins with eyJ. {hint}",
        "Create a token in the Token Manager of the DCD and use its value.",
    ),
    "token_truncated": Entry(
        "{where} is a JWT that is cut off or damaged.",
        "Copy the whole value again: three parts with dots between them, on one line.",
    ),
    "token_without_id": Entry(
        "{where} is a JWT without a token id (kid), so it is not a token of the IONOS Auth API.",
        "Create a token in the Token Manager of the DCD and use its value.",
    ),
    "internal_error": Entry(
        "An unexpected {kind} ended the work at {where}.",
        "Run again; if it stays, report the place and the kind, which contain no secret.",
    ),
}

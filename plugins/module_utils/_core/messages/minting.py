# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about minting."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "ttl_out_of_range": Entry(
        "{where} is {seconds} seconds, outside of what the Auth API accepts.",
        "Choose a lifetime from {minimum} to {maximum} seconds (1 minute to 365 days).",
    ),
    "renew_before_not_below_ttl": Entry(
        "{where} leaves no time: renew_before is {renew_before} and the lifetime sent is {ttl} at the least.",
        "Choose a renew_before below the ttl, half of it or less is usual; a new token would be due at once.",
    ),
    "spread_too_long": Entry(
        "{where} is {spread}, too long for a ttl of {ttl} with a renew_before of {renew_before}: every token is to be "
        "of use for half of its life.",
        "Choose a spread of {longest} or less, a shorter renew_before or a longer ttl.",
    ),
    "ttl_no_room": Entry(
        "No lifetime near {wanted} seconds is free to tell a new token apart from the others.",
        "Choose a longer ttl, or delete tokens that nobody needs.",
    ),
    "quota_reached": Entry(
        "No token can be created: {used} of the {quota} that a user may have exist or are being created.",
        "Delete those that nobody needs, expired ones first, in the DCD or with auth_token.",
    ),
    "mint_forbidden": Entry(
        "The API refuses to mint for {holder} (HTTP status 403), and no two-factor authentication is seen there.",
        "Delete tokens that nobody needs, since the user may have reached a limit, and check the user's rights; if "
        "two-factor authentication is being set up, give two_factor: configuring.",
    ),
    "mint_refused": Entry(
        "The API refuses to mint for {holder} (HTTP status 403).",
        "Create the token in the Token Manager of the DCD and give it to this task; then look whether the account now "
        "has two-factor authentication.{policy}",
    ),
    "mint_gave_up": Entry(
        "No token could be created in {attempts} attempts; each ended without a usable answer.",
        "Run again when the API is well; what an attempt may have left is looked for then.",
    ),
    "mint_answer_unusable": Entry(
        "No token could be created in {attempts} attempts: what the API hands out is no token to use; {why}",
        "Check api_url: is this the IONOS API? If it is, look for news of a change of its tokens.",
    ),
    "mint_not_reconciled": Entry(
        "Creating a token ended without a usable answer, and the tokens could not be listed to find out ({cause}).",
        "Run again when the API is well. A token of {ttl} seconds, created since {started_at}, may be left over.",
    ),
    "mint_candidates_several": Entry(
        "Creating a token ended without a usable answer, and several tokens could be the one: {ids}. None was deleted.",
        "Find out which of them nobody uses and delete them in the DCD.",
    ),
    "mint_orphan_left": Entry(
        "Creating a token ended without a usable answer and left token {token_id}, which could not be deleted "
        "({cause}).",
        "Delete it in the DCD, or run again when the API is well.",
    ),
    "minted_token_unusable": Entry(
        "The new token {token_id} is still not accepted by the API {seconds} seconds after it was created.",
        "Run again later; check the account for two-factor authentication.",
    ),
    "minted_token_rounded": Entry(
        "The new token {token_id} lives for {lifetime} seconds instead of {ttl}: this API rounds lifetimes to {unit} "
        "seconds, and a new token is told apart from the others by its exact lifetime.",
        "Create tokens in the Token Manager of the DCD, and check api_url: is this the IONOS API?",
    ),
    "minted_token_lifetime": Entry(
        "The new token {token_id} lives for {lifetime} seconds instead of {ttl}.",
        "Check api_url: is this the IONOS API?",
    ),
}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about what is declared."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "option_out_of_range": Entry("{where} is out of range.", "Choose {minimum} to {maximum}."),
    "name_used_twice": Entry("{where} has two entries with the name {name}.", "Give each its own name."),
    "name_empty": Entry("{where} has an entry with an empty name.", "Give it a name."),
    "name_is_a_token": Entry(
        "{where} has an entry with a token in its name, and names are shown.",
        "Give it another name, and delete that token if the name was written where others can read it.",
    ),
    "name_not_declared": Entry(
        "{where} names {names}, which tokens does not declare.", "Use the names of declared tokens: {declared}."
    ),
    "name_not_shown": Entry(
        "{where} has an entry whose name is as long as a secret, or has characters that cannot be shown.",
        "Give it a name of at most 64 printable characters.",
    ),
    "account_unknown": Entry(
        "{where}.account names {name}, which accounts does not declare.", "Declare it, or correct the name."
    ),
    "vault_unknown": Entry(
        "{where}.in names {name}, which vaults does not declare.", "Declare it, or correct the name."
    ),
    "vault_not_named": Entry(
        "{where} does not say in which vault it is, and more than one is declared.", "Add in with the vault's name."
    ),
    "vault_kind_not_one": Entry(
        "{where} must have exactly one kind of vault.",
        "Keep one key such as hashi_vault or ansible_vault_file beside the name.",
    ),
    "place_option_of_another_kind": Entry(
        "{where}.{option} is not an option of {kind}.", "Remove it, or name another vault."
    ),
    "place_option_missing": Entry("{where} lacks {option}, which {kind} needs.", "Add it."),
    "place_used_twice": Entry(
        "{where} uses a place that {other} uses too.", "Give each declared token places of its own."
    ),
    "offer_for_unknown_token": Entry(
        "offers has an entry for {names}, which is not declared.",
        "Use the names of declared tokens as keys of offers: {declared}.",
    ),
    "ttl_too_short_to_rotate": Entry(
        "{where} is {seconds} seconds, too short to tell the tokens of this declaration apart by their lifetimes.",
        "Choose {minimum} seconds or more with this renew_before and overlap; days are usual.",
    ),
}

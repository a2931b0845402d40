# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about the rotation."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "report_input_invalid": Entry(
        "{where} is not what vaulted_tokens returns: {problem}.",
        "Give the lists tokens and accounts of its result as they are.",
    ),
    "interrupted": Entry("The run was told to stop before this was done.", "Run again; nothing is lost."),
    "vault_of_record_unreadable": Entry(
        "{where} is a kind of vault that cannot be read, so it cannot be the vault of record.",
        "Declare a readable vault as vault and this one among the replicas.",
    ),
    "inbox_unreadable": Entry(
        "{where} is a kind of vault that cannot be read, so it cannot be an inbox.",
        "Declare a readable vault as inbox.",
    ),
    "publication_failed": Entry(
        "{where} may not hold the current token: the task {task} failed.",
        "Look at what that task says; the next run publishes the token again.",
    ),
    "unpublication_failed": Entry(
        "{where} may still hold a deleted token: the task {task} failed.",
        "Look at what that task says; the next run tries again.",
    ),
    "publication_overtaken": Entry(
        "{where} may hold a token that another run has replaced while it was published.",
        "Run again; the current token is published there.",
    ),
    "publication_unknown": Entry(
        "published names {name}, which tokens does not declare.", "Give what the earlier call returned as publications."
    ),
    "token_not_judged": Entry(
        "The API gave no trustworthy answer about the token of {name}, of whose life {left} is left by what was "
        "known before; it stays in use. {why}",
        "Look at the network, the proxy and the vendor's status page, and run again before that time is over.",
    ),
    "issuer_missing": Entry(
        "Account {account} has no credential that could mint: its vaults hold no working token and it has none "
        "of its own.",
        "Give the account a token (for the default account: IONOS_TOKEN), or offer a token.",
    ),
    "issuer_of_another_user": Entry(
        "The credential of account {account} is of another user than the token that it should renew.",
        "Give a credential of the same user, or name the new user's id as user_id of the account.",
    ),
    "issuer_of_another_contract": Entry(
        "The credential of account {account} is bound to another contract than the one declared.",
        "Give a token of that contract, or correct contract_number.",
    ),
    "record_lost_too_often": Entry(
        "No record was found, and the API lists {count} tokens that this declaration has minted before ({ids}), so "
        "nothing was minted.",
        "Find out why records get lost in this place; then delete those tokens in the DCD, or raise max_lost.",
    ),
    "mint_left_in_doubt": Entry(
        "The token {token_id} was minted, and {where} did not tell whether it was written, so it was not deleted.",
        "Make the vault reachable and run again once the lease is over; that run finds out and cleans up.",
    ),
    "mint_not_recorded": Entry(
        "The token {token_id} was minted but could not be written, and was deleted again.",
        "Look at the vault of record and run again.",
    ),
    "vault_login_too_short": Entry(
        "The login to {where} does not last for the {seconds} seconds that a rotation may need, so nothing was minted.",
        "Give the login a longer lifetime, or use one that can be renewed.",
    ),
    "offer_held_elsewhere": Entry(
        "The token {token_id} offered for {name} is current for {other} already.",
        "Create one token for each declared token.",
    ),
    "offer_of_another_user": Entry(
        "The token {token_id} offered for {name} is of another user.",
        "Create it as the user of the account, or name that user's id as user_id of the account.",
    ),
    "offer_of_another_contract": Entry(
        "The token {token_id} offered for {name} is bound to another contract.",
        "Create it on the contract that the account names.",
    ),
    "offer_not_alive": Entry(
        "The token {token_id} offered for {name} is refused by the API.",
        "Create a new one in the Token Manager of the DCD.",
    ),
    "offer_not_checked": Entry(
        "The token {token_id} offered for {name} could not be checked with the API.",
        "Run again once the API can be reached.",
    ),
    "offer_not_longer_lived": Entry(
        "The token {token_id} offered for {name} does not outlive the current one.",
        "Create one with a longer lifetime.",
    ),
    "handoff_overdue": Entry(
        "Only a person can create the next token of {name}, and {left} is left.",
        "Create one for {lifetime} in the Token Manager of the DCD and hand it over.",
    ),
    "absent_but_issuer": Entry(
        "{name} is declared absent, but its token {token_id} is the credential of an account.",
        "Give that account another credential first.",
    ),
    "absent_but_shared": Entry(
        "{name} is declared absent, but its token {token_id} is current for {other} too.",
        "Give {other} a token of its own first.",
    ),
    "absent_but_unread": Entry(
        "{name} was not decommissioned, since the records of other declared tokens could not be read: {others}.",
        "Make those vaults readable and run again; one of them may hold the same token.",
    ),
    "absent_but_unknown_token": Entry(
        "{name} is declared absent, but its vault of record holds the token {token_id}, which no record knows, "
        "so it was left alone.",
        "Remove it there by hand, or declare it present once to have it adopted.",
    ),
    "absent_not_finished": Entry(
        "Not every token of {name} could be deleted, so its vaults were not emptied.",
        "Run again; the work goes on where it stopped.",
    ),
    "delete_but_declared": Entry(
        "The token {token_id} belongs to the declared token {name}, so nothing was deleted.",
        "Leave it out; to get rid of it, revoke {name} or declare it absent.",
    ),
    "delete_but_credential": Entry(
        "The token {token_id} is the credential of an account, so nothing was deleted.",
        "Leave it out, or give that account another credential first.",
    ),
    "delete_but_unread": Entry(
        "Nothing was deleted, since the records of declared tokens could not be read: {others}.",
        "Make those vaults readable and run again; one of them may hold a token that was to be deleted.",
    ),
    "delete_not_listed": Entry(
        "No account lists the token {token_id}.", "Look at the table: it may be gone, or belong to another user."
    ),
    "delete_not_done": Entry(
        "The API did not delete the token {token_id}.",
        "Run again; with two-factor authentication, delete it in the Token Manager of the DCD.",
    ),
    "revoke_without_successor": Entry(
        "{name} was not revoked, since no other token could be made current, and what uses it would stop working.",
        "Do what the other messages say and run again; to stop its use at once all the same, delete it in the DCD.",
    ),
    "revoke_but_issuer": Entry(
        "{name} has a new token, but the revoked one, {token_id}, is the credential of an account and was not deleted.",
        "Give that account another credential and run again, or delete the token in the DCD.",
    ),
    "revoke_but_shared": Entry(
        "{name} has a new token, but the revoked one, {token_id}, is current for {other} too and was not deleted.",
        "Revoke both in one run.",
    ),
    "revoke_but_unread": Entry(
        "{name} has a new token, but the revoked one was not deleted, since the records of other declared tokens could "
        "not be read: {others}.",
        "Make those vaults readable and run again, or delete the token in the DCD.",
    ),
    "revoke_needs_person": Entry(
        "{name} has a new token, but the API refuses to delete the revoked one: {ids} still works.",
        "Delete it in the Token Manager of the DCD now.",
    ),
    "revoke_not_proven": Entry(
        "{name} has a new token, but the API was not seen to refuse the revoked one: {ids}.",
        "Run again; if it still works then, delete it in the Token Manager of the DCD.",
    ),
    "mint_stopped": Entry(
        "No token was created: the run is to end, or its lease does.", "Run again; nothing is left over."
    ),
    "minted_token_foreign": Entry(
        "The new token {token_id} is of another user or contract than the credential that created it.",
        "Check api_url and contract_number: is this the IONOS API?",
    ),
}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error that a user can cause, as one catalogue: a sentence on what is wrong and one on what to do.

A message is put together from the catalogue and from facts (names, numbers, ids, dates). It never contains a secret,
the body of a response or the text of another library's exception, so it may be shown where ``no_log`` does not reach.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAXIMUM_FACT_LENGTH = 300
MAXIMUM_EXAMINED_LENGTH = 100_000

# A JWT however its header is written, and a run as long as only secrets are. The question marks stand for line breaks,
# so that a wrapped token is recognised to its end.
_TOKEN_LIKE = re.compile(
    r"(?:eyJ[A-Za-z0-9_-]{8,}"
    r"|(?<![A-Za-z0-9_-])(?:[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]+\.|[A-Za-z0-9_-]{65,}))[A-Za-z0-9_.?\\-]*"
)


class Entry(NamedTuple):
    """What is wrong, and what to do; both are ``str.format`` templates over the facts."""

    problem: str
    remedy: str


CATALOGUE = {
    # Configuration: found before anything is touched.
    "duration_unreadable": Entry(
        "{where} is not a duration.", "Give whole seconds, or a text such as 30d, 12h or 1h30m (units w, d, h, m, s)."
    ),
    "ttl_out_of_range": Entry(
        "{where} is {seconds} seconds, outside of what the Auth API accepts.",
        "Choose a lifetime from {minimum} to {maximum} seconds (1 minute to 365 days).",
    ),
    "renew_before_not_below_ttl": Entry(
        "{where} leaves no time: renew_before is {renew_before} and the lifetime sent is {ttl} at the least.",
        "Choose a renew_before below the ttl, half of it or less is usual; a new token would be due at once.",
    ),
    "token_id_not_uuid": Entry(
        "{where} is not a token id.", "Give the UUID that the Token Manager, auth_token_info or the token's kid shows."
    ),
    "contract_number_invalid": Entry(
        "{where} is not a contract number.", "Give the whole number that the DCD shows beside the contract."
    ),
    "library_missing": Entry(
        "The Python library {library} is missing where this runs ({python}).",
        "Install it there, for example with: python -m pip install {library}",
    ),
    # The audit for Basic Authentication
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
    # Tokens
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
    # The file with a token
    "dest_unusable": Entry(
        "{path} cannot be used as dest: {problem}.", "Correct that, or name another file; nothing was changed."
    ),
    "dest_not_a_token": Entry(
        "{path} holds something that is not an IONOS Cloud API token; it was left as it is.",
        "Remove the file, or name another one as dest.",
    ),
    "dest_write_failed": Entry(
        "{path} could not be written: {problem}.",
        "Correct that and run again; the file is as it was before.",
    ),
    # auth_token
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
    "date_unreadable": Entry("{where} is not a date.", "Write it as YYYY-MM-DD, for example 2024-03-15."),
    # Arguments of the action
    "option_missing": Entry(
        "{where} lacks the option {option}.", "Add it; the documentation of vaulted_tokens lists every option."
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
        "Compare them with the documentation of vaulted_tokens; they are not shown, since they may hold secrets.",
    ),
    "internal_error": Entry(
        "An unexpected {kind} ended the work at {where}.",
        "Run again; if it stays, report the place and the kind, which contain no secret.",
    ),
    # The report
    "report_input_invalid": Entry(
        "{where} is not what vaulted_tokens returns: {problem}.",
        "Give the lists tokens and accounts of its result as they are.",
    ),
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
    # Notifications
    "webhook_url_invalid": Entry(
        "webhook.url is not the address of a webhook.",
        "Give it as https://host/path, without a username or password before the host; it is not shown, since it may "
        "be a secret.",
    ),
    "webhook_plain_http": Entry(
        "The webhook at {webhook} is http, which would show its address and what it is told to everybody on the way.",
        "Use https, or set webhook.allow_plain_http to true where the network in between is trusted.",
    ),
    "webhook_header_invalid": Entry(
        "webhook.headers has a name or a value that no HTTP header can have.",
        "Give names without spaces, and values that are ASCII texts on one line.",
    ),
    "webhook_header_reserved": Entry(
        "webhook.headers sets what the request sets itself: {names}.", "Take these headers out."
    ),
    "webhook_unreachable": Entry(
        "The webhook at {webhook} was not told: {problem}.",
        "Check its address, its certificate, and the network and proxy in between; the next run tells it again.",
    ),
    "webhook_redirected": Entry(
        "The webhook at {webhook} was not told: it redirects elsewhere (HTTP status {status}), which is not followed.",
        "Give the address that it redirects to as webhook.url; the next run tells it again.",
    ),
    "webhook_refused": Entry(
        "The webhook at {webhook} did not accept what it was told (HTTP status {status}).",
        "Check its address, webhook.headers and webhook.body_format; the next run tells it again.",
    ),
    "notification_state_unusable": Entry("What was told before is not known. {problem}", "{remedy}"),
    "notification_state_foreign": Entry(
        "{path} is not a state file of notifications, or it is damaged; it was left as it is and nothing was told.",
        "Restore it or name another one as state_file; without it, every state is told once more.",
    ),
    "notification_state_newer": Entry(
        "{path} is a state file that a later version of this collection wrote; nothing was told.",
        "Use that version of tokenops.ionos, or name another file as state_file.",
    ),
    "interrupted": Entry("The run was told to stop before this was done.", "Run again; nothing is lost."),
    "option_out_of_range": Entry("{where} is out of range.", "Choose {minimum} to {maximum}."),
    # The declaration
    "name_used_twice": Entry("{where} has two entries with the name {name}.", "Give each its own name."),
    "name_empty": Entry("{where} has an entry with an empty name.", "Give it a name."),
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
    "vault_of_record_unreadable": Entry(
        "{where} is a kind of vault that cannot be read, so it cannot be the vault of record.",
        "Declare a readable vault as vault and this one among the replicas.",
    ),
    "inbox_unreadable": Entry(
        "{where} is a kind of vault that cannot be read, so it cannot be an inbox.",
        "Declare a readable vault as inbox.",
    ),
    "offer_for_unknown_token": Entry(
        "offers has an entry for a token that is not declared.", "Use the names of tokens as keys of offers."
    ),
    "credential_incomplete": Entry(
        "{where} has only one of username and password.", "Give both, or better a token instead of them."
    ),
    "ttl_too_short_to_rotate": Entry(
        "{where} is {seconds} seconds, too short to tell mints apart by their lifetime.",
        "Choose 2 minutes or more; days are usual.",
    ),
    # Rotation
    "clock_skew": Entry(
        "The API's clock says {api} and this controller's says {controller}, over an hour apart, so nothing was "
        "minted or deleted.",
        "Set the clock that is wrong, usually the controller's by NTP, and run again.",
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
    "mint_refused": Entry(
        "The API refuses to mint for account {account}, although the policy would allow it.",
        "Create the token in the Token Manager of the DCD and offer it; then look whether the account now has "
        "two-factor authentication.",
    ),
    "record_lost_too_often": Entry(
        "No record was found, and the API lists {count} tokens that look like earlier ones of this declaration "
        "({ids}), so nothing was minted.",
        "Find out why records get lost, delete in the DCD what nobody uses, or raise max_lost if other "
        "declarations made them.",
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
        "Create one for {lifetime} in the Token Manager of the DCD and offer it; the result's handoff says how.",
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
    # The Auth API: options
    "api_url_unreadable": Entry(
        "The API's address is not one.", "Give api_url (or IONOS_API_URL) as https://host or https://host:port."
    ),
    "api_url_userinfo": Entry(
        "The API's address has a username or password in it.",
        "Take them out of api_url (or IONOS_API_URL) and give token, or username and password.",
    ),
    "api_url_scheme": Entry("The API's address begins with another scheme than https.", "Give it as https://host."),
    "api_url_plain_http": Entry(
        "The API's address is http, which would show the credential to everybody on the way.",
        "Use https; http is for localhost and loopback addresses only.",
    ),
    "ca_path_unreadable": Entry(
        "ca_path names neither a readable file nor a directory: {path}.",
        "Give the path of a PEM file, or of a directory, with the certificates of the CAs to trust.",
    ),
    "certificate_fingerprint_invalid": Entry(
        "certificate_fingerprint is not a SHA-256 fingerprint.",
        "Give the 64 hex digits of the SHA-256 of the server's certificate; colons between them are fine.",
    ),
    "timeout_out_of_range": Entry("A timeout is out of range.", "Give more than 0 and at most {maximum} seconds."),
    "username_invalid": Entry(
        "The username is empty or has a colon in it, which Basic Authentication cannot carry.", "Check the username."
    ),
    "password_empty": Entry("The password is empty.", "Give the password, or better a token."),
    "credential_missing": Entry(
        "There is no credential for the Auth API.",
        "Give token, or set IONOS_TOKEN; a token comes from the Token Manager of the DCD.",
    ),
    # The Auth API: no answer
    "api_name_unknown": Entry(
        "Cannot {doing}: the name {host} does not resolve.", "Check api_url and this machine's name resolution."
    ),
    "api_connection_refused": Entry(
        "Cannot {doing}: no connection to {host} can be opened.",
        "Check api_url, the firewalls on the way, and HTTPS_PROXY where this network needs a proxy.",
    ),
    "api_timeout": Entry(
        "Cannot {doing}: {host} did not answer in time.", "Try again later, and check the network and the proxy."
    ),
    "api_deadline": Entry(
        "Cannot {doing}: {host} did not answer completely within {seconds} seconds.",
        "Try again later, or raise timeout where the network is that slow.",
    ),
    "api_tls_untrusted": Entry(
        "Cannot {doing}: the TLS certificate of {host} is not trusted; nothing was sent.",
        "Give the CA that signed it with ca_path, and check the name in api_url; somebody may stand in between.",
    ),
    "api_tls_expired": Entry(
        "Cannot {doing}: the TLS certificate of {host} has expired; nothing was sent.",
        "Check the clock of this machine; if it is right, tell whoever runs that server or proxy.",
    ),
    "api_tls_wrong_name": Entry(
        "Cannot {doing}: the TLS certificate of {host} is for another name; nothing was sent.",
        "Check the name in api_url and the proxy; somebody may stand in between.",
    ),
    "api_tls_fingerprint": Entry(
        "Cannot {doing}: the TLS certificate of {host} is not the one that certificate_fingerprint names; "
        "nothing was sent.",
        "Find out whether it was renewed, and only then correct the fingerprint; somebody may stand in between.",
    ),
    "api_tls_failed": Entry(
        "Cannot {doing}: the TLS connection to {host} failed.",
        "Check that api_url names a TLS port with TLS 1.2 or later, and that ca_path holds PEM certificates.",
    ),
    "api_ca_bundle_missing": Entry(
        "Cannot {doing}: the bundle of CA certificates that this machine names does not exist.",
        "Correct REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or give ca_path.",
    ),
    "api_proxy": Entry(
        "Cannot {doing}: the proxy does not connect to {host}.", "Check HTTPS_PROXY and NO_PROXY, and the proxy itself."
    ),
    "api_proxy_library": Entry(
        "Cannot {doing}: the environment names a SOCKS proxy, and the Python library for it is missing.",
        "Install PySocks where this runs, or correct HTTPS_PROXY, ALL_PROXY or NO_PROXY.",
    ),
    "api_connection_lost": Entry(
        "Cannot {doing}: the connection to {host} broke off.", "Try again; check the network if it stays so."
    ),
    "api_answer_too_large": Entry(
        "Cannot {doing}: {host} answered with more than the API ever would.", "Check api_url: is this the IONOS API?"
    ),
    "api_request_impossible": Entry(
        "Cannot {doing}: the request could not be put together.",
        "Check the credential and api_url for control characters and line breaks.",
    ),
    # The Auth API: an answer of no use
    "api_answer_malformed": Entry(
        "Cannot {doing}: {host} answered with something that is not HTTP.",
        "Check the port in api_url, and whether a gateway or proxy answers in place of the API.",
    ),
    "api_answer_unexpected": Entry(
        "Cannot {doing}: {host} answered with {what} instead of the API's JSON (HTTP status {status}).",
        "Check api_url, and whether a gateway, proxy or login page answers in place of the API.",
    ),
    "api_redirected": Entry(
        "Cannot {doing}: {host} redirects elsewhere (HTTP status {status}); a credential is not sent after that.",
        "Give the API's own address as api_url.",
    ),
    "api_rate_limited": Entry(
        "Cannot {doing}: {host} limits the rate of requests (HTTP status {status}).",
        "Try again later, with fewer workers or runs at a time.",
    ),
    "api_outage": Entry(
        "Cannot {doing}: {host} reports a failure of its own (HTTP status {status}).",
        "Try again later; nothing is wrong with the credential as far as this shows.",
    ),
    # The Auth API: refusals by the API itself
    "api_token_refused": Entry(
        "Cannot {doing}: the API does not accept token {token_id} (HTTP status {status}).",
        "It is expired or deleted, or its user is: use another one, from the Token Manager of the DCD.{policy}",
    ),
    "api_password_refused": Entry(
        "Cannot {doing}: the API does not accept the username and password (HTTP status {status}).",
        "Check both, or better use a token.{policy}",
    ),
    "api_forbidden": Entry(
        "Cannot {doing}: the API forbids it to this user (HTTP status {status}).",
        "Check the user's rights, and {contract}.{policy}",
    ),
    "api_request_rejected": Entry(
        "Cannot {doing}: the API rejects the request (HTTP status {status}).", "Check its options, and {contract}."
    ),
    "api_not_found": Entry(
        "Cannot {doing}: the API does not know it (HTTP status {status}).", "Check the id, and {contract}."
    ),
    "policy_forbids": Entry("{reason}", "{remedy} See {url}"),
    # Minting
    "api_time_unknown": Entry(
        "{host} sends no Date header, so it is not known what time it is there.",
        "Check api_url, and whether a proxy takes the header away.",
    ),
    "ttl_no_room": Entry(
        "No lifetime near {wanted} seconds is free to tell a new token apart from the others.",
        "Choose a longer ttl, or delete tokens that nobody needs.",
    ),
    "quota_reached": Entry(
        "No token can be created: {used} of the {quota} that a user may have exist or are being created.",
        "Delete those that nobody needs, expired ones first, in the DCD or with auth_token.",
    ),
    "mint_stopped": Entry(
        "No token was created: the run is to end, or its lease does.", "Run again; nothing is left over."
    ),
    "mint_gave_up": Entry(
        "No token could be created in {attempts} attempts; each ended without a usable answer.",
        "Run again when the API is well; what an attempt may have left is looked for then.",
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
    "minted_token_foreign": Entry(
        "The new token {token_id} is of another user or contract than the credential that created it.",
        "Check api_url and contract_number: is this the IONOS API?",
    ),
    "minted_token_lifetime": Entry(
        "The new token {token_id} lives for {lifetime} seconds instead of {ttl}.",
        "Check api_url: is this the IONOS API?",
    ),
    # Vaults
    "vault_read_back_differs": Entry(
        "{where} gives back something else than was written.",
        "Look for another tool that writes there, or for a filter that changes values.",
    ),
    "vault_write_unproven": Entry(
        "{where} did not confirm a write, and it cannot be read to find out.",
        "Make the vault reachable and run again; the next run finds out and repairs.",
    ),
    "vault_changed_meanwhile": Entry(
        "{where} was changed by somebody else since it was read; nothing of theirs was overwritten.", "Run again."
    ),
    "vault_login_missing": Entry(
        "The vault {name} has no login: {missing} is not given.",
        "Give token, or auth_method approle with role_id and secret_id, or set VAULT_TOKEN in the environment.",
    ),
    "vault_login_refused": Entry(
        "The vault {name} refuses the login by {method} (HTTP status {status}).",
        "Check the credentials and the mount of the login method; a secret id may be used up or expired.",
    ),
    "vault_url_missing": Entry("The vault {name} has no address.", "Give url, or set VAULT_ADDR in the environment."),
    "vault_url_invalid": Entry(
        "The url of the vault {name} is not the address of a server.",
        "Give scheme, host and port alone, such as https://bao.example.com:8200, without a username or password in it.",
    ),
    "vault_plain_http": Entry(
        "The url of the vault {name} is plain http to another machine ({origin}); everybody on the way could read it.",
        "Use https, or set allow_plain_http where the network in between is trusted.",
    ),
    "vault_ca_missing": Entry(
        "The ca_path of the vault {name} names neither a readable file nor a directory: {path}.",
        "Give the path of a PEM file or of a directory with certificates of authorities.",
    ),
    "vault_option_invalid": Entry("{where} has an unusable {option}.", "{expected}"),
    "vault_unreachable": Entry(
        "{where} cannot be reached: no connection, or no answer in time.",
        "Check that the server runs, its address, and the network and proxy between here and there.",
    ),
    "vault_tls_unverified": Entry(
        "{where} cannot be reached safely: the TLS certificate of the server could not be verified.",
        "Give the authority that signed it with ca_path or VAULT_CACERT, and use the name that the certificate is for.",
    ),
    "vault_tls_expired": Entry(
        "{where} cannot be reached safely: the TLS certificate of the server has expired.",
        "Renew it on the server; if it is valid, check the clock of this machine.",
    ),
    "vault_tls_wrong_name": Entry(
        "{where} cannot be reached safely: the TLS certificate of the server is for another name.",
        "Use the name that the certificate is for in the url, or give the server a certificate for this one.",
    ),
    "vault_sealed": Entry("{where} cannot be used: the vault is sealed.", "Unseal it and run again."),
    "vault_denied": Entry(
        "{where} is denied to this login (HTTP status {status}).",
        "Check that the login is still valid and that its policy grants create, read and update on {path}.",
    ),
    "vault_mount_unknown": Entry(
        "{where} does not exist: the vault has no secrets engine or no namespace there.",
        "Check mount and namespace; bao secrets list shows what there is.",
    ),
    "vault_not_kv2": Entry(
        "{where} is not in a KV version 2 secrets engine, so no safe write is possible there.",
        "Use a KV version 2 mount; bao kv enable-versioning upgrades one of version 1.",
    ),
    "vault_mount_unproven": Entry(
        "{where} is empty, but this login cannot prove that its mount is a KV version 2 secrets engine.",
        "Grant read on sys/internal/ui/mounts/{mount}, or on {mount}/config.",
    ),
    "vault_answer_unexpected": Entry(
        "{where} got an answer that is none of the vault's API (HTTP status {status}).",
        "Check the url: it should lead to OpenBao or HashiCorp Vault itself, not to a redirect or a web page.",
    ),
    "vault_overloaded": Entry(
        "{where} is not served at the moment (HTTP status {status}).",
        "Run again later; the vault limits requests or fails.",
    ),
    "vault_request_refused": Entry(
        "{where} cannot be used as it is now: the vault refuses the request (HTTP status {status}).",
        "Run again, since a mount that was just created or upgraded takes a moment; then check mount and path.",
    ),
    "vault_write_refused": Entry(
        "{where} refuses the new content (HTTP status {status}).",
        "Check the limits of the mount and of the server, such as the size of a secret.",
    ),
    "vault_forgets_too_early": Entry(
        "{where} deletes what is written there at {deletion_time}, while it is still needed.",
        "Set delete_version_after of the secret and of the mount to 0s, or to more than the lifetime of the token.",
    ),
    "vault_versions_left": Entry(
        "{where} is emptied, but older versions with the token are still there: {versions}.",
        "Grant update on {path}, or destroy these versions with bao kv destroy.",
    ),
    "vault_password_missing": Entry(
        "The vault {name} keeps tokens with Ansible Vault, and Ansible was started without a vault password.",
        "Start it with --vault-id, --vault-password-file or ANSIBLE_VAULT_PASSWORD_FILE.",
    ),
    "vault_id_unknown": Entry(
        "The vault {name} is to encrypt with the vault id {vault_id}, which Ansible was not given; it has: {known}.",
        "Start it with --vault-id {vault_id}@FILE, or correct vault_id.",
    ),
    "vault_text_undecryptable": Entry(
        "{where} is encrypted with the vault id {vault_id}, and no vault password that Ansible was given opens it.",
        "Add --vault-id {vault_id}@FILE with the right password.",
    ),
    "vault_text_damaged": Entry(
        "{where} holds a text of Ansible Vault that is cut off or damaged.",
        "Restore the file, for example from its version control.",
    ),
    "vault_file_symlink": Entry(
        "{where} is a symbolic link.", "Name the file that it leads to, or set follow to true for this place."
    ),
    "vault_file_not_regular": Entry("{where} is not a regular file.", "Name a file, or remove what stands there."),
    "vault_file_too_large": Entry(
        "{where} is larger than {maximum} octets.", "Keep tokens in a variables file of their own."
    ),
    "vault_file_directory_missing": Entry(
        "{where} cannot be there: its directory {directory} does not exist.",
        "Create the directory, or correct the path.",
    ),
    "vault_file_unreadable": Entry(
        "{where} cannot be read: no permission.", "Let the user that runs Ansible read the file and its directory."
    ),
    "vault_file_unwritable": Entry(
        "{where} cannot be written: no permission.",
        "Let the user that runs Ansible write the file and its directory {directory}.",
    ),
    "vault_file_system_read_only": Entry(
        "{where} cannot be written: its file system is read-only.", "Name a file on another one, or mount it writable."
    ),
    "vault_file_disk_full": Entry(
        "{where} cannot be written: no space left; the file is as it was.", "Make room on the disk or in the quota."
    ),
    "vault_file_trouble": Entry(
        "{where} cannot be used: the operating system reports {error}.", "Check the disk and the path, and run again."
    ),
    "vault_file_locked": Entry(
        "{where} is being written by another run.",
        "Run again when that has ended; the lock is {lock}.",
    ),
    "vault_file_ephemeral": Entry(
        "{where} is in a project of AWX or ansible-runner, which is thrown away after the job and the record with it.",
        "Use a vault that lasts, such as hashi_vault, or set ephemeral to true if this project does last.",
    ),
    "variables_file_not_yaml": Entry(
        "{where} is in a file that is not YAML in UTF-8.", "Correct the file; it was left as it is."
    ),
    "variables_file_not_block_mapping": Entry(
        "{where} is in a file that is not one mapping of variables.",
        "Write one document with lines of the form name: value, without braces around them.",
    ),
    "variables_file_variable_twice": Entry(
        "{where} is in a file that sets {variable} more than once.", "Remove all but one."
    ),
    "variables_file_shared_value": Entry(
        "{where} shares {variable} with other variables through an anchor, an alias or a merge key.",
        "Give it a value of its own.",
    ),
    "variables_file_unchangeable": Entry(
        "{where} is written in a way that does not allow to change it without touching other lines.",
        "Write it as name: value on lines of its own, or use a file of its own.",
    ),
    "vault_place_empty": Entry(
        "{where} holds no token.", "Run vaulted_tokens to have one minted or adopted, or put one there by hand."
    ),
    "declared_token_unknown": Entry(
        "{name} is not the name of a declared token.", "Correct it, or add it to tokens (token_rotation_tokens)."
    ),
    "declared_token_not_in_vault": Entry("{name} is not declared to be in the vault {vault}.", "Name one of: {known}."),
    "lookup_without_subject": Entry(
        "The lookup vaulted_token wants either names of declared tokens or a place.",
        "Give names, or place with vault, and not both.",
    ),
    "vault_record_corrupt": Entry(
        "{where} holds a token record that cannot be read.",
        "Restore it from an older version, or remove the record (not the token) to have the token adopted anew.",
    ),
    "vault_record_newer": Entry(
        "{where} holds a token record that another version of this collection wrote.",
        "Use the version of tokenops.ionos that wrote it, or a later one.",
    ),
    "vault_value_not_a_token": Entry(
        "{where} holds something that is not an IONOS Cloud API token; it was left as it is.",
        "Remove it there, or declare another place for the token.",
    ),
}


class TokenOpsError(Exception):
    """An error with a message from the catalogue.

    :ivar code: the key in :data:`CATALOGUE`.
    :ivar problem: one sentence: what is wrong.
    :ivar remedy: one sentence: what to do.
    :ivar facts: what the templates were filled with, as shown.
    """

    def __init__(self, code: str, **facts: object) -> None:
        entry = CATALOGUE[code]
        self.code = code
        self.facts = {name: shown(value) for name, value in facts.items()}
        self.problem = entry.problem.format_map(self.facts)
        self.remedy = entry.remedy.format_map(self.facts)
        super().__init__(f"{self.problem} {self.remedy}")


class ConfigurationError(TokenOpsError):
    """What the user declared cannot be right; nothing has been touched."""


class TokenFormatError(TokenOpsError):
    """A text that should be a token is none."""


class PolicyRefusal(TokenOpsError):
    """The vendor's deprecation policy forbids the request; it has not been sent."""


class ApiError(TokenOpsError):
    """The API was asked and did not do what it was asked for.

    :ivar status: the HTTP status, or None where no answer was read.
    """

    def __init__(self, code: str, status: int | None = None, **facts: object) -> None:
        self.status = status
        super().__init__(code, status=status, **facts)


class ApiUnavailable(ApiError):
    """No trustworthy answer: connection trouble, 429, 5xx, HTML, a body that is not what is documented.

    It says nothing about the token or the credential (R9).
    """


class ApiRefused(ApiError):
    """The API answered 400, 401, 403 or 422 with its own error body."""


class ApiNotFound(ApiError):
    """The API answered 404 with its own error body."""


class MintError(ApiError):
    """A mint that did not end with a token; the message says what is left where."""


class MintNotSent(MintError):
    """Certainly nothing was minted, and nothing speaks against trying again.

    :ivar retry_after: the seconds that the API asks to wait before, or None.
    """

    def __init__(self, code: str, status: int | None = None, retry_after: int | None = None, **facts: object) -> None:
        self.retry_after = retry_after
        super().__init__(code, status, **facts)


class MintAmbiguous(MintError):
    """A token may have been minted, or may still be: only a list of the tokens can tell (R3, R22)."""


class PersonNeeded(TokenOpsError):
    """The API lets nobody but a person mint for this account."""


class HandoffOverdue(TokenOpsError):
    """Only a person can mint, and too little is left of the current token's life."""


class VaultError(TokenOpsError):
    """A vault did not do what it was asked for.

    :ivar rejected: True where the write provably did not land and cannot land later (R1).
    """

    rejected = False

    def __init__(self, code: str, rejected: bool | None = None, **facts: object) -> None:
        super().__init__(code, **facts)
        if rejected is not None:
            self.rejected = rejected


class VaultConflict(VaultError):
    """Check-and-set lost: somebody else wrote this place since it was read."""

    rejected = True


class VaultDenied(VaultError):
    """The vault refuses this login or this path."""

    rejected = True


class VaultUnavailable(VaultError):
    """No trustworthy answer from the vault; a write may have landed, or may still land."""


class VaultCorrupt(VaultError):
    """The place holds something that is not ours, or a record that cannot be read; it is left as it is."""

    rejected = True


def shown(value: object, maximum_length: int = MAXIMUM_FACT_LENGTH) -> str:
    """Return ``value`` as text that is safe in a message: one line, bounded, nothing that looks like a token."""
    text = _text(value)[:MAXIMUM_EXAMINED_LENGTH]
    text = "".join(character if character.isprintable() else "?" for character in text)
    text = _TOKEN_LIKE.sub("(a token)", text)
    return text if len(text) <= maximum_length else text[:maximum_length] + "..."


def _text(value: object) -> str:
    try:
        return str(value)
    except ValueError:
        # A number of thousands of digits.
        return "(unreadable)"

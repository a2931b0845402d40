# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about the Auth API and credentials for it."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "contract_number_invalid": Entry(
        "{where} is not a contract number.", "Give the whole number that the DCD shows beside the contract."
    ),
    "credential_incomplete": Entry(
        "{where} has only one of username and password.", "Give both, or better a token instead of them."
    ),
    "clock_skew": Entry(
        "The API's clock says {api} and this controller's says {controller}, over an hour apart, so nothing was "
        "minted or deleted.",
        "Set the clock that is wrong, usually the controller's by NTP, and run again.",
    ),
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
    "username_invalid": Entry(
        "The username is empty or has a colon in it, which Basic Authentication cannot carry.", "Check the username."
    ),
    "password_empty": Entry("The password is empty.", "Give the password, or better a token."),
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
    "api_answer_malformed": Entry(
        "Cannot {doing}: {host} answered with something that is not HTTP.",
        "Check the port in api_url, and whether a gateway or proxy answers in place of the API.",
    ),
    "api_answer_unexpected": Entry(
        "Cannot {doing}: {host} answered with {what} instead of the API's JSON (HTTP status {status}).",
        "Check api_url, and whether a gateway, proxy or login page answers in place of the API.",
    ),
    "api_answer_odd": Entry(
        "Cannot {doing}: {host} answered {how} (HTTP status {status}).",
        "Check api_url: is this the IONOS API? If it is, look for news of a change of its answers.",
    ),
    "api_answer_encoded": Entry(
        "Cannot {doing}: {host} answered with a compressed body, although none was asked for (HTTP status {status}).",
        "Have the gateway or proxy on the way leave answers as they are; a body is never decompressed here.",
    ),
    "api_redirected": Entry(
        "Cannot {doing}: {host} redirects elsewhere (HTTP status {status}); a credential is not sent after that.",
        "Give the API's own address as api_url.",
    ),
    "api_rate_limited": Entry(
        "Cannot {doing}: {host} limits the rate of requests (HTTP status {status}).",
        "Try again later, with a lower rate, fewer workers or fewer runs at a time.",
    ),
    "api_turn_too_late": Entry(
        "Cannot {doing}: at the rate at which requests may be sent to {host}, the turn of this one would have come too "
        "late for its {seconds} seconds; it was not sent.",
        "Take fewer workers or a higher rate, or raise timeout.",
    ),
    "api_outage": Entry(
        "Cannot {doing}: {host} reports a failure of its own (HTTP status {status}).",
        "Try again later; nothing is wrong with the credential as far as this shows.",
    ),
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
    "api_time_unknown": Entry(
        "{host} sends no Date header, so it is not known what time it is there.",
        "Check api_url, and whether a proxy takes the header away.",
    ),
}

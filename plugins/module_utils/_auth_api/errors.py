# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which error an answer of the API is, or the lack of one: an outage, a refusal by the API itself, or neither (R9)."""

from __future__ import annotations

from typing import Callable, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import is_error_body
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiNotFound,
    ApiRefused,
    ApiUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Answer, Reason, TransportError

_CODE_BY_REASON: dict[Reason, str] = {
    "dns": "api_name_unknown",
    "refused": "api_connection_refused",
    "timeout": "api_timeout",
    "deadline": "api_deadline",
    "pause": "api_rate_limited",
    "turn": "api_turn_too_late",
    "tls_untrusted": "api_tls_untrusted",
    "tls_expired": "api_tls_expired",
    "tls_wrong_name": "api_tls_wrong_name",
    "tls_fingerprint": "api_tls_fingerprint",
    "tls_failed": "api_tls_failed",
    "proxy": "api_proxy",
    "proxy_library": "api_proxy_library",
    "reset": "api_connection_lost",
    "cut_off": "api_connection_lost",
    "too_large": "api_answer_too_large",
    "malformed": "api_answer_malformed",
    "ca_bundle": "api_ca_bundle_missing",
    "invalid_request": "api_request_impossible",
}
# Nothing is decided yet by 408, 425 and 429: the same request may be accepted a moment later.
_UNDECIDED_STATUSES = frozenset({408, 425, 429})


class Request(NamedTuple):
    """What messages tell of a request.

    :ivar doing: what it was for, as in "Cannot ...".
    :ivar host: host and port.
    :ivar deadline: seconds that it had in total.
    :ivar token_id: of the token that authenticates it, or None with Basic Authentication.
    :ivar contract_number: that it names, or None.
    :ivar names_something: whether it asks for one thing that may not exist, so that 404 means just that.
    :ivar explain: gives what the policy has to say of it, or an empty text.
    """

    doing: str
    host: str
    deadline: float
    token_id: str | None
    contract_number: int | None
    names_something: bool
    explain: Callable[[], str]


def error_without_answer(request: Request, failure: TransportError) -> ApiUnavailable:
    """Return the error that a request without an answer is."""
    code = _CODE_BY_REASON[failure.reason]
    status = failure.status if failure.reason == "pause" else None
    return ApiUnavailable(code, status, doing=request.doing, host=request.host, seconds=int(request.deadline))


def error_of_unexpected(request: Request, answer: Answer, how: str = "") -> ApiUnavailable:
    """Return the error that an answer is which the API does not document.

    :param how: what is odd about the API's JSON, or empty if it is none.
    """
    if answer.is_encoded:
        return ApiUnavailable("api_answer_encoded", answer.status, doing=request.doing, host=request.host)
    if how and "html" not in answer.content_type:
        return ApiUnavailable("api_answer_odd", answer.status, doing=request.doing, host=request.host, how=how)
    what = "HTML" if "html" in answer.content_type else "something else"
    return ApiUnavailable("api_answer_unexpected", answer.status, doing=request.doing, host=request.host, what=what)


def error_of_status(request: Request, answer: Answer) -> ApiUnavailable:
    """Return the error that an answer with another status than 200 is, unless it is a refusal."""
    status = answer.status
    if 300 <= status < 400:
        code = "api_redirected"
    elif status == 429:
        code = "api_rate_limited"
    elif status >= 500:
        code = "api_outage"
    else:
        return error_of_unexpected(request, answer)
    return ApiUnavailable(code, status, doing=request.doing, host=request.host)


def is_refusal(answer: Answer) -> bool:
    """Tell whether the API itself has refused for good, and not a gateway in front of it (R9)."""
    return (
        400 <= answer.status < 500
        and answer.status not in _UNDECIDED_STATUSES
        and is_error_body(answer.body, answer.status)
    )


def error_of_refusal(request: Request, status: int) -> ApiError:
    """Return the error that a refusal by the API itself is."""
    contract = _contract_advice(request.contract_number)
    if status == 404 and request.names_something:
        return ApiNotFound("api_not_found", status, doing=request.doing, contract=contract)
    if status == 401:
        policy = request.explain()
        if request.token_id is None:
            return ApiRefused("api_password_refused", status, doing=request.doing, policy=policy)
        return ApiRefused("api_token_refused", status, doing=request.doing, token_id=request.token_id, policy=policy)
    if status == 403:
        return ApiRefused("api_forbidden", status, doing=request.doing, contract=contract, policy=request.explain())
    return ApiRefused("api_request_rejected", status, doing=request.doing, contract=contract)


def _contract_advice(contract_number: int | None) -> str:
    if contract_number is None:
        return "give contract_number where the user has several contracts"
    return f"check that contract_number {contract_number} is the right one"

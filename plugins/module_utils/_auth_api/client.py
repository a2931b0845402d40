# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of the Auth API.

Reads and deletes are repeated while that makes sense. Generate is a GET that creates, so it is sent once, over a fresh
connection, and whoever calls it is told what is known about its outcome (R22).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Literal, TypeVar
from urllib.parse import quote

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import (
    TokenEntry,
    TokenList,
    UndatedEntry,
    UnexpectedAnswer,
    UserAccount,
    is_denied_success,
    read_object,
    read_token_entries,
    read_token_entry,
    read_token_value,
    read_user_account,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import (
    RATE_LIMITED,
    Call,
    Caller,
    CallOutcome,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential, Credential
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.errors import (
    Request,
    error_of_refusal,
    error_of_status,
    error_of_unexpected,
    error_without_answer,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiNotFound,
    ApiRefused,
    ApiUnavailable,
    MintAmbiguous,
    MintNotSent,
    PolicyRefusal,
    TokenFormatError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token, require_token_id
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Answer, TransportError
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import PolicyGate
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Operation, TwoFactor

Criteria = Literal["expired", "all", "current"]
Removal = Literal["deleted", "vanished", "gone"]
"""What became of a token: it was deleted, as the API says; or the API does not know it, after an answer to our own
deletion was lost (``vanished``) or without that.
"""
Item = TypeVar("Item")
Reader = Callable[["dict[str, Any]"], Item]

_DELETED_STATUSES = frozenset({200, 202, 204})


@dataclass(frozen=True)
class Probe:
    """What a token, asked about itself, turns out to be.

    :ivar state: ``alive``; ``refused`` or ``gone``: 401 or 404 by the API itself, twice; ``unknown``: no trustworthy
        answer, which says nothing about the token (R9).
    :ivar entry: the API's entry of a token that is alive.
    :ivar error: why the state is not ``alive``.
    """

    state: Literal["alive", "refused", "gone", "unknown"]
    entry: TokenEntry | None = None
    error: ApiError | None = None


class AuthApi:
    """The Auth API, and the Cloud API's view of a user, with one credential. Safe to share between threads.

    Besides what each method names, every method raises ``ApiUnavailable`` if there is no trustworthy answer,
    ``ApiRefused`` for 4xx with the API's error body, and ``PolicyRefusal`` if the policy forbids the request.

    :param gate: the policy, or None if it does not matter.
    """

    def __init__(self, caller: Caller, gate: PolicyGate | None = None) -> None:
        self._caller = caller
        self._gate = gate

    @property
    def credential(self) -> Credential:
        """What requests authenticate with."""
        return self._caller.credential

    @property
    def contract_number(self) -> int | None:
        """The contract that requests are about, or None if the API finds it out by itself."""
        return self._caller.contract_number

    @property
    def clock(self) -> ApiClock:
        """The API's time, as its answers tell it."""
        return self._caller.clock

    @property
    def user_id(self) -> str | None:
        """The user that the credential is of, or None if that is not known."""
        return self.credential.user_id

    @property
    def host(self) -> str:
        """Host and port of the API, for messages."""
        return self._caller.endpoints.host

    def with_token(self, token: Token) -> AuthApi:
        """Return a client of the same account that authenticates with ``token``."""
        contract_number = self.contract_number if token.contract_number is None else None
        return AuthApi(self._caller.with_credential(BearerCredential(token), contract_number), self._gate)

    def require_allowed(self, operation: Operation) -> None:
        """Ask the policy about an operation that is to come.

        :raises PolicyRefusal: if it is forbidden.
        """
        if self._gate is not None:
            self._gate.check(self.credential.method, operation, self._look_up_two_factor)

    def two_factor(self) -> TwoFactor:
        """Return the account's two-factor state, asked for at most once per gate; ``unknown`` if it is not shown."""
        return self._look_up_two_factor() if self._gate is None else self._gate.resolve(self._look_up_two_factor)

    @property
    def known_two_factor(self) -> TwoFactor:
        """The account's two-factor state, as far as it has been declared or asked for."""
        return (self._gate.two_factor if self._gate else None) or "unknown"

    def list_tokens(self) -> TokenList:
        """Return the tokens of the user on the contract; one warning in a run tells of entries that cannot be read."""
        listed = self._read(self._auth_call("GET", "/tokens", "list", "list the tokens"), read_token_entries)
        if listed.unreadable and self._gate is not None:
            self._gate.warn_once(
                "unreadable entries",
                f"{len(listed.unreadable)} of the {listed.slots} tokens that the API lists cannot be read, since an id "
                "or a date is missing or of another form. They count for the quota and are left alone.",
            )
        return listed

    def get_token(self, token_id: str) -> TokenEntry:
        """Return one token.

        :raises ApiNotFound: if the API does not know it.
        """
        return self._get_token(token_id, fresh_connection=False)

    def delete_token(self, token_id: str) -> Removal:
        """Delete a token.

        Only ``deleted`` is proven: what deletes may not know a young token yet (R32).
        """
        call = self._token_call("DELETE", token_id, "delete")
        outcome = self._carry_out(call)
        if self._is_own_token(token_id) and _has_shut_itself_out(outcome):
            return "vanished"
        try:
            self._require_deleted(call, outcome)
        except ApiNotFound:
            return "vanished" if outcome.may_be_done else "gone"
        return "deleted"

    def delete_by_criteria(self, criteria: Criteria) -> None:
        """Delete every ``expired`` token, ``all`` tokens, or the ``current`` one that authenticates this request."""
        path = f"/tokens?criteria={criteria.upper()}"
        call = self._auth_call("DELETE", path, "delete", f"delete tokens by the criterion {criteria}")
        outcome = self._carry_out(call)
        if criteria in ("all", "current") and self._own_token_id() is not None and _has_shut_itself_out(outcome):
            return
        self._require_deleted(call, outcome)

    def generate(self, ttl: int, may_send: Callable[[], bool] = lambda: True) -> Token:
        """Mint a token that lives for ``ttl`` seconds: one request over a fresh connection, never repeated (R22).

        :param may_send: asked when the request's turn has come, which may take up to half of the total deadline.
        :raises MintNotSent: certainly nothing was minted, and nothing speaks against trying again.
        :raises ApiRefused: the API refused; nothing was minted.
        :raises MintAmbiguous: anything else: a token may have been minted, now or a little later.
        """
        call = self._auth_call("GET", f"/tokens/generate?ttl={ttl}", "mint", "create a token")
        self.require_allowed("mint")
        outcome = self._caller.send_once(call, may_send)
        try:
            return parse_token(self._judge(call, outcome, read_token_value), "the answer")
        except (ApiUnavailable, TokenFormatError) as error:
            failed = error
        last = outcome.last
        facts: dict[str, Any] = {name: value for name, value in failed.facts.items() if name != "status"}
        if isinstance(last, TransportError) and not last.sent:
            raise MintNotSent(failed.code, last.status, getattr(last, "retry_after", None), **facts)
        if isinstance(last, Answer) and last.status == RATE_LIMITED:
            raise MintNotSent(failed.code, last.status, last.retry_after, **facts)
        raise MintAmbiguous(failed.code, last.status if isinstance(last, Answer) else None, **facts)

    def get_user(self, user_id: str) -> UserAccount:
        """Return what the Cloud API tells of a user; 403 is usual without the right to manage users.

        :raises ApiNotFound: if the API does not know the user.
        """
        return self._read_user(user_id, asks_policy=True)

    def probe(self) -> Probe:
        """Ask the API about the token that is the credential; a refusal counts once a second call confirms it (R9)."""
        first = self._probe_once(fresh_connection=False)
        if first.state not in {"refused", "gone"}:
            return first
        self._caller.pause_for_confirmation()
        return self._probe_once(fresh_connection=True)

    def _probe_once(self, fresh_connection: bool) -> Probe:
        if not isinstance(self.credential, BearerCredential):
            raise TypeError("only a token can be asked about itself")
        try:
            return Probe("alive", self._get_token(self.credential.token.id, fresh_connection))
        except ApiNotFound as error:
            return Probe("gone", error=error)
        except ApiRefused as error:
            return Probe("refused" if error.status == 401 else "unknown", error=error)
        except ApiUnavailable as error:
            return Probe("unknown", error=error)

    def _get_token(self, token_id: str, fresh_connection: bool) -> TokenEntry:
        plain_id = token_id.strip().lower()

        def read(value: dict[str, Any]) -> TokenEntry:
            try:
                entry = read_token_entry(value)
            except UndatedEntry as undated:
                completed = self._completed(undated.token_id) if undated.token_id == plain_id else None
                if completed is None:
                    raise
                return completed
            if entry.id != plain_id:
                raise UnexpectedAnswer("with another token than the one that was asked for")
            return entry

        return self._read(self._token_call("GET", token_id, "get"), read, fresh_connection)

    def _completed(self, token_id: str) -> TokenEntry | None:
        """Return an entry that came without its dates: with those that the token itself names, or that a list has."""
        if isinstance(self.credential, BearerCredential) and self._is_own_token(token_id):
            created_at, expires_at = self.credential.token.issued_at, self.credential.token.expires_at
            if created_at is not None and expires_at is not None and created_at <= expires_at:
                return TokenEntry(token_id, created_at, expires_at)
        try:
            return next((entry for entry in self.list_tokens() if entry.id == token_id), None)
        except (ApiError, PolicyRefusal):
            # The token was shown: what becomes of the list says nothing of it.
            return None

    def _read_user(self, user_id: str, *, asks_policy: bool) -> UserAccount:
        url = "{}/um/users/{}?depth=1".format(self._caller.endpoints.cloud, quote(user_id, safe=""))
        call = Call("GET", url, "use", "read the user", names_something=True, asks_policy=asks_policy)
        return self._read(call, lambda value: read_user_account(value, user_id))

    def _look_up_two_factor(self) -> TwoFactor:
        if self.user_id is None:
            return "unknown"
        try:
            return self._read_user(self.user_id, asks_policy=False).two_factor
        except ApiError:
            # Asking needs a right that many users do not have; the policy copes with not knowing.
            return "unknown"

    def _is_own_token(self, token_id: str) -> bool:
        return self._own_token_id() == token_id.strip().lower()

    def _own_token_id(self) -> str | None:
        return self.credential.token.id if isinstance(self.credential, BearerCredential) else None

    def _auth_call(self, method: str, path: str, operation: Operation, doing: str) -> Call:
        return Call(method, self._caller.endpoints.auth + path, operation, doing)

    def _token_call(self, method: str, token_id: str, operation: Operation) -> Call:
        plain_id = require_token_id(token_id, "token_id")
        doing = "{} token {}".format("delete" if operation == "delete" else "read", plain_id)
        return self._auth_call(method, f"/tokens/{plain_id}", operation, doing)._replace(names_something=True)

    def _read(self, call: Call, read: Reader[Item], fresh_connection: bool = False) -> Item:
        return self._judge(call, self._carry_out(call, fresh_connection), read)

    def _carry_out(self, call: Call, fresh_connection: bool = False) -> CallOutcome:
        if call.asks_policy:
            self.require_allowed(call.operation)
        return self._caller.repeat(call, fresh_connection)

    def _require_deleted(self, call: Call, outcome: CallOutcome) -> None:
        """Accept a deletion by its status, since it can only have one outcome (R39), or raise the error that it is.

        A page in HTML is not the API's, and a body that denies the success is believed.
        """
        last = outcome.last
        if not isinstance(last, Answer) or last.status not in _DELETED_STATUSES:
            raise self._error(call, outcome)
        if "html" in last.content_type or is_denied_success(last.body):
            raise error_of_unexpected(self._described(call), last, how="with a success that is not true")

    def _judge(self, call: Call, outcome: CallOutcome, read: Reader[Item]) -> Item:
        """Return what the answer says, or raise the error that it is."""
        last = outcome.last
        if isinstance(last, TransportError) or last.status != 200:
            raise self._error(call, outcome)
        try:
            return read(read_object(last.body))
        except UnexpectedAnswer as unexpected:
            error = error_of_unexpected(self._described(call), last, unexpected.how)
        raise error

    def _error(self, call: Call, outcome: CallOutcome) -> ApiError:
        """Return the error that an answer of another status is, or the lack of one."""
        request = self._described(call)
        if isinstance(outcome.last, TransportError):
            return error_without_answer(request, outcome.last)
        if outcome.is_refused:
            return error_of_refusal(request, outcome.last.status)
        return error_of_status(request, outcome.last)

    def _described(self, call: Call) -> Request:
        return Request(
            doing=call.doing,
            host=self.host,
            deadline=self._caller.deadline,
            token_id=self._own_token_id(),
            contract_number=self.contract_number,
            names_something=call.names_something,
            explain=lambda: self._policy_explanation(call.operation) if call.asks_policy else "",
        )

    def _policy_explanation(self, operation: Operation) -> str:
        if self._gate is None:
            return ""
        decision = self._gate.decide(self.credential.method, operation, self._look_up_two_factor)
        return "" if decision.severity == "ok" else f" The vendor's policy: {decision.reason}"


def _has_shut_itself_out(outcome: CallOutcome) -> bool:
    """Tell whether a token that deletes itself did so in an earlier attempt: the API does not accept it any more."""
    last = outcome.last
    return outcome.may_be_done and outcome.is_refused and isinstance(last, Answer) and last.status == 401

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``auth_token`` with ``state: absent``: delete one token, or those that a criterion names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Literal, Mapping, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi, Removal
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.lookup import confirmed_entry
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiRefused,
    ApiUnavailable,
    ConfigurationError,
    PolicyRefusal,
    TokenOpsError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token, require_token_id
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.facts import entry_facts

Criteria = Literal["expired", "all"]
Item = TypeVar("Item")


@dataclass(frozen=True)
class AbsentOptions:
    """What the task asks for: one of ``current``, ``token_id`` and ``criteria`` is given."""

    current: Token | None
    token_id: str | None
    criteria: Criteria | None
    excepted_ids: frozenset[str]
    check_mode: bool

    @classmethod
    def from_params(cls, params: Mapping[str, Any], check_mode: bool) -> AbsentOptions:
        """Return the options of a task, checked before anything is touched.

        :raises ConfigurationError: if it is not clear what to delete, or if it is everything without ``force``.
        :raises TokenFormatError: if ``current`` is no token.
        """
        _require_sensible(params)
        return cls(
            current=None if params["current"] is None else parse_token(params["current"], "current"),
            token_id=params["token_id"] and require_token_id(params["token_id"], "token_id"),
            criteria=params["criteria"],
            excepted_ids=frozenset(require_token_id(item, "an entry of except") for item in params["except"] or []),
            check_mode=check_mode,
        )


@dataclass(frozen=True)
class Deletions:
    """The tokens that were deleted, or would be in check mode."""

    entries: tuple[TokenEntry, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return the result, which has no secret."""
        deleted = [entry_facts(entry) for entry in self.entries]
        return {
            "changed": bool(deleted),
            "deleted": deleted,
            "diff": {"before": {"tokens": deleted}, "after": {"tokens": []}},
        }


class TokenRemover:
    """Deletes tokens.

    :param issuer: the client of the credential that was given, or None if ``current`` deletes itself.
    :param api_of: makes the client that authenticates as a token.
    """

    def __init__(self, options: AbsentOptions, issuer: AuthApi | None, *, api_of: Callable[[Token], AuthApi]) -> None:
        self._options = options
        self._issuer = issuer
        self._api_of = api_of

    def run(self) -> Deletions:
        """Do what the task asks for.

        :raises TokenOpsError: if the message says nothing else, nothing was deleted.
        """
        if self._options.criteria is not None:
            return self._delete_by_criteria(self._options.criteria, self._require_issuer())
        return self._delete_one()

    def _delete_one(self) -> Deletions:
        apis, entry = self._find()
        if entry is None:
            return Deletions()
        apis[0].clock.require_agreement()
        if self._options.check_mode:
            return Deletions((entry,) if _first_allowed(apis, _predict_deletion) else ())
        return Deletions((entry,) if _delete(apis, entry) else ())

    def _find(self) -> tuple[list[AuthApi], TokenEntry | None]:
        """Return the clients that may delete the token, and the API's entry of it, or None if it is dead already."""
        token = self._options.current
        if token is None:
            issuer = self._require_issuer()
            return [issuer], confirmed_entry(issuer, self._options.token_id or "")
        own = self._api_of(token)
        probe = own.probe()
        if probe.state == "unknown" and probe.error is not None:
            raise probe.error
        if self._issuer is None:
            return [own], probe.entry
        # A token is deleted with itself first, then with the issuer (R14).
        return [own, self._issuer], probe.entry or confirmed_entry(self._issuer, token.id)

    def _delete_by_criteria(self, criteria: Criteria, api: AuthApi) -> Deletions:
        listed = api.list_tokens()
        now = api.clock.confirmed_now(api.host)
        api.clock.require_agreement()
        named = [entry for entry in listed if criteria == "all" or entry.expires_at <= now]
        chosen = [entry for entry in named if entry.id not in self._options.excepted_ids]
        if not chosen:
            return Deletions()
        if self._options.check_mode:
            api.require_allowed("delete")
        elif not self._options.excepted_ids:
            api.delete_by_criteria(criteria)
        else:
            chosen = _delete_each(api, chosen)
        return Deletions(tuple(chosen))

    def _require_issuer(self) -> AuthApi:
        if self._issuer is None:
            raise ConfigurationError("credential_missing")
        return self._issuer


def _require_sensible(params: Mapping[str, Any]) -> None:
    for name in ("dest", "renew_before", "return_value"):
        if params[name]:
            raise ConfigurationError("option_without_effect", option=name, other="state: absent")
    named = [name for name in ("token_id", "current", "criteria") if params[name] is not None]
    if len(named) != 1:
        raise ConfigurationError("deletion_not_named")
    if params["except"] and params["criteria"] is None:
        raise ConfigurationError("option_without_effect", option="except", other=named[0])
    if params["criteria"] == "all" and not params["force"]:
        raise ConfigurationError("criteria_all_not_forced")


def _predict_deletion(api: AuthApi) -> bool:
    api.require_allowed("delete")
    return True


def _delete(apis: list[AuthApi], entry: TokenEntry) -> bool:
    """Delete a token that has just been seen with the first client that may.

    An answer that leaves the outcome open, and one that the token does not exist, are followed by a look (R32): what
    was shown before, and twice is not any more, is gone. If an answer to us was lost, we have deleted it.

    :returns: whether we have deleted it; False if somebody else was faster.
    :raises ApiUnavailable: the token still exists, or it is not known whether it does.
    """
    removal: Removal = "vanished"
    unclear: ApiUnavailable | None = None
    try:
        removal = _first_allowed(apis, lambda api: api.delete_token(entry.id))
    except ApiUnavailable as error:
        unclear = error
    if removal == "deleted":
        return True
    still_exists = ApiUnavailable("deletion_not_seen", token_id=entry.id)
    try:
        if _is_gone(apis[-1], entry.id):
            return removal == "vanished"
    except ApiError as error:
        still_exists = ApiUnavailable("deletion_not_confirmed", token_id=entry.id, cause=error.code)
    raise unclear or still_exists


def _is_gone(api: AuthApi, token_id: str) -> bool:
    """Tell whether the API confirms that a token does not exist, asked as another token or as that one itself."""
    if _own_id(api) != token_id:
        return confirmed_entry(api, token_id) is None
    probe = api.probe()
    if probe.state == "unknown" and probe.error is not None:
        raise probe.error
    return probe.state != "alive"


def _first_allowed(apis: list[AuthApi], call: Callable[[AuthApi], Item]) -> Item:
    """Return what the first client that may do it returns, or raise why the last one may not."""
    error: ApiRefused | PolicyRefusal
    for api in apis:
        try:
            return call(api)
        except (ApiRefused, PolicyRefusal) as refused:
            error = refused
    raise error


def _delete_each(api: AuthApi, entries: list[TokenEntry]) -> list[TokenEntry]:
    """Delete tokens one by one, the one that authenticates the requests last. Return those that we have deleted."""
    own_id = _own_id(api)
    cause: TokenOpsError | None = None
    deleted: list[TokenEntry] = []
    done = 0
    for entry in sorted(entries, key=lambda entry: entry.id == own_id):
        try:
            deleted += [entry] if _delete([api], entry) else []
        except (ApiError, PolicyRefusal) as error:
            cause = error
            break
        done += 1
    if cause is not None:
        raise ApiError("deletion_incomplete", problem=cause.problem, remedy=cause.remedy, done=done, total=len(entries))
    return deleted


def _own_id(api: AuthApi) -> str | None:
    return api.credential.token.id if isinstance(api.credential, BearerCredential) else None

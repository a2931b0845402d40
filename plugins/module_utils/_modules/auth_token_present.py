# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``auth_token`` with ``state: present``: keep one token good, minting only if that is needed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any, Callable, Literal, Mapping

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.lookup import confirmed_entry
from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import parse_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    MintError,
    TokenOpsError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token, require_token_id
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import OWNER_ONLY
from ansible_collections.tokenops.ionos.plugins.module_utils._files.token_file import TokenFile
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import (
    KnownToken,
    RenewalReason,
    Terms,
    default_renew_before,
    renewal_reason,
    require_renewable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import MintLedger
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import (
    MintAttempt,
    Minted,
    Minter,
    Unresolved,
    delete_with,
    rounded_warning,
    verify_minted,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.facts import (
    entry_facts,
    remaining_facts,
    token_facts,
)

Action = Literal["kept", "stored", "minted"]
MintReason = Literal[RenewalReason, "forced"]


@dataclass(frozen=True)
class PresentOptions:
    """What the task asks for; durations in seconds."""

    ttl: int
    renew_before: int
    current: Token | None
    token_id: str | None
    dest: TokenFile | None
    contract_number: int | None
    force: bool
    check_mode: bool
    names_a_token: bool

    @classmethod
    def from_params(cls, params: Mapping[str, Any], check_mode: bool) -> PresentOptions:
        """Return the options of a task, checked before anything is touched.

        :raises ConfigurationError: also if no token is named to be kept good, or a new one would go nowhere.
        :raises TokenFormatError: if ``current`` is not empty and no token.
        """
        _require_sensible(params)
        ttl = parse_duration(params["ttl"], "ttl")
        given = params["renew_before"]
        renew_before = default_renew_before(ttl) if given is None else parse_duration(given, "renew_before")
        require_renewable(ttl, renew_before)
        current = params["current"]
        return cls(
            ttl=ttl,
            renew_before=renew_before,
            current=parse_token(current, "current") if current and current.strip() else None,
            token_id=params["token_id"] and require_token_id(params["token_id"], "token_id"),
            dest=TokenFile(params["dest"]) if params["dest"] else None,
            contract_number=params["contract_number"],
            force=params["force"],
            check_mode=check_mode,
            names_a_token=_names_a_token(params),
        )


@dataclass(frozen=True)
class Judged:
    """A token that was looked at.

    :ivar token: the token, or None if only its id is known.
    :ivar entry: the API's entry of it, or None if it does not exist or is refused.
    :ivar reason: why it has to be replaced, or None while it is good.
    :ivar judged_at: seconds since the epoch, by the API's clock.
    """

    id: str
    token: Token | None
    entry: TokenEntry | None
    reason: RenewalReason | None
    judged_at: int

    def facts(self) -> dict[str, Any]:
        """Return what is known of it, without its value."""
        facts = {"id": self.id, **_known_facts(self.token, self.entry)}
        return {**facts, **remaining_facts(self.entry, self.judged_at), "reason": self.reason}


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be in check mode.

    :ivar reason: why a token was or would be minted, or None.
    :ivar token: the good token, or None if it would be minted, or is known by its id only.
    :ivar entry: the API's entry of the good token, or None if it would be minted.
    :ivar replaced: what there was before, each still as alive as it was.
    :ivar before: what the task found, for the diff.
    :ivar now: seconds since the epoch, by the API's clock.
    """

    action: Action
    reason: MintReason | None
    token: Token | None
    entry: TokenEntry | None
    replaced: tuple[Judged, ...]
    before: dict[str, Any]
    now: int

    def facts(self) -> dict[str, Any]:
        """Return the result without any secret."""
        token = None if self.entry is None else _known_facts(self.token, self.entry)
        return {
            "changed": self.action != "kept",
            "action": self.action,
            "reason": self.reason,
            "token": token and {**token, **remaining_facts(self.entry, self.now)},
            "previous": [judged.facts() for judged in self.replaced],
            "diff": {"before": self.before, "after": self._after(token)},
        }

    def _after(self, token: dict[str, Any] | None) -> dict[str, Any]:
        if self.action == "kept":
            return self.before
        changed: dict[str, Any] = {"token": token or "a new token"}
        if "mode" in self.before:
            changed["mode"] = _text_of_mode(OWNER_ONLY)
        return {**self.before, **changed}


class TokenKeeper:
    """Keeps one token good.

    :param issuer: the client that mints, or None to have a token renew itself.
    :param api_of: makes the client that authenticates as a token.
    :param random: gives numbers from 0 up to 1.
    :param sleep: waits for some seconds.
    :param monotonic: seconds that never go back.
    :param warn: shows a sentence to the user.
    """

    def __init__(
        self,
        options: PresentOptions,
        issuer: AuthApi | None,
        *,
        api_of: Callable[[Token], AuthApi],
        random: Callable[[], float],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        warn: Callable[[str], None],
    ) -> None:
        self._options = options
        self._issuer = issuer
        self._api_of = api_of
        self._random = random
        self._sleep = sleep
        self._monotonic = monotonic
        self._warn = warn

    def run(self) -> Outcome:
        """Do what the task asks for.

        :raises TokenOpsError: with nothing changed, unless the message says so.
        """
        held = self._options.dest.read() if self._options.dest else None
        judged = self._judge_candidates(held)
        good = next((item for item in judged if item.reason is None), None)
        before = self._before(held, judged)
        if good is not None and not self._options.force:
            return self._keep(good, held, before)
        return self._mint(self._mint_reason(good, judged), tuple(judged), before)

    def _judge_candidates(self, held: Token | None) -> list[Judged]:
        """Look at what the file holds, then at what the task gives, until something is good."""
        if self._options.token_id is not None:
            return [self._judge_by_id(self._options.token_id)]
        judged: list[Judged] = []
        for token in (held, self._options.current):
            if token is not None and token.id not in {item.id for item in judged}:
                judged.append(self._judge(token))
                if judged[-1].reason is None and not self._options.force:
                    break
        return judged

    def _judge(self, token: Token) -> Judged:
        api = self._api_of(token)
        probe = api.probe()
        if probe.state == "unknown" and probe.error is not None:
            raise probe.error
        known = KnownToken(
            probe.state,
            created_at=probe.entry.created_at if probe.entry else token.issued_at,
            expires_at=probe.entry.expires_at if probe.entry else token.expires_at,
            user_id=token.user_id,
            contract_number=token.contract_number,
        )
        return self._judged(api, known, token.id, token, probe.entry)

    def _judge_by_id(self, token_id: str) -> Judged:
        api = self._require_issuer([])
        entry = confirmed_entry(api, token_id)
        known = KnownToken("gone")
        if entry is not None:
            known = KnownToken("alive", created_at=entry.created_at, expires_at=entry.expires_at)
        return self._judged(api, known, token_id, None, entry)

    def _judged(
        self, api: AuthApi, known: KnownToken, token_id: str, token: Token | None, entry: TokenEntry | None
    ) -> Judged:
        now = api.clock.confirmed_now(api.host)
        issuer = self._issuer
        terms = Terms(
            renew_before=self._options.renew_before,
            user_id=issuer.user_id if issuer else None,
            contract_number=issuer.contract_number if issuer else self._options.contract_number,
        )
        return Judged(token_id, token, entry, renewal_reason(known, terms, now=now), now)

    def _before(self, held: Token | None, judged: list[Judged]) -> dict[str, Any]:
        """Return what the task finds: the file, if one is named, else the token that it names."""
        dest = self._options.dest
        if dest is None:
            return {"token": _known_facts(judged[0].token, judged[0].entry) or judged[0].id if judged else None}
        entry = next((item.entry for item in judged if held is not None and item.id == held.id), None)
        mode = dest.mode()
        return {
            "dest": dest.path,
            "mode": None if mode is None else _text_of_mode(mode),
            "token": None if held is None else token_facts(held, entry),
        }

    def _mint_reason(self, good: Judged | None, judged: list[Judged]) -> MintReason:
        if good is not None:
            return "forced"
        if judged:
            return judged[0].reason or "forced"
        return "missing" if self._options.names_a_token else "forced"

    def _keep(self, good: Judged, held: Token | None, before: dict[str, Any]) -> Outcome:
        dest = self._options.dest
        is_there = held is not None and good.token is not None and held.value == good.token.value
        if dest is None or good.token is None or (is_there and dest.mode() == OWNER_ONLY):
            return Outcome("kept", None, good.token, good.entry, (), before, good.judged_at)
        dest.require_writable(touch=not self._options.check_mode)
        if not self._options.check_mode:
            dest.write(good.token)
        return Outcome("stored", None, good.token, good.entry, (), before, good.judged_at)

    def _mint(self, reason: MintReason, judged: tuple[Judged, ...], before: dict[str, Any]) -> Outcome:
        issuer = self._require_issuer(judged)
        if self._options.dest:
            self._options.dest.require_writable(touch=not self._options.check_mode)
        ledger = MintLedger(self._random)
        if self._options.check_mode:
            self._predict_mint(issuer, ledger)
            return Outcome("minted", reason, None, None, judged, before, issuer.clock.now())
        ledger.note_known(item.id for item in judged)
        minted = self._minted(issuer, ledger)
        entry = self._place(issuer, minted)
        return Outcome("minted", reason, minted.token, entry, judged, before, issuer.clock.now())

    def _predict_mint(self, issuer: AuthApi, ledger: MintLedger) -> None:
        issuer.require_allowed("mint")
        ledger.reserve(issuer, self._options.ttl)
        issuer.clock.require_agreement()

    def _minted(self, issuer: AuthApi, ledger: MintLedger) -> Minted:
        """Mint. Nothing outlives a task, so no attempt is written down; the user is told of one that may matter."""
        minter = Minter(issuer, ledger, sleep=self._sleep, monotonic=self._monotonic)
        with closing(minter.mint(self._options.ttl)) as events:
            for event in events:
                if isinstance(event, Minted):
                    return event
                if isinstance(event, Unresolved):
                    self._warn(_unanswered(event.attempt))
                    if event.rounded:
                        self._warn(rounded_warning(event.rounded))
                else:
                    issuer.clock.require_agreement()
        raise AssertionError("minting ends with a token or an error")

    def _place(self, issuer: AuthApi, minted: Minted) -> TokenEntry:
        """Verify the new token and write it to the file; if that fails, the token is deleted again."""
        cause: TokenOpsError
        try:
            entry = verify_minted(
                issuer.with_token(minted.token),
                minted.token,
                ttl=minted.attempt.ttl,
                user_id=issuer.user_id,
                contract_number=issuer.contract_number,
                sleep=self._sleep,
                monotonic=self._monotonic,
            )
            if self._options.dest:
                self._options.dest.write(minted.token)
            return entry
        except TokenOpsError as error:
            cause = error
        # The token of somebody else is not ours to delete, even if the API handed it out as a new one.
        raise cause if cause.code == "minted_token_foreign" else _undone(issuer, minted, cause)

    def _require_issuer(self, judged: tuple[Judged, ...] | list[Judged]) -> AuthApi:
        """Return the client that mints: the issuer, or the first token that is alive and renews itself.

        :raises ConfigurationError: ``credential_missing``.
        """
        if self._issuer is not None:
            return self._issuer
        for item in judged:
            if item.token is not None and item.entry is not None and item.reason != "expired":
                return self._api_of(item.token)
        raise ConfigurationError("credential_missing")


def _unanswered(attempt: MintAttempt) -> str:
    """Return by what a token is recognised that may turn up later."""
    return (
        f"The attempt of {format_instant(attempt.started_at)} to mint a token was never answered. "
        f"If a token with a lifetime of {attempt.ttl} seconds and about that date turns up, delete it."
    )


def _undone(issuer: AuthApi, minted: Minted, cause: TokenOpsError) -> MintError:
    """Delete a token that nobody will ever hold, and return the error that says what is left."""
    deletion = delete_with(minted.token.id, [issuer.with_token(minted.token), issuer])
    # What is not known yet may still appear (R32).
    code = "minted_token_deleted_again" if deletion == "deleted" else "minted_token_left"
    return MintError(
        code,
        problem=cause.problem,
        remedy=cause.remedy,
        token_id=minted.token.id,
        expires_at=format_instant(minted.attempt.started_at + minted.attempt.ttl),
    )


def _require_sensible(params: Mapping[str, Any]) -> None:
    for name in ("criteria", "except"):
        if params[name]:
            raise ConfigurationError("option_without_effect", option=name, other="state: present")
    if params["token_id"] and params["current"] is not None:
        raise ConfigurationError("options_exclusive", first="current", second="token_id")
    if params["token_id"] and params["dest"]:
        raise ConfigurationError("options_exclusive", first="dest", second="token_id")
    if not params["force"] and not _names_a_token(params):
        raise ConfigurationError("current_token_not_named")
    if not params["dest"] and not params["return_value"]:
        raise ConfigurationError("minted_token_goes_nowhere")


def _names_a_token(params: Mapping[str, Any]) -> bool:
    return params["current"] is not None or bool(params["token_id"]) or bool(params["dest"])


def _known_facts(token: Token | None, entry: TokenEntry | None) -> dict[str, Any]:
    if token is not None:
        return token_facts(token, entry)
    return {} if entry is None else entry_facts(entry)


def _text_of_mode(mode: int) -> str:
    return f"{mode:04o}"

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's deprecation of Basic Authentication: who may do what, authenticated how, on which day.

:data:`RULES` is the whole policy. Each rule quotes the sentences of the vendor that it comes from, and exactly one rule
matches each case in which everything is known. Where the two-factor state or the origin of a token is not known,
:func:`evaluate` considers every case that is possible.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import product
from typing import Any, Literal, NamedTuple

Method = Literal["basic", "bearer"]
Operation = Literal["use", "list", "get", "mint", "delete"]
KnownTwoFactor = Literal["disabled", "configuring", "enabled", "forced"]
TwoFactor = Literal["disabled", "configuring", "enabled", "forced", "unknown"]
KnownOrigin = Literal["api", "token_manager"]
TokenOrigin = Literal["api", "token_manager", "unknown"]
Severity = Literal["ok", "deprecated", "uncertain", "refused"]

METHODS: tuple[Method, ...] = ("basic", "bearer")
OPERATIONS: tuple[Operation, ...] = ("use", "list", "get", "mint", "delete")
TWO_FACTOR_STATES: tuple[KnownTwoFactor, ...] = ("disabled", "configuring", "enabled", "forced")
TOKEN_ORIGINS: tuple[KnownOrigin, ...] = ("api", "token_manager")

NOTICE_URL = "https://docs.ionos.com/cloud/getting-started/basic-tutorials/deprecation-basic-authentication"
API_PAGE_URL = "https://api.ionos.com/docs/authentication/v1/"

LAST_DAY_BEFORE_TOKEN_MANAGER = date(2024, 1, 31)
FIRST_DAY_OF_TOKEN_MANAGER = date(2024, 2, 1)
LAST_DAY_BEFORE_TWO_FACTOR_CHANGE = date(2024, 3, 14)
FIRST_DAY_OF_TWO_FACTOR_CHANGE = date(2024, 3, 15)
LAST_DAY_OF_BASIC_AUTH = date(2024, 12, 31)
FIRST_DAY_WITHOUT_BASIC_AUTH = date(2025, 1, 1)

WITHOUT_TWO_FACTOR: tuple[KnownTwoFactor, ...] = ("disabled",)
WITH_TWO_FACTOR: tuple[KnownTwoFactor, ...] = ("configuring", "enabled", "forced")
READING: tuple[Operation, ...] = ("use", "list", "get")
MANAGING: tuple[Operation, ...] = ("mint", "delete")


@dataclass(frozen=True)
class Decision:
    """What the policy says of one request.

    :ivar allowed: whether the request may be sent.
    :ivar severity: ``ok``; ``deprecated``: allowed, and ``until`` is the last day; ``uncertain``: allowed because what
        is not known decides whether the vendor accepts it, now or after ``until``; ``refused``.
    :ivar rule: the name of the rule in :data:`RULES`.
    :ivar since: the first day on which this holds, or None if it always did.
    :ivar until: the last day on which this holds, or None if no end has been announced.
    :ivar reason: one sentence, or two where something is not known.
    :ivar remedy: what to do, as one sentence; empty if there is nothing to do.
    :ivar url: the vendor's page.
    """

    allowed: bool
    severity: Severity
    rule: str
    since: date | None
    until: date | None
    reason: str
    remedy: str
    url: str

    def as_dict(self) -> dict[str, Any]:
        """Return the decision in plain types, with dates as ``YYYY-MM-DD``, as results show it."""
        return {
            **asdict(self),
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
        }


class Rule(NamedTuple):
    """A row of the policy: what it applies to, from which day to which, what it says, and the vendor's sentences."""

    name: str
    method: Method
    two_factor: tuple[KnownTwoFactor, ...]
    token_origins: tuple[KnownOrigin, ...]
    operations: tuple[Operation, ...]
    first_day: date | None
    last_day: date | None
    severity: Severity
    sources: tuple[str, ...]
    reason: str
    remedy: str = ""
    url: str = NOTICE_URL

    def applies(
        self, method: Method, operation: Operation, two_factor: KnownTwoFactor, token_origin: KnownOrigin, on: date
    ) -> bool:
        """Tell whether this is the rule for a case in which everything is known."""
        return (
            method == self.method
            and operation in self.operations
            and two_factor in self.two_factor
            and (method == "basic" or token_origin in self.token_origins)
            and (self.first_day is None or self.first_day <= on)
            and (self.last_day is None or on <= self.last_day)
        )

    def decision(self) -> Decision:
        """Return what this rule says."""
        return Decision(
            allowed=self.severity != "refused",
            severity=self.severity,
            rule=self.name,
            since=self.first_day,
            until=self.last_day,
            reason=self.reason,
            remedy=self.remedy,
            url=self.url,
        )


_ONLY_THE_MANAGER = (
    "User accounts can authenticate to IONOS' APIs and SDKs only by generating authentication tokens via API/SDK "
    "Authentication Token Manager in the DCD if they:"
)
_CONFIGURING = "have started the process of configuring 2FA on their account."
_COMPLETED = "have completed the 2FA process on their account."
_OBLIGED = "have a 2FA process obligated by the contract owner or administrator."
_NOT_SUPPORTED = (
    "Effective March 15, 2024, the Basic Authentication will not be supported for user accounts with 2FA enabled or "
    "forced, and only tokens generated from the Token Manager authenticate users to use the IONOS' APIs and SDKs."
)
_DISCONTINUED = (
    "Starting from March 15, 2024, authorization via Basic Auth will be discontinued for the users with 2-Factor "
    "Authentication enabled."
)
_TILL_THE_END_OF_2024 = (
    "With 2-Factor Authentication disabled for their accounts, we will continue to support Basic Authentication till "
    "the end of 2024."
)
_TILL_THIS_YEARS_END = (
    "IONOS' APIs and SDKs support users to authenticate using the Basic Authentication support for non-2FA enabled and "
    "forced accounts, which will be available till this year's end."
)
_NOT_REFRESHED = "For 2FA enabled and forced users, once the TTL expires, the tokens cannot be refreshed automatically."
_GENERATE_IN_DCD = "You need to generate a new authentication token via DCD."
_AVAILABLE = "The new API/SDK Authentication Token Manager is available from February 1, 2024."
_GET_STARTED = (
    "To get started with generating authorization tokens using the API/SDK Authentication Token Manager that is "
    "available in the DCD starting February 1, 2024."
)
_ONLY_THESE_TOKENS = (
    "Effective March 15, 2024, only these tokens let users authenticate and use the IONOS' APIs and SDKs."
)
_MANAGER_CAN = "The Token Manager allows you to create, list, and delete tokens."
_ONLY_RETRIEVED_THERE = (
    "The APIs/ SDKs will support account security by working with tokens that can only be retrieved from the "
    "Authentication Token Manager."
)
_IMPACTED = (
    "All user accounts with currently 2FA enabled or forced are impacted by the Basic Authentication deprecation."
)
_IMPACTED_LATER = "New users and existing users opting for the 2FA going forward will also be impacted by this change."
_NO_MANAGING_BY_API = (
    "If you have 2-Factor Authentication enabled, then you are no longer allowed to create or delete tokens using "
    "Token Management APIs."
)

_LEAVE_BASIC_AUTH = (
    "Create a token in the Token Manager of the DCD (Menu > Management > Token Management) and use it instead of the "
    "username and password."
)
_CREATE_THERE = (
    "Create the token in the Token Manager of the DCD (Menu > Management > Token Management) and put it where the "
    "old one is."
)
_REPLACE_IT = (
    "Replace it by a token that is created in the Token Manager of the DCD (Menu > Management > Token Management)."
)
_BASIC_REFUSED_WITH_TWO_FACTOR = (
    "Basic Authentication is refused since 2024-03-15 for accounts {0}, or since that happened if it was later."
)

RULES: tuple[Rule, ...] = (
    Rule(
        name="basic_without_2fa",
        method="basic",
        two_factor=WITHOUT_TWO_FACTOR,
        token_origins=TOKEN_ORIGINS,
        operations=OPERATIONS,
        first_day=None,
        last_day=LAST_DAY_OF_BASIC_AUTH,
        severity="deprecated",
        sources=(_TILL_THE_END_OF_2024, _TILL_THIS_YEARS_END),
        reason="Basic Authentication is supported until 2024-12-31 for accounts without two-factor authentication.",
        remedy="Use a token instead of the username and password before then; auth_token mints the first one.",
    ),
    Rule(
        name="basic_ended",
        method="basic",
        two_factor=WITHOUT_TWO_FACTOR,
        token_origins=TOKEN_ORIGINS,
        operations=OPERATIONS,
        first_day=FIRST_DAY_WITHOUT_BASIC_AUTH,
        last_day=None,
        severity="refused",
        sources=(_TILL_THE_END_OF_2024, _TILL_THIS_YEARS_END),
        reason="Basic Authentication has ended for every account; it is not supported since 2025-01-01.",
        remedy=_LEAVE_BASIC_AUTH,
    ),
    Rule(
        name="basic_before_2fa_change",
        method="basic",
        two_factor=WITH_TWO_FACTOR,
        token_origins=TOKEN_ORIGINS,
        operations=OPERATIONS,
        first_day=None,
        last_day=LAST_DAY_BEFORE_TWO_FACTOR_CHANGE,
        severity="deprecated",
        sources=(_DISCONTINUED, _NOT_SUPPORTED, _IMPACTED),
        reason="Basic Authentication is supported until 2024-03-14 for accounts with two-factor authentication.",
        remedy="Use a token from the Token Manager of the DCD, which is there from 2024-02-01 on, before then.",
    ),
    Rule(
        name="basic_2fa_configuring",
        method="basic",
        two_factor=("configuring",),
        token_origins=TOKEN_ORIGINS,
        operations=OPERATIONS,
        first_day=FIRST_DAY_OF_TWO_FACTOR_CHANGE,
        last_day=None,
        severity="refused",
        sources=(_ONLY_THE_MANAGER, _CONFIGURING, _IMPACTED_LATER),
        reason=_BASIC_REFUSED_WITH_TWO_FACTOR.format("that have started to configure two-factor authentication"),
        remedy=_LEAVE_BASIC_AUTH,
    ),
    Rule(
        name="basic_2fa_enabled",
        method="basic",
        two_factor=("enabled",),
        token_origins=TOKEN_ORIGINS,
        operations=OPERATIONS,
        first_day=FIRST_DAY_OF_TWO_FACTOR_CHANGE,
        last_day=None,
        severity="refused",
        sources=(_DISCONTINUED, _ONLY_THE_MANAGER, _COMPLETED, _NOT_SUPPORTED, _IMPACTED_LATER),
        reason=_BASIC_REFUSED_WITH_TWO_FACTOR.format("with two-factor authentication"),
        remedy=_LEAVE_BASIC_AUTH,
    ),
    Rule(
        name="basic_2fa_forced",
        method="basic",
        two_factor=("forced",),
        token_origins=TOKEN_ORIGINS,
        operations=OPERATIONS,
        first_day=FIRST_DAY_OF_TWO_FACTOR_CHANGE,
        last_day=None,
        severity="refused",
        sources=(_ONLY_THE_MANAGER, _OBLIGED, _NOT_SUPPORTED, _IMPACTED_LATER),
        reason=_BASIC_REFUSED_WITH_TWO_FACTOR.format("that are obliged to use two-factor authentication"),
        remedy=_LEAVE_BASIC_AUTH,
    ),
    Rule(
        name="token_manager_not_yet",
        method="bearer",
        two_factor=TWO_FACTOR_STATES,
        token_origins=("token_manager",),
        operations=OPERATIONS,
        first_day=None,
        last_day=LAST_DAY_BEFORE_TOKEN_MANAGER,
        severity="refused",
        sources=(_AVAILABLE, _GET_STARTED),
        reason="The Token Manager, and so any token from it, is only there from 2024-02-01 on.",
        remedy="Use a token that the Auth API minted until then.",
    ),
    Rule(
        name="token_without_2fa",
        method="bearer",
        two_factor=WITHOUT_TWO_FACTOR,
        token_origins=("api",),
        operations=OPERATIONS,
        first_day=None,
        last_day=None,
        severity="ok",
        sources=(_IMPACTED,),
        reason="Accounts without two-factor authentication may use and manage tokens through the API.",
    ),
    Rule(
        name="token_manager_without_2fa",
        method="bearer",
        two_factor=WITHOUT_TWO_FACTOR,
        token_origins=("token_manager",),
        operations=OPERATIONS,
        first_day=FIRST_DAY_OF_TOKEN_MANAGER,
        last_day=None,
        severity="ok",
        sources=(_AVAILABLE, _IMPACTED),
        reason="Accounts without two-factor authentication may use and manage tokens through the API.",
    ),
    Rule(
        name="api_token_before_2fa_change",
        method="bearer",
        two_factor=WITH_TWO_FACTOR,
        token_origins=("api",),
        operations=READING,
        first_day=None,
        last_day=LAST_DAY_BEFORE_TWO_FACTOR_CHANGE,
        severity="deprecated",
        sources=(_NOT_SUPPORTED, _ONLY_THESE_TOKENS),
        reason="Tokens that the Auth API minted are supported until 2024-03-14 for accounts with two-factor "
        "authentication.",
        remedy="Replace it before then by a token from the Token Manager of the DCD, there from 2024-02-01 on.",
    ),
    Rule(
        name="api_token_2fa",
        method="bearer",
        two_factor=WITH_TWO_FACTOR,
        token_origins=("api",),
        operations=READING,
        first_day=FIRST_DAY_OF_TWO_FACTOR_CHANGE,
        last_day=None,
        severity="refused",
        sources=(
            _ONLY_THE_MANAGER,
            _CONFIGURING,
            _COMPLETED,
            _OBLIGED,
            _NOT_SUPPORTED,
            _ONLY_THESE_TOKENS,
            _ONLY_RETRIEVED_THERE,
            _IMPACTED_LATER,
        ),
        reason="Accounts with two-factor authentication may use only tokens from the Token Manager since 2024-03-15.",
        remedy=_REPLACE_IT,
    ),
    Rule(
        name="token_manager_2fa",
        method="bearer",
        two_factor=WITH_TWO_FACTOR,
        token_origins=("token_manager",),
        operations=READING,
        first_day=FIRST_DAY_OF_TOKEN_MANAGER,
        last_day=None,
        severity="ok",
        sources=(_AVAILABLE, _GET_STARTED, _ONLY_THESE_TOKENS),
        reason="Tokens from the Token Manager may use every API.",
    ),
    Rule(
        name="api_token_managing_before_2fa_change",
        method="bearer",
        two_factor=WITH_TWO_FACTOR,
        token_origins=("api",),
        operations=MANAGING,
        first_day=None,
        last_day=LAST_DAY_BEFORE_TWO_FACTOR_CHANGE,
        severity="deprecated",
        sources=(_NOT_REFRESHED, _ONLY_THESE_TOKENS),
        reason="Accounts with two-factor authentication may mint and delete tokens through the API until 2024-03-14.",
        remedy="Create and delete tokens in the Token Manager of the DCD from then on; it is there from 2024-02-01 on.",
    ),
    Rule(
        name="token_manager_managing_before_2fa_change",
        method="bearer",
        two_factor=WITH_TWO_FACTOR,
        token_origins=("token_manager",),
        operations=MANAGING,
        first_day=FIRST_DAY_OF_TOKEN_MANAGER,
        last_day=LAST_DAY_BEFORE_TWO_FACTOR_CHANGE,
        severity="deprecated",
        sources=(_NOT_REFRESHED, _MANAGER_CAN),
        reason="Accounts with two-factor authentication may mint and delete tokens through the API until 2024-03-14.",
        remedy="Create and delete tokens in the Token Manager of the DCD from then on.",
    ),
    Rule(
        name="mint_2fa",
        method="bearer",
        two_factor=WITH_TWO_FACTOR,
        token_origins=TOKEN_ORIGINS,
        operations=("mint",),
        first_day=FIRST_DAY_OF_TWO_FACTOR_CHANGE,
        last_day=None,
        severity="refused",
        sources=(_NOT_REFRESHED, _GENERATE_IN_DCD, _ONLY_RETRIEVED_THERE, _IMPACTED_LATER),
        reason="Accounts with two-factor authentication cannot mint tokens through the API since 2024-03-15; a person "
        "creates them in the Token Manager.",
        remedy=_CREATE_THERE,
    ),
    Rule(
        name="delete_2fa",
        method="bearer",
        two_factor=WITH_TWO_FACTOR,
        token_origins=TOKEN_ORIGINS,
        operations=("delete",),
        first_day=FIRST_DAY_OF_TWO_FACTOR_CHANGE,
        last_day=None,
        severity="refused",
        sources=(_MANAGER_CAN, _NO_MANAGING_BY_API),
        reason="Accounts with two-factor authentication cannot delete tokens through the API since 2024-03-15; a "
        "person deletes them in the Token Manager.",
        remedy="Delete the token in the Token Manager of the DCD (Menu > Management > Token Management).",
        url=API_PAGE_URL,
    ),
)


def evaluate(
    method: Method, operation: Operation, two_factor: TwoFactor, token_origin: TokenOrigin, on: date
) -> Decision:
    """Return what the policy says of a request.

    Where something is not known, every case that is possible is looked at: what all of them agree on holds, and what
    they do not agree on is allowed as ``uncertain``, since no account is stopped by a rule that may not be for it.

    :param method: ``basic`` or ``bearer``.
    :param operation: ``use`` (any other API), ``list``, ``get``, ``mint`` or ``delete`` (tokens).
    :param two_factor: ``disabled``, ``configuring``, ``enabled``, ``forced`` or ``unknown``.
    :param token_origin: who minted the token that authenticates the request: ``api``, ``token_manager`` or ``unknown``.
        Without meaning for ``basic``.
    :param on: the day of the request, in UTC.
    :raises ValueError: for a value that is not among those.
    """
    origins = _possible_origins(method, token_origin, on)
    states = TWO_FACTOR_STATES if two_factor == "unknown" else (two_factor,)
    decisions = [_decide(method, operation, state, origin, on) for state, origin in product(states, origins)]
    return _agree(decisions) or _uncertain(decisions, len(states) > 1)


def _possible_origins(method: Method, origin: TokenOrigin, on: date) -> tuple[KnownOrigin, ...]:
    if origin not in (*TOKEN_ORIGINS, "unknown"):
        raise ValueError(f"no origin of a token: {origin}")
    if origin != "unknown":
        return (origin,)
    if method == "basic" or on < FIRST_DAY_OF_TOKEN_MANAGER:
        return ("api",)
    return TOKEN_ORIGINS


def _decide(
    method: Method, operation: Operation, two_factor: KnownTwoFactor, token_origin: KnownOrigin, on: date
) -> Decision:
    for rule in RULES:
        if rule.applies(method, operation, two_factor, token_origin, on):
            return rule.decision()
    raise ValueError(f"no rule for {method} {operation} {two_factor} {token_origin}")


def _agree(decisions: list[Decision]) -> Decision | None:
    """Return the decision that holds in every case, or None if the cases differ."""
    severities = {decision.severity for decision in decisions}
    if severities == {"refused"}:
        return max(decisions, key=_first_day)
    if severities == {"deprecated"}:
        return min(decisions, key=_last_day)
    return decisions[0] if len(severities) == 1 else None


def _uncertain(decisions: list[Decision], two_factor_unknown: bool) -> Decision:
    allowed = [decision for decision in decisions if decision.allowed]
    refused = [decision for decision in decisions if not decision.allowed]
    strictest = min(refused, key=_first_day) if refused else min(allowed, key=_last_day)
    end = max(allowed, key=_last_day) if refused else strictest
    if two_factor_unknown:
        unknown = "It is not known whether this account uses two-factor authentication."
        remedy = f"Say so with two_factor; if it does: {strictest.remedy}"
    else:
        unknown = "It is not known whether this token comes from the Token Manager."
        remedy = f"If it does not: {strictest.remedy}"
    return replace(
        strictest,
        allowed=True,
        severity="uncertain",
        until=end.until,
        reason=f"{unknown} {strictest.reason}",
        remedy=remedy,
    )


def _first_day(decision: Decision) -> date:
    return decision.since or date.min


def _last_day(decision: Decision) -> date:
    return decision.until or date.max

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy, asked before each request (R21), and its words for what the API refuses."""

from __future__ import annotations

import datetime
import threading
from typing import Callable, Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import PolicyRefusal
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import (
    Decision,
    Method,
    Operation,
    TokenOrigin,
    TwoFactor,
    evaluate,
)

Mode = Literal["enforce", "warn"]


class PolicyGate:
    """What the vendor's policy says of the requests of one account. Safe to share between threads.

    :param today: gives the day in UTC.
    :param mode: ``enforce`` refuses what the policy forbids; ``warn`` sends it with a warning.
    :param two_factor: the account's state, or None to have it looked up once, when it matters: before minting, deleting
        and Basic Authentication (R21).
    :param token_origin: who minted the account's token.
    :param on_warning: shows a sentence to the user.
    :param on_deprecation: is given a decision that allows something until a date. Each rule is shown once.
    """

    def __init__(
        self,
        today: Callable[[], datetime.date],
        mode: Mode = "enforce",
        two_factor: TwoFactor | None = None,
        token_origin: TokenOrigin = "unknown",
        on_warning: Callable[[str], None] = lambda message: None,
        on_deprecation: Callable[[Decision], None] = lambda decision: None,
    ) -> None:
        self._today = today
        self._mode = mode
        self._two_factor = two_factor
        self._token_origin = token_origin
        self._on_warning = on_warning
        self._on_deprecation = on_deprecation
        self._lock = threading.Lock()
        self._shown: set[str] = set()

    @property
    def two_factor(self) -> TwoFactor | None:
        """The account's state, or None as long as nothing has depended on it."""
        return self._two_factor

    def warn_once(self, subject: str, message: str) -> None:
        """Show a sentence to the user, unless one on this subject has been shown."""
        self._show_once(subject, lambda: self._on_warning(message))

    def check(self, method: Method, operation: Operation, look_up: Callable[[], TwoFactor]) -> None:
        """Refuse, or warn of, a request before it is sent.

        :param look_up: asks the API for the two-factor state without asking the policy again; called at most once.
        :raises PolicyRefusal: ``policy_forbids``, in the mode ``enforce``.
        """
        decision = self.decide(method, operation, look_up)
        if not decision.allowed and self._mode == "enforce":
            raise PolicyRefusal("policy_forbids", reason=decision.reason, remedy=decision.remedy, url=decision.url)
        if not decision.allowed:
            self._show_once(decision.rule, lambda: self._on_warning(f"{decision.reason} {decision.remedy}"))
        elif decision.severity == "deprecated":
            self._show_once(decision.rule, lambda: self._on_deprecation(decision))

    def decide(self, method: Method, operation: Operation, look_up: Callable[[], TwoFactor]) -> Decision:
        """Return what the policy says of a request; parameters as in :meth:`check`."""
        state = self._two_factor_state(method, operation, look_up)
        return evaluate(method, operation, state, self._token_origin, self._today())

    def resolve(self, look_up: Callable[[], TwoFactor]) -> TwoFactor:
        """Return the account's state, looking it up if that has not been done; parameters as in :meth:`check`."""
        return self._two_factor_state("bearer", "mint", look_up)

    def _two_factor_state(self, method: Method, operation: Operation, look_up: Callable[[], TwoFactor]) -> TwoFactor:
        with self._lock:
            matters = method == "basic" or operation in {"mint", "delete"}
            if self._two_factor is None and matters and self._may_ask(method):
                self._two_factor = look_up()
            return self._two_factor or "unknown"

    def _may_ask(self, method: Method) -> bool:
        """Tell whether the request that looks the state up may be sent itself, as long as the state is not known."""
        return self._mode == "warn" or evaluate(method, "use", "unknown", self._token_origin, self._today()).allowed

    def _show_once(self, subject: str, show: Callable[[], None]) -> None:
        with self._lock:
            if subject in self._shown:
                return
            self._shown.add(subject)
        show()

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of an earlier call, from which the call after the publications goes on: one result tells of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import TokenFacts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import continued


@dataclass(frozen=True)
class EarlierResult:
    """What an earlier call has told.

    :ivar to_publish: names of the tokens that it wanted to be published.
    :ivar kept: what it told of other things than tokens, by the keys of its result.
    """

    tokens: tuple[TokenFacts, ...] = ()
    accounts: Sequence[Any] = ()
    changed: bool = False
    to_publish: frozenset[str] = frozenset()
    kept: Mapping[str, Any] = field(default_factory=dict)

    def followed_by(self, later: Sequence[TokenFacts]) -> list[TokenFacts]:
        """Return the facts after a later call."""
        by_name = {facts.name: facts for facts in later}
        mine = [continued(facts, by_name.pop(facts.name)) if facts.name in by_name else facts for facts in self.tokens]
        return [*mine, *by_name.values()]

    def interrupted_by(self, message: str, code: str) -> list[TokenFacts]:
        """Return the facts after a later call that told nothing but what kept it from its work."""
        return [
            replace(facts, failed=True, waits=False, message=message, error_codes=(*facts.error_codes, code))
            if facts.name in self.to_publish
            else facts
            for facts in self.tokens
        ]


def earlier_result(result: Mapping[str, Any] | None) -> EarlierResult | None:
    """Return what a result tells, or None without one.

    :raises ConfigurationError: ``report_input_invalid``.
    """
    if not result:
        return None
    publications = result.get("publications") or []
    return EarlierResult(
        tokens=tuple(token_facts(entry, number) for number, entry in enumerate(result.get("tokens") or [])),
        accounts=list(result.get("accounts") or []),
        changed=bool(result.get("changed")),
        to_publish=frozenset(str(entry.get("name")) for entry in publications if isinstance(entry, Mapping)),
        kept={key: result[key] for key in ("deleted", "not_deleted") if key in result},
    )

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All tokens of each account as a table of text: which declared token each belongs to, and what fills the quota."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.undeclared import is_undeclared
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import AccountFacts, ListedToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import relative

UNDECLARED = "nobody declares it"
_ROLES = {
    "current": "",
    "previous": ", its previous one",
    "to_delete": ", to be deleted by a person",
}


def token_table(overview: Overview) -> list[str]:
    """Return a heading for each account and a line for each of its tokens, what ends first at the top."""
    return [line for account in overview.accounts for line in _account(account.facts, overview.now)]


def belonging(token: ListedToken) -> str:
    """Return which declared token a token belongs to, in words."""
    if token.declared is not None:
        return f"{token.declared}{_ROLES.get(token.role or '', '')}"
    return "credential of an account" if token.role == "credential" else UNDECLARED


def _account(facts: AccountFacts, now: int) -> Iterator[str]:
    quota = "" if facts.quota is None else f": {facts.quota.used} of {facts.quota.limit} tokens"
    yield f"Account {facts.name}{quota}"
    if facts.message is not None:
        yield f"  It could not be looked at. {facts.message}"
    if not facts.tokens:
        return
    yield f"  {'Id':<36}  {'Created':<14}  {'Expires':<20}  Declared as"
    for token in facts.tokens:
        expires = f"{'expired ' if token.expired else ''}{relative(token.expires_at, now)}"
        yield f"  {token.id:<36}  {relative(token.created_at, now):<14}  {expires:<20}  {belonging(token)}"
    undeclared = sum(map(is_undeclared, facts.tokens))
    expired = sum(token.expired for token in facts.tokens)
    yield f"  {undeclared} that nobody declares, {expired} expired"

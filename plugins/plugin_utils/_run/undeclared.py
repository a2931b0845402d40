# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that nobody declares: deleting those that a person has chosen by their ids, and never any other (R4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    TokenOpsError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import require_token_id
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import DELETED_BY_US, delete_with
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run

WHERE = "delete_undeclared"


@dataclass
class UndeclaredDeletions:
    """What came of the chosen ids.

    :ivar deleted: those that were deleted, or in check mode would be.
    :ivar errors: why others were not.
    """

    deleted: list[str] = field(default_factory=list)
    errors: list[TokenOpsError] = field(default_factory=list)


def delete_undeclared(ids: Iterable[str], accounts: Sequence[Sequence[AuthApi]], run: Run) -> UndeclaredDeletions:
    """Delete the tokens with these ids, each with an account that lists it.

    :param ids: of tokens that no record of the run names.
    :param accounts: for each account the clients that may act for it, the most obvious first.
    :raises ConfigurationError: ``token_id_not_uuid``, ``delete_but_declared``, ``delete_but_credential``,
        ``delete_but_unread``; then nothing was deleted.
    :raises ApiError: ``clock_skew`` if nothing may be deleted.
    """
    chosen = list(dict.fromkeys(require_token_id(str(token_id), WHERE) for token_id in ids))
    for token_id in chosen:
        _require_undeclared(token_id, run)
    deletions = UndeclaredDeletions()
    if chosen and not run.check_mode:
        run.clock.require_agreement()
    listings = [(apis, _listed_ids(apis)) for apis in accounts] if chosen else []
    for token_id in chosen:
        error = _delete(token_id, listings, run)
        if error is None:
            deletions.deleted.append(token_id)
        else:
            deletions.errors.append(error)
    return deletions


def _require_undeclared(token_id: str, run: Run) -> None:
    belonging = run.registry.belonging(token_id)
    if belonging is not None:
        raise ConfigurationError("delete_but_declared", token_id=token_id, name=belonging[0])
    if token_id in run.registry.issuer_ids:
        raise ConfigurationError("delete_but_credential", token_id=token_id)
    if run.registry.unread:
        raise ConfigurationError("delete_but_unread", others=", ".join(sorted(run.registry.unread)))


def _delete(
    token_id: str, listings: Iterable[tuple[Sequence[AuthApi], frozenset[str]]], run: Run
) -> TokenOpsError | None:
    """Delete one token; return why it was not.

    :param listings: the clients of each account, with the ids that the account lists.
    """
    apis = next((apis for apis, listed_ids in listings if token_id in listed_ids), None)
    if apis is None:
        return ConfigurationError("delete_not_listed", token_id=token_id)
    if run.check_mode or delete_with(token_id, apis) in DELETED_BY_US:
        return None
    return ConfigurationError("delete_not_done", token_id=token_id)


def _listed_ids(apis: Sequence[AuthApi]) -> frozenset[str]:
    """Return the ids that the first client which can list tokens shows; none if no client can."""
    for api in apis:
        try:
            listed = api.list_tokens()
        except TokenOpsError:
            continue
        return frozenset(entry.id for entry in listed) | listed.unreadable_ids
    return frozenset()

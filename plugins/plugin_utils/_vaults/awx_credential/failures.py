# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of AWX means that is not what was asked for: which of our errors."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.api import Answer
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import failure_without_answer


def failure(answer: Answer, where: str) -> VaultError:
    """Return the error that an answer to a request that changes nothing means.

    :param where: the place, for the message.
    """
    if answer.failure is not None:
        return failure_without_answer(answer.failure, where, "awx_answer_unexpected")
    if answer.status == 401:
        return VaultDenied("awx_login_refused", where=where)
    if answer.status == 403:
        return VaultDenied("awx_denied", where=where)
    if answer.status == 404:
        return VaultUnavailable("awx_credential_unknown", rejected=True, where=where)
    if answer.status == 429 or (answer.status or 0) >= 500:
        return VaultUnavailable("vault_overloaded", where=where, status=answer.status)
    return VaultUnavailable("awx_answer_unexpected", where=where, status=answer.status)


def failure_of_change(answer: Answer, where: str, *, is_editable: bool) -> VaultError:
    """Return the error that an answer to a change means.

    :param is_editable: whether the user, whatever the scope of the OAuth token, may change the credential.
    :returns: with ``rejected`` true only if nothing was changed (R1).
    """
    if answer.status == 403:
        return VaultDenied("awx_token_read_only" if is_editable else "awx_role_missing", where=where)
    if answer.status == 400:
        return VaultUnavailable("awx_change_refused", rejected=True, where=where)
    return failure(answer, where)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be known of an account: its quota, its two-factor state, and what the policy says of both."""

from __future__ import annotations

from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_token_info import policy_facts
from ansible_collections.tokenops.ionos.plugins.module_utils._errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.module_utils._jwt import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._mint_ledger import QUOTA
from ansible_collections.tokenops.ionos.plugins.plugin_utils._account_access import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run import Run


def account_facts(access: AccountAccess, live: Token | None, run: Run, quota_reserve: int) -> dict[str, Any]:
    """Return the facts of one account; what cannot be found out is None, and ``message`` says why.

    :param live: a working token of the account from some vault, or None.
    """
    api = access.own_api() if live is None else access.api_of(live)
    used, message = _used_slots(api)
    two_factor = access.two_factor if api is None or message else api.two_factor()
    return {
        "name": access.account.name,
        "user_id": (api.user_id if api else None) or access.account.user_id,
        "contract_number": (api.contract_number if api else None) or access.account.contract_number,
        "two_factor": two_factor,
        "quota": None if used is None else {"used": used, "limit": QUOTA, "reserve": quota_reserve},
        "policy": policy_facts(two_factor, run.clock.today()),
        "message": message,
    }


def _used_slots(api: AuthApi | None) -> tuple[int | None, str | None]:
    if api is None:
        return None, "There is no working token and no credential to ask with."
    try:
        return len(api.list_tokens()), None
    except TokenOpsError as error:
        return None, str(error)

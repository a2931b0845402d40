# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking up a token by its id, for the modules."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiNotFound, ApiUnavailable


def confirmed_entry(api: AuthApi, token_id: str) -> TokenEntry | None:
    """Return the API's entry of a token, or None where the API says twice that there is none (R9).

    :raises ApiError: where the API refuses, or gives no trustworthy answer.
    """
    for _call in range(2):
        try:
            return api.get_token(token_id)
        except ApiNotFound:
            continue
    return None


def api_time(api: AuthApi) -> int:
    """Return the time by the API in seconds since the epoch, once it has answered.

    :raises ApiUnavailable: ``api_time_unknown`` where its answers have no date.
    """
    now = api.clock.now()
    if now is None:
        raise ApiUnavailable("api_time_unknown", host=api.host)
    return now

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking up a token by its id."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiNotFound


def confirmed_entry(api: AuthApi, token_id: str) -> TokenEntry | None:
    """Return the API's entry of a token, or None if the API says twice that there is none (R9).

    :raises ApiError: if the API refuses, or gives no trustworthy answer.
    """
    for _call in range(2):
        try:
            return api.get_token(token_id)
        except ApiNotFound:
            continue
    return None

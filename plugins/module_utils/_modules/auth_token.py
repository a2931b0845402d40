# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of ``auth_token``: keep a token good, or delete tokens."""

from __future__ import annotations

import os
import random
import time
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import ApiConnection
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token_absent import (
    AbsentOptions,
    TokenRemover,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token_present import (
    PresentOptions,
    TokenKeeper,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.base import TokenOpsModule


def auth_token(module: TokenOpsModule, connection: ApiConnection) -> dict[str, Any]:
    """Return the result of a task.

    :raises TokenOpsError: with a message for the user.
    """
    return _present(module, connection) if module.params["state"] == "present" else _absent(module, connection)


def _present(module: TokenOpsModule, connection: ApiConnection) -> dict[str, Any]:
    options = PresentOptions.from_params(module.params, module.check_mode)
    if module.params["return_value"] and _is_asynchronous():
        raise ConfigurationError("result_kept_on_disk")
    outcome = TokenKeeper(
        options,
        connection.issuer(),
        api_of=connection.api_of,
        random=random.SystemRandom().random,
        sleep=time.sleep,
        monotonic=time.monotonic,
        warn=module.warn,
    ).run()
    result = outcome.facts()
    if module.params["return_value"]:
        result["value"] = str(outcome.token.value) if outcome.token else None
    return result


def _absent(module: TokenOpsModule, connection: ApiConnection) -> dict[str, Any]:
    options = AbsentOptions.from_params(module.params, module.check_mode)
    return TokenRemover(options, connection.issuer(), api_of=connection.api_of).run().facts()


def _is_asynchronous() -> bool:
    """Tell whether Ansible runs this in the background, where its wrapper keeps the result in a file."""
    try:
        with open(f"/proc/{os.getppid()}/cmdline", "rb") as file:
            return b"async_wrapper" in file.read(65536)
    except OSError:
        return "ANSIBLE_ASYNC_DIR" in os.environ

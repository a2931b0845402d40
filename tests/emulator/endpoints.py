# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control endpoints and the DCD's endpoints share: JSON in, JSON out, refusals as JSON."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from emulator.messages import ApiError

Endpoint = Callable[[Request], Awaitable[JSONResponse]]
Action = Callable[[Request, dict[str, Any]], Any]


def json_endpoint(action: Action) -> Endpoint:
    """Turn an action on (request, JSON body) into an endpoint; what it returns is the JSON answer."""

    @functools.wraps(action)
    async def endpoint(request: Request) -> JSONResponse:
        try:
            return JSONResponse(action(request, await _json_object(request)))
        except ApiError as error:
            return JSONResponse({"error": error.message}, error.status)
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

    return endpoint


async def _json_object(request: Request) -> dict[str, Any]:
    body = await request.body()
    document = json.loads(body) if body else {}
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")
    return document

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Starlette application: the vendor's endpoints, the OpenAPI description, control and the DCD."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from emulator.connection import SCOPE_KEY, Connection
from emulator.control import control_routes
from emulator.core import Emulator
from emulator.dcd_endpoints import dcd_routes
from emulator.messages import Request
from emulator.openapi import openapi_document


def application(emulator: Emulator) -> Starlette:
    """Return the ASGI application that serves an emulator."""

    async def openapi(request: HttpRequest) -> JSONResponse:
        return JSONResponse(openapi_document())

    return Starlette(
        routes=[
            Route("/openapi.json", openapi),
            Mount("/_emulator", routes=control_routes(emulator)),
            Mount("/_dcd", routes=dcd_routes(emulator)),
            Mount("/", app=VendorEndpoints(emulator)),
        ]
    )


class VendorEndpoints:
    """Carries requests to the emulator and its answers back, healthy ones by HTTP, broken ones byte by byte."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        # Only a stopping server cancels; the connection is gone by then and nobody is left to be told.
        with contextlib.suppress(asyncio.CancelledError):
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope[SCOPE_KEY]
        exchange = self._emulator.begin(_request(scope, connection))
        await asyncio.sleep(exchange.plan.delay_before)
        delivery = self._emulator.complete(exchange)
        await asyncio.sleep(exchange.plan.delay_after)
        answer = delivery.answer
        if delivery.wire.healthy:
            await Response(answer.body, answer.status, dict(answer.headers))(scope, receive, send)
            return
        await connection.send(answer, delivery.wire)
        while (await receive())["type"] != "http.disconnect":
            pass


def _request(scope: Scope, connection: Connection) -> Request:
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], target, headers, connection.id)

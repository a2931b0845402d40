# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI description of the vendor's endpoints, after the vendor's public page.

The page names no status for a TTL or criteria out of bounds and for an unreadable contract number: the emulator
answers 422 there, as the page has it for list and get.
"""

from __future__ import annotations

from typing import Any

from emulator.messages import JSON_CONTENT_TYPE
from emulator.operations import AUTH_BASE, CLOUD_BASE, DELETE, DELETE_BY_CRITERIA, GENERATE, GET, GET_USER, LIST
from emulator.state import DEFAULT_TTL, MAXIMUM_TTL, MINIMUM_TTL

Schema = dict[str, Any]

ERROR_STATUSES = {
    "401": "The credential does not authenticate",
    "403": "The operation is not permitted, the contract is missing or wrong, or the quota is reached",
    "404": "There is no such resource for this caller",
    "422": "A parameter cannot be read or is out of bounds",
    "500": "The server failed",
}
CONTRACT_NUMBER: Schema = {
    "name": "X-Contract-Number",
    "in": "header",
    "required": False,
    "description": "Required for users with several contracts, with Basic and with Bearer.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 10**15},
}


def openapi_document() -> Schema:
    """Return the OpenAPI 3 document as JSON can show it."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Auth API and user management, emulated", "version": "1.0.0"},
        "security": [{"basicAuth": []}, {"bearerAuth": []}],
        "paths": {
            f"{AUTH_BASE}/tokens/generate": {"get": _generate()},
            f"{AUTH_BASE}/tokens": {"get": _list(), "delete": _delete_by_criteria()},
            f"{AUTH_BASE}/tokens/{{tokenId}}": {"parameters": [_uuid("tokenId")], "get": _get(), "delete": _delete()},
            f"{CLOUD_BASE}/um/users/{{userId}}": {"parameters": [_uuid("userId")], "get": _get_user()},
        },
        "components": {
            "securitySchemes": {
                "basicAuth": {"type": "http", "scheme": "basic"},
                "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
            "schemas": {
                "Token": _token_schema(),
                "Success": _object(success={"type": "boolean", "enum": [True]}),
                "Error": _error_schema(),
                "User": _user_schema(),
            },
        },
    }


def _generate() -> Schema:
    ttl: Schema = {"type": "integer", "minimum": MINIMUM_TTL, "maximum": MAXIMUM_TTL, "default": DEFAULT_TTL}
    minted = _object(token={"type": "string", "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"})
    return _operation(
        GENERATE, "Create a token; a GET that creates", minted, ("401", "403", "422", "500"), _query("ttl", ttl)
    )


def _list() -> Schema:
    tokens = _object(tokens={"type": "array", "items": _reference("Token")})
    return _operation(LIST, "List the caller's tokens on the contract", tokens, ("401", "403", "422", "500"))


def _delete_by_criteria() -> Schema:
    criteria = _query("criteria", {"type": "string", "enum": ["EXPIRED", "ALL", "CURRENT"]}, required=True)
    summary = "Delete the caller's tokens on the contract by criteria"
    return _operation(DELETE_BY_CRITERIA, summary, _reference("Success"), tuple(ERROR_STATUSES), criteria)


def _get() -> Schema:
    return _operation(GET, "Get one of the caller's tokens", _reference("Token"), tuple(ERROR_STATUSES))


def _delete() -> Schema:
    return _operation(DELETE, "Delete one of the caller's tokens", _reference("Success"), tuple(ERROR_STATUSES))


def _get_user() -> Schema:
    depth = _query("depth", {"type": "integer", "minimum": 0, "maximum": 10})
    return _operation(GET_USER, "Get a user", _reference("User"), tuple(ERROR_STATUSES), depth)


def _operation(name: str, summary: str, result: Schema, errors: tuple[str, ...], *parameters: Schema) -> Schema:
    responses = {"200": {"description": "Success", "content": {JSON_CONTENT_TYPE: {"schema": result}}}}
    for status in errors:
        responses[status] = {
            "description": ERROR_STATUSES[status],
            "content": {JSON_CONTENT_TYPE: {"schema": _reference("Error")}},
        }
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [CONTRACT_NUMBER, *parameters],
        "responses": responses,
    }


def _query(name: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _uuid(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": sorted(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _token_schema() -> Schema:
    date = {"type": "string", "format": "date-time"}
    return _object(
        id={"type": "string", "format": "uuid"}, href={"type": "string"}, createdDate=date, expirationDate=date
    )


def _error_schema() -> Schema:
    message = _object(errorCode={"type": "string"}, message={"type": "string"})
    return _object(httpStatus={"type": "integer"}, messages={"type": "array", "minItems": 1, "items": message})


def _user_schema() -> Schema:
    text, flag = {"type": "string"}, {"type": "boolean"}
    properties = _object(
        firstname=text,
        lastname=text,
        email=text,
        administrator=flag,
        forceSecAuth=flag,
        secAuthActive=flag,
        s3CanonicalUserId=text,
        active=flag,
    )
    return _object(
        id={"type": "string", "format": "uuid"},
        type={"type": "string", "enum": ["user"]},
        href=text,
        metadata={"type": "object"},
        properties=properties,
    )

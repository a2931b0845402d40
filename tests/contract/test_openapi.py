# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""schemathesis holds the server to the OpenAPI description, and the description to the vendor's page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from emulator import EmulatorServer
from emulator.openapi import openapi_document
from emulator.users import User

DOCUMENTED_STATUSES = {
    "generate": {"200", "401", "403", "500"},
    "list": {"200", "401", "403", "422", "500"},
    "get": {"200", "401", "403", "404", "422", "500"},
    "delete": {"200", "401", "403", "404", "500"},
    "delete_by_criteria": {"200", "401", "403", "404", "500"},
}

schema = schemathesis.openapi.from_dict(openapi_document())


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer() as running:
        # Fuzzing generate must not use up what the tests of a success need.
        running.settings.update({"quota": 10_000})
        yield running


@pytest.fixture(scope="module")
def owner(server: EmulatorServer) -> User:
    return server.add_user("owner@example.com", "sixth-password", role="owner")


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_server_keeps_to_the_description(server: EmulatorServer, owner: User, case: schemathesis.Case) -> None:
    case.call_and_validate(base_url=server.url, auth=(owner.name, owner.password))


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/auth/v1/tokens/generate", {"ttl": 60}),
        ("GET", "/auth/v1/tokens", {}),
        ("GET", "/auth/v1/tokens/{tokenId}", {}),
        ("DELETE", "/auth/v1/tokens/{tokenId}", {}),
        ("DELETE", "/auth/v1/tokens", {"criteria": "EXPIRED"}),
        ("GET", "/cloudapi/v6/um/users/{userId}", {"depth": 1}),
    ],
)
def test_a_success_keeps_to_the_description(
    server: EmulatorServer, owner: User, method: str, path: str, query: dict[str, object]
) -> None:
    token, dummy = server.mint(owner)
    known = {"tokenId": token.id, "userId": owner.user_id}
    parameters = {name: value for name, value in known.items() if name in path}
    case = schema[path][method].Case(path_parameters=parameters, query=query)

    response = case.call_and_validate(base_url=server.url, auth=(owner.name, owner.password))

    assert response.status_code == 200


def operations() -> dict[str, set[str]]:
    return {
        operation["operationId"]: set(operation["responses"])
        for path in openapi_document()["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }


@pytest.mark.parametrize("name", DOCUMENTED_STATUSES)
def test_every_status_of_the_page_is_described(name: str) -> None:
    assert DOCUMENTED_STATUSES[name] <= operations()[name]


@pytest.mark.parametrize("name", DOCUMENTED_STATUSES)
def test_only_unprocessable_is_described_beyond_the_page(name: str) -> None:
    assert operations()[name] - DOCUMENTED_STATUSES[name] <= {"422"}


def test_the_server_serves_the_description(server: EmulatorServer) -> None:
    served = schemathesis.openapi.from_url(f"{server.url}/openapi.json", wait_for_schema=10)

    assert served.raw_schema == openapi_document()

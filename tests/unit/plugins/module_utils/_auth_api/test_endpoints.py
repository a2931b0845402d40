# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which address the API's address stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://api.ionos.com", "https://api.ionos.com"),
        ("https://api.ionos.com/", "https://api.ionos.com"),
        ("https://api.ionos.com/auth/v1", "https://api.ionos.com"),
        ("https://api.ionos.com/cloudapi/v6/", "https://api.ionos.com"),
        ("https://api.ionos.com/auth/v1?x=1#y", "https://api.ionos.com"),
        ("api.ionos.com", "https://api.ionos.com"),
        (" api.ionos.com:8443\n", "https://api.ionos.com:8443"),
        ("api.ionos.com/auth/v1", "https://api.ionos.com"),
        ("HTTPS://API.IONOS.COM", "https://api.ionos.com"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://localhost:80/auth/v1", "http://localhost:80"),
        ("http://[::1]", "http://[::1]"),
    ],
)
def test_a_path_is_cut_off_and_a_missing_scheme_means_https(text: str, base: str) -> None:
    endpoints = Endpoints.from_url(text)
    assert (endpoints.auth, endpoints.cloud) == (f"{base}/auth/v1", f"{base}/cloudapi/v6")


def test_the_host_is_named_with_its_port() -> None:
    assert Endpoints.from_url("https://api.example.com:8443/auth/v1").host == "api.example.com:8443"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "https://ann:hidden-value@api.ionos.com",
            "The API's address has a username or password in it. Take them out of api_url (or IONOS_API_URL) and give "
            "token, or username and password.",
        ),
        (
            "ann:hidden-value@api.ionos.com",
            "The API's address has a username or password in it. Take them out of api_url (or IONOS_API_URL) and give "
            "token, or username and password.",
        ),
        ("ftp://api.ionos.com", "The API's address begins with another scheme than https. Give it as https://host."),
        (
            "http://api.ionos.com",
            "The API's address is http, which would show the credential to everybody on the way. Use https; http is "
            "for localhost and loopback addresses only.",
        ),
        (
            "",
            "The API's address is not one. Give api_url (or IONOS_API_URL) as https://host or https://host:port.",
        ),
    ],
)
def test_an_address_that_cannot_be_right_is_explained_without_showing_it(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Endpoints.from_url(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "https://",
        "https:///auth/v1",
        "https://api.ionos.com:port",
        "https://api.ionos.com:99999",
        "https://[::1",
        "https://api ionos com",
        "https://api.ionos.com\r\nX: y",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://128.0.0.1",
    ],
)
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        Endpoints.from_url(text)


@given(st.text())
def test_any_text_is_an_address_or_an_error_of_ours(text: str) -> None:
    try:
        endpoints = Endpoints.from_url(text)
    except ConfigurationError:
        return
    assert endpoints.auth == f"{endpoints.auth.partition('://')[0]}://{endpoints.host}/auth/v1"
    assert "@" not in endpoints.auth

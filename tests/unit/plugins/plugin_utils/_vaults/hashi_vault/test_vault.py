# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers of a KV version 2 engine mean, and how a connection is put together, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Reason, TransportError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.api import Answer
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.secret import (
    SecretVersion,
    failure,
    is_absent,
    is_kv2,
    read_version,
    written_version,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.settings import (
    hashi_vault_settings,
    normal_path,
)

NAMES = st.sampled_from(("data", "metadata", "version", "errors", "deletion_time", "destroyed", "x"))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from((200, 204, 301, 400, 401, 403, 404, 405, 429, 500, 502, 503)),
    body=st.dictionaries(NAMES, JSON_VALUES, max_size=3),
) | st.builds(
    Answer,
    status=st.none(),
    failure=st.builds(TransportError, st.sampled_from(get_args(Reason)), st.booleans()),
)


def unanswered(reason: Reason, *, sent: bool = False) -> Answer:
    return Answer(None, failure=TransportError(reason, sent))


def version_answer(status: int, data: Any, **metadata: Any) -> Answer:
    return Answer(status, {"data": {"data": data, "metadata": metadata}})


# Answers


def test_a_version_is_read_with_its_data() -> None:
    answer = version_answer(200, {"token": "x"}, version=3, deletion_time="", destroyed=False)

    assert read_version(answer) == SecretVersion(3, {"token": "x"})


@pytest.mark.parametrize("destroyed", [False, True])
def test_a_deleted_version_is_an_empty_one_of_its_number(destroyed: bool) -> None:
    answer = version_answer(404, None, version=3, deletion_time="2026-01-01T00:00:00Z", destroyed=destroyed)

    assert read_version(answer) == SecretVersion(3, {}, "2026-01-01T00:00:00Z", destroyed)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"data": {"token": "x"}}),
        version_answer(200, {"token": "x"}),
        version_answer(200, {"token": "x"}, version="3"),
        version_answer(200, {"token": "x"}, version=True),
        version_answer(200, {"token": "x"}, version=0),
        version_answer(403, {"token": "x"}, version=3),
        Answer(404, {"errors": []}),
    ],
    ids=["version 1", "no number", "text", "boolean", "zero", "denied", "absent"],
)
def test_what_does_not_prove_a_version_is_none(answer: Answer) -> None:
    assert read_version(answer) is None


@settings(deadline=None)
@given(ANSWERS)
def test_an_answer_is_a_version_an_absence_or_an_error_with_a_remedy(answer: Answer) -> None:
    version = read_version(answer)

    if version is None and not is_absent(answer):
        assert failure(answer, "a place", "secret/data/x").remedy


@settings(deadline=None)
@given(ANSWERS)
def test_only_a_200_with_a_version_confirms_a_write(answer: Answer) -> None:
    version = answer.mapping("data").get("version")

    confirmed = answer.status == 200 and isinstance(version, int) and version is not True and version > 0
    assert (written_version(answer) is not None) == confirmed


@pytest.mark.parametrize(
    ("answer", "kind", "rejected", "words"),
    [
        (Answer(400, {"errors": ["Upgrading"]}), VaultUnavailable, True, "just created or upgraded takes a moment"),
        (Answer(401), VaultDenied, True, "denied to this login (HTTP status 401)"),
        (
            Answer(403, {"errors": ["permission denied"]}),
            VaultDenied,
            True,
            "read and update on p/data/x",
        ),
        (
            Answer(404, {"errors": ["no handler for route"]}),
            VaultUnavailable,
            True,
            "no secrets engine",
        ),
        (Answer(404), VaultUnavailable, False, "none of the vault's API (HTTP status 404)"),
        (Answer(429), VaultUnavailable, True, "not served at the moment (HTTP status 429)"),
        (Answer(500), VaultUnavailable, False, "not served at the moment (HTTP status 500)"),
        (Answer(503, {"errors": ["Vault is sealed"]}), VaultUnavailable, False, "the vault is sealed. Unseal it"),
        (unanswered("refused"), VaultUnavailable, True, "cannot be reached"),
        (
            Answer(None, failure=TransportError("tls_untrusted", sent=False)),
            VaultUnavailable,
            True,
            "could not be verified",
        ),
        (Answer(None, failure=TransportError("tls_expired", sent=False)), VaultUnavailable, True, "has expired"),
        (Answer(None, failure=TransportError("tls_wrong_name", sent=False)), VaultUnavailable, True, "another name"),
        (Answer(None, failure=TransportError("reset", sent=True)), VaultUnavailable, False, "cannot be reached"),
        (
            Answer(200, failure=TransportError("too_large", sent=True, status=200)),
            VaultUnavailable,
            False,
            "none of the vault's API",
        ),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, Answer) else "",
)
def test_a_failure_says_what_is_wrong_and_whether_a_write_can_have_landed(
    answer: Answer, kind: type[VaultError], rejected: bool, words: str
) -> None:
    error = failure(answer, "a place", "p/data/x")

    assert (type(error), error.rejected) == (kind, rejected)
    assert words in str(error)


@settings(deadline=None)
@given(ANSWERS, st.text(min_size=8).filter(lambda text: text not in "a place secret/data/x"))
def test_no_text_of_the_server_gets_into_an_error(answer: Answer, text: str) -> None:
    quoted = Answer(answer.status, {**answer.body, "errors": [f"<<{text}>>"]}, answer.failure)

    assert "<<" not in str(failure(quoted, "a place", "secret/data/x"))


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ({"type": "kv", "path": "team/kv/", "options": {"version": "2"}}, True),
        ({"type": "kv", "path": "team/kv/", "options": {"version": "1"}}, False),
        ({"type": "kv", "path": "team/kv/", "options": None}, False),
        ({"type": "kv", "path": "team/", "options": {"version": "2"}}, False),
        ({"type": "transit", "path": "team/kv/", "options": {"version": "2"}}, False),
    ],
    ids=["version 2", "version 1", "no options", "a mount above", "another engine"],
)
def test_only_the_very_mount_of_version_2_is_proven(description: dict[str, Any], expected: bool) -> None:
    assert is_kv2(Answer(200, {"data": description}), "team/kv") is expected


# Settings


def settings_of(environ: dict[str, str] | None = None, **options: Any) -> Any:
    return hashi_vault_settings("bao", {"url": "https://bao.example.com", "token": "t", **options}, environ or {})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bao.example.com", "https://bao.example.com:443"),
        ("https://BAO.example.com:8200/", "https://bao.example.com:8200"),
        ("http://[::1]:8200", "http://[::1]:8200"),
        ("https://proxy.example.com/bao/", "https://proxy.example.com:443/bao"),
    ],
)
def test_addresses_of_one_server_become_one_address(url: str, expected: str) -> None:
    assert settings_of(url=url).url == expected


def test_plain_http_to_another_machine_needs_an_option_of_its_own() -> None:
    with pytest.raises(ConfigurationError, match="plain http to another machine") as caught:
        settings_of(url="http://bao.example.com:8200")
    assert "http://bao.example.com:8200" in str(caught.value)
    assert settings_of(url="http://bao.example.com:8200", allow_plain_http=True).url == "http://bao.example.com:8200"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_at_all_is_an_address_or_refused(text: str) -> None:
    try:
        url = settings_of({"VAULT_ADDR": "https://bao.example.com"}, url=text).url
    except ConfigurationError:
        return
    assert url.startswith(("http://", "https://"))


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_at_all_is_a_normal_path_or_refused(text: str) -> None:
    try:
        path = normal_path(text, "bao", "path")
    except ConfigurationError:
        return
    assert all(segment not in ("", ".", "..") for segment in path.split("/"))
    assert normal_path(path, "bao", "path") == path


def test_an_option_beats_the_environment() -> None:
    environ = {"VAULT_ADDR": "https://other.example.com", "VAULT_TOKEN": "other", "VAULT_NAMESPACE": "other"}

    result = settings_of(environ, namespace="/team/shop/")

    assert (result.url, result.token, result.namespace) == ("https://bao.example.com:443", "t", "team/shop")


def test_the_environment_fills_what_is_not_given(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    environ = {
        "VAULT_ADDR": "https://bao.example.com",
        "VAULT_TOKEN": " t\n",
        "VAULT_NAMESPACE": "team",
        "VAULT_CACERT": str(authority),
    }

    result = hashi_vault_settings("bao", {}, environ)

    assert (result.url, result.token) == ("https://bao.example.com:443", "t")
    assert (result.namespace, result.connection.ca_path, result.mount) == ("team", str(authority), "secret")


def test_settings_do_not_show_their_secrets() -> None:
    approle = settings_of(token=None, auth_method="approle", role_id="role-of-ours", secret_id="secret-of-ours")

    assert "token-of-ours" not in repr(settings_of(token="token-of-ours"))
    assert "secret-of-ours" not in repr(approle)


def test_a_login_by_approle_needs_no_token_and_leaves_it_out() -> None:
    approle = settings_of({"VAULT_TOKEN": "t"}, token=None, auth_method="approle", role_id="r", secret_id="s")

    assert (approle.token, approle.approle) == (None, ("r", "s"))

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of errors: its form, and that no fact gets a secret or a line break into a message."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.catalogue import CATALOGUE, PARTS
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    MAXIMUM_FACT_LENGTH,
    ApiError,
    TokenOpsError,
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    VaultUnavailable,
    shown,
)
from support.jwts import encoded_json, ionos_jwt

PLUGINS = Path(__file__).resolve().parents[5] / "plugins"
TOKEN_ID = "0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"
ENDS_A_SENTENCE = re.compile(r"([.)]|\}|: [a-z][^.]+)$")


def placeholders(template):
    return {name for _text, name, _format, _conversion in Formatter().parse(template) if name is not None}


def test_every_entry_of_the_catalogue_says_what_is_wrong_and_what_to_do():
    for code, entry in CATALOGUE.items():
        for sentence in entry:
            assert sentence == sentence.strip(), code
            assert ENDS_A_SENTENCE.search(sentence), code
            assert "\n" not in sentence, code
        assert entry.problem != entry.remedy, code


def test_no_message_is_in_two_parts_of_the_catalogue():
    assert sum(len(part) for part in PARTS) == len(CATALOGUE)


def test_every_message_is_used_somewhere():
    texts = [path.read_text(encoding="utf-8") for path in PLUGINS.rglob("*.py") if path.parent.name != "messages"]
    assert [code for code in CATALOGUE if not any(f'"{code}"' in text for text in texts)] == []


def test_every_error_shows_its_facts():
    for code, entry in CATALOGUE.items():
        names = {name for template in entry for name in placeholders(template)}
        assert all(name.isidentifier() for name in names), code
        error = TokenOpsError(code, **{name: f"<{name}>" for name in names})
        assert str(error) == f"{error.problem} {error.remedy}"
        assert all(f"<{name}>" in str(error) for name in names), code


def test_an_api_error_keeps_its_status():
    error = ApiError("token_empty", status=403, where="token")
    assert (error.status, error.code) == (403, "token_empty")


@pytest.mark.parametrize(
    ("kind", "rejected"),
    [(VaultConflict, True), (VaultDenied, True), (VaultCorrupt, True), (VaultUnavailable, False)],
)
def test_r1_an_error_of_a_vault_says_whether_the_write_was_provably_rejected(kind, rejected):
    assert kind("vault_record_corrupt", where="x").rejected is rejected


@given(st.text(max_size=2000) | st.integers() | st.binary(max_size=400) | st.floats() | st.none())
@example(10**5000)
@example("a\r\nSet-Cookie: x")
@example("\u2028\u202e\u200b\ufeff\x7f\x85\x1b[31m\ud800")
def test_a_fact_is_one_bounded_printable_line(value):
    text = shown(value)
    assert text.isprintable()
    assert len(text) <= MAXIMUM_FACT_LENGTH + len("...")


@given(
    st.text(max_size=40),
    st.sampled_from([{}, {"typ": "JWT"}, {"alg": "RS256", "typ": "JWT", "x5t": "y" * 40}]),
    st.text(max_size=40),
)
def test_no_fact_smuggles_a_token_into_a_message(before, claims, after):
    value = ionos_jwt(TOKEN_ID) if not claims else f"{encoded_json(claims)}.{encoded_json({'a': 'b' * 40})}.{'c' * 43}"
    message = str(TokenOpsError("token_empty", where=before + value + after))
    assert not any(part in message for part in value.split(".") if len(part) > 12)


@pytest.mark.parametrize("line_length", [20, 64, 76])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\\n", "\u2028"])
def test_a_token_that_is_wrapped_into_lines_does_not_show(line_length, line_break):
    value = ionos_jwt(TOKEN_ID)
    lines = [value[start : start + line_length] for start in range(0, len(value), line_length)]
    message = shown(line_break.join(lines))
    assert not any(line in message for line in lines if len(line) > 10)


def test_a_token_whose_header_is_written_with_spaces_does_not_show():
    value = ionos_jwt(TOKEN_ID).split(".", 1)[1]
    assert shown(f"ewogICJhbGciOiAiUlMyNTYiLCAgInR5cCI6ICJKV1QiIH0.{value}") == "(a token)"


@pytest.mark.parametrize(
    "text",
    [
        "external-dns",
        "/home/ann/group_vars/all/ionos.yml",
        "bao/secret/ionos/external-dns",
        "a-rather-long-name.of-a-host-somewhere.in.a.cluster.example.com",
        TOKEN_ID,
        "sha256:ca978112ca1bbdca",
        "2026-03-01T12:00:00Z",
        "Zürich",
    ],
)
def test_ordinary_facts_are_shown_as_they_are(text):
    assert shown(text) == text


def test_a_long_fact_of_any_size_is_cut():
    assert shown("x y " * 10**6) == ("x y " * 100)[:MAXIMUM_FACT_LENGTH] + "..."

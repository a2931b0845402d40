# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as Ansible starts them: options, results, the messages for bad input, and what is masked."""

from __future__ import annotations

import json
import socket
from datetime import date

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token import TokenKeeper
from ansible_collections.tokenops.ionos.plugins.modules import auth_token as auth_token_module
from support.emulator_fixtures import emulator, tls_emulator
from support.jwts import ionos_jwt, unsigned_jwt
from support.module_runs import run_module

__all__ = ["emulator", "run_module", "tls_emulator"]

PASSWORD = "correct horse battery staple"
OTHER_ID = "1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"


@pytest.fixture
def user(emulator):
    return emulator.add_user("ann@example.com", PASSWORD, role="owner")


@pytest.fixture
def issuer(emulator, user):
    return emulator.mint(user)[1]


@pytest.fixture
def arguments(emulator, issuer):
    return {"api_url": emulator.url, "token": issuer}


@pytest.fixture
def dest(tmp_path):
    return tmp_path / "token"


def signature(value):
    return value.split(".")[2]


class TestAuthToken:
    def test_a_token_is_minted_once_and_kept_afterwards(self, run_module, arguments, dest, emulator):
        first = run_module("auth_token", **arguments, dest=str(dest))
        second = run_module("auth_token", **arguments, dest=str(dest))
        assert (first["changed"], first["action"]) == (True, "minted")
        assert (second["changed"], second["action"]) == (False, "kept")
        assert len(emulator.journal.minted()) == 1
        assert dest.stat().st_mode & 0o777 == 0o600

    def test_check_mode_predicts_and_touches_nothing(self, run_module, arguments, dest, emulator):
        result = run_module("auth_token", check_mode=True, **arguments, dest=str(dest))
        assert (result["changed"], result["action"]) == (True, "minted")
        assert not dest.exists()
        assert emulator.journal.minted() == []

    def test_the_value_is_returned_only_where_it_is_asked_for(self, run_module, arguments, dest):
        run_module("auth_token", **arguments, dest=str(dest))
        assert signature(dest.read_text()) not in run_module.printed
        assert run_module("auth_token", **arguments, dest=str(dest), return_value=True)["value"] == dest.read_text()

    def test_a_deleted_token_is_named(self, run_module, arguments, emulator, user):
        token, _value = emulator.mint(user)
        result = run_module("auth_token", **arguments, state="absent", token_id=token.id)
        assert [deleted["id"] for deleted in result["deleted"]] == [token.id]

    def test_the_environment_gives_the_credential(self, run_module, emulator, issuer, dest, monkeypatch):
        monkeypatch.setenv("IONOS_API_URL", emulator.url)
        monkeypatch.setenv("IONOS_TOKEN", issuer)
        assert run_module("auth_token", dest=str(dest))["action"] == "minted"

    def test_the_documentation_shows_what_is_returned(self, run_module, arguments, dest):
        documented = yaml.safe_load(auth_token_module.RETURN)
        result = run_module("auth_token", **arguments, dest=str(dest), return_value=True)
        returned = set(result) - {"changed", "diff", "invocation", "warnings"}
        assert returned == set(documented) - {"deleted"}
        assert set(result["token"]) == set(documented["token"]["contains"])


class TestAuthTokenInfo:
    def test_tokens_account_and_policy_are_listed(self, run_module, arguments, issuer):
        result = run_module("auth_token_info", **arguments)
        assert (result["changed"], result["count"]) == (False, 1)
        assert result["account"]["two_factor"] == "disabled"
        assert result["policy"]["mint"]["allowed"] is True
        assert signature(issuer) not in run_module.printed

    def test_the_day_has_two_names(self, run_module, arguments):
        assert run_module("auth_token_info", **arguments, on="2024-03-01")["policy"]["on"] == "2024-03-01"
        assert run_module("auth_token_info", **arguments, date="2024-03-01")["policy"]["on"] == "2024-03-01"

    def test_a_token_lists_itself_without_any_other_credential(self, run_module, emulator, issuer):
        assert run_module("auth_token_info", api_url=emulator.url, current=issuer)["count"] == 1


class TestPolicy:
    def test_basic_authentication_is_announced_to_end(self, run_module, emulator, user, monkeypatch):
        monkeypatch.setattr(ApiClock, "today", lambda self: date(2024, 3, 1))
        result = run_module(
            "auth_token_info",
            api_url=emulator.url,
            username="ann@example.com",
            password=PASSWORD,
            two_factor="disabled",
        )
        deprecation = result["deprecations"][0]
        assert deprecation["date"] == "2024-12-31"
        assert "supported until 2024-12-31" in json.dumps(deprecation)

    def test_warn_sends_all_the_same(self, run_module, emulator, user):
        result = run_module(
            "auth_token_info", api_url=emulator.url, username="ann@example.com", password=PASSWORD, policy="warn"
        )
        assert result["count"] == 0
        assert any("Basic Authentication has ended" in str(warning) for warning in result["warnings"])


class TestBadInput:
    """One row of bad input each, with the message that the user sees."""

    def message(self, run_module, **arguments):
        result = run_module("auth_token", **arguments)
        assert result["failed"] is True
        assert "Traceback" not in run_module.printed
        return result["msg"]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"ttl": "59"}, "ttl is 59 seconds, outside of what the Auth API accepts."),
            ({"ttl": "31536001"}, "ttl is 31536001 seconds, outside of what the Auth API accepts."),
            ({"ttl": "a month"}, "ttl is not a duration."),
            ({"ttl": "1d", "renew_before": "1d"}, "renew_before leaves no time"),
            ({"contract_number": 0}, "contract_number is not a contract number."),
            ({"certificate_fingerprint": "ab:cd"}, "certificate_fingerprint is not a SHA-256 fingerprint"),
        ],
    )
    def test_an_option_out_of_bounds(self, run_module, arguments, dest, options, message):
        assert self.message(run_module, **{**arguments, "dest": str(dest), **options}).startswith(message)
        assert not dest.exists()

    @pytest.mark.parametrize(
        ("token", "message"),
        [
            ("0123456789abcdef" * 2 + "." + "Ab3" * 20, "It looks like a key of the IONOS hosting APIs"),
            ("0123456789abcdef" * 2, "It looks like a key of the IONOS Cloud Panel"),
            (ionos_jwt(OTHER_ID).rpartition(".")[0], "token is a JWT that is cut off or damaged."),
            (unsigned_jwt(OTHER_ID, header={"kid": None}), "token is a JWT without a token id (kid)"),
        ],
    )
    def test_a_token_that_is_none(self, run_module, emulator, dest, token, message):
        text = self.message(run_module, api_url=emulator.url, token=token, dest=str(dest))
        assert message in text
        assert token not in run_module.printed

    def test_a_token_with_a_newline_at_the_end_is_accepted(self, run_module, emulator, issuer, dest):
        assert run_module("auth_token", api_url=emulator.url, token=issuer + "\n", dest=str(dest))["changed"] is True

    def test_a_wrong_contract_number(self, run_module, arguments, dest):
        text = self.message(run_module, **arguments, contract_number=31799999, dest=str(dest))
        assert "31799999" in text

    def test_a_missing_contract_number(self, run_module, emulator, dest):
        emulator.add_user("eve@example.com", PASSWORD, contracts=[31711111, 31722222])
        text = self.message(
            run_module,
            api_url=emulator.url,
            username="eve@example.com",
            password=PASSWORD,
            policy="warn",
            dest=str(dest),
        )
        assert "give contract_number where the user has several contracts" in text

    def test_a_wrong_password(self, run_module, emulator, user, dest):
        text = self.message(
            run_module,
            api_url=emulator.url,
            username="ann@example.com",
            password="wrong-password",
            policy="warn",
            dest=str(dest),
        )
        assert "401" in text
        assert "wrong-password" not in run_module.printed

    def test_a_revoked_token(self, run_module, emulator, arguments, dest):
        token_id = emulator.tokens()[0].id
        emulator.revoke(token_id)
        assert token_id in self.message(run_module, **arguments, dest=str(dest))

    def test_no_rights(self, run_module, emulator, arguments, dest):
        emulator.faults.add("status", "generate", status=403)
        text = self.message(run_module, **arguments, dest=str(dest))
        assert "The API refuses to mint for this user (HTTP status 403)" in text
        assert "check the user's rights" in text

    def test_tls_that_does_not_verify(self, run_module, tls_emulator, issuer, dest):
        text = self.message(run_module, api_url=tls_emulator.url, token=issuer, dest=str(dest))
        assert "certificate" in text

    def test_a_fingerprint_that_does_not_match(self, run_module, tls_emulator, issuer, dest):
        text = self.message(
            run_module,
            api_url=tls_emulator.url,
            ca_path=tls_emulator.ca_path,
            certificate_fingerprint="0" * 64,
            token=issuer,
            dest=str(dest),
        )
        assert "fingerprint" in text

    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("https://ann:hunter2-hunter2@api.example.com", "The API's address has a username or password in it."),
            ("ftp://api.example.com", "The API's address"),
            ("http://api.example.com", "The API's address"),
            ("https://", "The API's address"),
        ],
    )
    def test_an_address_that_cannot_be_right(self, run_module, issuer, dest, url, message):
        assert self.message(run_module, api_url=url, token=issuer, dest=str(dest)).startswith(message)
        assert "hunter2" not in run_module.printed

    def test_an_address_with_a_path_is_accepted(self, run_module, emulator, issuer, dest):
        url = f"{emulator.url}/cloudapi/v6"
        assert run_module("auth_token", api_url=url, token=issuer, dest=str(dest))["changed"] is True

    def test_an_address_without_a_scheme_means_https(self, run_module, tls_emulator, dest):
        ann = tls_emulator.add_user("ann@example.com", PASSWORD)
        address = tls_emulator.url.partition("://")[2]
        result = run_module(
            "auth_token",
            api_url=address,
            ca_path=tls_emulator.ca_path,
            token=tls_emulator.mint(ann)[1],
            dest=str(dest),
        )
        assert result["changed"] is True

    def test_a_server_that_is_not_there(self, run_module, issuer, dest):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
            text = self.message(run_module, api_url=url, token=issuer, dest=str(dest), timeout=1)
        assert "127.0.0.1" in text

    def test_a_redirect(self, run_module, emulator, arguments, dest):
        emulator.faults.add("redirect", "list", count=None)
        assert "redirect" in self.message(run_module, **arguments, dest=str(dest))
        assert emulator.journal.minted() == []

    def test_html_where_json_was_due(self, run_module, emulator, arguments, dest):
        emulator.faults.add("gateway_page", "list", status=200, count=None)
        assert "HTML" in self.message(run_module, **arguments, dest=str(dest))

    def test_an_endless_body(self, run_module, emulator, arguments, dest):
        emulator.faults.add("endless_body", "list", declared_bytes=10 * 1024**3, count=None)
        assert "answered with more than the API ever would" in self.message(run_module, **arguments, dest=str(dest))

    def test_a_file_with_something_else_in_it(self, run_module, arguments, dest):
        dest.write_text("hunter2-hunter2")
        assert "holds something that is not an IONOS Cloud API token" in self.message(
            run_module, **arguments, dest=str(dest)
        )
        assert "hunter2" not in run_module.printed
        assert dest.read_text() == "hunter2-hunter2"

    def test_an_unexpected_error_is_told_by_kind_and_place(self, run_module, arguments, monkeypatch):
        def fail(self):
            raise RuntimeError(f"with {arguments['token']}")

        monkeypatch.setattr(TokenKeeper, "run", fail)
        text = self.message(run_module, **arguments, dest="token")
        assert text.startswith("An unexpected RuntimeError ended the work at ")
        assert signature(arguments["token"]) not in run_module.printed

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
    def test_where_it_is_stopped_no_secret_is_shown(self, run_module, arguments, monkeypatch, kind):
        def stop(self):
            raise kind(arguments["token"])

        monkeypatch.setattr(TokenKeeper, "run", stop)
        text = self.message(run_module, **arguments, dest="token")
        assert text.startswith("The module was told to stop before it was done. Run it again.")
        assert signature(arguments["token"]) not in run_module.printed


class TestMasking:
    """The rows are those of the list of leaks in Ansible content."""

    @pytest.mark.parametrize("option", ["token", "password", "current"])
    def test_rows_1_to_3_secrets_are_masked_in_the_invocation(self, run_module, arguments, emulator, user, option):
        secret = emulator.mint(user)[1]
        for module in ("auth_token", "auth_token_info"):
            run_module(module, **{**arguments, "timeout": 5, "token_id": OTHER_ID, option: secret})
            assert signature(secret) not in run_module.printed

    def test_row_1_no_secret_goes_to_the_system_log(self, run_module, arguments, emulator, user, monkeypatch):
        logged = []
        monkeypatch.setattr(AnsibleModule, "log", lambda self, msg, log_args=None: logged.append(f"{msg} {log_args}"))
        secret = emulator.mint(user)[1]
        run_module("auth_token", **arguments, current=secret, token_id=secret, username=secret)
        assert len(logged) == 1
        assert signature(secret) not in logged[0]
        assert signature(arguments["token"]) not in logged[0]

    def test_row_6_a_secret_of_the_environment_is_masked(self, run_module, arguments, issuer, monkeypatch):
        monkeypatch.setenv("IONOS_PASSWORD", "hunter2-hunter2")
        run_module("auth_token_info", api_url=arguments["api_url"], token=issuer, date="hunter2-hunter2")
        assert "hunter2" not in run_module.printed

    @pytest.mark.parametrize("name", ["tokn", "pass", "passwords"])
    def test_row_7_a_secret_under_a_misspelt_name_is_masked(self, run_module, arguments, name):
        result = run_module("auth_token_info", **arguments, **{name: {"nested": ["hunter2-hunter2"]}})
        assert name in result["msg"]
        assert "hunter2" not in run_module.printed

    @pytest.mark.parametrize("option", ["token_id", "username", "dest", "renew_before", "certificate_fingerprint"])
    def test_row_14_a_token_in_the_wrong_option_is_masked(self, run_module, arguments, emulator, user, option):
        secret = emulator.mint(user)[1]
        assert run_module("auth_token", **{**arguments, option: secret})["failed"] is True
        assert signature(secret) not in run_module.printed

    @pytest.mark.parametrize("option", ["timeout", "contract_number", "policy", "validate_certs"])
    def test_a_token_in_an_option_of_another_type_is_masked(self, run_module, arguments, emulator, user, option):
        secret = emulator.mint(user)[1]
        assert run_module("auth_token", **{**arguments, option: secret})["failed"] is True
        assert signature(secret) not in run_module.printed

    def test_row_13_a_minted_token_is_not_returned_by_default(self, run_module, arguments, dest):
        result = run_module("auth_token", **arguments, dest=str(dest))
        assert "value" not in result
        assert signature(dest.read_text()) not in run_module.printed

    def test_row_15_no_secret_is_a_key_of_the_result(self, run_module, arguments, dest):
        run_module("auth_token", **arguments, dest=str(dest), return_value=True)
        result = json.loads(run_module.printed)
        result["value"] = None
        assert signature(dest.read_text()) not in json.dumps(result)

    def test_row_23_the_diff_has_no_value(self, run_module, arguments, emulator, user, dest):
        dest.write_text(emulator.mint(user, ttl=120)[1])
        old = dest.read_text()
        emulator.clock.advance(seconds=100)
        diff = run_module("auth_token", **arguments, dest=str(dest))["diff"]
        assert diff["before"]["token"]["fingerprint"] != diff["after"]["token"]["fingerprint"]
        assert signature(old) not in json.dumps(diff)
        assert signature(dest.read_text()) not in json.dumps(diff)

    @pytest.mark.parametrize("password", ["e", "y", "J", ".", "eyJ"])
    def test_row_28_a_short_secret_does_not_corrupt_the_returned_value(
        self, run_module, arguments, dest, monkeypatch, password
    ):
        monkeypatch.setenv("IONOS_PASSWORD", password)
        result = run_module("auth_token", **arguments, password=password, dest=str(dest), return_value=True)
        assert result["value"] == dest.read_text()
        assert result["invocation"]["module_args"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

    def test_row_28_a_kept_token_is_returned_though_it_is_also_an_option(self, run_module, emulator, issuer):
        result = run_module("auth_token", api_url=emulator.url, token=issuer, current=issuer, return_value=True)
        assert (result["action"], result["value"]) == ("kept", issuer)
        assert issuer not in json.dumps({**result, "value": None})

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens in inputs of credentials of AWX."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record, bare
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.vault import Awx, AwxPlace, Kind
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from support.awx import AwxServer
from support.awx.state import Item
from support.records import EXPIRES_AT, new_token, record_of

STRANGER = str(uuid.uuid4())


@dataclass
class Team:
    """A credential in AWX, and what puts tokens there."""

    awx: AwxServer
    credential: Item

    def vault(self, environ: dict[str, str] | None = None, **options: Any) -> Awx:
        given = {"host": self.awx.url, **({} if environ or options else {"oauth_token": self.awx.token()}), **options}
        return Kind().connect("awx", given, Controller(environ or {}, "/"))

    def place(self, **options: Any) -> AwxPlace:
        return self.vault().place({"credential": "dns", **options})

    @property
    def inputs(self) -> dict[str, Any]:
        inputs: dict[str, Any] = self.credential.values["inputs"]
        return inputs

    @property
    def description(self) -> str:
        return str(self.credential.values["description"])


@pytest.fixture
def awx() -> Iterator[AwxServer]:
    with AwxServer() as server:
        yield server


@pytest.fixture
def team(awx: AwxServer) -> Team:
    of_type = awx.add_credential_type()
    return Team(awx, awx.add_credential("dns", of_type.id, description="Used by nightly jobs."))


def bare_record() -> Record:
    current = record_of(new_token()).current
    assert current is not None
    return bare(current)


def id_of(record: Record) -> str:
    assert record.current is not None
    return record.current.id


def mark_of(record: Record) -> str:
    assert record.token is not None
    return f"[tokenops.ionos token={id_of(record)} of {record.token.user_id}]"


def write(place: AwxPlace, record: Record | None = None) -> Record:
    """Write a token over whatever is there; return its record."""
    written = record or bare_record()
    place.write(written, place.read().version)
    return written


def code_of(action: Callable[[], object], kind: type[Exception] = VaultError) -> str:
    with pytest.raises(kind) as caught:
        action()
    return str(caught.value.code)  # type: ignore[attr-defined]


# What is written, and what is known of it


def test_a_credential_without_a_token_is_an_empty_place(team: Team) -> None:
    reading = team.place().read()
    assert (reading.token, reading.record, reading.held_id) == (None, None, None)


def test_the_token_is_put_into_the_input_and_its_id_behind_the_users_own_description(team: Team) -> None:
    record = write(team.place())
    assert record.token is not None
    assert team.inputs == {"token": record.token.value}
    assert team.description == f"Used by nightly jobs. {mark_of(record)}"


def test_what_was_written_reads_back_by_its_id_under_the_version_that_the_write_returned(team: Team) -> None:
    place, record = team.place(), bare_record()
    version = place.write(record, place.read().version)
    reading = place.read()
    assert (reading.token, reading.token_id, reading.version) == (None, id_of(record), version)


def test_the_next_token_replaces_the_id_of_the_one_before(team: Team) -> None:
    write(team.place())
    record = write(team.place())
    assert team.description == f"Used by nightly jobs. {mark_of(record)}"


def test_every_other_input_is_kept_secret_ones_too(team: Team) -> None:
    team.inputs.update({"api_key": "of another API", "expires_at": "never"})
    write(team.place())
    assert (team.inputs["api_key"], team.inputs["expires_at"]) == ("of another API", "never")


def test_inputs_that_are_not_stored_are_not_sent(team: Team) -> None:
    write(team.place())
    assert team.awx.requests("PATCH")[0].status == 200
    assert "api_key" not in team.inputs


def test_id_and_expiry_are_put_into_inputs_of_their_own(team: Team) -> None:
    record = write(team.place(token_id_input="token_id", expires_input="expires_at"))
    assert (team.inputs["token_id"], team.inputs["expires_at"]) == (id_of(record), format_instant(EXPIRES_AT))
    assert team.description == f"Used by nightly jobs. {mark_of(record)}"
    assert team.place(token_id_input="token_id").read().token_id == id_of(record)


def test_whose_the_token_is_reads_back_until_somebody_puts_another_one_there(team: Team) -> None:
    record = write(team.place(token_id_input="token_id"))
    assert record.token is not None
    assert team.place(token_id_input="token_id").read().token_user_id == record.token.user_id
    team.inputs["token_id"] = id_of(bare_record())
    assert team.place(token_id_input="token_id").read().token_user_id is None


def test_a_token_that_a_person_has_put_there_with_its_id_is_known_by_it(team: Team) -> None:
    team.inputs.update({"token": "theirs", "token_id": STRANGER.upper()})
    assert team.place(token_id_input="token_id").read().held_id == STRANGER


def test_two_inputs_of_one_credential_are_two_places(team: Team) -> None:
    vault = team.vault()
    places = [vault.place({"credential": "dns", "input": name}) for name in ("token", "api_key")]
    versions = [place.read().version for place in places]
    records = [bare_record(), bare_record()]
    for place, record, version in zip(places, records, versions, strict=True):
        place.write(record, version)
    assert [place.read().held_id for place in places] == [id_of(record) for record in records]


def test_a_value_of_which_nobody_knows_the_id_is_left_alone(team: Team) -> None:
    team.inputs["token"] = "put there by hand"
    assert code_of(team.place().read, VaultCorrupt) == "awx_value_unknown"


def test_a_value_of_which_nobody_knows_the_id_is_replaced_where_the_user_wants_it(team: Team) -> None:
    team.inputs["token"] = "put there by hand"
    record = write(team.place(overwrite_unknown=True))
    assert team.place().read().held_id == id_of(record)


def test_an_emptied_input_holds_nothing_whatever_is_said_of_it(team: Team) -> None:
    write(team.place())
    del team.inputs["token"]
    assert team.place().read().held_id is None


# Erasing


def test_erasing_leaves_nothing_of_ours_and_everything_else(team: Team) -> None:
    team.inputs["api_key"] = "of another API"
    place = team.place(token_id_input="token_id", expires_input="expires_at")
    write(team.place())
    write(place)
    place.erase(place.read().version)
    assert (team.inputs, team.description) == ({"api_key": "of another API"}, "Used by nightly jobs.")


def test_erasing_restores_the_users_own_description(team: Team) -> None:
    place = team.place()
    write(place)
    place.erase(place.read().version)
    assert (team.inputs, team.description) == ({}, "Used by nightly jobs.")


def test_erasing_an_empty_place_sends_nothing(team: Team) -> None:
    place = team.place()
    place.erase(place.read().version)
    assert team.awx.requests("PATCH") == []


# Changes of others


def test_a_credential_that_was_changed_since_is_not_overwritten(team: Team) -> None:
    place = team.place()
    version = place.read().version
    team.credential.values["description"] = "somebody else's"
    team.credential.modified = team.awx.state.moment()
    assert code_of(lambda: place.write(bare_record(), version), VaultConflict) == "vault_changed_meanwhile"
    assert team.inputs == {}


def test_a_token_that_was_put_there_since_is_not_erased(team: Team) -> None:
    place = team.place()
    write(place)
    version = place.read().version
    write(team.place())
    assert code_of(lambda: place.erase(version), VaultConflict) == "vault_changed_meanwhile"
    assert "token" in team.inputs


def test_of_two_writes_of_one_run_into_one_place_the_later_one_is_refused(team: Team) -> None:
    vault = team.vault()
    first, second = (vault.place({"credential": name, "id": team.credential.id}) for name in ("dns", "the same"))
    version = second.read().version
    write(first)
    assert code_of(lambda: second.write(bare_record(), version), VaultConflict) == "vault_changed_meanwhile"


def test_a_write_after_a_write_of_ours_on_top_of_somebody_elses_change_is_refused(team: Team) -> None:
    vault = team.vault()
    first, second = (vault.place({"credential": "dns", "input": name}) for name in ("token", "api_key"))
    version = second.read().version
    team.credential.modified = team.awx.state.moment()
    write(first)
    assert code_of(lambda: second.write(bare_record(), version), VaultConflict) == "vault_changed_meanwhile"


# Finding the credential


def test_a_name_with_slashes_is_found(awx: AwxServer) -> None:
    credential = awx.add_credential("team/dns & co?", awx.add_credential_type().id)
    write(Team(awx, credential).place(credential="team/dns & co?"))
    assert "token" in credential.values["inputs"]


def test_of_two_with_the_same_name_none_is_taken_and_the_message_says_what_to_give(team: Team) -> None:
    other = team.awx.state.add("organizations", {"name": "Other", "description": ""})
    twin = team.awx.add_credential("dns", team.credential.values["credential_type"], other.id)
    with pytest.raises(
        VaultUnavailable, match=f"ids {team.credential.id}, {twin.id}.*organization.*credential_type.*id"
    ):
        team.place().read()
    assert write(team.place(organization="Other")) is not None
    assert write(team.place(id=team.credential.id, credential=None)) is not None
    assert "token" in twin.values["inputs"]
    assert "token" in team.inputs


def test_the_type_tells_two_with_the_same_name_apart(team: Team) -> None:
    twin = team.awx.add_credential("dns", team.awx.add_credential_type("Another type").id)
    write(team.place(credential_type="Another type"))
    assert ("token" in twin.values["inputs"], "token" in team.inputs) == (True, False)


@pytest.mark.parametrize("options", [{"credential": "nosuch"}, {"credential": None, "id": 999}])
def test_one_that_is_not_there_is_unknown(team: Team, options: dict[str, Any]) -> None:
    assert code_of(team.place(**options).read, VaultUnavailable) == "awx_credential_unknown"


def test_the_api_behind_a_gateway_is_found() -> None:
    with AwxServer(behind_gateway=True) as awx:
        team = Team(awx, awx.add_credential("dns", awx.add_credential_type().id))
        write(team.place())
        assert "token" in team.inputs


@pytest.mark.parametrize("prefix", ["/api/", "api/v2", "/api/v2/"])
def test_a_prefix_that_is_given_is_used_without_looking(team: Team, prefix: str) -> None:
    vault = team.vault(oauth_token=team.awx.token(), api_prefix=prefix)
    vault.place({"credential": "dns"}).read()
    assert not [seen for seen in team.awx.seen if "ping" in seen.path]


def test_a_server_that_is_no_awx_is_called_that(team: Team) -> None:
    vault = team.vault(oauth_token=team.awx.token(), host=f"{team.awx.url}/nowhere")
    assert code_of(vault.place({"credential": "dns"}).read) == "awx_not_found"


def test_an_input_source_that_is_on_a_further_page_is_seen(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.awx.api._PAGE_SIZE", 1)
    monkeypatch.setattr(
        "ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.api._PAGE_SIZE", 1
    )
    for name in ("api_key", "token"):
        add_source(team, name)
    assert code_of(team.place().read) == "awx_input_has_source"


def add_source(team: Team, name: str) -> None:
    source = team.awx.add_credential(f"lookup of {name}", 24)
    values = {"input_field_name": name, "metadata": {}, "description": ""}
    ids = {"target_credential": team.credential.id, "source_credential": source.id}
    team.awx.state.add("credential_input_sources", {**values, **ids})


# What is refused


def test_an_input_that_awx_reads_from_elsewhere_is_refused_and_not_written(team: Team) -> None:
    add_source(team, "token")
    with pytest.raises(VaultCorrupt, match=r"input source.*Remove this replica") as caught:
        write(team.place())
    assert caught.value.code == "awx_input_has_source"
    assert team.inputs == {}


def test_a_source_of_another_input_is_no_obstacle(team: Team) -> None:
    add_source(team, "api_key")
    write(team.place())
    assert "token" in team.inputs


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"input": "nosuch"}, "unusable input"),
        ({"input": "expires_at"}, "has to be secret"),
        ({"token_id_input": "nosuch"}, "unusable token_id_input"),
        ({"token_id_input": "api_key"}, "not secret"),
        ({"expires_input": "nosuch"}, "unusable expires_input"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_before_anything_is_written(
    team: Team, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(VaultCorrupt, match=problem):
        write(team.place(**options))
    assert team.awx.requests("PATCH") == []


@pytest.mark.parametrize("options", [{"credential": None}, {"token_id_input": "token"}])
def test_a_place_that_cannot_be_right_is_refused_before_anything_is_asked(team: Team, options: dict[str, Any]) -> None:
    assert code_of(lambda: team.place(**options), ConfigurationError) == "vault_option_invalid"
    assert team.awx.seen == []


def test_a_wrong_login_is_refused(team: Team) -> None:
    vault = team.vault(username="admin", password="wrong")
    assert code_of(vault.place({"credential": "dns"}).read, VaultDenied) == "awx_login_refused"


def test_a_token_that_may_only_read_cannot_write(team: Team) -> None:
    place = team.vault(oauth_token=team.awx.token("read")).place({"credential": "dns"})
    assert code_of(lambda: write(place), VaultDenied) == "awx_token_read_only"


def test_a_user_who_may_only_use_the_credential_cannot_write(team: Team) -> None:
    user = team.awx.state.add_user("rotator", "password")
    user.roles[team.credential.id] = {"use"}
    place = team.vault(username="rotator", password="password").place({"credential": "dns"})
    assert code_of(lambda: write(place), VaultDenied) == "awx_role_missing"


def test_a_user_who_administers_the_credential_can_write(team: Team) -> None:
    user = team.awx.state.add_user("rotator", "password")
    user.roles[team.credential.id] = {"admin"}
    write(team.vault(username="rotator", password="password").place({"credential": "dns"}))
    assert "token" in team.inputs


def test_a_secret_that_vanished_since_it_was_looked_at_is_no_proof_of_what_became_of_the_write(team: Team) -> None:
    team.inputs["api_key"] = "of another API"
    place = team.place()

    def take_away(request: Any) -> None:
        if request.method == "PATCH":
            team.inputs.pop("api_key", None)

    team.awx.before = take_away
    with pytest.raises(VaultUnavailable) as caught:
        write(place)
    assert (caught.value.code, caught.value.rejected) == ("vault_overloaded", False)


# How to log in


@pytest.mark.parametrize("world", ["CONTROLLER", "TOWER"])
@pytest.mark.parametrize("login", ["token", "password"])
def test_the_usual_variables_are_fallbacks(team: Team, world: str, login: str) -> None:
    environ = {f"{world}_HOST": team.awx.url, f"{world}_VERIFY_SSL": "false"}
    if login == "token":
        environ[f"{world}_OAUTH_TOKEN"] = team.awx.token()
    else:
        environ |= {f"{world}_USERNAME": "admin", f"{world}_PASSWORD": team.awx.state.admin.password}
    warnings: list[str] = []
    vault = Kind().connect("awx", {}, Controller(environ, "/", warn=warnings.append))
    vault.place({"credential": "dns"}).read()
    assert len(warnings) == 1


def test_a_login_that_is_given_is_not_mixed_with_the_one_of_the_environment(team: Team) -> None:
    vault = team.vault({"CONTROLLER_OAUTH_TOKEN": "wrong"}, username="admin", password=team.awx.state.admin.password)
    assert vault.place({"credential": "dns"}).read().held_id is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"host": None, "oauth_token": "x"}, "awx_host_missing"),
        ({"username": "admin"}, "awx_login_missing"),
        ({"username": "ad:min", "password": "x"}, "vault_option_invalid"),
        ({"oauth_token": "two\nlines"}, "vault_option_invalid"),
        ({"oauth_token": "x", "api_prefix": "/../"}, "vault_option_invalid"),
        ({"oauth_token": "x", "host": "http://awx.example.com"}, "vault_plain_http"),
        ({"oauth_token": "x", "timeout": 0}, "vault_option_invalid"),
    ],
)
def test_connection_options_that_cannot_be_right_are_refused(team: Team, options: dict[str, Any], code: str) -> None:
    assert code_of(lambda: team.vault(**options), ConfigurationError) == code


def test_a_host_without_a_scheme_is_reached_by_https(team: Team) -> None:
    assert team.vault(host="awx.example.com", oauth_token="x").settings.url == "https://awx.example.com:443"


def test_connecting_sends_nothing(team: Team) -> None:
    team.vault()
    assert team.awx.seen == []


def test_a_server_that_does_not_answer_is_waited_for_once(team: Team) -> None:
    team.awx.hangs = True
    vault = team.vault(oauth_token="x", timeout=1)
    places = [vault.place({"credential": name}) for name in ("dns", "other")]
    assert [code_of(place.read, VaultUnavailable) for place in places] == ["vault_unreachable"] * 2
    team.awx.hangs = False
    assert code_of(places[0].read) == "vault_unreachable"
    assert team.awx.seen == []

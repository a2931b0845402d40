# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens in a real OpenBao."""

from __future__ import annotations

import gzip
import logging
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
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
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.vault import HashiVault, Kind
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Place
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import Fate, RecordKeeper
from support.openbao_fixtures import OpenBao, free_port, write_certificate
from support.recording_proxy import recording_proxy
from support.records import new_token, record_of

NO_RULES = 'path "nowhere" { capabilities = ["read"] }'
DATA_RULES = 'path "{mount}/data/*" {{ capabilities = ["create", "read", "update"] }}'
DESTROY_RULES = ' path "{mount}/destroy/*" {{ capabilities = ["update"] }}'
ROTATOR_RULES = DATA_RULES + DESTROY_RULES


def connected(
    server: OpenBao,
    *,
    environ: dict[str, str] | None = None,
    warn: Callable[[str], None] = lambda message: None,
    monotonic: Callable[[], float] = lambda: 1000.0,
    **options: Any,
) -> HashiVault:
    given = {"url": server.url, "token": server.root_token, "ca_path": server.ca_path, **options}
    return Kind(monotonic).connect("bao", given, Controller(environ or {}, "/", warn=warn))


@pytest.fixture
def place(openbao: OpenBao, kv_mount: str) -> Place:
    return connected(openbao, mount=kv_mount).place({"path": "ionos/shop"})


def write_first(place: Place, record: Record) -> None:
    place.write(record, place.read().version)


# Reading and writing


def test_a_path_that_was_never_written_to_is_an_empty_place(place: Place) -> None:
    assert (place.read().token, place.read().record) == (None, None)


def test_the_token_stands_under_its_key_for_others_to_read(openbao: OpenBao, kv_mount: str) -> None:
    record = record_of(new_token())

    write_first(connected(openbao, mount=kv_mount).place({"path": "x", "key": "IONOS_TOKEN"}), record)

    assert record.token is not None
    assert openbao.secret(kv_mount, "x")["IONOS_TOKEN"] == record.token.value


def test_the_other_keys_that_hold_a_token_are_named(openbao: OpenBao, kv_mount: str) -> None:
    openbao.put_secret(kv_mount, "inbox/dns", {"value": new_token().value, "owner": "team dns"})

    assert connected(openbao, mount=kv_mount).place({"path": "inbox/dns"}).read().beside == ("value",)


def test_a_place_may_name_another_mount_than_the_vault(openbao: OpenBao, kv_mount: str) -> None:
    record = record_of(new_token())

    write_first(connected(openbao).place({"mount": f"/{kv_mount}/", "path": "//a//b/"}), record)

    assert "token" in openbao.secret(kv_mount, "a/b")


# Check-and-set


def test_a_mount_that_demands_check_and_set_is_written_to(openbao: OpenBao, kv_mount: str, place: Place) -> None:
    openbao.call("POST", f"{kv_mount}/config", {"cas_required": True})
    record = record_of(new_token())

    write_first(place, record)

    assert place.read().record == record


def test_a_secret_that_was_deleted_with_its_history_and_written_anew_is_a_conflict(
    openbao: OpenBao, kv_mount: str, place: Place
) -> None:
    write_first(place, record_of(new_token()))
    version = place.read().version
    openbao.call("DELETE", f"{kv_mount}/metadata/ionos/shop")
    openbao.put_secret(kv_mount, "ionos/shop", {"token": new_token().value})

    with pytest.raises(VaultConflict):
        place.write(record_of(new_token()), version)


def test_writes_that_follow_one_another_build_on_the_version_that_the_one_before_has_made() -> None:
    record, version_3 = record_of(new_token()), b'{"data": {"data": {}, "metadata": {"version": 3}}}'
    written = [(200, b'{"data": {"version": 4}}'), (200, b'{"data": {"version": 5}}')]
    impostor = Impostor(body=version_3, later=[(200, version_3), *written])
    with served(impostor) as server:
        place = connected(server).place({"path": "x"})
        version = place.write(record, place.read().version)
        place.write(replace(record, write_id="next"), version)

    assert [request.split()[0] for request in impostor.requests] == ["GET", "GET", "POST", "POST"]


def test_a_key_that_others_write_between_two_writes_is_kept(openbao: OpenBao, kv_mount: str, place: Place) -> None:
    record = record_of(new_token())
    version = place.write(record, place.read().version)
    openbao.put_secret(kv_mount, "ionos/shop", {**openbao.secret(kv_mount, "ionos/shop"), "owner": "team shop"})

    place.write(replace(record, write_id="next"), version)

    assert openbao.secret(kv_mount, "ionos/shop")["owner"] == "team shop"
    assert place.read().record == replace(record, write_id="next")


def test_keys_that_others_delete_between_two_writes_do_not_come_back(
    openbao: OpenBao, kv_mount: str, place: Place
) -> None:
    openbao.put_secret(kv_mount, "ionos/shop", {"password": "of another tool"})
    version = place.write(record_of(new_token()), place.read().version)
    openbao.call("DELETE", f"{kv_mount}/data/ionos/shop")

    with pytest.raises(VaultConflict):
        place.write(record_of(new_token()), version)

    assert openbao.call("GET", f"{kv_mount}/metadata/ionos/shop")["data"]["current_version"] == 2


def test_a_version_that_does_not_follow_the_one_before_proves_nothing() -> None:
    version_3 = b'{"data": {"data": {}, "metadata": {"version": 3}}}'
    with served(Impostor(body=version_3, later=[(200, version_3), (200, b'{"data": {"version": 7}}')])) as server:
        place = connected(server).place({"path": "x"})
        with pytest.raises(VaultUnavailable) as caught:
            place.write(record_of(new_token()), place.read().version)

    assert (caught.value.code, caught.value.rejected) == ("vault_write_unproven", False)


@pytest.mark.parametrize("how", ["delete", "destroy"])
def test_r6_a_deleted_or_destroyed_version_is_empty_and_can_be_written_to(
    openbao: OpenBao, kv_mount: str, place: Place, how: str
) -> None:
    write_first(place, record_of(new_token()))
    openbao.call("POST", f"{kv_mount}/{how}/ionos/shop", {"versions": [1]})
    reading = place.read()
    assert (reading.token, reading.record) == (None, None)
    record = record_of(new_token())

    place.write(record, reading.version)

    assert place.read().record == record


# What stands there and is not ours


@pytest.mark.parametrize("value", [5, ["a"], {"a": 1}, "0123456789abcdef.secret"], ids=["number", "list", "map", "key"])
def test_what_is_not_a_token_is_refused_and_left(openbao: OpenBao, kv_mount: str, place: Place, value: Any) -> None:
    openbao.put_secret(kv_mount, "ionos/shop", {"token": value})

    with pytest.raises(VaultCorrupt, match=r"key token\) holds something that is not an IONOS Cloud API token; it was"):
        place.read()

    assert openbao.secret(kv_mount, "ionos/shop") == {"token": value}


@pytest.mark.parametrize("metadata", ["text", 5, [], {}, {"format": 1, "write_id": []}], ids=str)
def test_a_corrupt_record_is_refused_with_a_way_out(
    openbao: OpenBao, kv_mount: str, place: Place, metadata: Any
) -> None:
    openbao.put_secret(kv_mount, "ionos/shop", {"token_record": metadata})

    with pytest.raises(VaultCorrupt, match=r"a token record that cannot be read\. Restore it from an older version"):
        place.read()


def test_a_record_of_a_later_version_is_refused(openbao: OpenBao, kv_mount: str, place: Place) -> None:
    openbao.put_secret(kv_mount, "ionos/shop", {"token_record": {"format": 2}})

    with pytest.raises(VaultCorrupt, match="that another version of this collection wrote"):
        place.read()


# A mount that is none, or of another kind (R6)


def test_r6_a_kv_version_1_mount_is_refused_when_it_is_empty(openbao: OpenBao) -> None:
    place = connected(openbao, mount=openbao.mount_kv(version=1)).place({"path": "x"})

    with pytest.raises(VaultUnavailable, match=r"is not in a KV version 2 secrets engine, .* enable-versioning"):
        place.read()


def test_r6_a_kv_version_1_mount_is_refused_when_a_secret_stands_there(openbao: OpenBao) -> None:
    mount = openbao.mount_kv(version=1)
    openbao.call("POST", f"{mount}/data/x", {"data": {"token": new_token().value}, "options": {"cas": 0}})

    with pytest.raises(VaultUnavailable, match="is not in a KV version 2 secrets engine"):
        connected(openbao, mount=mount).place({"path": "x"}).read()


def test_r6_a_mount_that_does_not_exist_is_named(openbao: OpenBao) -> None:
    with pytest.raises(VaultUnavailable, match=r"\(nowhere/x, key token\) does not exist: .* Check mount and name"):
        connected(openbao, mount="nowhere").place({"path": "x"}).read()


def test_a_namespace_that_does_not_exist_is_named(openbao: OpenBao, kv_mount: str) -> None:
    vault = connected(openbao, mount=kv_mount, namespace="nowhere")

    with pytest.raises(VaultUnavailable, match="no secrets engine or no namespace there"):
        vault.place({"path": "x"}).read()


def test_a_token_lives_in_a_namespace_of_its_own(openbao: OpenBao) -> None:
    openbao.call("POST", "sys/namespaces/team", {})
    vault = connected(openbao, environ={"VAULT_NAMESPACE": "team/"}, mount="secret")
    place = vault.place({"path": "x"})
    with pytest.raises(VaultUnavailable, match="no secrets engine or no namespace there"):
        place.read()
    openbao.call("POST", "team/sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
    openbao.wait_for_kv2("team/secret")
    record = record_of(new_token())

    write_first(place, record)

    assert place.read().record == record


def test_rights_on_the_data_alone_are_enough_to_read_and_write(openbao: OpenBao, kv_mount: str) -> None:
    token = openbao.token_with_policy(DATA_RULES.format(mount=kv_mount))
    place = connected(openbao, mount=kv_mount, token=token).place({"path": "x"})
    record = record_of(new_token())

    write_first(place, record)

    assert place.read().record == record


# Denials and logins


def test_a_login_without_rights_is_denied_with_what_the_policy_lacks(openbao: OpenBao, kv_mount: str) -> None:
    token = openbao.token_with_policy('path "other/*" { capabilities = ["read"] }')

    with pytest.raises(VaultDenied, match=rf"HTTP status 403.* create, read and update on {kv_mount}/data/x\."):
        connected(openbao, mount=kv_mount, token=token).place({"path": "x"}).read()


def test_a_login_that_may_only_read_is_denied_the_write(openbao: OpenBao, kv_mount: str) -> None:
    token = openbao.token_with_policy(f'path "{kv_mount}/data/*" {{ capabilities = ["read"] }}')
    place = connected(openbao, mount=kv_mount, token=token).place({"path": "x"})

    with pytest.raises(VaultDenied, match="is denied to this login") as caught:
        write_first(place, record_of(new_token()))

    assert caught.value.rejected


def test_an_unknown_token_is_denied(openbao: OpenBao) -> None:
    with pytest.raises(VaultDenied, match="Check that the login is still valid"):
        connected(openbao, token="unknown").place({"path": "x"}).read()


def test_approle_logs_in_and_writes(openbao: OpenBao, kv_mount: str) -> None:
    role = openbao.approle(ROTATOR_RULES.format(mount=kv_mount))
    environ = {"VAULT_ADDR": openbao.url, "VAULT_ROLE_ID": role.role_id, "VAULT_SECRET_ID": role.secret_id}
    vault = connected(openbao, environ=environ, url=None, token=None, auth_method="approle", auth_mount=role.mount)
    place, record = vault.place({"mount": kv_mount, "path": "x"}), record_of(new_token())

    write_first(place, record)

    assert place.read().record == record


def test_a_refused_approle_login_says_so_without_the_secret_id(openbao: OpenBao) -> None:
    role = openbao.approle(DATA_RULES.format(mount="x"))

    with pytest.raises(VaultDenied, match=r"refuses the login by AppRole .* may be used up or expired") as caught:
        connected(openbao, auth_method="approle", auth_mount=role.mount, role_id=role.role_id, secret_id="wrong-one")

    assert "wrong-one" not in str(caught.value)


def test_an_approle_mount_that_does_not_exist_is_refused_with_a_hint_at_the_mount(openbao: OpenBao) -> None:
    with pytest.raises(VaultDenied, match="Check the credentials and the mount of the login method"):
        connected(openbao, auth_method="approle", auth_mount="nowhere", role_id="r", secret_id="s")


def test_a_root_token_outlasts_everything(openbao: OpenBao) -> None:
    assert connected(openbao).outlasts(10**9)


def test_how_long_a_login_lasts_is_asked_again_only_once_that_may_be_too_short() -> None:
    now = [0.0]
    looked_up = b'{"data": {"ttl": 900, "expire_time": "2026-03-01T12:15:00Z"}}'
    impostor = Impostor(body=looked_up)
    with served(impostor) as server:
        vault = connected(server, monotonic=lambda: now[0])
        asked = []
        for seconds in (0.0, 1.0, 300.0, 301.0, 302.0):
            now[0] = seconds
            assert vault.outlasts(600)
            asked.append(len(impostor.requests))

    assert asked == [1, 1, 1, 2, 2]


def test_a_token_that_ends_too_early_does_not_outlast(openbao: OpenBao) -> None:
    token = openbao.token_with_policy(NO_RULES, ttl="60s", renewable=False)

    vault = connected(openbao, token=token)

    assert (vault.outlasts(30), vault.outlasts(600)) == (True, False)


def test_a_periodic_token_is_renewed_to_outlast(openbao: OpenBao) -> None:
    role = openbao.approle(NO_RULES, token_period="60s")
    login = {"role_id": role.role_id, "secret_id": role.secret_id}
    token = openbao.call("POST", f"auth/{role.mount}/login", login)["auth"]["client_token"]
    openbao.call("POST", f"auth/{role.mount}/role/rotator", {"token_period": "1h"})

    assert connected(openbao, token=token).outlasts(600)
    assert openbao.call("GET", "auth/token/lookup-self", token=token)["data"]["ttl"] > 600


def test_an_approle_login_that_ends_too_early_is_made_anew(openbao: OpenBao) -> None:
    role = openbao.approle(DATA_RULES.format(mount="x"), token_ttl="60s", token_max_ttl="60s")
    clock = iter((0.0, 100.0, 100.0))
    vault = connected(
        openbao,
        auth_method="approle",
        auth_mount=role.mount,
        role_id=role.role_id,
        secret_id=role.secret_id,
        monotonic=lambda: next(clock),
    )
    openbao.call("POST", f"auth/{role.mount}/role/rotator", {"token_ttl": "1h", "token_max_ttl": "1h"})

    assert vault.outlasts(600)


@pytest.mark.parametrize(
    ("token_ttl", "passed", "outlasts"), [("1h", 0.0, True), ("1h", 3100.0, True), ("60s", 0.0, False)]
)
def test_r38_an_approle_login_that_may_not_look_itself_up_lasts_as_long_as_its_lease(
    openbao: OpenBao, token_ttl: str, passed: float, outlasts: bool
) -> None:
    role = openbao.approle(NO_RULES, token_ttl=token_ttl, token_no_default_policy=True)
    login = {"auth_mount": role.mount, "role_id": role.role_id, "secret_id": role.secret_id}
    times = iter([0.0])
    vault = connected(openbao, auth_method="approle", monotonic=lambda: next(times, passed), **login)

    assert vault.outlasts(600) is outlasts


def test_a_login_that_may_not_look_itself_up_passes_with_a_warning(openbao: OpenBao) -> None:
    warnings: list[str] = []
    token = openbao.token_with_policy(NO_RULES, no_default_policy=True)

    assert connected(openbao, token=token, warn=warnings.append).outlasts(600)
    assert warnings == ["The login to the vault bao may not look itself up, so how long it lasts is unknown."]


def test_a_revoked_approle_login_is_made_anew_once_for_all_workers(openbao: OpenBao, kv_mount: str) -> None:
    role = openbao.approle(DATA_RULES.format(mount=kv_mount), secret_id_num_uses=2)
    now = [0.0]
    vault = connected(
        openbao,
        mount=kv_mount,
        auth_method="approle",
        auth_mount=role.mount,
        role_id=role.role_id,
        secret_id=role.secret_id,
        monotonic=lambda: now[0],
    )
    openbao.call("PUT", f"sys/leases/revoke-prefix/auth/{role.mount}/login")
    place = vault.place({"path": "x"})
    with pytest.raises(VaultDenied):
        place.read()
    now[0] = 60.0

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _number: vault.login_again(), range(8)))

    assert answers == [True] * 8
    assert place.read().token is None


def test_r20_a_revoked_login_whose_lease_still_counts_is_made_anew_by_the_write_that_it_is_denied(
    openbao: OpenBao, kv_mount: str
) -> None:
    """R38: the look-up is denied to a revoked login just as to one that may not look itself up."""
    role = openbao.approle(DATA_RULES.format(mount=kv_mount), token_ttl="1h", token_no_default_policy=True)
    now = [0.0]
    login = {"auth_mount": role.mount, "role_id": role.role_id, "secret_id": role.secret_id}
    vault = connected(openbao, mount=kv_mount, auth_method="approle", monotonic=lambda: now[0], **login)
    place = vault.place({"path": "x"})
    keeper = RecordKeeper(
        vault,
        place,
        place.read(),
        new_write_id=lambda: "write-1",
        sleep=lambda seconds: None,
        on_change=lambda record: None,
        check_mode=False,
    )
    openbao.call("PUT", f"sys/leases/revoke-prefix/auth/{role.mount}/login")
    now[0] = 60.0
    assert vault.outlasts(600)

    write = keeper.try_commit(record_of(new_token()))

    assert (write.fate, write.error) == (Fate.LANDED, None)
    assert place.read().record == keeper.record


def test_a_token_that_was_given_cannot_log_in_again(openbao: OpenBao) -> None:
    assert not connected(openbao).login_again()


def test_a_login_that_fails_again_is_no_login_and_no_exception(openbao: OpenBao) -> None:
    role = openbao.approle(NO_RULES, secret_id_num_uses=1)
    clock = iter((0.0, 60.0))
    vault = connected(
        openbao,
        auth_method="approle",
        auth_mount=role.mount,
        role_id=role.role_id,
        secret_id=role.secret_id,
        monotonic=lambda: next(clock),
    )

    assert not vault.login_again()


# Erasing (R27)


def test_r27_erase_destroys_every_version_that_holds_our_keys(openbao: OpenBao, kv_mount: str, place: Place) -> None:
    for _number in range(3):
        write_first(place, record_of(new_token()))
    openbao.call("POST", f"{kv_mount}/delete/ionos/shop", {"versions": [2]})

    place.erase(place.read().version)

    versions = openbao.call("GET", f"{kv_mount}/metadata/ionos/shop")["data"]["versions"]
    assert [versions[number]["destroyed"] for number in ("1", "2", "3", "4")] == [True, True, True, False]
    assert openbao.secret(kv_mount, "ionos/shop") == {}
    assert (place.read().token, place.read().record) == (None, None)


def test_erase_without_the_right_to_destroy_names_the_versions_that_are_left(openbao: OpenBao, kv_mount: str) -> None:
    token = openbao.token_with_policy(DATA_RULES.format(mount=kv_mount))
    place = connected(openbao, mount=kv_mount, token=token).place({"path": "x"})
    write_first(place, record_of(new_token()))
    write_first(place, record_of(new_token()))

    with pytest.raises(VaultDenied, match=rf"are still there: 1, 2\. Grant update on {kv_mount}/destroy/x") as caught:
        place.erase(place.read().version)

    assert not caught.value.rejected


def test_an_erase_that_was_cut_short_is_finished_by_the_next_one(openbao: OpenBao, kv_mount: str) -> None:
    token = openbao.token_with_policy(DATA_RULES.format(mount=kv_mount))
    denied = connected(openbao, mount=kv_mount, token=token).place({"path": "x"})
    write_first(denied, record_of(new_token()))
    with pytest.raises(VaultDenied):
        denied.erase(denied.read().version)

    allowed = connected(openbao, mount=kv_mount).place({"path": "x"})
    allowed.erase(allowed.read().version)

    assert openbao.call("GET", f"{kv_mount}/metadata/x")["data"]["versions"]["1"]["destroyed"]


# Versions that the vault deletes by itself (R27)


def test_r27_a_secret_that_would_vanish_too_early_is_refused_and_put_back(
    openbao: OpenBao, kv_mount: str, place: Place
) -> None:
    openbao.put_secret(kv_mount, "ionos/shop", {"owner": "team shop"})
    openbao.call("POST", f"{kv_mount}/metadata/ionos/shop", {"delete_version_after": "1h"})
    record = record_of(new_token())
    assert record.current is not None
    record = replace(record, current=replace(record.current, expires_at=4_000_000_000))

    with pytest.raises(VaultUnavailable, match=r"while it is still needed\. Set delete_version_after") as caught:
        write_first(place, record)

    assert caught.value.rejected
    assert openbao.secret(kv_mount, "ionos/shop") == {"owner": "team shop"}


def test_a_secret_that_stays_long_enough_is_written(openbao: OpenBao, kv_mount: str, place: Place) -> None:
    openbao.call("POST", f"{kv_mount}/metadata/ionos/shop", {"delete_version_after": "876000h"})
    record = record_of(new_token())

    write_first(place, record)

    assert place.read().record == record


# Servers that do not answer, or not as they should


def test_a_server_that_is_down_is_said_to_be_out_of_reach(tmp_path: Path) -> None:
    place = connected(OpenBao(f"http://127.0.0.1:{free_port()}", "t")).place({"path": "x"})

    with pytest.raises(VaultUnavailable, match=r"bao \(secret/x, key token\) cannot be reached: .* Check that"):
        place.read()


def test_a_sealed_server_is_said_to_be_sealed(openbao_tls: OpenBao) -> None:
    place = connected(openbao_tls).place({"path": "x"})
    openbao_tls.seal()
    try:
        with pytest.raises(VaultUnavailable, match=r"the vault is sealed\. Unseal it and run again"):
            place.read()
        with pytest.raises(VaultUnavailable, match="the vault is sealed"):
            connected(openbao_tls, auth_method="approle", role_id="r", secret_id="s")
    finally:
        openbao_tls.unseal()


def test_tls_that_is_verified_by_the_given_authority_works(openbao_tls: OpenBao) -> None:
    environ = {"VAULT_CACERT": str(openbao_tls.ca_path)}

    assert connected(openbao_tls, environ=environ, ca_path=None).outlasts(1)


@pytest.mark.parametrize("authority", ["none", "another"])
def test_tls_that_does_not_verify_is_refused(openbao_tls: OpenBao, tmp_path: Path, authority: str) -> None:
    ca_path = None if authority == "none" else str(write_certificate(tmp_path)[0])

    with pytest.raises(VaultUnavailable, match=r"certificate .* could not be verified\. .* VAULT_CACERT") as caught:
        connected(openbao_tls, ca_path=ca_path).place({"path": "x"}).read()

    assert caught.value.rejected


@pytest.mark.parametrize("how", ["option", "environment"])
def test_tls_is_not_verified_where_the_user_says_so_with_a_warning(openbao_tls: OpenBao, how: str) -> None:
    warnings: list[str] = []
    options: dict[str, Any] = {"validate_certs": False} if how == "option" else {}
    environ = {"VAULT_SKIP_VERIFY": "1"} if how == "environment" else {}

    vault = connected(openbao_tls, environ=environ, warn=warnings.append, ca_path=None, **options)

    assert vault.outlasts(1)
    assert warnings == ["The TLS certificate of the vault bao is not verified."]


def test_the_option_validate_certs_beats_the_environment(openbao_tls: OpenBao) -> None:
    vault = connected(openbao_tls, environ={"VAULT_SKIP_VERIFY": "true"}, ca_path=None, validate_certs=True)

    with pytest.raises(VaultUnavailable, match="could not be verified"):
        vault.outlasts(1)


GZIPPED = gzip.compress(b"{}", mtime=0)


@dataclass
class Impostor:
    """A server that is no vault, and what it answers with.

    :ivar status: of HTTP, or 0 to close the connection without an answer.
    :ivar later: status and body from the second, third, ... request on.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    later: list[tuple[int, bytes]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def answer(self, request: str) -> bytes:
        """Note the request; return the octets of the answer."""
        self.requests.append(request)
        headers = {"Content-Length": str(len(self.body)), "Connection": "close", **self.headers}
        lines = [f"HTTP/1.1 {self.status} Answer", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        octets = "\r\n".join(lines).encode() + self.body if self.status else b""
        if self.later:
            self.status, self.body = self.later.pop(0)
        return octets


@contextmanager
def served(impostor: Impostor) -> Iterator[OpenBao]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            request = self.rfile.readline().decode()
            length = 0
            for line in iter(self.rfile.readline, b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self.rfile.read(length)
            self.wfile.write(impostor.answer(request))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield OpenBao(f"http://127.0.0.1:{server.server_address[1]}", "t")
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("impostor", "message"),
    [
        (Impostor(200, body=b"<html>"), "got an answer that is none of the vault's API"),
        (Impostor(404, body=b"<html>"), "got an answer that is none of the vault's API"),
        (Impostor(200, body=b"[]"), "got an answer that is none of the vault's API"),
        (Impostor(200, body=b"[" * 100_000), "got an answer that is none of the vault's API"),
        (Impostor(200, body=b'{"data": {"data": {}, "metadata": {"version": "1"}}}'), "is not in a KV version 2"),
        (Impostor(204), "is not in a KV version 2"),
        (Impostor(307, {"Location": "http://127.0.0.1:9/"}), "not to a redirect"),
        (Impostor(429, body=b"{}"), r"is not served at the moment \(HTTP status 429\)"),
        (Impostor(502, body=b"<html>"), r"is not served at the moment \(HTTP status 502\)"),
        (Impostor(503, body=b"{}"), r"is not served at the moment \(HTTP status 503\)"),
        (Impostor(0), "cannot be reached"),
        (Impostor(200, {"Content-Length": "99"}, b"{}"), "cannot be reached"),
        (
            Impostor(200, {"Content-Encoding": "gzip"}, GZIPPED),
            "got an answer that is none of the vault's API",
        ),
        (Impostor(200, body=b" " * 9 * 1024 * 1024), "got an answer that is none of the vault's API"),
    ],
    ids=lambda value: f"{value.status} {value.body[:12]!r}" if isinstance(value, Impostor) else "",
)
def test_r6_an_answer_that_no_vault_gives_is_never_taken_for_an_empty_place(impostor: Impostor, message: str) -> None:
    with served(impostor) as server, pytest.raises(VaultUnavailable, match=message):
        connected(server).place({"path": "x"}).read()


def test_a_redirect_is_not_followed(openbao: OpenBao) -> None:
    other = Impostor(200, body=b"{}")
    with served(other) as target:
        impostor = Impostor(307, {"Location": f"{target.url}/v1/secret/data/x"})
        with served(impostor) as server, pytest.raises(VaultUnavailable):
            connected(server).place({"path": "x"}).read()

    assert other.requests == []


@pytest.mark.parametrize(
    "answer", [(0, b""), (200, b"{}"), (500, b"{}"), (503, b"{}")], ids=["none", "no version", "500", "503"]
)
def test_a_write_without_a_clear_answer_is_not_called_rejected(answer: tuple[int, bytes]) -> None:
    version_3 = b'{"data": {"data": {}, "metadata": {"version": 3}}}'
    impostor = Impostor(body=version_3, later=[(200, version_3), answer])
    with served(impostor) as server:
        place = connected(server).place({"path": "x"})
        version = place.read().version
        with pytest.raises(VaultUnavailable) as caught:
            place.write(record_of(new_token()), version)

    assert impostor.requests[-1].startswith("POST ")
    assert not caught.value.rejected


OUTDATED = (400, b'{"errors": ["check-and-set parameter did not match the current version"]}')
VERSION_3 = (200, b'{"data": {"data": {}, "metadata": {"version": 3}}}')


@pytest.mark.parametrize("found", [VERSION_3, (403, b"{}"), (503, b"{}")], ids=["as before", "denied", "nothing"])
def test_a_refused_write_that_may_be_the_repetition_of_one_that_landed_is_not_called_rejected(
    found: tuple[int, bytes],
) -> None:
    """As behind a proxy that sends a request to the next server, where a standby that lags may be read from then."""
    with served(Impostor(body=VERSION_3[1], later=[VERSION_3, OUTDATED, found])) as server:
        place = connected(server).place({"path": "x"})
        with pytest.raises(VaultError) as caught:
            place.write(record_of(new_token()), place.read().version)

    assert not caught.value.rejected


def test_a_write_that_a_proxy_repeats_has_landed(openbao: OpenBao, kv_mount: str) -> None:
    record = record_of(new_token())
    with recording_proxy(openbao.url, repeats=lambda method, _path: method == "POST") as proxy:
        place = connected(replace(openbao, url=proxy.url), mount=kv_mount).place({"path": "ionos/shop"})
        version = place.write(record, place.read().version)
        version = place.write(replace(record, write_id="next"), version)
        assert place.read().version == version

    assert openbao.call("GET", f"{kv_mount}/metadata/ionos/shop")["data"]["current_version"] == 2


def test_a_write_that_could_not_even_read_first_is_called_rejected() -> None:
    version_3 = b'{"data": {"data": {}, "metadata": {"version": 3}}}'
    with served(Impostor(body=version_3, later=[(500, b"{}")])) as server:
        place = connected(server).place({"path": "x"})
        version = place.read().version
        with pytest.raises(VaultUnavailable) as caught:
            place.write(record_of(new_token()), version)

    assert caught.value.rejected


def test_a_secret_that_the_server_finds_too_large_leaves_what_stood_there(openbao: OpenBao, kv_mount: str) -> None:
    openbao.put_secret(kv_mount, "x", {"owner": "team shop"})
    place = connected(openbao, mount=kv_mount).place({"path": "x"})

    with pytest.raises(VaultUnavailable):
        write_first(place, replace(record_of(new_token()), user_id="u" * 40_000_000))

    assert openbao.secret(kv_mount, "x") == {"owner": "team shop"}


# Options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": None}, "has no address. Give url, or set VAULT_ADDR"),
        ({"url": "bao.example.com:8200"}, "is not the address of a server"),
        ({"url": "https://user:password@bao.example.com"}, "without a username or password in it"),
        ({"url": "ftp://bao.example.com"}, "is not the address of a server"),
        ({"url": "https://bao.example.com:port"}, "is not the address of a server"),
        ({"token": None}, "has no login: token is not given"),
        ({"token": "two words"}, "has an unusable token"),
        ({"auth_method": "approle"}, "has no login: role_id is not given"),
        ({"ca_path": "/nowhere/ca.pem"}, "names neither a readable file nor a directory: /nowhere/ca.pem"),
        ({"mount": "a/../b"}, "has an unusable mount"),
        ({"timeout": 0}, "has an unusable timeout"),
        ({"namespace": "two words"}, "has an unusable namespace"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_option_that_cannot_work_is_refused_before_anything_is_sent(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        connected(OpenBao("http://127.0.0.1:1", "t"), **options)

    assert "password@" not in str(caught.value)
    assert "two words" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"path": ""},
        {"path": "/"},
        {"path": "a/./b"},
        {"path": "a\nb"},
        {"path": "x", "key": "token_record"},
        {"path": "x", "key": "a b"},
    ],
    ids=str,
)
def test_a_place_that_cannot_be_one_is_refused(options: dict[str, Any]) -> None:
    vault = connected(OpenBao("http://127.0.0.1:1", "t"))

    with pytest.raises(ConfigurationError, match="bao has an unusable"):
        vault.place(options)


def test_two_ways_to_write_a_place_have_one_identity() -> None:
    one = connected(OpenBao("https://BAO.example.com", "t"), mount="secret").place({"path": "/a//b/"})
    two = connected(OpenBao("https://bao.example.com:443/", "t"), mount="kv").place({"path": "a/b", "mount": "secret/"})

    assert one.identity == two.identity


def test_the_token_of_the_command_line_client_is_found(openbao: OpenBao, kv_mount: str, tmp_path: Path) -> None:
    (tmp_path / ".vault-token").write_text(openbao.root_token + "\n")

    vault = connected(openbao, environ={"HOME": str(tmp_path)}, token=None, mount=kv_mount)

    assert vault.place({"path": "x"}).read().token is None


# Secrets


def test_debug_logging_of_the_libraries_shows_no_secret(
    openbao: OpenBao, kv_mount: str, caplog: pytest.LogCaptureFixture
) -> None:
    role, record = openbao.approle(ROTATOR_RULES.format(mount=kv_mount)), record_of(new_token())
    with caplog.at_level(logging.DEBUG):
        vault = connected(
            openbao, auth_method="approle", auth_mount=role.mount, role_id=role.role_id, secret_id=role.secret_id
        )
        place = vault.place({"mount": kv_mount, "path": "x"})
        write_first(place, record)
        place.erase(place.read().version)

    assert record.token is not None
    assert "/data/x" in caplog.text
    for secret in (role.secret_id, record.token.value):
        assert secret not in caplog.text
    assert re.search(r"\b(hv)?s\.[0-9A-Za-z]{20}", caplog.text) is None


def test_an_error_carries_no_other_exception_that_could_be_shown_with_it(openbao: OpenBao) -> None:
    with pytest.raises(VaultUnavailable) as caught:
        connected(OpenBao(f"http://127.0.0.1:{free_port()}", "t")).place({"path": "x"}).read()

    assert (caught.value.__cause__, caught.value.__context__) == (None, None)

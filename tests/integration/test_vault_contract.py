# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of vault promises, as ``_vaults/protocol.py`` has it: each test runs for each kind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record, bare
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Place, TextPlace
from support.kubernetes_api import cluster
from support.records import new_token, record_of, with_intent
from support.vault_benches import (
    NOWHERE,
    AnsibleVaultFileBench,
    Bench,
    HashiVaultBench,
    IonosConfigBench,
    KubernetesSecretBench,
    ServerBench,
)

__all__ = ["cluster"]

FILES = {"ansible_vault_file": AnsibleVaultFileBench, "ionos_config": IonosConfigBench}
SERVERS = {
    # The bench of a kind, and the fixtures that it is made of.
    "hashi_vault": (HashiVaultBench, ("openbao", "kv_mount")),
    "kubernetes_secret": (KubernetesSecretBench, ("cluster",)),
}
WRITERS = 8
ROUNDS = 3


def made(kind: str, folder: Path, request: pytest.FixtureRequest) -> Any:
    if kind in FILES:
        return FILES[kind](folder)
    make, fixtures = SERVERS[kind]
    return make(folder, *(request.getfixturevalue(name) for name in fixtures))


@pytest.fixture(params=[*FILES, *SERVERS])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    bench: Bench = made(request.param, tmp_path, request)
    return bench


@pytest.fixture(params=list(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> ServerBench:
    server: ServerBench = made(request.param, tmp_path, request)
    return server


def write_first(place: Place, record: Record) -> Any:
    return place.write(record, place.read().version)


def test_every_readable_kind_has_a_bench() -> None:
    assert {name for name, kind in vault_kinds().items() if kind.READABLE} == {*FILES, *SERVERS}


# Reading and writing


def test_a_place_where_nothing_stands_is_empty_and_can_be_written_to(bench: Bench) -> None:
    reading, record = bench.place().read(), record_of(new_token())
    assert (reading.token, reading.record) == (None, None)

    bench.place().write(record, reading.version)

    assert bench.place().read().record == record


def test_what_was_written_reads_back_under_the_version_that_the_write_returned(bench: Bench) -> None:
    record = with_intent(record_of(new_token()))

    version = write_first(bench.place(), record)

    reading = bench.place().read()
    assert (reading.token, reading.record, reading.version) == (record.token, record, version)


def test_each_write_has_a_version_of_its_own(bench: Bench) -> None:
    token = new_token()
    versions = [bench.place().read().version]
    versions += [write_first(bench.place(), record_of(token)) for _number in range(3)]
    assert len(set(versions)) == len(versions)


def test_a_bare_write_removes_the_record_of_earlier_times(bench: Bench) -> None:
    record = record_of(new_token())
    write_first(bench.place(), record)
    assert record.current is not None

    write_first(bench.place(), bare(record.current))

    assert (bench.place().read().token, bench.place().read().record) == (record.token, None)


def test_an_intent_before_the_first_token_leaves_the_place_without_one(bench: Bench) -> None:
    intent = with_intent(Record())

    write_first(bench.place(), intent)

    assert (bench.place().read().token, bench.place().read().record) == (None, intent)


def test_an_intent_without_a_token_leaves_a_token_that_stands_there(bench: Bench) -> None:
    token = new_token()
    bench.put(str(token.value))

    write_first(bench.place(), with_intent(Record()))

    assert bench.place().read().token == token


def test_what_somebody_else_put_there_is_read(bench: Bench) -> None:
    token = new_token()
    bench.put(str(token.value))
    assert (bench.place().read().token, bench.place().read().record) == (token, None)


def test_what_is_not_a_token_is_refused_and_left(bench: Bench) -> None:
    bench.put("0123456789abcdef.secret")
    before = bench.storage()

    with pytest.raises(VaultCorrupt, match="holds something that is not an IONOS Cloud API token; it was left"):
        bench.place().read()

    assert bench.storage() == before


# What is somebody else's


def test_everything_else_that_stands_there_is_kept(bench: Bench) -> None:
    before = bench.others()
    version = write_first(bench.place(), with_intent(record_of(new_token())))
    version = bench.place().write(record_of(new_token()), version)
    assert bench.others() == before

    bench.place().erase(version)

    assert bench.others() == before


def test_r18_a_change_of_something_else_is_no_conflict_and_stays(bench: Bench) -> None:
    version = write_first(bench.place(), record_of(new_token()))
    bench.change_something_else()
    changed, record = bench.others(), record_of(new_token())

    bench.place().write(record, version)

    assert (bench.place().read().record, bench.others()) == (record, changed)


def test_tokens_beside_each_other_do_not_disturb_each_other(bench: Bench) -> None:
    first, second = bench.place(), bench.place(**{bench.of_token: "second"})
    records = record_of(new_token()), record_of(new_token())
    version = write_first(first, records[0])
    write_first(second, records[1])
    assert (first.read().record, second.read().record) == records

    first.erase(version)

    assert (first.read().token, second.read().record) == (None, records[1])


# Check-and-set


def test_a_write_onto_a_version_that_is_gone_is_a_conflict_that_changes_nothing(bench: Bench) -> None:
    version, winner = bench.place().read().version, record_of(new_token())
    bench.place().write(winner, version)

    with pytest.raises(VaultConflict, match="was changed by somebody else") as caught:
        bench.place().write(record_of(new_token()), version)

    assert caught.value.rejected
    assert bench.place().read().record == winner


def test_a_write_onto_what_somebody_else_has_put_there_is_a_conflict(bench: Bench) -> None:
    version, token = bench.place().read().version, new_token()
    bench.put(str(token.value))

    with pytest.raises(VaultConflict):
        bench.place().write(record_of(new_token()), version)

    assert bench.place().read().token == token


def test_of_many_writers_at_the_same_moment_exactly_one_wins(bench: Bench) -> None:
    places = [bench.place() for _number in range(WRITERS)]

    def write(place: Place) -> Any:
        record = record_of(new_token())
        try:
            place.write(record, version)
        except VaultConflict:
            return None
        return record

    for _round in range(ROUNDS):
        version = places[0].read().version
        with ThreadPoolExecutor(WRITERS) as pool:
            written = [record for record in pool.map(write, places) if record is not None]
        assert [bench.place().read().record] == written


def test_writers_of_different_tokens_in_one_spot_all_succeed(bench: Bench) -> None:
    places = [bench.place(**{bench.of_token: f"token{number}"}) for number in range(WRITERS)]
    records = [record_of(new_token()) for _place in places]

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write_first, places, records))

    assert [place.read().record for place in places] == records


# Erasing


def test_r27_what_was_erased_is_nowhere_any_more(bench: Bench) -> None:
    tokens = [new_token(), new_token()]
    for token in tokens:
        version = write_first(bench.place(), record_of(token))

    bench.place().erase(version)

    assert (bench.place().read().token, bench.place().read().record) == (None, None)
    assert [token.id for token in tokens if str(token.value) in bench.storage() or token.id in bench.storage()] == []


def test_erasing_a_version_that_is_gone_is_a_conflict_that_changes_nothing(bench: Bench) -> None:
    version = write_first(bench.place(), record_of(new_token()))
    winner = record_of(new_token())
    bench.place().write(winner, version)

    with pytest.raises(VaultConflict):
        bench.place().erase(version)

    assert bench.place().read().record == winner


def test_an_empty_place_can_be_erased(bench: Bench) -> None:
    before = bench.others()

    bench.place().erase(bench.place().read().version)

    assert bench.others() == before


# Identity


def test_two_ways_to_write_a_place_have_one_identity(bench: Bench) -> None:
    other = bench.connect().place(bench.spelt_otherwise)
    assert other.identity == bench.place().identity
    assert write_first(bench.place(), record_of(new_token())) == other.read().version


def test_another_token_has_another_identity(bench: Bench) -> None:
    assert bench.place(**{bench.of_token: "second"}).identity != bench.place().identity


def test_no_text_about_a_place_shows_its_token(bench: Bench) -> None:
    place, token = bench.place(), new_token()
    write_first(place, record_of(token))
    shown = [place.describe(), repr(place.read()), repr(place.identity)]
    assert not any(str(token.value) in text for text in shown)


# What goes wrong


def test_a_server_that_is_not_there_has_refused_the_write(server: ServerBench) -> None:
    version = server.place().read().version
    server.url = NOWHERE
    with pytest.raises(VaultUnavailable, match="cannot be reached") as reading:
        server.place().read()
    with pytest.raises(VaultUnavailable) as writing:
        server.place().write(record_of(new_token()), version)
    assert (reading.value.code, writing.value.rejected) == ("vault_unreachable", True)


def test_r1_a_write_without_an_answer_may_have_landed(server: ServerBench) -> None:
    version, record = server.place().read().version, record_of(new_token())

    with server.silent_after("POST", "PUT"), pytest.raises(VaultUnavailable) as caught:
        server.place().write(record, version)

    assert not caught.value.rejected
    assert server.place().read().record == record


def test_a_login_without_rights_is_denied_and_its_write_rejected(server: ServerBench) -> None:
    version = server.place().read().version
    place = server.connect(**server.powerless).place(server.spot)
    with pytest.raises(VaultDenied, match="is denied to this login"):
        place.read()
    with pytest.raises(VaultDenied) as caught:
        place.write(record_of(new_token()), version)
    assert caught.value.rejected


def test_a_read_raises_errors_of_ours_alone_without_another_exception_behind_them(server: ServerBench) -> None:
    with pytest.raises(VaultError) as caught:
        server.connect(**server.powerless).place(server.spot).read()
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


# Texts that are no tokens


def test_a_text_is_written_with_check_and_set_and_keeps_what_stands_beside_it(server: ServerBench) -> None:
    token = new_token()
    server.put(str(token.value))
    place = server.connect().place({**server.spot, "key": "state"})
    assert isinstance(place, TextPlace)
    text, empty = place.read_text()
    version = place.write_text('{"told": []}', empty)
    assert (text, place.read_text()) == (None, ('{"told": []}', version))
    with pytest.raises(VaultConflict):
        place.write_text("another", empty)
    assert place.read_text()[0] == '{"told": []}'
    assert server.connect().place(server.spot).read().token == token


def test_a_vault_that_cannot_be_logged_in_to_says_so_of_a_text_too(server: ServerBench) -> None:
    place = server.connect(**server.powerless).place({**server.spot, "key": "state"})
    assert isinstance(place, TextPlace)
    with pytest.raises(VaultDenied):
        place.read_text()

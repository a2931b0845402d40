# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record looks like written down, and what is read back from it."""

from __future__ import annotations

import json
import uuid
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultCorrupt
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import LATEST
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.metadata import dump_metadata, load_record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import (
    Current,
    Intent,
    Job,
    Owner,
    Previous,
    Publication,
    Record,
    UnconfirmedMint,
    Undeletable,
    bare,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import VaultEntry
from support.jwts import ionos_jwt
from support.records import CREATED_AT, OWNER, new_token, record_of, with_intent

WHERE = "a place"
INSTANTS = st.integers(0, LATEST)
COUNTS = st.integers(0, 2**63 - 1)
NAMES = st.text(max_size=40)
TOKENS = st.uuids().map(lambda token_id: parse_token(ionos_jwt(str(token_id)), "a test"))
ORIGINS = st.sampled_from(("minted", "adopted"))


def current_of(token: Token, created_at: int, expires_at: int, origin: Any) -> Current:
    return Current(token.id, token.fingerprint, created_at, expires_at, origin, token)


def previous_of(token: Token, expires_at: int | None, origin: Any, replaced_at: int, has_value: bool) -> Previous:
    return Previous(token.id, expires_at, origin, replaced_at, token if has_value else None)


RECORDS = st.builds(
    Record,
    current=st.none() | st.builds(current_of, TOKENS, INSTANTS, INSTANTS, ORIGINS),
    previous=st.lists(
        st.builds(previous_of, TOKENS, st.none() | INSTANTS, ORIGINS, INSTANTS, st.booleans()), max_size=3
    ).map(tuple),
    intent=st.none()
    | st.builds(Intent, st.builds(Owner, NAMES, NAMES, COUNTS, COUNTS), INSTANTS, INSTANTS, st.none() | COUNTS),
    unconfirmed=st.lists(
        st.builds(UnconfirmedMint, COUNTS, INSTANTS, INSTANTS, st.none() | st.uuids().map(str)), max_size=3
    ).map(tuple),
    delete_in_dcd=st.lists(st.builds(Undeletable, st.uuids().map(str), st.none() | INSTANTS, INSTANTS), max_size=3).map(
        tuple
    ),
    user_id=st.none() | NAMES.map(str.lower),
    contract_number=st.none() | COUNTS,
    synced_at=st.none() | INSTANTS,
    state=st.sampled_from(("active", "retiring")),
    write_id=NAMES,
    published=st.lists(st.builds(Publication, NAMES, NAMES, st.uuids().map(str), INSTANTS), max_size=3).map(tuple),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def full_record() -> Record:
    token, former = new_token(), new_token()
    return Record(
        current=current_of(token, CREATED_AT, CREATED_AT + 60, "minted"),
        previous=(Previous(former.id, None, "adopted", CREATED_AT, former),),
        intent=Intent(Owner("host", "boot", 1, 2, Job(36, "awx.example.com")), CREATED_AT, CREATED_AT + 600, 61),
        unconfirmed=(UnconfirmedMint(61, CREATED_AT, CREATED_AT + 86400),),
        delete_in_dcd=(Undeletable(str(uuid.uuid4()), None, CREATED_AT),),
        user_id="user",
        contract_number=31711111,
        synced_at=CREATED_AT,
        state="retiring",
        write_id="w",
        published=(Publication("gitlab", "shop/backend", token.id, CREATED_AT),),
    )


@settings(deadline=None)
@given(RECORDS)
def test_a_record_survives_being_written_down(record: Record) -> None:
    text = json.dumps(dump_metadata(record))

    assert load_record(text, record.token, WHERE) == record


@settings(deadline=None)
@given(RECORDS)
def test_the_metadata_never_hold_the_current_tokens_value(record: Record) -> None:
    others = {item.token.value for item in record.previous if item.token}

    assert record.token is None or record.token.value in others or record.token.value not in str(dump_metadata(record))


def test_instants_are_written_as_dates_for_people() -> None:
    assert dump_metadata(record_of(new_token()))["current"]["created_at"] == "2026-09-21T14:13:20Z"


def test_another_token_beside_the_record_is_not_taken_for_the_current_one() -> None:
    record = record_of(new_token())

    loaded = load_record(dump_metadata(record), new_token(), WHERE)

    assert (loaded.token, loaded.current and loaded.current.id) == (None, record.current and record.current.id)


def test_a_record_of_a_later_format_is_told_from_a_corrupt_one() -> None:
    with pytest.raises(VaultCorrupt, match=r"a place holds .* another version of this collection"):
        load_record({**dump_metadata(full_record()), "format": 2}, None, WHERE)


@settings(deadline=None)
@given(st.data())
def test_metadata_with_one_field_changed_are_a_record_or_refused_as_corrupt(data: st.DataObject) -> None:
    metadata = dump_metadata(full_record())
    branch = data.draw(st.sampled_from([metadata, metadata["current"], metadata["intent"], metadata["previous"][0]]))
    branch[data.draw(st.sampled_from(sorted(branch)))] = data.draw(JSON_VALUES)

    with suppress(VaultCorrupt):
        assert isinstance(load_record(metadata, None, WHERE), Record)


@settings(deadline=None)
@given(JSON_VALUES | st.text() | st.binary())
def test_what_is_no_record_is_refused_as_corrupt(metadata: object) -> None:
    with pytest.raises(VaultCorrupt, match=r"a token record that cannot be read\. Restore it"):
        load_record(metadata, None, WHERE)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"format": ' + "9" * 5000 + "}", "{" + " " * 1024 * 1024 + "}"])
def test_a_hostile_text_is_refused_as_corrupt(text: str) -> None:
    with pytest.raises(VaultCorrupt):
        load_record(text, None, WHERE)


def test_texts_and_numbers_have_a_largest_size() -> None:
    intent = dump_metadata(with_intent(record_of(new_token())))["intent"]
    for owner, is_readable in (
        ({"host": "h" * 512, "process_id": 2**63 - 1}, True),
        ({"host": "h" * 513}, False),
        ({"process_id": 2**63}, False),
        ({"process_id": -1}, False),
    ):
        written = {**dump_metadata(Record()), "intent": {**intent, **owner}}
        with nullcontext() if is_readable else pytest.raises(VaultCorrupt):
            assert load_record(written, None, WHERE).intent is not None


def test_no_value_of_a_corrupt_record_is_shown() -> None:
    metadata = dump_metadata(full_record())
    secret = metadata["previous"][0]["token"]
    metadata["previous"][0]["token"] = secret.replace(".", "")

    with pytest.raises(VaultCorrupt) as caught:
        load_record(metadata, None, WHERE)

    assert secret[:30] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_bare_record_is_a_token_and_nothing_else() -> None:
    record = record_of(new_token())
    assert record.current is not None

    assert (bare(record.current).is_bare, record.is_bare, with_intent(Record()).is_bare) == (True, False, False)


def test_r10_the_overlap_of_what_was_current_begins_when_every_vault_holds_the_next() -> None:
    first, second, third = (record_of(new_token()).current for _number in range(3))
    assert first is not None
    assert second is not None
    assert third is not None
    waiting = Record(current=first).succeeded_by(second, now=100, synced_at=None)
    assert [(item.id, item.replaced_at, item.synced_at) for item in waiting.previous] == [(first.id, 100, None)]
    after = waiting.succeeded_by(third, now=200, synced_at=200)
    assert [(item.id, item.replaced_at, item.synced_at) for item in after.previous] == [
        (first.id, 100, 200),
        (second.id, 200, 200),
    ]
    assert (after.current, after.synced_at) == (third, 200)
    later = after.succeeded_by(first, now=300, synced_at=300)
    assert [(item.id, item.synced_at) for item in later.previous] == [(second.id, 200), (third.id, 300)]


def test_known_ids_are_all_that_the_record_names() -> None:
    record = full_record()
    assert record.current is not None

    named = {record.current.id, record.previous[0].id, record.delete_in_dcd[0].id}
    assert record.known_ids == named


@pytest.mark.parametrize(
    ("record", "instant"),
    [
        (Record(), 0),
        (record_of(new_token()), CREATED_AT + 30 * 86400),
        (with_intent(Record()), CREATED_AT + 86400),
        (with_intent(record_of(new_token())), CREATED_AT + 30 * 86400),
        (Record(intent=Intent(OWNER, CREATED_AT, CREATED_AT + 600, None)), CREATED_AT),
    ],
    ids=["empty", "current", "intent", "both", "fence"],
)
def test_a_record_is_needed_until_the_last_of_its_tokens_ends(record: Record, instant: int) -> None:
    assert record.needed_until == instant


# The entry of a place: a token's text and the metadata beside it


@settings(deadline=None)
@given(RECORDS)
def test_what_an_entry_becomes_is_what_is_read_from_it(record: Record) -> None:
    reading = VaultEntry().replaced_by(record).reading(WHERE)

    assert reading.token == record.token
    assert reading.record == (None if record.is_bare else record)


@settings(deadline=None)
@given(RECORDS, RECORDS)
def test_entries_have_the_same_version_only_with_the_same_content(one: Record, other: Record) -> None:
    entries = VaultEntry().replaced_by(one), VaultEntry().replaced_by(other)

    assert (entries[0].version == entries[1].version) == (entries[0] == entries[1])


@settings(deadline=None)
@given(RECORDS)
def test_the_version_survives_the_way_through_json(record: Record) -> None:
    entry = VaultEntry().replaced_by(record)

    again = VaultEntry(value=entry.value, metadata=json.loads(json.dumps(entry.metadata)))

    assert again.version == entry.version


def test_a_record_of_a_version_that_published_nothing_is_read() -> None:
    metadata = dump_metadata(full_record())
    del metadata["published"]
    assert load_record(metadata, None, WHERE).published == ()


def test_what_a_later_version_has_added_to_a_record_of_this_format_is_left_aside() -> None:
    """So a version that does not know of publications reads a record with some."""
    metadata = dump_metadata(full_record())
    assert load_record({**metadata, "invented": [{"id": 1}]}, None, WHERE) == load_record(metadata, None, WHERE)


def test_another_token_in_a_place_takes_the_place_of_what_was_published_there() -> None:
    one, other = Publication("v", "one", "1", 1), Publication("v", "other", "1", 1)
    record = Record(published=(one, other)).with_publication(Publication("v", "one", "2", 2))
    assert set(record.published) == {Publication("v", "one", "2", 2), other}
    assert record.without_publications([("v", "one")]).published == (other,)
    assert record.publication(("v", "nowhere")) is None

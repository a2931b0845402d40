# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state file of notifications: what is written comes back, and what is not ours is refused and left alone."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import (
    STATES,
    Memory,
    Remembered,
    Subject,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.state import (
    NotificationStateError,
    NotificationStateFile,
)

APP = Subject(source="localhost", token="app")
MEMORY: Memory = {APP: Remembered(state="failed", since=1_772_366_400, delivered="ok")}
INSTANTS = st.integers(0, 253402300799)
memories = st.dictionaries(
    st.builds(Subject, source=st.text(), token=st.none() | st.text()),
    st.builds(Remembered, state=st.sampled_from(STATES), since=INSTANTS, delivered=st.sampled_from(STATES)),
    max_size=5,
)


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def state_file(path: Path, *, creates_directory: bool = False) -> NotificationStateFile:
    clock = Clock()
    return NotificationStateFile(
        str(path), creates_directory=creates_directory, monotonic=clock.monotonic, sleep=clock.sleep
    )


def write(path: Path, memory: Memory | None = None, **options: Any) -> None:
    memory = MEMORY if memory is None else memory
    state = state_file(path, **options)
    with state.locked():
        state.read()
        state.write(memory)


def refusal(path: Path) -> NotificationStateError:
    with pytest.raises(NotificationStateError) as raised:
        state_file(path).read()
    return raised.value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(memories)
def test_what_is_written_comes_back(tmp_path: Path, memory: Memory) -> None:
    write(tmp_path / "state.json", memory)
    assert state_file(tmp_path / "state.json").read() == memory


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    write(tmp_path / "state.json")
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_without_a_file_nothing_is_remembered(tmp_path: Path) -> None:
    assert state_file(tmp_path / "state.json").read() == {}


def test_a_missing_directory_of_ones_own_choice_is_a_mistake(tmp_path: Path) -> None:
    error = refusal(tmp_path / "missing" / "state.json")
    assert error.code == "notification_state_unusable"
    assert f"its directory {tmp_path / 'missing'} does not exist. Create the directory" in str(error)


def test_the_directory_of_the_default_file_is_made_when_there_is_something_to_write(tmp_path: Path) -> None:
    path = tmp_path / "tokenops.ionos" / "notifications" / "state.json"
    assert state_file(path, creates_directory=True).read() == {}
    assert not (tmp_path / "tokenops.ionos").exists()
    write(path, creates_directory=True)
    assert path.parent.stat().st_mode & 0o777 == 0o700


def document(**changes: Any) -> str:
    entry = {"source": "localhost", "token": "app", "state": "failed", "since": "2026-03-01T12:00:00Z", "told": "ok"}
    entry.update(changes.pop("entry", {}))
    usual = {"collection": "tokenops.ionos", "kind": "notification_state", "version": 1, "subjects": [entry]}
    return json.dumps({**usual, **changes})


def test_the_format_of_the_file_is_this(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(document())
    assert state_file(tmp_path / "state.json").read() == MEMORY


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "ionos_token: secret",
        "[" * 100_000,
        document()[:-20],
        document(collection="other.collection"),
        document(kind="report"),
        document(version="1"),
        document(version=0),
        document(subjects={}),
        document(subjects=["app"]),
        document(entry={"state": "fine"}),
        document(entry={"told": None}),
        document(entry={"since": "yesterday"}),
        document(entry={"source": None}),
        document(entry={"token": 7}),
        document(subjects=json.loads(document())["subjects"] * 2),
        "\0" * 2_000_000,
    ],
)
def test_a_file_that_is_damaged_or_not_ours_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    error = refusal(path)
    assert error.code == "notification_state_foreign"
    assert str(error).startswith(f"{path} is not a state file of notifications, or it is damaged;")
    assert path.read_text() == content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_stands_in_the_file_only_our_own_error_comes_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    assert refusal(path).code == "notification_state_foreign"


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(document(version=2))
    assert refusal(tmp_path / "state.json").code == "notification_state_newer"


def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    assert refusal(tmp_path / "state.json").code == "notification_state_foreign"


def test_a_symbolic_link_that_another_user_may_have_made_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "state.json"
    link.symlink_to(tmp_path / "elsewhere.json")
    tmp_path.chmod(0o1777)
    if os.geteuid() == 0:
        os.lchown(link, 65534, 65534)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(NotificationStateError, match="is a symbolic link"):
        state_file(link).read()
    assert not (tmp_path / "elsewhere.json").exists()


def test_a_symbolic_link_leads_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "persistent").mkdir()
    (tmp_path / "state.json").symlink_to(tmp_path / "persistent" / "state.json")
    write(tmp_path / "state.json")
    assert (tmp_path / "state.json").is_symlink()
    assert state_file(tmp_path / "persistent" / "state.json").read() == MEMORY


def test_a_run_that_never_lets_go_is_waited_for_only_so_long(tmp_path: Path) -> None:
    with (tmp_path / ".state.json.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(NotificationStateError, match="is being written by another run"):
            write(tmp_path / "state.json")
    assert not (tmp_path / "state.json").exists()


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = state_file(path)
    with state.locked():
        state.read()
        path.write_text(document())
        with pytest.raises(NotificationStateError, match="was changed by somebody else meanwhile"):
            state.write({})
    assert path.read_text() == document()

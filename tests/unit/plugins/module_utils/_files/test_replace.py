# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replacing a file: in one step, not through what somebody else has put there, and with nothing left."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._files import replace as replace_module
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import NewFile, may_be_planted
from ansible_collections.tokenops.ionos.plugins.module_utils._files.token_file import TokenFile
from support.jwts import ionos_jwt

COLLECTIONS = Path(replace_module.__file__).parents[6]
WRITER = """
import os, signal, sys
sys.path.insert(0, {collections!r})
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import NewFile
with NewFile({path!r}) as new:
    new.write(b"half of it")
    print("written", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token"


def start_writer(path: Path) -> subprocess.Popen[bytes]:
    """Start a process that has written its new file and waits before it puts it in place."""
    script = WRITER.format(collections=str(COLLECTIONS), path=str(path))
    writer = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    return writer


def names(path: Path) -> list[str]:
    return sorted(item.name for item in path.parent.iterdir())


def replaced(path: Path, content: bytes = b"new") -> None:
    with NewFile(str(path)) as new:
        new.write(content)
        new.install()


def test_a_new_file_is_for_its_owner_alone_and_nothing_is_left_beside_it(path: Path) -> None:
    replaced(path)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(path) == ["token"]


def test_what_is_not_installed_is_gone(path: Path) -> None:
    path.write_bytes(b"old")
    with NewFile(str(path)) as new:
        new.write(b"new")
    assert (path.read_bytes(), names(path)) == (b"old", ["token"])


def test_a_link_in_the_place_is_replaced_and_not_followed(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(b"of somebody")
    path.symlink_to(target)
    replaced(path)
    assert (path.is_symlink(), target.read_bytes()) == (False, b"of somebody")


def test_what_a_killed_writer_left_is_removed_by_the_next(path: Path) -> None:
    writer = start_writer(path)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert len(names(path)) == 1
    replaced(path)
    assert names(path) == ["token"]


def test_what_another_writer_is_at_work_on_stays(path: Path) -> None:
    writer = start_writer(path)
    try:
        replaced(path)
        assert len(names(path)) == 2
    finally:
        writer.communicate()
    assert names(path) == ["token"]


@pytest.mark.parametrize("name", [".token.abcd.tmp", ".token.abcdefgh", ".other.abcdefgh.tmp", "token.abcdefgh.tmp"])
def test_files_that_only_look_like_leftovers_stay(path: Path, name: str) -> None:
    path.with_name(name).write_bytes(b"of somebody")
    replaced(path)
    assert names(path) == sorted(["token", name])


@pytest.mark.parametrize(
    ("mode", "owner", "planted"),
    [(0o755, 1, False), (0o777, 0, False), (0o777, 1, True), (0o1777, 1, True), (0o775, 1, True)],
)
def test_another_users_file_where_others_may_write_may_be_planted(
    tmp_path: Path, mode: int, owner: int, planted: bool
) -> None:
    tmp_path.chmod(mode)
    status = os.stat_result((0, 0, 0, 0, os.geteuid() + owner, 0, 0, 0, 0, 0))
    assert may_be_planted(status, str(tmp_path)) is planted


@pytest.mark.parametrize(("mode", "planted"), [(0o755, False), (0o1777, True)], ids=["a home", "a folder in /tmp"])
def test_a_folder_may_be_planted_with_the_file_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, planted: bool
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    tmp_path.chmod(mode)
    of_another = os.stat_result((0o40755, 0, 0, 0, os.geteuid() + 1, 0, 0, 0, 0, 0))
    really = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **how: of_another if path == str(folder) else really(path, **how))
    assert may_be_planted(of_another, str(folder)) is planted


def test_no_token_is_given_to_who_made_the_file_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"")
    path.parent.chmod(0o1777)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
    file = TokenFile(str(path))
    with pytest.raises(ConfigurationError, match="belongs to another user, in a directory that others may write to"):
        file.require_writable(touch=False)
    with pytest.raises(ConfigurationError, match="belongs to another user, in a directory that others may write to"):
        file.write(parse_token(ionos_jwt("0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"), "the test"))
    assert path.read_bytes() == b""

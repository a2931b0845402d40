# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file with a token: who may read it, what is never overwritten, and what a failure leaves."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._files.token_file import TokenFile
from support.jwts import ionos_jwt

TOKEN = parse_token(ionos_jwt("0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"), "token")
OTHER = parse_token(ionos_jwt("1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"), "token")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "token"


def refusal(call, *args, **kwargs):
    with pytest.raises(ConfigurationError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_written_token_is_read_back(path):
    TokenFile(str(path)).write(TOKEN)
    assert TokenFile(str(path)).read() == TOKEN
    assert path.read_text() == TOKEN.value


def test_a_new_file_is_for_its_owner_alone_whatever_the_umask(path):
    previous = os.umask(0)
    try:
        TokenFile(str(path)).write(TOKEN)
    finally:
        os.umask(previous)
    assert mode(path) == 0o600


def test_a_file_that_others_could_read_is_closed_when_it_is_written(path):
    path.touch()
    path.chmod(0o644)
    TokenFile(str(path)).write(TOKEN)
    assert mode(path) == 0o600


def test_a_reader_with_the_file_open_keeps_the_old_content(path):
    TokenFile(str(path)).write(TOKEN)
    with path.open() as reader:
        TokenFile(str(path)).write(OTHER)
        assert reader.read() == TOKEN.value


def test_nothing_but_the_file_is_left_in_the_directory(path):
    TokenFile(str(path)).require_writable(touch=True)
    TokenFile(str(path)).write(TOKEN)
    assert [entry.name for entry in path.parent.iterdir()] == ["token"]


def test_a_file_that_is_not_there_holds_no_token(path):
    assert TokenFile(str(path)).read() is None
    assert TokenFile(str(path)).mode() is None


@pytest.mark.parametrize("content", ["", "\n", "  \n"])
def test_an_empty_file_holds_no_token(path, content):
    path.write_text(content)
    assert TokenFile(str(path)).read() is None


def test_a_token_with_a_newline_at_the_end_is_read(path):
    path.write_text(TOKEN.value + "\n")
    assert TokenFile(str(path)).read() == TOKEN


@pytest.mark.parametrize("content", [b"password: hunter2-hunter2\n", b"\xff\xfe\x00", b"x" * 10**6])
def test_something_else_in_the_file_is_refused_and_left_as_it_is(path, content):
    path.write_bytes(content)
    assert refusal(TokenFile(str(path)).read) == (
        f"{path} holds something that is not an IONOS Cloud API token; it was left as it is. "
        "Remove the file, or name another one as dest."
    )
    assert path.read_bytes() == content


@pytest.mark.parametrize("operation", ["read", "write", "require_writable"])
def test_a_symbolic_link_is_refused(path, operation):
    target = path.with_name("target")
    target.write_text(TOKEN.value)
    path.symlink_to(target)
    file = TokenFile(str(path))
    calls = {
        "read": file.read,
        "write": lambda: file.write(OTHER),
        "require_writable": lambda: file.require_writable(touch=True),
    }
    assert refusal(calls[operation]) == (
        f"{path} cannot be used as dest: it is a symbolic link. "
        "Correct that, or name another file; nothing was changed."
    )
    assert target.read_text() == TOKEN.value


def test_a_pipe_is_refused_without_waiting_for_it(path):
    os.mkfifo(path)
    assert "it is not a regular file" in refusal(TokenFile(str(path)).read)


def test_a_directory_is_refused(path):
    path.mkdir()
    assert "it is not a regular file" in refusal(TokenFile(str(path)).require_writable, touch=True)


def test_a_directory_that_is_missing_is_named_before_anything_is_written(path):
    file = TokenFile(str(path / "below"))
    assert "its directory does not exist" in refusal(file.require_writable, touch=True)


def test_without_touching_nothing_is_written_to_the_directory(path):
    before = path.parent.stat().st_mtime_ns
    TokenFile(str(path)).require_writable(touch=False)
    assert path.parent.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EDQUOT, "the quota of this user is used up"),
        (errno.EIO, "the operating system reports EIO"),
    ],
)
def test_a_failure_says_why_in_our_words_and_leaves_the_old_file(path, monkeypatch, number, problem):
    TokenFile(str(path)).write(TOKEN)

    def fail(descriptor):
        raise OSError(number, f"no space for {OTHER.value}")

    monkeypatch.setattr(os, "fsync", fail)
    assert refusal(TokenFile(str(path)).write, OTHER) == (
        f"{path} could not be written: {problem}. Correct that and run again; the file is as it was before."
    )
    assert path.read_text() == TOKEN.value
    assert [entry.name for entry in path.parent.iterdir()] == ["token"]


def test_a_directory_that_cannot_be_synced_does_not_undo_what_is_in_its_place(path, monkeypatch):
    def fail_for_directories(descriptor, sync=os.fsync):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail_for_directories)
    TokenFile(str(path)).write(TOKEN)
    assert path.read_text() == TOKEN.value


def test_the_owner_of_an_existing_file_stays_its_owner(path, monkeypatch):
    given = []
    path.touch()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda descriptor, user, group: given.append((user, group)))
    TokenFile(str(path)).write(TOKEN)
    assert given == [(path.stat().st_uid, path.stat().st_gid)]


def test_the_file_of_another_user_is_refused(path, monkeypatch):
    path.touch()
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert "it belongs to another user" in refusal(TokenFile(str(path)).require_writable, touch=True)


def test_the_path_in_a_message_carries_no_line_break(path):
    strange = Path(f"{path}\n{TOKEN.value}") / "x"
    message = refusal(TokenFile(str(strange)).require_writable, touch=True)
    assert "\n" not in message
    assert TOKEN.value not in message

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a report: read as they stand, written so that nobody ever sees half of one."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import ExitStack, suppress

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import (
    OTHERS_MAY_WRITE,
    NewFile,
    file_problem,
)

NEW_FILE_MODE = 0o644
"""Less the umask. A web server and node_exporter run as other users, and no secret is in a report."""

MAXIMUM_LENGTH = 64 * 1024 * 1024
"""Octets of a file that is compared with; a report of ten thousand tokens is smaller."""


def require_directory(path: str, option: str) -> None:
    """Check that a directory is there and can be written to.

    :param option: what names it, for the message.
    :raises ConfigurationError: ``report_directory_missing``, ``report_directory_is_file``, ``report_not_written``.
    """
    if not os.path.lexists(path):
        raise ConfigurationError("report_directory_missing", path=path, option=option)
    if not os.path.isdir(path):
        raise ConfigurationError("report_directory_is_file", path=path, option=option)
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError("report_not_written", path=path, problem="this user may not write to the directory")


def make_directory(path: str) -> None:
    """Make a directory that is missing, as one that every user may read.

    :raises ConfigurationError: ``report_not_written``.
    """
    try:
        os.mkdir(path, 0o755)
        return
    except FileExistsError:
        return
    except OSError as error:
        problem = file_problem(error)
    raise ConfigurationError("report_not_written", path=path, problem=problem)


def read_file(path: str) -> str | None:
    """Return the text of a file, or None if there is none that could be a part of a report."""
    try:
        # O_NONBLOCK: opening a named pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, encoding="utf-8", newline="") as file:
            text = file.read(MAXIMUM_LENGTH + 1)
    except (OSError, ValueError):
        return None
    return text if len(text) <= MAXIMUM_LENGTH else None


def write_files(texts: Mapping[str, str]) -> None:
    """Write every file beside its place first, then move all of them there.

    A file that is there keeps its mode.

    :param texts: by path.
    :raises ConfigurationError: ``report_not_written``, nothing has changed; ``report_incomplete``, some files have.
    """
    with ExitStack() as open_files:
        written = {path: _written(path, text, open_files) for path, text in texts.items()}
        for path, new in written.items():
            _install(path, new)


def _written(path: str, text: str, open_files: ExitStack) -> NewFile:
    try:
        if os.path.isdir(path):
            problem = "it is a directory"
        else:
            new = open_files.enter_context(NewFile(path, NEW_FILE_MODE))
            new.write(text.encode("utf-8"))
            _keep_mode(path, new)
            return new
    except OSError as error:
        problem = file_problem(error)
    raise ConfigurationError("report_not_written", path=path, problem=problem)


def _keep_mode(path: str, new: NewFile) -> None:
    """Give the new file the mode of the old one; what a symbolic link leads to says nothing of it.

    That others may write to a file of another user was not decided by this one.
    """
    with suppress(FileNotFoundError):
        status = os.lstat(path)
        if stat.S_ISREG(status.st_mode):
            mode = status.st_mode & 0o777
            os.fchmod(new.descriptor, mode if status.st_uid == os.geteuid() else mode & ~OTHERS_MAY_WRITE)


def _install(path: str, new: NewFile) -> None:
    try:
        new.install()
        return
    except OSError as error:
        problem = file_problem(error)
    raise ConfigurationError("report_incomplete", path=path, problem=problem)

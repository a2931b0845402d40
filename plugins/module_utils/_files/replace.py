# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one way in which a file is replaced: written beside its place, flushed, and moved there in one step.

A reader sees the old content or the new one. Nothing that somebody else has put in the place is followed or written to:
the new file is made by us, readable by its owner alone unless it is said otherwise, and takes the name over.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat

OWNER_ONLY = 0o600
OTHERS_MAY_WRITE = 0o022
ATTEMPTS = 20

_PROBLEMS = {
    errno.EACCES: "this user is denied access",
    errno.EPERM: "this user is denied access",
    errno.ENOENT: "its directory does not exist",
    errno.ENOTDIR: "its directory is not a directory",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of this user is used up",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "it is a symbolic link",
    errno.EISDIR: "it is not a regular file",
}


def file_problem(error: OSError) -> str:
    """Return what the operating system says of a file, in our words, as the end of a sentence."""
    number = error.errno or 0
    return _PROBLEMS.get(number, f"the operating system reports {errno.errorcode.get(number, number)}")


def may_be_planted(status: os.stat_result, directory: str) -> bool:
    """Tell whether a file may have been put there by another user, to be given what is written next.

    A user's file in a folder of that user is what it seems to be only if the folder, too, is where nobody else could
    have put it: ``/tmp/folder/file`` may be all the work of one user.

    :param status: of the file itself.
    :param directory: that it is in.
    """
    folder = os.path.realpath(directory)
    while status.st_uid not in (0, os.geteuid()):
        above = os.stat(folder)
        if above.st_mode & OTHERS_MAY_WRITE or above.st_uid not in (0, os.geteuid(), status.st_uid):
            return True
        if folder == os.path.dirname(folder):
            return False
        status, folder = above, os.path.dirname(folder)
    return False


class NewFile:
    """A file that is written beside its place. Leaving the context without :meth:`install` removes it.

    While it is being written it is locked, so that the next writer can tell what a killed one has left behind.

    :param path: absolute.
    :param mode: of the file, less the umask.
    :ivar descriptor: of the open file.
    :raises OSError: here and in every method, as the operating system reports it.
    """

    def __init__(self, path: str, mode: int = OWNER_ONLY) -> None:
        self._path = path
        self._directory = os.path.dirname(path)
        self._mode = mode
        self._temporary: str | None = None
        self._is_flushed = False
        self.descriptor = -1

    def __enter__(self) -> NewFile:
        _remove_leftovers(self._path)
        for _attempt in range(ATTEMPTS):
            temporary = os.path.join(self._directory, f".{os.path.basename(self._path)}.{secrets.token_hex(4)}.tmp")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(temporary, flags, self._mode)
            if _lock(descriptor, temporary):
                self.descriptor, self._temporary = descriptor, temporary
                return self
            os.close(descriptor)
        raise OSError(errno.EBUSY, "")

    def write(self, data: bytes) -> None:
        """Write the whole content."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]

    def flush(self) -> None:
        """Have the content on the disk, which may take a while."""
        os.fsync(self.descriptor)
        self._is_flushed = True

    def install(self) -> None:
        """Put the file in its place, with its content on the disk."""
        if self._temporary is None:
            raise ValueError("a file is installed once")
        if not self._is_flushed:
            self.flush()
        os.replace(self._temporary, self._path)
        self._temporary = None
        _flush_directory(self._directory)

    def __exit__(self, *exception: object) -> None:
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary)
        os.close(self.descriptor)


def _lock(descriptor: int, path: str) -> bool:
    """Lock without waiting; tell whether that worked on the file that the path still names."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except OSError:
        return False


def _remove_leftovers(path: str) -> None:
    """Remove the new files of this user that a killed writer did not get into place: nobody holds their locks."""
    leftover = re.compile(re.escape(f".{os.path.basename(path)}.") + r"[a-z0-9_]{8}\.tmp")
    directory = os.path.dirname(path)
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            if leftover.fullmatch(name):
                _remove_leftover(os.path.join(directory, name))


def _remove_leftover(path: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and _lock(descriptor, path):
                os.unlink(path)
        finally:
            os.close(descriptor)


def _flush_directory(path: str) -> None:
    # The file is in its place by now: that this cannot be made durable is no reason to say that it is not.
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

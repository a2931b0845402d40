# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that others read while it is changed: read in one go, replaced in one go, one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import OWNER_ONLY, NewFile

MAXIMUM_LENGTH = 1024 * 1024
"""Octets of a file that is read. Files of variables are written by people."""

SECONDS_BETWEEN_LOCK_ATTEMPTS = 0.05

_ACCESS_CONTROL_LIST = "system.posix_acl_access"


Kind = Literal["denied", "corrupt", "unavailable"]


class FileError(TokenOpsError):
    """A file could not be used, and is as it was.

    :ivar kind: ``denied``: this user may not; ``corrupt``: it is not what is expected there; ``unavailable``: for now.
    """

    def __init__(self, kind: Kind, code: str, **facts: object) -> None:
        super().__init__(code, **facts)
        self.kind = kind


@dataclass(frozen=True)
class FileContent:
    """What a file held, and its status at that moment."""

    data: bytes = field(repr=False)
    status: os.stat_result

    @property
    def stamp(self) -> tuple[int, ...]:
        """Differs once the file has been changed or replaced."""
        status = self.status
        return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class SharedFile:
    """One file. A symbolic link is refused; who wants to follow one gives the path behind it.

    :param path: absolute.
    :param where: the file, for messages.
    :param monotonic: a clock that never goes back, in seconds.
    :param sleep: waits for seconds.
    """

    def __init__(
        self, path: str, where: str, *, monotonic: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._path = path
        self._directory = os.path.dirname(path)
        self._where = where
        self._monotonic = monotonic
        self._sleep = sleep

    def read(self) -> FileContent | None:
        """Return the content, or None if the directory is there and the file is not.

        :raises FileError: with what the operating system says as the reason.
        """
        try:
            return self._read()
        except FileNotFoundError:
            if os.path.isdir(self._directory):
                return None
            failure = self._missing_directory()
        except OSError as error:
            failure = read_failure(error.errno, self._where)
        raise failure

    @contextmanager
    def locked(self, timeout: float) -> Iterator[None]:
        """Keep other writers out, on a lock file beside the file that is removed again.

        :param timeout: seconds to wait for another writer.
        :raises FileError: ``vault_file_locked`` after that time.
        """
        deadline = self._monotonic() + timeout
        lock_path = os.path.join(self._directory, f".{os.path.basename(self._path)}.lock")
        descriptor = self._try_lock(lock_path)
        while descriptor is None:
            if self._monotonic() >= deadline:
                raise FileError("unavailable", "vault_file_locked", where=self._where, lock=lock_path)
            self._sleep(SECONDS_BETWEEN_LOCK_ATTEMPTS)
            descriptor = self._try_lock(lock_path)
        try:
            yield
        finally:
            # Removed while it is held: whoever waits for it finds that its path now names another file, or none.
            with suppress(OSError):
                os.unlink(lock_path)
            os.close(descriptor)

    def replace(self, data: bytes, previous: FileContent | None, *, mode: int | None = None) -> bool:
        """Write ``data`` to a new file, flush it to the disk and put it in the place of the old one.

        Owner, group, mode and extended attributes stay as they were; the mode of a new file is 0600.

        :param previous: what was read, or None if there was no file.
        :param mode: of the file from then on, instead of the one that it had.
        :returns: False if the file is not what was read any more; nothing is changed then.
        :raises FileError: with what the operating system says as the reason.
        """
        try:
            return self._replace(data, previous, mode)
        except OSError as error:
            failure = write_failure(error.errno, self._where, self._directory)
        raise failure

    def _read(self) -> FileContent:
        # O_NONBLOCK: opening a named pipe would wait for a writer.
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise FileError("corrupt", "vault_file_not_regular", where=self._where)
            data = file.read(MAXIMUM_LENGTH + 1)
        if len(data) > MAXIMUM_LENGTH:
            raise FileError("corrupt", "vault_file_too_large", where=self._where, maximum=MAXIMUM_LENGTH)
        return FileContent(data=data, status=status)

    def _try_lock(self, lock_path: str) -> int | None:
        try:
            # For its owner alone: whoever may open a file may keep a lock on it.
            descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ONLY)
        except PermissionError as error:
            if os.path.lexists(lock_path):
                # Another user's, which that user's run removes.
                return None
            failure = write_failure(error.errno, self._where, self._directory)
        except OSError as error:
            failure = write_failure(error.errno, self._where, self._directory)
        else:
            return descriptor if self._holds(descriptor, lock_path) else None
        raise failure

    @staticmethod
    def _holds(descriptor: int, lock_path: str) -> bool:
        """Lock without waiting; tell whether that worked on the file that the path still names."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), os.stat(lock_path)):
                return True
        except OSError:
            pass
        os.close(descriptor)
        return False

    def _replace(self, data: bytes, previous: FileContent | None, mode: int | None) -> bool:
        if previous is not None and not os.access(self._path, os.W_OK):
            raise PermissionError(errno.EACCES, "")
        with NewFile(self._path) as new:
            new.write(data)
            self._take_over_attributes(new.descriptor, previous, mode)
            new.flush()
            if not self._is_unchanged(previous):
                return False
            new.install()
        return True

    def _missing_directory(self) -> FileError:
        return FileError("unavailable", "vault_file_directory_missing", where=self._where, directory=self._directory)

    def _is_unchanged(self, previous: FileContent | None) -> bool:
        current = self.read()
        return (current and current.stamp) == (previous and previous.stamp)

    def _take_over_attributes(self, descriptor: int, previous: FileContent | None, new_mode: int | None) -> None:
        if previous is None:
            os.fchmod(descriptor, OWNER_ONLY)
            return
        mode = stat.S_IMODE(previous.status.st_mode) & 0o777
        if not (self._take_over_group(descriptor, previous.status) and self._take_over_extended(descriptor)):
            # What the bits meant for the group is not known to hold for the new file's group.
            mode &= ~0o070
        os.fchmod(descriptor, mode if new_mode is None else new_mode)

    @staticmethod
    def _take_over_group(descriptor: int, status: os.stat_result) -> bool:
        for owner in (status.st_uid, -1):
            with suppress(PermissionError):
                os.fchown(descriptor, owner, status.st_gid)
                return True
        return os.fstat(descriptor).st_gid == status.st_gid

    def _take_over_extended(self, descriptor: int) -> bool:
        """Copy extended attributes, such as SELinux labels; return False if an access control list was lost."""
        complete = True
        with suppress(OSError):
            for name in os.listxattr(self._path):
                try:
                    os.setxattr(descriptor, name, os.getxattr(self._path, name))
                except OSError:
                    complete = complete and name != _ACCESS_CONTROL_LIST
        return complete


def read_failure(number: int | None, where: str) -> FileError:
    """Return the error that an ``errno`` means while a file is read."""
    if number == errno.ELOOP:
        return FileError("denied", "vault_file_symlink", where=where)
    if number in (errno.EACCES, errno.EPERM):
        return FileError("denied", "vault_file_unreadable", where=where)
    if number in (errno.EISDIR, errno.ENXIO):
        return FileError("corrupt", "vault_file_not_regular", where=where)
    return FileError("unavailable", "vault_file_trouble", where=where, error=_error_name(number))


def write_failure(number: int | None, where: str, directory: str) -> FileError:
    """Return the error that an ``errno`` means while a file is replaced, up to the moment when it is."""
    if number in (errno.EACCES, errno.EPERM):
        return FileError("denied", "vault_file_unwritable", where=where, directory=directory)
    if number == errno.EROFS:
        return FileError("denied", "vault_file_system_read_only", where=where)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return FileError("unavailable", "vault_file_disk_full", where=where)
    if number == errno.ENOENT:
        return FileError("unavailable", "vault_file_directory_missing", where=where, directory=directory)
    return FileError("unavailable", "vault_file_trouble", where=where, error=_error_name(number))


def _error_name(number: int | None) -> str:
    return errno.errorcode.get(number or 0, "unknown")

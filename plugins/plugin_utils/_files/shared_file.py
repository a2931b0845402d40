# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that others read while it is changed: read in one go, replaced in one go, one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)

MAXIMUM_LENGTH = 1024 * 1024
"""Octets of a file that is read. Files of variables are written by people."""

SECONDS_BETWEEN_LOCK_ATTEMPTS = 0.05

_NEW_FILE_MODE = 0o600
_ACCESS_CONTROL_LIST = "system.posix_acl_access"


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
        """Return the content, or None where the directory is there and the file is not.

        :raises VaultDenied, VaultUnavailable, VaultCorrupt: with what the operating system says as the reason.
        """
        try:
            return self._read()
        except FileNotFoundError:
            if os.path.isdir(self._directory):
                return None
            failure: VaultError = VaultUnavailable(
                "vault_file_directory_missing", rejected=True, where=self._where, directory=self._directory
            )
        except OSError as error:
            failure = read_failure(error.errno, self._where)
        raise failure

    @contextmanager
    def locked(self, timeout: float) -> Iterator[None]:
        """Keep other writers out, on a lock file beside the file that is removed again.

        :param timeout: seconds to wait for another writer.
        :raises VaultUnavailable: ``vault_file_locked`` after that time.
        """
        deadline = self._monotonic() + timeout
        lock_path = os.path.join(self._directory, f".{os.path.basename(self._path)}.lock")
        descriptor = self._try_lock(lock_path)
        while descriptor is None:
            if self._monotonic() >= deadline:
                raise VaultUnavailable("vault_file_locked", rejected=True, where=self._where, lock=lock_path)
            self._sleep(SECONDS_BETWEEN_LOCK_ATTEMPTS)
            descriptor = self._try_lock(lock_path)
        try:
            self._remove_leftovers()
            yield
        finally:
            # Removed while it is held: whoever waits for it finds that its path now names another file, or none.
            with suppress(OSError):
                os.unlink(lock_path)
            os.close(descriptor)

    def replace(self, data: bytes, previous: FileContent | None) -> bool:
        """Write ``data`` to a new file, flush it to the disk and put it in the place of the old one.

        Owner, group, mode and extended attributes stay as they were; the mode of a new file is 0600.

        :param previous: what was read, or None where there was no file.
        :returns: False where the file is not what was read any more; nothing is changed then.
        :raises VaultDenied, VaultUnavailable: ``rejected`` unless the new file may be in place.
        """
        try:
            return self._replace(data, previous)
        except OSError as error:
            failure = write_failure(error.errno, self._where, self._directory)
        raise failure

    def _read(self) -> FileContent:
        # O_NONBLOCK: opening a named pipe would wait for a writer.
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise VaultCorrupt("vault_file_not_regular", where=self._where)
            data = file.read(MAXIMUM_LENGTH + 1)
        if len(data) > MAXIMUM_LENGTH:
            raise VaultCorrupt("vault_file_too_large", where=self._where, maximum=MAXIMUM_LENGTH)
        return FileContent(data=data, status=status)

    def _try_lock(self, lock_path: str) -> int | None:
        try:
            descriptor = self._open_lock(lock_path)
        except OSError as error:
            failure = write_failure(error.errno, self._where, self._directory)
        else:
            return descriptor if self._holds(descriptor, lock_path) else None
        raise failure

    @staticmethod
    def _open_lock(lock_path: str) -> int:
        flags = os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(lock_path, os.O_RDWR | os.O_CREAT | flags, 0o644)
        except PermissionError:
            # Another user's lock: to wait for it, reading it is enough.
            if not os.path.exists(lock_path):
                raise
        return os.open(lock_path, os.O_RDONLY | flags)

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

    def _remove_leftovers(self) -> None:
        """Remove new files that a killed writer did not get into place: under the lock nobody else has one."""
        leftover = re.compile(re.escape(f".{os.path.basename(self._path)}.") + r"[a-z0-9_]{8}\.tmp")
        with suppress(OSError):
            for name in os.listdir(self._directory):
                if leftover.fullmatch(name):
                    os.unlink(os.path.join(self._directory, name))

    def _replace(self, data: bytes, previous: FileContent | None) -> bool:
        if previous is not None and not os.access(self._path, os.W_OK):
            raise PermissionError(errno.EACCES, "")
        prefix = f".{os.path.basename(self._path)}."
        descriptor, temporary = tempfile.mkstemp(dir=self._directory, prefix=prefix, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                self._take_over_attributes(descriptor, previous)
                os.fsync(descriptor)
            if not self._is_unchanged(previous):
                return False
            os.replace(temporary, self._path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
        self._flush_directory()
        return True

    def _is_unchanged(self, previous: FileContent | None) -> bool:
        current = self.read()
        return (current and current.stamp) == (previous and previous.stamp)

    def _take_over_attributes(self, descriptor: int, previous: FileContent | None) -> None:
        if previous is None:
            os.fchmod(descriptor, _NEW_FILE_MODE)
            return
        mode = stat.S_IMODE(previous.status.st_mode) & 0o777
        if not (self._take_over_group(descriptor, previous.status) and self._take_over_extended(descriptor)):
            # What the bits meant for the group is not known to hold for the new file's group.
            mode &= ~0o070
        os.fchmod(descriptor, mode)

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

    def _flush_directory(self) -> None:
        """Make the rename survive a power failure, on file systems that can."""
        with suppress(OSError):
            descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def read_failure(number: int | None, where: str) -> VaultError:
    """Return the error that an ``errno`` means while a file is read."""
    if number == errno.ELOOP:
        return VaultDenied("vault_file_symlink", where=where)
    if number in (errno.EACCES, errno.EPERM):
        return VaultDenied("vault_file_unreadable", where=where)
    if number in (errno.EISDIR, errno.ENXIO):
        return VaultCorrupt("vault_file_not_regular", where=where)
    return VaultUnavailable("vault_file_trouble", rejected=True, where=where, error=_error_name(number))


def write_failure(number: int | None, where: str, directory: str) -> VaultError:
    """Return the error that an ``errno`` means while a file is replaced, up to the moment when it is."""
    if number in (errno.EACCES, errno.EPERM):
        return VaultDenied("vault_file_unwritable", where=where, directory=directory)
    if number == errno.EROFS:
        return VaultDenied("vault_file_system_read_only", where=where)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return VaultUnavailable("vault_file_disk_full", rejected=True, where=where)
    if number == errno.ENOENT:
        return VaultUnavailable("vault_file_directory_missing", rejected=True, where=where, directory=directory)
    return VaultUnavailable("vault_file_trouble", rejected=True, where=where, error=_error_name(number))


def _error_name(number: int | None) -> str:
    return errno.errorcode.get(number or 0, "unknown")

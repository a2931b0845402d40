# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that holds one token and nothing else, readable and writable by its owner alone."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenFormatError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import MAXIMUM_LENGTH, Token, parse_token

MODE = 0o600

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


class TokenFile:
    """The file that ``dest`` names.

    A symbolic link is refused: replacing the file would replace the link, and following it would write a secret to
    where somebody else points.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self) -> Token | None:
        """Return the token that the file holds, or None where there is no file or nothing in it.

        :raises ConfigurationError: ``dest_unusable`` or ``dest_not_a_token``.
        """
        content = self._content()
        if content is None or not content.strip():
            return None
        token = self._parsed(content)
        if token is None:
            raise ConfigurationError("dest_not_a_token", path=self.path)
        return token

    def mode(self) -> int | None:
        """Return the permission bits of the file, or None where there is no file.

        :raises ConfigurationError: ``dest_unusable``.
        """
        status = self._status()
        return None if status is None else stat.S_IMODE(status.st_mode)

    def require_writable(self, *, touch: bool) -> None:
        """Check that the file can be written, before there is anything to write.

        :param touch: prove it with a temporary file beside it, which is removed again.
        :raises ConfigurationError: ``dest_unusable``.
        """
        status = self._status()
        if status is not None and os.geteuid() not in (0, status.st_uid):
            raise self._unusable("it belongs to another user")
        directory = self._directory()
        if not os.path.isdir(directory):
            raise self._unusable(_PROBLEMS[errno.ENOENT])
        if not os.access(directory, os.W_OK | os.X_OK):
            raise self._unusable("this user may not write to its directory")
        problem = self._replacement_problem(b"", install=False) if touch else None
        if problem is not None:
            raise self._unusable(problem)

    def write(self, token: Token) -> None:
        """Replace the file by one that holds the token's value, in one step and with the mode 0600.

        A reader sees the old content or the new one. The owner of an existing file stays its owner.

        :raises ConfigurationError: ``dest_unusable`` or ``dest_write_failed``; the file is as it was.
        """
        self._status()
        problem = self._replacement_problem(str(token.value).encode("ascii"), install=True)
        if problem is not None:
            raise ConfigurationError("dest_write_failed", path=self.path, problem=problem)

    def _directory(self) -> str:
        return os.path.dirname(os.path.abspath(self.path))

    def _status(self) -> os.stat_result | None:
        """Return the status of the file itself, or None where there is none."""
        problem = None
        status = None
        try:
            status = os.lstat(self.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            problem = file_problem(error)
        if problem is None and status is not None and stat.S_ISLNK(status.st_mode):
            problem = _PROBLEMS[errno.ELOOP]
        elif problem is None and status is not None and not stat.S_ISREG(status.st_mode):
            problem = _PROBLEMS[errno.EISDIR]
        if problem is not None:
            raise self._unusable(problem)
        return status

    def _content(self) -> bytes | None:
        """Return the first bytes of the file, more than any token has, or None where there is no file."""
        if self._status() is None:
            return None
        problem = None
        try:
            # Whatever took the file's place since it was looked at: no link is followed, and no pipe is waited for.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                return file.read(2 * MAXIMUM_LENGTH)
        except OSError as error:
            problem = file_problem(error)
        raise self._unusable(problem)

    def _parsed(self, content: bytes) -> Token | None:
        try:
            return parse_token(content.decode("ascii"), self.path)
        except (UnicodeDecodeError, TokenFormatError):
            return None

    def _replacement_problem(self, content: bytes, *, install: bool) -> str | None:
        """Write a temporary file in the directory, and move it into place if ``install`` says so.

        :returns: what went wrong, in our words, or None. The temporary file is gone in any case.
        """
        temporary = None
        try:
            descriptor, temporary = tempfile.mkstemp(prefix=".auth_token-", dir=self._directory())
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if install:
                    self._keep_owner(file.fileno())
            if install:
                os.replace(temporary, self.path)
                temporary = None
                _sync_directory(self._directory())
        except OSError as error:
            return file_problem(error)
        finally:
            if temporary is not None:
                os.unlink(temporary)
        return None

    def _keep_owner(self, descriptor: int) -> None:
        status = self._status()
        if status is not None and os.geteuid() == 0:
            os.fchown(descriptor, status.st_uid, status.st_gid)

    def _unusable(self, problem: str) -> ConfigurationError:
        return ConfigurationError("dest_unusable", path=self.path, problem=problem)


def file_problem(error: OSError) -> str:
    """Return what the operating system says of a file, in our words, as the end of a sentence."""
    number = error.errno or 0
    return _PROBLEMS.get(number, f"the operating system reports {errno.errorcode.get(number, number)}")


def _sync_directory(path: str) -> None:
    # The file is in its place by now: that this cannot be made durable is no reason to say that it is not.
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

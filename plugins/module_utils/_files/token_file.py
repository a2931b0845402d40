# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that holds one token and nothing else, readable and writable by its owner alone."""

from __future__ import annotations

import os
import stat

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenFormatError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import MAXIMUM_LENGTH, Token, parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import (
    NewFile,
    file_problem,
    may_be_planted,
)

SYMBOLIC_LINK = "it is a symbolic link"
NOT_REGULAR = "it is not a regular file"
NO_DIRECTORY = "its directory does not exist"
PLANTED = "it belongs to another user, in a directory that others may write to"


class TokenFile:
    """The file that ``dest`` names.

    A symbolic link is refused: replacing the file would replace the link, and following it would write a secret to
    where somebody else points.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self) -> Token | None:
        """Return the token that the file holds, or None if there is no file or nothing in it.

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
        """Return the permission bits of the file, or None if there is no file.

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
            raise self._unusable(NO_DIRECTORY)
        if not os.access(directory, os.W_OK | os.X_OK):
            raise self._unusable("this user may not write to its directory")
        if status is not None and may_be_planted(status, directory):
            raise self._unusable(PLANTED)
        problem = self._replacement_problem(b"", install=False) if touch else None
        if problem is not None:
            raise self._unusable(problem)

    def write(self, token: Token) -> None:
        """Replace the file by one that holds the token's value, in one step and with the mode 0600.

        A reader sees the old content or the new one. The owner of an existing file stays its owner.

        :raises ConfigurationError: ``dest_unusable`` or ``dest_write_failed``; the file is as it was.
        """
        problem = self._replacement_problem(str(token.value).encode("ascii"), install=True)
        if problem is not None:
            raise ConfigurationError("dest_write_failed", path=self.path, problem=problem)

    def _directory(self) -> str:
        return os.path.dirname(os.path.abspath(self.path))

    def _status(self) -> os.stat_result | None:
        """Return the status of the file itself, or None if there is none."""
        problem = None
        status = None
        try:
            status = os.lstat(self.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            problem = file_problem(error)
        if problem is None and status is not None and stat.S_ISLNK(status.st_mode):
            problem = SYMBOLIC_LINK
        elif problem is None and status is not None and not stat.S_ISREG(status.st_mode):
            problem = NOT_REGULAR
        if problem is not None:
            raise self._unusable(problem)
        return status

    def _content(self) -> bytes | None:
        """Return the first bytes of the file, more than any token has, or None if there is no file."""
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
        """Write a new file beside the old one, and move it into place if ``install`` says so.

        :returns: what went wrong, in our words, or None. Nothing is left beside the file in any case.
        """
        status = self._status()
        try:
            if status is not None and may_be_planted(status, self._directory()):
                return PLANTED
            with NewFile(os.path.abspath(self.path)) as new:
                new.write(content)
                if install and status is not None and os.geteuid() == 0:
                    os.fchown(new.descriptor, status.st_uid, status.st_gid)
                if install:
                    new.install()
        except OSError as error:
            return file_problem(error)
        return None

    def _unusable(self, problem: str) -> ConfigurationError:
        return ConfigurationError("dest_unusable", path=self.path, problem=problem)

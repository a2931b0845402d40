# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach and log in to a cluster, whoever says so: a kubeconfig, options, or the pod that this runs in."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._http.connection import ClientCertificate

MAXIMUM_FILE_LENGTH = 1024 * 1024


class AccessError(Exception):
    """A description of how to log in cannot be used.

    :ivar problem: the end of a sentence about it, without anything that it says.
    """

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


@dataclass(frozen=True)
class Cluster:
    """Where the API server is.

    :ivar authorities: PEM text of the CA certificates that alone are trusted, or None for the usual ones.
    :ivar server_name: the name that the server's certificate must be for, or None for the one in the address.
    """

    server: str
    authorities: str | None = None
    validate_certs: bool = True
    server_name: str | None = None


@dataclass(frozen=True)
class Login:
    """What the API server is shown.

    :ivar authorization: the header of that name, or None.
    :ivar expires_at: seconds since the epoch, or None if it does not say.
    """

    authorization: str | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = None
    expires_at: int | None = None


def bearer(token: str) -> str:
    """Return the header for a token.

    :raises AccessError: if it cannot be one.
    """
    stripped = token.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise AccessError("the token is not one line of letters, digits and signs")
    return f"Bearer {stripped}"


def basic(username: str, password: str) -> str:
    """Return the header for a username and password."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def text_of(path: str, what: str) -> str:
    """Return the text of a file.

    :param what: the file, for the message.
    :raises AccessError: if it cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MAXIMUM_FILE_LENGTH + 1)
    except (OSError, UnicodeDecodeError, ValueError):
        text = None
    if text is None:
        raise AccessError(f"{what} cannot be read")
    if len(text) > MAXIMUM_FILE_LENGTH:
        raise AccessError(f"{what} is too large")
    return text


def inline_text(encoded: Any, what: str) -> str:
    """Return the text that a field of base64 holds.

    :raises AccessError: if it holds none.
    """
    try:
        return base64.b64decode(str(encoded), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise AccessError(f"{what} is not base64 of a text")


def beside(path: str, directory: str) -> str:
    """Return where a path leads that is written in a file of this directory."""
    return os.path.join(directory, path)

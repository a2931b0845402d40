# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections of others, taken from the one package of PyPI that holds them, once per checkout."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from support.ansible_runs import COLLECTIONS

PACKAGE = "ansible==11.13.0"
"""The last one with ``awx.awx``, in version 24.6.1."""

NAMES = ("amazon.aws", "awx.awx", "community.aws", "community.hashi_vault")
# With another list of names, another folder.
FOLDER = COLLECTIONS / f"borrowed-collections-{hashlib.sha256(' '.join((PACKAGE, *NAMES)).encode()).hexdigest()[:8]}"
_SECONDS = 300


class NotToBeHad(Exception):
    """The package cannot be downloaded."""


def borrowed_collections() -> Path:
    """Return the folder to look for the collections in; skip the test if the package cannot be had."""
    try:
        return fetched_collections()
    except NotToBeHad as error:
        pytest.skip(str(error))


def fetched_collections() -> Path:
    """Return the folder to look for the collections in.

    :raises NotToBeHad: if they are not here and the package cannot be downloaded.
    """
    if not FOLDER.exists():
        with tempfile.TemporaryDirectory(dir=COLLECTIONS) as folder:
            _fetch(Path(folder))
    return FOLDER


def _fetch(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    except (subprocess.SubprocessError, OSError):
        raise NotToBeHad(f"{PACKAGE}, which holds {', '.join(NAMES)}, cannot be downloaded") from None
    [wheel] = folder.glob("*.whl")
    wanted = tuple(f"ansible_collections/{name.replace('.', '/')}/" for name in NAMES)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked", [name for name in archive.namelist() if name.startswith(wanted)])
    try:
        (folder / "unpacked").rename(FOLDER)
    except OSError:
        # Another process was faster.
        if not FOLDER.exists():
            raise

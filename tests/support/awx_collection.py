# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection ``awx.awx`` 24.6.1, taken from the one package of PyPI that holds it, once per checkout."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from support.ansible_runs import COLLECTIONS

PACKAGE = "ansible==11.13.0"
FOLDER = COLLECTIONS / "awx-24.6.1"
_MEMBERS = "ansible_collections/awx/awx/"
_SECONDS = 300


def awx_collection() -> Path:
    """Return the folder to look for the collection in; skip the test if the package cannot be had."""
    if not FOLDER.exists():
        with tempfile.TemporaryDirectory(dir=COLLECTIONS) as folder:
            _fetch(Path(folder))
    return FOLDER


def _fetch(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    except (subprocess.SubprocessError, OSError):
        pytest.skip(f"{PACKAGE}, which holds awx.awx, cannot be downloaded")
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked", [name for name in archive.namelist() if name.startswith(_MEMBERS)])
    try:
        (folder / "unpacked").rename(FOLDER)
    except OSError:
        # Another process was faster.
        if not FOLDER.exists():
            raise

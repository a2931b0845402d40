# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the checkout importable as ``ansible_collections.tokenops.ionos``."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def collections_parent() -> Path:
    """The directory to import ``ansible_collections`` from: the real tree around ROOT, or else a symlinked one."""
    if ROOT.parts[-3:] == ("ansible_collections", "tokenops", "ionos"):
        return ROOT.parents[2]
    link = ROOT / ".cache" / "ansible_collections" / "tokenops" / "ionos"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../..")
    return ROOT / ".cache"


for directory in (ROOT / "tests", collections_parent()):
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))

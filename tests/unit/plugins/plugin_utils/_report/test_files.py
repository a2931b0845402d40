# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modes of a report's files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.files import write_files


@pytest.mark.parametrize(("others", "kept"), [(False, 0o666), (True, 0o644)], ids=["of this user", "of another"])
def test_another_user_does_not_decide_who_may_write_to_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: bool, kept: int
) -> None:
    report = tmp_path / "report.html"
    report.touch()
    report.chmod(0o666)
    if others:
        monkeypatch.setattr(os, "geteuid", lambda: report.stat().st_uid + 1)
    write_files({str(report): "new"})
    assert stat.S_IMODE(report.stat().st_mode) == kept

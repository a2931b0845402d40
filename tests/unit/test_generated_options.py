# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is generated from the options in code is up to date and complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.tools.generate_options import BLOCK, ROOT, blocks, generated_files, regenerated


@pytest.mark.parametrize("path", generated_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_as_make_generate_writes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == regenerated(text), "Run make generate."


def test_every_block_is_somewhere() -> None:
    found = [block["what"] for path in generated_files() for block in BLOCK.finditer(path.read_text(encoding="utf-8"))]
    # Besides the report, the table of tokens and the call after the publications take these.
    assert sorted(found) == sorted([*blocks(), "arguments of the look", "arguments of the look"])

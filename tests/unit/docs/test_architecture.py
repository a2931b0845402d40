# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the architecture shows the packages that there are, and the imports between them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.tools.draw_architecture import CAPTIONS, EVERYBODYS, FLOORS, PICTURE, draw, imports, reachable

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "docsite" / "rst" / "architecture.rst").read_text(encoding="utf-8")
DRAWN = PICTURE.read_text(encoding="utf-8")
MOST_FILES_IN_A_FOLDER = 16


def arrows() -> dict[str, frozenset[str]]:
    """Return the arrows of the picture."""
    pairs = re.findall(r'data-from="([^"]+)" data-to="([^"]+)"', DRAWN)
    rooms = re.findall(r'data-room="([^"]+)"', DRAWN)
    return {room: frozenset(target for source, target in pairs if source == room) for room in rooms}


def test_every_package_is_a_box_and_every_box_a_package() -> None:
    assert arrows().keys() == imports().keys() == CAPTIONS.keys()


def test_whoever_is_imported_is_reached_by_arrows_and_nobody_else() -> None:
    drawn, real = arrows(), imports()
    for room in real:
        assert reachable(drawn, room) == reachable(real, room), room


def test_every_arrow_is_an_import_and_points_to_a_lower_floor() -> None:
    floor = {room: number for number, (_title, rooms) in enumerate(FLOORS) for room in rooms}
    real = imports()
    for room, targets in arrows().items():
        assert targets <= real[room]
        assert all(floor[target] > floor[room] for target in targets), room
    assert floor[EVERYBODYS] == max(floor.values())


def test_the_picture_is_the_one_that_the_tool_draws() -> None:
    assert draw(imports()) == DRAWN, "run: make architecture"


def test_no_folder_has_more_files_than_can_be_taken_in() -> None:
    folders = [ROOT / "plugins", *(path for path in (ROOT / "plugins").rglob("*") if path.is_dir())]
    counts = {
        folder.relative_to(ROOT): len([path for path in folder.glob("*.py") if path.name != "__init__.py"])
        for folder in folders
    }
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES_IN_A_FOLDER} == {}


@pytest.mark.parametrize("page", ["docs/docsite/rst/architecture.rst", "CONTRIBUTING.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`((?:plugins|tests|docs|roles)/[\w./-]+)`", (ROOT / page).read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_glossary_has_at_most_twenty_five_words() -> None:
    words = re.findall(r"^([a-zA-Z][\w ,]*)\n    ", PAGE.partition("Glossary")[2], re.MULTILINE)
    assert 0 < len(words) <= 25

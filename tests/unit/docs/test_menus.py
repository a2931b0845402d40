# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page is in the menu of the site, and in that which the collection brings for others' sites."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
PAGES = {page.stem for page in (ROOT / "docs/docsite/rst").glob("*.rst")}


def test_every_page_is_in_the_menu_of_the_site() -> None:
    start_page = (ROOT / "tests/site/index.rst").read_text(encoding="utf-8")
    assert set(re.findall(r"^   docsite/(\w+)$", start_page, re.MULTILINE)) == PAGES


def test_every_page_is_in_the_menu_for_others_sites() -> None:
    menus = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))
    assert {page for section in menus["sections"] for page in section["toctree"]} == PAGES

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of messages is up to date, and has every message."""

from __future__ import annotations

import re

from ansible_collections.tokenops.ionos.plugins.module_utils._core.catalogue import CATALOGUE
from support.tools.generate_messages import GUIDES, PAGE, page

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_as_make_generate_writes_it() -> None:
    assert page() == TEXT, "Run make generate."


def test_every_message_has_a_heading() -> None:
    headings = re.findall(r"^(\w+)\n~+$", TEXT, re.MULTILINE)
    assert sorted(headings) == sorted(CATALOGUE)


def test_every_message_says_what_to_do() -> None:
    assert TEXT.count("\n**To do**: ") == len(CATALOGUE)


def test_the_guides_that_say_more_are_there_and_are_needed() -> None:
    for pattern, guide in GUIDES.items():
        assert (PAGE.parent / f"{guide}.rst").is_file()
        assert any(re.fullmatch(pattern, code) for code in CATALOGUE), pattern

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the rules names every rule and where its tests are."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs" / "docsite" / "rst"
SECTION = re.compile(r"^R(\d+): [^\n]+\n-+\n(.*?)(?=^R\d+: |\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall((GUIDES / "rotation_rules.rst").read_text(encoding="utf-8")))


def files_of_tests() -> dict[str, set[str]]:
    """Return the files with tests of each rule, by the rule's number."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for number in re.findall(r"def test_r(\d+)_", path.read_text(encoding="utf-8")):
            found[number].add(str(path.relative_to(ROOT)))
    return found


def test_the_rules_are_numbered_without_a_gap() -> None:
    assert list(SECTIONS) == [str(number + 1) for number in range(len(SECTIONS))]


@pytest.mark.parametrize("number", SECTIONS)
def test_a_rule_names_the_files_that_its_tests_are_in(number: str) -> None:
    held_by = SECTIONS[number].rpartition("Held by ")[2]
    files = files_of_tests()[number]
    assert files
    assert set(re.findall(r"``(.+?)``", held_by)) == files


def test_no_test_is_of_a_rule_that_the_page_lacks() -> None:
    assert files_of_tests().keys() <= SECTIONS.keys()


def test_r28_the_guarantees_say_that_two_records_and_two_machines_are_outside() -> None:
    page = " ".join((GUIDES / "guide_guarantees.rst").read_text(encoding="utf-8").split())
    ends = page.partition("G4: ")[2].partition("**It ends**")[2].partition("**Held by**")[0]
    assert "two machines with copies of the same file do not see each other" in ends
    assert "a token with two vaults of record" in ends

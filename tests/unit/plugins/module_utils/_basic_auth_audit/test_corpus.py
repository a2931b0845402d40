# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A corpus of files with the findings that they are to give, and how much of it the audit gets right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import KINDS
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.text import audit_text

FLOOR = 0.98
CASES = [
    case
    for file in sorted((Path(__file__).parent / "corpus").glob("*.yml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


def found_in(case):
    return Counter(
        f"{finding.line} {finding.kind} {'commented' if finding.commented else finding.stored_as}"
        for finding in audit_text(f"/project/{case['path']}", case["text"]).findings
    )


def expected_of(case):
    return Counter(case["findings"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["path"])
def test_a_file_gives_its_findings_and_no_others(case):
    assert found_in(case) == expected_of(case)


def test_precision_and_recall_have_a_floor():
    right = sum((found_in(case) & expected_of(case)).total() for case in CASES)
    found = sum(found_in(case).total() for case in CASES)
    expected = sum(expected_of(case).total() for case in CASES)
    assert expected > 100
    assert right / found >= FLOOR
    assert right / expected >= FLOOR


def test_the_corpus_has_files_without_findings_and_what_the_audit_reads_by_file():
    assert sum(not case["findings"] for case in CASES) >= 8
    kinds = {finding.split()[1] for case in CASES for finding in case["findings"]}
    assert kinds <= set(KINDS)
    assert kinds >= {"packer_source", "docker_machine", "pulumi_config", "sdk_call", "http_call", "legacy_tool"}

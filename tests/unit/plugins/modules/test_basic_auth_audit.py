# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module basic_auth_audit as Ansible starts it."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import BLIND_NOTES, KINDS, NOTES
from ansible_collections.tokenops.ionos.plugins.modules import basic_auth_audit as module
from support.module_runs import run_module

__all__ = ["run_module"]

CANARY = "hunter2-hunter2"
RETURNED = yaml.safe_load(module.RETURN)


@pytest.fixture
def environment_file(tmp_path):
    file = tmp_path / ".env"
    file.write_text(f"IONOS_USERNAME={CANARY}\nIONOS_PASSWORD={CANARY}\n")
    return file


def test_findings_are_returned_and_nothing_changes(run_module, environment_file):
    result = run_module("basic_auth_audit", paths=[str(environment_file)])
    assert (result["changed"], result["count"]) == (False, 2)
    assert CANARY not in run_module.printed


def test_check_mode_does_the_same(run_module, environment_file):
    usual = run_module("basic_auth_audit", paths=[str(environment_file)])
    assert run_module("basic_auth_audit", check_mode=True, paths=[str(environment_file)]) == usual


def test_it_fails_with_its_findings_where_it_is_to(run_module, environment_file):
    result = run_module("basic_auth_audit", paths=[str(environment_file)], fail_on_findings=True)
    assert (result["failed"], result["count"]) == (True, 2)
    assert result["msg"].startswith("Basic Authentication for IONOS Cloud is still configured in 2 places.")
    assert CANARY not in run_module.printed


def test_a_path_that_is_not_there_is_an_error(run_module, tmp_path):
    result = run_module("basic_auth_audit", paths=[str(tmp_path / "missing")])
    assert result["msg"].endswith("missing does not exist. Correct paths, or remove this one.")


def test_the_day_may_be_given_by_its_alias(run_module, environment_file):
    result = run_module("basic_auth_audit", paths=[str(environment_file)], on="2024-06-01", two_factor="disabled")
    assert (result["policy"]["on"], result["policy"]["severity"]) == ("2024-06-01", "deprecated")


@pytest.mark.parametrize("error", [KeyboardInterrupt(CANARY), SystemExit(CANARY), GeneratorExit(CANARY)], ids=repr)
def test_where_it_is_stopped_no_file_is_quoted(run_module, environment_file, monkeypatch, error):
    def stop(*_arguments):
        raise error

    monkeypatch.setattr(module, "basic_auth_audit", stop)
    result = run_module("basic_auth_audit", paths=[str(environment_file)])
    assert result["msg"].startswith("The module was told to stop before it was done. Run it again.")
    assert CANARY not in run_module.printed


def test_an_unexpected_error_quotes_no_file(run_module, environment_file, monkeypatch):
    def fail(*_arguments):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(module, "basic_auth_audit", fail)
    result = run_module("basic_auth_audit", paths=[str(environment_file)])
    assert result["msg"].startswith("An unexpected RuntimeError ended the work at test_basic_auth_audit.py:")
    assert CANARY not in run_module.printed


def test_every_key_of_the_result_is_documented(run_module, environment_file):
    result = run_module("basic_auth_audit", paths=[str(environment_file)], sarif_root=str(environment_file.parent))
    assert set(result) - {"changed", "invocation"} == set(RETURNED)
    assert set(result["findings"][0]) == set(RETURNED["findings"]["contains"])
    assert set(result["policy"]) == set(RETURNED["policy"]["contains"])
    assert set(result["policy"]["impact"][0]) == set(RETURNED["policy"]["contains"]["impact"]["contains"])


def test_every_kind_is_documented():
    kinds = " ".join(RETURNED["findings"]["contains"]["kind"]["description"])
    notes = " ".join(RETURNED["notes"]["contains"]["kind"]["description"])
    assert {kind for kind in KINDS if f"V({kind})" not in kinds} == set()
    assert {note for note in NOTES if f"V({note})" not in notes} == set()
    seeing = " ".join(RETURNED["complete"]["description"])
    assert {note for note in NOTES if f"V({note})" in seeing} == set(NOTES) - BLIND_NOTES

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task ``rotation_report``: which files it writes, when it is changed, and what it says where it cannot write."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report import files as _report_files
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import (
    ReportOutcome,
    write_report,
)
from support.report_entries import DAY, NOW, all_sorts, due, token

NAMES = ["ionos_tokens.prom", "report.html", "report.json"]


def report(directory: Path | str, *, now: int = NOW, check_mode: bool = False, **arguments: Any) -> ReportOutcome:
    given = {"directory": str(directory), "tokens": [token()], **arguments}
    return write_report(check_arguments(REPORT_OPTIONS, given), "/nowhere", now, check_mode=check_mode)


def refusal(directory: Path | str, **arguments: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        report(directory, **arguments)
    return caught.value


def current_umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def listing(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_three_files_are_written_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    result = report(tmp_path, **all_sorts()).as_result()
    assert listing(tmp_path) == NAMES
    assert [result["metrics"], result["page"], result["document"]] == [str(tmp_path / name) for name in NAMES]
    assert (result["changed"], result["level"]) == (True, "critical")
    assert result["summary"][0].startswith("Somebody has to act now. 17 declared: ")
    assert result["summary"][0].endswith(f"Page: {tmp_path}/report.html")
    assert result["counts"] == json.loads((tmp_path / "report.json").read_text())["counts"]


def test_a_relative_directory_starts_at_the_playbook(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    arguments = check_arguments(REPORT_OPTIONS, {"directory": "reports", "tokens": []})
    write_report(arguments, str(tmp_path), NOW, check_mode=False)
    assert listing(tmp_path / "reports") == NAMES


@pytest.mark.parametrize(
    ("arguments", "outdated_at", "said"),
    [
        ({}, "2026-03-25T11:30:00Z", "25 Mar 2026, 11:30 UTC"),
        ({"outdated_after": "8d"}, "2026-04-01T09:30:00Z", "1 Apr 2026, 09:30 UTC"),
        ({"outdated_after": 3600}, "2026-03-24T10:30:00Z", "24 Mar 2026, 10:30 UTC"),
        ({"outdated_after": 10**11 - 1}, "5195-02-06T19:16:39Z", "6 Feb 5195, 19:16 UTC"),
    ],
)
def test_page_and_document_say_from_when_on_they_are_outdated(
    tmp_path: Path, arguments: dict[str, Any], outdated_at: str, said: str
) -> None:
    report(tmp_path, **arguments)
    assert json.loads((tmp_path / "report.json").read_text())["outdated_at"] == outdated_at
    page = (tmp_path / "report.html").read_text()
    assert f'This page is outdated from <time datetime="{outdated_at}">{said}</time> on.' in page


def test_a_duration_that_is_none_is_refused_by_the_name_of_its_option(tmp_path: Path) -> None:
    error = refusal(tmp_path, outdated_after="daily")
    assert error.code == "duration_unreadable"
    assert "outdated_after" in str(error)
    assert listing(tmp_path) == []


class TestChanged:
    def test_the_same_later_is_no_change_but_says_the_new_time(self, tmp_path: Path) -> None:
        assert report(tmp_path).changed
        assert not report(tmp_path, now=NOW + 20 * DAY).changed
        assert json.loads((tmp_path / "report.json").read_text())["generated_at"] == "2026-04-13T09:30:00Z"
        assert f" {NOW + 20 * DAY}\n" in (tmp_path / "ionos_tokens.prom").read_text()

    @pytest.mark.parametrize(
        "arguments",
        [
            {"tokens": [due()]},
            {"title": "Another"},
            {"metrics_labels": {"team": "shop"}},
            {"failure": "It is wrong."},
            {"outdated_after": "8d"},
        ],
    )
    def test_anything_else_is_a_change(self, tmp_path: Path, arguments: dict[str, Any]) -> None:
        report(tmp_path)
        assert report(tmp_path, now=NOW + 1, **arguments).changed

    def test_the_runs_without_an_answer_are_counted_until_there_is_one(self, tmp_path: Path) -> None:
        outage = token(waits=True, cause="api.ionos.com did not answer in time.", error_codes=["token_not_judged"])
        for number in range(1, 4):
            assert report(tmp_path, now=NOW + number, tokens=[outage]).changed
            assert json.loads((tmp_path / "report.json").read_text())["tokens"][0]["runs_without_answer"] == number
        assert (
            'ionos_token_runs_without_answer{account="shop",token="dns"} 3'
            in (tmp_path / "ionos_tokens.prom").read_text()
        )
        assert "has not answered 3 runs in a row" in (tmp_path / "report.html").read_text()
        report(tmp_path, now=NOW + 4)
        assert json.loads((tmp_path / "report.json").read_text())["tokens"][0]["runs_without_answer"] == 0
        assert "runs in a row" not in (tmp_path / "report.html").read_text()

    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("content", [None, "", "{}", "\udcff"])
    def test_a_file_that_is_missing_or_something_else_is_put_right(
        self, tmp_path: Path, name: str, content: str | None
    ) -> None:
        report(tmp_path)
        before = (tmp_path / name).read_bytes()
        if content is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(content.encode(errors="surrogateescape"))
        assert report(tmp_path).changed
        assert (tmp_path / name).read_bytes() == before
        assert not report(tmp_path).changed


class TestCheckModeAndDiff:
    def test_check_mode_predicts_and_writes_nothing(self, tmp_path: Path) -> None:
        assert report(tmp_path, check_mode=True).changed
        assert listing(tmp_path) == []
        report(tmp_path)
        before = (tmp_path / "report.json").read_bytes()
        assert not report(tmp_path, check_mode=True, now=NOW + DAY).changed
        assert report(tmp_path, check_mode=True, tokens=[]).changed
        assert (tmp_path / "report.json").read_bytes() == before

    def test_the_diff_is_that_of_the_document(self, tmp_path: Path) -> None:
        assert report(tmp_path).as_diff()["before"] == ""
        diff = report(tmp_path, tokens=[due()]).as_diff()
        assert json.loads(diff["before"])["tokens"][0]["status"] == "working"
        assert json.loads(diff["after"])["tokens"][0]["status"] == "due"

    def test_a_foreign_file_in_the_place_of_the_document_is_not_shown(self, tmp_path: Path) -> None:
        (tmp_path / "report.json").write_text('{"password": "canary"}')
        assert report(tmp_path, check_mode=True).as_diff()["before"] == ""


class TestModes:
    def test_new_files_can_be_read_by_others_as_far_as_the_umask_lets_them(self, tmp_path: Path) -> None:
        before = os.umask(0o027)
        try:
            report(tmp_path)
        finally:
            os.umask(before)
        assert {(tmp_path / name).stat().st_mode & 0o777 for name in NAMES} == {0o640}

    def test_files_that_are_there_keep_their_mode(self, tmp_path: Path) -> None:
        report(tmp_path)
        (tmp_path / "report.html").chmod(0o600)
        report(tmp_path, now=NOW + 1)
        assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o600


class TestMetricsFile:
    def test_it_can_be_elsewhere(self, tmp_path: Path) -> None:
        collected = tmp_path / "collected"
        collected.mkdir()
        result = report(tmp_path, metrics_file=str(collected / "shop.prom")).as_result()
        assert result["metrics"] == str(collected / "shop.prom")
        assert listing(collected) == ["shop.prom"]
        assert listing(tmp_path) == ["collected", "report.html", "report.json"]

    def test_a_name_that_no_collector_reads_is_refused(self, tmp_path: Path) -> None:
        error = refusal(tmp_path, metrics_file=str(tmp_path / "metrics.txt"))
        assert error.code == "report_metrics_file_name"
        assert listing(tmp_path) == []

    def test_a_missing_directory_is_named_with_its_option(self, tmp_path: Path) -> None:
        error = refusal(tmp_path, metrics_file=str(tmp_path / "missing" / "x.prom"))
        assert "metrics_file" in str(error)
        assert error.code == "report_directory_missing"


class TestTrouble:
    def test_a_directory_that_is_missing_is_made(self, tmp_path: Path) -> None:
        assert listing(Path(report(tmp_path / "missing").paths.page).parent) == NAMES
        assert (tmp_path / "missing").stat().st_mode & 0o777 == 0o755 & ~current_umask()

    def test_check_mode_makes_no_directory(self, tmp_path: Path) -> None:
        assert report(tmp_path / "missing", check_mode=True).changed
        assert listing(tmp_path) == []

    def test_a_directory_whose_own_is_missing(self, tmp_path: Path) -> None:
        error = refusal(tmp_path / "missing" / "report")
        assert str(error) == (
            f"The directory for the report does not exist: {tmp_path}/missing. Create it, or correct directory."
        )

    def test_a_directory_that_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        error = refusal(tmp_path / "file")
        assert error.code == "report_directory_is_file"
        assert (tmp_path / "file").read_text() == "mine"

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_directory_that_cannot_be_written_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check_mode: bool
    ) -> None:
        # Nothing stops the superuser, as whom tests may run, but what the system says of the directory.
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        error = refusal(tmp_path, check_mode=check_mode)
        assert str(error).startswith(f"The report could not be written to {tmp_path}: this user may not write")

    @pytest.mark.parametrize("name", NAMES)
    def test_a_directory_in_the_place_of_a_file_leaves_the_other_files_alone(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).mkdir()
        error = refusal(tmp_path)
        assert str(error).startswith(f"The report could not be written to {tmp_path / name}: it is a directory.")
        assert listing(tmp_path) == [name]

    def test_a_full_disk_leaves_the_report_as_it_was(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        report(tmp_path)
        before = {name: (tmp_path / name).read_bytes() for name in NAMES}

        def fill(descriptor: int) -> None:
            raise OSError(28, "No space left on device: canary")

        monkeypatch.setattr(_report_files.os, "fsync", fill)
        error = refusal(tmp_path, tokens=[])
        assert "the disk is full" in str(error)
        assert "canary" not in str(error)
        assert {name: (tmp_path / name).read_bytes() for name in listing(tmp_path)} == before

    def test_a_move_that_fails_says_that_the_files_do_not_belong_together(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(source: str, destination: str) -> None:
            raise PermissionError(13, "canary")

        monkeypatch.setattr(_report_files.os, "replace", refuse)
        error = refusal(tmp_path)
        assert error.code == "report_incomplete"
        assert listing(tmp_path) == []

    @pytest.mark.parametrize("option", ["tokens", "accounts"])
    def test_a_name_that_is_there_twice(self, tmp_path: Path, option: str) -> None:
        error = refusal(tmp_path, **{option: [{"name": "dns"}, {"name": "dns"}]})
        assert str(error).startswith(f"{option} has two entries with the name dns.")

    def test_what_is_no_result_leaves_the_report_alone(self, tmp_path: Path) -> None:
        report(tmp_path)
        before = (tmp_path / "report.json").read_bytes()
        assert refusal(tmp_path, tokens=[{"name": "dns", "token": "x"}]).code == "report_input_invalid"
        assert (tmp_path / "report.json").read_bytes() == before

    def test_a_named_pipe_in_the_place_of_the_document_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "report.json")
        assert report(tmp_path).changed
        assert (tmp_path / "report.json").is_file()

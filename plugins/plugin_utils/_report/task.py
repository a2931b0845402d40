# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``rotation_report``: from the arguments of a task to the files of a report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import parse_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, shown
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.document import (
    generated_at,
    render_document,
    runs_without_answer,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.files import (
    make_directory,
    read_file,
    require_directory,
    write_files,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.metrics import checked_labels, render_metrics
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview, overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.page import render_page
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.words import LEVEL_HEADLINES, LEVEL_WORDS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import (
    AccountFacts,
    TokenFacts,
    account_facts,
    token_facts,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.schema import MAXIMUM_SENTENCES_LENGTH

PAGE_NAME = "report.html"
DOCUMENT_NAME = "report.json"
METRICS_NAME = "ionos_tokens.prom"
METRICS_ENDING = ".prom"


@dataclass(frozen=True)
class ReportPaths:
    """Where the files of a report are."""

    page: str
    document: str
    metrics: str


@dataclass(frozen=True)
class ReportOutcome:
    """What came of a report.

    :ivar changed: whether it tells something else than the one that stood there, other than a later time.
    :ivar before: the text of the ``report.json`` that stood there; empty if none of ours did.
    :ivar after: the text of the new one.
    """

    changed: bool
    paths: ReportPaths
    overview: Overview
    before: str
    after: str

    def as_result(self) -> dict[str, Any]:
        """Return the result of the task, without the diff."""
        return {
            "changed": self.changed,
            "page": self.paths.page,
            "document": self.paths.document,
            "metrics": self.paths.metrics,
            "level": self.overview.level,
            "counts": {"declared": len(self.overview.tokens), **self.overview.counts()},
            "summary": [f"{self._headline()} Page: {self.paths.page}"],
        }

    def _headline(self) -> str:
        """Return how everything stands, in two sentences."""
        overview = self.overview
        counts = ", ".join(
            f"{number} {LEVEL_WORDS[level].lower()}" for level, number in overview.counts().items() if number
        )
        tokens = f"{len(overview.tokens)} declared{f': {counts}' if counts else ''}."
        return f"{LEVEL_HEADLINES[overview.level]} {tokens}"

    def as_diff(self) -> dict[str, str]:
        """Return what changed in ``report.json``, in the form in which Ansible shows a diff."""
        header = self.paths.document
        return {"before_header": header, "after_header": header, "before": self.before, "after": self.after}


def write_report(arguments: Mapping[str, Any], base_directory: str, now: int, *, check_mode: bool) -> ReportOutcome:
    """Render a report and put it if it belongs.

    :param arguments: of the task, in the types of ``REPORT_OPTIONS``.
    :param base_directory: where relative paths start.
    :param now: in seconds since the epoch.
    :param check_mode: find everything out and write nothing.
    :raises ConfigurationError: for what the report is made of, or if it is to be written.
    """
    content = _Content.from_arguments(arguments)
    paths = _paths(arguments, base_directory)
    existing = {path: read_file(path) for path in (paths.document, paths.page, paths.metrics)}
    existing_document = existing[paths.document] or ""
    content = replace(content, runs_before=runs_without_answer(existing_document))
    texts = content.texts(paths, now)
    made_at = generated_at(existing_document)
    is_same = made_at is not None and content.texts(paths, made_at) == existing
    if not check_mode:
        make_directory(os.path.dirname(paths.page))
        write_files(texts)
    return ReportOutcome(
        changed=not is_same,
        paths=paths,
        overview=content.overview(now),
        before=existing_document if made_at is not None else "",
        after=texts[paths.document],
    )


@dataclass(frozen=True)
class _Content:
    """Everything that a report tells, whatever the time."""

    tokens: list[TokenFacts]
    accounts: list[AccountFacts]
    failure: str | None
    title: str
    labels: dict[str, str]
    outdated_after: int
    runs_before: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> _Content:
        tokens = [token_facts(entry, number) for number, entry in enumerate(arguments["tokens"])]
        accounts = [account_facts(entry, number) for number, entry in enumerate(arguments["accounts"])]
        _require_unique("tokens", (token.name for token in tokens))
        _require_unique("accounts", (account.name for account in accounts))
        failure = arguments["failure"]
        return cls(
            tokens=tokens,
            accounts=accounts,
            failure=shown(failure, MAXIMUM_SENTENCES_LENGTH) if failure else None,
            title=shown(arguments["title"]),
            outdated_after=parse_duration(arguments["outdated_after"], "outdated_after"),
            labels=checked_labels(arguments["metrics_labels"]),
        )

    def overview(self, now: int) -> Overview:
        return overview(self.tokens, self.accounts, now, self.failure, self.runs_before, self.outdated_after)

    def texts(self, paths: ReportPaths, now: int) -> dict[str, str]:
        """Return the text of every file by its path, as of ``now``."""
        everything = self.overview(now)
        return {
            paths.document: render_document(everything, self.title),
            paths.page: render_page(everything, self.title),
            paths.metrics: render_metrics(everything, self.labels),
        }


def _require_unique(where: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ConfigurationError("name_used_twice", where=where, name=name)
        seen.add(name)


def _paths(arguments: Mapping[str, Any], base_directory: str) -> ReportPaths:
    """Return where the files go; their directories can be written to, or the one of the report can be made."""
    directory = os.path.abspath(os.path.join(base_directory, arguments["directory"]))
    require_directory(directory if os.path.lexists(directory) else os.path.dirname(directory), "directory")
    metrics = os.path.join(directory, METRICS_NAME)
    if arguments["metrics_file"]:
        metrics = os.path.abspath(os.path.join(base_directory, arguments["metrics_file"]))
        if not metrics.endswith(METRICS_ENDING):
            raise ConfigurationError("report_metrics_file_name", path=metrics)
        require_directory(os.path.dirname(metrics), "metrics_file")
    return ReportPaths(os.path.join(directory, PAGE_NAME), os.path.join(directory, DOCUMENT_NAME), metrics)

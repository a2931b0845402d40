# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``basic_auth_audit``: where Basic Authentication for IONOS Cloud is still configured, and what to write instead.

No value is kept from any file: findings are made of names, numbers and sentences of this collection.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import asdict, dataclass, field
from typing import Any, Mapping, Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.files import (
    Found,
    Limits,
    find_files,
    read_text,
    shown_path,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    BLIND_NOTES,
    KINDS,
    NOTES,
    Finding,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import NO_NAMES, Names
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.sarif import sarif
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.text import audit_text
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenOpsError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import EPOCH, parse_date
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import (
    TWO_FACTOR_STATES,
    Decision,
    KnownTwoFactor,
    TwoFactor,
    evaluate,
)

SCHEMA_VERSION = 1
MAXIMUM_FINDINGS = 10_000
# A variable may get its value from another one, and that from a third.
MAXIMUM_ROUNDS = 4
MAXIMUM_FILE_SIZE = 100 * 1024 * 1024
MAXIMUM_FILES = 1_000_000

_WHO = {
    ("disabled",): "accounts without two-factor authentication",
    ("configuring", "enabled", "forced"): "accounts with two-factor authentication, set up or obligatory",
    TWO_FACTOR_STATES: "all accounts",
}


@dataclass(frozen=True)
class AuditOptions:
    """What a task asks for.

    :ivar on: the day that the policy is asked about, or None for today.
    :ivar sarif_root: the directory that a log of SARIF names files relative to, or None for no such log.
    """

    paths: Sequence[str]
    limits: Limits
    two_factor: TwoFactor
    on: datetime.date | None
    sarif_root: str | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> AuditOptions:
        """Return the options of a task.

        :raises ConfigurationError: ``date_unreadable``, ``audit_limit_out_of_range``, ``audit_paths_empty``.
        """
        if not params["paths"]:
            raise ConfigurationError("audit_paths_empty")
        limits = Limits(
            _within("max_file_size", params["max_file_size"], MAXIMUM_FILE_SIZE),
            _within("max_files", params["max_files"], MAXIMUM_FILES),
            tuple(params["exclude"]),
            params["follow"],
        )
        return cls(tuple(params["paths"]), limits, params["two_factor"], _date(params["date"]), params["sarif_root"])


@dataclass
class AuditedFiles:
    """What the files have shown.

    :ivar findings: findings by the file's path.
    :ivar notes: keys of notes by path.
    """

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    notes: dict[str, set[str]] = field(default_factory=dict)
    texts: list[Found] = field(default_factory=list)
    names: Names = NO_NAMES

    def note(self, path: str, key: str) -> None:
        """Add a note on a file."""
        self.notes.setdefault(path, set()).add(key)


def basic_auth_audit(params: Mapping[str, Any], today: datetime.date) -> tuple[dict[str, Any], str | None]:
    """Return the result of a task, and the message that it fails with or None.

    :param params: the options of the module.
    :param today: the day in UTC.
    """
    try:
        result = audit(AuditOptions.from_params(params), today)
    except TokenOpsError as error:
        return {}, str(error)
    return result, _failure(result, params)


def audit(options: AuditOptions, today: datetime.date) -> dict[str, Any]:
    """Return what the files show and what the policy says of it.

    :raises ConfigurationError: ``audit_path_missing``.
    """
    files = audit_files(options.paths, options.limits)
    impact = impact_of_policy(options.two_factor, options.on or today)
    sentence = _sentence(impact)
    findings = [
        _finding_facts(path, finding, sentence) for path in sorted(files.findings) for finding in files.findings[path]
    ]
    notes = [_note_facts(shown_path(path), key) for path in sorted(files.notes) for key in sorted(files.notes[path])]
    if len(findings) > MAXIMUM_FINDINGS:
        notes.append(
            {
                "path": findings[MAXIMUM_FINDINGS]["path"],
                "kind": "too_many_findings",
                "message": NOTES["too_many_findings"],
            }
        )
    result = {
        "changed": False,
        "schema_version": SCHEMA_VERSION,
        "findings": findings[:MAXIMUM_FINDINGS],
        "count": sum(not finding["commented"] for finding in findings),
        "commented_count": sum(finding["commented"] for finding in findings),
        "notes": notes,
        "complete": not any(note["kind"] in BLIND_NOTES for note in notes),
        "files_examined": len(files.texts),
        "policy": {
            "on": (options.on or today).isoformat(),
            "two_factor": options.two_factor,
            "impact": impact,
            **evaluate("basic", "use", options.two_factor, "unknown", options.on or today).as_dict(),
        },
    }
    if options.sarif_root is not None:
        result["sarif"] = sarif(result["findings"], notes, options.sarif_root)
    return {**result, "summary": summary(result)}


def audit_files(paths: Sequence[str], limits: Limits) -> AuditedFiles:
    """Return what the files at and below paths show.

    A name that one file uses for a username or password, such as that of a variable, is then looked for in all of them.
    """
    files = AuditedFiles()
    for found in find_files(paths, limits):
        if found.note is not None:
            files.note(found.path, found.note)
        else:
            _examine(found, limits, files, NO_NAMES, NO_NAMES)
    known = NO_NAMES
    for _round in range(MAXIMUM_ROUNDS):
        names = files.names
        new = names.minus(known)
        if new == NO_NAMES:
            break
        for found in list(files.texts):
            _examine(found, limits, files, names, new)
        known = names
    return files


def impact_of_policy(two_factor: TwoFactor, on: datetime.date) -> list[dict[str, Any]]:
    """Return whom the end of Basic Authentication concerns and from when on, one entry for all that it treats alike.

    :param two_factor: the accounts' state, or ``unknown`` for every state.
    """
    states = TWO_FACTOR_STATES if two_factor == "unknown" else (two_factor,)
    groups: dict[tuple[Any, ...], list[KnownTwoFactor]] = {}
    decisions: dict[tuple[Any, ...], Decision] = {}
    for state in states:
        decision = evaluate("basic", "use", state, "unknown", on)
        key = (decision.severity, decision.since, decision.until)
        groups.setdefault(key, []).append(state)
        decisions[key] = decision
    return [_impact(members, decisions[key]) for key, members in groups.items()]


def summary(result: Mapping[str, Any]) -> list[str]:
    """Return the result as lines for people to read."""
    live = [finding for finding in result["findings"] if not finding["commented"]]
    commented = [finding for finding in result["findings"] if finding["commented"]]
    lines = [
        f"Basic Authentication for IONOS Cloud is configured in {_places(result['count'])}, "
        f"and commented out in {_places(result['commented_count'])}. Files examined: {result['files_examined']}."
    ]
    lines += [f"{_place(finding)} ({finding['stored_as']})" for finding in live]
    lines += [f"{_place(finding)} (commented out)" for finding in commented]
    if live:
        lines.append(live[0]["impact"])
        kinds = sorted({finding["kind"] for finding in live})
        lines += [f"To replace a place of the kind {kind}: {KINDS[kind].instead}" for kind in kinds]
        lines.append(result["policy"]["remedy"])
    lines += [f"Note on {note['path']}: {note['message']}" for note in result["notes"]]
    return [line for line in lines if line]


def _examine(found: Found, limits: Limits, files: AuditedFiles, names: Names, new: Names) -> None:
    """Audit a file: at first, and again if it has one of the names that are new."""
    is_first = new == NO_NAMES
    text, note = read_text(found, limits.max_file_size)
    if note is not None:
        files.note(found.path, note)
    if text is None or not (is_first or new.are_in(text)):
        return
    if is_first:
        files.texts.append(found)
    try:
        audited = audit_text(os.path.abspath(found.path).replace(os.sep, "/"), text, names)
    except Exception:
        # The text of an exception may quote the file.
        files.note(found.path, "internal_error")
        return
    files.findings[found.path] = audited.findings[:MAXIMUM_FINDINGS]
    if len(audited.findings) > MAXIMUM_FINDINGS:
        files.note(found.path, "too_many_findings")
    files.names = files.names.union(audited.names)
    for key in audited.notes:
        files.note(found.path, key)


def _failure(result: Mapping[str, Any], params: Mapping[str, Any]) -> str | None:
    """Return the message that the task is to fail with, or None."""
    if params["fail_on_findings"] and result["count"]:
        return str(TokenOpsError("audit_found_basic_auth", places=_places(result["count"])))
    if params["fail_on_unread"] and not result["complete"]:
        unread = {note["path"] for note in result["notes"] if note["kind"] in BLIND_NOTES}
        return str(TokenOpsError("audit_found_unread", places=_places(len(unread))))
    return None


def _finding_facts(path: str, finding: Finding, impact: str) -> dict[str, Any]:
    kind = KINDS[finding.kind]
    return {"path": shown_path(path), **asdict(finding), "what": kind.what, "impact": impact, "instead": kind.instead}


def _note_facts(path: str, key: str) -> dict[str, Any]:
    return {"path": path, "kind": key, "message": NOTES[key]}


def _impact(states: list[KnownTwoFactor], decision: Decision) -> dict[str, Any]:
    facts = decision.as_dict()
    return {
        "two_factor": states,
        "who": _WHO.get(tuple(states), f"accounts whose two-factor authentication is {states[0]}"),
        **{key: facts[key] for key in ("allowed", "severity", "since", "until", "reason")},
    }


def _sentence(impact: Sequence[Mapping[str, Any]]) -> str:
    parts = [
        f"{group['who']}, from the day after {group['until']} on"
        if group["allowed"]
        else f"{group['who']}, since {group['since']}"
        for group in impact
    ]
    return f"Impacted: {'; '.join(parts)}."


def _place(finding: Mapping[str, Any]) -> str:
    return f"{finding['path']}:{finding['line']}: {finding['kind']}: {finding['setting']}"


def _places(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"


def _within(option: str, value: int, maximum: int) -> int:
    if not 0 < value <= maximum:
        raise ConfigurationError("audit_limit_out_of_range", option=option, maximum=maximum)
    return value


def _date(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    seconds = parse_date(text.strip())
    if seconds is None:
        raise ConfigurationError("date_unreadable", where="date")
    return (EPOCH + datetime.timedelta(seconds=seconds)).date()

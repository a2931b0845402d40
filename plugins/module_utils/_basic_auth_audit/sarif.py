# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit has found in the Static Analysis Results Interchange Format, which code hosts show beside the code.

The format is SARIF 2.1.0 of OASIS. Findings and notes have no values in them, so neither has this.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
from typing import Any, Mapping, Sequence
from urllib.parse import quote

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    BLIND_NOTES,
    KINDS,
    PLAIN,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.version import VERSION

SARIF_VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
TOOL = "tokenops.ionos.basic_auth_audit"
# What hosts of code call the directory that the addresses of files are relative to.
ROOT = "%SRCROOT%"

_RULES = {kind: index for index, kind in enumerate(KINDS)}


def sarif(findings: Sequence[Mapping[str, Any]], notes: Sequence[Mapping[str, Any]], root: str) -> dict[str, Any]:
    """Return a log of SARIF with one run.

    :param findings: the findings of a result, as :func:`.audit.audit` returns them.
    :param notes: its notes.
    :param root: the directory that files are named relative to; those elsewhere are named in full.
    """
    base = os.path.abspath(root)
    seen: dict[tuple[str, str, str], int] = {}
    run = {
        "tool": {
            "driver": {
                "name": TOOL,
                "version": VERSION,
                "semanticVersion": VERSION,
                "rules": [_rule(kind) for kind in KINDS],
            }
        },
        "originalUriBaseIds": {ROOT: {"description": {"text": "The directory that was examined."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(note, base) for note in notes],
            }
        ],
        "results": [_result(finding, base, seen) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": SARIF_VERSION, "runs": [run]}


def _rule(kind: str) -> dict[str, Any]:
    described = KINDS[kind]
    what = described.what[:1].upper() + described.what[1:]
    return {
        "id": kind,
        "name": "".join(word.capitalize() for word in kind.split("_")),
        "shortDescription": {"text": f"{what}."},
        "fullDescription": {"text": f"{what}. IONOS Cloud has ended Basic Authentication."},
        "help": {"text": described.instead},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["security", "authentication"]},
    }


def _result(finding: Mapping[str, Any], base: str, seen: dict[tuple[str, str, str], int]) -> dict[str, Any]:
    kind = finding["kind"]
    what = f"{finding['setting']}: {finding['what']} ({finding['stored_as']})"
    state = "Commented out: " if finding["commented"] else ""
    return {
        "ruleId": kind,
        "ruleIndex": _RULES[kind],
        "level": _level(finding),
        "message": {"text": f"{state}{what}. {finding['impact']} {finding['instead']}"},
        "locations": [_location(finding["path"], base, finding["line"])],
        "partialFingerprints": {"basicAuthAudit/v1": _fingerprint(finding, base, seen)},
    }


def _level(finding: Mapping[str, Any]) -> str:
    """Return ``note`` for what is commented out, ``error`` where the value itself stands there, or ``warning``."""
    if finding["commented"]:
        return "note"
    return "error" if finding["stored_as"] == PLAIN else "warning"


def _fingerprint(finding: Mapping[str, Any], base: str, seen: dict[tuple[str, str, str], int]) -> str:
    """Return what a finding is recognised by when lines above it come and go."""
    place = (_artifact(finding["path"], base)["uri"], finding["kind"], finding["setting"])
    seen[place] = seen.get(place, 0) + 1
    return hashlib.sha256("\n".join([*place, str(seen[place])]).encode("utf-8")).hexdigest()


def _notification(note: Mapping[str, Any], base: str) -> dict[str, Any]:
    return {
        "descriptor": {"id": note["kind"]},
        "level": "warning" if note["kind"] in BLIND_NOTES else "note",
        "message": {"text": note["message"]},
        "locations": [_location(note["path"], base)],
    }


def _location(path: str, base: str, line: int | None = None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(path, base)}
    if line is not None:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


def _artifact(path: str, base: str) -> dict[str, str]:
    """Return the address of a file: relative where it is below the base, or else in full."""
    absolute = os.path.abspath(path)
    relative = os.path.relpath(absolute, base)
    if relative == os.pardir or relative.startswith(os.pardir + os.sep):
        return {"uri": pathlib.PurePath(absolute).as_uri()}
    return {"uri": quote(relative.replace(os.sep, "/")), "uriBaseId": ROOT}

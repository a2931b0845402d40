# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of SARIF: what the format demands, and what a host of code makes of it."""

from __future__ import annotations

import json
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import BLIND_NOTES, KINDS, NOTES
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.sarif import sarif

MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "additionalProperties": False,
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "additionalProperties": False,
                    "properties": {"uri": {"type": "string", "pattern": r"^[\w.~/%:!$&'()*+,;=@-]+$"}, "uriBaseId": {}},
                },
                "region": {
                    "type": "object",
                    "required": ["startLine"],
                    "additionalProperties": False,
                    "properties": {"startLine": {"type": "integer", "minimum": 1}},
                },
            },
        }
    },
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
# What sections 3.13 to 3.58 of SARIF 2.1.0 demand of the properties that are used here; it allows no others.
STRUCTURE = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "pattern": "^https://.*sarif.*2.1.0"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string", "minLength": 1},
                                    "version": {"type": "string"},
                                    "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id", "shortDescription", "fullDescription", "help"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string", "minLength": 1},
                                                "name": {"type": "string", "pattern": "^[A-Z][A-Za-z0-9]*$"},
                                                "shortDescription": MESSAGE,
                                                "fullDescription": MESSAGE,
                                                "help": MESSAGE,
                                                "defaultConfiguration": {"properties": {"level": LEVEL}},
                                                "properties": {"type": "object"},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "originalUriBaseIds": {"type": "object", "additionalProperties": {"type": "object"}},
                    "invocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],
                            "additionalProperties": False,
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["message"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "message": MESSAGE,
                                            "level": LEVEL,
                                            "descriptor": {"type": "object", "required": ["id"]},
                                            "locations": {"type": "array", "items": LOCATION},
                                        },
                                    },
                                },
                            },
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
                            "additionalProperties": False,
                            "properties": {
                                "message": MESSAGE,
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": LEVEL,
                                "locations": {"type": "array", "minItems": 1, "items": LOCATION},
                                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                            },
                        },
                    },
                },
            },
        },
    },
}


def finding(path="/project/.env", line=1, kind="environment_variable", **others):
    facts = {"setting": "IONOS_PASSWORD", "stored_as": "plain", "commented": False}
    sentences = {"what": KINDS[kind].what, "impact": "Impacted: all accounts.", "instead": KINDS[kind].instead}
    return {"path": path, "line": line, "kind": kind, **facts, **sentences, **others}


def note(kind, path="/project/a"):
    return {"path": path, "kind": kind, "message": NOTES[kind]}


def run_of(*findings, notes=()):
    [run] = sarif(findings, notes, "/project")["runs"]
    return run


def address(path):
    [result] = run_of(finding(path))["results"]
    return result["locations"][0]["physicalLocation"]["artifactLocation"]


def test_it_has_the_structure_that_the_format_demands():
    log = sarif([finding(kind=kind) for kind in KINDS], [note(kind) for kind in NOTES], "/project")
    Draft202012Validator(STRUCTURE).validate(log)
    assert json.loads(json.dumps(log)) == log


def test_each_result_leads_to_the_rule_that_tells_what_to_write_instead():
    run = run_of(*(finding(kind=kind) for kind in KINDS))
    rules = run["tool"]["driver"]["rules"]
    for result, kind in zip(run["results"], KINDS, strict=True):
        rule = rules[result["ruleIndex"]]
        assert (result["ruleId"], rule["id"], rule["help"]["text"]) == (kind, kind, KINDS[kind].instead)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"stored_as": "plain"}, "error"),
        ({"stored_as": "reference"}, "warning"),
        ({"stored_as": "vaulted"}, "warning"),
        ({"stored_as": "plain", "commented": True}, "note"),
    ],
)
def test_the_level_is_worst_where_the_value_itself_stands(facts, level):
    assert run_of(finding(**facts))["results"][0]["level"] == level


def test_files_below_the_root_are_named_relative_to_it():
    assert address("/project/group_vars/all.yml") == {"uri": "group_vars/all.yml", "uriBaseId": "%SRCROOT%"}
    assert "%SRCROOT%" in run_of()["originalUriBaseIds"]


def test_files_elsewhere_are_named_in_full():
    assert address("/home/ann/.ionos/config") == {"uri": "file:///home/ann/.ionos/config"}
    assert address("/project-b/.env") == {"uri": "file:///project-b/.env"}


@pytest.mark.parametrize("name", ["a b#c?.yml", "100%.env", "a:b.env", "ü.env"])
def test_a_name_of_a_file_is_a_valid_address(name):
    uri = address(f"/project/{name}")["uri"]
    parts = urlsplit(uri)
    assert (parts.scheme, parts.query, parts.fragment) == ("", "", "")
    assert unquote(parts.path).removeprefix("./") == name
    assert uri.isascii()


def test_the_line_is_that_of_the_finding():
    assert run_of(finding(line=7))["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}


def test_a_finding_keeps_its_fingerprint_when_it_moves():
    def fingerprints(*findings):
        return [result["partialFingerprints"]["basicAuthAudit/v1"] for result in run_of(*findings)["results"]]

    assert fingerprints(finding(line=1)) == fingerprints(finding(line=9))
    assert len(set(fingerprints(finding(line=1), finding(line=2), finding("/project/b"), finding(kind="netrc")))) == 4


def test_what_was_not_examined_is_told():
    run = run_of(notes=[note("vaulted"), note("yaml_missing")])
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert [(entry["descriptor"]["id"], entry["level"]) for entry in told] == [
        ("vaulted", "warning"),
        ("yaml_missing", "note"),
    ]
    assert "vaulted" in BLIND_NOTES

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``report.json``: what is in it, and that it is what its schema says."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.document import (
    SCHEMA_VERSION,
    generated_at,
    render_document,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.words import LEVEL_WORDS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    LEVEL_OF_STATUS,
    STATUS_WORDS,
    Actor,
    DutyKind,
    PlaceState,
)
from support.report_entries import NOW, account, all_sorts, place, token
from support.rotation_world import RotationWorld, declared

SCHEMAS = Path(__file__).resolve().parents[5] / "docs" / "schemas"
SCHEMA: dict[str, Any] = json.loads((SCHEMAS / f"report-{SCHEMA_VERSION}.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def rendered(
    tokens: list[dict[str, Any]],
    accounts: list[dict[str, Any]] | None = None,
    *,
    now: int = NOW,
    failure: str | None = None,
    title: str = "IONOS Cloud tokens",
) -> str:
    facts = [token_facts(entry, number) for number, entry in enumerate(tokens)]
    known = [account_facts(entry, number) for number, entry in enumerate(accounts or [])]
    return render_document(overview(facts, known, now, failure), title)


def objections(text: str) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(json.loads(text))]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == f"urn:tokenops:ionos:report:{SCHEMA_VERSION}"


def test_every_state_is_as_the_schema_says() -> None:
    sorts = all_sorts()
    assert objections(rendered(sorts["tokens"], sorts["accounts"])) == []
    assert objections(rendered([], failure="The declaration is wrong.")) == []


def test_real_results_are_as_the_schema_says() -> None:
    world = RotationWorld()
    user, _token, issuer = world.bootstrap()
    results = []
    for check_mode in (True, False):
        outcomes = world.run([declared()], issuer, check_mode=check_mode, with_accounts=True)
        results.append(rendered([item.as_result() for item in outcomes], world.accounts))
    world.emulator.dcd.set_two_factor(user.name, "enabled")
    world.emulator.clock.advance(days=24)
    outcomes = world.run([declared()], account={"two_factor": "enabled"}, with_accounts=True)
    results.append(rendered([item.as_result() for item in outcomes], world.accounts))
    assert [objections(text) for text in results] == [[], [], []]
    assert json.loads(results[-1])["tasks"][0]["kind"] == "handoff"


def test_the_schema_notices_a_field_that_it_does_not_describe_and_one_that_is_missing() -> None:
    document = json.loads(rendered([token()], [account()]))
    document["tokens"][0]["secret"] = "x"
    del document["accounts"][0]["quota"]
    assert objections(json.dumps(document)) == ["$.tokens[0]", "$.accounts[0]"]


def test_every_description_of_the_schema_is_there() -> None:
    def undescribed(node: Any, path: str) -> list[str]:
        found = []
        for name, child in node.get("properties", {}).items():
            target = SCHEMA["$defs"][child["$ref"].rsplit("/", 1)[1]] if "$ref" in child else child
            found += [] if target.get("description") else [f"{path}.{name}"]
            found += undescribed(target, f"{path}.{name}")
        return found

    assert undescribed(SCHEMA, "$") == []


@pytest.mark.parametrize(
    ("definition", "field", "names"),
    [
        ("token", "status", LEVEL_OF_STATUS),
        ("place", "state", get_args(PlaceState)),
        ("task", "kind", get_args(DutyKind)),
        ("task", "actor", get_args(Actor)),
    ],
)
def test_the_schema_names_what_there_is(definition: str, field: str, names: Collection[str]) -> None:
    described = SCHEMA["$defs"][definition]["properties"][field]
    assert described["enum"] == list(names)
    assert [name for name in names if name not in described["description"] and definition != "task"] == []


def test_the_guide_has_every_status_with_its_level() -> None:
    guide = (SCHEMAS.parent / "docsite" / "rst" / "guide_report.rst").read_text(encoding="utf-8")
    for status, level in LEVEL_OF_STATUS.items():
        assert f"   * - {STATUS_WORDS[status]}\n     - {LEVEL_WORDS[level].lower()}\n" in guide


@given(st.text(min_size=1))
def test_a_hostile_name_stays_a_text(name: str) -> None:
    text = rendered([token(name, vaults=[place(name)])], title=name)
    assert objections(text) == []
    assert text.count("\n") == rendered([token(vaults=[place()])]).count("\n")


def test_the_time_of_a_report_can_be_read_back() -> None:
    assert generated_at(rendered([token()])) == NOW


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "{", '{"schema_version": 1}', '{"schema_version": 2, "generated_at": 1}', "[" * 9999],
)
def test_what_is_no_report_has_no_time(text: str) -> None:
    assert generated_at(text) is None

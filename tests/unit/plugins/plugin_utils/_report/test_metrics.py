# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ionos_tokens.prom``: its samples, its format, and that rules and dashboard ask for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.metrics import (
    METRICS,
    OWN_LABELS,
    checked_labels,
    render_metrics,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from support.report_entries import DAY, NOW, account, all_sorts, current, due, handoff, place, token

ROOT = Path(__file__).resolve().parents[5]
MONITORING = ROOT / "docs" / "monitoring"
NAME = re.compile(r"ionos_[a-z_]+")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
LINE = re.compile(r"([a-z_]+)(?:\{(.*)\})? ([0-9]+)")


def rendered(
    tokens: list[dict[str, Any]],
    accounts: list[dict[str, Any]] | None = None,
    *,
    failure: str | None = None,
    labels: Mapping[str, object] | None = None,
) -> str:
    facts = [token_facts(entry, number) for number, entry in enumerate(tokens)]
    known = [account_facts(entry, number) for number, entry in enumerate(accounts or [])]
    return render_metrics(overview(facts, known, NOW, failure), checked_labels(labels or {}))


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], value)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], int]:
    """Return the samples of a file in Prometheus' text format; anything that is none of it fails."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if line.startswith(("# HELP ", "# TYPE ")):
            continue
        match = LINE.fullmatch(line)
        assert match is not None, line
        inner = match[2] or ""
        assert LABEL.sub("", inner) == "", line
        series = (match[1], frozenset((label[1], unescaped(label[2])) for label in LABEL.finditer(inner)))
        assert series not in found, line
        found[series] = int(match[3])
    return found


def value(text: str, metric: str, **labels: str) -> int | None:
    """Return the value of the only series of a metric with these labels, or None."""
    fitting = [
        number for (name, found), number in samples(text).items() if name == metric and found >= set(labels.items())
    ]
    assert len(fitting) <= 1
    return fitting[0] if fitting else None


def test_dates_of_a_token_are_seconds_since_the_epoch() -> None:
    text = rendered([token()])
    assert value(text, "ionos_token_created_timestamp_seconds", token="dns", account="shop") == NOW - 5 * DAY
    assert value(text, "ionos_token_renewal_timestamp_seconds", token="dns", account="shop") == NOW + 18 * DAY
    assert value(text, "ionos_token_expiry_timestamp_seconds", token="dns", account="shop") == NOW + 25 * DAY
    assert value(text, "ionos_tokens_last_run_timestamp_seconds") == NOW


@pytest.mark.parametrize(
    ("entry", "working", "failed", "person"),
    [
        (token(), 1, 0, 0),
        (due(), 1, 0, 0),
        (due(reason="refused"), 0, 0, 0),
        (due(reason="missing", token=None), 0, 0, 0),
        (token(token=current(31)), 0, 0, 0),
        (token(failed=True, message="The vault is sealed."), 1, 1, 0),
        (handoff(), 1, 0, 1),
        (handoff(failed=True, error_codes=["handoff_overdue"]), 1, 0, 1),
        (token(failed=True, vaults=[place("x", "replica", in_sync=None, message="Down.", error_code="a")]), 1, 0, 0),
    ],
)
def test_states_of_a_token_are_zero_or_one(entry: dict[str, Any], working: int, failed: int, person: int) -> None:
    text = rendered([entry])
    states = [value(text, f"ionos_token_{state}") for state in ("working", "failed", "handoff")]
    assert states == [working, failed, person]


def test_a_place_has_a_sample_only_where_it_was_compared() -> None:
    places = [
        place("bao"),
        place("files", "replica", in_sync=False, message="It cannot be written."),
        place("cluster", "replica", in_sync=None),
    ]
    text = rendered([token(vaults=places), due("due", vaults=[place("bao"), place("x", "replica", in_sync=False)])])
    found = {
        vault: value(text, "ionos_token_in_sync", vault=vault, token="dns") for vault in ("bao", "files", "cluster")
    }
    assert found == {"bao": 1, "files": 0, "cluster": None}
    assert value(text, "ionos_token_in_sync", vault="x") is None


def test_an_account_has_its_quota_and_its_policy() -> None:
    text = rendered([], [account("bank", "enabled")])
    quota = [value(text, f"ionos_account_quota_{name}", account="bank") for name in ("used", "limit", "reserve")]
    assert quota == [34, 100, 5]
    operations = ("basic", "bearer", "mint", "delete")
    allowed = [value(text, "ionos_account_operation_allowed", operation=name) for name in operations]
    assert allowed == [0, 1, 0, 0]


def test_an_account_that_could_not_be_looked_at_has_no_quota() -> None:
    text = rendered([], [account(quota=None, message="The API cannot be reached.")])
    assert value(text, "ionos_account_reachable", account="shop") == 0
    assert value(text, "ionos_account_quota_used") is None


def test_a_run_that_looked_at_nothing_is_no_success_and_declares_nothing() -> None:
    text = rendered([], failure="The declaration is wrong.")
    assert value(text, "ionos_tokens_last_run_success") == 0
    assert value(text, "ionos_tokens_declared") is None
    assert value(rendered([]), "ionos_tokens_declared") == 0


def test_every_metric_appears_once_explained_and_as_a_gauge() -> None:
    sorts = all_sorts()
    lines = rendered(sorts["tokens"], sorts["accounts"]).splitlines()
    assert [line.split()[2] for line in lines if line.startswith("# HELP")] == list(METRICS)
    assert [line.split()[2:] for line in lines if line.startswith("# TYPE")] == [[name, "gauge"] for name in METRICS]


@pytest.mark.parametrize("name", list(METRICS))
def test_names_follow_the_conventions_of_prometheus(name: str) -> None:
    assert NAME.fullmatch(name)
    assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_milliseconds"))
    assert "timestamp" not in name or name.endswith("_timestamp_seconds")


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_hostile_name_stays_the_value_of_a_label(name: str, account_name: str) -> None:
    text = rendered([token(name, account=account_name)], [account(account_name)])
    assert len(samples(text)) == len(samples(rendered([token()], [account()])))


@pytest.mark.parametrize(
    "name",
    ['x"} 1\nionos_token_failed{token="y', 'back\\slash"', "a\nb", "\\n", "# HELP x", "a{b}", "\u2028", "a\x00b"],
)
def test_an_attempt_to_smuggle_in_a_sample_is_quoted(name: str) -> None:
    found = samples(rendered([token(name)]))
    shown = "".join(character if character.isprintable() else "?" for character in name)
    assert {dict(labels).get("token") for _metric, labels in found if dict(labels).get("token")} == {shown}


def test_two_places_of_the_same_description_are_one_series_that_is_in_sync_where_both_are() -> None:
    places = [place(), place("bao", "replica"), place("bao", "replica", in_sync=False, message="No.")]
    assert value(rendered([token(vaults=places)]), "ionos_token_in_sync", role="replica") == 0


def test_labels_of_the_user_are_on_every_sample() -> None:
    text = rendered([token()], [account()], labels={"team": "shop", "floor": 3, "empty": None})
    assert all({("team", "shop"), ("floor", "3")} <= labels for _name, labels in samples(text))


@pytest.mark.parametrize(
    "name", ["", "a-b", "1a", "__name__", "__x", "a b", 'a"', "ä", "instance", *sorted(OWN_LABELS)]
)
def test_a_label_that_prometheus_does_not_take_or_that_is_taken_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        checked_labels({name: "x"})
    assert caught.value.code == "report_label_invalid"


def expressions(node: Any, key: str) -> list[str]:
    """Return every text under ``key`` anywhere in a structure."""
    if isinstance(node, list):
        return [text for item in node for text in expressions(item, key)]
    if not isinstance(node, dict):
        return []
    own = [node[key]] if isinstance(node.get(key), str) else []
    return own + [text for item in node.values() for text in expressions(item, key)]


RULES: dict[str, Any] = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))


def test_the_rules_ask_for_metrics_that_there_are() -> None:
    asked = {name for text in expressions(RULES, "expr") for name in NAME.findall(text)}
    assert asked
    assert asked <= set(METRICS)


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    texts = expressions(DASHBOARD, "expr") + expressions(DASHBOARD, "definition")
    asked = {name for text in texts for name in NAME.findall(text)}
    assert asked
    assert asked <= set(METRICS)


def test_every_rule_says_what_is_wrong_and_how_bad_it_is() -> None:
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]
    assert {rule["labels"]["severity"] for rule in rules} == {"critical", "warning", "info"}
    assert all(rule["annotations"]["summary"] and rule["annotations"]["description"] for rule in rules)


def test_every_rule_is_tested_for_promtool() -> None:
    tested = (ROOT / "tests" / "monitoring" / "alerts_test.yml").read_text(encoding="utf-8")
    alerts = {rule["alert"] for group in RULES["groups"] for rule in group["rules"]}
    assert {alert for alert in alerts if tested.count(alert) < 2} == set()


def test_the_panels_of_the_dashboard_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for position in (panel["gridPos"] for panel in panels)
        for x in range(position["x"], position["x"] + position["w"])
        for y in range(position["y"], position["y"] + position["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert all(x < 24 for x, _y in cells)

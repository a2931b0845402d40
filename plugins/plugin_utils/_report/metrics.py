# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``ionos_tokens.prom``: the report for Prometheus, in its text-based format, for node_exporter's textfile collector.

Dates are gauges of seconds since the epoch and states are 0 or 1, so that what follows from the time that passes, such
as a renewal window that has begun, is the business of the rules and not of a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, shown
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import AccountState, PlaceState, TokenState
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.status import is_declared_absent

OWN_LABELS = frozenset(
    {"account", "contract_number", "operation", "place", "role", "status", "token", "token_id", "two_factor", "vault"}
)
RESERVED_LABELS = frozenset({"instance", "job"})

_LABEL_NAME = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,63}")
_IN_SYNC: dict[PlaceState, int] = {"in_sync": 1, "out_of_sync": 0}
"""What is not known, or would only be announced, is no sample: a rule must not fire on it."""

METRICS = {
    "ionos_tokens_last_run_timestamp_seconds": "When the report was made, in seconds since the epoch.",
    "ionos_tokens_last_run_success": "Whether the run looked at the declared tokens (1) or could not (0).",
    "ionos_tokens_declared": "How many tokens are declared.",
    "ionos_token_info": "The current token of a declaration, by its id.",
    "ionos_token_status": "The status of a declared token, always 1.",
    "ionos_token_created_timestamp_seconds": "When the current token was created, in seconds since the epoch.",
    "ionos_token_renewal_timestamp_seconds": "When the renewal window of the current token begins, in seconds since "
    "the epoch.",
    "ionos_token_expiry_timestamp_seconds": "When the current token expires, in seconds since the epoch; no sample "
    "where it is declared absent.",
    "ionos_token_working": "Whether the declaration has a current token that worked when the report was made; no "
    "sample where it is declared absent and none works.",
    "ionos_token_failed": "Whether the last run failed for the declared token itself, and not only for a place of it.",
    "ionos_token_handoff": "Whether only a person can make the next token, and has to.",
    "ionos_token_handoff_failure_timestamp_seconds": "When runs begin to fail unless a person has made the next token, "
    "in seconds since the epoch.",
    "ionos_token_runs_without_answer": "How many runs in a row got no answer from the API about the token.",
    "ionos_token_busy": "Whether another run was at work on the declared token.",
    "ionos_token_previous": "How many previous tokens of the declaration still exist.",
    "ionos_token_undeletable": "How many tokens of the declaration a person has to delete in the DCD.",
    "ionos_token_in_sync": "Whether a place holds the current token.",
    "ionos_account_info": "An account, by its contract and the state of its two-factor authentication.",
    "ionos_account_reachable": "Whether the account could be looked at.",
    "ionos_account_quota_used": "How many tokens the user of the account has.",
    "ionos_account_quota_limit": "How many tokens the user of the account may have.",
    "ionos_account_quota_reserve": "How many tokens are to be kept free.",
    "ionos_account_operation_allowed": "Whether the vendor's policy allows an operation: basic (Basic Authentication), "
    "bearer, mint or delete.",
}
"""Every metric, all of them gauges, with its help text, in the order of the file."""

Labels = Mapping[str, str | None]


class Sample(NamedTuple):
    """One line of the file; labels without a value are left out."""

    metric: str
    labels: Labels
    value: int


def render_metrics(overview: Overview, extra_labels: Mapping[str, str]) -> str:
    """Return the text of ``ionos_tokens.prom``.

    :param extra_labels: on every sample, as :func:`checked_labels` returns them.
    """
    samples = list(_samples(overview))
    lines: list[str] = []
    for metric, explanation in METRICS.items():
        values: dict[str, int] = {}
        for sample in samples:
            if sample.metric == metric:
                series = _series(sample, extra_labels)
                # Two places may have the same description; a series must not be there twice.
                values[series] = min(sample.value, values.get(series, sample.value))
        if values:
            lines += [f"# HELP {metric} {explanation}", f"# TYPE {metric} gauge"]
            lines += [f"{series} {value}" for series, value in values.items()]
    return "\n".join(lines) + "\n"


def checked_labels(labels: Mapping[str, object]) -> dict[str, str]:
    """Return labels of the user's that fit on every sample.

    :raises ConfigurationError: ``report_label_invalid`` for a name that Prometheus does not take, or that is taken.
    """
    taken = OWN_LABELS | RESERVED_LABELS
    for name in labels:
        if not _LABEL_NAME.fullmatch(str(name)) or name in taken:
            raise ConfigurationError("report_label_invalid", label=name, taken=", ".join(sorted(taken)))
    return {name: shown(value) for name, value in labels.items() if value is not None}


def _samples(overview: Overview) -> Iterator[Sample]:
    yield Sample("ionos_tokens_last_run_timestamp_seconds", {}, overview.now)
    yield Sample("ionos_tokens_last_run_success", {}, int(overview.failure is None))
    if overview.failure is None:
        yield Sample("ionos_tokens_declared", {}, len(overview.tokens))
    for token in overview.tokens:
        yield from _token_samples(token, overview.runs_without_answer.get(token.facts.name, 0))
    for account in overview.accounts:
        yield from _account_samples(account)


def _token_samples(token: TokenState, runs_without_answer: int) -> Iterator[Sample]:
    facts = token.facts
    labels = {"account": facts.account, "token": facts.name}
    current = facts.current
    is_absent = is_declared_absent(facts)
    if current is not None:
        identity = {"contract_number": current.contract_number, "token_id": current.id}
        yield Sample("ionos_token_info", {**labels, **identity}, 1)
        yield Sample("ionos_token_created_timestamp_seconds", labels, current.created_at)
        if not is_absent:
            yield Sample("ionos_token_expiry_timestamp_seconds", labels, current.expires_at)
    if token.renews_at is not None:
        yield Sample("ionos_token_renewal_timestamp_seconds", labels, token.renews_at)
    if token.fails_at is not None and token.renewed_by == "person":
        yield Sample("ionos_token_handoff_failure_timestamp_seconds", labels, token.fails_at)
    yield Sample("ionos_token_status", {**labels, "status": token.status}, 1)
    if current is not None or facts.works is not None or not facts.failed:
        # Whether a token works is not known if the run could not even read the vault of record; and that one which is
        # declared absent has ended is as it should be.
        is_working = bool(token.remaining) and facts.works is not False
        if is_working or not is_absent:
            yield Sample("ionos_token_working", labels, int(is_working))
    yield Sample("ionos_token_failed", labels, int(token.status == "failed"))
    yield Sample("ionos_token_handoff", labels, int(token.needs_person))
    yield Sample("ionos_token_runs_without_answer", labels, runs_without_answer)
    yield Sample("ionos_token_busy", labels, int(token.status == "busy"))
    yield Sample("ionos_token_previous", labels, len(facts.previous))
    yield Sample("ionos_token_undeletable", labels, len(facts.delete_in_dcd))
    yield from _place_samples(token, labels)


def _place_samples(token: TokenState, labels: Labels) -> Iterator[Sample]:
    for place in token.places:
        value = _IN_SYNC.get(place.state)
        if value is not None:
            where = {"vault": place.facts.vault, "place": place.facts.place, "role": place.facts.role}
            yield Sample("ionos_token_in_sync", {**labels, **where}, value)


def _account_samples(account: AccountState) -> Iterator[Sample]:
    facts = account.facts
    labels = {"account": facts.name}
    identity = {"contract_number": facts.contract_number, "two_factor": facts.two_factor}
    yield Sample("ionos_account_info", {**labels, **identity}, 1)
    yield Sample("ionos_account_reachable", labels, int(facts.message is None))
    if facts.quota is not None:
        yield Sample("ionos_account_quota_used", labels, facts.quota.used)
        yield Sample("ionos_account_quota_limit", labels, facts.quota.limit)
        yield Sample("ionos_account_quota_reserve", labels, facts.quota.reserve)
    for operation, decision in (facts.policy or {}).items():
        yield Sample("ionos_account_operation_allowed", {**labels, "operation": operation}, int(decision.allowed))


def _series(sample: Sample, extra_labels: Mapping[str, str]) -> str:
    labels = {**extra_labels, **sample.labels}
    shown_labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items()) if value)
    return f"{sample.metric}{{{shown_labels}}}" if shown_labels else sample.metric


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each collection of the API takes: its fields, what must be given, what must be there, what must be unique."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.awx.answers import Refusal, invalid
from support.awx.state import ENCRYPTED, AwxState, Item, Values

Check = Callable[[AwxState, Values, "Item | None"], None]
"""Raises a refusal unless the values, those of an existing item with what is changed in it, are right."""


def _nothing(state: AwxState, values: Values, item: Item | None) -> None:
    return None


@dataclass(frozen=True)
class Resource:
    """One collection.

    :ivar defaults: every field that can be written, with what it is if it is not given.
    :ivar references: the collections that fields lead to.
    :ivar unique: the fields that are unique together, and what they are called.
    """

    model: str
    type: str
    defaults: Values
    required: tuple[str, ...] = ("name",)
    references: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], str] | None = None
    check: Check = _nothing
    associations: Mapping[str, str] = field(default_factory=dict)
    sub_collections: tuple[str, ...] = ()
    deletion_status: int = 204


def check_inputs(state: AwxState, values: Values, item: Item | None) -> None:
    """Judge the inputs of a credential, and put what is kept in the place of ``$encrypted$``."""
    inputs = values["inputs"]
    if not isinstance(inputs, dict):
        raise invalid(inputs=f"{type(inputs).__name__} provided, expected dict")
    type_item = state.find("credential_types", values["credential_type"])
    fields = {entry["id"]: entry for entry in type_item.values["inputs"].get("fields", [])} if type_item else {}
    unknown = [repr(name) for name in inputs if name not in fields]
    if unknown:
        verb = "was" if len(unknown) == 1 else "were"
        raise invalid(inputs=f"Additional properties are not allowed ({', '.join(unknown)} {verb} unexpected)")
    for name, value in inputs.items():
        wanted = bool if fields[name].get("type") == "boolean" else str
        if not isinstance(value, wanted):
            raise invalid(inputs=f"{value!r} is not of type {'boolean' if wanted is bool else 'string'!r}")
    values["inputs"] = {name: _kept(name, value, fields[name], item) for name, value in inputs.items()}
    if item is None and not any(values.get(owner) for owner in ("organization", "user", "team")):
        raise Refusal(400, {"detail": "Missing 'user', 'team', or 'organization'."})


def _kept(name: str, value: Any, described: Values, item: Item | None) -> Any:
    if value != ENCRYPTED or not described.get("secret"):
        return value
    stored = item.values["inputs"].get(name) if item else None
    if not stored:
        raise Refusal(500, "<!DOCTYPE html><html><body><h1>Server Error</h1></body></html>", is_html=True)
    return stored


def _check_source(state: AwxState, values: Values, item: Item | None) -> None:
    source = state.find("credentials", values["source_credential"])
    source_type = state.find("credential_types", source.values["credential_type"]) if source else None
    if source_type is None or source_type.values["kind"] != "external":
        raise invalid(source_credential="Source must be an external credential")
    target = state.find("credentials", values["target_credential"])
    target_type = state.find("credential_types", target.values["credential_type"]) if target else None
    fields = target_type.values["inputs"].get("fields", []) if target_type else []
    if values["input_field_name"] not in [entry["id"] for entry in fields]:
        raise invalid(input_field_name=f"Input field must be defined on target credential (options are {fields}).")


def _check_project(state: AwxState, values: Values, item: Item | None) -> None:
    if values["scm_type"] and not values["scm_url"]:
        raise invalid(scm_url="This field is required.")
    if not values["scm_type"] and values["local_path"] not in state.playbooks:
        raise invalid(local_path=f'"{values["local_path"]}" is not a valid choice.')


def _check_job_template(state: AwxState, values: Values, item: Item | None) -> None:
    if values["project"] is None:
        raise invalid(project="This field is required.")
    if values["inventory"] is None and not values["ask_inventory_on_launch"]:
        raise invalid(inventory="Must either set a default value or ask to prompt on launch.")
    project = state.find("projects", values["project"])
    where = project.values["scm_url"] or project.values["local_path"] if project else ""
    if values["playbook"] not in state.playbooks.get(where, []):
        raise invalid(playbook="Playbook not found for project.")


def _check_schedule(state: AwxState, values: Values, item: Item | None) -> None:
    rule = values["rrule"]
    if re.search(r"DTSTART(;TZID=[^:]+)?:\d{8}T\d{6}Z?", rule) is None:
        raise invalid(rrule="Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    if "RRULE:" not in rule:
        raise invalid(rrule="RRULE required in rrule.")
    if "INTERVAL" not in rule:
        raise invalid(rrule="INTERVAL required in rrule.")
    template = state.find("job_templates", values["unified_job_template"])
    survey = template.values["survey_spec"].get("spec", []) if template and template.values["survey_enabled"] else []
    missing = [question["variable"] for question in survey if question["required"] and not question.get("default")]
    missing = [variable for variable in missing if variable not in (values["extra_data"] or {})]
    if missing:
        raise invalid(variables_needed_to_start=[f"'{variable}' value missing" for variable in missing])


_WEBHOOK: Values = {
    "url": None,
    "http_method": "POST",
    "disable_ssl_verification": False,
    "username": "",
    "password": "",
    "headers": None,
}
_NOTIFICATIONS: dict[str, Values] = {
    "webhook": _WEBHOOK,
    "slack": {"token": None, "channels": None, "hex_color": ""},
    "email": {
        "host": None,
        "port": None,
        "username": None,
        "password": None,
        "use_tls": None,
        "use_ssl": None,
        "sender": None,
        "recipients": None,
        "timeout": 30,
    },
}
SECRET_SETTINGS = ("password", "token")


def _check_notification(state: AwxState, values: Values, item: Item | None) -> None:
    known = _NOTIFICATIONS.get(values["notification_type"])
    if known is None:
        raise invalid(notification_type=f'"{values["notification_type"]}" is not a valid choice.')
    given = values["notification_configuration"]
    missing = [name for name, default in known.items() if default is None and name not in given]
    if missing:
        raise invalid(notification_configuration=f"Missing required fields for Notification Configuration: {missing}.")
    if set(given) - set(known):
        raise invalid(notification_configuration="Unknown fields.")
    before = item.values["notification_configuration"] if item else {}
    kept = {name: before.get(name) if value == ENCRYPTED else value for name, value in given.items()}
    values["notification_configuration"] = {**{k: v for k, v in known.items() if v is not None}, **kept}


def _check_inventory(state: AwxState, values: Values, item: Item | None) -> None:
    values["kind"] = values["kind"] or ""


_ASK = ("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory")
_JOB_TEMPLATE: Values = {
    "name": None,
    "description": "",
    "job_type": "run",
    "organization": None,
    "inventory": None,
    "project": None,
    "playbook": "",
    "scm_branch": "",
    "forks": 0,
    "limit": "",
    "verbosity": 0,
    "extra_vars": "",
    "job_tags": "",
    "skip_tags": "",
    "timeout": 0,
    "execution_environment": None,
    "survey_enabled": False,
    "become_enabled": False,
    "diff_mode": False,
    "allow_simultaneous": False,
    "job_slice_count": 1,
    "survey_spec": {},
    **{f"ask_{name}_on_launch": False for name in _ASK},
}

RESOURCES: dict[str, Resource] = {
    "organizations": Resource(
        "Organization",
        "organization",
        {"name": None, "description": "", "max_hosts": 0, "default_environment": None},
        unique=(("name",), "Organization with this Name already exists."),
        associations={"galaxy_credentials": "credentials", "notification_templates_error": "notification_templates"},
    ),
    "credential_types": Resource(
        "CredentialType",
        "credential_type",
        {
            "name": None,
            "description": "",
            "kind": None,
            "namespace": None,
            "managed": False,
            "inputs": {},
            "injectors": {},
        },
        required=("name", "kind"),
        unique=(("name", "kind"), "Credential type with this Name and Kind already exists."),
    ),
    "credentials": Resource(
        "Credential",
        "credential",
        {
            "name": None,
            "description": "",
            "organization": None,
            "credential_type": None,
            "managed": False,
            "inputs": {},
            "user": None,
            "team": None,
        },
        required=("name", "credential_type"),
        references={"organization": "organizations", "credential_type": "credential_types"},
        unique=(
            ("organization", "name", "credential_type"),
            "Credential with this Organization, Name and Credential type already exists.",
        ),
        check=check_inputs,
        sub_collections=("input_sources",),
    ),
    "credential_input_sources": Resource(
        "CredentialInputSource",
        "credential_input_source",
        {
            "description": "",
            "input_field_name": None,
            "metadata": {},
            "target_credential": None,
            "source_credential": None,
        },
        required=("input_field_name", "target_credential", "source_credential"),
        references={"target_credential": "credentials", "source_credential": "credentials"},
        unique=(
            ("target_credential", "input_field_name"),
            "Credential input source with this Target credential and Input field name already exists.",
        ),
        check=_check_source,
    ),
    "execution_environments": Resource(
        "ExecutionEnvironment",
        "execution_environment",
        {"name": None, "description": "", "organization": None, "image": None, "credential": None, "pull": ""},
        required=("name", "image"),
        references={"organization": "organizations", "credential": "credentials"},
        unique=(("name",), "Execution environment with this Name already exists."),
    ),
    "projects": Resource(
        "Project",
        "project",
        {
            "name": None,
            "description": "",
            "organization": None,
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "local_path": "",
            "credential": None,
            "scm_update_on_launch": False,
            "scm_clean": False,
            "scm_delete_on_update": False,
            "allow_override": False,
            "default_environment": None,
            "timeout": 0,
            "scm_revision": "",
        },
        references={
            "organization": "organizations",
            "credential": "credentials",
            "default_environment": "execution_environments",
        },
        unique=(("organization", "name"), "Project with this Organization and Name already exists."),
        check=_check_project,
    ),
    "inventories": Resource(
        "Inventory",
        "inventory",
        {"name": None, "description": "", "organization": None, "kind": "", "host_filter": None, "variables": ""},
        required=("name", "organization"),
        references={"organization": "organizations"},
        unique=(("organization", "name"), "Inventory with this Name and Organization already exists."),
        check=_check_inventory,
        deletion_status=202,
    ),
    "hosts": Resource(
        "Host",
        "host",
        {"name": None, "description": "", "inventory": None, "enabled": True, "variables": ""},
        required=("name", "inventory"),
        references={"inventory": "inventories"},
        unique=(("name", "inventory"), "Host with this Name and Inventory already exists."),
    ),
    "job_templates": Resource(
        "JobTemplate",
        "job_template",
        _JOB_TEMPLATE,
        references={
            "inventory": "inventories",
            "project": "projects",
            "organization": "organizations",
            "execution_environment": "execution_environments",
        },
        unique=(("organization", "name"), "Job template with this Organization and Name already exists."),
        check=_check_job_template,
        associations={
            "credentials": "credentials",
            "notification_templates_error": "notification_templates",
            "notification_templates_started": "notification_templates",
            "notification_templates_success": "notification_templates",
        },
    ),
    "schedules": Resource(
        "Schedule",
        "schedule",
        {
            "name": None,
            "description": "",
            "rrule": None,
            "unified_job_template": None,
            "enabled": True,
            "extra_data": {},
            "inventory": None,
        },
        required=("name", "rrule", "unified_job_template"),
        references={"unified_job_template": "job_templates", "inventory": "inventories"},
        unique=(
            ("unified_job_template", "name"),
            "Schedule with this Unified job template and Name already exists.",
        ),
        check=_check_schedule,
    ),
    "notification_templates": Resource(
        "NotificationTemplate",
        "notification_template",
        {
            "name": None,
            "description": "",
            "organization": None,
            "notification_type": None,
            "notification_configuration": {},
            "messages": None,
        },
        required=("name", "organization", "notification_type"),
        references={"organization": "organizations"},
        unique=(("organization", "name"), "Notification template with this Organization and Name already exists."),
        check=_check_notification,
    ),
}

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of ``vaulted_tokens``: their spec, and a check that never shows a value.

Ansible's own validation echoes values in its messages, and a value may be a secret that stands in the wrong place. So
what a user gets wrong is found here first and worded from the catalogue; Ansible's validator then only converts (R23).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import (
    TWO_FACTOR_CHOICES,
    connection_argument_spec,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

_OPTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

ArgumentSpec = dict[str, dict[str, Any]]


def account_options() -> ArgumentSpec:
    """Return the options of one entry of ``accounts``; none of them falls back to the environment (R7)."""
    return {
        "name": {"type": "str", "required": True},
        "contract_number": {"type": "str"},
        "user_id": {"type": "str"},
        "two_factor": {"type": "str", "choices": TWO_FACTOR_CHOICES, "default": "auto"},
        "token": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
    }


def token_options(place_options: ArgumentSpec) -> ArgumentSpec:
    """Return the options of one entry of ``tokens``."""
    return {
        "name": {"type": "str", "required": True},
        "account": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "ttl": {"type": "str", "default": "30d"},
        "renew_before": {"type": "str"},
        "overlap": {"type": "str"},
        "fail_before": {"type": "str", "default": "2d"},
        "enforce_ttl": {"type": "bool", "default": False},
        "retire_adopted": {"type": "bool", "default": False},
        "vault": {"type": "dict", "required": True, "options": place_options},
        "replicas": {"type": "list", "elements": "dict", "default": [], "options": place_options},
        "inbox": {"type": "dict", "options": place_options},
    }


def place_union(kinds: Mapping[str, ArgumentSpec]) -> ArgumentSpec:
    """Return the options of a place over all kinds of vault.

    Which of them a kind needs, and their defaults, are judged once the vault is known.

    :param kinds: the options of a place by kind of vault.
    """
    union: ArgumentSpec = {"in": {"type": "str"}}
    for options in kinds.values():
        for name, spec in options.items():
            union[name] = {key: value for key, value in spec.items() if key not in ("required", "default")}
    return union


def task_spec(connections: Mapping[str, ArgumentSpec], places: Mapping[str, ArgumentSpec]) -> ArgumentSpec:
    """Return the argument spec of ``vaulted_tokens``.

    :param connections: connection options by kind of vault.
    :param places: options of a place by kind of vault.
    """
    kinds: ArgumentSpec = {kind: {"type": "dict", "options": options} for kind, options in connections.items()}
    return {
        **connection_argument_spec(),
        "accounts": {"type": "list", "elements": "dict", "default": [], "options": account_options()},
        "vaults": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {"name": {"type": "str", "required": True}, **kinds},
        },
        "tokens": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": token_options(place_union(places)),
        },
        "offers": {"type": "dict", "no_log": True},
        "workers": {"type": "int", "default": 8},
        "quota_reserve": {"type": "int", "default": 5},
        "max_lost": {"type": "int", "default": 3},
        "purge_expired": {"type": "bool", "default": False},
        "with_accounts": {"type": "bool", "default": False},
    }


def check_arguments(spec: ArgumentSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments in the types of ``spec``, with its defaults.

    :raises ConfigurationError: for the first thing that is wrong, by the name of the option and never with its value.
    """
    prepared = _prepare(spec, arguments)
    for error in _mistakes(spec, prepared, ""):
        raise error
    result = ArgumentSpecValidator(spec).validate(prepared)
    if result.error_messages:
        raise ConfigurationError("arguments_invalid")
    return dict(result.validated_parameters)


def plain(value: Any) -> Any:
    """Return ``value`` in plain types.

    Strings arrive from templates as tagged subclasses that other libraries refuse; on ansible-core 2.18 also as objects
    that decrypt a vaulted value when they are asked for their ``data``.
    """
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return "".join(to_text(value))
    if hasattr(value, "is_encrypted") and hasattr(value, "data"):
        return plain(value.data)
    return value


def _prepare(spec: ArgumentSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the environment gives, and options of a vault kind that were left empty.

    A kind without options (``ansible_vault_file:``) is null, which Ansible takes for absent.
    """
    prepared: dict[str, Any] = {**_fallbacks(spec), **_given(plain(arguments))}
    vaults = prepared.get("vaults") if "vaults" in spec else None
    for entry in vaults if isinstance(vaults, list) else []:
        if isinstance(entry, dict):
            for kind in set(spec["vaults"]["options"]) & set(entry) - {"name"}:
                entry[kind] = {} if entry[kind] is None else entry[kind]
    return prepared


def _fallbacks(spec: ArgumentSpec) -> dict[str, Any]:
    found = {}
    for name, option in spec.items():
        function, variables = option.get("fallback", (None, ()))
        try:
            if function is not None:
                found[name] = function(*variables)
        except AnsibleFallbackNotFound:
            continue
    return found


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _mistakes(spec: ArgumentSpec, arguments: Mapping[str, Any], where: str) -> Iterator[ConfigurationError]:
    yield from _unknown_options(spec, arguments, where)
    for name, option in spec.items():
        path = f"{where}.{name}" if where else name
        value = arguments.get(name)
        if value is None or (value == "" and option.get("required")):
            if option.get("required"):
                yield ConfigurationError("option_missing", where=where or "The task", option=name)
        else:
            yield from _wrong_value(option, value, path)


def _unknown_options(spec: ArgumentSpec, arguments: Mapping[str, Any], where: str) -> Iterator[ConfigurationError]:
    for name in arguments:
        if name not in spec:
            shown = name if _OPTION_NAME.fullmatch(str(name)) else "(not shown)"
            yield ConfigurationError(
                "option_unknown", where=where or "The task", option=shown, known=", ".join(sorted(spec))
            )


def _wrong_value(option: Mapping[str, Any], value: Any, path: str) -> Iterator[ConfigurationError]:
    kind = option["type"]
    if not _is_of_type(kind, value):
        yield ConfigurationError("option_type_wrong", where=path, type=_TYPE_NAMES[kind])
    elif option.get("choices") and value not in option["choices"]:
        yield ConfigurationError("option_choice_wrong", where=path, choices=", ".join(option["choices"]))
    elif kind == "list":
        yield from _wrong_elements(option, value, path)
    elif kind == "dict" and "options" in option:
        yield from _mistakes(option["options"], value, path)


def _wrong_elements(option: Mapping[str, Any], values: Sequence[Any], path: str) -> Iterator[ConfigurationError]:
    for number, element in enumerate(values):
        element_path = f"{path}[{_element_name(element, number)}]"
        if not _is_of_type(option["elements"], element):
            yield ConfigurationError("option_type_wrong", where=element_path, type=_TYPE_NAMES[option["elements"]])
        elif "options" in option:
            yield from _mistakes(option["options"], element, element_path)


def _element_name(element: Any, number: int) -> str:
    name = element.get("name") if isinstance(element, Mapping) else None
    return name if isinstance(name, str) and 0 < len(name) <= 80 else str(number)


_TYPE_NAMES = {
    "str": "a text",
    "int": "a whole number",
    "bool": "true or false",
    "dict": "a mapping",
    "list": "a list",
    "path": "a path",
    "float": "a number",
}


def _is_of_type(kind: str, value: Any) -> bool:
    if kind in ("str", "path"):
        return isinstance(value, (str, int, float)) and not isinstance(value, bool)
    if kind in ("int", "float"):
        return _is_number(int if kind == "int" else float, value)
    if kind == "bool":
        return _is_boolean(value)
    return isinstance(value, Mapping if kind == "dict" else (list, tuple))


def _is_number(kind: type[int] | type[float], value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        return kind(value) == float(value)
    except (ValueError, OverflowError):
        return False


def _is_boolean(value: Any) -> bool:
    try:
        boolean(value)
    except TypeError:
        return False
    return True

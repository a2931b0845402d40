# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the arguments of an action without ever showing a value (R23).

Ansible's own validator words what is wrong with the value in it, and a value may be a secret that stands in the wrong
place. So what a user gets wrong is found here first and worded from the catalogue; the validator then only converts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options

_OPTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True)
class Plugin:
    """What messages call the plugin whose arguments are checked.

    :ivar name: as it is given to ``ansible-doc``.
    :ivar role_prefix: of the variables by which the role hands its arguments over, or None if it does not.
    """

    name: str
    role_prefix: str | None = None

    def in_role(self, option: str) -> str:
        """Return how an option is given to the role, as a part of a sentence; empty if it is not."""
        return "" if self.role_prefix is None else f" (with the role: {self.role_prefix}{option})"


VAULTED_TOKENS = Plugin("tokenops.ionos.vaulted_tokens", "token_rotation_")
ROTATION_REPORT = Plugin("tokenops.ionos.rotation_report", "token_rotation_report_")
ROTATION_NOTIFY = Plugin("tokenops.ionos.rotation_notify", "token_rotation_notify_")
VAULTED_TOKEN = Plugin("-t lookup tokenops.ionos.vaulted_token")


def check_arguments(spec: Options, arguments: Mapping[str, Any], plugin: Plugin = VAULTED_TOKENS) -> dict[str, Any]:
    """Return the arguments in the types of ``spec``, with its defaults.

    :param spec: the options of the action.
    :param plugin: what messages call the action.
    :raises ConfigurationError: for the first thing that is wrong, by the name of the option and never with its value.
    """
    prepared = _prepare(spec, arguments)
    for error in _mistakes(spec, prepared, "", plugin):
        raise error
    result = ArgumentSpecValidator(spec).validate(prepared)
    if result.error_messages:
        raise ConfigurationError("arguments_invalid", plugin=plugin.name)
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


def _prepare(spec: Options, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the environment gives, and options of a vault kind that were left empty.

    A kind without options (``ansible_vault_file:``) is null, which Ansible takes for absent.
    """
    prepared: dict[str, Any] = {**_fallbacks(spec), **_given(plain(arguments))}
    vaults = prepared.get("vaults") if "vaults" in spec else None
    for entry in vaults if isinstance(vaults, list) else []:
        if isinstance(entry, dict):
            for kind in set(spec["vaults"].get("options", {})) & set(entry) - {"name"}:
                entry[kind] = {} if entry[kind] is None else entry[kind]
    return prepared


def _fallbacks(spec: Options) -> dict[str, Any]:
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


def _mistakes(spec: Options, arguments: Mapping[str, Any], where: str, plugin: Plugin) -> Iterator[ConfigurationError]:
    yield from _unknown_options(spec, arguments, where)
    for name, option in spec.items():
        path = f"{where}.{name}" if where else name
        value = arguments.get(name)
        if value is None or (value == "" and option.get("required")):
            if option.get("required"):
                in_role = "" if where else plugin.in_role(name)
                yield ConfigurationError(
                    "option_missing", where=where or "The task", option=name, in_role=in_role, plugin=plugin.name
                )
        else:
            yield from _wrong_value(option, value, path, plugin)


def _unknown_options(spec: Options, arguments: Mapping[str, Any], where: str) -> Iterator[ConfigurationError]:
    for name in arguments:
        if name not in spec:
            shown = name if _OPTION_NAME.fullmatch(str(name)) else "(not shown)"
            yield ConfigurationError(
                "option_unknown", where=where or "The task", option=shown, known=", ".join(sorted(spec))
            )


def _wrong_value(option: Mapping[str, Any], value: Any, path: str, plugin: Plugin) -> Iterator[ConfigurationError]:
    kind = option["type"]
    if not _is_of_type(kind, value):
        yield ConfigurationError("option_type_wrong", where=path, type=_TYPE_NAMES[kind])
    elif option.get("choices") and value not in option["choices"]:
        yield ConfigurationError("option_choice_wrong", where=path, choices=", ".join(option["choices"]))
    elif kind == "list":
        yield from _wrong_elements(option, value, path, plugin)
    elif kind == "dict" and "options" in option:
        yield from _mistakes(option["options"], value, path, plugin)


def _wrong_elements(
    option: Mapping[str, Any], values: Sequence[Any], path: str, plugin: Plugin
) -> Iterator[ConfigurationError]:
    for number, element in enumerate(values):
        element_path = f"{path}[{_element_name(element, number)}]"
        if not _is_of_type(option["elements"], element):
            yield ConfigurationError("option_type_wrong", where=element_path, type=_TYPE_NAMES[option["elements"]])
        elif "options" in option:
            yield from _mistakes(option["options"], element, element_path, plugin)


def _element_name(element: Any, number: int) -> str:
    name = element.get("name") if isinstance(element, Mapping) else None
    return name if isinstance(name, str) and 0 < len(name) <= 80 else str(number)


_TYPE_NAMES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "dict": "a mapping",
    "list": "a list",
    "path": "a path",
}


def _is_of_type(kind: str, value: Any) -> bool:
    if kind in ("str", "path"):
        return isinstance(value, (str, int, float)) and not isinstance(value, bool)
    if kind == "int":
        return _is_whole_number(value)
    if kind == "float":
        return _is_number(value)
    if kind == "bool":
        return _is_boolean(value)
    return isinstance(value, Mapping if kind == "dict" else (list, tuple))


def _is_whole_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        return int(value) == float(value)
    except (ValueError, OverflowError):
        return False


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        return math.isfinite(float(value))
    except (ValueError, OverflowError):
        return False


def _is_boolean(value: Any) -> bool:
    try:
        boolean(value)
    except TypeError:
        return False
    return True

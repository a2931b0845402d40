# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of a plugin, in the form in which tests compare it with what the plugin returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import yaml

TYPES: dict[str, type] = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}

Options = dict[str, Any]


def documented_results(module: ModuleType) -> dict[str, Any]:
    """Return what a module's documentation says that it returns."""
    results: dict[str, Any] = yaml.safe_load(module.RETURN)
    return results


def leaves(options: Options, nested: str, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every option with its dotted path; ``nested`` is the key that holds the options of an option."""
    for name, option in options.items():
        yield prefix + name, option
        yield from leaves(option.get(nested) or {}, nested, f"{prefix}{name}.")


def found(values: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the values under each key of all mappings among ``values``, lists taken apart."""
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    mappings = [value for value in flat if isinstance(value, dict)]
    keys = {key for mapping in mappings for key in mapping}
    return {key: [mapping[key] for mapping in mappings if key in mapping] for key in keys}


def keys_of(values: Sequence[Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every key in ``values``."""
    for key, inner in found(values).items():
        yield prefix + key
        yield from keys_of(inner, f"{prefix}{key}.")


def wrongly_typed(documented: dict[str, Any], values: Sequence[Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every value that is of another type than the one that is documented."""
    for key, inner in found(values).items():
        expected = TYPES[documented[key]["type"]]
        if any(value is not None and value.__class__ is not expected for value in inner):
            yield prefix + key
        yield from wrongly_typed(documented[key].get("contains") or {}, inner, f"{prefix}{key}.")

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the options that stand in code into the documentation of the plugins, and into the role.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.generate_options``. It replaces what is between
``# BEGIN GENERATED <what> (make generate)`` and ``# END GENERATED`` in any file; the rest of a file is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import yaml

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.options import CONNECTION_OPTIONS
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.options import NOTIFY_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.options import rotation_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds

ROOT = Path(__file__).resolve().parents[3]
PATTERNS = ("plugins/doc_fragments/*.py", "plugins/modules/*.py", "roles/*/meta/*.yml", "roles/*/tasks/*.yml")
WIDTH = 88
"""PyYAML breaks a line after the word that reaches beyond it; the linters allow 120."""

BLOCK = re.compile(
    r"^(?P<indent> *)# BEGIN GENERATED (?P<what>[\w ]+) \(make generate\)\n.*?^(?P=indent)# END GENERATED\n",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class RoleVariables:
    """The variables of the role for the options of one action.

    :ivar options: of the action, less those that the role gives by itself.
    :ivar prefix: of the variables; the rest of their names is the option's.
    :ivar result: the variable that holds the result of the action.
    """

    options: Options
    prefix: str
    result: str

    def variable(self, name: str) -> str:
        """Return the variable for an option."""
        return f"{self.prefix}{name}"

    def arguments(self) -> str:
        """Return the arguments of the task that hands the variables over; what is not set is left out."""
        return "".join(f'{name}: "{{{{ {self.variable(name)} | default(omit) }}}}"\n' for name in self.options)

    def documented(self) -> dict[str, Any]:
        """Return the options of the role. None of them is of a form whose values Ansible would show."""
        options = documented(self.options, "options", self._renamed)
        return {self.variable(name): _unchecked(option) for name, option in options.items()}

    def without(self, names: Collection[str]) -> RoleVariables:
        """Return these variables less those for some options."""
        return replace(self, options={name: option for name, option in self.options.items() if name not in names})

    def _renamed(self, text: str) -> str:
        """Return a description in which options and results of the action are called as they are in the role."""
        names = "|".join(self.options)
        text = re.sub(rf"\bO\((?=(?:{names})\b)", f"O({self.prefix}", text)
        return re.sub(r"\bRV\((\w+)\)", rf"C({self.result}.\1)", text)


GIVEN_BY_THE_ROLE = {"tokens", "accounts", "failure", "vaults"}
VAULTED_TOKENS_OPTIONS = {
    name: option for name, option in rotation_options(vault_kinds()).items() if name not in CONNECTION_OPTIONS
}
# What was published is handed over by the role itself.
ROTATION = RoleVariables(
    {**VAULTED_TOKENS_OPTIONS, **CONNECTION_OPTIONS}, "token_rotation_", "token_rotation_result"
).without({"published", "earlier_result"})
# The entry point ``report`` only looks.
LOOK = ROTATION.without(
    {
        "offers",
        "only",
        "renew_now",
        "revoke",
        "delete_undeclared",
        "max_lost",
        "purge_expired",
        "with_accounts",
    }
)
REPORT = RoleVariables(REPORT_OPTIONS, "token_rotation_report_", "token_rotation_report").without(GIVEN_BY_THE_ROLE)
NOTIFICATION = RoleVariables(NOTIFY_OPTIONS, "token_rotation_notify_", "token_rotation_notification").without(
    GIVEN_BY_THE_ROLE
)


def documented(
    options: Options, nested: str = "suboptions", reword: Callable[[str], str] = lambda text: text
) -> dict[str, Any]:
    """Return options as documentation describes them.

    :param nested: the key of an option's own options: ``suboptions`` in a plugin, ``options`` in a role.
    :param reword: changes each paragraph of a description.
    """
    return _Documentation(nested, reword).of(options)


class _Documentation:
    def __init__(self, nested: str, reword: Callable[[str], str]) -> None:
        self._nested = nested
        self._reword = reword
        self._seen: dict[int, dict[str, Any]] = {}

    def of(self, options: Options) -> dict[str, Any]:
        """Return one object for one object, so that YAML can refer to what stands there already."""
        if id(options) not in self._seen:
            self._seen[id(options)] = {name: self._of_one(option) for name, option in options.items()}
        return self._seen[id(options)]

    def _of_one(self, option: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"description": [self._reword(text) for text in _paragraphs(option)]}
        found |= {key: option[key] for key in ("type", "elements", "required") if key in option}
        if "choices" in option:
            found["choices"] = _InOneLine(option["choices"])
        if option.get("default") is not None:
            found["default"] = option["default"]
        if option.get("no_log") and self._nested == "options":
            found["no_log"] = True
        if "options" in option:
            found[self._nested] = self.of(option["options"])
        return found


def _paragraphs(option: dict[str, Any]) -> list[str]:
    paragraphs = [" ".join(text.split()) for text in option["description"].strip().split("\n\n")]
    _function, variables = option.get("fallback", (None, []))
    if variables:
        named = " and ".join(f"E({variable})" for variable in variables)
        what = "variable" if len(variables) == 1 else "variables"
        paragraphs.append(f"The environment {what} {named} {'is' if len(variables) == 1 else 'are'} the fallback.")
    return paragraphs


def _unchecked(option: dict[str, Any]) -> dict[str, Any]:
    """Return an option of the role without what Ansible would check, and then show the value that is wrong."""
    unchecked = {**option}
    choices = unchecked.pop("choices", None)
    if choices:
        named = ", ".join(f"V({choice})" for choice in choices)
        unchecked["description"] = [*option["description"], f"One of {named}."]
    if option["type"] in ("int", "float", "bool") or (option["type"] == "dict" and "options" in option):
        unchecked["type"] = "raw"
    if option.get("elements") == "dict":
        unchecked["elements"] = "raw"
    return unchecked


class _InOneLine(list[Any]):
    """A list that YAML shows in one line."""


class _Dumper(yaml.SafeDumper):
    """Dumps as the files here are written: lists are indented, and an anchor has the name of its key."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._keys: dict[yaml.Node, str] = {}

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        for key, value in node.value:
            self._keys.setdefault(value, key.value)
        return node

    def generate_anchor(self, node: yaml.Node) -> str:
        return self._keys[node]


_Dumper.add_representer(
    _InOneLine, lambda dumper, choices: dumper.represent_sequence("tag:yaml.org,2002:seq", choices, flow_style=True)
)


def _dump(options: dict[str, Any]) -> str:
    text: str = yaml.dump(options, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)
    return text


def _role_options() -> tuple[str, str]:
    """Return the options of both entry points; what the second has in common with the first refers to it."""
    of_rotation = ROTATION.documented()
    main_options = {**of_rotation, **NOTIFICATION.documented()}
    shared = {name: of_rotation[name] for name in map(LOOK.variable, LOOK.options)}
    text = _dump({"main": main_options, "report": {**REPORT.documented(), **shared}})
    first, second = text.removeprefix("main:\n").split("\nreport:\n")
    return dedent(first) + "\n", dedent(second)


def blocks() -> dict[str, str]:
    """Return the text of every generated block by its name."""
    of_main, of_report = _role_options()
    return {
        "connection options": _dump(documented(CONNECTION_OPTIONS)),
        "vaulted_tokens options": _dump(documented(VAULTED_TOKENS_OPTIONS)),
        "rotation_notify options": _dump(documented(NOTIFY_OPTIONS)),
        "rotation_report options": _dump(documented(REPORT_OPTIONS)),
        "options of main": of_main,
        "options of report": of_report,
        "arguments of the rotation": ROTATION.arguments(),
        "arguments of the notification": NOTIFICATION.arguments(),
        "arguments of the look": LOOK.arguments(),
        "arguments of the report": REPORT.arguments(),
    }


def regenerated(text: str) -> str:
    """Return the text of a file with its blocks written anew."""
    texts = blocks()

    def written(block: re.Match[str]) -> str:
        what = block["what"]
        lines = f"# BEGIN GENERATED {what} (make generate)\n{texts[what]}# END GENERATED\n"
        return indent(lines, block["indent"])

    return BLOCK.sub(written, text)


def generated_files() -> list[Path]:
    """Return every file that has a generated block."""
    paths = [path for pattern in PATTERNS for path in sorted(ROOT.glob(pattern))]
    return [path for path in paths if BLOCK.search(path.read_text(encoding="utf-8"))]


def main() -> int:
    """Write every block anew; return the exit status."""
    for path in generated_files():
        path.write_text(regenerated(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

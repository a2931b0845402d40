# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which format a text has, by the name of its file and by how it begins."""

from __future__ import annotations

import re

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.languages import language_of

_YAML_ENDINGS = (".yml", ".yaml")
_JSON_ENDINGS = (".json", ".tfstate")
_TERRAFORM_ENDINGS = (".tf", ".tfvars", ".hcl", ".tofu")
_YAML_FOLDERS = ("group_vars", "host_vars", "vars", "defaults")
_PROFILE_FILE = re.compile(r"(?:^|/)\.ionos/config(?:\.ya?ml)?$")


def is_profile_file(path: str) -> bool:
    """Tell whether a file is by its name the vendor's configuration file."""
    return _PROFILE_FILE.search(path) is not None


def format_of(path: str, text: str) -> str:
    """Return how a text is to be read: ``terraform``, ``json``, ``yaml``, ``shell``, ``text`` or a family of languages."""
    name = path.lower()
    if name.endswith(".j2"):
        name = name[: -len(".j2")]
    if name.endswith(_TERRAFORM_ENDINGS):
        return "terraform"
    if name.endswith(_JSON_ENDINGS) or text.lstrip()[:1] == "{":
        return "json"
    folders = path.split("/")[:-1]
    ending = name.rpartition("/")[2].rpartition(".")[1]
    if name.endswith(_YAML_ENDINGS) or text.startswith("---") or is_profile_file(path):
        return "yaml"
    if not ending and set(folders) & set(_YAML_FOLDERS):
        return "yaml"
    return language_of(name, text) or "text"

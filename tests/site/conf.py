# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx builds the site; see the target docs of the Makefile."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

project = "tokenops.ionos"
copyright = "Contributors to the tokenops.ionos collection"  # noqa: A001
title = html_title = html_short_title = "tokenops.ionos"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
nitpicky = True
default_role = "any"
smartquotes = False

html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "index.html", "navigation_depth": 3, "topbar_links": {}}
html_static_path = ["site.css"]
html_css_files = ["site.css"]
exclude_patterns = ["conf.py"]
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_use_index = False

PLUGIN_OF_ANSIBLE = re.compile(r"ansible_collections\.ansible\.builtin\.(\w+)")
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
PAGES_OF_ANSIBLE = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def _page_of_ansible(label: str) -> str | None:
    """Return where Ansible's documentation has what a label names, or None."""
    if label in PAGES_OF_ANSIBLE:
        return PAGES_OF_ANSIBLE[label]
    plugin = PLUGIN_OF_ANSIBLE.fullmatch(label)
    return f"collections/ansible/builtin/{plugin[1]}.html" if plugin else None


def link_to_ansible(app: Any, environment: Any, node: nodes.Element, content: nodes.Element) -> nodes.Node | None:
    """Resolve references to Ansible's own documentation without asking its server for an inventory."""
    page = _page_of_ansible(node["reftarget"])
    if page is None:
        return None
    link = nodes.reference("", "", internal=False, refuri=f"{ANSIBLE}/{page}")
    link.append(content.deepcopy())
    return link


def setup(app: Any) -> None:
    """Register what this file adds to Sphinx."""
    app.connect("missing-reference", link_to_ansible)

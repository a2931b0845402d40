# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the page of messages: one heading for each code of the catalogue.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.generate_messages``.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from textwrap import fill

from ansible_collections.tokenops.ionos.plugins.module_utils._core.catalogue import PARTS
from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/docsite/rst/messages.rst"
PACKAGE = "ansible_collections.tokenops.ionos.plugins.module_utils._core.messages"
WIDTH = 120
LABEL = "ansible_collections.tokenops.ionos.docsite"

INTRODUCTION = f"""\
..
  Copyright: Contributors to the tokenops.ionos collection
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

..
  Written by make generate from plugins/module_utils/_core/messages; change it there.

.. _{LABEL}.messages:

Messages and what to do
=======================

Every error of this collection says what is wrong and what to do. Here are all of them, each under its code, which
results, reports and notifications tell in ``error_code`` and ``error_codes`` besides the text. Search this page for
some words of the message; what stands in italics is filled in.

.. contents::
   :local:
   :depth: 1
"""

OPTIONAL = ("in_role", "policy")
"""What a template has to say only sometimes, as a further part of a sentence."""

# Where a guide says more than the message has room for.
GUIDES = {
    r"handoff_.*|mint_refused|offer_(?!held).*|inbox_.*": "guide_two_factor",
    r"revoke_.*": "guide_leaked_token",
    r"delete_(?!tion).*": "guide_existing_tokens",
    r"absent_.*": "guide_uninstall",
    r"record_lost_too_often|mint_candidates_several": "guide_guarantees",
    r"issuer_of_another_contract|contract_number_invalid|account_unknown": "guide_many_contracts",
    r"audit_.*": "guide_coming_from_basic_auth",
    r"policy_.*": "guide_coming_from_basic_auth",
    r"awx_.*": "guide_awx",
    r"webhook_.*|notification_.*": "guide_notifications",
    r"report_.*": "guide_report",
}


def page() -> str:
    """Return the whole page."""
    sections = [INTRODUCTION]
    for name, entries in _parts():
        sections.append(_heading(name, "-"))
        sections += [_section(code, entry) for code, entry in sorted(entries.items())]
    return "\n".join(sections)


def _parts() -> list[tuple[str, dict[str, Entry]]]:
    """Return the parts of the catalogue, each with what its module says that it is about."""
    found = []
    for name in sorted(path.stem for path in (ROOT / "plugins/module_utils/_core/messages").glob("*.py")):
        module = import_module(f"{PACKAGE}.{name}")
        entries = getattr(module, "ENTRIES", None)
        if entries is not None:
            title = (module.__doc__ or "").strip().removeprefix("Messages about ").rstrip(".")
            found.append((title[:1].upper() + title[1:], entries))
    if len(found) != len(PARTS):
        raise AssertionError("a part of the catalogue is no module of the package messages")
    return found


def _heading(title: str, line: str) -> str:
    return f"{title.replace('``', '')}\n{line * len(title.replace('``', ''))}\n"


def _section(code: str, entry: Entry) -> str:
    lines = [f".. _{LABEL}.messages.{code}:\n", _heading(code, "~")]
    lines += [_line("Wrong", entry.problem), _line("To do", entry.remedy)]
    guide = next((guide for pattern, guide in GUIDES.items() if re.fullmatch(pattern, code)), None)
    if guide is not None:
        lines.append(f"More in :ref:`{LABEL}.{guide}`.\n")
    return "\n".join(lines)


def _line(what: str, template: str) -> str:
    text = re.sub(rf"\{{({'|'.join(OPTIONAL)})\}}", "", template)
    text = re.sub(r"([\\*`|])", r"\\\1", text)
    text = re.sub(r"(?<![{\w])(?:--\w+(?:-\w+)*|(?:[a-z]+[.])?\w+_\w+)(?![\w}])", r"``\g<0>``", text)
    text = re.sub(r"\{(\w+)\}", lambda field: rf"\ *{field[1].replace('_', ' ')}*\ ", text)
    # Nothing has to be kept apart where there is a space, an end or a mark.
    text = re.sub(r"(?<=[ (])\\ (?=\*)|^\\ ", "", text)
    text = re.sub(r"(?<=\*)\\ (?=[ .,;:)/])|\\ $", "", text)
    return fill(f"**{what}**: {text}", WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def main() -> int:
    """Write the page; return the exit status."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

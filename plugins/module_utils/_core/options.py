# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one form in which options are written down.

It is Ansible's argument spec with a ``description`` for each option: text in the markup of Ansible documentation, with
an empty line between paragraphs. Arguments are checked by it, and ``make generate`` writes from it the documentation of
the plugins, and what the role says of its variables and hands over.
"""

from __future__ import annotations

from typing import Any, Dict

Options = Dict[str, Dict[str, Any]]

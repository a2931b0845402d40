# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names by which a declaration's entries refer to each other."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError


def require_unique(what: str, names: Sequence[str]) -> None:
    """Refuse entries of the list ``what`` without a name or with the same.

    :raises ConfigurationError: ``name_empty``, ``name_used_twice``.
    """
    for name in names:
        if not name:
            raise ConfigurationError("name_empty", where=what)
        if names.count(name) > 1:
            raise ConfigurationError("name_used_twice", where=what, name=name)

# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names by which a declaration's entries refer to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, has_token, shown


def require_names(what: str, names: Sequence[str]) -> None:
    """Refuse entries of the list ``what`` without a name, with the same, or with one that could be a secret.

    Names are shown in results, reports and notifications as they are, so one that would be masked there is refused.

    :raises ConfigurationError: ``name_empty``, ``name_is_a_token``, ``name_not_shown``, ``name_used_twice``.
    """
    times = Counter(names)
    for name in names:
        if not name:
            raise ConfigurationError("name_empty", where=what)
        if has_token(name):
            raise ConfigurationError("name_is_a_token", where=what)
        if shown(name) != name:
            raise ConfigurationError("name_not_shown", where=what)
        if times[name] > 1:
            raise ConfigurationError("name_used_twice", where=what, name=name)
